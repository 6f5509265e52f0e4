"""Text -> syntax tree, or why there is none, and whether the text looks like Python 2."""

import ast
import re
from dataclasses import dataclass

from viscode.text.python_text import BOM as BOM
from viscode.text.python_text import FILE_CHARS, Unreadable, read_tree

PYTHON2 = re.compile(
    r"""^[ \t]*(?:
        print(?:[ \t]+["'\w\[] | [ \t]*["'] | [ \t]*>>)
      | exec[ \t]+["'\w]
      | raise[ \t]+\w+[ \t]*,
      | except[ \t]+[\w.]+[ \t]*,[ \t]*\w+[ \t]*:
    ) | \b(?:ur["'] | xrange\( | raw_input\( | \.has_key\() | <> """,
    re.MULTILINE | re.VERBOSE,
)


@dataclass(frozen=True)
class ParseFailure:
    """Why a text is not Python 3; `python2` when it shows constructs of Python 2."""

    message: str
    python2: bool


def parse(text: str) -> ast.Module | ParseFailure:
    """The tree of a module of at most FILE_CHARS; see `read_tree`."""
    tree = read_tree(text, most=FILE_CHARS)
    if isinstance(tree, Unreadable):
        return ParseFailure(tree.why, bool(PYTHON2.search(text)))
    return tree
