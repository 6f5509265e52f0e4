"""An error and the values that the failing statement uses."""

import ast
import re
from collections.abc import Callable
from dataclasses import dataclass

from viscode.supply.cells import Cell
from viscode.supply.wanted import Kind, Wanted

SURE = 6.0  # the weight of what an error says


USUAL = 20


MOST_ITEMS = 5_000


CLASSES: dict[str, Kind] = {
    "ndarray": "array", "DataFrame": "frame", "Series": "series", "list": "list", "tuple": "list",
    "str": "text", "str_": "text", "dict": "mapping", "float": "number", "float64": "number",
    "int": "integer", "int64": "integer", "Timestamp": "date", "datetime": "date", "date": "date",
    "SimpleNamespace": "record", "NoneType": "none", "bool": "flag", "function": "function",
    "Axes": "axes", "Figure": "figure", "Graph": "graph", "datetime64": "date", "Index": "series",
}  # fmt: skip


SEQUENCES: tuple[Kind, ...] = ("array", "list", "series")


NUMBERS: tuple[Kind, ...] = ("integer", "number")


WORDS: tuple[Kind, ...] = ("text", "date", "color", "colormap", "unknown")


PREFERRED: tuple[Kind, ...] = (
    *("frame", "series", "array", "text", "mapping", "list", "date"),
    *("axes", "figure", "graph"),
)


@dataclass(frozen=True)
class Known:
    """A value of a hole or a part of one, with what is wanted of it so far. `is_item`: it is one of
    a row of them."""

    cell: Cell
    wanted: Wanted
    hole: str
    is_item: bool = False


@dataclass
class Case:
    """An error: its message, the nodes of the statement, the cell of each, and all known values."""

    message: str
    nodes: list[ast.AST]
    seen: dict[int, Cell]
    known: list[Known]

    def cell(self, node: ast.AST) -> Cell:
        """The cell of an expression."""
        return self.seen.get(id(node), Cell()).real()

    def used(self) -> list[Known]:
        """The known values that the statement uses, outermost first."""
        cells = {id(self.cell(node)) for node in self.nodes if isinstance(node, ast.expr)}
        direct = [one for one in self.known if id(one.cell.real()) in cells]
        if not direct and len({one.hole for one in self.known}) == 1:
            return self.known
        holes = {one.hole for one in direct}
        return [*direct, *(one for one in self.known if one.hole in holes and one not in direct)]

    def of(self, cell: Cell) -> Known | None:
        """The known value that a cell is."""
        return next((one for one in self.known if one.cell.real() is cell.real()), None)


Repair = Callable[[Case, re.Match[str]], bool]


def retype(cell: Cell, kind: Kind) -> None:
    """Make a value one of a kind."""
    cell = cell.real()
    cell.votes = {kind: SURE}
    cell.uses = set()
    cell.constants = ()
    if kind in SEQUENCES:
        cell.item()
        cell.items, cell.attributes = {}, {}
    elif kind not in ("frame", "mapping", "record"):
        cell.inner = cell.fixed = cell.size = None
        cell.items, cell.attributes = {}, {}
    if kind in NUMBERS:
        cell.among = [one for one in cell.among if not isinstance(one, str)]


def change_kind(case: Case, old: tuple[Kind, ...], new: Kind, most: int = 9) -> bool:
    """Make the values in the statement that are of one of the old kinds ones of another."""
    found = [one for one in case.used() if one.wanted.kind in old and one.wanted.kind != new]
    for one in found[:most]:
        retype(one.cell, new)
    return bool(found)
