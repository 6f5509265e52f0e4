"""What the prompt says of the data frame: the six descriptors of PandasPlotBench.

Labels and layout are those of the published prompts, so that the official instructs.json gives the
published prompts. `head`, `describe` and `datalore` begin with size, names and types; `pycharm` has
a line per column; `lida` is LIDA's JSON summary. Types are those that an answer's code will see:
the environment of the plots has a pandas whose text columns are of type object.

Where the published `lida` fails (a text column of dates has no smallest value that JSON could hold)
ours writes the value as text. Its random samples are those of pandas with the same seed.
"""

import json
import math
import warnings
from collections.abc import Callable
from typing import Any

import pandas as pd

SAMPLES = 3
SEED = 42
FEW_VALUES = 0.5  # share of distinct values below which a text column is a category


def describe(frame: pd.DataFrame, descriptor: str) -> str:
    """The frame in words; see `DESCRIPTORS` for the names."""
    return DESCRIPTORS[descriptor](frame)


def columns_and_types(frame: pd.DataFrame) -> list[tuple[str, str]]:
    """Column names with their types, as the answer's code will see them."""
    return [(str(name), _type(frame[name])) for name in frame.columns]


def _type(column: "pd.Series[Any]") -> str:
    kind = str(column.dtype)
    return "object" if kind == "str" else kind


def _size_and_types(frame: pd.DataFrame) -> str:
    rows, columns = frame.shape
    types = ", ".join(f"{name}: {kind}" for name, kind in columns_and_types(frame))
    return f"DataFrame with {columns} columns and {rows} rows\nColumn names and types: {types}"


def _head(frame: pd.DataFrame) -> str:
    return f"{_size_and_types(frame)}\nHead:\n{frame.head().to_json()}"


def _describe(frame: pd.DataFrame) -> str:
    statistics = frame.describe().to_json() if frame.shape[1] else "{}"
    return f"{_size_and_types(frame)}\nColumns stats:\n{statistics}"


def _pycharm(frame: pd.DataFrame) -> str:
    lines = [f"Number of rows in DataFrame: {len(frame)}", "DataFrame has the following columns:"]
    return "\n".join([*lines, *(_column_line(str(name), frame[name]) for name in frame.columns)])


def _column_line(name: str, column: "pd.Series[Any]") -> str:
    present = column[column.notna()]
    kinds = sorted({type(value).__name__ for value in present})
    kind = kinds[0] if len(kinds) == 1 else "{" + ", ".join(kinds) + "}" if kinds else "set()"
    line = f"{name} of type {kind}. Count: {len(present)}"
    if not _type(column).startswith(("int", "float")):
        return line
    exact = _type(column).startswith("int")
    low, high = (str(v) if exact else f"{v:.6}" for v in (column.min(), column.max()))
    spread = f"Mean: {column.mean():.6}, Std. Deviation: {column.std():.6}"
    return f"{line}, {spread}, Min: {low}, Max: {high}"


def _lida(frame: pd.DataFrame) -> str:
    entries, most = [], SAMPLES
    for name in frame.columns:
        column = frame[name]
        distinct = pd.Series(column[column.notna()].unique())
        most = min(most, len(distinct))  # a short column shortens those behind it, as published
        properties = {
            **_lida_type(column),
            "samples": distinct.sample(most, random_state=SEED).tolist(),
            "num_unique_values": int(column.nunique()),
        }
        entries.append({"column": str(name), "properties": properties})
    return json.dumps(entries, indent=2, default=str)


def _lida_type(column: "pd.Series[Any]") -> dict[str, Any]:
    kind = _type(column)
    if kind == "bool":
        return {"dtype": "boolean"}
    if kind == "object":
        return _lida_text(column)
    if kind in ("int64", "float64"):
        found = {"std": column.std(), "min": column.min(), "max": column.max()}
        as_kind = int if kind == "int64" else float
        numbers = {n: 0 if math.isnan(value) else as_kind(value) for n, value in found.items()}
        return {"dtype": "number", **numbers}
    return {"dtype": kind}


def _lida_text(column: "pd.Series[Any]") -> dict[str, Any]:
    """A column of texts is of dates where pandas can read it, else of categories or of strings."""
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            dates = pd.to_datetime(column, errors="raise")
    except (ValueError, TypeError, OverflowError):
        few = column.nunique() / max(len(column), 1) < FEW_VALUES
        return {"dtype": "category" if few else "string"}
    present = column[column.notna()]
    texts = all(isinstance(value, str) for value in present)
    return {
        "dtype": "date",
        "min": present.min() if texts and len(present) else dates.min(),
        "max": present.max() if texts and len(present) else dates.max(),
    }


DESCRIPTORS: dict[str, Callable[[pd.DataFrame], str]] = {
    "head": _head,
    "pycharm": _pycharm,
    "datalore": _size_and_types,
    "lida": _lida,
    "describe": _describe,
    "empty": lambda frame: "",
}
