"""Which kinds of values have an attribute of a name."""

from __future__ import annotations

import datetime
import sys
from typing import Any

WEAK = frozenset(
    {
        *("axes", "base", "copy", "count", "data", "date", "day", "dtype", "flags"),
        *("flat", "format", "hour", "imag", "index", "label", "legend", "loc", "max"),
        *("mean", "min", "month", "name", "ndim", "names", "plot", "real", "size"),
        *("std", "style", "sum", "time", "title", "year"),
    }
)  # attributes of types that people also give to objects of their own
OF_MAPPINGS = frozenset({"items", "keys", "get", "setdefault"})  # frames have them, but rarely
LIBRARY_TYPES = {
    "array": ("numpy", "ndarray"),
    "frame": ("pandas", "DataFrame"),
    "series": ("pandas", "Series"),
    "axes": ("matplotlib.axes", "Axes"),
    "figure": ("matplotlib.figure", "Figure"),
    "graph": ("networkx", "Graph"),
}


def types() -> dict[str, Any]:
    """A type for each kind that an attribute may tell, of the libraries that are there."""
    found: dict[str, Any] = {"mapping": dict, "list": list, "text": str, "date": datetime.datetime}
    for kind, (module, name) in LIBRARY_TYPES.items():
        if hasattr(sys.modules.get(module), name):
            found[kind] = getattr(sys.modules[module], name)
    return found


def has(kind: str, name: str) -> bool:
    return hasattr(types().get(kind), name)


def attribute_votes(name: str, *, bracketed: bool) -> dict[str, float]:
    """The kinds that have this attribute, or an object of the script's own world. `bracketed`: it
    is asked of what was had by a name in brackets, which may be a column."""
    having = [kind for kind, one in types().items() if hasattr(one, name)]
    if not having:
        return {"record": 2.0}
    if name in OF_MAPPINGS:
        return {"mapping": 1.5, "frame": 0.4}
    votes = dict.fromkeys(having, (0.3 if name in WEAK else 1.5) / len(having))
    if bracketed and "series" in votes:
        votes = {"series": votes["series"] + 1.2, "array": votes.get("array", 0.0)}
    return {**votes, "record": 0.2 if name in WEAK else 0.1}
