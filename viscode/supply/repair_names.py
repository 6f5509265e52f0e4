"""Repairs of what is missing by name: columns, keys, attributes."""

import ast
import re

from viscode.supply.case import (
    CLASSES,
    PREFERRED,
    SURE,
    Case,
    Known,
    change_kind,
    retype,
)
from viscode.supply.cells import Cell
from viscode.supply.kinds import attributes_of

MOST_NAMES = 8


def missing_name(case: Case, match: re.Match[str]) -> bool:
    text = match.group(1) or ""
    names = re.findall(r"['\"`]([^'\"`]+)['\"`]", text)
    if not names and "," not in text:
        names = [text.strip("'\"` ")]
    if len(names) > MOST_NAMES or "..." in text:
        return False  # the labels of another value
    found = [_needs(case, name) for name in names if name]
    return any(found)


def _needs(case: Case, name: str) -> bool:
    """Give the value that is asked for it a part of that name."""
    asked = [
        case.cell(node.value)
        for node in case.nodes
        if isinstance(node, ast.Subscript)
        and any(isinstance(one, ast.Constant) and one.value == name for one in ast.walk(node.slice))
    ]
    owners = [_root(case, cell) for cell in asked]
    frames = [one for one in case.used() if one.wanted.kind in ("frame", "mapping", "unknown")]
    for owner in (*(one for one in owners if one is not None), *frames[:1]):
        if name in owner.wanted.parts:
            continue
        if owner.wanted.kind not in ("mapping", "record"):
            owner.cell.vote("frame", SURE)
        owner.cell.made.discard(name)
        owner.cell.column(name)
        return True
    return _needs_value(case, name)


def _needs_value(case: Case, name: str) -> bool:
    """A label of rows or columns that was made of values: one of a column of categories."""
    columns = [one for one in case.known if one.wanted.role in ("category", "labels")]
    for column in columns:
        item = column.cell.scalar()
        if column.wanted.kind == "series" and name not in item.among:
            item.among.append(name)
            item.vote("text", 1)
            return True
    return False


def _root(case: Case, cell: Cell) -> Known | None:
    """The known value whose rows a cell has."""
    for _ in range(6):
        known = case.of(cell)
        if known is not None or cell.base is None:
            return known
        cell = cell.base.real()
    return None


def missing_place(case: Case, match: re.Match[str]) -> bool:
    """KeyError: 0, of a dict or series that is indexed by place."""
    return change_kind(case, ("mapping", "series", "frame", "unknown"), "array", 1)


def no_attribute(case: Case, match: re.Match[str]) -> bool:
    class_name, name = match.group(1).rpartition(".")[2], match.group(2)
    was = CLASSES.get(class_name, "record")
    kinds = [kind for kind in PREFERRED if name in attributes_of()[kind] and kind != was]
    owners = [
        case.of(case.cell(node.value))
        for node in case.nodes
        if isinstance(node, ast.Attribute) and node.attr == name
    ]
    known = [one for one in owners if one is not None]
    if not known:
        known = [one for one in case.used() if one.wanted.kind in (was, "unknown")][:1]
    for owner in known:
        if was == "frame" and not kinds and name not in owner.wanted.parts:
            owner.cell.vote("frame", SURE).column(name)
            return True
        if kinds:
            new = next((one for one in kinds if owner.cell.votes.get(one, 0) > 0), kinds[0])
            retype(owner.cell, new)
            return True
        if not kinds and name not in owner.wanted.parts:
            owner.cell.vote("record", SURE).attributes.setdefault(name, Cell())
            return True
    return False
