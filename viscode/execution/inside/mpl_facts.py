"""Reads figure facts (version 4) off a live matplotlib figure.

What an artist is follows from its class; where a class is ambiguous (a violin and a filled band
are the same polygons) the method that drew it says so (mpl_tags.py). How it looks is told in
mpl_marks.py, how it stands to others in mpl_looks.py, what is around the data in mpl_frames.py. The
program checks everything again (facts.py): what comes from here is not trusted.
"""

from __future__ import annotations

import contextlib
import itertools
from collections.abc import Iterable, Iterator
from typing import Any

from . import mpl_frames as frames
from . import mpl_looks as looks
from . import mpl_marks as marks
from .mpl_extents import Ends, bar_extents, extents_of, hull, is_line, line_extents
from .mpl_tags import KIND_MARK

Entry = dict[str, Any]

SERIES_LIMIT = 50
GROUPED = ("box", "violin", "pie", "table", "bar", "polygon", "errorbar")
BY_CLASS = {  # the nearest of an artist's classes decides
    "Quiver": "quiver",
    "Barbs": "quiver",
    "ContourSet": "contour",
    "QuadMesh": "heatmap",
    "PolyQuadMesh": "heatmap",
    "_ImageBase": "image",
    "PathCollection": "scatter",
    "Poly3DCollection": "surface",
    "LineCollection": "line",
    "PolyCollection": "area",
    "StepPatch": "step",
    "Table": "table",
    "Collection": "polygon",
    "FancyArrow": "other",
    "FancyArrowPatch": "other",
    "Patch": "polygon",
}


def read(figure: Any) -> Entry:
    """The facts of one figure as plain JSON data."""
    size = figure.get_size_inches()
    suptitle = figure._suptitle
    bars, plain = split_colorbars(with_insets(figure.axes))
    axes = [read_axes(one, bars.get(id(one))) for one in plain]
    legend = [entry for one in figure.legends for entry in entries_of(one)]
    if len(axes) == 1 and not axes[0]["legend"]:
        axes[0]["legend"], legend = legend, []
    return {
        "version": 4,
        "library": "matplotlib",
        "size_px": [round(float(side)) for side in size * figure.dpi],
        "suptitle": suptitle.get_text() if suptitle is not None else "",
        "layout": looks.layout(plain),
        "axes": axes,
        "size_in": [float(side) for side in size],
        "legend": legend,
        "colorbars": sum(hasattr(one, "_colorbar") for one in figure.axes),
        **frames.texts_of(figure),
    }


def with_insets(all_axes: list[Any]) -> list[Any]:
    """The axes of a figure and those that lie in them, without second scales along a side."""
    inner = [one for axes in all_axes for one in axes.child_axes]
    found = [*all_axes, *(one for one in inner if not frames.is_scale(one))]
    return list({id(one): one for one in found}.values())


def split_colorbars(all_axes: Iterable[Any]) -> tuple[dict[int, str], list[Any]]:
    """Labels of the colour bars by the ids of the axes that have one, and the axes that are no
    colour bar themselves."""
    parents: dict[int, str] = {}
    plain = []
    for axes in all_axes:
        bar = getattr(axes, "_colorbar", None)
        if bar is None:
            plain.append(axes)
            continue
        owner = getattr(bar.mappable, "axes", None)
        given = getattr(axes, "_colorbar_info", {}).get("parents", [])
        for one in [owner] if owner is not None and len(given) < 2 else given:
            parents[id(one)] = frames.bar_label(bar)
    return parents, plain


def read_axes(axes: Any, bar: str | None) -> Entry:
    """`bar`: the label of its colour bar, None where it has none."""
    pairs = list(series(axes))
    for part in (looks.complete, marks.order_bars):
        with contextlib.suppress(TypeError, ValueError, ArithmeticError, AttributeError):
            part(pairs)
    drawn = [entry for entry, _ in pairs]
    legend = axes.get_legend()
    return {
        "kinds": sorted({one["kind"] for one in drawn}),
        "title": axes.get_title() or axes.get_title("left") or axes.get_title("right"),
        "xlabel": axes.get_xlabel(),
        "ylabel": axes.get_ylabel(),
        "zlabel": axes.get_zlabel() if hasattr(axes, "get_zlabel") else "",
        "xscale": axes.get_xscale(),
        "yscale": axes.get_yscale(),
        "projection": axes.name,
        "xlim": [float(v) for v in axes.get_xlim()],
        "ylim": [float(v) for v in axes.get_ylim()],
        "legend": entries_of(legend) if legend else [],
        "series": drawn[:SERIES_LIMIT],
        "grid": any(line.get_visible() for line in axes.get_xgridlines() + axes.get_ygridlines()),
        "colorbar": bar is not None,
        "colorbar_label": bar or "",
        "area": looks.area_of(axes),
        "twin": looks.twin_of(axes),
        "fixed": looks.fixed_of(axes),
        "numeric": looks.numeric_of(axes),
        "annotations": frames.annotations_of(axes)[:SERIES_LIMIT],
        **frames.frame_of(axes),
    }


def entries_of(legend: Any) -> list[str]:
    return [text.get_text() for text in legend.get_texts()]


def series(axes: Any) -> Iterator[tuple[Entry, Any]]:
    """One entry per thing drawn, with what it was read from: containers as a whole, then artists
    outside of containers."""
    inside: set[int] = set()
    for container in axes.containers:
        found = read_container(container)
        if found is not None:
            inside.update(id(part) for part in parts(container))
            marks.complete(found, container, axes)
            yield found, container
    groups: dict[tuple[str, str], tuple[Entry, Any]] = {}
    for artist in axes.get_children():
        if id(artist) in inside or not artist.get_visible():
            continue
        kind = kind_of(artist, axes)
        if kind is None:
            continue
        entry = describe(kind, artist, axes)
        if kind == "area" and entry["x"] is None and entry["y"] is None and axes.name != "3d":
            continue  # nothing finite in it: seaborn's band around a line of single values
        if kind == "hist":  # an outline: its bins are not told
            yield {**entry, "points": 0}, artist
        elif kind in GROUPED or entry["form"] == "streamlines":
            key = kind, entry["form"] if kind == "polygon" else ""
            blank = {
                **entry,
                "points": 0,
                "marks": 0,
                "colors": [],
                "translucent": False,
                "outlined": False,
            }
            add(groups.setdefault(key, (blank, artist))[0], entry, artist)
        else:
            yield entry, artist
    yield from groups.values()


def add(group: Entry, entry: Entry, artist: Any) -> None:
    """Count an artist in the entry of its group, whose colour is that of all artists but parts
    such as the lines of boxes."""
    is_part = is_line(artist) or hasattr(artist, "get_segments")
    if not is_part:
        first = group["points"] == 0
        group["color"] = entry["color"] if first or group["color"] == entry["color"] else ""
        group["points"] += 1
        group["colors"] = list(dict.fromkeys([*group["colors"], *entry["colors"]]))
        group["outlined"] = entry["outlined"] and (first or group["outlined"])
        group["translucent"] = entry["translucent"] and (first or group["translucent"])
        group["marks"] += entry["marks"] if group["kind"] != "box" else 0
    group["marks"] += marks.is_counted(artist)
    for name in ("x", "y"):
        group[name] = hull(group[name], entry[name])


def parts(container: Any) -> Iterator[Any]:
    """The artists of a container, however deep they are nested."""
    for part in container:
        if isinstance(part, (tuple, list)):
            yield from parts(part)
        elif part is not None:
            yield part


def read_container(container: Any) -> Entry | None:
    name = type(container).__name__
    artists = list(parts(container))
    if not artists:
        return None
    label = label_of(container)
    if name == "BarContainer":
        bars = [a for a in artists if hasattr(a, "get_width")]
        lying = getattr(container, "orientation", None) == "horizontal"
        shape = "hist" if contiguous(bars, lying) else "bar"
        kind = getattr(artists[0], KIND_MARK, None) or shape
        color = color_of(bars[0]) if bars else ""
        return entry_of(kind, label, len(bars), color, *bar_extents(bars, kind, lying))
    if name == "ErrorbarContainer":
        line = container[0]
        points = len(line.get_xdata()) if line is not None else len(artists)
        drawn = line_extents(line) if line is not None else (None, None)
        return entry_of("errorbar", label, points, color_of(artists[0]), *drawn)
    if name == "StemContainer":
        marker = container.markerline
        points = len(marker.get_xdata())
        return entry_of("stem", label, points, color_of(marker), *line_extents(marker))
    return None


def contiguous(bars: list[Any], lying: bool) -> bool:
    """Whether bars touch each other, on an axis of numbers, as those of a histogram do (at least
    three of them)."""
    spots = [(b.get_y(), b.get_height()) if lying else (b.get_x(), b.get_width()) for b in bars]
    edges = sorted((start, start + size) for start, size in spots)
    if len(edges) < 3 or has_categories(bars[0], lying):
        return False
    width = max(1e-12, abs(edges[-1][1] - edges[0][0]))
    return all(abs(a[1] - b[0]) < 1e-6 * width for a, b in itertools.pairwise(edges))


def has_categories(bar: Any, lying: bool) -> bool:
    axis = getattr(bar.axes, "yaxis" if lying else "xaxis", None)
    return hasattr(getattr(axis, "units", None), "_mapping")


def kind_of(artist: Any, axes: Any) -> str | None:
    """The kind of an artist of an axes; None for what is no content (spines, axis, texts)."""
    names = [c.__name__ for c in type(artist).__mro__]
    if artist is axes.patch or {"Spine", "Axis", "Text", "Legend"} & set(names):
        return None
    if "Rectangle" in names and not artist.get_width() and not artist.get_height():
        return None  # stands for an entry of the legend
    tagged = getattr(artist, KIND_MARK, None)
    if tagged is not None and not (tagged == "hist" and is_curve(artist)):
        return str(tagged)
    if "Line2D" in names:
        return line_kind(artist)
    if "AxesImage" in names:
        return "heatmap" if getattr(artist.get_array(), "ndim", 0) == 2 else "image"
    return next((BY_CLASS[name] for name in names if name in BY_CLASS), None)


def is_curve(artist: Any) -> bool:
    """Whether it is a line that runs from point to point, such as a density over a histogram."""
    return is_line(artist) and line_kind(artist) == "line"


def line_kind(line: Any) -> str | None:
    marked = str(line.get_marker()) not in ("None", "none", "", " ")
    if len(line.get_xdata()) == 0 or (len(line.get_xdata()) == 1 and not marked):
        return None
    if len(line.get_xdata()) == 1:
        return "scatter"
    if str(line.get_drawstyle()).startswith("steps"):
        return "step"
    bare = str(line.get_linestyle()).lower() in ("none", "", " ")
    return "scatter" if bare else "line"


def describe(kind: str, artist: Any, axes: Any) -> Entry:
    try:
        x, y = extents_of(artist, axes)
    except (TypeError, ValueError, ArithmeticError, AttributeError):
        x = y = None
    entry = entry_of(kind, label_of(artist), points_of(artist), color_of(artist), x, y)
    marks.complete(entry, artist, axes)
    return entry


def entry_of(
    kind: str, label: str, points: int, color: str, x: Ends = None, y: Ends = None
) -> Entry:
    return {"kind": kind, "label": label, "points": points, "color": color, "x": x, "y": y}


def label_of(artist: Any) -> str:
    label = str(artist.get_label() or "")
    return "" if label.startswith("_") else label


def points_of(artist: Any) -> int:
    if hasattr(artist, "get_data_3d"):
        return len(artist.get_data_3d()[0])
    if is_line(artist):
        return len(artist.get_xdata())
    array = artist.get_array() if hasattr(artist, "get_array") else None
    offsets = artist.get_offsets() if hasattr(artist, "get_offsets") else ()
    if len(offsets) > 1 or array is None:
        return max(1, len(offsets))
    return int(array.size)


def color_of(artist: Any) -> str:
    """The main colour as #rrggbb, or "" where one artist has many or none."""
    found = {color for color, _ in marks.colors_of(artist)}
    return found.pop() if len(found) == 1 else ""
