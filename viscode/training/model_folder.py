"""Writing a model as a plain Hugging Face folder."""

import errno
from pathlib import Path
from typing import Any

CARD = "viscode_model.json"  # what is known of a base model: name, licence, parameters


def save(model: Any, tokenizer: Any, folder: Path) -> None:
    """Write weights (safetensors), configuration, tokenizer and chat template into `folder`.

    Raises:
        OSError: no space left, which the safetensors library reports as an error of its own.
    """
    from safetensors import SafetensorError

    try:
        model.save_pretrained(folder)
    except SafetensorError as error:
        if "os error 28" in str(error) or "No space" in str(error):
            raise OSError(errno.ENOSPC, str(error), str(folder)) from error
        raise
    tokenizer.save_pretrained(folder)
