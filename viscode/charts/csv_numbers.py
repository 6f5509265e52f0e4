"""Numbers as the cells of a table write them.

pandas reads "1 200", "1,5" and "-" as text, and an unquoted 1,200 as two fields.
"""

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass

from viscode.charts.csv_text import CsvProblem

MAX_CELL = 40  # characters; what is longer is no number
NUMBER = re.compile(r"\W*\d[\d.,\s']*(?:[eE][-+]?\d+)?\W*")
PLAIN = re.compile(r"\s*[-+]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|(?i:inf(?:inity)?))\s*")
ABSENT = re.compile(r"\s*(?:[-–—−.…?*]{1,3}|(?i:n\.\s?[ad]\.))\s*")
FIRST_GROUP = re.compile(r"\s*[-+]?[1-9]\d{0,2}")
NEXT_GROUP = re.compile(r"\d{3}(?:\.\d+)?\s*")
SPACES = " '’\u00a0\u202f"  # what stands between groups of digits besides commas and points
MISSING = frozenset(  # what pandas reads as missing
    {"", "#N/A", "#NA", "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null", "-nan"}
)


def is_number(cell: str) -> bool:
    """A number, with or without signs of currency or per cent, groups and brackets around it."""
    return len(cell) <= MAX_CELL and bool(NUMBER.fullmatch(cell) or PLAIN.fullmatch(cell))


def is_missing(cell: str) -> bool:
    """What pandas reads as a missing value."""
    return cell.strip() in MISSING


def is_absent(cell: str) -> bool:
    """A sign for a missing number, which pandas reads as text."""
    return len(cell) <= MAX_CELL and ABSENT.fullmatch(cell) is not None


def is_plain(cell: str) -> bool:
    """What pandas reads as a number, or as a missing one."""
    return is_missing(cell) or (len(cell) <= MAX_CELL and PLAIN.fullmatch(cell) is not None)


@dataclass(frozen=True)
class Notation:
    """A way of writing numbers: what separates groups of three digits, and the decimal sign."""

    groups: str
    decimal: str

    def fits(self, cell: str) -> bool:
        form = rf"[-+]?(?:\d+|[1-9]\d{{0,2}}(?:[{self.groups}]\d{{3}})+)(?:[{self.decimal}]\d+)?"
        return len(cell) <= MAX_CELL and re.fullmatch(form, cell.strip()) is not None

    def plain(self, cell: str) -> str:
        """The number as pandas reads it."""
        return re.sub(f"[{self.groups}]", "", cell.strip()).replace(",", ".")


ENGLISH = Notation(",", ".")
NOTATIONS = (ENGLISH, Notation(".", ","), Notation(SPACES, ".,"))


def joined(row: list[str]) -> tuple[list[str], Set[int]]:
    """(the row with its groups of digits joined wherever they can be, the places of joined cells).
    Every other way to join some of them leaves more cells."""
    cells: list[str] = []
    places: set[int] = set()
    goes_on = False
    for field in row:
        if goes_on and NEXT_GROUP.fullmatch(field):
            cells[-1] += field
            places.add(len(cells) - 1)
            goes_on = "." not in field
        else:
            cells.append(field)
            goes_on = FIRST_GROUP.fullmatch(field) is not None
    return cells, places


def plain_numbers(column: Sequence[str]) -> tuple[list[str], Notation | None]:
    """(a column's cells as pandas reads numbers, the notation they had), where all are numbers in
    one notation; the cells themselves and None where they are texts, or plain already.

    Raises:
        CsvProblem: two notations fit and give different numbers.
    """
    filled = [cell for cell in column if not is_missing(cell)]
    readings: dict[tuple[str, ...], Notation] = {}
    if not all(map(is_plain, filled)):
        for notation in NOTATIONS:
            if all(map(notation.fits, filled)):
                cells = (cell if is_missing(cell) else notation.plain(cell) for cell in column)
                readings[tuple(cells)] = notation
    if len(readings) > 1:
        odd = next(cell for cell in filled if not is_plain(cell))
        raise CsvProblem(f"the comma in {odd!r} may be a decimal one or not")
    for plain, notation in readings.items():
        return list(plain), notation
    return list(column), None
