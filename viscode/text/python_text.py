"""A stranger's text as Python: its tree, or why there is none, within bounds of time and memory.

All that parses others' code goes through `parse`. `ast` fails in more ways than SyntaxError
(nul bytes, lone surrogates, nesting deeper than the parser's stack), and what it accepts may be
deeper than `ast.unparse` and every other walk in Python can follow. Each of these is a property of
the text, not a failure of ours. Nothing is ever compiled to be run here.
"""

import ast
import re
import warnings
from dataclasses import dataclass

BOM = "\ufeff"
PARSED_CHARS = 200_000  # longer code is not parsed: that would take seconds and gigabytes
FILE_CHARS = 1 << 20  # the same of a file, of which no more than one is in memory
TOO_DEEP = "nested too deeply"
DEEPEST = 120  # levels of a tree; `ast.unparse` takes up to six calls for one, of 1000 in all
_GAP = r"[\s\\]*+"
CHAIN = re.compile(rf"\.(?:{_GAP}[^\W\d]\w*+{_GAP}\.){{{DEEPEST - 1}}}{_GAP}[^\W\d]")
"""Names with dots between them. An import of 100,000 takes the parser 17 seconds and 10 GB."""
F_STRING = re.compile(r"\b(?:[fF][rR]?|[rR][fF])['\"]")
MOST_FIELDS = 20_000  # braces beside an f-string: each field costs the parser all before it again
LONG_NUMBER = re.compile(r"0[xXoObB](?<!\w..)\w{3000}")  # `str` refuses what has over 4300 digits
MAGIC = re.compile(r"^([ \t]*+)[%!].*$", re.MULTILINE)
LEAVES = frozenset(
    {
        *(str, bytes, int, float, complex, bool, type(None), type(...)),
        *(ast.Name, ast.Constant, ast.Load, ast.Store, ast.Del),
    }
)


@dataclass(frozen=True)
class ParseFailure:
    """Why a text has no tree."""

    message: str


def parse(
    text: str, *, most: int = FILE_CHARS, awaiting: bool = False
) -> ast.Module | ParseFailure:
    """The tree of a module, at most DEEPEST levels deep; a leading byte order mark is ignored.

    `most`: characters of a text that is parsed. `awaiting`: `await` may stand outside of functions,
    as in notebooks.
    """
    if len(text) > most:
        return ParseFailure("too long to be parsed")
    if CHAIN.search(text):
        return ParseFailure(TOO_DEEP)
    if (text.count("{") > MOST_FIELDS and F_STRING.search(text)) or LONG_NUMBER.search(text):
        return ParseFailure("too large for the parser")
    flags = ast.PyCF_ONLY_AST | (ast.PyCF_ALLOW_TOP_LEVEL_AWAIT if awaiting else 0)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            tree = compile(text.removeprefix(BOM), "<text>", "exec", flags, dont_inherit=True)
    except SyntaxError as error:
        return ParseFailure(f"line {error.lineno}: {error.msg}")
    except RecursionError:
        return ParseFailure(TOO_DEEP)
    except MemoryError:
        return ParseFailure("too large for the parser")
    except ValueError as error:  # nul bytes, lone surrogates
        return ParseFailure(str(error))
    assert isinstance(tree, ast.Module)
    return ParseFailure(TOO_DEEP) if _too_deep(tree) else tree


def _too_deep(tree: ast.Module) -> bool:
    """Whether the tree has more than DEEPEST levels. An expression has hardly more levels than
    characters, so that short ones are not looked into."""
    level: list[ast.AST] = [tree]
    for depth in range(DEEPEST):
        below: list[ast.AST] = []
        for node in level:
            if (
                isinstance(node, ast.expr)
                and node.lineno == node.end_lineno
                and (node.end_col_offset or 0) - node.col_offset < DEEPEST - depth - 5
            ):
                continue
            for name in node._fields:
                value = getattr(node, name)
                if value.__class__ is list:
                    below += value
                elif value.__class__ not in LEAVES:
                    below.append(value)
        level = [node for node in below if node.__class__ not in LEAVES]
        if not level:
            return False
    return True


@dataclass(frozen=True)
class PythonText:
    """A code that is Python: as it was, as it parses (its magics and shell lines are `pass`), and
    its tree."""

    code: str
    text: str
    tree: ast.Module


def python_text(code: str) -> PythonText | None:
    """The code with its tree, as a notebook would run it: magics and shell lines may stand in it.
    None where it is not Python, or too long or too deep to tell."""
    for text in (code, MAGIC.sub(r"\1pass", code)):
        tree = parse(text, most=PARSED_CHARS)
        if isinstance(tree, ast.Module):
            return PythonText(code, text, tree)
    return None
