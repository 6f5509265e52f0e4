"""The Plot Style Description: how it looks (paper 3.1, component 5), from the figure facts.

Colors by name, line styles and markers, scales, grid, color bar, annotations, size. It names
no library and no function; texts that stand on the plot are quoted as they are.
"""

import re
from collections.abc import Iterator, Sequence

from viscode.execution.facts import COLORS_LIMIT, SERIES_MARKERS, Axes, FigureFacts, Series
from viscode.instruct.axes_phrases import (
    CHART_KINDS,
    FORM_PARTS,
    drawn_axes,
    form_of,
    is_network,
    is_picture,
    kinds_of,
    series_by_kind,
    shown_axes,
)
from viscode.instruct.colors import name_of
from viscode.instruct.seen import is_cut, marks, of_kind
from viscode.instruct.words import a, join, ordinal, pick, quote, sentences, short

MAX_COLORS = 6
DEFAULT_SIZE = (6.4, 4.8)  # inches, of matplotlib
MAX_SLICES = 12
MAX_MAPS = 3
ONE_MARKER = {name: name.removesuffix("s") for name in SERIES_MARKERS} | {"crosses": "cross"}
UPRIGHT = 1.0  # degrees
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
    "box": "boxes",
    "wireframe": "",
    "polygon": "",
    "other": "",
}
"""Kinds whose series have one color -> what has it, "" for the series as CHART_KINDS calls it."""
SHAPES = frozenset({"polygon", "other"})  # each form of which has a name
SINGLE = frozenset({"scatter", "bar"})  # of which one may stand alone
UNFILLED = frozenset({"line", "step", "errorbar", "contour", "wireframe", "scatter", "stem"})
MAPPED = {"scatter": "points", "contour": "contours", "quiver": "arrows"}
WITHOUT_GRID = {"pie", "table", "image", "heatmap", "other"}


def describe_style(key: str, figures: Sequence[FigureFacts]) -> str:
    """One paragraph, never empty; `key` selects the phrasings."""
    drawn = [axes for figure in figures for axes in drawn_axes(figure)]
    networks = [axes for axes in drawn if is_network(axes)]
    others = [axes for axes in drawn if axes not in networks]
    text = sentences(
        [
            *_color_maps(drawn),
            _color_bar(key, figures, drawn),
            *map(_of_network, _colors(key, networks)),
            *_colors(key, others),
            *_marks(others),
            *_slices(drawn),
            _background(figures, drawn),
            _grid(key, drawn),
            _borders(drawn),
            _turned(drawn),
            _size(figures),
        ]
    )
    return text or "No particular style is asked for."


def _color_maps(drawn: Sequence[Axes]) -> Iterator[str]:
    """By which colour maps values are shown, for each kind."""
    for kind, pairs in series_by_kind(drawn):
        mapped = [(axes, one) for axes, one in pairs if one.colormap and not one.colors]
        maps = list(dict.fromkeys(map_name(one.colormap) for _, one in mapped))
        if not maps or len(maps) > MAX_MAPS:
            continue
        words = CHART_KINDS["image" if is_picture(*mapped[0]) else kind]
        single = len(pairs) == 1 and kind not in MAPPED
        noun = MAPPED.get(kind) or (words.one if single else words.many)
        share = "some of the" if len(mapped) < len(pairs) else "the"
        verb = "is" if single else "are"
        word = "colour map" if len(maps) == 1 else "colour maps"
        yield f"{share} {noun} {verb} coloured with the {word} {join(maps)}"


def map_name(name: str) -> str:
    """ "viridis", "viridis (reversed)"."""
    return f"{name.removesuffix('_r')} (reversed)" if name.endswith("_r") else name


def _of_network(text: str) -> str:
    """A sentence on points and lines said of a network's nodes and edges."""
    text = re.sub(r"^the (lines are|line is) ", "the edges are ", text)
    return re.sub(r"^the points ", "the nodes ", text)


def _colors(key: str, drawn: Sequence[Axes]) -> Iterator[str]:
    if any(is_cut(axes) for axes in drawn):
        return
    series = [one for axes in drawn for kind in COLORED for one in of_kind(axes, kind)]
    labelled = _labelled([one for one in series if one.label and name_of(one.color)])
    told = [one for one in series if one.label in labelled and name_of(one.color)]
    if labelled:
        pairs = join(f"{color} for {quote(label)}" for label, color in labelled.items())
        yield f"{pick(key, 'colours', ('Use', 'The colours are', 'Choose'))} {pairs}"
    if len(named := _told_by_colour(drawn)) > 1:
        yield f"colours tell {join(map(quote, named))} apart"
    for kind in CHART_KINDS:
        mapped = [one for one in series if one.kind == kind and one.colormap and not one.colors]
        rest = [one for one in series if one.kind == kind and one not in (*told, *mapped)]
        other = "other " if any(one.kind == kind for one in (*told, *mapped)) else ""
        if kind in SHAPES:
            forms = dict.fromkeys(map(form_of, rest))
            for form in forms if kind == "polygon" else set(forms) & {"arrow"}:
                yield _by_kind(kind, [one for one in rest if form_of(one) == form], other)
        elif rest and kind in COLORED:
            yield _by_kind(kind, rest, other)


def _labelled(series: Sequence[Series]) -> dict[str, str]:
    """Colours by label, where labels tell series of different colours apart."""
    found: dict[str, set[str]] = {}
    for one in series:
        found.setdefault(one.label, set()).add(name_of(one.color) or "")
    if not 1 < len(found) <= MAX_COLORS or any(len(names) > 1 for names in found.values()):
        return {}
    pairs = {label: min(names) for label, names in found.items()}
    return pairs if len(set(pairs.values())) > 1 else {}


def _told_by_colour(drawn: Sequence[Axes]) -> list[str]:
    """The entries of a legend for points of many colours that are drawn as one cloud."""
    for axes in drawn:
        points = of_kind(axes, "scatter")
        clouds = [one for one in points if len(one.colors) > 1 and not one.label]
        if clouds and len(clouds) == len(points) == 1 and len(axes.legend) == len(clouds[0].colors):
            return list(axes.legend)
    return []


def _by_kind(kind: str, series: Sequence[Series], other: str) -> str:
    """The colours of all series of a kind, "" where that of one is not known. Points whose white
    edge is all that is known of them have none."""
    if not all(one.colors or one.color for one in series):
        return ""
    colors = [color for one in series for color in (one.colors or (one.color,))]
    names = list(dict.fromkeys(name_of(color) or "" for color in colors))
    if "" in names or (kind == "scatter" and names == ["white"]):
        return ""
    count = marks(series) or 2
    single = count == 1 and (not COLORED[kind] or kind in SINGLE)
    subject = other + _subject(kind, series, count)
    verb = "is" if single else "are"
    if len(names) > MAX_COLORS or any(len(one.colors) >= COLORS_LIMIT for one in series):
        return f"the {subject} {verb} in many different colours"
    outlines = {form_of(one) for one in series} == {"outline"}
    if all(one.outlined for one in series) and kind not in UNFILLED and not outlines:
        return f"the {subject} {verb} not filled, with edges in {join(names)}"
    light = "translucent " if all(one.translucent for one in series) and len(names) == 1 else ""
    return f"the {subject} {verb} {light}{join(names)}"


def _subject(kind: str, series: Sequence[Series], count: int) -> str:
    """What has the colour: "bars", "fitted line"."""
    forms = {form_of(one) for one in series}
    form = forms.pop() if len(forms) == 1 else ""
    words = CHART_KINDS[kind]
    one, many = FORM_PARTS.get((kind, form), (words.one, words.many))
    if COLORED[kind]:
        return COLORED[kind].removesuffix("s") if count == 1 and kind in SINGLE else COLORED[kind]
    return many if count > 1 else one


def _marks(drawn: Sequence[Axes]) -> Iterator[str]:
    lines = [one for axes in drawn for k in ("line", "step") for one in of_kind(axes, k)]
    styles = list(dict.fromkeys(one.dash for one in lines if one.dash))
    if styles and len({one.dash for one in lines}) == 1:
        yield f"the line is {styles[0]}" if marks(lines) == 1 else f"the lines are {styles[0]}"
    elif styles:
        yield f"some of the lines are {', others '.join(styles)}"
    pointed = [one for axes in drawn for k in ("scatter", "errorbar") for one in of_kind(axes, k)]
    for noun, series in (("points", pointed), ("lines", lines)):
        markers = list(dict.fromkeys(one.marker for one in series if one.marker))
        plain = [one for one in series if not one.marker]
        on = noun == "lines"
        if not markers or (markers == ["circles"] and not on and plain):
            continue
        if len(markers) == 1 and not plain:
            place = "line" if marks(series) == 1 else "lines"
            where = f"the data points on the {place} are marked with" if on else "the points are"
            if not on and marks(series) == 1 and series[0].kind == "scatter":
                where, markers = "the point is", [a(ONE_MARKER[markers[0]])]
            yield f"{where} {markers[0]}"
        else:
            yield f"some of the {noun} are {'marked with ' if on else ''}{join(markers)}"
    if pointed and all(one.sized for one in pointed):
        yield "the points differ in size"


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
    kinds = set(kinds_of(axes))
    flat = kinds <= WITHOUT_GRID or kinds & {"image", "heatmap"}
    return bool(flat) or axes.projection == "3d" or is_network(axes) or axes.hidden == "xy"


def _color_bar(key: str, figures: Sequence[FigureFacts], drawn: Sequence[Axes]) -> str:
    bars = [axes for axes in drawn if axes.colorbar]
    if not bars:
        return ""
    labels = list(dict.fromkeys(axes.colorbar_label for axes in bars if axes.colorbar_label))
    label = f" labelled {join(map(quote, labels))}" if len(labels) == 1 else ""
    if len(drawn) > 1 and sum(figure.colorbars for figure in figures) == 1 < len(bars):
        whole = "all" if len(bars) == len(drawn) else "some"
        return f"one colour bar{label} belongs to {whole} of the plots"
    if len(drawn) > 1:
        places = [i for i, axes in enumerate(shown_axes(figures[0])) if axes.colorbar]
        has = "plot has" if len(bars) == 1 else "plots each have"
        which = f"the {join(map(ordinal, places))} {has}"
        if len(bars) == len(drawn):
            which = "each plot has"
        elif len(bars) > MAX_MAPS or len(figures) > 1:
            which = "some of the plots have" if len(bars) > 1 else "one of the plots has"
        return f"{which} a colour bar{label} for the values"
    return pick(
        key,
        "bar",
        (f"a colour bar{label} shows the scale of the values", f"add a colour bar{label}"),
    )


def _background(figures: Sequence[FigureFacts], drawn: Sequence[Axes]) -> str:
    """A colour behind all of the data, and one around them."""
    inner = {name_of(axes.background) or "white" for axes in drawn}
    outer = {name_of(figure.background) or "white" for figure in figures}
    texts = []
    if len(inner) == 1 and inner != {"white"}:
        texts.append(f"the background of the plot is {inner.pop()}")
    if len(outer) == 1 and outer != {"white"}:
        texts.append(f"the figure around it is {outer.pop()}")
    return join(texts)


def _borders(drawn: Sequence[Axes]) -> str:
    sides = {axes.open_sides for axes in drawn if axes.hidden != "xy" and "pie" not in axes.kinds}
    if len(sides) != 1:
        return ""
    found = sides.pop()
    if len(found) == 4:
        return "the plot has no border"
    return f"the plot has no border at the {join(found)}" if found else ""


def _turned(drawn: Sequence[Axes]) -> str:
    turned = {axes.rotation or 0.0 for axes in drawn}
    angle = turned.pop() % 180 if len(turned) == 1 else 0.0
    if angle < UPRIGHT or not any(axes.xnames or "x" not in axes.numeric for axes in drawn):
        return ""
    return f"the labels of the x-axis are turned by {short(min(angle, 180 - angle))} degrees"


def _size(figures: Sequence[FigureFacts]) -> str:
    """The size of all figures in inches, where it is not what they have by default."""
    sizes = {figure.size_in for figure in figures}
    size = sizes.pop() if len(sizes) == 1 else None
    if size in (None, DEFAULT_SIZE) or any(round(side, 2) != side for side in size or ()):
        return ""
    return f"the figure is {short(size[0])} inches wide and {short(size[1])} inches high"
