"""Python's and numpy's protocols, as a recorder answers them. Sets the methods of `Recorder`."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterator
from typing import Any

from . import callers, computing, making, uses
from .nodes import Node
from .states import (
    OBJECTS,
    UNSET,
    Recorder,
    Votes,
    derived,
    holders,
    is_recorder,
    plain,
    state_of,
    value_of,
)

ARITHMETIC = (
    "add",
    "sub",
    "mul",
    "truediv",
    "floordiv",
    "mod",
    "pow",
    "matmul",
    "and_",
    "or_",
    "xor",
    "lshift",
    "rshift",
)
COMPARISONS = ("eq", "ne", "lt", "le", "gt", "ge")
UNARY = ("neg", "pos", "abs", "invert")
POSITIVE = ("log", "sqrt")  # beginnings of the names of functions that want positive numbers


def get_attribute(self: Recorder, name: str) -> Any:
    if name.startswith("__") or (name.startswith("_") and not callers.asked_by_script()):
        raise AttributeError(name)
    if callers.asked_by_script():
        return uses.attribute(self, name)
    if state_of(self).kind() in (*OBJECTS, ""):
        raise AttributeError(name)
    return getattr(value_of(self), name)


def set_attribute(self: Recorder, name: str, value: Any) -> None:
    state_of(self).node.vote(f".{name}=", {"record": 0.4})
    state_of(self).assigned[f".{name}"] = value


def set_item(self: Recorder, key: Any, value: Any) -> None:
    state, key = state_of(self), plain(key)
    if state.real is UNSET:
        named: Votes = {"frame": 0.6, "mapping": 0.5}
        state.vote(f"{key!r}="[:80], named if isinstance(key, str) else {"array": 0.5, "list": 0.3})
    if isinstance(key, str) and (state.frame or state.kind() == "frame"):
        (state.frame or state.node).written.add(key)
    if state.is_open and isinstance(key, str | int):
        state.assigned[key] = value
    elif state.is_open:
        value_of(self)[key] = plain(value)
    else:
        state.real = value_of(self)
        state.real[key] = plain(value)


def delete_item(self: Recorder, key: Any) -> None:
    state_of(self).assigned.pop(key, None)


def call(self: Recorder, *args: Any, **kwargs: Any) -> Any:
    return uses.called(self, args, kwargs)


def leave(self: Recorder, *_: object) -> None:
    return None


def following(self: Recorder) -> Any:
    return uses.children(state_of(self), 1)[0]


def contains(self: Recorder, key: Any) -> bool:
    state, key = state_of(self), plain(key)
    if not state.is_open:
        return key in value_of(self)
    state.vote("in", {"list": 0.4, "mapping": 0.45 if isinstance(key, str) else 0, "text": 0.2})
    if state.kind() in ("mapping", "frame"):
        uses.open_item(state, key)
    else:
        state.node.each().meets(key)
    return not callers.flips(2)


def size(self: Recorder) -> int:
    state = state_of(self)
    if state.real is UNSET:
        state.vote("len", {"list": 0.4, "array": 0.4, "frame": 0.2, "mapping": 0.1, "text": 0.05})
    if state.is_open and state.kind() in ("list", "array", *OBJECTS):
        state.node.made_length = state.node.length()
        return state.node.made_length
    return len(value_of(self))


# Numbers and texts ------------------------------------------------------------------------------


def scalar(recorder: Recorder, evidence: str, votes: Votes) -> Any:
    """Its value, where a single number or text is asked for."""
    state = state_of(recorder)
    state.vote(evidence, votes)
    real = value_of(recorder)
    if real is recorder:
        return making.scalar(Node(state.node.path), max(votes, key=lambda kind: votes[kind]))
    if hasattr(real, "ravel") and getattr(real, "size", False):
        return making.numpy().asarray(real).ravel()[0]
    return real


def as_float(self: Recorder) -> float:
    return float(scalar(self, "float", {"number": 1.0, "integer": 0.3}))


def as_int(self: Recorder) -> int:
    return int(float(scalar(self, "int", {"integer": 0.8, "number": 0.6})))


def as_index(self: Recorder) -> int:
    return int(scalar(self, "index", {"integer": 1.5}))


def as_complex(self: Recorder) -> complex:
    return complex(as_float(self))


def as_text(self: Recorder) -> str:
    return str(scalar(self, "str", {"text": 0.4, "number": 0.05}))


def shown(self: Recorder) -> str:
    return "<a missing value>"


def formatted(self: Recorder, spec: str) -> str:
    return format(scalar(self, f"format {spec[:20]}", format_votes(spec)), spec)


def format_votes(spec: str) -> Votes:
    if "%" in spec[:-1]:
        return {"date": 1.5}
    if spec and spec[-1] in "dxb":
        return {"integer": 1.2}
    if spec and spec[-1] in "eEfFgGn%":
        return {"number": 1.2, "integer": 0.1}
    return {"text": 0.4, "number": 0.05}


def rounded(self: Recorder, digits: Any = None) -> Recorder:
    state_of(self).vote("round", {"number": 0.6, "array": 0.2})
    return derived([self], "round", lambda: round_value(value_of(self), digits))


def round_value(value: Any, digits: Any) -> Any:
    return value.round(digits or 0) if hasattr(value, "ndim") else round(value, digits)


# numpy ------------------------------------------------------------------------------------------


def as_array(self: Recorder, dtype: Any = None, copy: Any = None) -> Any:
    state = state_of(self)
    if state.real is UNSET:
        state.vote("array", {"array": 1.0, "list": 0.5, "series": 0.5, "frame": 0.3, "number": 0.3})
    real = value_of(self)
    if real is self:
        real = making.make_array(Node(state.node.path))
    return making.numpy().asarray(real, dtype=dtype)


def universal(self: Recorder, ufunc: Any, method: str, *inputs: Any, **kwargs: Any) -> Any:
    """A function of numpy that works item by item."""
    ours = [one for one in inputs if is_recorder(one)]
    if method != "__call__" or "out" in kwargs or not ours:
        return getattr(ufunc, method)(*plain(list(inputs)), **plain(kwargs))
    name = ufunc.__name__
    if len(inputs) == 2:
        return computing.binary(ufunc, name, *inputs)
    for one in ours:
        if state_of(one).real is UNSET:
            state_of(one).vote(name, {"array": 0.5, "number": 0.45, "series": 0.3})
        if name.startswith(POSITIVE):
            for node in holders(state_of(one)):
                node.positive = True
    return derived(
        ours, name, lambda: ufunc(*map(computing.numeric, plain(list(inputs))), **plain(kwargs))
    )


def of_arrays(self: Recorder, function: Any, types: Any, args: Any, kwargs: Any) -> Any:
    return function(*plain(args), **plain(kwargs))


# The class --------------------------------------------------------------------------------------


def two_sided(name: str) -> tuple[Callable[..., Any], Callable[..., Any]]:
    operation = getattr(operator, name)

    def forward(self: Recorder, other: Any) -> Recorder:
        return computing.binary(operation, name, self, other)

    def backward(self: Recorder, other: Any) -> Recorder:
        return computing.binary(operation, name, other, self)

    return forward, backward


def comparison(name: str) -> Callable[..., Any]:
    operation = getattr(operator, name)
    return lambda self, other: computing.compared(operation, name, self, other)


def one_sided(name: str) -> Callable[..., Any]:
    operation = getattr(operator, name)

    def forward(self: Recorder) -> Recorder:
        state_of(self).vote(name, {"array": 0.4, "number": 0.4})
        return derived([self], name, lambda: operation(computing.numeric(value_of(self))))

    return forward


def iterate(self: Recorder) -> Iterator[Any]:
    return uses.iterated(self)


METHODS: dict[str, Callable[..., Any]] = {
    "__getattr__": get_attribute,
    "__setattr__": set_attribute,
    "__getitem__": uses.item,
    "__setitem__": set_item,
    "__delitem__": delete_item,
    "__call__": call,
    "__enter__": lambda self: self,
    "__exit__": leave,
    "__iter__": iterate,
    "__next__": following,
    "__contains__": contains,
    "__len__": size,
    "__bool__": computing.truth,
    "__float__": as_float,
    "__int__": as_int,
    "__index__": as_index,
    "__complex__": as_complex,
    "__str__": as_text,
    "__repr__": shown,
    "__format__": formatted,
    "__round__": rounded,
    "__array__": as_array,
    "__array_ufunc__": universal,
    "__array_function__": of_arrays,
    "__hash__": object.__hash__,
    **{f"__{name}__": comparison(name) for name in COMPARISONS},
    **{f"__{name}__": one_sided(name) for name in UNARY},
}


def install() -> None:
    for name, method in METHODS.items():
        setattr(Recorder, name, method)
    for name in ARITHMETIC:
        forward, backward = two_sided(name)
        setattr(Recorder, f"__{name.strip('_')}__", forward)
        setattr(Recorder, f"__r{name.strip('_')}__", backward)
