"""What a viewer sees on axes at first sight, besides the marks: order, scales, names along an axis,
lines across, hidden axes, annotations. Each is one clause, "the y-axis is logarithmic".
"""

import re
from collections.abc import Iterator, Sequence
from datetime import date, timedelta

from viscode.execution.facts import Axes, Series
from viscode.instruct.axes_phrases import is_network, limits_matter
from viscode.instruct.colors import name_of
from viscode.instruct.seen import across, of_kind
from viscode.instruct.words import a, count_of, join, quote, short

MAX_NAMES = 10
EPOCH = date(1970, 1, 1)  # from which days are counted
DAYS = 4  # of fewer days the hours would be told, which the facts round
RECENT = (3650.0, 36500.0)  # days between which a time is taken for one
MAX_ANNOTATIONS = 6
MAX_ACROSS = 3
SCALES = {"log": "logarithmic", "symlog": "symmetric logarithmic", "logit": "logit"}
VALUE = re.compile(r"\s*[-+−]?[\d.,]+\s*%?\s*")
WITHOUT_SCALE = frozenset({"pie", "image", "heatmap", "table"})


def details(axes: Axes) -> list[str]:
    """The clauses for one set of axes, in the order in which they catch the eye."""
    return [
        *_order(axes),
        *_scales(axes),
        *_names(axes),
        *_across(axes),
        *_hidden(axes),
        *_direction(axes),
        *_annotations(axes),
        *_limits(axes),
    ]


def _order(axes: Axes) -> Iterator[str]:
    bars = of_kind(axes, "bar")
    words = {one.order for one in bars}
    if not bars or len(words) > 1 or len({one.horizontal for one in bars}) > 1:
        return
    lying = bars[0].horizontal
    falls = _falls(axes, "y" if lying else "x")
    word = words.pop()
    if not word or (lying and "y" in axes.numeric and falls is None):
        return
    start, end = ("bottom", "top") if lying else ("left", "right")
    if falls:
        start, end = end, start
    yield f"the bars are in {word} order from {start} to {end}"


def _falls(axes: Axes, name: str) -> bool | None:
    """Whether an axis runs from right to left, or downwards; None where that is not known."""
    limits = axes.xlim if name == "x" else axes.ylim
    if limits is None or limits[0] is None or limits[1] is None:
        return None
    return limits[0] > limits[1]


def _scales(axes: Axes) -> Iterator[str]:
    scales = {
        name: SCALES.get(scale, "") for name, scale in (("x", axes.xscale), ("y", axes.yscale))
    }
    if scales["x"] and scales["x"] == scales["y"]:
        yield f"both axes have {a(scales['x'])} scale"
        return
    for name, scale in scales.items():
        if scale:
            yield f"the {name}-axis has {a(scale)} scale"


def _names(axes: Axes) -> Iterator[str]:
    if "pie" in axes.kinds or is_network(axes):
        return
    for name, texts in (("x", axes.xnames), ("y", axes.ynames)):
        names = list(texts)
        if _falls(axes, name):
            names.reverse()
        if name == "y":
            names.reverse()
        if len(set(names)) < 2 or _is_counting(names):
            continue
        if len(names) <= MAX_NAMES:
            way = " from top to bottom" if name == "y" else ""
            yield f"the {name}-axis shows the names {join(map(quote, names))}{way}"
        else:
            yield f"the {name}-axis has a label for each of {len(names)} places"


def _is_counting(names: Sequence[str]) -> bool:
    """Whether the names are places counted from 0 or 1."""
    counted = [str(number) for number in range(len(names) + 1)]
    return sorted(names) in (sorted(counted[:-1]), sorted(counted[1:]))


def _across(axes: Axes) -> Iterator[str]:
    groups: dict[str, list[Series]] = {}
    for one in across(axes):
        groups.setdefault(one.form, []).append(one)
    for form, every in groups.items():
        found = list(dict.fromkeys(every))  # one on top of another is seen once
        if len(found) > MAX_ACROSS:
            looks = {" ".join(filter(None, (one.dash, name_of(one.color)))) for one in found}
            look = looks.pop() if len(looks) == 1 else ""
            yield f"{count_of(len(found), f'{look} {form}'.strip())} cross the plot"
            continue
        for one in found:
            yield _line_across(one, axes)


def _line_across(one: Series, axes: Axes) -> str:
    """ "a dashed red horizontal line lies at 0.5"."""
    name = "y" if one.form.startswith("horizontal") else "x"
    ends = one.y if name == "y" else one.x
    look = " ".join(filter(None, (one.dash, name_of(one.color) or "", one.form)))
    entry = f" ({quote(one.label)} in the legend)" if one.label and one.label in axes.legend else ""
    if ends is None or name not in axes.numeric or not all(map(_is_short, ends)):
        return f"{a(look)}{entry} crosses the plot"
    if "band" in one.form:
        return f"{a(look)}{entry} covers {name} from {short(ends[0])} to {short(ends[1])}"
    return f"{a(look)}{entry} crosses the plot at {name} = {short(ends[0])}"


def _hidden(axes: Axes) -> Iterator[str]:
    if "pie" in axes.kinds or axes.kinds == ("table",):
        return
    if axes.hidden == "xy":
        yield "the axes are not drawn"
    elif axes.hidden.replace(axes.twin or " ", ""):
        yield f"the {axes.hidden}-axis is not drawn"
    for name in axes.second:
        yield f"there is a second scale along the {name}-axis"
    if axes.tickless == "xy":
        yield "the axes have no ticks"
    elif axes.tickless:
        yield f"the {axes.tickless}-axis has no ticks"


def _direction(axes: Axes) -> Iterator[str]:
    if WITHOUT_SCALE & set(axes.kinds) or is_network(axes) or axes.projection != "rectilinear":
        return
    for name in axes.numeric:
        if _falls(axes, name) and name not in axes.fixed and name not in axes.hidden:
            way = "from right to left" if name == "x" else "downwards"
            yield f"the {name}-axis runs {way}"
    plain = axes.xscale == axes.yscale == "linear"
    if axes.equal_scales and axes.hidden != "xy" and plain:
        yield "a unit is equally long on both axes"


def _annotations(axes: Axes) -> Iterator[str]:
    texts = [] if "pie" in axes.kinds else [text for text in axes.annotations if text.strip()]
    if is_network(axes):
        if texts:
            yield (
                "the nodes are labelled"
                if len(texts) > MAX_ANNOTATIONS
                else (f"the labels {join(map(quote, texts))} stand on the network")
            )
        return
    arrows = f", {'with an arrow' if axes.arrows == 1 else 'with arrows'}" if axes.arrows else ""
    distinct = list(dict.fromkeys(texts))
    if any(one.valued for one in axes.series):
        yield "the contours are labelled with their values"
    if not distinct:
        return
    if len(texts) > 2 and all(VALUE.fullmatch(text) for text in texts):
        cells = set(axes.kinds) & {"heatmap", "image"}
        yield "each cell shows its value" if cells else "values are written on the plot"
    elif len(distinct) > MAX_ANNOTATIONS:
        shown = join(map(quote, distinct[:3]))
        yield f"the plot bears {len(texts)} short texts, among them {shown}{arrows}"
    else:
        if len(distinct) == 1 < len(texts):
            yield f"the text {quote(distinct[0])} stands on the plot {count_of(len(texts), 'time')}"
            return
        noun = "annotation" if len(distinct) == 1 else "annotations"
        verb = "stands" if len(distinct) == 1 else "stand"
        yield f"the {noun} {join(map(quote, distinct))} {verb} on the plot{arrows}"


def _limits(axes: Axes) -> Iterator[str]:
    """The limits that are set, where they are numbers that one would write down and say something:
    not those in which a pie or a tree is drawn."""
    if not limits_matter(axes):
        return
    known = (("x", axes.xlim, axes.xnames), ("y", axes.ylim, axes.ynames))
    spans = []
    for name, limits, names in known:
        if not limits or names or None in limits:
            continue
        if name in axes.fixed:
            ends = [short(one) for one in limits if _is_short(one)]
        else:
            ends = [] if name in axes.numeric else _days(axes, name, limits)
        spans += [f"the {name}-axis runs from {' to '.join(ends)}"] if len(ends) > 1 else []
    yield from filter(None, [join(spans)])


def _days(axes: Axes, name: str, limits: Sequence[float | None]) -> list[str]:
    """The limits of an axis of dates as days, of one that shows only a part of the data."""
    low, high = (one or 0.0 for one in limits)
    drawn = [end for one in axes.series if (end := getattr(one, name))]
    cuts = any(end[0] < low or end[1] > high for end in drawn)
    whole = low == int(low) and high == int(high) and high - low > DAYS
    if not (cuts and whole and RECENT[0] < low < high < RECENT[1]):
        return []
    return [(EPOCH + timedelta(days=int(one))).isoformat() for one in (low, high)]


def _is_short(value: float | None) -> bool:
    return value is not None and float(f"{value:.3g}") == value


def shared_by(drawn: Sequence[Axes]) -> str:
    """ "they share the x-axis", of subplots all of which do."""
    names = [name for name in "xy" if all(name in axes.shared for axes in drawn)]
    limits = {"x": {axes.xlim for axes in drawn}, "y": {axes.ylim for axes in drawn}}
    names = [name for name in names if len(limits[name]) == 1]  # not by rows or columns
    if len(drawn) < 2 or not names:
        return ""
    return "they share both axes" if len(names) == 2 else f"they share the {names[0]}-axis"
