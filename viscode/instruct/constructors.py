"""Phrases for the constructors that mock data are usually built with: numpy, pandas, range.

Each function gets what is known of the surroundings, the call and the path of its function, and
returns a noun phrase, or ""
when the call is written in a way that it does not read.
"""

import ast
import math
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from viscode.instruct.words import a, join, number

if TYPE_CHECKING:
    from viscode.instruct.values import Values

MAX_KEYS = 8
FREQUENCIES = {
    "D": "daily",
    "W": "weekly",
    "M": "monthly",
    "ME": "monthly",
    "MS": "monthly",
    "H": "hourly",
    "h": "hourly",
    "Y": "yearly",
    "YE": "yearly",
    "A": "yearly",
    "Q": "quarterly",
    "QE": "quarterly",
    "B": "business-day",
}


def keys_of(node: ast.expr) -> list[str]:
    """The constant keys of a dict display; empty for anything else."""
    keys = node.keys if isinstance(node, ast.Dict) else []
    return [str(key.value) for key in keys if isinstance(key, ast.Constant)]


def mapping_phrase(opening: str, noun: str, keys: Sequence[str], rows: str = "") -> str:
    """("a table", "column", ["a"], "3 rows") -> "a table with 3 rows and the column a"."""
    if not keys:
        return f"{opening} with {rows}" if rows else opening
    listed = f"the {noun if len(keys) == 1 else noun + 's'} {join(keys)}"
    if len(keys) > MAX_KEYS:
        listed = f"{len(keys)} {noun}s"
    return f"{opening} with {f'{rows} and ' if rows else ''}{listed}"


def _array(values: "Values", node: ast.Call, path: str) -> str:
    if not node.args or not isinstance(node.args[0], ast.List | ast.Tuple):
        return ""
    return values.describe(ast.List(node.args[0].elts, ast.Load())).replace(
        "a list of", "an array of", 1
    )


def _linspace(values: "Values", node: ast.Call, path: str) -> str:
    if len(node.args) < 2:
        return ""
    given = next((k.value for k in node.keywords if k.arg == "num"), None)
    size = given or (node.args[2] if len(node.args) > 2 else None)
    count = 50 if size is None else values.constant(size)
    low, high = (values.source(bound) for bound in node.args[:2])
    log = path.rpartition(".")[2]
    spacing = "evenly spaced" if log == "linspace" else "logarithmically spaced"
    base = "10 to the power of " if log == "logspace" else ""
    amount = f"{count} " if isinstance(count, int) else ""
    span = f" from {base}{low} to {base}{high}" if low and high else ""
    return f"{amount}{spacing} values{span}"


def _arange(values: "Values", node: ast.Call, path: str) -> str:
    bounds = [values.source(argument) for argument in node.args]
    if not bounds or not all(bounds):
        return "evenly spaced values"
    low, high = ("0", bounds[0]) if len(bounds) == 1 else (bounds[0], bounds[1])
    if len(bounds) == 3:
        return f"values from {low} up to {high} in steps of {bounds[2]}"
    if not low.lstrip("-").isdigit():
        return f"values from {low} up to {high} in steps of 1"
    last = values.constant(node.args[-1])
    if isinstance(last, int | float) and math.isfinite(last):
        noun = "integers" if isinstance(last, int) else "whole numbers"
        return f"the {noun} from {low} to {math.ceil(last) - 1}"
    return f"the integers from {low} up to, but without, {high}"


def _filled(values: "Values", node: ast.Call, path: str) -> str:
    shape = values.shape(node.args[0]) if node.args else None
    name = path.rpartition(".")[2]
    what = name if name in ("zeros", "ones") else "values"
    if shape is None:
        return f"an array of {what}"
    if len(shape) == 1:
        return f"an array of {number(shape[0])} {what}"
    return f"{a(' by '.join(map(str, shape)) + ' array')} of {what}"


def _grids(values: "Values", node: ast.Call, path: str) -> str:
    names = list(dict.fromkeys(ast.unparse(argument) for argument in node.args))
    short = names and all(len(name) <= 20 for name in names)
    return f"coordinate grids spanned by {join(names)}" if short else "coordinate grids"


def _table(values: "Values", node: ast.Call, path: str) -> str:
    columns = next((k.value for k in node.keywords if k.arg == "columns"), None)
    data = (
        node.args[0]
        if node.args
        else next((k.value for k in node.keywords if k.arg == "data"), None)
    )
    if isinstance(columns, ast.List):
        keys = [str(c.value) for c in columns.elts if isinstance(c, ast.Constant)]
    elif isinstance(data, ast.Name):
        keys = (
            list(map(str, values.constants.get(data.id) or []))
            if isinstance(values.constants.get(data.id), dict)
            else []
        )
    else:
        keys = keys_of(data) if data is not None else []
    rows = _row_count(values, data)
    return mapping_phrase("a table", "column", keys, f"{rows} rows" if rows else "")


def _row_count(values: "Values", data: ast.expr | None) -> int | None:
    """Rows of DataFrame({"a": [1, 2], ...}): the length of its longest literal column."""
    columns = data.values if isinstance(data, ast.Dict) else []
    lengths = [len(c.elts) for c in columns if isinstance(c, ast.List) and len(c.elts) > 1]
    return max(lengths) if lengths else None


def _dates(values: "Values", node: ast.Call, path: str) -> str:
    keywords = {k.arg: values.constant(k.value) for k in node.keywords}
    start = values.constant(node.args[0]) if node.args else keywords.get("start")
    every = FREQUENCIES.get(str(keywords.get("freq", "D")), "")
    amount = keywords.get("periods")
    text = f"{amount or ''} {every} dates".replace("  ", " ").strip()
    return f"{text} from {start}" if isinstance(start, str) else text


def _series(values: "Values", node: ast.Call, path: str) -> str:
    inner = values.describe(node.args[0]) if node.args else ""
    if inner.startswith("a list of "):
        return inner.replace("a list", "a series", 1)
    return f"a series, {inner}" if inner else ""


CALLS: "dict[str, Callable[[Values, ast.Call, str], str]]" = {
    "numpy.array": _array,
    "numpy.asarray": _array,
    "numpy.linspace": _linspace,
    "numpy.logspace": _linspace,
    "numpy.geomspace": _linspace,
    "numpy.arange": _arange,
    "range": _arange,
    "numpy.zeros": _filled,
    "numpy.ones": _filled,
    "numpy.empty": _filled,
    "numpy.full": _filled,
    "numpy.meshgrid": _grids,
    "pandas.DataFrame": _table,
    "pandas.date_range": _dates,
    "pandas.Series": _series,
}
