"""Repairs of values that are of the wrong kind."""

import ast
import re

from viscode.supply.calculating import dates_in
from viscode.supply.case import (
    CLASSES,
    NUMBERS,
    SEQUENCES,
    SURE,
    WORDS,
    Case,
    Repair,
    change_kind,
    retype,
)
from viscode.supply.wanted import Kind


def not_a(new: Kind) -> Repair:
    """Of a message that names the class of a value: make it another kind."""

    def change(case: Case, match: re.Match[str]) -> bool:
        was = CLASSES.get(match.group(1).rpartition(".")[2], "unknown")
        return change_kind(case, (was,), new, 1) or change_kind(case, ("unknown",), new, 1)

    return change


def not_subscriptable(case: Case, match: re.Match[str]) -> bool:
    was = CLASSES.get(match.group(1).rpartition(".")[2], "unknown")
    texts = any(
        isinstance(node, ast.Subscript)
        and isinstance(node.slice, ast.Constant)
        and isinstance(node.slice.value, str)
        for node in case.nodes
    )
    new: Kind = "mapping" if texts else "array"
    return change_kind(case, (was,), new, 1) or change_kind(case, ("unknown",), new, 1)


def operands(case: Case, match: re.Match[str]) -> bool:
    """Calculating with what cannot be calculated with."""
    classes = [CLASSES.get(name.rpartition(".")[2], "unknown") for name in match.groups() if name]
    if "list" in classes and change_kind(case, ("list",), "array"):
        return True
    if "text" in classes and change_kind(case, ("text",), "number"):
        return True
    for was in ("mapping", "none", "record", "function", "date", "flag"):
        if was in classes and change_kind(case, (was,), "number"):
            return True
    return change_kind(case, ("unknown",), "number", 1)


def every(old: tuple[Kind, ...], new: Kind) -> Repair:
    """Make all values of one of the old kinds in the statement ones of another."""

    def change(case: Case, match: re.Match[str]) -> bool:
        return change_kind(case, old, new)

    return change


def first(old: tuple[Kind, ...], new: Kind) -> Repair:
    """The same of the first of them."""

    def change(case: Case, match: re.Match[str]) -> bool:
        return change_kind(case, old, new, 1)

    return change


def numbers(case: Case, match: re.Match[str]) -> bool:
    """What stands in the tables and arrays of the statement are numbers."""
    words = [
        one
        for one in case.used()
        if one.wanted.kind in WORDS
        and one.cell.real().inner is None
        and not one.wanted.certain
        and one.wanted.role not in ("category", "labels")
    ]
    for one in words:
        retype(one.cell, "number")
    bare = [
        one
        for one in case.used()
        if one.wanted.kind == "frame" and not one.wanted.parts and not one.cell.columns
    ]
    for one in bare:
        one.cell.columns = 4
        one.cell.item().item().vote("number", SURE)
    return bool(words or bare)


def accessor(kind: Kind) -> Repair:
    def change(case: Case, match: re.Match[str]) -> bool:
        for node in case.nodes:
            if isinstance(node, ast.Attribute) and node.attr in ("dt", "str"):
                cell = case.cell(node.value)
                if case.of(cell) is not None or cell.inner is not None:
                    retype(cell.item(), kind)
                    return True
        return False

    return change


def date_format(case: Case, match: re.Match[str]) -> bool:
    """Texts of the format that is asked for."""
    texts = dates_in(match.group(1))
    for one in case.used():
        if one.wanted.kind in WORDS and one.cell.real().inner is None:
            if set(texts) <= set(one.wanted.among):
                return False
            retype(one.cell, "text")
            one.cell.among = list(texts)
            return True
    return False


def truth(case: Case, match: re.Match[str]) -> bool:
    """Arrays in a condition: single values."""
    tests = [node.test for node in case.nodes if isinstance(node, ast.If | ast.While | ast.IfExp)]
    for test in tests:
        for node in ast.walk(test):
            known = case.of(case.cell(node))
            if known is not None and known.wanted.kind in (*SEQUENCES, "frame"):
                retype(known.cell, "flag" if test is node else "number")
                return True
    return False


def positive(case: Case, match: re.Match[str]) -> bool:
    changed = False
    for one in case.used():
        if one.wanted.kind in NUMBERS and (one.cell.low is None or one.cell.low <= 0):
            one.cell.low = 1.0
            changed = True
    return changed
