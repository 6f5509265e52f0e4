"""How plotly's traces look and how they stand to each other, told from the figure's JSON.

Colours, forms that share a kind (a donut and a pie), lying, stacked and grouped bars, line styles,
markers."""

from collections import Counter
from collections.abc import Hashable

from viscode.execution.plotly_extents import first_of
from viscode.execution.untrusted import Data, dict_of, list_of

COLORWAY = (
    "#636efa",
    "#EF553B",
    "#00cc96",
    "#ab63fa",
    "#FFA15A",
    "#19d3f3",
    "#FF6692",
    "#B6E880",
    "#FF97FF",
    "#FECB52",
)
FORM_OF_TYPE = {
    "treemap": "treemap",
    "sunburst": "sunburst",
    "icicle": "icicle",
    "sankey": "flow",
    "funnel": "funnel",
    "funnelarea": "funnel",
    "waterfall": "waterfall",
    "candlestick": "candlestick",
    "ohlc": "ohlc",
    "choropleth": "choropleth",
    "choroplethmap": "choropleth",
    "choroplethmapbox": "choropleth",
}
BARS_LIMIT = 200  # traces whose bars are compared, and places of each
COLORS_LIMIT = 100  # in turn
FEW_POINTS = 20  # below this plotly adds markers to lines by default
STACKED_MODES = ("stack", "relative")
BAR_TYPES = ("bar", "histogram")
DASH_NAMES = {
    "dash": "dashed",
    "longdash": "dashed",
    "dot": "dotted",
    "dashdot": "dash-dotted",
    "longdashdot": "dash-dotted",
}
SYMBOL_NAMES = {
    "circle": "circles",
    "square": "squares",
    "triangle-up": "triangles",
    "triangle-down": "triangles",
    "x": "crosses",
    "cross": "plus signs",
    "star": "stars",
    "diamond": "diamonds",
}


def mode_of(trace: Data, points: int) -> str:
    """What of a scatter trace is drawn; "" for other traces."""
    kind = str(trace.get("type", "scatter"))
    if not kind.startswith("scatter"):
        return ""
    few = points < FEW_POINTS or kind == "scatter3d"
    return str(trace.get("mode") or ("lines+markers" if few else "lines"))


def looks_of(trace: Data, kind: str, mode: str) -> Data:
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
    found, heights = (first_of(trace.get(name), BARS_LIMIT) for name in names)
    places = list(map(str, found or range(len(heights))))
    if trace.get("type") == "histogram":
        places = [""]
    return frozenset((str(trace.get("type")), orientation, place) for place in places)


def color_of(index: int, trace: Data, layout: Data) -> str:
    """The main colour of a trace as #rrggbb, "" where it has many."""
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
    """A CSS colour as #rrggbb; "" where it is none."""
    from PIL import ImageColor  # with all of PIL; most figures need no colour read

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
