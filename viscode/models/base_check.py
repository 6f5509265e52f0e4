"""Whether a base model's folder is whole and of one piece, before anything is tokenised or loaded.

Reads configuration and tokenizer, and of the weights only the header that names their shapes.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from viscode.core.errors import UserError

REMEDY = "dvc repro collect_model, or name another train.base_model"
EMBEDDING = "embed_tokens.weight"  # ends the name of the input embedding in most architectures


def check_base(base: Path) -> None:
    """Refuse a folder that training could not use.

    Raises:
        UserError: a file that is missing or damaged, no chat template, or a tokenizer with tokens
            for which the model has no row of weights.
    """
    if not (base / "config.json").is_file():
        raise UserError("no base model", where=str(base), todo="dvc repro collect_model")
    rows = _embedding_rows(base)
    tokenizer, vocabulary = load_tokenizer(base), _vocabulary(base)
    if not tokenizer.chat_template:
        raise UserError(
            "the model has no chat template",
            where=str(base),
            todo="choose the instruct variant of the model as train.base_model",
        )
    if rows is not None and rows != vocabulary:
        raise UserError(
            f"config.json says {vocabulary} tokens, the weights have {rows}",
            where=str(base),
            todo=REMEDY,
        )


def load_tokenizer(base: Path) -> Any:
    """The tokenizer of a model folder.

    Raises:
        UserError: no usable tokenizer, or the model has no row of weights for a token of it.
    """
    from transformers import AutoTokenizer

    with readable_model(base):
        tokenizer = AutoTokenizer.from_pretrained(base, local_files_only=True)
    vocabulary = _vocabulary(base)
    if vocabulary < len(tokenizer):
        raise UserError(
            f"the tokenizer knows {len(tokenizer)} tokens, the model only {vocabulary}",
            where=str(base),
            todo="take the tokenizer that belongs to the model, then dvc repro collect_model",
        )
    return tokenizer


@contextmanager
def readable_model(base: Path) -> Iterator[None]:
    """Turn what transformers and safetensors say of a broken folder into one line. What the machine
    does wrong (an error of the system with a number) passes."""
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        reason = " ".join(str(error).split())[:200]
        raise UserError(
            f"not readable as a model: {reason}", where=str(base), todo=REMEDY
        ) from error


def _vocabulary(base: Path) -> int:
    from transformers import AutoConfig

    with readable_model(base):
        return int(AutoConfig.from_pretrained(base, local_files_only=True).vocab_size)


def _embedding_rows(base: Path) -> int | None:
    """Rows of the input embedding in the weights; None where no tensor has its usual name."""
    from safetensors import safe_open

    files = sorted(base.glob("*.safetensors"))
    if not files:
        raise UserError("no weights (*.safetensors)", where=str(base), todo=REMEDY)
    for path in files:
        with readable_model(base), safe_open(path, framework="pt") as weights:
            for name in weights.keys():  # noqa: SIM118  # not a mapping
                if name.endswith(EMBEDDING):
                    return int(weights.get_slice(name).get_shape()[0])
    return None
