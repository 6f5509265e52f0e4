"""Calls that the script makes, where a missing value is among the arguments.

The script's own functions get recorders. Those of libraries get values: what a parameter's name
says of its role (roles.py) votes for the kind, and values that are drawn together have one length.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import Any

from .columns import of_function
from .roles import FLAT, LIKE, PAIRED, ROWS, roles_of, votes_of
from .states import (
    SERIES_LIKE,
    UNSET,
    Recorder,
    first_size,
    is_recorder,
    plain,
    roots,
    state_of,
    value_of,
    want_length,
    wrapped,
)
from .uses import column, want_dims

LIBRARIES = frozenset(
    {
        *("numpy", "scipy", "sklearn", "matplotlib", "mpl_toolkits", "seaborn", "pandas", "plotly"),
        *("statsmodels", "networkx", "skimage", "os", "posixpath", "genericpath"),
    }
)
CONTAINERS = (list, dict, set, tuple)
KINDS_OF_TYPE = {
    **{"list": "list", "tuple": "list", "ndarray": "array", "dict": "mapping", "str": "text"},
    **{"DataFrame": "frame", "Series": "series", "int": "integer", "float": "number"},
}


def call(function: Any, /, *args: Any, **kwargs: Any) -> Any:
    """In the place of each call of the script."""
    if is_recorder(function) or not (holds(args) or holds(kwargs)):
        return function(*args, **kwargs)
    if function is isinstance and is_recorder(args[0]):
        return is_instance(args[0], args[1])
    if function is print:
        return None
    if takes_recorders(function):
        return function(*args, **kwargs)
    return of_library(function, args, kwargs)


def subscript(value: Any, key: Any) -> Any:
    """In the place of each item that the script takes by something computed."""
    if is_recorder(key) and type(value) is dict and value:
        for one in list(value)[:8]:
            state_of(key).node.meets(one)
        key = plain(key)
        return value.get(key, next(iter(value.values())))
    return value[plain(key) if not is_recorder(value) else key]


def holds(value: Any, depth: int = 0) -> bool:
    """Whether there is a recorder in it, also within containers."""
    if is_recorder(value):
        return True
    if depth > 3 or type(value) not in (list, tuple, dict, set) or len(value) > 500:
        return False
    inner = value.values() if type(value) is dict else value
    return any(holds(one, depth + 1) for one in inner)


def takes_recorders(function: Any) -> bool:
    """Whether it leaves them as they are, or asks them by Python's own protocols: what the script
    defines, built-in functions and containers."""
    numpy = sys.modules.get("numpy")
    if numpy is not None and isinstance(function, numpy.ufunc):
        return True
    owner = getattr(function, "__self__", None)
    if isinstance(owner, CONTAINERS):
        return True
    module = str(getattr(function, "__module__", None) or type(owner).__module__)
    return module.partition(".")[0] not in LIBRARIES and function is not open


def is_instance(recorder: Recorder, classes: Any) -> bool:
    state = state_of(recorder)
    if state.is_open and state.kind() == "":
        first = classes[0] if isinstance(classes, tuple) and classes else classes
        kind = KINDS_OF_TYPE.get(getattr(first, "__name__", ""), "")
        if kind:
            state.vote(f"isinstance {kind}", {kind: 0.3})
    return isinstance(value_of(recorder), classes)


def of_library(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """
    Raises:
        Again: a value was made that it cannot take.
    """
    name = getattr(function, "__name__", type(function).__name__)
    named = list(roles_of(function, name, args, kwargs))
    tell_roles(name, named)
    tell_columns(function, named)
    tell_lengths([(role, one) for role, _, one in named if role in PAIRED])
    tell_shapes(named)
    result = function(*plain(list(args)), **plain(kwargs))
    root = type(result).__module__.partition(".")[0]
    source = next((one for _, _, one in named if is_recorder(one)), None)
    if source is not None and root in ("numpy", "pandas") and state_of(source).real is not UNSET:
        return wrapped(result, state_of(source), keeps=True)
    return result


def tell_roles(name: str, named: list[tuple[str, str, Any]]) -> None:
    """Votes for each recorder, also in lists.

    Raises:
        Again: a value of another kind was made.
    """
    for role, parameter, one in named:
        for part, depth in recorders_in(one):
            state = state_of(part)
            if state.real is UNSET:
                state.vote(f"{name} {parameter} {role}", votes_of(role, depth))
            if role not in ("any", "nothing", "matrix"):
                for node in roots(state):
                    node.plays(role if depth == 0 or role == "labels" else "")


def recorders_in(value: Any, depth: int = 0) -> Iterator[tuple[Recorder, int]]:
    """The recorders in nested lists, with how deep they are."""
    if is_recorder(value):
        yield value, depth
    elif type(value) in (list, tuple) and depth < 4:
        for one in value[:500]:
            yield from recorders_in(one, depth + 1)


def tell_columns(function: Any, named: list[tuple[str, str, Any]]) -> None:
    """Texts that name columns of the frame beside them."""
    frames = [one for _, parameter, one in named if parameter in ("data", "data_frame")]
    if not frames or not is_recorder(frames[0]) or state_of(frames[0]).kind() != "frame":
        return
    state = state_of(frames[0])
    for text, votes in of_function(function, [(parameter, one) for _, parameter, one in named]):
        if state.frame is not None or not state.parents:
            state_of(column(state, text)).node.vote("named", votes)


def tell_lengths(paired: list[tuple[str, Any]]) -> None:
    """Values that are drawn together have one length; where one of them is a single number, so are
    all.

    Raises:
        Again: one was made with another length.
    """
    sizes = [size for _, one in paired if (size := first_size(one)) is not None]
    singles = [one for role, one in paired if role in ROWS and isinstance(one, int | float)]
    ours = [state_of(one) for _, one in paired if is_recorder(one)]
    if singles and not sizes:
        for state in ours:
            if state.is_open:
                state.vote("beside a number", {"number": 1.0})
        return
    ours = [state for state in ours if state.kind() in (*SERIES_LIKE, "") or not state.is_open]
    nodes = [node for state in ours for node in roots(state)]
    for node in nodes[1:]:
        nodes[0].group.join(node.group)
    for state in ours:
        known = next((one for one in sizes if one > 1), None)
        others = [one.real for one in ours if one is not state and one.real is not UNSET]
        known = known or next((size for one in others if (size := first_size(one))), None)
        if known is not None:
            want_length(state, known)


def tell_shapes(named: list[tuple[str, str, Any]]) -> None:
    """
    Raises:
        Again: an array was made with fewer dimensions.
    """
    for role, parameter, one in named:
        if not is_recorder(one):
            continue
        state = state_of(one)
        if LIKE.get(role, role) in FLAT and state.kind() in ("array", ""):
            want_dims(state, 2)
        elif role == "pair" and state.is_open:
            state.node.group.fix(4 if parameter == "extent" else 2)
