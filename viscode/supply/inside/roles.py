"""What the functions of plotting and numeric libraries want as their arguments.

Where a drawing function is in the table that inference from the text has too (../signatures.py),
that says it; else the parameter's name does, or the kind of its default.
"""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any, TypeVar

from ..signatures import DRAWING, KEYWORDS, LINES, MESHES
from .columns import OF_FUNCTIONS, bound

T = TypeVar("T")
Votes = dict[str, float]

WANTS: dict[str, Votes] = {
    "number": {"number": 1.5},
    "integer": {"integer": 1.5},
    "text": {"text": 1.5},
    "flag": {"flag": 1.5},
    "color": {"color": 1.2},
    "colormap": {"colormap": 1.5},
    "labels": {"list": 1.2, "series": 0.4, "array": 0.3},
    "values": {"array": 1.2, "list": 0.6, "series": 0.6},
    "rows": {"array": 1.0, "list": 0.5, "series": 0.5},
    "bars": {"list": 1.0, "array": 0.8, "series": 0.6},
    "groups": {"array": 1.0, "list": 0.8, "series": 0.4},
    "colors": {"array": 0.6, "color": 0.5, "list": 0.3},
    "sizes": {"number": 0.6, "array": 0.5},
    "matrix": {"array": 1.2, "frame": 0.4},
    "image": {"array": 1.5},
    "dates": {"series": 0.8, "list": 0.8, "date": 0.7},
    "pair": {"list": 1.2, "array": 0.4},
    "frame": {"frame": 2.0},
    "axes": {"axes": 2.0},
    "figure": {"figure": 2.0},
    "graph": {"graph": 2.0},
    "any": {"array": 0.3},
}
"""The kinds that each role votes for; the other roles of ../roles.py are as these (`LIKE`)."""

LIKE = {
    **dict.fromkeys(("x", "y", "z", "layer", "errors"), "rows"),
    **dict.fromkeys(("portions", "positions", "explode", "weights", "wave", "mask"), "values"),
    **dict.fromkeys(("field", "grid", "mesh_x", "mesh_y", "field_x", "field_y"), "matrix"),
    **{"bins": "integer", "width": "number", "nothing": "any"},
}
PAIRED = frozenset({"x", "y", "z", "bars", "layer", "errors", "colors", "sizes", "positions"})
"""As many as the others that are drawn with them."""
ROWS = frozenset({"x", "y", "z", "bars", "layer"})  # never one value for all
FLAT = frozenset({"matrix", "image"})  # of two dimensions


def _each(table: dict[str, T]) -> dict[str, T]:
    """One entry for each of the names in a key."""
    return {name: value for names, value in table.items() for name in names.split()}


PARAMETERS: dict[str, str] = _each(
    {
        "x xs xp dx lon theta y_true": "x",
        "y ys fp dy lat y_pred y_score y_test": "y",
        "z zs": "z",
        "X Z A B": "matrix",
        "scale size left right top bottom": "number",
        "num n deg axis": "integer",
        "fname filename path text kind": "text",
        "xlim ylim zlim": "pair",
        "names target_names feature_names display_labels order": "labels",
        "arrays tup": "groups",
        "object a": "values",
        "data data_frame": "frame",
        "fig figure": "figure",
        "G": "graph",
        "arg": "dates",
    }
)
FUNCTIONS: dict[str, dict[str, str]] = _each(
    {
        "heatmap clustermap": {"data": "matrix"},
        "pie kdeplot distplot histplot": {"x": "values"},
        "DataFrame": {"data": "matrix", "columns": "labels"},
        "Series": {"data": "values"},
        "to_numeric": {"arg": "values"},
    }
)
PLACES: dict[str, tuple[str, ...]] = _each(
    {
        "linspace logspace geomspace": ("number", "number", "integer"),
        "zeros ones empty eye rand randn range randint subplot": ("integer",),
        "normal uniform arange": ("number", "number", "number"),
        "full": ("integer", "number"),
        "xlim ylim set_xlim set_ylim set_zlim": ("number", "number"),
        "legend": ("labels",),
        "sca": ("axes",),
        "axis": ("pair",),
        "concat": ("frame",),
        "join exists isfile isdir basename dirname makedirs open set_label figtext": ("text",),
    }
)
"""Of functions that take any number of arguments; the last one is for all that follow."""

DISTRIBUTIONS = frozenset({"histplot", "kdeplot", "boxplot", "violinplot", "stripplot", "ecdfplot"})
ROLE_OF_DEFAULT = {"float": "number", "int": "integer", "bool": "flag", "str": "text"}


def roles_of(
    function: Any, name: str, args: tuple[Any, ...], kwargs: dict[str, Any]
) -> Iterator[tuple[str, str, Any]]:
    """(role, parameter, argument) of each argument of a call."""
    places = places_of(function, name, len(args))
    positional = bound(function, args, {}) if places is None else []
    for index, one in enumerate(args if places is not None else ()):
        role = places[min(index, len(places) - 1)] if places else "any"
        yield role, role, one
    own = FUNCTIONS.get(name, {})
    named = [*positional, *kwargs.items()]
    if name in DISTRIBUTIONS and not any(
        isinstance(one, str) and parameter in OF_FUNCTIONS for parameter, one in named
    ):
        own = {**own, "data": "values"}
    for parameter, one in named:
        yield own.get(parameter) or role_of(function, parameter), parameter, one


def places_of(function: Any, name: str, count: int) -> tuple[str, ...] | None:
    """The roles by place, where they do not go by the names of parameters."""
    if name in LINES:
        return ("y",) if count == 1 else ("x", "y") * (count // 2 + 1)
    if name in MESHES:
        return ("matrix", "any") if count < 3 else ("matrix", "matrix", "matrix", "any")
    if name in DRAWING and is_matplotlib(function):
        return (*DRAWING[name], "any")
    return PLACES.get(name)


def is_matplotlib(function: Any) -> bool:
    return str(getattr(function, "__module__", "")).startswith(("matplotlib", "mpl_toolkits"))


def role_of(function: Any, parameter: str) -> str:
    """The role of a parameter, by its name, else by its default."""
    if parameter in KEYWORDS and is_matplotlib(function):
        return KEYWORDS[parameter][0]
    if parameter in PARAMETERS:
        return PARAMETERS[parameter]
    try:
        default = inspect.signature(function).parameters[parameter].default
    except (KeyError, TypeError, ValueError):
        return KEYWORDS.get(parameter, ("any",))[0]
    return ROLE_OF_DEFAULT.get(type(default).__name__) or KEYWORDS.get(parameter, ("any",))[0]


def votes_of(role: str, depth: int) -> Votes:
    """What a recorder with this role is, where it is so deep in lists."""
    like = LIKE.get(role, role)
    if depth == 0:
        return WANTS[like]
    if like in ("labels", "bars"):
        return {"text": 1.0}
    if like == "groups" and depth == 1:
        return WANTS["values"]
    if like in ("values", "rows", "pair", "sizes", "any", "matrix", "image"):
        return {"number": 0.6, "array": 0.55} if depth == 1 else {"number": 1.0}
    return WANTS[like]
