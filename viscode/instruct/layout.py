"""The Plot Description: what is drawn where (paper 3.1, component 4), from the figure facts.

Chart kinds, arrangement, titles, axis labels, legends, and the axis limits where the code sets
them. It names no library and no function. Texts that stand on the plot are quoted as they are,
whatever they say: they are content.
"""

import re
from collections.abc import Sequence

from viscode.execution.facts import Axes, FigureFacts
from viscode.instruct.charts import chart_phrase
from viscode.instruct.figures import drawn_axes
from viscode.instruct.words import (
    count_of,
    join,
    number,
    ordinal,
    pick,
    quote,
    sentences,
)

MAX_ENTRIES = 12  # a longer legend is counted, not listed
MAX_GROUPS = 8  # more different subplots than this are summed up
GRIDDED = re.compile(r"subplot|[gG]rid|facet|mosaic|layout")  # else facts only count the axes
LITERAL = re.compile(r"(?<![\w.])\d+\.?\d*(?![\w.])")
SET_X = re.compile(r"xlim|range_x|\.axis\(\s*[\[(]|range\s*=\s*\[")
SET_Y = re.compile(r"ylim|range_y|\.axis\(\s*[\[(]|range\s*=\s*\[")


def describe_layout(key: str, figures: Sequence[FigureFacts], code: str, data: str = "") -> str:
    """One paragraph that begins with "Create" or "Generate". `key` selects the phrasings;
    `figures` are the different figures that show something, at least one; `data` is a sentence
    on what data they show, or ""."""
    verb = pick(key, "verb", ("Create", "Generate"))
    if len(figures) == 1:
        first, *others = _figure(key, verb, figures[0], code)
        return sentences([first, data, *others])
    opening = f"{verb} {number(len(figures))} separate figures"
    rest = (
        f"In the {ordinal(index)} figure, {_lower(sentences(_figure(key, 'draw', figure, code)))}"
        for index, figure in enumerate(figures)
    )
    return sentences([opening, data, *rest])


def _lower(text: str) -> str:
    return text[:1].lower() + text[1:]


def _figure(key: str, verb: str, figure: FigureFacts, code: str) -> list[str]:
    drawn = drawn_axes(figure)
    if len(drawn) == 1:
        return _single(key, verb, figure, drawn[0], code)
    heading = f"The overall title is {quote(figure.suptitle)}" if figure.suptitle else ""
    shared = _shares_area(figure, code)
    arrangement = _shared_area(len(drawn), code) if shared else _arrangement(figure)
    nouns = ("set of axes", "sets of axes") if shared else ("subplot", "subplots")
    whole = "" if verb == "draw" else "a figure with "
    return [f"{verb} {whole}{arrangement}", heading, *_subplots(drawn, code, nouns)]


def _single(key: str, verb: str, figure: FigureFacts, axes: Axes, code: str) -> list[str]:
    labels = _named_axes(axes)
    title = axes.title or figure.suptitle
    both = figure.suptitle if axes.title and figure.suptitle != axes.title else ""
    return [
        f"{verb} {chart_phrase(axes, code)}",
        _varied(
            key,
            "title",
            title and quote(title),
            ("The title reads {}", "Give the plot the title {}", "Title the plot {}"),
        ),
        f"The heading above it is {quote(both)}" if both else "",
        _varied(
            key,
            "labels",
            labels and join(f"the {n} {quote(t)}" for n, t in labels),
            ("Label {}", "Label {}"),
        ),
        _varied(key, "legend", _legend(axes), ("Add {}", "Include {}", "Show {}")),
        _limits(axes, code),
    ]


def _varied(
    key: str, slot: str, filling: str | list[tuple[str, str]], variants: Sequence[str]
) -> str:
    return pick(key, slot, variants).format(filling) if filling else ""


def _named_axes(axes: Axes) -> list[tuple[str, str]]:
    names = (("x-axis", axes.xlabel), ("y-axis", axes.ylabel), ("z-axis", axes.zlabel))
    return [(name, text) for name, text in names if text]


def _legend(axes: Axes) -> str:
    entries = [text for text in axes.legend if text.strip()]
    if not entries:
        return ""
    if len(entries) > MAX_ENTRIES:
        return f"a legend with {len(entries)} entries"
    word = "entry" if len(entries) == 1 else "entries"
    return f"a legend with the {word} {join(map(quote, entries))}"


def _limits(axes: Axes, code: str) -> str:
    known = (("x-axis", axes.xlim, SET_X), ("y-axis", axes.ylim, SET_Y))
    spans = [
        (name, limits)
        for name, limits, is_set in known
        if limits and is_set.search(code) and all(_typed(v, code) for v in limits)
    ]
    return (
        join(f"the {name} runs from {_short(lo)} to {_short(hi)}" for name, (lo, hi) in spans)
        if spans
        else ""
    )


def _typed(value: float | None, code: str) -> bool:
    """Whether this limit stands in the code; an automatic one hardly ever does."""
    return value is not None and abs(value) in {float(n) for n in LITERAL.findall(code)}


def _short(value: float | None) -> str:
    return f"{value:g}"


def _shares_area(figure: FigureFacts, code: str) -> bool:
    """Whether the axes stand in no grid: twins, insets, or placed by hand."""
    rows, columns = figure.layout
    return rows * columns == 1 or (columns == 1 and not GRIDDED.search(code))


def _arrangement(figure: FigureFacts) -> str:
    count = count_of(len(drawn_axes(figure)), "subplot")
    rows, columns = figure.layout
    grid = f"a grid of {count_of(rows, 'row')} and {count_of(columns, 'column')}"
    if rows * columns != len(drawn_axes(figure)):
        return f"{count} arranged on {grid}"
    if rows == 1:
        return f"{count} side by side in one row"
    return f"{count} stacked in one column" if columns == 1 else f"{count} in {grid}"


def _shared_area(count: int, code: str) -> str:
    if "twinx" in code:
        return f"{number(count)} sets of axes that share the x-axis and have their own y-axes"
    if "twiny" in code:
        return f"{number(count)} sets of axes that share the y-axis and have their own x-axes"
    return f"{number(count)} sets of axes"


def _subplots(drawn: Sequence[Axes], code: str, nouns: tuple[str, str]) -> list[str]:
    groups: dict[str, list[int]] = {}
    for index, axes in enumerate(drawn):
        groups.setdefault(_subplot(axes, code), []).append(index)
    if len(groups) > MAX_GROUPS:
        return _summary(drawn, code)
    return [f"{_which(indices, len(drawn), nouns)} {text}" for text, indices in groups.items()]


def _which(indices: list[int], total: int, nouns: tuple[str, str]) -> str:
    if len(indices) == total:
        return "Each of them shows"
    if len(indices) == 1:
        return f"The {ordinal(indices[0])} {nouns[0]} shows"
    return f"The {join(map(ordinal, indices))} {nouns[1]} each show"


def _subplot(axes: Axes, code: str) -> str:
    extras = [f"the {name} label {quote(text)}" for name, text in _named_axes(axes)]
    if legend := _legend(axes):
        extras.append(legend)
    limits = _limits(axes, code)
    text = chart_phrase(axes, code)
    if axes.title:
        text += f", titled {quote(axes.title)}"
    if extras:
        text += f", with {join(extras)}"
    return f"{text}; {limits}" if limits else text


def _summary(drawn: Sequence[Axes], code: str) -> list[str]:
    """Many different subplots: how many of each kind, then their titles and labels as lists."""
    kinds: dict[str, int] = {}
    for axes in drawn:
        phrase = chart_phrase(axes, code)
        kinds[phrase] = kinds.get(phrase, 0) + 1
    shown = join(f"{phrase} ({count_of(count, 'time')})" for phrase, count in kinds.items())
    lists = (
        ("titles", [axes.title for axes in drawn]),
        ("x-axis labels", [axes.xlabel for axes in drawn]),
        ("y-axis labels", [axes.ylabel for axes in drawn]),
    )
    return [
        f"They show {shown}",
        *(
            f"The {name}, in order, are {join(map(quote, dict.fromkeys(filter(None, texts))))}"
            for name, texts in lists
            if any(texts)
        ),
    ]
