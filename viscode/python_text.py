"""Text that is Python as a notebook would run it: magics and shell lines may stand in it."""

import ast
import re
import warnings
from dataclasses import dataclass

PARSED_CHARS = 200_000  # longer code is not parsed: that would take seconds and gigabytes
MAGIC = re.compile(r"^([ \t]*+)[%!].*$", re.MULTILINE)


@dataclass(frozen=True)
class PythonText:
    """A code that is Python: as it was, as it parses (its magics and shell lines are `pass`), and
    its tree."""

    code: str
    text: str
    tree: ast.Module


def python_text(code: str) -> PythonText | None:
    """The code with its tree; None where it is no Python, or too long to tell."""
    if len(code) > PARSED_CHARS:
        return None
    for text in (code, MAGIC.sub(r"\1pass", code)):
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")
                return PythonText(code, text, ast.parse(text.removeprefix("\ufeff")))
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            continue
    return None
