"""Runs in the sandbox, at the head of a script: whether a value is what was asked for.

`complaints(value, wanted)` says what is wrong, `wanted` being a `Wanted` as a dictionary.
"""

import datetime
import numbers

import matplotlib.pyplot
import networkx
import numpy as np
import pandas as pd

KINDS = {
    "none": type(None),
    "flag": (bool, np.bool_),
    "integer": numbers.Integral,
    "number": numbers.Real,
    "text": str,
    "date": (datetime.datetime, np.datetime64),
    "color": str,
    "colormap": matplotlib.colors.Colormap,
    "list": (list, tuple),
    "array": np.ndarray,
    "series": pd.Series,
    "frame": pd.DataFrame,
    "mapping": dict,
    "graph": networkx.Graph,
    "figure": matplotlib.figure.Figure,
}
LETTERS = {"integer": "iu", "number": "iuf", "text": "UO", "date": "M", "flag": "b"}


def complaints(value, wanted):
    kind = wanted["kind"]
    if kind in KINDS and not isinstance(value, KINDS[kind]):
        return [f"{type(value).__name__} is no {kind}"]
    found = []
    if kind in ("list", "array", "series"):
        found += rows(value, wanted)
    if kind == "frame":
        found += [f"no column {key}" for key in wanted["parts"] if key not in value.columns]
        for key, part in wanted["parts"].items():
            if key in value.columns:
                found += items(list(value[key]), part, key)
    if kind == "mapping":
        for key, part in wanted["parts"].items():
            found += complaints(value[key], part) if key in value else [f"no key {key}"]
    if kind == "record":
        for key, part in wanted["parts"].items():
            given = getattr(value, key, complaints)
            found += complaints(given, part) if given is not complaints else [f"no {key}"]
    if kind == "function":
        argument = np.linspace(0.5, 2, 6).reshape(3, 2)
        given = value(argument)
        found += complaints(given, wanted["item"]) if wanted["item"] else []
    if kind == "axes":
        found += axes(value, wanted)
    if kind in ("integer", "number"):
        found += items([value], wanted, kind)
    return found


def axes(value, wanted):
    if not wanted["shape"]:
        return [] if isinstance(value, matplotlib.axes.Axes) else ["no axes"]
    return sized(np.shape(value), wanted["shape"])


def rows(value, wanted):
    found = sized(np.shape(value), wanted["shape"]) if wanted["shape"] else []
    item = dict(wanted["item"] or {"kind": "unknown", "among": (), "low": None, "high": None})
    for key in ("low", "high"):
        item[key] = wanted[key] if item[key] is None else item[key]
    item["among"] = item["among"] or wanted["among"]
    flat = np.ravel(value).tolist() if isinstance(value, np.ndarray) else list(value)
    if isinstance(value, np.ndarray) and item["kind"] in LETTERS:
        if value.dtype.kind not in LETTERS[item["kind"]]:
            return [*found, f"items of {value.dtype}, not {item['kind']}"]
        return found + items(flat, {**item, "kind": "unknown"}, "item")
    if wanted["sorted"] and len(np.shape(value)) == 1 and sorted(flat) != flat:
        found.append("not in order")
    if item["kind"] in ("list", "array", "mapping", "record"):
        return found + [text for one in flat for text in complaints(one, item)]
    return found + items(flat, item, "item")


def items(values, item, name):
    found = []
    kind = item["kind"]
    if kind in KINDS and not all(isinstance(one, KINDS[kind]) for one in values):
        found.append(f"{name}: {values[:3]} are no {kind}")
    elif item["low"] is not None and min(values) < item["low"]:
        found.append(f"{name}: {min(values)} is below {item['low']}")
    elif item["high"] is not None and max(values) > item["high"]:
        found.append(f"{name}: {max(values)} is above {item['high']}")
    missing = set(item["among"]) - set(values)
    if missing and len(values) >= len(item["among"]):
        found.append(f"{name}: {missing} is missing")
    return found


def sized(shape, wanted):
    if len(shape) != len(wanted):
        return [f"shape {shape}, not {wanted}"]
    pairs = zip(shape, wanted, strict=True)
    return [f"shape {shape}, not {wanted}"] if any(b not in (None, a) for a, b in pairs) else []
