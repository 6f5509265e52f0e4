"""The figures and axes that show something, and what one set of axes shows as a noun phrase: "a bar
chart with five bars".

Names kinds of charts as a reader of the plot would, never a library or a function.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from viscode.execution.facts import Axes, FigureFacts, Series
from viscode.instruct.seen import (
    COUNTED,
    MANY,
    is_cut,
    many_of,
    marks,
    of_kind,
    seen,
    sized,
)
from viscode.instruct.words import a, count_of, join


@dataclass(frozen=True)
class ChartKind:
    """Words for one kind of chart: as the whole plot, and for its series."""

    chart: str
    one: str
    many: str


Area = tuple[float, float, float, float]
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
    "filled": "filled contour plot",
    "hexagons": "heatmap of hexagons",
    "streamlines": "plot of stream lines",
    "density": "density plot",
}
FORM_PARTS = {  # what series of a kind and form are called beside others
    ("line", "density"): ("density curve", "density curves"),
    ("area", "density"): ("shaded density", "shaded densities"),
    ("line", "fit"): ("fitted line", "fitted lines"),
    ("area", "fit"): ("shaded band", "shaded bands"),
    ("other", "arrow"): ("arrow", "arrows"),
    ("polygon", "outline"): ("outlined polygon", "outlined polygons"),
    ("polygon", "rectangle"): ("rectangle", "rectangles"),
    ("polygon", "circle"): ("circle", "circles"),
    ("polygon", "ellipse"): ("ellipse", "ellipses"),
    ("polygon", "wedge"): ("wedge", "wedges"),
    ("contour", "filled"): ("set of filled contours", "sets of filled contours"),
    ("heatmap", "hexagons"): ("heatmap of hexagons", "heatmaps of hexagons"),
    ("quiver", "streamlines"): ("set of stream lines", "sets of stream lines"),
}
LEADING = frozenset(  # kinds that name the plot, whatever else is drawn on it
    ("heatmap", "image", "pie", "surface", "bar", "hist", "box", "violin", "contour", "quiver")
)
GREYS = frozenset({"gray", "grey", "gray_r", "Greys", "Greys_r", "binary", "binary_r", "bone"})
PICTURE = 2500  # so many cells are seen as a picture, where no axes are drawn
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
    if figure is None:
        return ()
    return tuple(axes for axes in figure.axes if axes.kinds or any(axes.annotations))


def shown_axes(figure: FigureFacts) -> tuple[Axes, ...]:
    """The axes that a viewer sees: those that show something, and empty ones with a place of their
    own beside them."""
    drawn = drawn_axes(figure)
    return tuple(
        axes
        for axes in figure.axes
        if axes in drawn or (axes.area is not None and is_framed(axes) and _is_apart(axes, figure))
    )


def is_framed(axes: Axes) -> bool:
    """Whether there is something to see of axes in which nothing is drawn."""
    return axes.hidden != "xy" and not axes.twin and len(axes.open_sides) < 4


def _is_apart(axes: Axes, figure: FigureFacts) -> bool:
    others = [one.area for one in figure.axes if one is not axes and one.area is not None]
    return not any(_is_same(axes.area, area) for area in others)


def _is_same(one: Area | None, other: Area) -> bool:
    return one is not None and all(abs(a - b) < SAME_PLACE for a, b in zip(one, other, strict=True))


SAME_PLACE = 0.02  # of the image: axes whose edges differ by less stand in one place
OVERLAP = 0.2  # share of the smaller axes' area from which on two axes share a place


def overlap(one: Area | None, other: Area | None) -> bool:
    """Whether two axes share a place."""
    if one is None or other is None:
        return False
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    smaller = min((area[2] - area[0]) * (area[3] - area[1]) for area in (one, other))
    return width > 0 and height > 0 and width * height > OVERLAP * smaller


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
    of them; lines and bands across the axes are told apart."""
    kinds = {one.kind for one in axes.series}
    drawn = {kind for kind in kinds if of_kind(axes, kind)} or set(axes.kinds)
    known = [kind for kind in CHART_KINDS if kind in drawn]
    if set(known) == {"area", "line"} and _of_all(axes, "area", "arrangement") == "stacked":
        return ["area"]
    written = ["text"] if any(axes.annotations) else ["other"]
    minor = MINOR - {"other"} if has_arrows(axes) else MINOR
    return [kind for kind in known if kind not in minor] or known or written


def has_arrows(axes: Axes) -> bool:
    """Whether all shapes without a kind of their own are arrows."""
    return {one.form for one in of_kind(axes, "other")} == {"arrow"}


def is_network(axes: Axes) -> bool:
    """Whether the axes show nodes and edges."""
    return any(series.form == "network" for series in axes.series)


def limits_matter(axes: Axes) -> bool:
    """Whether the limits of its axes tell anything: they are drawn, and the data have a scale."""
    placed = any(series.form in ("network", "dendrogram") for series in axes.series)
    return not (placed or axes.projection in PLACES or WITHOUT_LIMITS & set(axes.kinds))


def chart_phrase(axes: Axes) -> str:
    """The noun phrase with its article."""
    if not axes.kinds and not any(axes.annotations):
        return "empty axes"
    kinds = kinds_of(axes)
    if is_network(axes):
        return f"a network diagram{_network(axes)}"
    solid = "three-dimensional " if axes.projection in ("3d", "scene") else ""
    place = PLACES.get(axes.projection, "")
    extra = ""
    if len(kinds) > 1 and "errorbar" in kinds:
        kinds, extra = [kind for kind in kinds if kind != "errorbar"], " and error bars"
    if kinds == ["polygon"] or (kinds == ["other"] and has_arrows(axes)):
        return f"a {solid}drawing of {join(_elements(kinds[0], axes))}{place}"
    if len(kinds) == 1:
        noun = solid + _noun(kinds[0], axes)
        contents = _contents(kinds[0], axes)
        joined = f"{contents}{extra}" if contents else extra.replace(" and", " with")
        return f"{a(noun)}{joined}{place}"
    if kinds[0] in LEADING and not LEADING & set(kinds[1:]):
        contents = _contents(kinds[0], axes)
        others = [text for kind in kinds[1:] for text in _elements(kind, axes)]
        elements = join([*filter(None, [contents.removeprefix(" with ")]), *others])
        return f"{a(solid + _noun(kinds[0], axes))} with {elements}{extra}{place}"
    elements = join([*(text for kind in kinds for text in _elements(kind, axes))])
    return f"{a(solid + 'plot')} that combines {elements}{extra.replace(' and', ', with')}{place}"


def is_picture(axes: Axes, series: Series) -> bool:
    """Whether coloured cells look like a picture: in greys, or many without drawn axes."""
    flat = series.kind == "heatmap" and not series.form
    large = series.points >= PICTURE and axes.hidden == "xy"
    return flat and (series.colormap in GREYS or large)


def series_by_kind(drawn: Sequence[Axes]) -> Iterator[tuple[str, list[tuple[Axes, Series]]]]:
    """What is drawn of each kind, with its axes. Cells that look like pictures come apart."""
    for kind in CHART_KINDS:
        pairs = [(axes, one) for axes in drawn for one in of_kind(axes, kind)]
        pictures = [pair for pair in pairs if is_picture(*pair)]
        yield kind, pictures
        yield kind, [pair for pair in pairs if pair not in pictures]


def _network(axes: Axes) -> str:
    nodes, edges = (of_kind(axes, kind) for kind in ("scatter", "line"))
    if is_cut(axes) or not marks(nodes):
        return ""
    only_lines = not any(one.kind == "other" for one in axes.series)
    lines = marks(edges) if only_lines else 0
    text = f" with {count_of(marks(nodes), 'node')}"
    return f"{text} and {count_of(lines, 'edge')}" if lines else text


def _noun(kind: str, axes: Axes) -> str:
    """ "stacked horizontal bar chart": the kind's word with what all of its series are."""
    noun = FORM_NOUNS.get(str(_of_all(axes, kind, "form")), CHART_KINDS[kind].chart)
    arranged = str(_of_all(axes, kind, "arrangement") or "")
    if arranged and kind == "area":
        noun = "area plot"
    if all(is_picture(axes, one) for one in of_kind(axes, kind)) and kind == "heatmap":
        noun = "image"
    if kind == "scatter" and any(one.sized for one in of_kind(axes, kind)):
        noun = "bubble chart"
    lying = noun not in ALWAYS_LYING and _of_all(axes, kind, "horizontal") is True
    lying = lying and kind in LYING
    return " ".join(filter(None, [arranged, "horizontal" if lying else "", noun]))


def _of_all(axes: Axes, kind: str, name: str) -> object:
    """What a field of all series of a kind is, None where they differ."""
    values = {getattr(series, name) for series in of_kind(axes, kind)}
    return values.pop() if len(values) == 1 else None


def _elements(kind: str, axes: Axes) -> list[str]:
    """What is seen of a kind beside others."""
    found = seen(axes, kind)
    by_form: dict[str, list[Series]] = {}
    for one in of_kind(axes, kind):
        form = form_of(one)
        by_form.setdefault(form if (kind, form) in FORM_PARTS else "", []).append(one)
    if set(by_form) == {""} and found is not None:
        return [many_of(found)]
    if kind == "area" and "fit" in by_form and "line" in axes.kinds:
        del by_form["fit"]  # the band around a fitted line
    return [_element(kind, form, series, axes) for form, series in by_form.items()]


def form_of(series: Series) -> str:
    """A series' form as words tell it: polygons may be outlines."""
    is_outline = series.kind == "polygon" and series.outlined and not series.form
    return "outline" if is_outline else series.form


def parts_of(kind: str, axes: Axes) -> list[str]:
    """What is drawn of a kind, as it is called beside others."""
    return _elements(kind, axes)


def _element(kind: str, form: str, series: Sequence[Series], axes: Axes) -> str:
    words = CHART_KINDS[kind]
    one, many = FORM_PARTS.get((kind, form), (words.one, words.many))
    if any(is_picture(axes, item) for item in series):
        one, many = "image", "images"
    count = marks(series) if kind in ("polygon", "line", "other") else len(series)
    if is_cut(axes) or count > MANY or not count:
        return f"many {many}" if count else many
    text = count_of(count, one, many)
    banded = form == "fit" and any(item.form == "fit" for item in of_kind(axes, "area"))
    return f"{text} with a shaded band" if kind == "line" and banded else text


def _contents(kind: str, axes: Axes) -> str:
    found = seen(axes, kind)
    if found is None:
        series = of_kind(axes, kind)
        counted = CHART_KINDS[kind].many if kind in ("area", "heatmap", "image") else ""
        few = 1 < len(series) < MANY and not is_cut(axes)
        return f" with {count_of(len(series), '', counted)}" if few and counted else ""
    if _of_all(axes, kind, "form") == "dendrogram" or (found.count == 1 and kind != "bar"):
        return ""
    if not found.count:
        return f" with many {found.many}" if is_cut(axes) or kind in ("line", "step") else ""
    return f" with {sized(found, COUNTED[kind][1])}"
