"""Looks at a matplotlib figure and says whether claims on it hold. It reads the artists themselves
and shares nothing with the reader of facts. Its text runs in the sandbox, in front of a script;
`check(figure, claims)` returns the claims that are false.
"""

import re as _re

import matplotlib.colors as _mc
import numpy as _np
from matplotlib.collections import LineCollection as _Lines
from matplotlib.collections import PathCollection as _Points
from matplotlib.collections import PolyCollection as _Polys
from matplotlib.collections import QuadMesh as _Mesh
from matplotlib.contour import ContourSet as _Contour
from matplotlib.patches import Circle as _Circle
from matplotlib.patches import Ellipse as _Ell
from matplotlib.patches import FancyArrow as _Arrow
from matplotlib.patches import FancyArrowPatch as _FancyArrow
from matplotlib.patches import FancyBboxPatch as _Box
from matplotlib.patches import PathPatch as _PathPatch
from matplotlib.patches import Polygon as _Poly
from matplotlib.patches import Rectangle as _Rect
from matplotlib.patches import Wedge as _Wedge
from matplotlib.quiver import Quiver as _Quiver

REFERENCE = {
    "sky blue": "#87ceeb",
    "mint green": "#98f0c8",
    "blue": "#1f77b4",
    "orange": "#ff7f0e",
    "green": "#2ca02c",
    "red": "#d62728",
    "purple": "#9467bd",
    "cyan": "#17becf",
    "pink": "#e377c2",
    "brown": "#8c564b",
    "olive": "#bcbd22",
    "gray": "#7f7f7f",
    "steel blue": "#4682b4",
}


def spans(artist, ax):
    t = (
        artist.get_data_transform()
        if hasattr(artist, "get_data_transform")
        else artist.get_transform()
    )
    return t is ax.get_xaxis_transform("grid") or t is ax.get_yaxis_transform("grid")


def lines(ax):
    return [
        line
        for line in ax.lines
        if line.get_visible()
        and len(line.get_xdata())
        and not spans(line, ax)
        and line.get_linestyle() not in ("None", "none", "", " ")
    ]


def bare(ax):
    return [
        line
        for line in ax.lines
        if line.get_linestyle() in ("None", "none", "", " ") and len(line.get_xdata())
    ]


def rects(ax):
    return [
        p
        for p in ax.patches
        if isinstance(p, _Rect) and p.get_width() and p.get_height() and not spans(p, ax)
    ]


def bars(ax):
    return [p for c in ax.containers for p in getattr(c, "patches", [])]


def clouds(ax):
    return [c for c in ax.collections if isinstance(c, _Points) and c.get_visible()]


def hull(ax, kind):
    polys = [c for c in ax.collections if isinstance(c, _Polys)]
    return polys


def segments(ax):
    sets = [c for c in ax.collections if type(c) is _Lines]
    return sum(len(c.get_segments()) for c in sets)


def lone(ax, cls, but=()):
    return [
        p
        for p in ax.patches
        if isinstance(p, cls) and not isinstance(p, but) and not spans(p, ax) and p not in bars(ax)
    ]


COUNTS = {
    "line": lambda ax: len(lines(ax)) + segments(ax),
    "line or across": lambda ax: len(ax.lines) + segments(ax),
    "step line": lambda ax: sum(line.get_drawstyle() != "default" for line in lines(ax)),
    "fitted line": lambda ax: len(lines(ax)),
    "density curve": lambda ax: len(lines(ax)),
    "point": lambda ax: (
        sum(len(c.get_offsets()) for c in clouds(ax))
        + sum(len(line.get_xdata()) for line in bare(ax))
    ),
    "bar": lambda ax: len(bars(ax)),
    "bin": lambda ax: len(bars(ax)),
    "slice": lambda ax: sum(isinstance(p, _Wedge) for p in ax.patches),
    "box": lambda ax: (
        len([p for p in ax.patches if type(p) is _PathPatch])
        or sum(len(line.get_xdata()) == 5 for line in lines(ax))
    ),
    "violin": lambda ax: len(hull(ax, "violin")),
    "node": lambda ax: sum(len(c.get_offsets()) for c in clouds(ax)),
    "edge": segments,
    "filled area": lambda ax: len(hull(ax, "area")),
    "shaded density": lambda ax: len(hull(ax, "area")),
    "rectangle": lambda ax: len(lone(ax, (_Rect, _Box))),
    "circle": lambda ax: len(lone(ax, _Circle)),
    "ellipse": lambda ax: len(lone(ax, _Ell, _Circle)),
    "wedge": lambda ax: len(lone(ax, _Wedge)),
    "filled polygon": lambda ax: (
        len(lone(ax, (_Poly, _PathPatch)))
        + sum(len(c.get_paths()) for c in ax.collections if type(c).__name__ == "PatchCollection")
    ),
    "outlined polygon": lambda ax: len([p for p in ax.patches if not p.get_fill()]),
    "arrow": lambda ax: len([p for p in ax.patches if isinstance(p, (_Arrow, _FancyArrow))]),
    "image": lambda ax: len(ax.images),
    "heatmap": lambda ax: len(ax.images) + sum(isinstance(c, _Mesh) for c in ax.collections),
    "set of contours": lambda ax: sum(isinstance(c, _Contour) for c in ax.collections),
    "set of filled contours": lambda ax: sum(
        isinstance(c, _Contour) and c.filled for c in ax.collections
    ),
    "set of error bars": lambda ax: sum(
        type(c).__name__ == "ErrorbarContainer" for c in ax.containers
    ),
    "set of stems": lambda ax: sum(type(c).__name__ == "StemContainer" for c in ax.containers),
    "field of arrows": lambda ax: sum(isinstance(c, _Quiver) for c in ax.collections),
    "set of stream lines": lambda ax: int(segments(ax) > 1),
    "surface": lambda ax: sum(type(c).__name__ == "Poly3DCollection" for c in ax.collections),
    "wireframe": lambda ax: sum(type(c).__name__ == "Line3DCollection" for c in ax.collections),
    "histogram": lambda ax: max(1, len([c for c in ax.containers if hasattr(c, "patches")])),
}


def sets(ax, count, size, what):
    if what == "bars":
        found = [len(c.patches) for c in ax.containers if hasattr(c, "patches")]
    else:
        found = [len(c.get_offsets()) for c in clouds(ax)] + [
            len(line.get_xdata()) for line in bare(ax)
        ]
    return len(found) == count and (size is None or set(found) == {size})


def lying(ax):
    known = bars(ax)
    if not known:
        return ax.get_ylim()[1] > 0  # boxes and violins are compared by their places below
    return (
        len({round(p.get_height(), 6) for p in known}) == 1
        or len({round(p.get_width(), 6) for p in known}) > 1
    )


def stacked(ax):
    known = bars(ax)
    if not known:
        polys = hull(ax, "area")
        return len(polys) > 1
    ends = {(round(p.get_x(), 6), round(p.get_y() + p.get_height(), 6)) for p in known}
    ends |= {(round(p.get_x() + p.get_width(), 6), round(p.get_y(), 6)) for p in known}
    return any(
        (round(p.get_x(), 6), round(p.get_y(), 6)) in ends and (p.get_x() or p.get_y())
        for p in known
    )


def grouped(ax):
    centers = [
        (round(p.get_x() + p.get_width() / 2, 6), round(p.get_y() + p.get_height() / 2, 6))
        for p in bars(ax)
    ]
    feet = {round(p.get_x(), 6) for p in bars(ax)}
    return len(set(centers)) == len(centers) and (
        len(feet) == len(centers) or len({round(p.get_y(), 6) for p in bars(ax)}) == len(centers)
    )


def order(ax, word, start):
    axis = "y" if start in ("bottom", "top") else "x"
    get = (
        (lambda p: (p.get_y(), p.get_width()))
        if axis == "y"
        else (lambda p: (p.get_x(), p.get_height()))
    )
    low, high = getattr(ax, f"get_{axis}lim")()
    rising = (low < high) == (start in ("left", "bottom"))
    lengths = [length for _, length in sorted(map(get, bars(ax)), reverse=not rising)]
    return lengths == sorted(lengths, reverse=word == "descending")


def labels_along(ax, axis):
    ax.figure.canvas.draw()
    ticks = getattr(ax, f"get_{axis}ticklabels")()
    low, high = sorted(getattr(ax, f"get_{axis}lim")())
    shown = [(t.get_position()["xy".index(axis)], t.get_text()) for t in ticks if t.get_text()]
    shown = sorted(t for t in shown if low <= t[0] <= high)
    first, last = getattr(ax, f"get_{axis}lim")()
    texts = [" ".join(t.split()) for _, t in shown][:: 1 if first < last else -1]
    return texts[::-1] if axis == "y" else texts


def close(one, other):
    return abs(one - other) <= 0.06 * max(abs(one), abs(other), 1e-9) + 1e-12


def rgb(name):
    if name in REFERENCE:
        return _np.array(_mc.to_rgb(REFERENCE[name]))
    plain = name.replace(" ", "")
    return _np.array(_mc.to_rgb(plain if plain in _mc.CSS4_COLORS else "xkcd:" + name))


def near(color, name):
    color = _np.array(_mc.to_rgb(color))
    candidates = [rgb(name)] + [
        _np.array(_mc.to_rgb(n.replace(" ", "")))
        for n in [name]
        if n.replace(" ", "") in _mc.CSS4_COLORS
    ]
    return min(_np.abs(color - c).max() for c in candidates) < 0.42


def faces(artist):
    for get in ("get_facecolor", "get_color", "get_edgecolor"):
        if hasattr(artist, get):
            try:
                rows = _mc.to_rgba_array(getattr(artist, get)())
            except (TypeError, ValueError):
                continue
            rows = [tuple(r) for r in rows if r[3] > 0]
            if rows:
                return rows
    return []


COLOURED = {
    "line": lambda ax: [*lines(ax), *[c for c in ax.collections if type(c) is _Lines]],
    "edge": lambda ax: [c for c in ax.collections if type(c) is _Lines],
    "point": lambda ax: [*clouds(ax), *bare(ax)],
    "node": lambda ax: clouds(ax),
    "bar": lambda ax: bars(ax),
    "histogram bar": lambda ax: bars(ax) or ax.patches,
    "outlines of the histogram": lambda ax: ax.patches,
    "box": lambda ax: [p for p in ax.patches if type(p) is _PathPatch] or lines(ax)[:1],
    "violin": lambda ax: hull(ax, ""),
    "filled area": lambda ax: hull(ax, ""),
    "shaded density": lambda ax: hull(ax, ""),
    "shaded band": lambda ax: hull(ax, ""),
    "stem": lambda ax: [c.markerline for c in ax.containers],
    "error bar": lambda ax: [
        a for c in ax.containers if type(c).__name__ == "ErrorbarContainer" for a in c.lines[2]
    ],
    "arrow": lambda ax: [*ax.collections, *lone(ax, (_Arrow, _FancyArrow))],
    "outlined polygon": lambda ax: [p for p in ax.patches if not p.get_fill()],
    "set of contours": lambda ax: [c for c in ax.collections if isinstance(c, _Contour)],
    "set of stream lines": lambda ax: [c for c in ax.collections if type(c) is _Lines],
    "rectangle": lambda ax: lone(ax, (_Rect, _Box)),
    "circle": lambda ax: lone(ax, _Circle),
    "ellipse": lambda ax: lone(ax, _Ell, _Circle),
    "wedge": lambda ax: lone(ax, _Wedge),
    "filled polygon": lambda ax: lone(ax, object),
    "wireframe": lambda ax: ax.collections,
    "line or across": lambda ax: len(ax.lines) + segments(ax),
    "step line": lambda ax: lines(ax),
    "fitted line": lambda ax: lines(ax),
    "density curve": lambda ax: lines(ax),
}


def coloured(axes, what):
    """The colours of all artists that a word names."""
    return [row for ax in axes for artist in COLOURED[what](ax) for row in faces(artist)]


def colours_are(axes, what, names, light):
    found = coloured(axes, what)
    fits = [[near(c[:3], n) for n in names] for c in found]
    all_named = bool(found) and all(map(any, fits))
    all_used = all(any(row[i] for row in fits) for i in range(len(names)))
    several = len({tuple(round(v, 2) for v in c[:3]) for c in found}) >= len(names)
    return all_named and all_used and several and (not light or all(c[3] < 1 for c in found))


def label_colour(axes, label, name):
    for ax in axes:
        for handle, text in zip(*ax.get_legend_handles_labels(), strict=True):
            if " ".join(text.split()) == label:
                parts = handle if isinstance(handle, tuple) else [handle]
                parts = [
                    p
                    for part in parts
                    if part is not None
                    for p in (part if isinstance(part, tuple) else [part])
                ]
                return any(near(c[:3], name) for p in parts for c in faces(p))
    return any(
        label in [t.get_text() for t in leg.get_texts()]
        for ax in axes
        for leg in [ax.get_legend()]
        if leg
    )


def maps(axes):
    things = [m for ax in axes for m in [*ax.images, *ax.collections] if m.get_array() is not None]
    return {m.get_cmap().name for m in things}


def drawn_axes(figure):
    every = [a for ax in figure.axes for a in (ax, *ax.child_axes)]
    seen = [
        a
        for i, a in enumerate(every)
        if a not in every[:i] and not hasattr(a, "_colorbar") and not hasattr(a, "_functions")
    ]
    return [
        a
        for a in seen
        if a.has_data()
        or a.texts
        or a.patches
        or a.collections
        or a.tables
        or a.artists
        or (a.axison and not covered(a, seen))
    ]


def covered(ax, every):
    """Whether axes share their place with others."""
    box = ax.get_position()
    return any(a is not ax and a.get_position().overlaps(box) for a in every)


def place(axes, ax):
    """Where axes come in the order of reading."""
    boxes = [(-round(a.get_position().y1, 2), a.get_position().x0) for a in axes]
    return sorted(boxes).index(boxes[axes.index(ax)])


def runs(ax, name, start, end):
    """Whether an axis of dates has these limits."""
    low, high = getattr(ax, f"get_{name}lim")()
    days = [
        _np.datetime64(one.replace(" ", "T")).astype("datetime64[m]").astype(float) / 1440
        for one in (start, end)
    ]
    return abs(low - days[0]) < 1e-3 and abs(high - days[1]) < 1e-3


def stands(axes, index, place):
    """Whether the middle of axes lies on the side of the figure, or of the first, that is told."""
    box, first = axes[index].get_position(), axes[0].get_position()
    if place.endswith("of the first") or place.endswith("the first"):
        if place.startswith("as an inset"):
            inside = first.x0 <= box.x0 + 0.01 and box.x1 <= first.x1 + 0.01
            return inside and sided(box, first, place.removesuffix(" of the first"))
        return {
            "above the first": box.y0 > first.y0,
            "below the first": box.y1 < first.y1,
            "to the right of the first": box.x0 > first.x0,
            "to the left of the first": box.x1 < first.x1,
        }[place]
    boxes = [a.get_position() for a in axes]
    whole = type(box).union(boxes)
    return sided(box, whole, place)


def sided(box, whole, place):
    x = (box.x0 + box.x1 - whole.x0 - whole.x1) / 2
    y = (box.y0 + box.y1 - whole.y0 - whole.y1) / 2
    rules = {"left": x < 0, "right": x > 0, "top": y > 0, "bottom": y < 0}
    return all(holds for word, holds in rules.items() if word in place.split())


def entries(legend):
    return [said(t.get_text()) for t in legend.get_texts()] if legend else []


def said(text):
    text = _re.sub(r"\$\\mathdefault\{([^{}$]*)\}\$", r"\1", text)
    return " ".join(text.replace(chr(34), chr(39)).split())


def titles(ax):
    return [said(ax.get_title(loc)) for loc in ("center", "left", "right")]


def texts(ax):
    return [said(t.get_text()) for t in ax.texts]


def has_grid(ax):
    return any(line.get_visible() for line in ax.get_xgridlines() + ax.get_ygridlines())


def turned(ax, degrees):
    angles = [label.get_rotation() % 180 for label in ax.get_xticklabels()]
    return all(min(abs(a - degrees), abs(180 - a - degrees)) < 1 for a in angles)


def bar_texts(ax):
    return [said(text) for text in (ax.get_ylabel(), ax.get_xlabel(), ax.get_title())]


def straight(ax, axis, value, band=None):
    for p in ax.patches if band is not None else ax.lines:
        if not spans(p, ax):
            continue
        if band is None:
            data = p.get_ydata() if axis == "y" else p.get_xdata()
            if all(abs(v - value) < 1e-6 * max(1, abs(value)) for v in data):
                return True
        else:
            start = p.get_y() if axis == "y" else p.get_x()
            size = p.get_height() if axis == "y" else p.get_width()
            if abs(start - value) < 1e-6 and abs(start + size - band) < 1e-6:
                return True
    return False


def data_from(ax, axis, low, high):
    box = ax.dataLim
    ends = (box.x0, box.x1) if axis == "x" else (box.y0, box.y1)
    tolerance = 0.06 * (abs(ends[1] - ends[0]) + max(map(abs, ends)))
    return all(abs(a - b) <= tolerance for a, b in zip((low, high), ends, strict=True))


def check(figure, claims):
    axes = drawn_axes(figure)
    false = []
    for claim in claims:
        try:
            holds = eval(claim, {**globals(), "figure": figure, "axes": axes})  # noqa: S307 - ours
        except Exception as error:  # noqa: BLE001 - a claim that cannot be checked is false
            holds, claim = False, f"{claim} -> {type(error).__name__}: {error}"
        if not holds:
            false.append(claim)
    return false
