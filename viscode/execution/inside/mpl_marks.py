"""What is seen of one artist of matplotlib, beyond its kind: its colours, the colour map of its
values, how many separate marks it has, and what shape it is. Read off what was drawn."""

from __future__ import annotations

import contextlib
import itertools
from typing import Any

from .mpl_tags import COUNT_MARK, FORM_MARK, KIND_MARK

Entry = dict[str, Any]
UNKNOWN: Entry = {  # what stays where something cannot be read
    **{"colors": [], "colormap": "", "translucent": False, "outlined": False, "sized": False},
    **{"valued": False, "marks": 0, "form": ""},
}
COLORS_LIMIT = 12
SHAPES = {  # of patches, by the nearest of their classes
    "Rectangle": "rectangle",
    "FancyBboxPatch": "rectangle",
    "Circle": "circle",
    "Ellipse": "ellipse",
    "Wedge": "wedge",
    "FancyArrow": "arrow",
    "FancyArrowPatch": "arrow",
}
SPANNING = {  # form of what spans an axis -> (line, band)
    "x": ("vertical line", "vertical band"),
    "y": ("horizontal line", "horizontal band"),
}
OPAQUE = 0.99
FACES = 6  # of a bar in space


def complete(entry: Entry, drawn: Any, axes: Any) -> None:
    """Add to an entry what can be seen of its artist, or of all bars of its container. What cannot
    be read is left out."""
    entry |= {**UNKNOWN, "color": entry["color"]}
    with contextlib.suppress(TypeError, ValueError, ArithmeticError, AttributeError):
        entry |= looks_of(entry, bars_of(drawn) or [first_of(drawn)])
    with contextlib.suppress(TypeError, ValueError, ArithmeticError, AttributeError):
        entry["valued"] = bool(getattr(drawn, "labelTexts", ()))
        entry["sized"] = entry["kind"] == "scatter" and has_sizes(drawn)
        entry["marks"] = marks_of(entry["kind"], drawn)
        entry["form"] = shape_of(entry["kind"], drawn, axes)
    if entry["form"].startswith("horizontal"):
        entry["x"], entry["y"] = None, stretch_of(drawn, "y")  # it spans the other axis
    elif entry["form"].startswith("vertical"):
        entry["x"], entry["y"] = stretch_of(drawn, "x"), None


def looks_of(entry: Entry, artists: list[Any]) -> Entry:
    """Their colours: `color` where it is one, none where values give them by a colour map."""
    colormap = colormap_of(artists[0])
    if colormap or is_mapped(artists[0]) or hasattr(artists[0], "_facecolor3d"):
        return {"color": "", "colormap": colormap}
    rows = [row for one in artists for row in colors_of(one)]
    colors = list(dict.fromkeys(color for color, _ in rows))
    return {
        "color": (colors[0] if len(colors) == 1 else "") if rows else entry["color"],
        "colors": colors[:COLORS_LIMIT],
        "colormap": "",
        "translucent": bool(rows) and all(alpha < OPAQUE for _, alpha in rows),
        "outlined": bool(rows) and all(map(is_outline, artists)),
    }


def first_of(drawn: Any) -> Any:
    """An artist, or the one that stands for a container."""
    if not isinstance(drawn, tuple):
        return drawn
    line = getattr(drawn, "markerline", None)
    return line or next((one for one in drawn if one is not None and one != ()), drawn)


def bars_of(drawn: Any) -> list[Any]:
    patches = getattr(drawn, "patches", None) if isinstance(drawn, tuple) else None
    return [bar for bar in patches or [] if hasattr(bar, "get_width")]


def colors_of(artist: Any) -> list[tuple[str, float]]:
    """The visible colours of an artist as #rrggbb with their opacity: of its faces, else of its
    lines. At most so many as are looked at in reasonable time."""
    from matplotlib.colors import to_hex, to_rgba_array

    for name in ("get_facecolor", "get_color", "get_edgecolor"):
        if not hasattr(artist, name):
            continue
        try:
            rows = to_rgba_array(getattr(artist, name)())[:2000]
        except (TypeError, ValueError):
            continue
        seen = [(str(to_hex(row)), float(row[3])) for row in rows if row[3] > 0]
        if seen:
            return seen
    return []


def is_outline(artist: Any) -> bool:
    """Whether a shape shows nothing but its edge."""
    from matplotlib.colors import to_rgba_array

    if not hasattr(artist, "get_facecolor"):
        return False
    return not (to_rgba_array(artist.get_facecolor())[:, 3] > 0).any()


def is_mapped(artist: Any) -> bool:
    """Whether values give an artist its colours."""
    array = artist.get_array() if hasattr(artist, "get_array") else None
    return array is not None and getattr(array, "ndim", 1) < 3


def colormap_of(artist: Any) -> str:
    """The name of the registered colour map that gives an artist its colours, or ""."""
    import matplotlib

    if not is_mapped(artist) or not hasattr(artist, "get_cmap"):
        return ""
    name = artist.get_cmap().name
    return name if name in matplotlib.colormaps else ""


def marks_of(kind: str, artist: Any) -> int:
    """How many separate things an artist, or a container of them, shows."""
    if isinstance(artist, tuple):
        line = getattr(artist, "markerline", None)
        return len(bars_of(artist)) or (len(line.get_xdata()) if line is not None else 1)
    if hasattr(artist, "get_segments") and kind == "line":
        return len(artist.get_segments())
    if hasattr(artist, "get_xdata"):
        bare = str(artist.get_linestyle()).lower() in ("none", "", " ")
        return len(artist.get_xdata()) if bare else 1
    offsets = artist.get_offsets() if hasattr(artist, "get_offsets") else ()
    if len(offsets) > 1 and hasattr(artist, "get_sizes"):
        return len(offsets)
    if kind in ("bar", "polygon") and hasattr(artist, "get_paths"):
        faces = FACES if hasattr(artist, "do_3d_projection") else 1
        return max(1, len(artist.get_paths()) // faces)
    return 1


def is_counted(artist: Any) -> bool:
    """Whether it stands for one box of a box plot."""
    return bool(getattr(artist, COUNT_MARK, False))


def has_sizes(artist: Any) -> bool:
    sizes = artist.get_sizes() if hasattr(artist, "get_sizes") else ()
    return len({round(float(size), 6) for size in sizes[:2000]}) > 1


def shape_of(kind: str, artist: Any, axes: Any) -> str:
    """What its kind does not tell: filled contours, a circle, a line across the axes."""
    if form := getattr(artist, FORM_MARK, ""):
        return str(form)
    if kind == "line" and getattr(artist, KIND_MARK, "") == "hist":
        return "density"  # a curve over a histogram
    if kind == "contour":
        return "filled" if getattr(artist, "filled", False) else ""
    if axis := spanned(artist, axes):
        return SPANNING[axis][hasattr(artist, "get_facecolor")]
    if kind in ("polygon", "other"):
        names = (c.__name__ for c in type(artist).__mro__)
        return next((SHAPES[name] for name in names if name in SHAPES), "")
    return ""


def stretch_of(artist: Any, name: str) -> list[float] | None:
    """From where to where along an axis a line or band across the other one reaches."""
    if hasattr(artist, "get_xdata"):
        values = [float(value) for value in getattr(artist, f"get_{name}data")(orig=False)]
        return [min(values), max(values)] if values else None
    start, size = artist.get_x(), artist.get_width()
    if name == "y":
        start, size = artist.get_y(), artist.get_height()
    return sorted((float(start), float(start + size)))


def spanned(artist: Any, axes: Any) -> str:
    """The axis on which a line or band has its place, while it spans the other one; or ""."""
    getter = getattr(artist, "get_data_transform", None) or getattr(artist, "get_transform", None)
    if getter is None or axes.name != "rectilinear":
        return ""
    if not hasattr(artist, "get_xdata") and not hasattr(artist, "get_width"):
        return ""
    across = {"x": axes.get_xaxis_transform("grid"), "y": axes.get_yaxis_transform("grid")}
    return next((name for name, transform in across.items() if getter() is transform), "")


def order_bars(pairs: list[tuple[Entry, Any]]) -> None:
    """Say of bars that stand alone whether their lengths grow or fall along the axis."""
    for lying in (False, True):
        sets = [
            (entry, bars_of(drawn))
            for entry, drawn in pairs
            if entry["kind"] == "bar" and entry["horizontal"] == lying
        ]
        if any(entry.get("arrangement") for entry, _ in sets):
            continue
        places = sorted(place_of(bar, lying) for _, bars in sets for bar in bars)
        if len(places) < 3 or len({middle for middle, _ in places}) < len(places):
            continue
        word = order_of([length for _, length in places])
        for entry, _ in sets:
            entry["order"] = word


def place_of(bar: Any, lying: bool) -> tuple[float, float]:
    if lying:
        return float(bar.get_y() + bar.get_height() / 2), float(bar.get_width())
    return float(bar.get_x() + bar.get_width() / 2), float(bar.get_height())


def order_of(lengths: list[float]) -> str:
    steps = [b - a for a, b in itertools.pairwise(lengths)]
    if not any(steps):
        return ""
    return "ascending" if min(steps) >= 0 else "descending" if max(steps) <= 0 else ""
