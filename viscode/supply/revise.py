"""What the error of a run says about the values that were supplied.

The statement that failed is looked at with what inference knows of the values in it. The message
tells what is wrong (`repairs.py`): a name is missing, two lengths differ, a value is of the wrong
kind or has the wrong number of axes. A revision is certain of what it changes, so that none goes
back.
"""

import ast
import copy
from collections.abc import Mapping
from dataclasses import dataclass, replace

from viscode.supply.case import Case, Known
from viscode.supply.cells import Cell
from viscode.supply.infer import explore
from viscode.supply.repairs import repair
from viscode.supply.shapes import LEAST_COLUMNS, wanted_of
from viscode.supply.wanted import Wanted, merge

DEEPEST = 4  # levels of parts
MOST_NODES = 4_000


@dataclass(frozen=True)
class Failure:
    """How a run ended: the class and message of its error, the line of the script (0 where it is
    not known), and the text of the statement there."""

    error_type: str
    message: str
    line: int = 0
    statement: str = ""


def revise(
    wanted: dict[str, Wanted], failure: Failure, tree: ast.Module
) -> dict[str, Wanted] | None:
    """What is wanted after an error; None where it says nothing new of the values."""
    cells = {name: _seeded(one) for name, one in wanted.items()}
    uses = explore(tree, cells)
    before = copy.deepcopy(wanted_of(cells))
    known = [one for name in wanted for one in _known(cells[name], wanted[name], name, 0)]
    case = Case(failure.message, _failing(tree, failure), uses.seen, known)
    if not repair(failure.error_type, case):
        return None
    after = wanted_of(cells)
    revised = dict(wanted)
    used = {one.hole for one in case.used()}
    for name, one in after.items():
        if name in used or one != before[name]:
            revised[name] = _revised(wanted[name], one)
    return revised if revised != wanted else None


def _revised(old: Wanted, new: Wanted) -> Wanted:
    """The new one, with what the old says of what the new leaves open."""
    merged = merge(new, old)
    if new.shape is not None and (new.kind == merged.kind):
        merged.shape = new.shape
    return merged


def _seeded(wanted: Wanted, depth: int = 0) -> Cell:
    """A cell that knows what is wanted already."""
    cell = Cell(low=wanted.low, high=wanted.high, role=wanted.role, sorted=wanted.sorted)
    cell.among = list(wanted.among)
    if wanted.kind != "unknown":
        cell.vote(wanted.kind, 3 if wanted.certain else 0.4)
    if depth > DEEPEST:
        return cell
    if wanted.kind in ("list", "array", "series") and (wanted.item or wanted.shape):
        _seed_items(cell, wanted, depth)
    elif wanted.kind == "frame":
        cell.vote("frame", 1)
        if wanted.shape and wanted.shape[0]:
            cell.length().value = wanted.shape[0]
        if len(wanted.shape or ()) > 1:
            columns = (wanted.shape or (0, 0))[1] or 0
            cell.columns = columns if columns > LEAST_COLUMNS else 0
            cell.item().inner = _seeded(wanted.item or Wanted(), depth + 1)
    for name, part in wanted.parts.items():
        if wanted.kind == "record":
            cell.attributes[name] = _seeded(part, depth + 1)
        elif wanted.kind == "frame":
            item = _seeded(part.item or Wanted(), depth + 1)
            column = cell.column(name)
            column.inner, column.role = item, part.role
        elif wanted.kind == "mapping":
            cell.items[name] = _seeded(part, depth + 1)
    if wanted.kind in ("function", "record") and wanted.item is not None:
        cell.result = _seeded(wanted.item, depth + 1)
    if wanted.index is not None:
        cell.index = _seeded(wanted.index, depth + 1)
    return cell


def _seed_items(cell: Cell, wanted: Wanted, depth: int) -> None:
    shape = wanted.shape or (None,)
    level = cell
    for place, size in enumerate(shape[:4]):
        if size is not None:
            level.length().value = size
        last = place == len(shape[:4]) - 1
        level.inner = _seeded(wanted.item or Wanted(), depth + 1) if last else Cell()
        level = level.inner


def _known(cell: Cell, wanted: Wanted, hole: str, depth: int) -> list[Known]:
    """The cells of a value and of its parts, each with what is wanted of it now."""
    found = [Known(cell.real(), wanted, hole)]
    if depth > DEEPEST:
        return found
    cell = cell.real()
    for name, part in (*cell.items.items(), *cell.attributes.items()):
        if name in wanted.parts and name not in cell.made:
            found += _known(part, wanted.parts[name], hole, depth + 1)
    if cell.inner is not None:
        item = cell.scalar() if wanted.kind == "array" else cell.item()
        known = _known(item, wanted.item or Wanted(), hole, depth + 1)
        found += [replace(one, is_item=True) for one in known]
    if cell.result is not None:
        found += _known(cell.result, wanted.item or Wanted(), hole, depth + 1)
    return found


def _failing(tree: ast.Module, failure: Failure) -> list[ast.AST]:
    """The nodes of the statement that failed and of the own functions that it calls; of all
    statements where it is not known."""
    statements = [
        one for one in tree.body if one.lineno <= failure.line <= (one.end_lineno or one.lineno)
    ]
    if failure.statement and not any(_text(one) == failure.statement for one in statements):
        named = [one for one in tree.body if _text(one) == failure.statement]
        statements = named or statements
    functions: Mapping[str, ast.AST] = {
        one.name: one for one in ast.walk(tree) if isinstance(one, ast.FunctionDef | ast.ClassDef)
    }
    nodes: list[ast.AST] = []
    entered: set[str] = set()
    waiting: list[ast.AST] = list(statements or tree.body)
    while waiting and len(nodes) < MOST_NODES:
        for node in ast.walk(waiting.pop(0)):
            nodes.append(node)
            name = str(getattr(node, "id", "") or getattr(node, "attr", ""))
            if name in functions and name not in entered:
                entered.add(name)
                waiting.append(functions[name])
    return nodes


def _text(node: ast.stmt) -> str:
    try:
        return ast.unparse(node)
    except RecursionError:
        return ""
