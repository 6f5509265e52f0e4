"""The Plot Style Description: how it looks (paper 3.1, component 5), from the figure facts.

Colors by name, line styles and markers, scales, grid, color bar, annotations, size. It names
no library and no function; texts that stand on the plot are quoted as they are.
"""

import re
from collections.abc import Iterator, Sequence

from viscode.execution.facts import Axes, FigureFacts, Series
from viscode.instruct.axes_phrases import CHART_KINDS, drawn_axes, is_network, kinds_of
from viscode.instruct.colors import name_of
from viscode.instruct.words import a, join, pick, quote, sentences, short

MAX_COLORS = 6
DEFAULT_SIZE = (6.4, 4.8)  # inches, of matplotlib
MAX_ANNOTATIONS = 6
MAX_SLICES = 12
PERCENTAGE = re.compile(r"\s*[\d.,]+\s*%\s*")
COLORED = {
    "line": "",
    "scatter": "points",
    "bar": "bars",
    "hist": "histogram bars",
    "area": "",
    "step": "",
    "stem": "stems",
    "errorbar": "error bars",
    "quiver": "arrows",
    "violin": "violins",
    "wireframe": "",
}
"""Kinds whose series have one color -> what has it, "" for the series as CHART_KINDS calls it."""
VALUE = re.compile(r"\s*[-+−]?[\d.,]+\s*%?\s*")
WITHOUT_GRID = {"pie", "table", "image", "heatmap", "other"}
SCALES = {"log": "logarithmic", "symlog": "symmetric logarithmic", "logit": "logit"}


def describe_style(key: str, figures: Sequence[FigureFacts]) -> str:
    """One paragraph, never empty; `key` selects the phrasings."""
    drawn = [axes for figure in figures for axes in drawn_axes(figure)]
    network = any(is_network(axes) for axes in drawn)
    text = sentences(
        [
            *(_of_network(text) if network else text for text in _colors(key, drawn)),
            *_marks(drawn),
            *_scales(drawn),
            _grid(key, drawn),
            _color_bar(key, drawn),
            *_slices(drawn),
            _annotations(drawn),
            _size(figures),
        ]
    )
    return text or "No particular style is asked for."


def _of_network(text: str) -> str:
    """A sentence on points and lines said of a network's nodes and edges."""
    text = re.sub(r"^the (lines are|line is) ", "the edges are ", text)
    return re.sub(r"^the points ", "the nodes ", text)


def _colors(key: str, drawn: Sequence[Axes]) -> Iterator[str]:
    series = [one for axes in drawn for one in axes.series if _has_color(one)]
    labelled: dict[str, str] = {}
    named: set[str] = set()
    for one in series:
        if one.label:
            labelled.setdefault(one.label, name_of(one.color) or "")
    if len(labelled) > 1 and len(set(labelled.values())) > 1 and len(labelled) <= MAX_COLORS:
        pairs = join(f"{color} for {quote(label)}" for label, color in labelled.items())
        yield f"{pick(key, 'colours', ('Use', 'The colours are', 'Choose'))} {pairs}"
        series = [one for one in series if not one.label]
        named = {one.kind for axes in drawn for one in axes.series if one.label in labelled}
    elif not labelled and any(
        one.kind == "scatter" and not _has_color(one)
        for axes in drawn
        if len(axes.legend) > 1
        for one in axes.series
    ):
        yield "colours tell the groups in the legend apart"
    for kind in CHART_KINDS:
        names = list(dict.fromkeys(name_of(s.color) or "" for s in series if s.kind == kind))
        if names:
            count = sum(one.kind == kind for one in series)
            yield _by_kind(kind, names, count, "other " if kind in named else "")


def _has_color(series: Series) -> bool:
    """Whether the facts' color is that of the whole series: of pies and boxes they hold the
    first part's, of points with many colors that of their white edge."""
    if series.kind not in COLORED:
        return False
    return name_of(series.color) not in (None, "white" if series.kind == "scatter" else None)


def _by_kind(kind: str, names: list[str], count: int, other: str) -> str:
    parts, words = COLORED[kind], CHART_KINDS[kind]
    subject = parts or (words.many if count > 1 else words.one)
    if len(names) > MAX_COLORS:
        return f"the {other}{subject} have different colours"
    verb = "are" if parts or count > 1 else "is"
    return f"the {other}{subject} {verb} {join(names)}"


def _marks(drawn: Sequence[Axes]) -> Iterator[str]:
    series = [one for axes in drawn for one in axes.series]
    lines = [one for one in series if one.kind in ("line", "step", "errorbar")]
    styles = list(dict.fromkeys(one.dash for one in lines if one.dash))
    if styles and len({one.dash for one in lines}) == 1:
        yield f"the line is {styles[0]}" if len(lines) == 1 else f"the lines are {styles[0]}"
    elif styles:
        yield f"some of the lines are {', others '.join(styles)}"
    if markers := list(dict.fromkeys(one.marker for one in series if one.marker)):
        yield f"the points are marked with {join(markers)}"


def _scales(drawn: Sequence[Axes]) -> Iterator[str]:
    for name in ("x", "y"):
        scales = {axes.xscale if name == "x" else axes.yscale for axes in drawn}
        for scale in sorted(SCALES.keys() & scales):
            where = f"the {name}-axis has" if len(scales) == 1 else f"some {name}-axes have"
            yield f"{where} {a(SCALES[scale])} scale"


def _slices(drawn: Sequence[Axes]) -> Iterator[str]:
    texts = [t for axes in drawn if "pie" in axes.kinds for t in axes.annotations]
    labels = [t for t in dict.fromkeys(texts) if not PERCENTAGE.fullmatch(t)]
    if 0 < len(labels) <= MAX_SLICES:
        yield f"the slices are labelled {join(map(quote, labels))}"
    if any(PERCENTAGE.fullmatch(text) for text in texts):
        yield "each slice shows its percentage"


def _grid(key: str, drawn: Sequence[Axes]) -> str:
    known = [axes.grid for axes in drawn]
    if all(_has_no_grid(axes) for axes in drawn):
        return ""
    if all(known):
        return pick(
            key, "grid", ("grid lines are shown", "show a grid", "grid lines lie behind the data")
        )
    if any(known):
        return "some of the plots have grid lines"
    return pick(
        key,
        "grid",
        ("there are no grid lines", "leave out grid lines", "the background is without a grid"),
    )


def _has_no_grid(axes: Axes) -> bool:
    """Whether nobody expects grid lines there."""
    return set(kinds_of(axes)) <= WITHOUT_GRID or axes.projection == "3d" or is_network(axes)


def _color_bar(key: str, drawn: Sequence[Axes]) -> str:
    bars = [axes for axes in drawn if axes.colorbar]
    if not bars:
        return ""
    if len(drawn) > 1:
        which = (
            "each plot has"
            if len(bars) == len(drawn)
            else ("one of the plots has" if len(bars) == 1 else "some of the plots have")
        )
        return f"{which} a colour bar for the values"
    return pick(
        key,
        "bar",
        ("a colour bar shows the scale of the values", "add a colour bar that explains the values"),
    )


def _annotations(drawn: Sequence[Axes]) -> str:
    texts = list(
        dict.fromkeys(
            text for axes in drawn for text in axes.annotations if "pie" not in axes.kinds
        )
    )
    if not texts:
        return ""
    if len(texts) > 2 and all(VALUE.fullmatch(text) for text in texts):
        kinds = {kind for axes in drawn for kind in axes.kinds}
        cells = kinds & {"heatmap", "image"}
        return "each cell shows its value" if cells else "the values are written on the plot"
    if len(texts) > MAX_ANNOTATIONS:
        shown = join(map(quote, texts[:3]))
        return f"{len(texts)} short texts annotate the plot, among them {shown}"
    word = "annotation" if len(texts) == 1 else "annotations"
    return f"add the {word} {join(map(quote, texts))}"


def _size(figures: Sequence[FigureFacts]) -> str:
    """The size of all figures in inches, where it is not what they have by default."""
    sizes = {figure.size_in for figure in figures}
    size = sizes.pop() if len(sizes) == 1 else None
    if size in (None, DEFAULT_SIZE) or any(round(side, 2) != side for side in size or ()):
        return ""
    return f"the figure is {short(size[0])} inches wide and {short(size[1])} inches high"
