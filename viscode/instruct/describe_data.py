"""The Data Description of `files` (paper 3.1): what was drawn, by the figure facts, how many points
and between which values.
"""

from collections.abc import Iterator, Sequence

from viscode.execution.facts import Axes, FigureFacts, Series
from viscode.instruct.axes_phrases import (
    CHART_KINDS,
    ChartKind,
    drawn_axes,
    is_picture,
    kinds_of,
    parts_of,
    series_by_kind,
)
from viscode.instruct.seen import ACROSS, COUNTED, MANY, is_cut, marks
from viscode.instruct.words import count_of, join, number, pick, roughly, sentences

UNSAID = frozenset({"table", "text", "other", "polygon", "network", "dendrogram"})  # hold no values
UNSAID |= {"density", "fit"}  # are worked out
NOTHING = 1e-6  # a share of the range that is seen as 0
PLACED = frozenset({"bar", "box", "violin"})  # along one axis stands their place, no value
PARTED = frozenset({"line", "step", "errorbar"})  # of which the number of points is told


def describe_mock_data(
    key: str, figures: Sequence[FigureFacts], *, given: bool, computed: Sequence[str] = ()
) -> str:
    """One or two sentences for a `files` sample; `given`: the instruction shows the lines that make
    it. `computed` are noun phrases of what is to be computed from them."""
    everything = [axes for figure in figures for axes in drawn_axes(figure)]
    if not given and all(set(kinds_of(axes)) <= {"text"} for axes in everything):
        return "No data are needed."
    work = pick(key, "compute", ("Compute {}", "From these, compute {}", "Work out {}"))
    if not given:
        work = work.replace("From these, compute", "Compute")
    told = work.format(join(computed)) if computed else ""
    return sentences([_drawn(key, figures, given), told])


def _drawn(key: str, figures: Sequence[FigureFacts], given: bool) -> str:
    axes = [axes for figure in figures for axes in drawn_axes(figure)]
    drawn = list(_series_phrases(axes))
    if not given and len(axes) == 1:
        drawn += parts_of("polygon", axes[0])
    about = f"{join(drawn)}{_ranges(axes)}" if drawn else ""
    if given and not about:
        return pick(key, "data", ("The values to draw are given", "All values are given"))
    if given:
        forms = ("The plotted data are {}", "The plotted data form {}", "The data are drawn as {}")
        return pick(key, "data", forms).format(about)
    nothing = (
        "No data are given; generate suitable mock data in the code",
        "The data are not given: make up suitable values in the code",
    )
    return pick(key, "no-data", nothing) + (f", for {about}" if about else "")


def _series_phrases(all_axes: Sequence[Axes]) -> Iterator[str]:
    """ "two lines of 50 points each", for each kind that is drawn from values."""
    for kind, pairs in series_by_kind(all_axes):
        words = CHART_KINDS["image" if pairs and is_picture(*pairs[0]) else kind]
        everything = [one for _, one in pairs]
        drawn = [one for one in everything if one.form not in UNSAID]
        if not drawn or kind in UNSAID or _is_beside(kind, all_axes):
            continue
        few = not any(is_cut(axes) for axes in all_axes)
        if kind in PARTED and few and len(drawn) <= MANY:
            yield _parted(drawn, words)
        elif kind in COUNTED and kind != "hist":
            count = marks(drawn) if few else 0
            yield count_of(count, *COUNTED[kind]) if count else words.many
        else:
            yield count_of(len(drawn), words.one, words.many) if few else words.many


def _is_beside(kind: str, all_axes: Sequence[Axes]) -> bool:
    """Whether these are the error bars of other marks."""
    return kind == "errorbar" and any(set(axes.kinds) - {"errorbar"} for axes in all_axes)


def _parted(drawn: Sequence[Series], words: ChartKind) -> str:
    if marks(drawn) != len(drawn):  # artists of many lines
        return count_of(marks(drawn), words.one, words.many)
    least, most = min(one.points for one in drawn), max(one.points for one in drawn)
    span = count_of(most, "point") if least == most else f"{number(least)} to {number(most)} points"
    each = " each" if len(drawn) > 1 else ""
    what = count_of(len(drawn), words.one, words.many)
    return f"{what} of {span}{each}" if least > 1 else what


def _ranges(all_axes: Sequence[Axes]) -> str:
    """Between which values the data lie along the axes of numbers, roughly, since unseeded values
    differ from run to run; "" for more than one set of axes. Where bars stand is no value."""
    if len(all_axes) != 1:
        return ""
    (axes,) = all_axes
    drawn = [one for one in axes.series if one.form not in ACROSS]
    bars = [one for one in drawn if one.kind in PLACED]
    spans = []
    for name in axes.numeric:
        ends = [end for one in drawn if (end := getattr(one, name))]
        place = any((name == "y") == bar.horizontal for bar in bars)
        worked_out = any(one.kind == "hist" or _has_cells(one) for one in drawn)
        if ends and not place and not worked_out:
            low, high = min(end[0] for end in ends), max(end[1] for end in ends)
            if low == high:
                continue
            if abs(low) < NOTHING * high:
                low = 0.0
            spans.append(f"{name} from about {_from_to(low, high)}")
    return f", with {join(spans)}" if spans else ""


def _from_to(low: float, high: float) -> str:
    """Both ends of a range, with as many digits as tell them apart: "1950 to 2020"."""
    size = max(abs(low), abs(high))
    digits = 2 if high - low > size / 5 else 3 if high - low > size / 50 else 5
    return f"{roughly(low, digits)} to {roughly(high, digits)}"


def _has_cells(series: Series) -> bool:
    """Whether it is a grid of cells of one unit, the first of them at 0 or around it."""
    if series.kind not in ("heatmap", "image") or series.x is None or series.y is None:
        return False
    whole = series.x[0] == series.y[0] == 0.0 and series.x[1] * series.y[1] == series.points
    return whole or series.x[0] == -0.5
