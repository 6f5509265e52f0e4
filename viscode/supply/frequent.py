"""What a value of a frequent name usually is, learnt from scripts that run.

frequent.json says of a name what it mostly was at the end of such scripts; the script
`bench/frequent_names.py` makes it. `prior` reads it, also for names that end or begin with a
frequent one: "train_losses" as "losses", "x_train" as "x", "ax1" as "ax".
"""

import json
import re
from collections.abc import Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from viscode.supply.wanted import Kind, Wanted
from viscode.supply.words import plural

USUAL: Mapping[Kind, str] = {
    "frame": "df dataframe dataset",
    "graph": "g graph digraph network",
    "record": "args opt opts config cfg model clf history",
    "mapping": "params kwargs settings",
    "text": "path filename fname title label xlabel ylabel url name",
    "integer": "n num epochs k bins seed size idx",
    "number": "lr alpha sigma mu threshold dt",
    "function": "func fn callback",
    "figure": "fig figure",
    "axes": "ax axis",
    "colormap": "cmap",
    "flag": "verbose debug show save",
}
"""Names of research scripts and coursework, which libraries' own examples hardly have."""
SINGLE = ("text", "integer", "number")
TABLE = Path(__file__).with_name("frequent.json")


def prior(name: str) -> Wanted:
    """What a value of this name usually is; of kind "unknown" where the table does not tell."""
    for form in _forms(name):
        if form in _table():
            return _wanted(_table()[form])
        for kind, names in USUAL.items():
            if form in names.split():
                several = kind in SINGLE and plural(name)
                return Wanted(kind="list", item=Wanted(kind=kind)) if several else Wanted(kind=kind)
    return Wanted()


@cache
def _table() -> dict[str, Any]:
    return dict(json.loads(TABLE.read_text("utf-8"))) if TABLE.exists() else {}


def _forms(name: str) -> Iterator[str]:
    """The name, then less and less of it."""
    name = name[:80]
    yield name
    lower = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", name).lower()
    yield lower
    bare = re.sub(r"_?\d+$", "", lower).strip("_")
    yield bare
    words = [word for word in re.split(r"[_\d]+", lower) if word]
    if len(words) > 1:
        yield words[-1]
        yield words[0]
    last = words[-1] if words else ""
    yield last[:-1] if last.endswith("s") else f"{last}s"


def _wanted(entry: dict[str, Any]) -> Wanted:
    item = Wanted(kind=entry["item"]) if entry.get("item") else None
    shape = tuple(entry["shape"]) if "shape" in entry else None
    return Wanted(kind=entry["kind"], item=item, shape=shape)
