"""A source text and its statements: where they stand, and what has to change in the text where a
statement of a tree differs from the one of the source at the same place."""

import ast
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from viscode.text.python_text import BOM, parse

BODIES = ("body", "handlers", "orelse", "finalbody", "cases")
"""Fields of statements that hold statements, in the order of the text."""
IGNORED = ("ctx", "kind", "type_comment")


class _Told(dict[type[ast.AST], tuple[str, ...]]):
    """Class of a node -> its fields that say something, but for bodies of statements."""

    def __missing__(self, node_type: type[ast.AST]) -> tuple[str, ...]:
        without = (*IGNORED, *BODIES) if issubclass(node_type, ast.stmt) else IGNORED
        self[node_type] = tuple(name for name in node_type._fields if name not in without)
        return self[node_type]


TOLD = _Told()
ATOMS = (
    *(ast.Name, ast.Attribute, ast.Call, ast.Subscript, ast.List, ast.Dict, ast.Set, ast.Tuple),
    *(ast.ListComp, ast.DictComp, ast.SetComp, ast.GeneratorExp, ast.JoinedStr),
)
"""What needs no parentheses, wherever it stands."""
ROOMY = (
    *(ast.Call, ast.keyword, ast.List, ast.Dict, ast.Set, ast.Assign, ast.AnnAssign),
    *(ast.AugAssign, ast.Return, ast.Expr, ast.arguments),
)
"""Inside of which anything may stand without parentheses, but for a call's function."""
Edit = tuple[int, int, str]
"""Offsets in the source, and the text that comes there."""
Key = tuple[object, ...]


@dataclass
class SourceMap:
    """`statements` by kind and place (`key`). `floors`: the line that the comments above a
    statement stand below, by the same keys. Lines are counted from 1, as in trees."""

    text: str
    lines: list[str]
    starts: list[int]
    """Offset of each line, and of the end."""
    statements: dict[Key, Any] = field(default_factory=dict)
    floors: dict[Key, int] = field(default_factory=dict)

    def offset(self, line: int, column: int) -> int:
        """The offset of a place as trees give it, its column in bytes of UTF-8."""
        text = self.lines[line - 1]
        if not text.isascii():
            column = len(text.encode()[:column].decode(errors="replace"))
        return self.starts[line - 1] + column

    def span(self, node: Any) -> tuple[int, int]:
        """Where a node of the source starts and ends, decorators included."""
        start = self.offset(first_line(node), node.col_offset)
        return start, self.offset(node.end_lineno, node.end_col_offset)


@lru_cache(maxsize=2)  # of several blocks of one file
def source_map(source: str) -> SourceMap:
    """The map of a source; it has no statements where the source does not parse."""
    text = re.sub(r"\r\n?", "\n", source.removeprefix(BOM))
    lines, starts = text.split("\n"), [0]
    for line in lines:
        starts.append(starts[-1] + len(line) + 1)
    made = SourceMap(text, lines, starts)
    tree = parse(text, awaiting=True)
    waiting: list[tuple[list[Any], int]] = [(tree.body, 0)] if isinstance(tree, ast.Module) else []
    for body, floor in waiting:  # which grows
        for node in body:
            for known in _statements(node):
                made.statements[key(known)], made.floors[key(known)] = known, floor
            inside = first_line(node)
            for name in BODIES:
                if isinstance(inner := getattr(node, name, None), list) and inner:
                    waiting.append((inner, inside))
                    inside = _last_line(inner[-1])
            floor = _last_line(node)
    return made


def key(node: Any) -> Key:
    """The kind and place of a statement; None for what a new one lacks."""
    return (
        node.__class__,
        getattr(node, "lineno", None),
        getattr(node, "col_offset", None),
        getattr(node, "end_lineno", None),
        getattr(node, "end_col_offset", None),
    )


def _statements(node: Any) -> Iterator[ast.stmt]:
    """A statement, and the one that its value would be without the names that it is bound to."""
    if isinstance(node, ast.stmt):
        yield node
    if isinstance(node, ast.Assign | ast.AnnAssign) and (value := node.value):
        ends = (node.end_lineno, node.end_col_offset)
        if ends == (value.end_lineno, value.end_col_offset):  # no parentheses around it
            yield ast.copy_location(ast.Expr(value), value)


def first_line(node: Any) -> int:
    """The line where a statement, handler or case starts, with its decorators."""
    if isinstance(node, ast.match_case):
        return node.pattern.lineno
    decorators = getattr(node, "decorator_list", None)
    return int(min(node.lineno, decorators[0].lineno) if decorators else node.lineno)


def _last_line(node: Any) -> int:
    last: Any = node.body[-1] if isinstance(node, ast.match_case) else node
    return int(last.end_lineno)


def changes(old: Any, new: Any, made: SourceMap) -> list[Edit] | None:
    """The edits of the source that turn a node of it into another; None where it has to be written
    anew. Bodies of statements are not looked into."""
    if _same(old, new):
        return []
    if type(old) is not type(new) or isinstance(old, ast.JoinedStr):  # whose places are not exact
        return None
    found: list[Edit] = []
    for name in TOLD[old.__class__]:
        one, other = getattr(old, name, None), getattr(new, name, None)
        pairs = [(one, other)]
        if isinstance(one, list) and isinstance(other, list) and len(one) == len(other):
            pairs = list(zip(one, other, strict=True))
        for pair in pairs:
            edits = _changed(old, name, *pair, made)
            if edits is None:
                return None
            found += edits
    return found


def _same(old: Any, new: Any) -> bool:
    """Whether two nodes, or two things in them, say the same; bodies of statements apart."""
    if old is new:
        return True
    if old.__class__ is not new.__class__:
        return False
    if old.__class__ is list:
        return len(old) == len(new) and all(map(_same, old, new))
    if not isinstance(old, ast.AST):
        return bool(old == new)
    for name in TOLD[old.__class__]:
        if not _same(getattr(old, name, None), getattr(new, name, None)):
            return False
    return True


def _changed(parent: Any, name: str, old: Any, new: Any, made: SourceMap) -> list[Edit] | None:
    """The same for one field of a node, or one item of it."""
    if isinstance(old, ast.AST) and isinstance(new, ast.AST):
        inner = changes(old, new, made)
        if inner is None and _replaceable(parent, name, old, new):
            text = ast.unparse(new)
            bare = isinstance(new, ast.Tuple) and isinstance(parent, ast.Assign) and new.elts[1:]
            return [(*made.span(old), text[1:-1] if bare else text)]
        return inner
    if type(old) is type(new) and repr(old) == repr(new):
        return []
    if isinstance(new, str) and name == "attr":  # the last word of the node
        end = made.span(parent)[1]
        return [(end - len(old), end, new)]
    if isinstance(new, str) and isinstance(old, str) and isinstance(parent, ast.keyword):
        start = made.span(parent)[0]
        return [(start, start + len(old), new)]
    return None


def _replaceable(parent: Any, name: str, old: ast.AST, new: ast.AST) -> bool:
    if not isinstance(old, ast.expr | ast.keyword | ast.arg) or not isinstance(
        new, ast.expr | ast.keyword | ast.arg
    ):
        return False
    if isinstance(old, ast.GeneratorExp):  # its place may include the call's parentheses
        return False
    text = isinstance(new, ast.Constant) and isinstance(new.value, str)
    return isinstance(new, ATOMS) or text or (isinstance(parent, ROOMY) and name != "func")
