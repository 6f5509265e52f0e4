"""Text -> syntax tree, or why there is none.

Parsing only: no text is ever compiled to be run here. `ast` fails in more ways than SyntaxError
(nul bytes, lone surrogates, nesting deeper than the parser's stack), and each of them is a
property of the text, not a failure of ours.
"""

import ast
import re
import warnings
from dataclasses import dataclass

BOM = "\ufeff"
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
    """The tree of a module; a leading byte order mark is ignored."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            return ast.parse(text.removeprefix(BOM))
    except SyntaxError as error:
        message = f"line {error.lineno}: {error.msg}"
    except RecursionError:
        message = "nested too deeply"
    except MemoryError:
        message = "too large for the parser"
    except ValueError as error:  # nul bytes, lone surrogates
        message = str(error)
    return ParseFailure(message, bool(PYTHON2.search(text)))
