"""CSV text as it comes with chart samples: normalised, checked, and shown as comments.

Checked with the `csv` module by the rules that decide whether `pandas.read_csv` fails: an open
quote, or a row with more fields than the columns that the first rows announce. Short rows and
repeated headers load, so they pass.
"""

import csv
import io
from dataclasses import dataclass

BOM = "\ufeff"
END = "end of data"


class CsvProblem(Exception):
    """Why a text does not load as CSV."""


@dataclass(frozen=True)
class CsvTable:
    """Normalised text (no byte order mark, \\n line ends) and its rows, header first."""

    text: str
    rows: list[list[str]]

    def preview(self, count: int) -> str:
        """Header and the first `count` data rows as comment lines; a multi-line cell stays
        quoted, each of its lines a comment."""
        shown = io.StringIO()
        csv.writer(shown, lineterminator="\n").writerows(self.rows[: count + 1])
        return "".join(f"# {line}\n" for line in shown.getvalue().removesuffix("\n").split("\n"))


def read_csv(raw: str) -> CsvTable:
    """Parse CSV text; blank lines are skipped, as pandas does.

    Raises:
        CsvProblem: pandas would not load it.
    """
    text = raw.removeprefix(BOM).replace("\r\n", "\n").replace("\r", "\n")
    if "\0" in text:
        raise CsvProblem("nul bytes")
    try:
        rows = list(csv.reader(io.StringIO(f"{text}\n{END}", newline="")))
    except csv.Error as error:
        raise CsvProblem(str(error)) from error
    if rows.pop() != [END]:  # it was swallowed by an open quote
        raise CsvProblem("a quoted cell never ends")
    rows = [row for row in rows if _filled(row)]
    width = max((len(row) for row in rows[:2]), default=0)
    for number, row in enumerate(rows, start=1):
        if len(row) > width:
            raise CsvProblem(f"row {number} has {len(row)} fields, expected {width}")
    return CsvTable(text, rows)


def _filled(row: list[str]) -> bool:
    return len(row) > 1 or bool(row and row[0].strip())
