"""Where code blocks begin and end in a model's text (Markdown fences).

A fence opens with three backticks, anywhere in a line, and the rest of that line is its label. It
closes with three backticks that begin a line and are followed by nothing else on it; backticks
inside a line, as in a string of the code, close nothing.
"""

import re
from dataclasses import dataclass

# Possessive: linear on any text, as a megabyte without a line end may come.
OPENING = re.compile(r"```[ \t]*+([\w+.#-]*+)[^\n`]*+\n")
PYTHON_LABELS = ("python", "py", "python3")
CLOSING = re.compile(r"^[ \t]*+```(?![^\s`])", re.MULTILINE)


def python_block_end(text: str) -> int | None:
    """Offset behind the fence that closes the first block labelled python, py or python3; None
    while none is closed."""
    place = 0
    while (opening := OPENING.search(text, place)) is not None:
        closing = CLOSING.search(text, opening.end())
        if closing is None:
            return None
        if opening[1].lower() in PYTHON_LABELS:
            return closing.end()
        place = closing.end()
    return None


@dataclass(frozen=True)
class FencedBlock:
    """A code block's label ("" if it has none) and what stands between its fences."""

    label: str
    body: str


def fenced_blocks(text: str) -> list[FencedBlock]:
    """All code blocks in order; a block ends at the first fence that can close it. One that
    nothing closes runs to the end of the text, without the fence that may stand there behind
    code on the same line. Linear in the text."""
    blocks: list[FencedBlock] = []
    place = 0
    while (opening := OPENING.search(text, place)) is not None:
        line = max(place, text.rfind("\n", place, opening.start()))
        if text.count("```", line, opening.start()) % 2:  # ends a span inside the line
            place = opening.end()
            continue
        closing = CLOSING.search(text, opening.end())
        if closing is None:
            rest = text[opening.end() :].rstrip().removesuffix("```")
            return [*blocks, FencedBlock(opening[1], rest)]
        blocks.append(FencedBlock(opening[1], text[opening.end() : closing.start()]))
        place = closing.end()
    return blocks
