"""Calls that the script makes, where a missing value is among the arguments.

The script's own functions get recorders. Those of libraries get values: what a parameter's name
says of its role (roles.py) votes for the kind, and values that are drawn together have one length.
"""

from __future__ import annotations

import inspect
import sys
from collections.abc import Iterator
from typing import Any

from .columns import OF_FUNCTIONS, bound, of_function
from .roles import (
    DISTRIBUTIONS,
    FUNCTIONS,
    GRIDDED,
    PAIRED,
    PARAMETERS,
    PLACES,
    ROLE_OF_DEFAULT,
    WANTS,
)
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
    singles = [one for role, _, one in named if role == "paired"]
    tell_lengths([one for role, _, one in named if role in PAIRED], singles)
    tell_shapes(named)
    result = function(*plain(list(args)), **plain(kwargs))
    root = type(result).__module__.partition(".")[0]
    source = next((one for _, _, one in named if is_recorder(one)), None)
    if source is not None and root in ("numpy", "pandas") and state_of(source).real is not UNSET:
        return wrapped(result, state_of(source), keeps=True)
    return result


def roles_of(function: Any, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Any:
    """(role, parameter, argument) of each argument."""
    places, own = PLACES.get(name), FUNCTIONS.get(name, {})
    positional = bound(function, args, {})
    if places is not None:
        if name in GRIDDED and len(args) < 3:
            places = ("matrix", "any")
        for index, one in enumerate(args):
            role = places[min(index, len(places) - 1)]
            yield role, ("x", "y")[index % 2] if len(args) > 1 else "y", one
        positional = []
    named = [*positional, *kwargs.items()]
    columns = any(isinstance(one, str) and parameter in OF_FUNCTIONS for parameter, one in named)
    if name in DISTRIBUTIONS and not columns:
        own = {**own, "data": "values"}
    for parameter, one in named:
        role = (
            own.get(parameter) or PARAMETERS.get(parameter) or role_by_default(function, parameter)
        )
        yield role, parameter, one


def role_by_default(function: Any, parameter: str) -> str:
    """What the default of a parameter tells of it."""
    try:
        default = inspect.signature(function).parameters[parameter].default
    except (KeyError, TypeError, ValueError):
        return "any"
    return ROLE_OF_DEFAULT.get(type(default).__name__, "any")


def tell_roles(name: str, named: list[tuple[str, str, Any]]) -> None:
    """Votes for each recorder, and for the items of lists of them."""
    for role, parameter, one in named:
        for part, depth in recorders_in(one):
            state = state_of(part)
            if state.real is UNSET:
                state.vote(f"{name} {parameter} {role}", item_votes(role, depth))
            for node in roots(state) if role != "any" else []:
                node.plays(parameter if role == "paired" else role)


def recorders_in(value: Any, depth: int = 0) -> Iterator[tuple[Recorder, int]]:
    """The recorders in nested lists, with how deep they are."""
    if is_recorder(value):
        yield value, depth
    elif type(value) in (list, tuple) and depth < 4:
        for one in value[:500]:
            yield from recorders_in(one, depth + 1)


def item_votes(role: str, depth: int) -> dict[str, float]:
    """What a recorder that is so deep in lists with this role is."""
    if depth == 0:
        return WANTS[role]
    if role == "labels":
        return {"text": 1.0}
    if role == "groups" and depth == 1:
        return WANTS["values"]
    if role in ("values", "paired", "numbers", "sizes", "any", "matrix", "image"):
        return {"number": 0.6, "array": 0.55} if depth == 1 else {"number": 1.0}
    return WANTS[role]


def tell_columns(function: Any, named: list[tuple[str, str, Any]]) -> None:
    """Texts that name columns of the frame beside them."""
    frames = [one for _, parameter, one in named if parameter in ("data", "data_frame")]
    if not frames or not is_recorder(frames[0]) or state_of(frames[0]).kind() != "frame":
        return
    for text, votes in of_function(function, [(parameter, one) for _, parameter, one in named]):
        state_of(column(state_of(frames[0]), text)).node.vote("named", votes)


def tell_lengths(paired: list[Any], singles: list[Any]) -> None:
    """Values that are drawn together have one length; where one of them is a single number, so are
    all.

    Raises:
        Again: one was made with another length.
    """
    sizes = [size for one in paired if (size := first_size(one)) is not None]
    given = [one for one in singles if isinstance(one, int | float)]
    ours = [state_of(one) for one in paired if is_recorder(one)]
    if given and not sizes:
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
        if (
            is_recorder(one)
            and role in ("matrix", "image")
            and state_of(one).kind() in ("array", "")
        ):
            want_dims(state_of(one), 2)
        if type(one) in (list, tuple) and role == "numbers":
            continue
        if is_recorder(one) and role == "numbers" and state_of(one).is_open:
            state_of(one).node.group.fix(4 if parameter == "extent" else 2)
