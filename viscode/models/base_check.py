"""Whether a model's folder is complete and consistent, and one line for people where it is not.

`check_base` reads configuration and tokenizer, and of the weights only the header that names their
shapes, before anything is tokenised or loaded.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from viscode.core.errors import UserError

EMBEDDING = "embed_tokens.weight"  # ends the name of the input embedding in most architectures
BASE_REMEDY = "dvc repro collect_model, or name another train.base_model"


@contextmanager
def readable(path: Path, kind: str = "a model", todo: str = BASE_REMEDY) -> Iterator[None]:
    """Turn what transformers and safetensors say of a broken file or folder into one line. What the
    machine does wrong (an error of the system with a number, a full disk for example) passes."""
    from safetensors import SafetensorError

    try:
        yield
    except (OSError, ValueError, KeyError, SafetensorError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        reason = " ".join(str(error).split())[:200]
        raise UserError(f"not readable as {kind}: {reason}", where=str(path), todo=todo) from error


def load_tokenizer(path: Path, todo: str = BASE_REMEDY) -> Any:
    """The tokenizer in a model's folder or GGUF file.

    Raises:
        UserError: it is not readable, or has no chat template.
    """
    from transformers import AutoTokenizer

    folder, gguf = (path.parent, {"gguf_file": path.name}) if path.is_file() else (path, {})
    with readable(path, "a tokenizer", todo):
        tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, **gguf)
    if not tokenizer.chat_template:
        raise UserError(
            "the model has no chat template",
            where=str(path),
            todo="choose the instruct variant of the model",
        )
    return tokenizer


def check_tokens(tokenizer: Any, rows: int, where: str) -> None:
    """Refuse a tokenizer by which a model with `rows` rows of embeddings could not be trained.

    Raises:
        UserError: it has tokens for which the model has no row.
    """
    if len(tokenizer) > rows:
        raise UserError(
            f"the tokenizer knows {len(tokenizer)} tokens, the model only {rows}",
            where=where,
            todo="take the tokenizer that belongs to the model, then dvc repro collect_model",
        )


def check_base(base: Path) -> None:
    """Refuse a folder that training could not use.

    Raises:
        UserError: a file that is missing or damaged, no chat template, or a tokenizer with tokens
            for which the model has no row of weights.
    """
    from transformers import AutoConfig

    if not (base / "config.json").is_file():
        raise UserError("no base model", where=str(base), todo="dvc repro collect_model")
    rows = _embedding_rows(base)
    with readable(base):
        vocabulary = int(AutoConfig.from_pretrained(base, local_files_only=True).vocab_size)
    check_tokens(load_tokenizer(base), vocabulary, str(base))
    if rows is not None and rows != vocabulary:
        raise UserError(
            f"config.json says {vocabulary} tokens, the weights have {rows}",
            where=str(base),
            todo=BASE_REMEDY,
        )


def _embedding_rows(base: Path) -> int | None:
    """Rows of the input embedding in the weights; None where no tensor has its usual name."""
    from safetensors import safe_open

    files = sorted(base.glob("*.safetensors"))
    if not files:
        raise UserError("no weights (*.safetensors)", where=str(base), todo=BASE_REMEDY)
    for path in files:
        with readable(base), safe_open(path, framework="pt") as weights:
            for name in weights.keys():  # noqa: SIM118  # not a mapping
                if name.endswith(EMBEDDING):
                    return int(weights.get_slice(name).get_shape()[0])
    return None
