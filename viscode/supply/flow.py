"""How values become one another: loops and unpacking, branches, comparisons, literals."""

import ast
from collections.abc import Sequence

from viscode.supply.cells import Cell, Constant, unify
from viscode.supply.subscripts import one_of
from viscode.supply.wanted import Kind

MOST_CONSTANTS = 40


def iterated(cell: Cell) -> Cell:
    """What a loop over a value gets, one after the other."""
    cell = cell.real()
    if cell.path:
        return Cell(path=cell.path) if not cell.path.isidentifier() else Cell()
    cell.uses.add("iterate")
    if cell.votes.get("mapping", 0) >= 1 and cell.inner is None:
        return Cell(votes={"text": 0.6}, constants=tuple(cell.items))
    if cell.grouped:
        return Cell(fixed=[Cell(), cell])
    if cell.is_frame:
        return Cell(votes={"text": 1})
    return one_of(cell)


def unpacked(value: Cell, targets: Sequence[ast.expr]) -> list[Cell]:
    """What each of several targets gets."""
    value, count = value.real(), len(targets)
    if value.fixed is not None and len(value.fixed) == count:
        return [one.real() for one in value.fixed]
    if value.path:
        return [Cell(path=value.path) for _ in targets]
    if value.bound is not None and value.bound[1] == "shape":
        return _sizes_of(value.bound[0], count)
    if value.grouped and count == 2 and value.is_frame:
        return [Cell(), value]
    if any(isinstance(one, ast.Starred) for one in targets):
        return [value.item() for _ in targets]
    if value.fixed is None and value.inner is None and not value.is_frame:
        value.item()
        value.fixed = [Cell() for _ in targets]
        value.length().value = count
        return value.fixed
    if value.fixed is None and value.inner is not None:
        size = value.length()
        size.value = count if size.value is None else size.value
        return [value.item() for _ in targets]
    return [Cell() for _ in targets]


def _sizes_of(cell: Cell, count: int) -> list[Cell]:
    """`rows, columns = x.shape`."""
    found = []
    for _ in range(count):
        found.append(Cell(votes={"integer": 1}, measures=(cell.length(), 0)))
        cell = cell.item()
    return found


def literal(value: object) -> Cell:
    """The cell of a constant."""
    if isinstance(value, bool):
        return Cell(votes={"flag": 1.0}, constants=(value,))
    if isinstance(value, int):
        return Cell(votes={"integer": 1.0}, constants=(value,))
    if isinstance(value, float):
        return Cell(votes={"number": 1.0}, constants=(value,))
    if isinstance(value, str):
        return Cell(votes={"text": 1.0}, constants=(value,))
    return Cell(path="None") if value is None else Cell()


def either(one: Cell, other: Cell) -> Cell:
    """A value that is one of two."""
    one, other = one.real(), other.real()
    if one.path or one.code is not None:
        return other if other.path == "" or one.path == "None" else one
    if other.path or other.code is not None or one is other:
        return one
    if one.constants or other.constants:
        merged = _joined_copies([one, other])
        keep = one if not one.constants else other
        if keep.constants:
            return merged
        for kind, weight in (other if keep is one else one).votes.items():
            keep.vote(kind, weight)
        return keep
    return unify(one, other)


def joined(cells: list[Cell]) -> Cell:
    """What one of several returns gives."""
    telling = [one.real() for one in cells if one.real().path != "None"]
    if not telling:
        return Cell()
    first = telling[0]
    for other in telling[1:]:
        first = either(first, other)
    return first


def _joined_copies(cells: list[Cell]) -> Cell:
    """An item that may be any of several."""
    known = [one.real() for one in cells if not one.real().constants]
    constants = constants_of([one.real() for one in cells if one.real().constants])
    if not known:
        return constants
    first = known[0]
    for other in known[1:]:
        if first.is_sequence == other.is_sequence and first.is_frame == other.is_frame:
            first = unify(first, other)
    return first


def constants_of(cells: list[Cell]) -> Cell:
    values: list[Constant] = [value for one in cells for value in one.constants]
    votes: dict[Kind, float] = {}
    for one in cells:
        for kind in one.votes:
            votes[kind] = 1.0
    if "number" in votes:
        votes.pop("integer", None)
    return Cell(votes=votes, constants=tuple(dict.fromkeys(values))[:MOST_CONSTANTS])


def contained(left: Cell, right: Cell) -> None:
    """`x in ["a", "b"]`: one of these; `"a" in x`: something with items."""
    if right.path:
        return
    values = right.scalar().constants
    if left.constants and not values:
        right.uses.add("contains")
        for name in left.constants:
            if isinstance(name, str) and right.votes.get("mapping", 0) >= 1:
                right.column(name)
        return
    if not values and not right.is_scalar and left.votes.get("text", 0) >= 1:
        right.vote("list", 0.3)
        right.item().vote("text", 0.5)
    bottom = left.scalar()
    if not left.path and values:
        bottom.among += values
        for kind, weight in right.scalar().votes.items():
            bottom.vote(kind, weight)


def compared(op: ast.cmpop, cell: Cell, with_: Cell) -> None:
    cell, with_ = cell.real(), with_.real()
    if cell.path or cell.constants:
        return
    ordered = not isinstance(op, ast.Eq | ast.NotEq)
    if cell.inner is None:
        cell.uses.add("order" if ordered else "equal")
    bottom = cell.scalar()
    if not with_.constants:
        for kind in ("text", "integer", "number"):
            if with_.inner is None and with_.votes.get(kind, 0) >= 1:
                bottom.vote(kind, 0.5)
    for value in with_.constants if with_.inner is None else ():
        if isinstance(value, str):
            looks_like_date = value[:4].isdigit() and len(value) >= 7 and ordered
            bottom.vote("date" if looks_like_date else "text", 1)
        elif not isinstance(value, bool):
            bottom.vote("integer" if isinstance(value, int) and not ordered else "number", 0.8)
        if ordered and isinstance(value, int | float):
            bottom.around.append(float(value))
        elif not isinstance(value, bool):
            bottom.among.append(value)


def name_columns(frame: Cell, names: Cell) -> None:
    """`df.columns = ["a", "b"]`: a frame of these columns."""
    frame.vote("frame", 2)
    for one in names.fixed or []:
        for name in one.constants[:1]:
            if isinstance(name, str):
                frame.column(name)
