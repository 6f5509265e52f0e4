"""data.csv in the instructions of `charts`: its header and first rows as they stand in the file,
and what its columns hold (paper 3.1).

Columns are named as plotted where a drawn series has their extent.
"""

import re
from collections.abc import Sequence

from viscode.charts.csv_table import read_csv_table
from viscode.charts.csv_text import CsvProblem, records
from viscode.core.textfile import MARK
from viscode.execution.facts import FigureFacts, rounded
from viscode.instruct.axes_phrases import drawn_axes
from viscode.instruct.words import count_of, join, number, pick, plain, sentence
from viscode.text.lines import split_lines

MAX_COLUMNS = 12
MAX_PLOTTED = 4
MAX_CATEGORIES = 5
MAX_CELL = 24
MAX_ODD = 0.3  # share of texts in a column that still counts as numbers
NUMBER = re.compile(r"\s*[-+]?(\d+(\.\d*)?|\.\d+)([eE][-+]?\d+)?\s*")
FORMATTED = re.compile(r"([€$£]\s?)?[-+]?\d{1,3}(,\d{3})*(\.\d+)?(\s?[%€$£])?")
DATE = re.compile(r"\s*\d{4}[-/]\d{1,2}([-/]\d{1,2})?([ T].*)?\s*")


def delimiter_of(text: str) -> str:
    """What stands between the cells, by the table's shape; a comma where that tells nothing."""
    try:
        return read_csv_table(text).delimiter
    except CsvProblem:
        return ","


def preview_rows(text: str, rows: int) -> tuple[str, int]:
    """(header and at most `rows` records verbatim, how many records those are).

    A record may span lines inside quotes, so that records are counted by the csv reader and
    copied by lines. Empty lines in front of the header and trailing ones are left out.
    """
    lines = split_lines(text.removeprefix(MARK).strip("\r\n"))
    shown, end = -1, 0
    for record, last_line in records("\n".join(lines), delimiter_of(text)):
        if not record:
            continue
        shown, end = shown + 1, last_line
        if shown == rows:
            break
    return "\n".join(lines[:end]), max(shown, 0)


def cells_of(text: str) -> list[list[str]]:
    """The cells of all filled rows, header first."""
    plain = "\n".join(split_lines(text.removeprefix(MARK)))
    return [record for record, _ in records(plain, delimiter_of(text)) if record]


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
