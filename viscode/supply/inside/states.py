"""Recorders and their states: which node one stands for, what it was computed from, its value.

What is learnt about a result reaches the values that it came from: votes and lengths are handed to
the `parents` that have the same rows.
"""

from __future__ import annotations

import datetime
import sys
from collections.abc import Callable, Iterable
from typing import Any, ClassVar

from . import making
from .nodes import SCALARS, Again, Node

SCRIPT = "slice.py"  # what the script's code says that its file is
UNSET: Any = object()
SAME = slice(None)
STEPS_LIMIT = 6  # from a result to what it came from
SERIES_LIKE = ("array", "series", "frame", "list")
OBJECTS = ("record", "function")
KIND_OF_TYPE = {
    **{"DataFrame": "frame", "Series": "series", "ndarray": "array", "dict": "mapping"},
    **{"list": "list", "str": "text", "float": "number", "int": "integer"},
}
Votes = dict[str, float]


class State:
    """`node`: what is known. `real`: the value, once there is one; `compute` makes it from others.
    `parents`: what it was computed from, with the slice of the rows that it has, or None. `owner`:
    what it is a "part" or an "item" of, and which one. `frame`: the node whose parts are the
    columns of a frame. `made_by`: of whose attribute it is the value, and which. `compares`: it is
    the result of a comparison. `assigned`: parts that the script has set."""

    def __init__(self, node: Node, compute: Callable[[], Any] | None = None) -> None:
        self.node, self.compute, self.real = node, compute, UNSET
        self.parents: list[tuple[State, slice | None]] = []
        self.owner: tuple[State, str, Any] | None = None
        self.frame: Node | None = None
        self.made_by: tuple[State, str] | None = None
        self.compares = False
        self.assigned: dict[Any, Any] = {}

    def vote(self, evidence: str, kinds: Votes, steps: int = 0) -> None:
        """
        Raises:
            Again: a value of another kind was made.
        """
        self.node.vote(evidence, kinds)
        if self.compares or steps >= STEPS_LIMIT:
            return
        weaker = {kind: 0.8 * weight for kind, weight in kinds.items() if kind != "flag"}
        for parent, rows in self.parents:
            if rows is not None:
                parent.vote(f"~{evidence}", weaker, steps + 1)

    @property
    def is_column(self) -> bool:
        """Whether it is a column of a frame."""
        return (
            self.owner is not None and self.owner[1] == "part" and self.owner[0].kind() == "frame"
        )

    @property
    def is_open(self) -> bool:
        """Whether it has no value yet, and none that could be computed."""
        return self.real is UNSET and self.compute is None and not self.is_column

    def kind(self) -> str:
        if self.real is not UNSET:
            return KIND_OF_TYPE.get(type(self.real).__name__, "object")
        return "series" if self.is_column else self.node.kind()


class Recorder:
    """Answers everything; its methods are set in protocol.py. Only its state is kept in it, where
    no name of the script's can meet it."""

    __slots__ = ("_state",)

    def __init__(self, state: State) -> None:
        object.__setattr__(self, "_state", state)


class Pass:
    """What the recorders of one pass share: the nodes of which values were made, the last one last,
    and how often a place was given the same answer."""

    made: ClassVar[list[Node]] = []
    told: ClassVar[dict[tuple[str, int], int]] = {}

    @classmethod
    def begin(cls) -> None:
        cls.made, cls.told = [], {}


def state_of(recorder: Any) -> State:
    state: State = object.__getattribute__(recorder, "_state")
    return state


def is_recorder(value: object) -> bool:
    return type(value) is Recorder


def child(state: State, node: Node, how: str, key: Any) -> Recorder:
    """The recorder of a part, an item or a result."""
    made = State(node)
    made.owner = (state, how, key)
    return Recorder(made)


# Values -----------------------------------------------------------------------------------------


def value_of(recorder: Recorder) -> Any:
    """Its value; the recorder itself where it stands for an object or a function.

    Raises:
        Again: a column that its frame was made without.
    """
    state = state_of(recorder)
    if state.real is UNSET:
        if state.is_open and state.node.kind() in OBJECTS:
            state.node.made = state.node.kind()
            return recorder
        state.real = computed(state)
    return state.real


def computed(state: State) -> Any:
    if state.compute is not None:
        return state.compute()
    if state.owner is not None:
        owner, how, key = state.owner
        if state.is_column or (how == "part" and key in owner.assigned):
            return column_value(owner, state.node, key)
        if how == "item" and owner.kind() in ("array", "series", "list") and is_single(state.node):
            return plain_item(value_of(Recorder(owner)), key)
        if how == "item":
            return making.item_at(owner.node, max(key, 0))
    made = making.make(state.node)
    if state.node.made in (*SERIES_LIKE, "mapping"):
        Pass.made.append(state.node)
    for key, value in state.assigned.items():
        if not isinstance(key, str) or not key.startswith("."):
            made[key] = plain(value)
    return made


def column_value(frame: State, node: Node, key: Any) -> Any:
    whole = value_of(Recorder(frame))
    if key in whole:
        return whole[key]
    node.vote("column", {"number": 0.05})
    raise Again


def is_single(node: Node) -> bool:
    return node.kind("number") in SCALARS


def plain_item(values: Any, index: int) -> Any:
    one = values.iloc[index] if hasattr(values, "iloc") else values[index]
    return one.item() if type(one).__module__ == "numpy" and hasattr(one, "item") else one


def plain(value: Any, depth: int = 0) -> Any:
    """`value` with the values of recorders in their place, also within containers."""
    if is_recorder(value):
        return value_of(value)
    if isinstance(value, slice):
        return slice(*(plain(one) for one in (value.start, value.stop, value.step)))
    if depth < 4 and type(value) in (list, tuple, set) and len(value) <= 2000:
        return type(value)(plain(one, depth + 1) for one in value)
    if depth < 4 and type(value) is dict and len(value) <= 500:
        return {plain(key, depth + 1): plain(one, depth + 1) for key, one in value.items()}
    return value


def wrapped(real: Any, source: State, *, keeps: bool = False) -> Any:
    """What `source`'s value gave, as a recorder if it has rows or leads to such. `keeps`: a frame
    has columns of the source's frame."""
    if isinstance(real, str | bytes | int | float | complex | type | datetime.date | None):
        return real
    root = type(real).__module__.partition(".")[0]
    if (root not in ("numpy", "pandas") and not callable(real)) or getattr(real, "shape", 1) == ():
        return real
    if type(real).__name__ in ("Timestamp", "Timedelta", "NaTType", "Interval", "dtype"):
        return real
    state = State(Node(f"{source.node.path}~"))
    state.real = real
    if keeps:
        state.frame = source.frame or (source.node if source.kind() == "frame" else None)
    rows = first_size(real)
    same = rows is not None and rows == first_size(source.real)
    state.parents = [(source, SAME if same else None)]
    return Recorder(state)


def derived(
    sources: Iterable[Recorder], name: str, compute: Callable[[], Any], rows: slice | None = SAME
) -> Recorder:
    """What is computed from one recorder or several when it is needed."""
    states = [state_of(one) for one in sources]
    place = sys._getframe(2).f_lineno
    state = State(Node(f"{states[0].node.path}~{name}@{place}"), compute)
    state.parents = [(one, rows) for one in states]
    if len(states) == 1:
        one = states[0]
        state.frame = one.frame or (one.node if one.kind() == "frame" else None)
    return Recorder(state)


# Sizes ------------------------------------------------------------------------------------------


def first_size(value: Any) -> int | None:
    """The number of rows or items; None for what has none, and for texts."""
    shape = getattr(value, "shape", None)
    if isinstance(shape, tuple) and shape and isinstance(shape[0], int):
        return shape[0]
    return len(value) if type(value) in (list, tuple, range) else None


def want_length(state: State, length: int, steps: int = 0) -> None:
    """Its first size is to be `length`.

    Raises:
        Again: it was made with another one.
    """
    if length < 2 or steps > STEPS_LIMIT:
        return
    if state.is_column and state.owner is not None:
        want_length(state.owner[0], length, steps + 1)
    elif not state.parents:
        state.node.group.fix(length)
    for parent, rows in state.parents:
        if rows is not None:
            want_length(parent, unsliced(length, rows), steps + 1)


def unsliced(length: int, rows: slice) -> int:
    """The length of what has so many rows in this slice; 0 where none has."""
    if rows == SAME:
        return length
    fits = (size for size in range(3000) if len(range(size)[rows]) == length)
    return next(fits, 0)


def roots(state: State, steps: int = 0) -> list[Node]:
    """The nodes whose rows it has."""
    if state.is_column and state.owner is not None:
        return roots(state.owner[0], steps + 1)
    if not state.parents:
        return [state.node]
    lines = [parent for parent, rows in state.parents if rows == SAME and steps < STEPS_LIMIT]
    return [node for parent in lines for node in roots(parent, steps + 1)]


def holders(state: State, steps: int = 0) -> list[Node]:
    """The nodes that say what its values are: itself, or what it was computed from."""
    if not state.parents:
        return [state.node]
    lines = [parent for parent, rows in state.parents if rows is not None and steps < STEPS_LIMIT]
    return [node for parent in lines for node in holders(parent, steps + 1)]
