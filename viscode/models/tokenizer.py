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
from viscode.models.base_check import load_tokenizer
from viscode.models.sources import locate

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
    tokenizer = load_tokenizer(locate(spec, TOKENIZER_FILES).path, TOKENIZER_FORMATS)
    if not tokenizer.is_fast:
        raise UserError(
            "the tokenizer has no fast form",
            where=f"train.base_model: {spec}",
            todo="choose a model with tokenizer.json",
        )
    partial = partial_of(out)
    tokenizer.save_pretrained(partial)
    config = json.loads((partial / CONFIG).read_text(encoding="utf-8"))
    write_json(partial / CONFIG, {k: v for k, v in config.items() if k not in PLACE_KEYS})
    replace(partial, out)
