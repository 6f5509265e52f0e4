"""What is computed from recorders: arithmetic, comparison, truth."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from . import making
from .callers import flips
from .states import (
    SAME,
    UNSET,
    Recorder,
    Votes,
    derived,
    first_size,
    holders,
    is_recorder,
    plain,
    state_of,
    value_of,
    want_length,
)


def binary(operation: Callable[[Any, Any], Any], name: str, left: Any, right: Any) -> Recorder:
    """`left` and `right`, at least one of them a recorder, added, multiplied ..."""
    ours = [one for one in (left, right) if is_recorder(one)]
    other = right if is_recorder(left) else left
    rows: slice | None = SAME
    if isinstance(other, str):
        votes: Votes = {"text": 0.9}
    elif isinstance(other, int | float):
        votes = {"number": 0.5, "array": 0.45, "series": 0.2}
    elif first_size(other) is not None:
        votes, rows = {"number": 0.35, "array": 0.3}, None
    else:
        votes = {"number": 0.2, "array": 0.2}
    for one in ours:
        if state_of(one).real is UNSET:
            state_of(one).vote(f"{name} {type(other).__name__}", votes)
        for node in holders(state_of(one)) if not isinstance(other, str) else []:
            node.numeric = True
    return derived(ours, name, lambda: together(operation, left, right), rows)


def together(operation: Callable[[Any, Any], Any], left: Any, right: Any) -> Any:
    """
    Raises:
        Again: they were made with different lengths.
    """
    values = plain(left), plain(right)
    sizes = [first_size(value) for value in values]
    if None not in sizes and sizes[0] != sizes[1]:
        for one, size in zip((left, right), reversed(sizes), strict=True):
            if is_recorder(one) and size is not None:
                want_length(state_of(one), size)
    left, right = (numeric(value) for value in values)
    return operation(left, right)


def numeric(value: Any) -> Any:
    """A list of numbers as an array, as in the place of a value that is computed with."""
    if type(value) is list and value and all(isinstance(one, int | float) for one in value):
        return making.numpy().array(value)
    return value


def compared(operation: Callable[[Any, Any], Any], name: str, left: Any, right: Any) -> Recorder:
    value = plain(right) if is_recorder(right) and not state_of(right).is_open else right
    for node in holders(state_of(left)):
        if isinstance(value, str) or name in ("eq", "ne"):
            node.meets(value)
        else:
            node.straddles(value)
    ours = [left, right] if is_recorder(right) else [left]
    made = derived(ours, name, lambda: together(operation, left, right))
    state_of(made).compares = True
    return made


def truth(recorder: Recorder) -> bool:
    state = state_of(recorder)
    answer = True
    if not state.is_open:
        try:
            answer = bool(value_of(recorder))
        except ValueError:  # of an array
            answer = True
    elif state.node.kind() == "":
        state.vote("bool", {"flag": 0.3})
    return answer is not flips()
