"""What one set of axes shows, as a noun phrase: "a bar chart with five bars".

Names kinds of charts as a reader of the plot would, never a library or a function.
"""

import re
from collections import Counter
from dataclasses import dataclass

from viscode.execution.facts import SERIES_LIMIT, Axes
from viscode.instruct.words import a, count_of, join


@dataclass(frozen=True)
class Kind:
    """Words for one kind of chart: as the whole plot, and for its series."""

    chart: str
    one: str
    many: str


# In the order of prominence: what comes first names the plot.
KINDS = {
    "heatmap": Kind("heatmap", "heatmap", "heatmaps"),
    "image": Kind("image", "image", "images"),
    "pie": Kind("pie chart", "pie", "pies"),
    "surface": Kind("surface plot", "surface", "surfaces"),
    "wireframe": Kind("wireframe plot", "wireframe", "wireframes"),
    "bar": Kind("bar chart", "set of bars", "sets of bars"),
    "hist": Kind("histogram", "histogram", "histograms"),
    "box": Kind("box plot", "box", "boxes"),
    "violin": Kind("violin plot", "violin", "violins"),
    "contour": Kind("contour plot", "set of contours", "sets of contours"),
    "quiver": Kind("vector field plot", "field of arrows", "fields of arrows"),
    "area": Kind("filled area plot", "filled area", "filled areas"),
    "stem": Kind("stem plot", "set of stems", "sets of stems"),
    "step": Kind("step plot", "step line", "step lines"),
    "errorbar": Kind("plot with error bars", "set of error bars", "sets of error bars"),
    "line": Kind("line plot", "line", "lines"),
    "scatter": Kind("scatter plot", "group of points", "groups of points"),
    "polygon": Kind("plot of filled polygons", "filled polygon", "filled polygons"),
    "table": Kind("table", "table", "tables"),
    "text": Kind("plot made of text", "text", "texts"),
    "other": Kind("drawing made of shapes", "shape", "shapes"),
}
MINOR = frozenset({"text", "other"})  # not worth a word beside anything else
POINTS = {
    "scatter": ("points", "point"),
    "bar": ("bars", "bar"),
    "pie": ("slices", "slice"),
    "hist": ("bins", "bin"),
}
NETWORK = re.compile(r"draw_networkx|\bnx\.draw|networkx\.draw")
GROUPED = frozenset({"box", "violin", "polygon"})  # one series in the facts, however many
SPECIAL = tuple(
    (re.compile(pattern), kind, noun)
    for pattern, kind, noun in (
        (r"[tT]reemap", "other", "treemap"),
        (r"[tT]reemap", "pie", "treemap"),
        (r"[sS]unburst", "pie", "sunburst chart"),
        (r"[iI]cicle\(", "other", "icicle chart"),
        (r"[sS]ankey", "other", "flow diagram"),
        (r"Indicator\(", "other", "gauge"),
        (r"\.([fF]unnel)\(", "bar", "funnel chart"),
        (r"Waterfall\(", "bar", "waterfall chart"),
        (r"Candlestick\(", "box", "candlestick chart"),
        (r"[cC]horopleth", "polygon", "choropleth map"),
        (r"hole\s*=", "pie", "donut chart"),
        (
            r"(?s)(barh\(|orientation\s*=\s*['\"]h).*(left\s*=|stack)",
            "bar",
            "stacked horizontal bar chart",
        ),
        (r"barh\(|orientation\s*=\s*['\"]h", "bar", "horizontal bar chart"),
        (
            r"bottom\s*=\s*[a-z]|barmode\s*=\s*['\"](stack|relative)|stacked\s*=\s*True",
            "bar",
            "stacked bar chart",
        ),
        (r"dendrogram\(", "line", "dendrogram"),
        (r"stackplot|\.area\(|stackgroup", "area", "stacked area plot"),
    )
)
PLACES = {
    "polar": " on polar axes",
    "geo": " on a map",
    "mapbox": " on a map",
    "ternary": " on ternary axes",
}


def kinds_of(axes: Axes) -> list[str]:
    """The kinds worth naming, the most prominent first."""
    known = [kind for kind in KINDS if kind in axes.kinds]
    return [kind for kind in known if kind not in MINOR] or known or ["other"]


def chart_phrase(axes: Axes, code: str) -> str:
    """The noun phrase with its article. The code tells what facts do not distinguish: stacked
    from plain bars, a treemap from other shapes."""
    kinds = kinds_of(axes)
    if NETWORK.search(code) and {"scatter", "polygon"} & set(kinds):
        return f"a network diagram{_contents('scatter', axes).replace('point', 'node')}"
    solid = "three-dimensional " if axes.projection in ("3d", "scene") else ""
    place = PLACES.get(axes.projection, "")
    if len(kinds) == 1:
        special = next(
            (noun for pattern, kind, noun in SPECIAL if kind == kinds[0] and pattern.search(code)),
            "",
        )
        noun = solid + (special or KINDS[kinds[0]].chart)
        contents = "" if special and kinds[0] == "line" else _contents(kinds[0], axes)
        return f"{a(noun)}{contents}{place}"
    counts = _counts(axes)
    elements = join(_elements(kind, counts[kind]) for kind in kinds)
    return f"{a(solid + 'plot')} that combines {elements}{place}"


def _counts(axes: Axes) -> Counter[str]:
    return Counter(series.kind for series in axes.series)


def _elements(kind: str, count: int) -> str:
    words = KINDS[kind]
    if count <= 1 and kind in GROUPED:
        return words.many
    return words.many if count >= SERIES_LIMIT else count_of(max(count, 1), words.one, words.many)


def _contents(kind: str, axes: Axes) -> str:
    count = _counts(axes)[kind]
    if count >= SERIES_LIMIT:
        return f" with many {KINDS[kind].many}"
    if count > 1:
        return f" with {count_of(count, KINDS[kind].one, KINDS[kind].many)}"
    points = next((s.points for s in axes.series if s.kind == kind), 0)
    if kind in POINTS and points > 1:
        many, one = POINTS[kind]
        return f" with {count_of(points, one, many)}"
    return ""
