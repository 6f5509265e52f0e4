"""How the things on matplotlib axes look and how they stand to each other: lying or stacked bars,
bars side by side, line styles, markers, twins of axes. Read off the artists that were drawn."""

from __future__ import annotations

import itertools
import math
from typing import Any

from .mpl_tags import FORM_MARK, LYING_MARK

KIND_OF_BARS = ("bar", "hist")
LINE_STYLES = {"--": "dashed", ":": "dotted", "-.": "dash-dotted"}
Spot = tuple[float, float, float]  # middle along the axis of the bars, foot, end
Entry = dict[str, Any]
MARKER_NAMES = {
    "o": "circles",
    "s": "squares",
    "^": "triangles",
    "v": "triangles",
    "x": "crosses",
    "X": "crosses",
    "+": "plus signs",
    "*": "stars",
    "D": "diamonds",
    "d": "diamonds",
}


def complete(pairs: list[tuple[Entry, Any]]) -> None:
    """Add to each (entry, container or artist) of an axes what can be seen of its looks."""
    for entry, drawn in pairs:
        entry["form"] = form_of(entry, drawn) or entry.get("form", "")
        lying = getattr(drawn, "orientation", None) == "horizontal"
        entry["horizontal"] = lying or bool(getattr(drawn, LYING_MARK, False))
        line = getattr(drawn, "lines", [drawn])[0] if entry["kind"] == "errorbar" else drawn
        entry["dash"] = dash_of(line)
        entry["marker"] = marker_of(line, entry["kind"])
    for kind, lying in itertools.product(KIND_OF_BARS, (False, True)):
        bars = [pair for pair in pairs if pair[0]["kind"] == kind and is_bars(pair[1])]
        bars = [(entry, bars_of(one)) for entry, one in bars if entry["horizontal"] == lying]
        arrange(bars, lying)
    stack_areas([(entry, edges_of(one)) for entry, one in pairs if entry["kind"] == "area"])


def form_of(entry: Entry, drawn: Any) -> str:
    if entry["kind"] == "pie":
        width = getattr(drawn, "width", None)
        return "donut" if width is not None and width < drawn.r else ""
    return str(getattr(drawn, FORM_MARK, ""))


def dash_of(artist: Any) -> str:
    style = artist.get_linestyle() if hasattr(artist, "get_xdata") else ""
    return LINE_STYLES.get(style, "") if isinstance(style, str) else ""


def marker_of(artist: Any, kind: str) -> str:
    """The name of a marker. The plain circles of a scatter plot have none: they are what is
    expected."""
    if hasattr(artist, "get_xdata") and hasattr(artist, "get_marker"):
        marker = artist.get_marker()
        return MARKER_NAMES.get(marker, "") if isinstance(marker, str) else ""
    if kind != "scatter" or not hasattr(artist, "get_paths"):
        return ""
    from matplotlib.markers import MarkerStyle

    paths = artist.get_paths()
    for name, words in MARKER_NAMES.items():
        style = MarkerStyle(name)
        outline = style.get_path().transformed(style.get_transform())
        if name != "o" and len(paths) == 1 and same(paths[0].vertices, outline.vertices):
            return words
    return ""


def same(one: Any, other: Any) -> bool:
    return bool(one.shape == other.shape) and bool((abs(one - other) < 1e-9).all())


def layout(all_axes: list[Any]) -> list[int]:
    """[rows, columns] of the largest grid among the axes; [n, 1] without any grid."""
    best = (0, 0)
    for axes in all_axes:
        spec = axes.get_subplotspec() if hasattr(axes, "get_subplotspec") else None
        if spec is not None:
            grid = spec.get_topmost_subplotspec().get_gridspec()
            best = max(best, (grid.nrows, grid.ncols), key=lambda g: g[0] * g[1])
    return list(best) if best != (0, 0) else [len(all_axes), 1] if all_axes else [0, 0]


def area_of(axes: Any) -> list[float]:
    """[left, top, right, bottom] of an axes as shares of its figure's image."""
    figure = axes.get_figure(root=True) if hasattr(axes.figure, "figure") else axes.figure
    left, bottom, right, top = (float(v) / figure.dpi for v in axes.bbox.extents)
    size = [float(v) for v in figure.get_size_inches()]
    crop = getattr(figure, "_viscode_crop", None) or (0.0, 0.0, *size)
    width, height = crop[2] - crop[0], crop[3] - crop[1]
    shares = [(left - crop[0]) / width, (crop[3] - top) / height]
    shares += [(right - crop[0]) / width, (crop[3] - bottom) / height]
    return [round(share, 4) if math.isfinite(share) else 0.0 for share in shares]


def twin_of(axes: Any) -> str:
    """Which axis an axes shares with an earlier one in its place: "x", "y" or ""."""
    twins = getattr(axes, "_twinned_axes", None)
    everything = list(axes.figure.axes)
    if twins is None or axes not in everything:
        return ""
    for other in everything[: everything.index(axes)]:
        if twins.joined(axes, other):
            return "x" if axes.get_shared_x_axes().joined(axes, other) else "y"
    return ""


def numeric_of(axes: Any) -> str:
    """The axes of plain numbers, no dates and no categories: "xy", "x", "y" or ""."""
    return "".join(n for n in "xy" if getattr(axes, f"{n}axis").get_converter() is None)


def fixed_of(axes: Any) -> str:
    """The axes of numbers whose limits do not follow the data: "xy", "x", "y" or ""."""
    return "".join(n for n in numeric_of(axes) if not getattr(axes, f"get_autoscale{n}_on")())


def is_bars(drawn: Any) -> bool:
    return type(drawn).__name__ == "BarContainer"


def bars_of(container: Any) -> list[Any]:
    return [bar for bar in container.patches if hasattr(bar, "get_width")]


def arrange(pairs: list[tuple[Entry, list[Any]]], lying: bool) -> None:
    """Say of bars of one direction whether they stand on each other or side by side."""
    places = [[spot_of(bar, lying) for bar in bars] for _, bars in pairs]
    for (entry, _), is_stacked in zip(pairs, stacked(places), strict=True):
        if is_stacked:
            entry["arrangement"] = "stacked"
    free = [i for i, (entry, _) in enumerate(pairs) if entry.get("arrangement") != "stacked"]
    for one, other in itertools.combinations(free, 2):
        if side_by_side(places[one], places[other]):
            pairs[one][0]["arrangement"] = pairs[other][0]["arrangement"] = "grouped"


def spot_of(bar: Any, lying: bool) -> Spot:
    along = (bar.get_x(), bar.get_width())
    across = (bar.get_y(), bar.get_height())
    (start, size), (foot, length) = (across, along) if lying else (along, across)
    return float(start + size / 2), float(foot), float(foot + length)


def stacked(places: list[list[Spot]]) -> list[bool]:
    """For each set of bars whether they stand on bars of other sets, or carry them, at most of the
    places that they share with any."""
    shared: list[set[float]] = [set() for _ in places]
    touching: list[set[float]] = [set() for _ in places]
    columns: dict[float, list[tuple[int, float, float, float]]] = {}
    for index, spots in enumerate(places):
        for middle, foot, end in spots:
            if foot != end:
                columns.setdefault(round(middle, 6), []).append((index, middle, foot, end))
    for column in columns.values():
        for one, other in itertools.permutations(column[:50], 2):
            if one[0] == other[0]:
                continue
            shared[one[0]].add(one[1])
            size = max(abs(one[3]), abs(other[3]), 1e-12)
            if abs(one[2] - other[3]) < 1e-6 * size:
                touching[one[0]].add(one[1])
                touching[other[0]].add(other[1])
    return [
        bool(met) and 2 * len(met) >= len(all_) for met, all_ in zip(touching, shared, strict=True)
    ]


def side_by_side(one: list[Spot], other: list[Spot]) -> bool:
    """Whether each bar of one set has one of the other set next to it, at the same distance."""
    if len(one) != len(other) or len(one) < 2:
        return False
    mine, theirs = (sorted(middle for middle, _, _ in spots) for spots in (one, other))
    space = min(b - a for a, b in itertools.pairwise(mine))
    apart = [b - a for a, b in zip(mine, theirs, strict=True)]
    even = max(apart) - min(apart) < 1e-6 * max(space, 1e-12)
    return even and 0 < abs(apart[0]) < space


def edges_of(area: Any) -> dict[float, tuple[float, float]]:
    """Of a filled area its lower and upper edge at each x."""
    edges: dict[float, tuple[float, float]] = {}
    for path in area.get_paths() if hasattr(area, "get_paths") else ():
        for x, y in path.vertices[:20_000]:
            low, high = edges.get(x, (y, y))
            edges[x] = (min(low, y), max(high, y))
    return edges


def stack_areas(pairs: list[tuple[Entry, dict[float, tuple[float, float]]]]) -> None:
    for (one, low), (other, high) in itertools.permutations(pairs[:20], 2):
        common = low.keys() & high.keys()
        filled = [x for x in common if high[x][0] < high[x][1] and low[x][0] < low[x][1]]
        size = max((abs(high[x][1]) for x in filled), default=0) or 1.0
        touching = sum(abs(low[x][0] - high[x][1]) < 1e-6 * size for x in filled)
        if len(filled) > 1 and touching == len(filled):
            one["arrangement"] = other["arrangement"] = "stacked"
