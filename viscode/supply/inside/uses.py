"""What the script does with a recorder: attributes, items, calls, iteration, comparison."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from . import columns, making
from .callers import instruction
from .nodes import Again, Node, key_path
from .states import (
    OBJECTS,
    SERIES_LIKE,
    UNSET,
    Recorder,
    State,
    Votes,
    child,
    derived,
    first_size,
    holders,
    is_recorder,
    plain,
    roots,
    state_of,
    value_of,
    want_length,
    wrapped,
)
from .types import attribute_votes, has

PLACES = 4  # values that an index takes
RESHAPING = frozenset({"melt", "pivot", "pivot_table", "stack", "unstack", "describe", "transpose"})
MAPPING_KEYS = ("first", "second", "third")  # of a mapping of which no key is known


# Attributes -------------------------------------------------------------------------------------


def attribute(recorder: Recorder, name: str) -> Any:
    """
    Raises:
        AttributeError: its value has none of this name.
        Again: it is another kind of value.
    """
    state = state_of(recorder)
    if f".{name}" in state.assigned:
        return state.assigned[f".{name}"]
    if name == "shape" and state.real is UNSET and state.kind() in ("", "array", "list", "number"):
        return shape_of(state)
    if state.real is UNSET:
        vote_attribute(state, name)
    kind = state.kind()
    if kind == "frame" and not has("frame", name):
        return column(state, name)
    if state.is_open and kind in (*OBJECTS, ""):
        return child(state, state.node.part(name, f"{state.node.path}.{name}"), "attribute", name)
    if state.is_open and kind == "mapping":
        return mapping_method(recorder, name)
    return real_attribute(recorder, name)


def vote_attribute(state: State, name: str) -> None:
    if name in ("dt", "str"):
        state.vote(f".{name}.", {"date" if name == "dt" else "text": 1.0})
    if state.is_column:
        return
    bracketed = state.owner is not None and state.owner[1] == "part"
    votes = attribute_votes(name, bracketed=bracketed)
    state.vote(f".{name}", votes)
    if bracketed and state.owner is not None and votes.get("series", 0) > 1:
        state.owner[0].vote(f"series .{name}", {"frame": 0.5})


def real_attribute(recorder: Recorder, name: str) -> Any:
    state = state_of(recorder)
    try:
        one = getattr(value_of(recorder), name)
    except AttributeError:
        having = attribute_votes(name, bracketed=False)
        best = max(having, key=lambda kind: having[kind])
        state.vote(f"!.{name}", {best: 1.5})
        raise
    got = wrapped(one, state, keeps=True)
    if is_recorder(got):
        state_of(got).made_by = (state, name)
    return got


def shape_of(state: State) -> Recorder:
    state.vote(".shape", {"array": 1.0})
    made = State(Node(f"{state.node.path}.shape"), lambda: value_of(Recorder(state)).shape)
    made.made_by = (state, "shape")
    return Recorder(made)


def mapping_method(recorder: Recorder, name: str) -> Callable[..., Any]:
    """The method of a dict, as far as it is one."""
    state = state_of(recorder)
    keys = list(state.node.parts) or list(MAPPING_KEYS)
    values = [item(recorder, key) for key in keys] if state.node.parts else []
    values = values or [child(state, state.node.each(), "value", key) for key in keys]
    methods: dict[str, Callable[..., Any]] = {
        "keys": lambda: keys,
        "values": lambda: values,
        "items": lambda: list(zip(keys, values, strict=True)),
        "copy": lambda: recorder,
        "update": lambda *args, **kwargs: None,
    }
    return methods.get(name, lambda key=0, *default: item(recorder, plain(key)))


# Items ------------------------------------------------------------------------------------------


def item(recorder: Recorder, key: Any) -> Any:
    """
    Raises:
        Again: it is another kind of value, or was made too small.
    """
    state = state_of(recorder)
    if state.made_by is not None and state.made_by[1] == "shape" and type(key) is int:
        want_dims(state.made_by[0], key + 1 if key >= 0 else -key)
    if is_recorder(key):
        return by_recorder(recorder, key)
    if type(key).__module__ == "numpy" and getattr(key, "shape", None) == ():
        key = key.item()
    vote_item(state, key)
    kind = state.kind()
    if kind == "frame" and isinstance(key, str):
        return column(state, key)
    if kind == "frame" and isinstance(key, list):
        for name in key:
            column(state, plain(name))
    if state.is_open and isinstance(key, str | int | float | bool) and kind != "frame":
        return open_item(state, key)
    rows = key if isinstance(key, slice) else key[0] if type(key) is tuple and key else None
    rows = plain(rows) if isinstance(rows, slice) else None
    part = derived([recorder], f"[{key!r}]"[:40], lambda: taken(recorder, key), rows)
    if type(key) is tuple:
        state_of(part).node.vote("column", {"array": 0.5})
        state_of(part).node.made = ""
    return part


def open_item(state: State, key: Any) -> Recorder:
    if isinstance(key, str) or state.kind() in ("mapping", *OBJECTS):
        node = state.node.part(key, key_path(state.node.path, key))
        return child(state, node, "part", key)
    if isinstance(key, int):
        state.node.at_least(key + 1 if key >= 0 else -key)
    if key in state.node.parts:
        return child(state, state.node.parts[key], "place", key)
    return child(state, state.node.each(), "item", int(key))


def vote_item(state: State, key: Any) -> None:
    """
    Raises:
        Again: see Node.vote.
    """
    if state.real is not UNSET:
        return
    if isinstance(key, str):
        state.vote(f"[{key!r}]"[:80], {"mapping": 1.0, "frame": 0.9})
    elif isinstance(key, list) and key and all(isinstance(plain(one), str) for one in key):
        state.vote("[names]", {"frame": 2.0})
    elif type(key) is tuple:
        state.vote("[,]", {"array": 2.0})
        sizes = [one for one in key if one is not None and one is not Ellipsis]
        second = key[1] if len(key) > 1 and type(key[1]) is int else -1
        want_dims(state, len(sizes), second + 1)
        for one in key:
            if is_recorder(one) and state_of(one).compares:
                tell_mask(state_of(one))
    elif isinstance(key, slice):
        state.vote("[:]", {"array": 0.8, "list": 0.8, "series": 0.4, "frame": 0.3, "text": 0.2})
        stop = plain(key.stop)
        if type(stop) is int and stop > 0 and not state.parents:
            state.node.at_least(stop)
    elif type(key) is int:
        state.vote("[0]", {"list": 0.9, "array": 0.9, "series": 0.4, "text": 0.1})
    elif key is None or key is Ellipsis or hasattr(key, "dtype"):
        state.vote("[array]", {"array": 1.0, "series": 0.5, "frame": 0.5})


def want_dims(state: State, ndim: int, columns: int = 0) -> None:
    """
    Raises:
        Again: it was made with fewer dimensions or columns.
    """
    for node in roots(state):
        node.dims(ndim, columns)


def by_recorder(recorder: Recorder, key: Recorder) -> Any:
    """What another missing value selects: a mask, places, a name."""
    state, other = state_of(recorder), state_of(key)
    kind = other.kind()
    if other.compares or kind in SERIES_LIKE:
        tell_mask(other)
        if state.real is UNSET:
            votes: Votes = {"array": 0.6, "series": 0.5, "frame": 0.5}
            inside = any(node.owner is state.node for node in holders(other))
            state.vote("[mask]", {"frame": 1.5} if inside else votes)
        return derived([recorder], "[mask]", lambda: taken(recorder, key), None)
    if kind in ("text", "number", "integer", "date"):
        return item(recorder, plain(key))
    if state.is_open:
        tell_index(state, other)
        return child(state, state.node.each(), "item", 0)
    return taken(recorder, key)


def tell_index(state: State, key: State) -> None:
    """What selects one of a few names is a small whole number."""
    if state.kind() in ("list", "array", ""):
        key.vote("index", {"integer": 0.8})
        for node in holders(key):
            node.low, node.high = node.low or 0, node.high or PLACES - 1
        state.node.at_least(PLACES)


def tell_mask(mask: State) -> None:
    """What is compared to make a mask has rows."""
    for parent, rows in mask.parents if mask.compares else []:
        if rows is not None and parent.real is UNSET and not parent.is_column:
            parent.vote("mask", {"array": 1.0, "series": 0.5})


def taken(recorder: Recorder, key: Any) -> Any:
    """The item of a value that was made.

    Raises:
        Again: it was made too small.
    """
    state, real = state_of(recorder), value_of(recorder)
    if real is recorder:
        return making.item_at(state.node, 0)
    try:
        one = real[plain(key)]
    except IndexError as error:
        if "too many indices" in str(error):
            want_dims(state, real.ndim + 1)
        elif type(key) is int and not state.parents:
            state.node.at_least(abs(key) + 1)
        raise
    return one


def column(state: State, name: str) -> Any:
    """A column of a frame, or of one that was made from it."""
    frame = state.frame or state.node
    if state.real is not UNSET and not state.is_open and state.frame is None and state.parents:
        return wrapped(state.real[name], state)
    if name in frame.written:
        return child(state, Node(key_path(frame.path, name)), "part", name)
    new = name not in frame.parts
    node = frame.part(name, key_path(frame.path, name))
    if new and name in frame.parts and frame.made == "frame":
        raise Again
    return child(state, node, "part", name)


# Calls ------------------------------------------------------------------------------------------


def called(recorder: Recorder, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """
    Raises:
        Again: it is another kind of value.
    """
    state = state_of(recorder)
    if state.real is UNSET and state.compute is None:
        state.vote("call", {"function": 3.0})
        state.node.numeric = state.node.numeric or bool(args and all(map(is_numeric, args)))
        if args and (size := first_size(args[0])) is not None and not is_single(args[0]):
            state.node.returns().group.fix(size)
        return child(state, state.node.returns(), "result", None)
    real = value_of(recorder)
    source, name = state.made_by or (state, "")
    if not callable(real):
        source.vote(f"call .{name}", {"mapping": 1.5, "record": 1.0})
        return child(source, source.node.returns(), "result", None)
    if source.frame is not None or (source.kind() == "frame" and not source.parents):
        for label, votes in columns.of_method(real, args, kwargs):
            state_of(column(source, label)).node.vote(f"named {name}", votes)
    return wrapped(real(*plain(args), **plain(kwargs)), source, keeps=name not in RESHAPING)


def is_single(value: Any) -> bool:
    return first_size(value) in (None, 1)


def is_numeric(value: Any) -> bool:
    return isinstance(value, int | float) or type(value).__module__ == "numpy"


# Iteration --------------------------------------------------------------------------------------


def iterated(recorder: Recorder) -> Iterator[Any]:
    """
    Raises:
        Again: it was made with another length.
    """
    state = state_of(recorder)
    doing, number = instruction(3)
    if doing == "UNPACK_SEQUENCE":
        return iter(unpacked(recorder, number))
    if state.real is UNSET:
        state.vote("iter", {"list": 0.5, "array": 0.5, "mapping": 0.2, "text": 0.1})
    if state.is_open and state.kind() in ("list", "array", *OBJECTS):
        if doing == "GET_ITER" and state.node.made_length is None:
            state.node.looped = True
        return iter(children(state, state.node.length()))
    return iter([wrapped(one, state) for one in value_of(recorder)])


def children(state: State, count: int) -> list[Recorder]:
    return [child(state, state.node.each(), "item", index) for index in range(count)]


def unpacked(recorder: Recorder, count: int) -> list[Any]:
    """So many values as the script wants; each is a part of its own."""
    state = state_of(recorder)
    if state.made_by is not None and state.made_by[1] == "shape":
        want_dims(state.made_by[0], count)
    elif state.made_by is not None and state.made_by[1] == "T":
        want_dims(state.made_by[0], 2, count)
    if state.is_open:
        state.vote("unpack", {"list": 0.9, "array": 0.6})
        if not state.node.looped:
            state.node.group.fix(count)
        paths = [(number, f"{state.node.path}[{number}]") for number in range(count)]
        return [child(state, state.node.part(n, path), "place", n) for n, path in paths]
    real = list(value_of(recorder))
    if len(real) != count:
        want_length(state, count)
    return [wrapped(one, state) for one in real]
