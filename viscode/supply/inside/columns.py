"""The columns of a frame that a call names."""

from __future__ import annotations

import inspect
from collections.abc import Iterator
from typing import Any

Votes = dict[str, float]
WORDS, NUMBERS = {"text": 0.6}, {"number": 0.1}
OF_METHODS = {
    **dict.fromkeys(("index", "columns", "id_vars", "on", "left_on"), WORDS),
    **dict.fromkeys(("x", "y", "column", "values", "subset", "by", "keys", "labels"), NUMBERS),
    **dict.fromkeys(("value_vars", "cols"), NUMBERS),
}
"""Parameters of a frame's own methods that take columns, with what such a column is."""

OF_FUNCTIONS = {
    **dict.fromkeys(("hue", "style", "col", "row", "units", "facet_col", "facet_row"), WORDS),
    **dict.fromkeys(
        ("symbol", "names", "path", "line_group", "hover_name", "pattern_shape"), WORDS
    ),
    **dict.fromkeys(("x", "y", "z", "size", "weights", "values", "theta", "r", "vars"), NUMBERS),
    **dict.fromkeys(("x_vars", "y_vars", "animation_frame", "dimensions", "lat", "lon"), NUMBERS),
}
"""Those of functions that take a frame beside them."""

COLOURED = {"color": WORDS}  # plotly's; elsewhere it is a colour


def of_method(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> Iterator[Any]:
    """(column, votes) for each column that a call of a frame's method names."""
    grouping = getattr(function, "__name__", "") == "groupby"
    for parameter, value in bound(function, args, kwargs):
        votes = WORDS if grouping and parameter == "by" else OF_METHODS.get(parameter)
        keyed = parameter == "func" and isinstance(value, dict)
        if votes is not None or keyed:
            yield from ((text, votes or NUMBERS) for text in texts(value))


def of_function(function: Any, named: list[tuple[str, Any]]) -> Iterator[tuple[str, Votes]]:
    """(column, votes) for each column that a call with a frame among its arguments names."""
    plotly = str(getattr(function, "__module__", "")).startswith("plotly")
    for parameter, value in named:
        table = {**OF_FUNCTIONS, **COLOURED} if plotly else OF_FUNCTIONS
        if parameter in table:
            yield from ((text, table[parameter]) for text in texts(value))


def bound(function: Any, args: tuple[Any, ...], kwargs: dict[str, Any]) -> list[tuple[str, Any]]:
    """The arguments with the names of their parameters; their places as names where it has none."""
    try:
        parameters = list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        parameters = []
    placed = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)
    names = [one.name for one in parameters if one.kind in placed]
    names += [str(number) for number in range(len(names), len(args))]
    return [*zip(names, args, strict=False), *kwargs.items()]


def texts(value: Any) -> list[str]:
    if isinstance(value, str):
        return [value]
    if isinstance(value, list | tuple | dict):
        return [one for one in value if isinstance(one, str)]
    return []
