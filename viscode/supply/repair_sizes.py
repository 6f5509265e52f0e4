"""Repairs of lengths and numbers of axes."""

import ast
import math
import re

from viscode.supply.case import (
    MOST_ITEMS,
    SEQUENCES,
    SURE,
    USUAL,
    Case,
    Repair,
    retype,
)
from viscode.supply.cells import Cell, Size, equal_sizes
from viscode.supply.wanted import IN_A_ROW


def _rows(case: Case) -> list[Size]:
    """The different first sizes of the values in the statement that are from holes."""
    sizes: dict[int, Size] = {}
    holes = {id(_size(one.cell)) for one in case.known if one.cell.real().size is not None}
    for node in case.nodes:
        cell = case.cell(node) if isinstance(node, ast.expr) else Cell()
        if cell.size is not None and (cell.is_sequence or cell.is_frame):
            sizes[id(_size(cell))] = _size(cell)
    own = [size for key, size in sizes.items() if key in holes or size.value is not None]
    return own


def _size(cell: Cell) -> Size:
    return cell.length()


def same_size(case: Case, match: re.Match[str]) -> bool:
    """Two lengths that differ: one size for both, or that of what the script fixes."""
    numbers = [int(one) for one in re.findall(r"\d+", match.group(0))]
    sizes = _rows(case)
    fixed = next((size for size in sizes if size.value is not None), None)
    changed = False
    for size in sizes:
        other = fixed or sizes[0]
        if size.real() is not other.real() and size.real().value is None:
            equal_sizes(other, size)
            changed = True
    if changed:
        return True
    return _take_size(case, [one for one in numbers if 1 < one <= MOST_ITEMS])


def _take_size(case: Case, numbers: list[int]) -> bool:
    """Make the values in the statement as long as one of the lengths that the message names and
    that they do not have."""
    for one in case.used():
        if one.is_item or one.wanted.kind not in (*SEQUENCES, "frame", "unknown"):
            continue
        has = (one.wanted.shape or (None,))[0]
        others = [number for number in numbers if number != has]
        if not others or (has is not None and has not in numbers):
            continue
        if one.wanted.kind == "unknown":
            retype(one.cell, "array")
        _size(one.cell).value = others[0]
        return True
    return False


def longer(case: Case, match: re.Match[str]) -> bool:
    """An index out of range, unless nothing is there at all."""
    if case.message.endswith("size 0"):
        return False
    groups = [int(one) if one else 0 for one in match.groups()]
    place, axis = (*groups, 0, 0)[:2]
    fixed = {id(size) for one in case.known for size in _sizes(one.cell)}
    asked = [case.cell(node.value) for node in case.nodes if isinstance(node, ast.Subscript)]
    used = [one.cell for one in case.used() if one.wanted.kind in SEQUENCES]
    for cell in (*asked, *used):
        sizes = _sizes(cell)
        if axis >= len(sizes) or id(sizes[axis]) not in fixed:
            continue
        new = max(abs(place) + 1, 2 * (sizes[axis].value or USUAL))
        if new <= MOST_ITEMS:
            sizes[axis].value = new
            return True
    return False


def _sizes(cell: Cell) -> list[Size]:
    """The sizes of a value along its axes."""
    sizes = []
    for _ in range(cell.depth()):
        sizes.append(cell.length())
        cell = cell.item()
    return sizes


def reshaped(case: Case, match: re.Match[str]) -> bool:
    """`cannot reshape array of size 20 into shape (28,28)`."""
    product = math.prod(int(one) for one in re.findall(r"\d+", match.group(1)))
    for one in case.used():
        shaped = one.wanted.kind in (*SEQUENCES, "unknown") and not one.is_item
        if shaped and 1 < product <= MOST_ITEMS:
            cell = one.cell.real()
            if _size(cell).value == product:
                continue
            retype(cell, "array")
            cell.inner = cell.scalar()
            cell.size = Size(value=product)
            return True
    return False


def unpacked(case: Case, match: re.Match[str]) -> bool:
    """`expected 3, got 2`."""
    count = int(match.group(1))
    for node in case.nodes:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
            cell = case.cell(node.value)
            if cell.bound is not None and cell.bound[1] == "shape":
                return _axes(cell.bound[0], count)
        elif isinstance(node, ast.For) and isinstance(node.target, ast.Tuple):
            cell = case.cell(node.iter).item()
        else:
            continue
        if case.of(cell) is not None and cell.length().value != count:
            cell.length().value = count
            cell.item()
            return True
    return False


def _axes(cell: Cell, count: int) -> bool:
    """Give an array so many axes."""
    cell = cell.real()
    if cell.is_frame or not 1 <= count <= 4:
        return False
    bottom = cell.scalar()
    depth = cell.depth()
    if depth == count:
        return False
    sizes, level = [], cell
    for _ in range(depth):
        sizes.append(level.length())
        level = level.item()
    sizes += [Size() for _ in range(count - depth)]
    inner = Cell(votes=dict(bottom.votes)) if depth == 0 else bottom
    for size in reversed(sizes[1:count]):
        inner = Cell(inner=inner, size=size, votes={"array": SURE})
    cell.votes, cell.inner, cell.size, cell.fixed = {"array": SURE}, inner, sizes[0], None
    cell.uses = set()
    return True


def with_axes(count: int) -> Repair:
    """Give the values in the statement so many axes, the drawn ones first."""

    def change(case: Case, match: re.Match[str]) -> bool:
        used = [one for one in case.used() if one.wanted.kind in (*SEQUENCES, "unknown", "number")]
        drawn = (
            ("image", "matrix", "grid", "field") if count > 1 else (*IN_A_ROW, "values", "labels")
        )
        used.sort(key=lambda one: one.wanted.role not in drawn)
        for one in used:
            if one.is_item or (one.wanted.kind == "number" and one.wanted.certain):
                continue
            if len(one.wanted.shape or ()) != count and _axes(one.cell, count):
                return True
        return False

    return change


def more_axes(case: Case, match: re.Match[str]) -> bool:
    """`too many indices for array: array is 1-dimensional, but 2 were indexed`."""
    count = int(match.group(1))
    for node in case.nodes:
        if isinstance(node, ast.Subscript):
            cell = case.cell(node.value)
            if case.of(cell) is not None and _axes(cell, count):
                return True
    return False
