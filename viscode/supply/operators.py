"""Operators: what calculating, comparing and formatting says of its operands."""

import ast
import string

from viscode.supply.calculating import number
from viscode.supply.cells import AnyLink, Cell, Link, Size
from viscode.supply.flow import joined
from viscode.supply.wanted import Kind

FORMATS: dict[str, Kind] = {
    "d": "integer",
    "x": "integer",
    "f": "number",
    "e": "number",
    "g": "number",
    "%": "number",
}


LETTERS = string.ascii_letters


def percent_letters(text: str) -> list[str]:
    """The conversions of a `%` format: "%d of %.2f" gives ["d", "f"]."""
    letters = []
    for piece in text.replace("%%", "").split("%")[1:]:
        letter = piece.lstrip("0123456789.-+ #")[:1]
        if letter in LETTERS:
            letters.append(letter)
    return letters


def _is_text(cell: Cell) -> bool:
    return cell.votes.get("text", 0) >= 1 and cell.inner is None


def _is_path(cell: Cell) -> bool:
    return cell.path.startswith("pathlib.")


def _is_repeated(left: Cell, right: Cell) -> bool:
    """`[0] * n`."""
    return (left.fixed is not None and not right.is_sequence) or right.fixed is not None


def operation(op: ast.operator, left: Cell, right: Cell, links: list[AnyLink]) -> Cell:
    left, right = left.real(), right.real()
    if isinstance(op, ast.Mod) and _is_text(left):
        _percent(left, right)
        return Cell(votes={"text": 1.0})
    if isinstance(op, ast.Add) and (_is_text(left) or _is_text(right)):
        for one in (left, right):
            if not (one.constants or one.path or one.is_sequence):
                one.vote("text", 1)
        return Cell(votes={"text": 1.0})
    if left.path and right.path:
        return Cell()
    if isinstance(op, ast.Add) and (left.fixed is not None or right.fixed is not None):
        return Cell(inner=joined([left.item(), right.item()]), size=Size())
    if isinstance(op, ast.Div) and _is_path(left):
        return Cell(votes={"text": 1})
    if isinstance(op, ast.Mult) and _is_repeated(left, right):
        return Cell(inner=(left if left.fixed else right).item(), size=Size())
    if isinstance(op, ast.BitAnd | ast.BitOr | ast.BitXor):
        result = Cell(votes={"flag": 0.5})
        known = tuple(one for one in (left, right) if not (one.path or one.is_frame))
        links.append(Link(result, known, numbers=False))
        return result
    return _arithmetic(op, left, right, links)


def _arithmetic(op: ast.operator, left: Cell, right: Cell, links: list[AnyLink]) -> Cell:
    result = Cell()
    if isinstance(op, ast.Add | ast.Sub):
        step = right.constants[0] if len(right.constants) == 1 else None
        if left.measures and isinstance(step, int):
            size, more = left.measures
            step = step if isinstance(op, ast.Add) else -step
            return Cell(votes={"integer": 1}, measures=(size, more + step))
    for one in (left, right):
        if not (one.path or one.constants):
            one.uses.add("add" if isinstance(op, ast.Add) else "arithmetic")
    if left.measures and right.measures:
        return number()
    operands = tuple(one for one in (left, right) if not one.path)
    if isinstance(op, ast.MatMult):
        for one in operands:
            one.item()
            one.scalar().vote("number", 0.8)
        return Cell()
    links.append(Link(result, operands))
    if any(one.is_frame for one in operands):
        return next(one for one in operands if one.is_frame)
    if all(one.is_scalar for one in operands) and operands:
        result.vote("number", 1)
    return result


def formatted(cell: Cell, spec: str) -> None:
    """A value that is written in a format as ".2f"."""
    kind = FORMATS.get(spec[-1:])
    if kind is not None and not cell.path and not cell.is_sequence:
        cell.vote(kind, 1.2)


def _percent(text: Cell, given: Cell) -> None:
    """`"%d of %s" % (n, name)`."""
    letters = [found for one in text.constants for found in percent_letters(str(one))]
    values = given.fixed if given.fixed is not None else [given]
    for letter, value in zip(letters, values, strict=False):
        if value.path or value.constants or value.is_sequence:
            continue
        kind = FORMATS.get(letter)
        if kind is not None:
            value.vote("integer" if kind == "integer" else "number", 1)
        else:
            value.vote("text", 0.3)
