"""CSV text as it comes with chart samples: normalised, checked, and shown as comments.

Checked with the `csv` module by the rules that decide whether `pandas.read_csv` fails: an open
quote, or a row with more fields than the columns that the first rows announce. Short rows and
repeated headers load, so they pass; a JSON text would load too, as nonsense.
"""

import csv
import io
import json
from dataclasses import dataclass

BOM = "\ufeff"
END = "end of data"
OTHER_DELIMITERS = (";", "\t", "|")
CELL_LIMIT = 64 << 20  # characters; the csv module's own limit is 128 Ki


class CsvProblem(Exception):
    """Why a text does not load as CSV."""


@dataclass(frozen=True)
class CsvTable:
    """Normalised text (no byte order mark, \\n line ends) and its rows, header first."""

    text: str
    rows: list[list[str]]
    delimiter: str = ","

    def preview(self, count: int) -> str:
        """Header and the first `count` data rows as comment lines; a multi-line cell stays
        quoted, each of its lines a comment."""
        shown = io.StringIO()
        writer = csv.writer(shown, delimiter=self.delimiter, lineterminator="\n")
        writer.writerows(self.rows[: count + 1])
        return "".join(f"# {line}\n" for line in shown.getvalue().removesuffix("\n").split("\n"))


def read_csv(raw: str, delimiter: str = ",") -> CsvTable:
    """Parse CSV text; blank lines are skipped, as pandas does.

    Raises:
        CsvProblem: pandas would not load it, or it is JSON.
    """
    text = normalised(raw)
    rows = _parsed(text, delimiter)
    width = max((len(row) for row in rows[:2]), default=0)
    for number, row in enumerate(rows, start=1):
        if len(row) > width:
            raise CsvProblem(f"row {number} has {len(row)} fields, expected {width}")
    return CsvTable(text, rows, delimiter)


def other_table(raw: str) -> CsvTable | None:
    """The table by another delimiter than the comma, where only that one makes sense: two columns
    or more, all rows of the same width, and no comma in the header.

    Raises:
        CsvProblem: see `read_csv`.
    """
    text = normalised(raw)
    for delimiter in OTHER_DELIMITERS:
        if delimiter not in text:
            continue
        rows = _parsed(text, delimiter)
        widths = {len(row) for row in rows}
        if len(widths) == 1 and widths != {1} and not any("," in name for name in rows[0]):
            return CsvTable(text, rows, delimiter)
    return None


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


def _parsed(text: str, delimiter: str) -> list[list[str]]:
    previous = csv.field_size_limit(CELL_LIMIT)
    try:
        reader = csv.reader(io.StringIO(f"{text}\n{END}", newline=""), delimiter=delimiter)
        rows = list(reader)
    except csv.Error as error:
        raise CsvProblem(str(error)) from error
    finally:
        csv.field_size_limit(previous)
    if rows.pop() != [END]:  # it was swallowed by an open quote
        raise CsvProblem("a quoted cell never ends")
    return [row for row in rows if _is_filled(row)]


def _is_filled(row: list[str]) -> bool:
    """pandas skips lines of blanks and tabs only; a quoted empty cell is a row."""
    return len(row) > 1 or (len(row) == 1 and (not row[0] or bool(row[0].strip(" \t"))))
