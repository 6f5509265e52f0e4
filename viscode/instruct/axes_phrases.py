"""The figures and axes that show something, and what one set of axes shows as a noun phrase: "a bar
chart with five bars".

Names kinds of charts as a reader of the plot would, never a library or a function.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from viscode.execution.facts import SERIES_LIMIT, Axes, FigureFacts, Series
from viscode.instruct.words import a, count_of, join


@dataclass(frozen=True)
class ChartKind:
    """Words for one kind of chart: as the whole plot, and for its series."""

    chart: str
    one: str
    many: str


# In the order of prominence: what comes first names the plot.
CHART_KINDS = {
    "heatmap": ChartKind("heatmap", "heatmap", "heatmaps"),
    "image": ChartKind("image", "image", "images"),
    "pie": ChartKind("pie chart", "pie", "pies"),
    "surface": ChartKind("surface plot", "surface", "surfaces"),
    "wireframe": ChartKind("wireframe plot", "wireframe", "wireframes"),
    "bar": ChartKind("bar chart", "set of bars", "sets of bars"),
    "hist": ChartKind("histogram", "histogram", "histograms"),
    "box": ChartKind("box plot", "box", "boxes"),
    "violin": ChartKind("violin plot", "violin", "violins"),
    "contour": ChartKind("contour plot", "set of contours", "sets of contours"),
    "quiver": ChartKind("vector field plot", "field of arrows", "fields of arrows"),
    "area": ChartKind("filled area plot", "filled area", "filled areas"),
    "stem": ChartKind("stem plot", "set of stems", "sets of stems"),
    "step": ChartKind("step plot", "step line", "step lines"),
    "errorbar": ChartKind("plot with error bars", "set of error bars", "sets of error bars"),
    "line": ChartKind("line plot", "line", "lines"),
    "scatter": ChartKind("scatter plot", "group of points", "groups of points"),
    "polygon": ChartKind("plot of filled polygons", "filled polygon", "filled polygons"),
    "table": ChartKind("table", "table", "tables"),
    "text": ChartKind("plot made of text", "text", "texts"),
    "other": ChartKind("drawing made of shapes", "shape", "shapes"),
}
MINOR = frozenset({"text", "other"})  # not worth a word beside anything else
POINT_NOUNS = {
    "scatter": ("points", "point"),
    "bar": ("bars", "bar"),
    "pie": ("slices", "slice"),
    "hist": ("bins", "bin"),
}
UNCOUNTED = frozenset({"box", "violin"})  # one series in the facts, however many
ONE_BY_ONE = frozenset({"bar", "scatter"})  # what a script may draw in calls of one point each
WITHOUT_LIMITS = frozenset({"pie", "heatmap", "image", "table", "text"})  # that mean anything
FORM_NOUNS = {
    "donut": "donut chart",
    "treemap": "treemap",
    "sunburst": "sunburst chart",
    "icicle": "icicle chart",
    "flow": "flow diagram",
    "gauge": "gauge",
    "funnel": "funnel chart",
    "waterfall": "waterfall chart",
    "candlestick": "candlestick chart",
    "ohlc": "chart of opening, highest, lowest and closing values",
    "choropleth": "choropleth map",
    "dendrogram": "dendrogram",
}
ALWAYS_LYING = frozenset({"funnel chart"})
LYING = frozenset({"bar", "hist", "box", "violin"})  # what can be said to be horizontal
PLACES = {
    "polar": " on polar axes",
    "geo": " on a map",
    "mapbox": " on a map",
    "ternary": " on ternary axes",
}


def drawn_axes(figure: FigureFacts | None) -> tuple[Axes, ...]:
    """The axes of a figure that show something; none where nothing is known of it."""
    return tuple(axes for axes in figure.axes if axes.kinds) if figure is not None else ()


def drawn_figures(figures: Sequence[FigureFacts | None]) -> list[FigureFacts]:
    """The different figures that show something: a figure that was both shown and saved is one
    figure to whoever reads the instruction."""
    distinct: list[FigureFacts] = []
    for figure in figures:
        if figure is not None and drawn_axes(figure) and figure not in distinct:
            distinct.append(figure)
    return distinct


def kinds_of(axes: Axes) -> list[str]:
    """The kinds worth naming, the most prominent first. The lines around stacked areas are part
    of them."""
    known = [kind for kind in CHART_KINDS if kind in axes.kinds]
    if set(known) == {"area", "line"} and _of_all(axes, "area", "arrangement") == "stacked":
        return ["area"]
    return [kind for kind in known if kind not in MINOR] or known or ["other"]


def is_network(axes: Axes) -> bool:
    """Whether the axes show nodes and edges."""
    return any(series.form == "network" for series in axes.series)


def limits_matter(axes: Axes) -> bool:
    """Whether the limits of its axes tell anything: they are drawn, and the data have a scale."""
    placed = any(series.form in ("network", "dendrogram") for series in axes.series)
    return not (placed or axes.projection in PLACES or WITHOUT_LIMITS & set(axes.kinds))


def chart_phrase(axes: Axes) -> str:
    """The noun phrase with its article."""
    kinds = kinds_of(axes)
    if is_network(axes):
        return f"a network diagram{_contents('scatter', axes).replace('point', 'node')}"
    solid = "three-dimensional " if axes.projection in ("3d", "scene") else ""
    place = PLACES.get(axes.projection, "")
    if len(kinds) == 1:
        noun = solid + _noun(kinds[0], axes)
        contents = "" if noun == FORM_NOUNS["dendrogram"] else _contents(kinds[0], axes)
        return f"{a(noun)}{contents}{place}"
    elements = join(_elements(kind, axes) for kind in kinds)
    return f"{a(solid + 'plot')} that combines {elements}{place}"


def _noun(kind: str, axes: Axes) -> str:
    """ "stacked horizontal bar chart": the kind's word with what all of its series are."""
    noun = FORM_NOUNS.get(str(_of_all(axes, kind, "form")), CHART_KINDS[kind].chart)
    arranged = str(_of_all(axes, kind, "arrangement") or "")
    if arranged and kind == "area":
        noun = "area plot"
    lying = noun not in ALWAYS_LYING and _of_all(axes, kind, "horizontal") is True
    lying = lying and kind in LYING
    return " ".join(filter(None, [arranged, "horizontal" if lying else "", noun]))


def _of_all(axes: Axes, kind: str, name: str) -> object:
    """What a field of all series of a kind is, None where they differ."""
    values = {getattr(series, name) for series in axes.series if series.kind == kind}
    return values.pop() if len(values) == 1 else None


def _drawn(kind: str, axes: Axes) -> tuple[list[Series], str, str]:
    """The series of a kind, and what one and many of them are called: a script that draws bars one
    by one draws bars, not sets of bars."""
    series = [one for one in axes.series if one.kind == kind]
    if kind in ONE_BY_ONE and all(one.points == 1 for one in series):
        many, one = POINT_NOUNS[kind]
        return series, one, many
    return series, CHART_KINDS[kind].one, CHART_KINDS[kind].many


def _elements(kind: str, axes: Axes) -> str:
    series, one, many = _drawn(kind, axes)
    count = len(series)
    if kind == "polygon":
        count = sum(max(polygon.points, 1) for polygon in series)
    if count >= SERIES_LIMIT or (count <= 1 and kind in UNCOUNTED):
        return many
    return count_of(max(count, 1), one, many)


def _contents(kind: str, axes: Axes) -> str:
    series, one, many = _drawn(kind, axes)
    if len(series) >= SERIES_LIMIT:
        return f" with many {many}"
    if len(series) > 1:
        return f" with {count_of(len(series), one, many)}"
    points = sum(one.points for one in series if _counts_points(one))
    if kind in POINT_NOUNS and points > 1:
        many, one = POINT_NOUNS[kind]
        return f" with {count_of(points, one, many)}"
    return ""


def _counts_points(series: Series) -> bool:
    """Whether its points are what is seen: a histogram that is worked out when it is shown has its
    values in the facts, and no counts of them."""
    return series.kind != "hist" or None not in (series.x, series.y)
