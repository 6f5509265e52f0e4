"""Which kind a value is of, from what is done with it.

Each kind has the attributes of its class in the libraries (attributes.json) and the operations
below. What a use speaks for or against is added up with the votes of the walk; the kind with the
highest sum is taken, none where nothing was done that tells.
"""

import json
from functools import cache
from itertools import islice
from pathlib import Path

from viscode.supply.cells import Cell
from viscode.supply.wanted import Kind

OPERATIONS: dict[Kind, str] = {
    "flag": "truth",
    "number": "arithmetic add order equal truth number",
    "integer": "arithmetic add order equal truth number",
    "text": "iterate length contains slice place equal truth add characters",
    "date": "arithmetic add order equal",
    "list": "iterate length contains slice place truth equal add characters assign",
    "array": "arithmetic order equal iterate length contains slice place places mask add assign",
    "series": "arithmetic order equal iterate length contains slice place mask key add assign",
    "frame": "arithmetic add order iterate length contains slice mask key keys assign",
    "mapping": "iterate length contains key place truth assign",
    "function": "call",
    "record": "call context truth",
    "graph": "iterate length place",
    "axes": "place places",
}
KINDS: tuple[Kind, ...] = (*tuple(OPERATIONS), "color", "colormap", "figure")
"""In order of preference where sums are equal."""
SPEAKS = {
    "equal": 0.2,
    "key": 0.8,
    "keys": 1.2,
    "call": 1.2,
    "places": 1.2,
    "mask": 0.8,
    "number": 0.8,
}
FOR = 0.4  # what an operation speaks for a kind, where SPEAKS does not say
AGAINST = 1.5  # what one that a kind lacks speaks against it
TELLS = 0.35  # less than that is no evidence
CERTAIN = 1.5  # by so much the best is ahead of the second
MOST_NAMES = 60  # attributes that are looked at
ALIKE = ({"integer", "number"}, {"list", "array", "series"}, {"record", "function"})
"""Kinds that stand in for each other, so that one ahead of the other decides nothing."""


@cache
def attributes_of() -> dict[Kind, frozenset[str]]:
    """Kind -> the public attributes of its class."""
    text = Path(__file__).with_name("attributes.json").read_text(encoding="utf-8")
    return {kind: frozenset(" ".join(lines).split()) for kind, lines in json.loads(text).items()}


def choose(cell: Cell) -> tuple[Kind, bool]:
    """The kind that fits best, and whether no other does."""
    cell = cell.real()
    scores = {kind: _score(cell, kind) for kind in KINDS}
    best = max(KINDS, key=lambda kind: scores[kind])
    if scores[best] < TELLS:
        return "unknown", False
    alike = next((group for group in ALIKE if best in group), {best})
    second = max(scores[kind] for kind in KINDS if kind not in alike)
    return best, scores[best] - second >= CERTAIN


def _score(cell: Cell, kind: Kind) -> float:
    total = cell.votes.get(kind, 0.0)
    able = OPERATIONS.get(kind, "").split()
    for use in cell.uses:
        total += SPEAKS.get(use, FOR) if use in able else -AGAINST
    if kind == "frame" and cell.label and not cell.items:
        total -= 0.8  # a column is a series rather than a frame
    if cell.items and kind in ("frame", "mapping"):
        total += 0.5 if kind == "mapping" else 0.6 if _has_columns(cell) else -0.5
    if cell.inner is not None and kind in ("list", "array", "series"):
        total += 0.5 if kind == _usual_sequence(cell) else 0.4
    for name in islice(cell.attributes, MOST_NAMES):
        total += _attribute_score(name, kind)
    return total


def _has_columns(cell: Cell) -> bool:
    """Whether what stands under names may be columns: no single values."""
    return not any(
        one.is_scalar or one.real().items or one.depth() > 1 for one in cell.items.values()
    )


def _usual_sequence(cell: Cell) -> Kind:
    inner = cell.scalar()
    texts = inner.votes.get("text", 0) > inner.votes.get("number", 0)
    return "list" if texts or inner.items or inner.attributes else "array"


def _attribute_score(name: str, kind: Kind) -> float:
    """What reading an attribute speaks for a kind: the fewer kinds have it, the more."""
    owners = [other for other, names in attributes_of().items() if name in names]
    if kind in owners:
        return 2.0 if len(owners) == 1 else 1.0 if len(owners) < 4 else 0.6
    if kind == "record":
        return 0.5 if owners else 1.0
    if kind == "frame":  # it may be a column
        return -0.3 if owners else 0.3
    return -2.0
