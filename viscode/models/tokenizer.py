"""The tokenizer of the base model as a folder of its own, without the weights.

Whoever only makes data needs lengths in tokens, not gigabytes of weights: of a hub repository the
tokenizer's files alone are fetched, and a GGUF file is read only for the tokenizer in it. What
lands in the folder depends on the tokenizer alone, not on where it lay. No code of a repository
is run.
"""

import json
from pathlib import Path
from typing import Any

from viscode.core.errors import UserError
from viscode.core.tables import partial_of, replace, write_json
from viscode.models import tiny
from viscode.models.base_model import TINY_TOKENIZER
from viscode.models.gguf import load_gguf_tokenizer
from viscode.models.sources import HUB_ID, locate, package_gguf

HUB_FILES = [
    "config.json",  # names the class of an older tokenizer
    "tokenizer*",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.*",
    "merges.txt",
    "*.jinja",
]
CONFIG = "tokenizer_config.json"
PLACE_KEYS = ("is_local", "local_files_only", "name_or_path", "gguf_file")
"""Keys by which transformers notes how and from where a tokenizer was loaded."""


def collect(spec: str, out: Path) -> None:
    """Write the tokenizer of the model that `spec` (`train.base_model`) names to the folder `out`:
    tokenizer.json, tokenizer_config.json, chat_template.jinja.

    Raises:
        UserError: a missing package, file or repository, a hub that does not answer, or a
            tokenizer without a fast form or a chat template.
    """
    tokenizer = load(_find(spec))
    check(tokenizer, spec)
    partial = partial_of(out)
    tokenizer.save_pretrained(partial)
    _forget_place(partial / CONFIG)
    replace(partial, out)


def load(path: Path) -> Any:
    """The tokenizer in a GGUF file or a folder."""
    try:
        return load_gguf_tokenizer(path) if path.is_file() else _load_folder(path)
    except (OSError, ValueError, KeyError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise  # the machine's fault, not the tokenizer's
        raise UserError(
            f"not readable as a tokenizer: {error}",
            where=str(path),
            todo="a folder needs tokenizer.json and tokenizer_config.json; a GGUF file a "
            "tokenizer that transformers knows",
        ) from error


def check(tokenizer: Any, spec: str) -> None:
    """Refuse a tokenizer by which no chat can be counted."""
    where = f"train.base_model: {spec}"
    if not tokenizer.is_fast:
        raise UserError(
            "the tokenizer has no fast form", where=where, todo="choose a model with tokenizer.json"
        )
    if not tokenizer.chat_template:
        raise UserError(
            "the model has no chat template",
            where=where,
            todo="choose the instruct variant of the model",
        )


def _load_folder(folder: Path) -> Any:
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)


def _find(spec: str) -> Path:
    """Where the tokenizer lies on this machine, fetched if it must be."""
    if spec.startswith(tiny.PREFIX):
        tiny.size(spec)
        return package_gguf(TINY_TOKENIZER).path
    path = Path(spec)
    is_hub = not path.exists() and HUB_ID.fullmatch(spec) and path.suffix != ".gguf"
    if spec.startswith("hub:") or is_hub:
        return _fetch(spec.removeprefix("hub:"))
    return locate(spec).path


def _fetch(name: str) -> Path:
    """The tokenizer's files of a hub repository ("ORG/NAME" or "ORG/NAME@REVISION")."""
    from httpx2 import HTTPError
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import RevisionResolutionError

    repository, _, revision = name.partition("@")
    try:
        return Path(
            snapshot_download(repository, revision=revision or None, allow_patterns=HUB_FILES)
        )
    except (HTTPError, RevisionResolutionError, OSError, ValueError) as error:
        if isinstance(error, OSError) and error.errno is not None:
            raise
        reason = (str(error).strip() or type(error).__name__).splitlines()[0]
        raise UserError(
            f"the model hub did not give the tokenizer of {name}: {reason}",
            where="train.base_model",
            todo="check the name, the network and (for a gated model) the login, or name a local "
            "folder",
        ) from error


def _forget_place(path: Path) -> None:
    config = json.loads(path.read_text(encoding="utf-8"))
    for key in PLACE_KEYS:
        config.pop(key, None)
    write_json(path, config)
