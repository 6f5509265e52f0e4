"""The pieces of code in an answer: what each needs, binds and draws, by its syntax tree.

A piece is judged together with those before it whose names it reads: `plt.plot(df["x"])` draws
where an earlier piece imports pyplot. Whether it draws, `viscode.libraries.detect.draws` says.
"""

import ast
import symtable
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

from viscode.libraries.detect import draws
from viscode.libraries.names import reached, star_imports
from viscode.libraries.scopes import KNOWN, undefined_names
from viscode.text.python_text import PythonText

GIVING = frozenset({"display", "iplot", "save", "savefig", "show", "write_html", "write_image"})
"""Calls that show or save a finished plot."""
COMPOUND = (
    ast.For,
    ast.AsyncFor,
    ast.While,
    ast.If,
    ast.With,
    ast.AsyncWith,
    ast.Try,
    ast.TryStar,
    ast.Match,
)
"""Statements that may read what they bind themselves."""
COMPREHENSIONS = frozenset({"genexpr", "listcomp", "setcomp", "dictcomp"})
Names = frozenset[str]


@dataclass(frozen=True)
class Piece:
    """Code that is Python."""

    python: PythonText

    @cached_property
    def needs(self) -> Names:
        """Names that it reads before it binds them. None are known where a star import may bind
        them."""
        tree = self.python.tree
        if self.stars:
            return frozenset()
        found = set(undefined_names(self.python.text, tree, reached(tree).functions))
        bound = set(KNOWN)
        for statement, (read, own) in zip(tree.body, self._names, strict=True):
            found |= read - bound - (own if isinstance(statement, COMPOUND) else frozenset())
            bound |= own
        return frozenset(found)

    @cached_property
    def binds(self) -> Names:
        """Names that it binds at its top level."""
        return frozenset[str]().union(*(own for _, own in self._names))

    @cached_property
    def changes(self) -> Names:
        """Names whose objects it may change: by a call of a method, or by setting a part."""
        calls, parts = list[ast.expr](), list[ast.expr]()
        for node in reached(self.python.tree).nodes:
            if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
                calls.append(node.value.func)
            elif isinstance(node, ast.Attribute | ast.Subscript):
                parts += [] if isinstance(node.ctx, ast.Load) else [node]
        return frozenset(filter(None, map(_first_name, [*calls, *parts])))

    @cached_property
    def _names(self) -> list[tuple[Names, Names]]:
        return [_names(statement) for statement in self.python.tree.body]

    @cached_property
    def stars(self) -> bool:
        return bool(star_imports(ast.walk(self.python.tree)))

    @property
    def imports(self) -> bool:
        return any(isinstance(one, ast.Import | ast.ImportFrom) for one in self.python.tree.body)

    def continues(self, pieces: "Sequence[Piece]") -> bool:
        """Whether it needs names, and these pieces bind all of them."""
        given = (piece.gives(self.needs) for piece in pieces)
        return bool(self.needs) and frozenset[str]().union(*given) == self.needs

    def gives(self, names: Names) -> Names:
        """Which of these names it binds; all where it has a star import."""
        return names if self.stars else names & self.binds


def supporting(before: Sequence[Piece], piece: Piece) -> tuple[list[Piece], Names]:
    """Those of the pieces before this one that bind what it needs, the nearest for each name, or
    change it, and what these need in turn; and the names that none of them binds."""
    chosen: list[Piece] = []
    needs = piece.needs
    for place in reversed(range(len(before))):
        if not needs:
            break
        other = before[place]
        given = other.gives(needs)
        changed = other.changes & needs and other.continues(before[:place])
        if given or (changed and not gives_out([other])):
            chosen.insert(0, other)
            needs = (needs - given) | other.needs
    return chosen, needs


def adds_drawing(pieces: Sequence[Piece]) -> bool:
    """Whether the last of these pieces draws, run after the others."""
    whole = _joined(pieces)
    before = {id(node) for node in reached(_joined(pieces[:-1])).nodes}
    nodes = [node for node in reached(whole).nodes if id(node) not in before]
    return draws(whole, nodes)


def gives_out(pieces: Sequence[Piece]) -> bool:
    """Whether the pieces show or save a plot."""
    nodes = reached(_joined(pieces)).nodes
    names = (_last_name(node.func) for node in nodes if isinstance(node, ast.Call))
    return any(name in GIVING for name in names)


def _joined(pieces: Sequence[Piece]) -> ast.Module:
    body = [statement for piece in pieces for statement in piece.python.tree.body]
    return ast.Module(body=body, type_ignores=[])


def _first_name(part: ast.expr) -> str:
    """The name of the object that a chain of attributes, items and calls begins with; "" for a
    name alone."""
    place = part
    while isinstance(place, ast.Attribute | ast.Subscript | ast.Call):
        place = place.func if isinstance(place, ast.Call) else place.value
    return place.id if isinstance(place, ast.Name) and place is not part else ""


def _last_name(function: ast.expr) -> str:
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else ""


def _names(statement: ast.stmt) -> tuple[Names, Names]:
    """What a statement reads as it runs, and what it binds. Bodies of functions run later."""
    try:
        text = ast.unparse(ast.Module(body=[statement], type_ignores=[]))
        top = symtable.symtable(text, "<piece>", "exec")
    except (SyntaxError, RecursionError, ValueError):
        return frozenset(), frozenset()
    symbols = top.get_symbols()
    bound = {s.get_name() for s in symbols if s.is_assigned() or s.is_imported()}
    read = {s.get_name() for s in symbols if s.is_referenced()}
    for inner in _running(top):
        symbols = inner.get_symbols()
        read |= {s.get_name() for s in symbols if s.is_referenced() and s.is_global()}
    if isinstance(statement, ast.AugAssign) and isinstance(statement.target, ast.Name):
        read.add(statement.target.id)
    return frozenset(read), frozenset(bound)


def _running(table: symtable.SymbolTable) -> Iterator[symtable.SymbolTable]:
    """Comprehensions and class bodies, which run with the statement."""
    for child in table.get_children():
        if child.get_type() == "class" or child.get_name() in COMPREHENSIONS:
            yield child
            yield from _running(child)
