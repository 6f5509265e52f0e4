"""The Data component of `charts`: header and first rows of data.csv as they stand in the file."""

from viscode.charts.csv_table import read_csv_table
from viscode.charts.csv_text import CsvProblem, records
from viscode.core.textfile import MARK
from viscode.text.lines import split_lines


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


def header_of(text: str) -> list[str]:
    """The column names."""
    return next(iter(cells_of(text)), [])
