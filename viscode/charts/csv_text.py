"""CSV text as it comes with chart samples: normalized, parsed and written.

Parsed with the `csv` module, which splits rows as `pandas.read_csv` does. Whether the rows make a
table is decided in csv_table.
"""

import csv
import io
import json

from viscode.core.textfile import MARK

END = "end of data"
CELL_LIMIT = 64 << 20  # characters; the csv module's own limit is 128 Ki

CsvRows = list[list[str]]


class CsvProblem(Exception):
    """Why a text does not load as CSV."""


def as_csv(rows: CsvRows, delimiter: str) -> str:
    """The rows as CSV text."""
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, lineterminator="\n").writerows(rows)
    return text.getvalue()


def normal_text(raw: str) -> str:
    """The text without byte order mark, with \\n line ends.

    Raises:
        CsvProblem: characters that no file can hold or pandas does not load, or JSON.
    """
    text = raw.removeprefix(MARK).replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        raise CsvProblem("nul bytes")
    try:
        text.encode("utf-8")
    except UnicodeEncodeError as error:
        raise CsvProblem(f"character {error.start} is a lone surrogate") from error
    if text.lstrip()[:1] in ("{", "["):
        try:
            json.loads(text)
        except (ValueError, RecursionError):
            return text
        raise CsvProblem("JSON, not CSV")
    return text


def csv_rows(text: str, delimiter: str) -> CsvRows:
    """The rows of normalized text, [] for each blank line.

    Raises:
        CsvProblem: a quoted cell never ends, or a cell is above CELL_LIMIT.
    """
    rows = [row for row, _ in records(f"{text.removesuffix(chr(10))}\n{END}", delimiter)]
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
