"""What one trace of a plotly figure shows, read off the figure's JSON: kinds, number of points,
between which values its data lie, color, and how it looks and stands to others.

Extents have the units of matplotlib's axes, so that figures of the two libraries can be compared:
numbers are as they are, dates days since 1970, categories their positions. What only the renderer
works out (counts of a histogram, levels of a box) is not known.
"""

import base64
import binascii
from collections import Counter
from collections.abc import Hashable, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from viscode.execution import untrusted
from viscode.execution.facts import TEXT_LIMIT
from viscode.execution.untrusted import Data, dict_of, list_of

if TYPE_CHECKING:
    import numpy as np

    Values = Sequence[Any] | np.ndarray[Any, Any]

Interval = list[float]
KIND_OF_TYPE = {
    name: kind
    for kind, names in {
        "bar": ("bar", "barpolar", "funnel", "waterfall"),
        "hist": ("histogram",),
        "heatmap": ("heatmap", "heatmapgl", "histogram2d", "densitymap", "densitymapbox"),
        "image": ("image",),
        "contour": ("contour", "contourcarpet", "histogram2dcontour"),
        "box": ("box", "candlestick", "ohlc"),
        "violin": ("violin",),
        "pie": ("pie", "funnelarea", "sunburst"),
        "surface": ("surface", "mesh3d", "isosurface", "volume"),
        "quiver": ("cone", "streamtube"),
        "table": ("table",),
        "scatter": ("splom",),
        "line": ("parcoords",),
        "polygon": ("parcats", "choropleth", "choroplethmap", "choroplethmapbox"),
    }.items()
    for name in names
}
FORM_OF_TYPE = {
    **{name: name for name in ("treemap", "sunburst", "icicle", "funnel", "waterfall")},
    **{name: name for name in ("candlestick", "ohlc", "choropleth")},
    **{"sankey": "flow", "funnelarea": "funnel"},
    **{"choroplethmap": "choropleth", "choroplethmapbox": "choropleth"},
}
DASH_NAMES = {
    **{"dash": "dashed", "longdash": "dashed", "dot": "dotted"},
    **{"dashdot": "dash-dotted", "longdashdot": "dash-dotted"},
}
SYMBOL_NAMES = {
    **{"circle": "circles", "square": "squares", "x": "crosses", "cross": "plus signs"},
    **{"triangle-up": "triangles", "triangle-down": "triangles"},
    **{"star": "stars", "diamond": "diamonds"},
}
COLORWAY = (
    *("#636efa", "#EF553B", "#00cc96", "#ab63fa", "#FFA15A"),
    *("#19d3f3", "#FF6692", "#B6E880", "#FF97FF", "#FECB52"),
)
POINTS = (
    *("x", "y", "z", "r", "theta", "values", "lat", "lon", "locations", "labels", "a", "ids"),
    "open",
)
DAY_S = 86_400.0
DTYPES = frozenset(("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"))
GRIDS = ("heatmap", "heatmapgl", "contour")
FROM_ZERO = ("bar", "funnel", "waterfall")
FLAT = ("scatter", "scattergl", *FROM_ZERO, *GRIDS)
VALUES_ONLY = ("box", "violin", "histogram")  # one of their axes is worked out
STACKED_MODES = ("stack", "relative")
BAR_TYPES = ("bar", "histogram")
LABELS_LIMIT = 10_000
BARS_LIMIT = 200  # traces whose bars are compared, and places of each
COLORS_LIMIT = 100  # in turn
FEW_POINTS = 20  # below this plotly adds markers to lines by default


def series_of(index: int, trace: Data, layout: Data, arrangement: str) -> list[Data]:
    label = str(trace.get("name") or "")[:TEXT_LIMIT]
    points, color = _points(trace), _color_of(index, trace, layout)
    x, y = extents(trace)
    mode = _mode(trace, points)
    return [
        {
            "kind": kind,
            "label": label,
            "points": points,
            "color": color,
            "x": x,
            "y": y,
            "arrangement": arrangement if kind in ("bar", "hist", "area") else "",
            **_looks(trace, kind, mode),
        }
        for kind in _kinds(trace, points, mode)
    ]


def _kinds(trace: Data, points: int, mode: str) -> list[str]:
    """A trace's kinds; a scatter trace may be a line, points, text and an area at once."""
    kind = str(trace.get("type", "scatter"))
    if points == 0 and kind not in ("table", "image"):
        return []
    if not kind.startswith("scatter"):
        return [KIND_OF_TYPE.get(kind, "other")]
    kinds = []
    if trace.get("fill", "none") not in ("none", "") or trace.get("stackgroup"):
        kinds.append("area")
    elif "lines" in mode:
        steps = str(dict_of(trace.get("line")).get("shape", "")).startswith(("hv", "vh"))
        kinds.append("step" if steps else "line")
    if "markers" in mode and not ("lines" in mode and kinds):
        kinds.append("scatter")
    if "text" in mode and not kinds:
        kinds.append("text")
    if isinstance(trace.get("error_y"), dict) and trace["error_y"].get("visible", True):
        kinds.append("errorbar")
    return kinds


def _points(trace: Data) -> int:
    kind = trace.get("type")
    if kind == "table":
        return sum(_length(column) for column in list_of(dict_of(trace.get("cells")).get("values")))
    if kind == "sankey":
        return _length(dict_of(trace.get("link")).get("value"))
    if kind == "indicator":
        return int(trace.get("value") is not None)
    if kind in ("parcoords", "parcats", "splom"):
        dimensions = list_of(trace.get("dimensions"))
        return max((_length(dict_of(one).get("values")) for one in dimensions), default=0)
    if kind == "pie" and (labels := _first_of(trace.get("labels"), LABELS_LIMIT)):
        return len(set(map(str, labels)))  # values of one label make one slice
    return max((_length(trace.get(key)) for key in POINTS), default=0)


def _length(value: object) -> int:
    if isinstance(value, list):
        return len(value)
    if isinstance(value, dict) and isinstance(value.get("bdata"), str):
        last = str(value.get("dtype", ""))[-1:]
        width = int(last) if last in ("1", "2", "4", "8") else 1
        text: str = value["bdata"]
        return (len(text) * 3 // 4 - text[-2:].count("=")) // width
    return 0


def _mode(trace: Data, points: int) -> str:
    """What of a scatter trace is drawn; "" for other traces."""
    kind = str(trace.get("type", "scatter"))
    if not kind.startswith("scatter"):
        return ""
    few = points < FEW_POINTS or kind == "scatter3d"
    return str(trace.get("mode") or ("lines+markers" if few else "lines"))


def _looks(trace: Data, kind: str, mode: str) -> Data:
    """What can be seen of one trace alone, for an entry of this kind; `mode` says which parts of a
    scatter trace are drawn, "lines+markers"."""
    line, marker = dict_of(trace.get("line")), dict_of(trace.get("marker"))
    symbol = str(marker.get("symbol", ""))
    plain = kind == "scatter" and symbol == "circle"  # what is expected of a scatter plot
    return {
        "form": _form(trace),
        "horizontal": trace.get("orientation") == "h",
        "dash": DASH_NAMES.get(str(line.get("dash", "")), "") if "lines" in mode else "",
        "marker": SYMBOL_NAMES.get(symbol.removesuffix("-open"), "")
        if "markers" in mode and not plain
        else "",
    }


def _form(trace: Data) -> str:
    kind = str(trace.get("type", "scatter"))
    if kind == "pie" and trace.get("hole"):
        return "donut"
    if kind == "indicator" and "gauge" in str(trace.get("mode", "")):
        return "gauge"
    return FORM_OF_TYPE.get(kind, "")


def arrangements(traces: list[Data], layout: Data) -> list[str]:
    """For each trace of one subplot "stacked", "grouped" or "". Bars stand on or beside each other
    only where two traces have bars at the same place."""
    mode = str(layout.get("barmode", "group"))
    word = "stacked" if mode in STACKED_MODES else "grouped" if mode == "group" else ""
    bars = [trace for trace in traces if trace.get("type") in BAR_TYPES][:BARS_LIMIT]
    taken = {id(trace): _places(trace) for trace in bars}
    count = Counter(place for places in taken.values() for place in places)
    stacks = Counter(str(trace.get("stackgroup")) for trace in traces)
    return [
        "stacked"
        if trace.get("stackgroup") and stacks[str(trace["stackgroup"])] > 1
        else (word if any(count[place] > 1 for place in taken.get(id(trace), ())) else "")
        for trace in traces
    ]


def _places(trace: Data) -> frozenset[Hashable]:
    """Where a trace has bars, each place with the trace's type and direction. Bars of histograms
    are at all places."""
    orientation = str(trace.get("orientation", "v"))
    names = "yx" if orientation == "h" else "xy"
    found, heights = (_first_of(trace.get(name), BARS_LIMIT) for name in names)
    places = list(map(str, found or range(len(heights))))
    if trace.get("type") == "histogram":
        places = [""]
    return frozenset((str(trace.get("type")), orientation, place) for place in places)


def _color_of(index: int, trace: Data, layout: Data) -> str:
    """The main color of a trace as #rrggbb, "" where it has many."""
    named = [dict_of(trace.get(part)).get("color") for part in ("marker", "line")]
    named.append(trace.get("fillcolor"))
    for color in named:
        if isinstance(color, str):
            return hex_color(color)
    if any(isinstance(color, list | dict) for color in named) or "colorscale" in trace:
        return ""
    template = dict_of(dict_of(layout.get("template")).get("layout"))
    way = [
        c
        for c in list_of(layout.get("colorway") or template.get("colorway"))[:COLORS_LIMIT]
        if isinstance(c, str)
    ] or list(COLORWAY)
    return hex_color(way[index % len(way)])


def hex_color(text: str) -> str:
    """A CSS color as #rrggbb; "" where it is none."""
    from PIL import ImageColor  # with all of PIL; most figures need no color read

    try:
        return "#{:02x}{:02x}{:02x}".format(*ImageColor.getrgb(text[:40])[:3])
    except ValueError:
        return _rgba_with_alpha(text)


def _rgba_with_alpha(text: str) -> str:
    """`rgba(1, 2, 3, 0.5)`: Pillow takes no fraction as alpha."""
    inner = text[text.find("(") + 1 : text.rfind(")")].split(",") if text.startswith("rgba") else []
    try:
        return "#" + "".join(f"{int(float(part)):02x}" for part in inner[:3])[:6] if inner else ""
    except (ValueError, OverflowError):
        return ""


def extents(trace: Data) -> tuple[Interval | None, Interval | None]:
    """[least, greatest] of x and of y; None where nothing is known of them."""
    kind = str(trace.get("type", "scatter"))
    x, y = (_extent(_values_of(trace.get(name))) for name in "xy")
    if kind in VALUES_ONLY:
        return x if "y" not in trace else None, y
    if kind not in FLAT and kind != "scatter3d":
        return None, None
    rows, columns = (0, 0) if "x" in trace and "y" in trace else _shape(trace, kind)
    x = x if "x" in trace else _positions(columns)
    y = y if "y" in trace else _positions(rows)
    if kind in FROM_ZERO:
        return (_from_zero(x), y) if trace.get("orientation") == "h" else (x, _from_zero(y))
    return x, y


def _shape(trace: Data, kind: str) -> tuple[int, int]:
    """How many places there are along y and x, where a trace does not name them."""
    if kind in GRIDS:
        z = trace.get("z")
        rows = z if isinstance(z, list) else []
        wide = max((len(row) for row in rows if isinstance(row, list)), default=0)
        return len(rows), wide
    other = [len(_values_of(trace.get(name))) for name in "xy"]
    return max(other), max(other)


def _positions(count: int) -> Interval | None:
    return [0.0, float(count - 1)] if count else None


def _from_zero(extent: Interval | None) -> Interval | None:
    return None if extent is None else [min(0.0, extent[0]), max(0.0, extent[1])]


def _values_of(value: object) -> "Values":
    """The values of an array as plotly writes it: a list, or bytes in base64, of which an array of
    numpy's is made."""
    if isinstance(value, list):
        return value
    if not isinstance(value, dict) or str(value.get("dtype")) not in DTYPES:
        return ()
    import numpy as np  # few figures need it, and importing it takes a quarter of a second

    try:
        return np.frombuffer(base64.b64decode(str(value.get("bdata"))), dtype=str(value["dtype"]))
    except (binascii.Error, ValueError):
        return ()


def _first_of(value: object, limit: int) -> list[Any]:
    """The first of `_values_of`, as Python's own."""
    values = _values_of(value)[:limit]
    return list(values) if isinstance(values, Sequence) else values.tolist()


def _extent(values: "Values") -> Interval | None:
    if not isinstance(values, Sequence):
        return _of_array(values)
    known = [value for value in values if value is not None and not isinstance(value, bool)]
    if known and all(isinstance(value, str) for value in known):
        known = _dates(known) or list(range(len(set(known))))
    numbers = [number for value in known if (number := untrusted.number(value)) is not None]
    return [min(numbers), max(numbers)] if numbers else None


def _of_array(values: "np.ndarray[Any, Any]") -> Interval | None:
    if values.dtype.kind == "f":
        values = values[abs(values) <= untrusted.NUMBER_LIMIT]
    return [float(values.min()), float(values.max())] if len(values) else None


def _dates(texts: list[str]) -> list[float]:
    """Days since 1970; [] where a text is no date."""
    try:
        moments = [datetime.fromisoformat(text) for text in texts]
        return [(m if m.tzinfo else m.replace(tzinfo=UTC)).timestamp() / DAY_S for m in moments]
    except (ValueError, OverflowError):  # a zone may lead out of the years that there are
        return []
