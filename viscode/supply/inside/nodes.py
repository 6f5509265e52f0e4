"""What is known of each value that a script asks for, by its path: `df`, `df["age"]`,
`model.predict()`, `rows[]`. Survives from one pass over the script to the next (passes.py).

A use votes for the kinds that allow it. The kind with the most votes is made a value of; when a
later use changes the kind, or a size, of a value that was made already, `Again` ends the pass.
"""

from __future__ import annotations

import re
from typing import Any

KINDS = (
    *("array", "frame", "mapping", "list", "series", "number", "integer", "text", "flag", "date"),
    *("record", "function", "color", "colormap", "axes", "figure", "graph", "none"),
)
SCALARS = ("number", "integer", "text", "date", "flag", "color")
LENGTH = 20  # of what nothing fixes
LOOPED = 4  # of what only a loop of the script goes over
LENGTH_LIMIT = 5000
PARTS_LIMIT = 60
AMONG_LIMIT = 12
DEPTH_LIMIT = 8


class Again(BaseException):
    """A value that was made in this pass is not what the script wants."""


class Group:
    """Values of one length, as far as their first sizes go."""

    def __init__(self, node: Node) -> None:
        self.nodes = [node]
        self.length: int | None = None

    def fix(self, length: int) -> None:
        """
        Raises:
            Again: one of them was made with another length.
        """
        made = [node.made_length for node in self.nodes if node.made_length is not None]
        if self.length is not None or not 0 < length <= LENGTH_LIMIT or length in made:
            return
        self.length = length
        if made:
            raise Again

    def join(self, other: Group) -> None:
        if other is self:
            return
        self.nodes += other.nodes
        for node in other.nodes:
            node.group = self
        length, self.length = self.length, None
        known = length if length is not None else other.length
        if known is not None:
            self.fix(known)


class Node:
    """`votes`: evidence -> the kinds that it allows, with weights. `owner`: what it is a part, an
    item or a result of. `least`, `columns`: sizes that it has at least; `numeric`: it is computed
    with, or called with numbers; `looped`: a loop of the script goes over it; `written`: columns
    that the script itself makes. `made`, `made_length`: what was made in this pass."""

    def __init__(self, path: str, depth: int = 0, owner: Node | None = None) -> None:
        self.path, self.depth, self.owner = path, depth, owner
        self.votes: dict[str, dict[str, float]] = {}
        self.parts: dict[Any, Node] = {}
        self.item: Node | None = None
        self.result: Node | None = None
        self.group = Group(self)
        self.least = self.ndim = self.columns = 0
        self.low: float | None = None
        self.high: float | None = None
        self.among: list[str | float] = []
        self.role = ""
        self.looped = self.positive = self.numeric = False
        self.written: set[str] = set()
        self.made = ""
        self.made_length: int | None = None

    def vote(self, evidence: str, kinds: dict[str, float]) -> None:
        """
        Raises:
            Again: a value of another kind was made.
        """
        if evidence not in self.votes and len(self.votes) < 80:
            self.votes[evidence] = kinds
            if self.made and self.kind() != self.made:
                raise Again

    def sums(self) -> dict[str, float]:
        """The weights of all votes, by kind."""
        sums = dict.fromkeys(KINDS, 0.0)
        for kinds in self.votes.values():
            for kind, weight in kinds.items():
                sums[kind] += weight
        return sums

    def kind(self, default: str = "") -> str:
        """The kind with the most votes, the first of KINDS where two are even; `default` where
        nothing voted."""
        sums = self.sums()
        best = max(KINDS, key=lambda kind: sums[kind])
        return best if sums[best] > 0 else default

    def certainty(self) -> float:
        """The votes for its kind, less those for the one that comes second."""
        second, first = sorted(self.sums().values())[-2:]
        return first - second

    def scalar_kind(self) -> str:
        """What each value is, where it is a column or an array."""
        sums = self.sums()
        best = max(SCALARS, key=lambda kind: sums[kind])
        words = any(isinstance(one, str) for one in self.among)
        return "text" if best == "number" and words else best

    def part(self, key: Any, path: str) -> Node:
        """The attribute, column or key of this name."""
        if key not in self.parts:
            if len(self.parts) >= PARTS_LIMIT or self.depth >= DEPTH_LIMIT:
                return Node(path, self.depth + 1, self)
            self.parts[key] = Node(path, self.depth + 1, self)
        return self.parts[key]

    def each(self) -> Node:
        """What each item is like."""
        if self.item is None:
            self.item = Node(f"{self.path}[]", self.depth + 1, self)
        return self.item

    def returns(self) -> Node:
        """What calling it gives."""
        if self.result is None:
            self.result = Node(f"{self.path}()", self.depth + 1, self)
        return self.result

    def length(self) -> int:
        if self.group.length is not None:
            return max(self.group.length, self.least)
        return max(self.least, LOOPED if self.looped else LENGTH)

    def at_least(self, length: int) -> None:
        """
        Raises:
            Again: it was made shorter.
        """
        if self.least < length <= LENGTH_LIMIT:
            self.least = length
            if self.made_length is not None and self.made_length < length:
                raise Again

    def dims(self, ndim: int, columns: int = 0) -> None:
        """It has so many dimensions, and so many columns at least.

        Raises:
            Again: it was made with less.
        """
        if (ndim > self.ndim and ndim <= 4) or self.columns < columns <= 500:
            self.ndim, self.columns = max(self.ndim, ndim), max(self.columns, columns)
            if self.made:
                raise Again

    def meets(self, value: Any) -> None:
        """It is compared with `value`, or takes it as an index."""
        if isinstance(value, bool) or not isinstance(value, str | int | float):
            return
        text = isinstance(value, str)
        if not isinstance(value, str) and not abs(value) <= 1e12:
            return
        if value not in self.among and len(self.among) < AMONG_LIMIT and len(str(value)) <= 80:
            self.among.append(value)
            self.vote(f"=={text}", {"text": 1.0} if text else {"number": 0.4, "array": 0.3})
            if self.made and text:
                raise Again

    def straddles(self, value: Any) -> None:
        """It is compared with `value` by order: some of it is less, some more."""
        if isinstance(value, bool) or not isinstance(value, int | float) or abs(value) > 1e12:
            return
        reach = max(abs(value), 1.0)
        low = value - reach / 2 if self.low is None else min(self.low, value - reach / 2)
        high = value + reach / 2 if self.high is None else max(self.high, value + reach / 2)
        changed = (low, high) != (self.low, self.high)
        self.low, self.high = low, high
        self.vote("<", {"number": 0.5, "array": 0.4, "integer": 0.2})
        if changed and self.made and self.made != "record":
            raise Again

    def plays(self, role: str) -> None:
        """It is drawn as this; the first role counts.

        Raises:
            Again: a value was made of three dimensions that is shown as an image.
        """
        if role and not self.role:
            self.role = role
            if role == "image" and self.made and self.ndim == 3:
                raise Again

    def begin(self) -> None:
        """Another pass: nothing is made."""
        self.made, self.made_length = "", None
        for node in self.below():
            node.begin()

    def below(self) -> list[Node]:
        """Parts, item and result, in the order in which they were asked for."""
        others = [node for node in (self.item, self.result) if node is not None]
        return [*self.parts.values(), *others]


def key_path(path: str, key: object) -> str:
    return f"{path}[{key!r}]"[:200]


def last_name(path: str) -> str:
    """The last name in a path, for a readable text."""
    names = re.findall(r"[A-Za-z_]\w*", path)
    return str(names[-1]).replace("_", " ") if names else "value"
