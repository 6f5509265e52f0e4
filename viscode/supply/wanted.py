"""What a missing value has to be like, as far as its uses tell.

`Wanted` is what inference (from the text), the recorder (from a run) and the table of frequent
names all say, and what the writer of values reads.
"""

from dataclasses import dataclass, field, replace
from typing import Literal

Kind = Literal[
    "unknown",
    "none",
    "flag",
    "integer",
    "number",
    "text",
    "date",
    "color",
    "colormap",
    "list",
    "array",
    "series",
    "frame",
    "mapping",
    "record",
    "function",
    "graph",
    "figure",
    "axes",
]
"""`record`: an object with attributes and methods; its `parts` are what they give. `mapping`: a
dict. `figure`, `axes`: matplotlib's; with a `shape`, an array of axes."""
IN_A_ROW = ("x", "y", "along", "trace")
"""Roles of what is drawn point by point."""


@dataclass(frozen=True)
class Hole:
    """A name that a script reads and nothing in it binds. `stands_for` is the text of the
    expression in whose place it stands ("pd.read_csv(path)", "args.lr"; "" for a parameter or an
    undefined name), `origin` where that comes from, as `Origins.path` says it
    ("pandas.read_csv()", "argparse", ""). `number` of `count`: its place where one expression
    gives several values, as in `x, y = load()`."""

    name: str
    stands_for: str = ""
    origin: str = ""
    number: int = 0
    count: int = 1


@dataclass
class Wanted:
    """Constraints on a value; all of them optional.

    `item`: what each item of a list, array or series is. `parts`: columns of a frame, keys of a
    mapping, attributes of a record, by name. `shape`: of an array, (rows,) of a frame, series or
    list; None for a size that nothing fixes. `low`, `high`: bounds of numbers. `among`: values that
    it is compared with or that index something, so that some of it should be among them. `beside`:
    names of holes whose first size has to be equal. `role`: what it is drawn as ("x", "y",
    "along" and "trace", which are the x and y of a line, "traces", whose columns are, "labels",
    "colors", "sizes", "errors", "image", "matrix", "latitude" ...). `sorted`: it grows. `near`:
    names of holes that it should be correlated with. `certain`: a use leaves no other kind.
    `index`: what the labels of the rows of a frame or series are, where they are not just counted.
    A frame of unnamed columns has a second size, and `item` says what is in them. Items of a list
    that differ are `parts` by place ("0", "1"). In a part, `near` names other parts."""

    kind: Kind = "unknown"
    item: "Wanted | None" = None
    index: "Wanted | None" = None
    parts: "dict[str, Wanted]" = field(default_factory=dict)
    shape: tuple[int | None, ...] | None = None
    low: float | None = None
    high: float | None = None
    among: tuple[str | float, ...] = ()
    beside: set[str] = field(default_factory=set)
    near: set[str] = field(default_factory=set)
    role: str = ""
    sorted: bool = False
    certain: bool = False


@dataclass(frozen=True)
class Supplied:
    """Lines that bind a hole: `code` without imports ("x = np.linspace(0, 10, 20)"), the `imports`
    that they need ("import numpy as np"), and the kind that was chosen."""

    name: str
    code: str
    imports: tuple[str, ...]
    kind: Kind


def merged_item(wanted: Wanted) -> Wanted:
    """The item of a sequence, with what is said of the whole: bounds may stand on either."""
    item = wanted.item or Wanted()
    return replace(
        item,
        low=wanted.low if item.low is None else item.low,
        high=wanted.high if item.high is None else item.high,
        among=item.among or wanted.among,
        sorted=item.sorted or wanted.sorted,
        near=item.near | wanted.near,
        role=item.role or wanted.role,
    )


def merge(one: Wanted, other: Wanted) -> Wanted:
    """What both say of one value. A certain kind beats an uncertain one, then the more specific the
    less specific, then the first; of a kind that is given up only names and sizes are kept."""
    first, second = (other, one) if _prevails(other, one) else (one, other)
    if not _agree(first.kind, second.kind):
        return replace(
            first, beside=first.beside | second.beside, shape=first.shape or second.shape
        )
    parts = {
        name: merge(first.parts[name], second.parts[name])
        if name in first.parts and name in second.parts
        else first.parts.get(name) or second.parts[name]
        for name in dict.fromkeys((*first.parts, *second.parts))
    }
    return replace(
        first,
        item=_merged(first.item, second.item),
        index=_merged(first.index, second.index),
        parts=parts,
        shape=_merged_shape(first.shape, second.shape),
        low=first.low if first.low is not None else second.low,
        high=first.high if first.high is not None else second.high,
        among=tuple(dict.fromkeys((*first.among, *second.among))),
        beside=first.beside | second.beside,
        near=first.near | second.near,
        role=first.role or second.role,
        sorted=first.sorted or second.sorted,
        certain=first.certain or second.certain,
    )


_SPECIFIC: tuple[frozenset[Kind], ...] = (
    frozenset({"unknown"}),
    frozenset({"none", "flag", "number", "text", "list", "mapping", "record"}),
    frozenset({"integer", "date", "color", "colormap", "array", "function"}),
    frozenset({"series", "frame", "graph", "figure", "axes"}),
)
"""Kinds, the more telling the later."""
_ALIKE: tuple[frozenset[Kind], ...] = (
    frozenset({"integer", "number"}),
    frozenset({"list", "array", "series"}),
    frozenset({"text", "date", "color", "colormap"}),
    frozenset({"mapping", "record", "frame"}),
)
"""Kinds whose constraints mean the same."""


def _prevails(one: Wanted, other: Wanted) -> bool:
    if one.certain != other.certain:
        return one.certain
    ranks = [next(n for n, kinds in enumerate(_SPECIFIC) if w.kind in kinds) for w in (one, other)]
    return ranks[0] > ranks[1]


def _agree(one: Kind, other: Kind) -> bool:
    return "unknown" in (one, other) or one == other or any({one, other} <= k for k in _ALIKE)


def _merged(one: Wanted | None, other: Wanted | None) -> Wanted | None:
    return merge(one, other) if one is not None and other is not None else one or other


def _merged_shape(
    one: tuple[int | None, ...] | None, other: tuple[int | None, ...] | None
) -> tuple[int | None, ...] | None:
    """Sizes that either knows; the first's where they differ."""
    if one is None or other is None or len(one) != len(other):
        return one or other
    return tuple(a if a is not None else b for a, b in zip(one, other, strict=True))
