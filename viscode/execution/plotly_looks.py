"""What a viewer sees of a plotly figure at first sight, read off its JSON: colours of all marks,
colour scales, the order of bars, names along the axes, hidden axes, backgrounds, lines across.
"""

import itertools
from collections.abc import Iterator, Sequence

from viscode.execution import untrusted
from viscode.execution.facts import COLORS_LIMIT
from viscode.execution.plotly_traces import hex_color
from viscode.execution.untrusted import Data, dict_of, list_of

LOOKED_AT = 2000  # values of one trace
NAMES_LIMIT = 50
SHAPES_LIMIT = 200
SCALE_ENDS = {  # the first and last colour of a scale -> its name
    ("#440154", "#fde725"): "viridis",
    ("#0d0887", "#f0f921"): "plasma",
    ("#000004", "#fcffa4"): "inferno",
    ("#000004", "#fcfdbf"): "magma",
    ("#00224e", "#fee838"): "cividis",
    ("#30123b", "#7a0403"): "turbo",
    ("#f7fbff", "#08306b"): "Blues",
    ("#fff5f0", "#67000d"): "Reds",
    ("#f7fcf5", "#00441b"): "Greens",
    ("#ffffff", "#000000"): "Greys",
    ("#67001f", "#053061"): "RdBu",
    ("#a50026", "#313695"): "RdYlBu",
    ("#ffffd9", "#081d58"): "YlGnBu",
    ("#ffffcc", "#800026"): "YlOrRd",
}
ONE_EACH = ("line", "step", "area", "heatmap", "image", "contour", "surface", "wireframe")
SPANNING = {"y": ("horizontal line", "horizontal band"), "x": ("vertical line", "vertical band")}


def looks_of(trace: Data, kind: str, points: int, color: str, layout: Data) -> Data:
    """For an entry of this kind that a trace gives."""
    marker = dict_of(trace.get("marker"))
    colors, scale = _colors(trace, marker, color), ""
    if _is_mapped(trace, marker, kind):
        colors, scale = [], _scale_name(trace, marker, layout)
    sizes = {str(size) for size in list_of(marker.get("size"))[:LOOKED_AT]}
    opacity = untrusted.number(trace.get("opacity", marker.get("opacity", 1)))
    return {
        "marks": _marks(trace, kind, points),
        "color": colors[0] if len(colors) == 1 else "",
        "colors": colors[:COLORS_LIMIT],
        "colormap": scale,
        "order": _order(trace) if kind == "bar" else "",
        "translucent": opacity is not None and opacity < 1,
        "sized": kind == "scatter" and len(sizes) > 1,
    }


def _marks(trace: Data, kind: str, points: int) -> int:
    if kind in ONE_EACH:
        return 1
    if kind in ("box", "violin"):
        places = list_of(trace.get("y" if trace.get("orientation") == "h" else "x"))
        return len(set(map(str, places[:LOOKED_AT]))) or 1
    return points if kind in ("scatter", "bar", "pie") else 0


def _colors(trace: Data, marker: Data, color: str) -> list[str]:
    given = list_of(marker.get("color"))[:LOOKED_AT] or list_of(marker.get("colors"))[:LOOKED_AT]
    found = [hex_color(one) for one in given if isinstance(one, str)]
    return list(dict.fromkeys(filter(None, found))) if found else [color] if color else []


def _is_mapped(trace: Data, marker: Data, kind: str) -> bool:
    numbers = list_of(marker.get("color"))
    by_number = bool(numbers) and untrusted.number(numbers[0]) is not None
    encoded = isinstance(marker.get("color"), dict)
    return by_number or encoded or kind in ("heatmap", "contour", "surface")


def _scale_name(trace: Data, marker: Data, layout: Data) -> str:
    """The name of the colour scale by its ends; "" for an unknown one."""
    axis = str(trace.get("coloraxis") or marker.get("coloraxis") or "")
    template = dict_of(dict_of(layout.get("template")).get("layout"))
    usual = dict_of(template.get("colorscale")).get("sequential")
    places = (trace, marker, dict_of(layout.get(axis)), {"colorscale": usual})
    scale = next((one["colorscale"] for one in places if one.get("colorscale")), None)
    if isinstance(scale, str):
        return scale[:40]
    ends = [list_of(stop) for stop in list_of(scale)]
    if len(ends) < 2 or not all(len(stop) == 2 for stop in ends):
        return ""
    first, last = hex_color(str(ends[0][1])), hex_color(str(ends[-1][1]))
    if (last, first) in SCALE_ENDS:
        return SCALE_ENDS[last, first] + "_r"
    return SCALE_ENDS.get((first, last), "")


def _order(trace: Data) -> str:
    """Whether the bars of a trace grow or fall in the order of its places."""
    lying = trace.get("orientation") == "h"
    lengths = [untrusted.number(one) for one in list_of(trace.get("x" if lying else "y"))]
    places = list_of(trace.get("y" if lying else "x"))
    known = [one for one in lengths[:LOOKED_AT] if one is not None]
    if len(known) < 3 or len(known) != len(lengths) or len(set(map(str, places))) < len(places):
        return ""
    steps = [b - a for a, b in itertools.pairwise(known)]
    if not any(steps):
        return ""
    return "ascending" if min(steps) >= 0 else "descending" if max(steps) <= 0 else ""


def frame_of(x: Data, y: Data, traces: Sequence[Data], layout: Data) -> Data:
    """For the axes with these two axes of the layout."""
    template = dict_of(dict_of(layout.get("template")).get("layout"))
    legend = dict_of(dict_of(layout.get("legend")).get("title"))
    axes = {"x": x, "y": y}
    angle = untrusted.number(x.get("tickangle"))
    return {
        "hidden": "".join(name for name, axis in axes.items() if axis.get("visible") is False),
        "shared": "".join(name for name, axis in axes.items() if axis.get("matches")),
        "xnames": _names(traces, "x", x),
        "ynames": _names(traces, "y", y),
        "rotation": abs(angle) if angle is not None else None,
        "background": _not_white(layout.get("plot_bgcolor") or template.get("plot_bgcolor")),
        "legend_title": _title(legend),
        "colorbar_label": _bar_title(traces, layout),
        "equal_scales": bool(x.get("scaleanchor") or y.get("scaleanchor")),
    }


def _names(traces: Sequence[Data], name: str, axis: Data) -> list[str]:
    """The categories along an axis, in its order; [] for numbers and dates."""
    found: dict[str, None] = {}
    for trace in traces:
        values = list_of(trace.get(name))[:LOOKED_AT]
        if not values or not all(isinstance(one, str) and not one[:4].isdigit() for one in values):
            return []
        found |= dict.fromkeys(values)
    names = list(found)
    given = axis.get("categoryarray")
    if isinstance(given, list) or axis.get("categoryorder"):
        return []
    return names[:NAMES_LIMIT][:: -1 if axis.get("autorange") == "reversed" else 1]


def _title(value: Data) -> str:
    text = value.get("text")
    return text if isinstance(text, str) else ""


def _bar_title(traces: Sequence[Data], layout: Data) -> str:
    places = [dict_of(layout.get("coloraxis"))]
    places += [one for t in traces for one in (t, dict_of(t.get("marker")))]
    titles = (_title(dict_of(dict_of(one.get("colorbar")).get("title"))) for one in places)
    return next(filter(None, titles), "")


def _not_white(color: object) -> str:
    found = hex_color(color) if isinstance(color, str) else ""
    see_through = isinstance(color, str) and color.replace(" ", "").endswith(",0)")
    return "" if found == "#ffffff" or see_through else found


def paper_background(layout: Data) -> str:
    template = dict_of(dict_of(layout.get("template")).get("layout"))
    return _not_white(layout.get("paper_bgcolor") or template.get("paper_bgcolor"))


def lines_across(layout: Data, key: tuple[str, str]) -> Iterator[Data]:
    """Lines and bands across a whole subplot, as entries of its series."""
    for shape in list_of(layout.get("shapes"))[:SHAPES_LIMIT]:
        shape = dict_of(shape)
        for name, place in zip("xy", key, strict=True):
            other, across = ("y", key[1]) if name == "x" else ("x", key[0])
            if shape.get(f"{name}ref", name) != place or not _spans(shape, other, across):
                continue
            ends = [untrusted.number(shape.get(f"{name}{end}")) for end in "01"]
            form = SPANNING[name][shape.get("type") == "rect"]
            known = sorted(end for end in ends if end is not None)
            color = dict_of(shape.get("line")).get("color") or shape.get("fillcolor")
            yield {
                "kind": "polygon" if "band" in form else "line",
                "label": "",
                "points": 2,
                "color": hex_color(color) if isinstance(color, str) else "",
                name: known if len(known) == 2 else None,
                "form": form,
                "marks": 1,
            }


def _spans(shape: Data, name: str, place: str) -> bool:
    return str(shape.get(f"{name}ref")) in (f"{place} domain", "paper")
