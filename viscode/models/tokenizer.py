"""The tokenizer of the base model as a folder of its own, without the weights.

Whoever only makes data needs lengths in tokens, not gigabytes of weights: of a hub repository the
tokenizer's files alone are fetched, and a GGUF file is read only for the tokenizer in it. What
lands in the folder depends on the tokenizer alone, not on where it lay. No code of a repository
is run.
"""

import json
from pathlib import Path

from viscode.core.errors import UserError
from viscode.core.replacing import partial_of, replace, write_json
from viscode.models import tiny
from viscode.models.base_check import check_template, load_tokenizer
from viscode.models.sources import locate, package_gguf

TOKENIZER_FILES = [
    "config.json",  # names the class of an older tokenizer
    "tokenizer*",
    "special_tokens_map.json",
    "added_tokens.json",
    "vocab.*",
    "merges.txt",
    "*.jinja",
]
CONFIG = "tokenizer_config.json"
TOKENIZER_FORMATS = (
    "a folder needs tokenizer.json and tokenizer_config.json; a GGUF file a tokenizer that"
    " transformers knows"
)
PLACE_KEYS = ("is_local", "local_files_only", "name_or_path", "gguf_file")
"""Keys by which transformers notes how and from where a tokenizer was loaded."""


def collect(spec: str, out: Path) -> None:
    """Write the tokenizer of the model that `spec` (`train.base_model`) names to the folder `out`:
    tokenizer.json, tokenizer_config.json, chat_template.jinja.

    Raises:
        UserError: a missing package, file or repository, a hub that does not answer, or a
            tokenizer without a fast form or a chat template.
    """
    tokenizer, where = load_tokenizer(_find(spec), TOKENIZER_FORMATS), f"train.base_model: {spec}"
    if not tokenizer.is_fast:
        raise UserError(
            "the tokenizer has no fast form", where=where, todo="choose a model with tokenizer.json"
        )
    check_template(tokenizer, where)
    partial = partial_of(out)
    tokenizer.save_pretrained(partial)
    _forget_place(partial / CONFIG)
    replace(partial, out)


def _find(spec: str) -> Path:
    """Where the tokenizer lies on this machine, fetched if it must be."""
    if spec.startswith(tiny.TINY):
        tiny.size(spec)
        return package_gguf(tiny.TOKENIZER).path
    return locate(spec, TOKENIZER_FILES).path


def _forget_place(path: Path) -> None:
    config = json.loads(path.read_text(encoding="utf-8"))
    for key in PLACE_KEYS:
        config.pop(key, None)
    write_json(path, config)
