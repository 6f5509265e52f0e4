"""Prompt texts: files in the room that asks, each with its hash, so that records can carry it."""

import re
from dataclasses import dataclass
from pathlib import Path

from viscode.core.hashing import content_id

ROOMS = Path(__file__).parents[1]


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
    """The prompt "ROOM/NAME": viscode/ROOM/prompts/NAME.txt, which is thus among the dependencies
    of every stage that uses the room."""
    room, _, file = name.partition("/")
    text = (ROOMS / room / "prompts" / f"{file}.txt").read_text(encoding="utf-8")
    text = text.removesuffix("\n")
    return Prompt(text=text, hash=content_id(text))
