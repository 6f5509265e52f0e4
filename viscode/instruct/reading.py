"""What a script says by itself: its tree, where its names come from, the limits and size that it
asks for. Code that does not parse says nothing."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from viscode.execution.facts import FigureFacts
from viscode.libraries.detect import Drawings
from viscode.libraries.origins import CLASS, FUNCTION, Origins, root_of
from viscode.libraries.syntax import ParseFailure, parse

LIMIT_CALLS = {
    "xlim": "x",
    "set_xlim": "x",
    "update_xaxes": "x",
    "ylim": "y",
    "set_ylim": "y",
    "update_yaxes": "y",
}
LIMIT_KEYWORDS = {
    "xlim": "x",
    "range_x": "x",
    "xaxis_range": "x",
    "xaxis": "x",
    "ylim": "y",
    "range_y": "y",
    "yaxis_range": "y",
    "yaxis": "y",
}
RATIO = 0.02  # by how much the shape of the picture may differ from the size that was asked for


@dataclass(frozen=True)
class Reading:
    """A script. `x_limits` and `y_limits` are the numbers that it gives as limits of axes; `sizes`
    are the figure sizes that it asks for, in inches."""

    tree: ast.Module
    drawings: Drawings
    x_limits: frozenset[float]
    y_limits: frozenset[float]
    sizes: frozenset[tuple[float, float]]

    @property
    def origins(self) -> Origins:
        return self.drawings.origins


def read_code(code: str) -> Reading:
    """The reading of a script."""
    tree = parse(code)
    if isinstance(tree, ParseFailure):
        tree = ast.Module([], [])
    drawings = Drawings(tree)
    calls = [c for c in drawings.origins.calls if _may_be_foreign(c, drawings.origins)]
    limits = [found for call in calls for found in _limits(call)]
    return Reading(
        tree,
        drawings,
        frozenset(value for axis, value in limits if axis == "x"),
        frozenset(value for axis, value in limits if axis == "y"),
        frozenset(size for call in calls if (size := _size(call)) is not None),
    )


def figure_size(reading: Reading, figure: FigureFacts) -> tuple[float, float] | None:
    """The one size in inches that the script asks for, where the picture has its shape."""
    if len(reading.sizes) != 1 or figure.library != "matplotlib":
        return None
    ((width, height),) = reading.sizes
    wide, high = figure.size_px
    fits = high and height > 0 and abs(width / height / (wide / high) - 1) < RATIO
    return (width, height) if fits else None


def _may_be_foreign(call: ast.Call, origins: Origins) -> bool:
    return root_of(origins.path(call.func)) not in (CLASS, FUNCTION)


def _limits(call: ast.Call) -> Iterator[tuple[str, float]]:
    """("x", 0.0), ("x", 5.0): the limits that a call sets."""
    name = call.func.attr if isinstance(call.func, ast.Attribute) else ""
    name = call.func.id if isinstance(call.func, ast.Name) else name
    if name in LIMIT_CALLS:
        for part in (*call.args, *(keyword.value for keyword in call.keywords)):
            yield from ((LIMIT_CALLS[name], value) for value in _numbers(part))
    elif name == "axis" and call.args:
        values = list(_numbers(call.args[0]))
        yield from zip("xxyy", values, strict=False)
    for keyword in call.keywords:
        if axis := LIMIT_KEYWORDS.get(keyword.arg or ""):
            yield from ((axis, value) for value in _numbers(keyword.value))


def _numbers(node: ast.expr) -> Iterator[float]:
    """The numbers of a literal, in its order, and those under "range" in a dictionary."""
    if isinstance(node, ast.Tuple | ast.List):
        for item in node.elts:
            yield from _numbers(item)
    elif isinstance(node, ast.Dict):
        for key, value in zip(node.keys, node.values, strict=True):
            if isinstance(key, ast.Constant) and key.value == "range":
                yield from _numbers(value)
    elif isinstance(node, ast.Call):  # dict(range=[0, 1])
        for keyword in node.keywords:
            if keyword.arg == "range":
                yield from _numbers(keyword.value)
    elif (number := _number(node)) is not None:
        yield number


def _number(node: ast.expr) -> float | None:
    sign = -1.0 if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub) else 1.0
    inner = node.operand if isinstance(node, ast.UnaryOp) else node
    value = inner.value if isinstance(inner, ast.Constant) else None
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return sign * float(value)
    except OverflowError:
        return None


def _size(call: ast.Call) -> tuple[float, float] | None:
    given = next((k.value for k in call.keywords if k.arg == "figsize"), None)
    values = list(_numbers(given)) if given is not None else []
    return (values[0], values[1]) if len(values) == 2 else None
