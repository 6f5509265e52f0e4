"""Where code blocks begin and end in a model's text (Markdown fences).

A fence opens with three backticks, anywhere in a line, and the rest of that line is its label. It
closes with three backticks that begin a line and are followed by nothing else on it; backticks
inside a line, as in a string of the code, close nothing.
"""

import re

# Possessive: linear on any text, as a megabyte without a line end may come.
OPENING = re.compile(r"```[ \t]*+([\w+.#-]*+)[^\n`]*+\n")
CLOSING = re.compile(r"^[ \t]*+```(?![^\s`])", re.MULTILINE)


def first_block_end(text: str) -> int | None:
    """Offset behind the fence that closes the first code block; None while none is closed."""
    opening = OPENING.search(text)
    if opening is None:
        return None
    closing = CLOSING.search(text, opening.end())
    return None if closing is None else closing.end()
