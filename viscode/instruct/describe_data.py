"""The Data Description of `files` (paper 3.1): what was drawn, by the figure facts, how many points
and between which values.
"""

from collections.abc import Iterator, Sequence

from viscode.execution.facts import SERIES_LIMIT, Axes, FigureFacts
from viscode.instruct.axes_phrases import CHART_KINDS, UNCOUNTED, drawn_axes
from viscode.instruct.words import count_of, join, number, pick, roughly, sentence, sentences

PARTS = {"line": "point", "step": "point", "errorbar": "point", "scatter": "point", "stem": "stem"}
UNSAID = frozenset({"table", "text", "other", "polygon", "network", "dendrogram"})  # hold no values
PARTS |= {"bar": "bar", "pie": "slice"}  # what the points of a series are called
SINGLE = frozenset({"scatter", "bar", "stem"})  # of which one series is called by its points alone


def describe_mock_data(
    key: str, figures: Sequence[FigureFacts], *, given: bool, computed: Sequence[str] = ()
) -> str:
    """One or two sentences for a `files` sample; `given`: the instruction shows the lines that make
    it. `computed` are noun phrases of what is to be computed from them."""
    work = pick(key, "compute", ("Compute {}", "From these, compute {}", "Work out {}"))
    if not given:
        work = work.replace("From these, compute", "Compute")
    told = work.format(join(computed)) if computed else ""
    return sentences([_drawn(key, figures, given), told])


def _drawn(key: str, figures: Sequence[FigureFacts], given: bool) -> str:
    axes = [axes for figure in figures for axes in drawn_axes(figure)]
    drawn = list(_series_phrases(axes))
    about = f"{join(drawn)}{_ranges(axes)}" if drawn else ""
    if given and not about:
        return "The mock data are built by the lines below."
    if given:
        forms = ("The mock data give {}", "The plotted data form {}", "The data below make up {}")
        return sentence(pick(key, "data", forms).format(about))
    nothing = (
        "No data are given; generate suitable mock data in the code",
        "The data are not given: make up suitable values in the code",
    )
    return sentence(pick(key, "no-data", nothing) + (f", for {about}" if about else ""))


def _series_phrases(all_axes: Sequence[Axes]) -> Iterator[str]:
    """ "two lines of 50 points each", for each kind that is drawn from values."""
    for kind, words in CHART_KINDS.items():
        drawn = [s for axes in all_axes for s in axes.series if s.kind == kind]
        if not drawn or kind in UNSAID or any(one.form in UNSAID for one in drawn):
            continue
        least, most = min(one.points for one in drawn), max(one.points for one in drawn)
        part, one, many = PARTS.get(kind), words.one, words.many
        if part and len(drawn) == 1 and kind in SINGLE:
            yield count_of(most, part)
            continue
        size = ""
        if part:  # "groups of points", of four points each: "groups of four points each"
            one, many = (noun.removesuffix(f" of {part}s") for noun in (one, many))
            span = (
                count_of(most, part)
                if least == most
                else f"{number(least)} to {number(most)} {part}s"
            )
            size = f" of {span}{' each' if len(drawn) > 1 else ''}"
        few = all(len(axes.series) < SERIES_LIMIT for axes in all_axes)
        counted = count_of(len(drawn), one, many) if few and kind not in UNCOUNTED else many
        yield f"{counted}{size}"


def _ranges(all_axes: Sequence[Axes]) -> str:
    """Between which values the data lie along the axes of numbers, roughly, since unseeded values
    differ from run to run; "" for more than one set of axes. Where bars stand is no value."""
    if len(all_axes) != 1:
        return ""
    (axes,) = all_axes
    bars = [one for one in axes.series if one.kind == "bar"]
    drawn = [
        one for one in axes.series if one.points > 2
    ] or axes.series  # no lines across the plot
    spans = []
    for name in axes.numeric:
        ends = [end for one in drawn if (end := getattr(one, name))]
        place = any((name == "y") == bar.horizontal for bar in bars)
        if ends and not place:
            low, high = min(end[0] for end in ends), max(end[1] for end in ends)
            spans.append(f"{name} from about {roughly(low)} to {roughly(high)}")
    return f", with {join(spans)}" if spans else ""
