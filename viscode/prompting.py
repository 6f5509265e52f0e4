"""Prompt texts: files in viscode/prompts, each with its hash, so that records can carry it."""

from dataclasses import dataclass
from pathlib import Path

from viscode.hashing import content_id

FOLDER = Path(__file__).with_name("prompts")


@dataclass(frozen=True)
class Prompt:
    """A prompt's text as it stands in the file (without the final newline), and its hash."""

    text: str
    hash: str


def read_prompt(name: str) -> Prompt:
    """The prompt `viscode/prompts/NAME.txt`. Pass a literal: `viscode deps` reads it off the code
    and makes the file a dependency of every stage that uses it."""
    text = (FOLDER / f"{name}.txt").read_text(encoding="utf-8").removesuffix("\n")
    return Prompt(text=text, hash=content_id(text))
