"""Figure facts: what a figure shows, as data. Version 4.

Facts of matplotlib figures are read inside the sandbox, so what arrives is untrusted: `checked`
accepts exactly the shapes below, within limits, and everything else becomes null. Facts of plotly
figures are read here off the figure's JSON (plotly_facts.py) and pass the same check. Texts can be
held by UTF-8, and numbers are such as are drawn (untrusted.py).

`Execution.facts` is the JSON text of a list with one entry (or null) per image.
"""

import json
from typing import Annotated, Any, Literal

from pydantic import BeforeValidator, Field, ValidationError

from viscode.core.hashing import canonical_json
from viscode.core.records import Record
from viscode.execution import untrusted
from viscode.libraries.registry import FactsReader

SERIES_KINDS = (
    *("line", "scatter", "bar", "hist", "box", "violin", "heatmap", "image", "pie", "contour"),
    *("surface", "wireframe", "polygon", "area", "errorbar", "step", "stem", "quiver", "text"),
    *("table", "other"),
)
SERIES_FORMS = (
    *("donut", "treemap", "sunburst", "icicle", "flow", "gauge", "funnel", "waterfall"),
    *("candlestick", "ohlc", "choropleth", "network", "dendrogram"),
    *("filled", "hexagons", "streamlines", "density", "fit"),
    *("rectangle", "circle", "ellipse", "wedge", "arrow"),
    *("horizontal line", "vertical line", "horizontal band", "vertical band"),
)
SERIES_DASHES = ("dashed", "dotted", "dash-dotted")
SERIES_MARKERS = ("circles", "squares", "triangles", "crosses", "plus signs", "stars", "diamonds")
TEXT_LIMIT = 200
AXES_LIMIT = 60
SERIES_LIMIT = 50
COLORS_LIMIT = 12
PIXEL_SIDE = 200_000
SHARE_LIMIT = 1000.0  # of an image's side, to either side of it
FIGURE_CHARS = 1 << 20  # of a figure's facts as JSON


def rounded(value: float) -> float:
    """Six significant digits, so that facts do not depend on the last bits of a computation."""
    return float(f"{value:.6g}")


def _one_of(words: tuple[str, ...], other: str = "") -> BeforeValidator:
    """Another value becomes `other`."""
    return BeforeValidator(lambda value: value if value in words else other)


def _cut(value: Any) -> Any:
    return untrusted.text(value[:TEXT_LIMIT]) if isinstance(value, str) else value


def _first(limit: int) -> BeforeValidator:
    return BeforeValidator(
        lambda value: tuple(value[:limit]) if isinstance(value, list | tuple) else value
    )


def _numbers(count: int, limit: float) -> BeforeValidator:
    """The first `count` numbers of a list, none of them beyond `limit`; else None."""

    def read(value: Any) -> tuple[float, ...] | None:
        given = value[:count] if isinstance(value, list | tuple) else ()
        found = [number for one in given if (number := untrusted.number(one)) is not None]
        within = len(found) == count and all(abs(number) <= limit for number in found)
        return tuple(map(rounded, found)) if within else None

    return BeforeValidator(read)


def _end(value: Any) -> float | None:
    number = untrusted.number(value)
    return None if number is None else rounded(number)


Text = Annotated[str, BeforeValidator(_cut)]
SeriesKind = Annotated[str, _one_of(SERIES_KINDS, "other")]
AxisNames = Annotated[str, _one_of(("x", "y", "xy"))]
End = Annotated[float | None, BeforeValidator(_end)]
Extent = Annotated[tuple[float, float] | None, _numbers(2, untrusted.NUMBER_LIMIT)]
Area = Annotated[tuple[float, float, float, float] | None, _numbers(4, SHARE_LIMIT)]
Names = Annotated[tuple[Text, ...], _first(SERIES_LIMIT)]
Border = Annotated[str, _one_of(("top", "right", "bottom", "left"))]
Count = Annotated[int, Field(ge=0, le=10**12)]
Side = Annotated[int, Field(ge=0, le=PIXEL_SIDE)]


class Series(Record):
    """One thing drawn: a line, a set of bars, a point cloud. `points` are data points. `x` and `y`
    are the least and the greatest of their coordinates, with dates as days since 1970 and
    categories as positions; bars reach from 0. None where they are not known, and along an axis
    that a line or band spans. `form` says what the kind does not tell; `arrangement` how bars or
    areas stand to others of their kind.

    `marks` is how many separate things are seen (bars, points, lines, boxes), 0 where that is not
    known. `color` is that of all of them, "" where they have several; `colors` has the first few,
    none where values are shown as colors, by `colormap` (its name, "" for one without). `order` is
    that of the bars' lengths along the axis. `outlined`: its faces are not filled and `colors` are
    those of its edges. `sized`: points of different size. `valued`: contours with their values on
    them."""

    kind: SeriesKind
    label: Text
    points: Count
    color: Text
    x: Extent = None
    y: Extent = None
    form: Annotated[str, _one_of(SERIES_FORMS)] = ""
    horizontal: bool = False
    arrangement: Annotated[str, _one_of(("stacked", "grouped"))] = ""
    dash: Annotated[str, _one_of(SERIES_DASHES)] = ""
    marker: Annotated[str, _one_of(SERIES_MARKERS)] = ""
    marks: Count = 0
    colors: Annotated[tuple[Text, ...], _first(COLORS_LIMIT)] = ()
    colormap: Text = ""
    order: Annotated[str, _one_of(("ascending", "descending"))] = ""
    translucent: bool = False
    outlined: bool = False
    sized: bool = False
    valued: bool = False


class Axes(Record):
    """One coordinate system. `kinds` is sorted and empty where nothing was drawn. `area` is [left,
    top, right, bottom] as shares of the image, None where it is not known. `twin` is the axis that
    it shares with an earlier one in the same place, "x", "y" or "" for none. `fixed` are the axes
    whose limits are set and are not left to the data, `numeric` those of plain numbers, no dates
    and no categories, `hidden` those that are not drawn, `tickless` those drawn without ticks,
    `second` those with a second scale, `shared` those that it shares with axes in other places:
    "x", "y", "xy" or "" for none or not known.

    `open_sides` are sides without a border. `xnames` and `ynames` are the texts at fixed places
    along an axis, from left to right and from bottom to top. `rotation` is by how many degrees the
    labels of the x-axis are turned. `background` is a color other than white. `arrows` are those
    of annotations. `equal_scales`: a unit is as long on both axes."""

    kinds: Annotated[tuple[SeriesKind, ...], _first(SERIES_LIMIT)]
    title: Text
    xlabel: Text
    ylabel: Text
    zlabel: Text
    xscale: Text
    yscale: Text
    projection: Text
    xlim: Annotated[tuple[End, End], _first(2)] | None
    ylim: Annotated[tuple[End, End], _first(2)] | None
    legend: Annotated[tuple[Text, ...], _first(SERIES_LIMIT)]
    series: Annotated[tuple[Series, ...], _first(SERIES_LIMIT)]
    grid: bool
    colorbar: bool
    annotations: Annotated[tuple[Text, ...], _first(SERIES_LIMIT)]
    area: Area = None
    twin: Annotated[str, _one_of(("x", "y"))] = ""
    fixed: AxisNames = ""
    numeric: AxisNames = ""
    colorbar_label: Text = ""
    legend_title: Text = ""
    hidden: AxisNames = ""
    tickless: AxisNames = ""
    second: AxisNames = ""
    shared: AxisNames = ""
    open_sides: Annotated[tuple[Border, ...], _first(4)] = ()
    xnames: Names = ()
    ynames: Names = ()
    rotation: End = None
    background: Text = ""
    arrows: Count = 0
    equal_scales: bool = False


class FigureFacts(Record):
    """One figure. `layout` is [rows, columns] of its grid of axes; `size_in` are width and height
    in inches, where the library measures in them. `colorbars` is how many there are. `legend`,
    `xlabel`, `ylabel` and `texts` belong to no axes but to the whole; `background` is a color other
    than white."""

    version: Literal[4]
    library: FactsReader
    size_px: Annotated[tuple[Side, Side], _first(2)]
    suptitle: Text
    layout: Annotated[tuple[Count, Count], _first(2)]
    axes: Annotated[tuple[Axes, ...], _first(AXES_LIMIT)]
    size_in: Annotated[tuple[float, float] | None, _numbers(2, PIXEL_SIDE)] = None
    legend: Names = ()
    colorbars: Count = 0
    xlabel: Text = ""
    ylabel: Text = ""
    texts: Names = ()
    background: Text = ""

    def shows_nothing(self) -> bool:
        """Whether there are axes and none of them has content or an annotation."""
        return bool(self.axes) and not any(a.kinds or a.annotations for a in self.axes)


def checked(value: object) -> FigureFacts | None:
    """Facts in their agreed shape, or None: what a script's process reports is not trusted."""
    try:
        found = FigureFacts.model_validate(value)
        return found if len(found.model_dump_json()) <= FIGURE_CHARS else None
    except (ValidationError, RecursionError):
        return None


def as_text(entries: list[FigureFacts | None]) -> str:
    """The text for `Execution.facts`: canonical JSON, one entry per image."""
    return canonical_json([None if e is None else e.model_dump(mode="json") for e in entries])


def as_list(text: str) -> list[FigureFacts | None]:
    """`as_text` read back."""
    return [
        None if entry is None else FigureFacts.model_validate_json(json.dumps(entry))
        for entry in json.loads(text)
    ]
