"""Python 2 as Python 3: what the parser of today cannot read.

lib2to3 does it, which the standard library has in the versions of Python that this program runs on.
Of its fixers only those for syntax are used: others take ten times as long, and names are
extract/modernise.py's part. It reads about 30,000 characters a second,
so that long texts are refused. Nothing is run.
"""

import ast
import re
import warnings
from collections.abc import Iterator
from functools import cache
from typing import TYPE_CHECKING

from viscode.text.python_text import BOM, parse

if TYPE_CHECKING:
    from lib2to3.refactor import RefactoringTool

MOST_CHARS = 30_000
MOST_IN_LINE = 4000  # characters: what stands beside others costs them again
MOST_FORMS = 300  # the same of `except` and `lambda`
FIXERS = "except exec ne numliterals paren print raise repr throw tuple_params unicode"
LAZY = frozenset({"filter", "map", "range", "zip"})
LAZY_METHODS = frozenset({"items", "keys", "values"})
_CONSUMERS = """
all any dict enumerate filter frozenset iter len list map max min set sorted sum tuple zip
"""
CONSUMERS = frozenset(_CONSUMERS.split())
EDIT = "python 2"
MAGIC = re.compile(r"^([ \t]*+)(?:%%?[a-z]|!).*$", re.MULTILINE)  # a line may begin with `% x`
INDENT = re.compile(r"^[ \t]*\t[ \t]*", re.MULTILINE)


def python3_of(text: str) -> tuple[str, tuple[str, ...]] | None:
    """The text as Python 3, with the edits' names; magics of notebooks become `pass`. None where
    it is Python 3 already, no Python 2 either, or too long."""
    if len(text) > MOST_CHARS or isinstance(parse(text), ast.Module):
        return None
    wide = any(len(line) > MOST_IN_LINE for line in text.splitlines())
    if wide or max(text.count("except"), text.count("lambda")) > MOST_FORMS:
        return None
    for source in _readings(text.removeprefix(BOM)):
        new = _refactored(source)
        for candidate in (new, INDENT.sub(_expanded, new or "")):
            tree = parse(candidate) if candidate else None
            if candidate and isinstance(tree, ast.Module):
                return _with_lists(candidate, tree), (EDIT,)
    return None


def _readings(text: str) -> Iterator[str]:
    """The text, with a newline at its end, and without magics where there are any."""
    text = text.replace("\r\n", "\n").rstrip() + "\n"
    yield text
    if (plain := MAGIC.sub(r"\1pass", text)) != text:
        yield plain


def _expanded(indent: re.Match[str]) -> str:
    """An indentation as Python 2 read it: to every eighth column."""
    return indent[0].expandtabs(8)


def _refactored(text: str) -> str | None:
    tool, broken = _tool()
    try:
        return str(tool.refactor_string(text, "<text>"))
    except broken:
        return None


@cache
def _tool() -> tuple["RefactoringTool", tuple[type[Exception], ...]]:
    """lib2to3 with the fixers, and what it raises for text that is no Python 2. The last two come
    from literals and forms that fixers do not expect."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # it is deprecated, and gone in Python 3.13
        from lib2to3.pgen2.parse import ParseError
        from lib2to3.pgen2.tokenize import TokenError
        from lib2to3.refactor import RefactoringTool
    tool = RefactoringTool([f"lib2to3.fixes.fix_{name}" for name in FIXERS.split()])
    broken = (ParseError, TokenError, SyntaxError, RecursionError, ValueError, AttributeError)
    return tool, broken


def _with_lists(text: str, tree: ast.Module) -> str:
    """The text with `list` around what was a list in Python 2 and is used as one: `map(f, x)[0]`,
    `x = zip(a, b)`."""
    lines = text.encode().splitlines(keepends=True)
    places: list[tuple[int, int, bytes]] = []
    for holder in ast.walk(tree):
        for node in _used_as_lists(holder):
            places.append((node.lineno, node.col_offset, b"list("))
            places.append((node.end_lineno or 0, node.end_col_offset or 0, b")"))
    for line, column, mark in sorted(places, reverse=True):
        old = lines[line - 1]
        lines[line - 1] = old[:column] + mark + old[column:]
    return b"".join(lines).decode()


def _used_as_lists(holder: ast.AST) -> Iterator[ast.Call]:
    """The calls directly in a node that gave lists, where the node does more than go through them.
    A range as an argument will do, for most functions."""
    if isinstance(holder, ast.For | ast.comprehension | ast.Starred | ast.Expr):
        return
    is_call = isinstance(holder, ast.Call)
    if isinstance(holder, ast.Call) and getattr(holder.func, "id", "") in CONSUMERS:
        return
    for node in ast.iter_child_nodes(holder):
        if isinstance(node, ast.Call):
            name = getattr(node.func, "id", "")
            method = getattr(node.func, "attr", "") if not node.args else ""
            lazy = name in LAZY and not (is_call and name == "range")
            if lazy or method in LAZY_METHODS:
                yield node
