"""Methods of dicts, lists and arrays that give their items in another way."""

import math

from viscode.supply.calculating import Apply
from viscode.supply.cells import AnyLink, Cell, Size, equal_sizes, unify
from viscode.supply.drawing import Call


def items(call: Call, cell: Cell, links: list[AnyLink], apply: Apply) -> Cell:
    """`for name, value in d.items()`."""
    if cell.is_frame:
        return Cell(inner=Cell(fixed=[Cell(votes={"text": 1}), Cell(inner=cell.scalar())]))
    cell.vote("mapping", 0.5)
    value = any_value(cell)
    key = Cell(votes={"text": 0.6}, constants=tuple(cell.items))
    size = cell.length() if cell.votes.get("series") else Size()
    return Cell(inner=Cell(fixed=[key, value]), size=size)


def any_value(cell: Cell) -> Cell:
    values = [one for name, one in cell.items.items() if not one.real().path]
    if not values:
        return cell.item()
    first = values[0]
    for one in values[1:]:
        if not (first.is_scalar or one.is_scalar):
            unify(first.item(), one.item()) if first.is_sequence and one.is_sequence else None
    return first.real()


def all_values(call: Call, cell: Cell, links: list[AnyLink], apply: Apply) -> Cell:
    cell.vote("mapping", 1)
    return Cell(inner=any_value(cell), size=Size(), uses=set())


def keys(call: Call, cell: Cell, links: list[AnyLink], apply: Apply) -> Cell:
    cell.vote("mapping", 0.6)
    return Cell(inner=Cell(votes={"text": 0.6}, constants=tuple(cell.items)), size=Size())


def got(call: Call, cell: Cell, links: list[AnyLink], apply: Apply) -> Cell:
    if not call.arguments:
        return Cell()
    for name in call.arguments[0].constants:
        if isinstance(name, str):
            found = cell.column(name)
            cell.vote("mapping", 0.6)
            if len(call.arguments) > 1 and call.arguments[1].constants:
                unify(found, call.arguments[1])
            return found
    return Cell()


def different(call: Call, cell: Cell, links: list[AnyLink], apply: Apply) -> Cell:
    cell.role = cell.role or "category"
    return Cell(inner=cell.item(), size=cell.length().cut("unique"), votes={"array": 0.6})


def reshaped(call: Call, cell: Cell, links: list[AnyLink], apply: Apply) -> Cell:
    """`x.reshape(28, 28)`: so many items; `x.reshape(-1, 1)`: as many rows as items."""
    sizes = list(call.arguments)
    if len(sizes) == 1 and sizes[0].real().fixed:
        sizes = sizes[0].real().fixed or []
    constants = [one.constants[0] if len(one.constants) == 1 else None for one in sizes]
    numbers = [one if isinstance(one, int) else None for one in constants]
    measured = [one.real().measures for one in sizes]
    if len(measured) == 2 and all(measured) and not cell.is_frame:
        for level, measure in ((cell, measured[0]), (cell.item(), measured[1])):
            level.item()
            equal_sizes(level.length(), measure[0] if measure else Size())
        return cell
    whole = [one for one in numbers if one is not None]
    cell.scalar().vote("number", 0.4)
    if not cell.is_sequence:
        cell.item()
    if len(whole) == len(numbers) and all(one > 0 for one in whole) and cell.depth() == 1:
        size = cell.length()
        size.value = math.prod(whole) if size.value is None else size.value
    result = cell.scalar()
    for place, one in reversed(list(enumerate(numbers))):
        size = Size(value=one) if one is not None and one > 0 else Size()
        if one == -1 and all(n in (1, -1) for n in numbers) and cell.depth() == 1:
            size = cell.length()
        result = Cell(inner=result, size=size, votes={"array": 0.3} if place else {"array": 1})
    return result


def read_text(call: Call, cell: Cell, links: list[AnyLink], apply: Apply) -> Cell:
    if call.name in ("readlines", "split"):
        return Cell(inner=Cell(votes={"text": 1}))
    return Cell(votes={"text": 0.5})
