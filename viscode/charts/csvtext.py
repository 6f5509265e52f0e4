"""CSV text as it comes with chart samples: normalised, parsed, written, and shown as comments.

Parsed with the `csv` module, which takes rows apart as `pandas.read_csv` does. Whether they make a
table is decided in csvmend.
"""

import csv
import io
import json
from dataclasses import dataclass
from enum import StrEnum

NEWLINE = "\n"
BOM = "\ufeff"
END = "end of data"
CELL_LIMIT = 64 << 20  # characters; the csv module's own limit is 128 Ki

Rows = list[list[str]]


class Mend(StrEnum):
    """What was changed."""

    FENCE = "fence"
    """It stood in a Markdown fence."""
    MARKDOWN_TABLE = "markdown_table"
    TITLE = "title"
    """Lines above the header were left out."""
    NOTE = "note"
    """Lines behind the last row were left out."""
    UNITS = "units"
    """A row of units in brackets below the header was left out."""
    REPEATED_HEADER = "repeated_header"
    TRAILING_DELIMITER = "trailing_delimiter"
    """Empty fields behind the last column were left out."""
    THOUSANDS = "thousands"
    """Groups of digits were joined."""
    DECIMAL_COMMA = "decimal_comma"
    MISSING = "missing"
    """Signs for a missing number were left out."""


class CsvProblem(Exception):
    """Why a text does not load as CSV."""


@dataclass(frozen=True)
class CsvTable:
    """Normalised text (no byte order mark, \\n line ends) and its rows, header first. `mends` says
    what was changed (csvmend)."""

    text: str
    rows: Rows
    delimiter: str = ","
    mends: tuple[Mend, ...] = ()

    def preview(self, count: int) -> str:
        """Header and the first `count` data rows as comment lines; a multi-line cell stays
        quoted, each of its lines a comment."""
        shown = written(self.rows[: count + 1], self.delimiter).removesuffix("\n")
        return "".join(f"# {line}\n" for line in shown.split("\n"))


def written(rows: Rows, delimiter: str) -> str:
    """The rows as CSV text."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return text.getvalue()


def normalised(raw: str) -> str:
    """The text without byte order mark, with \\n line ends.

    Raises:
        CsvProblem: characters that no file can hold or pandas does not load, or JSON.
    """
    text = raw.removeprefix(BOM).replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        raise CsvProblem("nul bytes")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise CsvProblem(f"character {error.start} is a lone surrogate") from error
    if _is_json(text):
        raise CsvProblem("JSON, not CSV")
    return text


def _is_json(text: str) -> bool:
    if text.lstrip()[:1] not in ("{", "["):
        return False
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return False
    return True


def parsed(text: str, delimiter: str) -> Rows:
    """The rows of normalised text, [] for each blank line.

    Raises:
        CsvProblem: a quoted cell never ends, or a cell is above CELL_LIMIT.
    """
    rows = [row for row, _ in records(f"{text.removesuffix(NEWLINE)}\n{END}", delimiter)]
    if rows.pop() != [END]:  # it was swallowed by an open quote
        raise CsvProblem("a quoted cell never ends")
    return [row if _is_filled(row) else [] for row in rows]


def records(text: str, delimiter: str) -> list[tuple[list[str], int]]:
    """Each record of a text with \\n line ends, and the number of its last line.

    Raises:
        CsvProblem: a cell is above CELL_LIMIT.
    """
    previous = csv.field_size_limit(CELL_LIMIT)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter)
        return [(record, reader.line_num) for record in reader]
    except csv.Error as error:
        raise CsvProblem(str(error)) from error
    finally:
        csv.field_size_limit(previous)


def _is_filled(row: list[str]) -> bool:
    """pandas skips lines of blanks and tabs only; a quoted empty cell is a row."""
    return len(row) > 1 or (len(row) == 1 and (not row[0] or bool(row[0].strip(" \t"))))
