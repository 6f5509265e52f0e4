"""Values of what is known of a node: the same each time that it is asked for."""

from __future__ import annotations

import datetime
import importlib
import zlib
from collections.abc import Callable
from typing import Any

from .nodes import LENGTH_LIMIT, SCALARS, Node, last_name

WORDS = ("A", "B", "C", "D", "E", "F", "G", "H")
CATEGORIES = 4  # different words in a column
CELLS_LIMIT = 200_000
LAST_COLUMNS = ("x", "y", "value", "category")  # of a frame of which no column is known


def numpy() -> Any:
    return importlib.import_module("numpy")


def pandas() -> Any:
    return importlib.import_module("pandas")


def generator(path: str) -> Any:
    return numpy().random.default_rng(zlib.crc32(path.encode("utf-8", "replace")))


def make(node: Node) -> Any:
    """A value of the kind that the node has; an array where it has none."""
    kind = node.kind("array")
    node.made = kind
    if kind in ("array", "list", "series", "frame"):
        node.made_length = node.length()
    return MAKERS[kind](node) if kind in MAKERS else scalar(node, kind)


def scalar(node: Node, kind: str) -> Any:
    return column(node, kind, 1)[0]


def column(node: Node, kind: str, length: int) -> list[Any]:
    """So many values of a scalar kind."""
    if kind == "text":
        return texts(node, length)
    if kind == "date":
        first = datetime.datetime(2020, 1, 1)
        return [first + datetime.timedelta(days=index) for index in range(length)]
    if kind == "flag":
        return [index % 2 == 0 for index in range(length)]
    if kind == "color":
        return [f"C{index % 10}" for index in range(length)]
    if kind == "colormap":
        return ["viridis"] * length
    if kind == "none":
        return [None] * length
    return numbers(node, length, whole=kind == "integer")


def numbers(node: Node, length: int, *, whole: bool = False) -> list[Any]:
    """Numbers within the node's bounds; those that it is compared with are among them."""
    low, high = bounds(node, whole=whole)
    drawn = generator(node.path).uniform(low, high, min(length, CELLS_LIMIT)).round(3).tolist()
    met = [one for one in node.among if not isinstance(one, str)]
    if len(met) > 1:  # the classes of what is told apart
        drawn = [met[index % len(met)] for index in range(length)]
    elif met:
        drawn[0] = met[0]
    return [int(one) for one in drawn] if whole else [float(one) for one in drawn]


def bounds(node: Node, *, whole: bool) -> tuple[float, float]:
    if node.low is not None and node.high is not None:
        return node.low, node.high
    return (2, 9) if whole else (0.1, 0.9)


def texts(node: Node, length: int) -> list[str]:
    met = [one for one in node.among if isinstance(one, str)]
    if length == 1:
        return met[:1] or [last_name(node.path)]
    words = [*met, *(word for word in WORDS if word not in met)][: max(CATEGORIES, len(met))]
    if node.role == "labels":
        return [words[i] if i < len(words) else f"label {i}" for i in range(length)]
    return [words[index % len(words)] for index in range(length)]


def item_at(owner: Node, index: int) -> Any:
    """The item of this number in a list of which no value was made."""
    node = owner.each()
    kind = node.kind() or scalar_of(owner)
    if kind in SCALARS:
        length = max(owner.length(), index + 1)
        return column(node, kind, length)[index]
    return make(node)


def scalar_of(node: Node) -> str:
    """The kind of what a list, an array or a series holds, where its items were not looked at."""
    kind = node.item.kind() if node.item is not None else ""
    if kind in SCALARS:
        return kind
    if node.role == "labels" or any(isinstance(one, str) for one in node.among):
        return "text"
    if node.role == "dates":
        return "date"
    return (
        "integer" if len(node.among) > 1 and all(type(n) is int for n in node.among) else "number"
    )


def make_list(node: Node) -> list[Any]:
    items = node.item.kind() if node.item is not None else ""
    if items and items not in SCALARS and node.item is not None:
        return [make(node.item) for _ in range(node.length())]
    return column(node.item or node, scalar_of(node), node.length())


def make_array(node: Node) -> Any:
    shape = shape_of(node)
    kind = scalar_of(node)
    if kind != "number" and len(shape) == 1:
        return numpy().array(column(node.item or node, kind, shape[0]))
    low, high = bounds(node, whole=False)
    values = generator(node.path).uniform(low, high, shape).round(3)
    met = [one for one in node.among if not isinstance(one, str)][: values.size]
    values.ravel()[: len(met)] = met
    return values


def shape_of(node: Node) -> tuple[int, ...]:
    """The shape of an array: its first size, the columns that were asked for, 20 for the rest."""
    item, length = node.item, min(node.length(), LENGTH_LIMIT)
    inner: tuple[int, ...] = ()
    if item is not None and item.kind() in ("array", "list", "series"):
        inner = shape_of(item)
    elif node.columns:
        inner = (node.columns,)
    ndim = max(node.ndim, 1)
    missing = max(ndim - 1 - len(inner), 0)
    shape = (length, *inner, *([length] * missing))
    return (*shape[:2], 3) if node.role == "image" and ndim == 3 else shape


def make_series(node: Node) -> Any:
    return pandas().Series(column(node, scalar_of(node), node.length()))


def make_frame(node: Node) -> Any:
    """A frame with the columns that were asked for, and as many as were."""
    names = [name for name in node.parts if isinstance(name, str | int)]
    if not names:
        names = list(LAST_COLUMNS)
    spare = (f"column_{number}" for number in range(1, 500))
    names += [next(spare) for _ in range(node.columns - len(names))]
    made = {name: frame_column(node, name) for name in names}
    return pandas().DataFrame(made)


def frame_column(frame: Node, name: Any) -> list[Any]:
    part = frame.parts.get(name)
    if part is None:
        path = f"{frame.path}.{name}"
        return column(Node(path), "text" if name == "category" else "number", frame.length())
    part.made = part.kind() or "number"
    return column(part, part.scalar_kind(), frame.length())


def make_mapping(node: Node) -> dict[Any, Any]:
    if node.parts:
        return {key: make(part) for key, part in node.parts.items()}
    value = node.each()
    return {word: make(value) for word in ("first", "second", "third")}


def make_graph(node: Node) -> Any:
    networkx = importlib.import_module("networkx")
    return networkx.karate_club_graph() if node.role != "directed" else networkx.DiGraph([(0, 1)])


def make_axes(node: Node) -> Any:
    pyplot = importlib.import_module("matplotlib.pyplot")
    if node.ndim:
        rows = (node.length(),) if node.ndim == 1 else (node.length(), node.columns or 2)
        return pyplot.subplots(*(rows if len(rows) == 2 else (1, rows[0])))[1]
    return pyplot.gca()


def make_figure(node: Node) -> Any:
    return importlib.import_module("matplotlib.pyplot").gcf()


MAKERS: dict[str, Callable[[Node], Any]] = {
    "list": make_list,
    "array": make_array,
    "series": make_series,
    "frame": make_frame,
    "mapping": make_mapping,
    "graph": make_graph,
    "axes": make_axes,
    "figure": make_figure,
}
