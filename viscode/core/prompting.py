"""Prompt texts: files in viscode/prompts, each with its hash, so that records can carry it."""

import re
from dataclasses import dataclass
from pathlib import Path

from viscode.core.hashing import content_id

FOLDER = Path(__file__).parents[1] / "prompts"


@dataclass(frozen=True)
class Prompt:
    """A prompt's text as it stands in the file (without the final newline), and its hash."""

    text: str
    hash: str

    def filled(self, **fields: str) -> str:
        """The text with each `{name}` replaced by the field of that name, all in one pass:
        braces in a field's text are left alone, as are those that name no field."""
        names = "|".join(re.escape(name) for name in fields)
        return re.sub(rf"\{{({names})\}}", lambda found: fields[found[1]], self.text)


def read_prompt(name: str) -> Prompt:
    """The prompt "ROOM/NAME": viscode/prompts/ROOM/NAME.txt. A stage that uses the room depends on
    its folder of prompts too."""
    text = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").removesuffix("\n")
    return Prompt(text=text, hash=content_id(text))
