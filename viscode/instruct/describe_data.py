"""The Data Description: what data are plotted, or what the columns of the CSV hold (paper 3.1).

For `files` it tells of what was drawn, by the figure facts: how many points, between which values.
For `charts` the CSV is read once for its columns; those whose extent a drawn series has are named
as plotted.
"""

import re
from collections.abc import Iterator, Sequence

from viscode.execution.facts import SERIES_LIMIT, Axes, FigureFacts, rounded
from viscode.instruct.axes_phrases import CHART_KINDS, UNCOUNTED
from viscode.instruct.chosen_figures import drawn_axes
from viscode.instruct.csv_preview import cells_of
from viscode.instruct.words import count_of, join, number, pick, plain, roughly, sentence

MAX_COLUMNS = 12
MAX_PLOTTED = 4
MAX_CATEGORIES = 5
MAX_CELL = 24
MAX_ODD = 0.3  # share of texts in a column that still counts as numbers
NUMBER = re.compile(r"\s*[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?\s*")
FORMATTED = re.compile(r"([€$£]\s?)?[-+]?\d{1,3}(,\d{3})*(\.\d+)?(\s?[%€$£])?")
DATE = re.compile(r"\s*\d{4}[-/]\d{1,2}([-/]\d{1,2})?([ T].*)?\s*")
PARTS = {"line": "point", "step": "point", "errorbar": "point", "scatter": "point", "stem": "stem"}
UNSAID = frozenset({"table", "text", "other", "polygon", "network", "dendrogram"})  # hold no values
PARTS |= {"bar": "bar", "pie": "slice"}  # what the points of a series are called
SINGLE = frozenset({"scatter", "bar", "stem"})  # of which one series is called by its points alone


def describe_mock_data(key: str, figures: Sequence[FigureFacts], *, given: bool) -> str:
    """One sentence for a `files` sample; `given`: the instruction shows the lines that make it."""
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


def describe_csv(key: str, text: str) -> str:
    """One paragraph for a `charts` sample: rows, columns, kinds and ranges of the values."""
    header, *body = cells_of(text)
    forms = (
        "The data are in the file data.csv, with {} and {}",
        "The file data.csv holds {} and {}",
        "Read the data from the file data.csv, which has {} and {}",
    )
    opening = pick(key, "csv", forms).format(
        count_of(len(body), "row"), count_of(len(header), "column")
    )
    if len(header) > MAX_COLUMNS:
        return sentence(f"{opening}, among them {join(map(plain, header[:MAX_COLUMNS]))}")
    columns = [
        f"{plain(name) if name.strip() else 'an unnamed column'} ({_column(cells)})"
        for name, cells in zip(header, _columns(header, body), strict=True)
    ]
    return sentence(f"{opening}: {join(columns)}")


def plotted_columns(figures: Sequence[FigureFacts], text: str) -> str:
    """ "Show Temp and Rain": the columns of numbers between whose least and greatest value a drawn
    series lies, where only one column has them; "" for none or many."""
    header, *body = cells_of(text)
    columns: dict[tuple[float, float], list[str]] = {}
    for name, cells in zip(header, _columns(header, body), strict=True):
        filled = [float(cell) for cell in cells if NUMBER.fullmatch(cell)]
        if filled and name.strip() and len(filled) == sum(bool(c.strip()) for c in cells):
            low, high = rounded(min(filled)), rounded(max(filled))
            for extent in {(low, high), (min(low, 0.0), max(high, 0.0))}:  # bars reach from 0
                columns.setdefault(extent, []).append(plain(name))
    drawn = [s for figure in figures for axes in drawn_axes(figure) for s in axes.series]
    shown = [columns.get(end, []) for s in drawn if s.kind != "hist" for end in (s.x, s.y) if end]
    names = dict.fromkeys(found[0] for found in shown if len(found) == 1)
    return f"Show {join(names)}" if 0 < len(names) <= MAX_PLOTTED else ""


def _columns(header: list[str], body: list[list[str]]) -> list[list[str]]:
    return [[row[i] for row in body if i < len(row)] for i in range(len(header))]


def _column(cells: Sequence[str]) -> str:
    filled = [cell.strip() for cell in cells if cell.strip()]
    gaps = ", some missing" if len(filled) < len(cells) else ""
    if not filled:
        return "empty"
    if all(NUMBER.fullmatch(cell) for cell in filled):
        low, high = (f"{bound:g}" for bound in (min(map(float, filled)), max(map(float, filled))))
        noun = "whole numbers" if all(c.lstrip("+-").isdigit() for c in filled) else "numbers"
        return f"{noun} from {low} to {high}{gaps}" if low != high else f"always {low}{gaps}"
    if all(DATE.fullmatch(cell) for cell in filled):
        return f"dates from {min(filled)} to {max(filled)}{gaps}"
    if all(FORMATTED.fullmatch(cell) for cell in filled):
        return f"numbers written like {plain(filled[0])}{gaps}"
    odd = [cell for cell in filled if not NUMBER.fullmatch(cell)]
    if len(odd) <= len(filled) * MAX_ODD:
        return f"numbers, and texts such as {plain(odd[0])}{gaps}"
    distinct = list(dict.fromkeys(filled))
    if len(distinct) <= MAX_CATEGORIES and all(len(cell) <= MAX_CELL for cell in distinct):
        return f"text: {join(map(plain, distinct))}{gaps}"
    if len(distinct) == 1:
        return f"text, always the same{gaps}"
    return f"text, {number(len(distinct))} different values{gaps}"
