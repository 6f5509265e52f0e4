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
    "labels", "colors", "sizes", "errors", "image", "matrix", "latitude" ...). `sorted`: it grows.
    `near`: names of holes that it should be correlated with. `certain`: a use leaves no other
    kind. `index`: what the labels of the rows of a frame or series are, where they are not just
    counted. A frame of unnamed columns has a second size, and `item` says what is in them. Items of
    a list that differ are `parts` by place ("0", "1"). In a part, `near` names other parts."""

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
    index: "Wanted | None" = None


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
