"""The Data Description: what the mock data, or the columns of the CSV, are (paper 3.1).

For `files` the names that are plotted are described, from the statements that bind them; helper
names stay unmentioned. For `charts` the whole CSV is read once for its columns. The description
may name functions and libraries of the data side; only plots may not.
"""

import ast
import re
from collections.abc import Iterator, Sequence
from typing import Any

from viscode.instruct.csv_preview import cells_of
from viscode.instruct.mockdata import MockData, binds, reads
from viscode.instruct.values import Values, function_phrase, literal
from viscode.instruct.words import count_of, join, number, pick, plain, sentences

MAX_NAMES = 8
MAX_COLUMNS = 12
MAX_CATEGORIES = 5
MAX_CELL = 24
MAX_ODD = 0.3  # share of texts in a column that still counts as numbers
NUMBER = re.compile(r"\s*[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?\s*")
FORMATTED = re.compile(r"([€$£]\s?)?[-+]?\d{1,3}(,\d{3})*(\.\d+)?(\s?[%€$£])?")
DATE = re.compile(r"\s*\d{4}[-/]\d{1,2}([-/]\d{1,2})?([ T].*)?\s*")
NO_DATA = (
    "No data are given; generate suitable mock data in the code.",
    "The data are not given: make up suitable values in the code.",
)
INLINE = (
    "The mock data are written out as values, in the order in which they are plotted.",
    "The mock data are plain values, listed in the order in which they are plotted.",
)


INLINE_CALLS = (
    "The mock data are what the expressions below give, in the order of plotting.",
    "What is plotted is given by the expressions below, in the order of plotting.",
)


def describe_mock_data(key: str, data: MockData) -> str:
    """One paragraph for a `files` sample; says so when the code has no data of its own."""
    if not data.text:
        return pick(key, "no-data", NO_DATA)
    if not data.statements:
        literal_only = not any(isinstance(one, ast.Call) for one in data.inline)
        return pick(key, "inline", INLINE if literal_only else INLINE_CALLS)
    entries = _entries(data)
    if not entries:
        return "The mock data are built by the lines below."
    shown = [f"{name} ({what})" for name, what in list(entries.items())[:MAX_NAMES]]
    rest = len(entries) - len(shown)
    listed = join([*shown, count_of(rest, "further variable")] if rest else shown)
    verb = "gets" if len(data.rebound) == 1 else "get"
    again = f"Between the plots {join(data.rebound)} {verb} new values" if data.rebound else ""
    return sentences(
        [
            pick(
                key,
                "data",
                (
                    "The mock data consist of {}",
                    "The mock data define {}",
                    "The plotted data are {}",
                ),
            ).format(listed),
            again,
        ]
    )


def _entries(data: MockData) -> dict[str, str]:
    """Plotted name -> what it holds; the first binding of a name describes it."""
    statements = list(_opened(data.statements))
    constants = _constants(statements)
    names = [name for s in statements for name in binds(s, data.imports)]
    waiting = set(data.plotted & set(names) or names)
    found: dict[str, str] = {}
    known: set[str] = set()
    for statement in statements:
        values = Values(data.origins, frozenset(known), constants)
        for targets, value in _bindings(statement, data.imports):
            fresh = [name for name in targets if name in waiting]
            if fresh and (what := _what(statement, value, values)):
                changed = any(name in _recomputed(data) for name in fresh)
                found[join(fresh)] = f"{what}, then transformed" if changed else what
                waiting.difference_update(fresh)
        known.update(binds(statement, data.imports))
    return found


def _opened(statements: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements, those under a `with` in its place."""
    for statement in statements:
        if isinstance(statement, ast.With):
            yield from _opened(statement.body)
        else:
            yield statement


def _bindings(
    statement: ast.stmt, imports: dict[str, str]
) -> list[tuple[list[str], ast.expr | None]]:
    """Names with the expression that they get; `x, y = 1, 2` gives a pair for each."""
    value = statement.value if isinstance(statement, ast.Assign | ast.AnnAssign) else None
    target = statement.targets[0] if isinstance(statement, ast.Assign) else None
    if (
        isinstance(target, ast.Tuple)
        and isinstance(value, ast.Tuple)
        and len(target.elts) == len(value.elts)
    ):
        return [
            ([part.id], one)
            for part, one in zip(target.elts, value.elts, strict=True)
            if isinstance(part, ast.Name)
        ]
    return [(list(dict.fromkeys(binds(statement, imports))), value)]


def _recomputed(data: MockData) -> set[str]:
    """Names that get a value computed from their earlier one."""
    bound: set[str] = set()
    changed: set[str] = set()
    for statement in data.statements:
        names = set(binds(statement, data.imports))
        if isinstance(statement, ast.Assign):
            changed |= names & bound & reads(statement.value)
        bound |= names
    return changed


def _what(statement: ast.stmt, value: ast.expr | None, values: Values) -> str:
    if isinstance(statement, ast.FunctionDef | ast.AsyncFunctionDef):
        return function_phrase(statement.args)
    if isinstance(statement, ast.ClassDef):
        return "a class"
    if value is not None:
        return "" if _is_empty(value) else values.describe(value)
    return "filled step by step" if isinstance(statement, ast.For | ast.While) else ""


def _is_empty(value: ast.expr) -> bool:
    """Whether it is a list or a dictionary that is still to be filled."""
    return ast.unparse(value) in ("[]", "{}", "list()", "dict()")


def _constants(statements: Sequence[ast.stmt]) -> dict[str, Any]:
    """Names bound exactly once, to a literal."""
    values: dict[str, Any] = {}
    bound: list[str] = []
    for statement in statements:
        if isinstance(statement, ast.Assign):
            for target in statement.targets:
                if isinstance(target, ast.Name):
                    bound.append(target.id)
                    values[target.id] = literal(statement.value)
    return {name: value for name, value in values.items() if bound.count(name) == 1}


def describe_csv(key: str, text: str) -> str:
    """One paragraph for a `charts` sample: rows, columns, kinds and ranges of the values."""
    header, *body = cells_of(text)
    opening = pick(
        key,
        "csv",
        (
            "The data are in the file data.csv, with {} and {}",
            "The file data.csv holds {} and {}",
            "Read the data from the file data.csv, which has {} and {}",
        ),
    ).format(count_of(len(body), "row"), count_of(len(header), "column"))
    if len(header) > MAX_COLUMNS:
        return sentences([f"{opening}, among them {join(map(plain, header[:MAX_COLUMNS]))}"])
    cells = [[row[i] for row in body if i < len(row)] for i in range(len(header))]
    columns = [
        f"{plain(name) if name.strip() else 'an unnamed column'} ({_column(column)})"
        for name, column in zip(header, cells, strict=True)
    ]
    return sentences([f"{opening}: {join(columns)}"])


def _column(cells: Sequence[str]) -> str:
    filled = [cell.strip() for cell in cells if cell.strip()]
    gaps = ", some missing" if len(filled) < len(cells) else ""
    if not filled:
        return "empty"
    if all(NUMBER.fullmatch(cell) for cell in filled):
        low, high = (f"{bound:g}" for bound in (min(map(float, filled)), max(map(float, filled))))
        noun = "whole numbers" if all(c.lstrip("+-").isdigit() for c in filled) else "numbers"
        return f"{noun} from {low} to {high}{gaps}" if low != high else f"always {low}{gaps}"
    if all(DATE.fullmatch(cell) for cell in filled):
        return f"dates from {min(filled)} to {max(filled)}{gaps}"
    if all(FORMATTED.fullmatch(cell) for cell in filled):
        return f"numbers written like {plain(filled[0])}{gaps}"
    odd = [cell for cell in filled if not NUMBER.fullmatch(cell)]
    if len(odd) <= len(filled) * MAX_ODD:
        return f"numbers, and texts such as {plain(odd[0])}{gaps}"
    distinct = list(dict.fromkeys(filled))
    if len(distinct) <= MAX_CATEGORIES and all(len(cell) <= MAX_CELL for cell in distinct):
        return f"text: {join(map(plain, distinct))}{gaps}"
    if len(distinct) == 1:
        return f"text, always the same{gaps}"
    return f"text, {number(len(distinct))} different values{gaps}"
