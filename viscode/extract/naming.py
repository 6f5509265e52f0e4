"""A hole takes the name of the variable that it is given to: `losses = losses_data` goes, and what
is supplied is `losses`."""

import ast
from collections import Counter
from collections.abc import Container

from viscode.extract.reading_order import unbound_names
from viscode.extract.touching import MUTATING, Definition, body_nodes, walk
from viscode.libraries.names import chain


def under_own_names(tree: ast.Module, holes: Container[str]) -> dict[str, str]:
    """Take the assignments out of a tree that only give a hole another name; the new name of each
    such hole. One that is read elsewhere too, or whose variable is bound again, keeps its own."""
    return _Naming(tree, holes).names


class _Naming:
    def __init__(self, tree: ast.Module, holes: Container[str]) -> None:
        top = body_nodes(tree.body)
        stored = (n.id for n in top if isinstance(n, ast.Name) and not isinstance(n.ctx, ast.Load))
        self.bound = Counter(stored)
        self.bound.update(one.name for one in top if isinstance(one, Definition))
        self.reads = Counter(
            n.id for n in walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)
        )
        self.open = set(unbound_names(tree, holes))
        self.names: dict[str, str] = {}
        tree.body = self._without(tree.body, set())

    def _without(self, body: list[ast.stmt], changed: set[str]) -> list[ast.stmt]:
        kept: list[ast.stmt] = []
        for one in body:
            match one:
                case ast.Assign(targets=[ast.Name(id=name)], value=ast.Name(id=hole)) if (
                    self._may(hole, name) and name not in changed
                ):
                    self.names[hole] = name
                    continue
                case ast.For() | ast.While() if not one.orelse:
                    one.body = self._without(one.body, changed | _changed(one))
                    if not one.body:
                        continue
            kept.append(one)
        return kept

    def _may(self, hole: str, name: str) -> bool:
        once = self.reads[hole] == 1 and self.bound[name] == 1 and self.bound[hole] == 0
        return once and hole in self.open and name not in self.open


def _changed(loop: ast.stmt) -> set[str]:
    """The names whose objects a loop fills or changes, so that each turn needs a new one."""
    found: set[str] = set()
    for one in walk(loop):
        if isinstance(one, ast.Subscript | ast.Attribute) and (
            not isinstance(one.ctx, ast.Load) or getattr(one, "attr", "") in MUTATING
        ):
            found.add(chain(one)[0])
    return found
