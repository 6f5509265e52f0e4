"""Numbers as the cells of a table write them, and their digit groups where CSV has split them.

pandas reads "1 200" and "1,5" as text and an unquoted 1,200 as two fields. They are mended only
where no other reading is possible: 1,200 alone may be a decimal number.
"""

import re
from collections.abc import Sequence, Set
from dataclasses import dataclass

from viscode.charts.csvtext import CsvProblem, Mend, Rows

MAX_CELL = 40  # characters; what is longer is no number
MAX_COLUMNS = 200  # of rows whose groups are joined
MAX_GROUPS = 5  # of one number: up to 999,999,999,999,999

NUMBER = re.compile(r"\W*\d[\d.,\s']*(?:[eE][-+]?\d+)?\W*")
PLAIN = re.compile(r"\s*[-+]?(?:(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?|(?i:inf(?:inity)?))\s*")
ABSENT = re.compile(r"\s*(?:[-–—−.…?*]{1,3}|(?i:n\.\s?[ad]\.))\s*")
FIRST_GROUP = re.compile(r"\s*[-+]?[1-9]\d{0,2}")
GROUP = re.compile(r"\d{3}")
LAST_GROUP = re.compile(r"\d{3}(?:\.\d+)?\s*")
SPACES = " '’\u00a0\u202f"  # what stands between groups of digits besides commas and points
MARKS = frozenset(f",.{SPACES}")


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
MISSING = frozenset(  # what pandas reads as missing
    {"", "#N/A", "#NA", "<NA>", "N/A", "NA", "NULL", "NaN", "None", "n/a", "nan", "null", "-nan"}
)


def is_number(cell: str) -> bool:
    """A number, with signs of currency or per cent, groups and brackets around it or without."""
    fits = NUMBER.fullmatch(cell) or PLAIN.fullmatch(cell) if len(cell) <= MAX_CELL else None
    return fits is not None


def is_missing(cell: str) -> bool:
    return cell.strip() in MISSING


def is_absent(cell: str) -> bool:
    """A sign for a missing number, which pandas reads as text."""
    return len(cell) <= MAX_CELL and ABSENT.fullmatch(cell) is not None


def is_plain(cell: str) -> bool:
    """What pandas reads as a number, or as a missing one."""
    return is_missing(cell) or (len(cell) <= MAX_CELL and PLAIN.fullmatch(cell) is not None)


def joined(row: list[str], width: int) -> tuple[int, list[str], frozenset[int]]:
    """(in how many ways digit groups can be joined so that the row has `width` cells, one of them,
    the places of its joined cells)."""
    if not width < len(row) <= min(MAX_COLUMNS, width * MAX_GROUPS):
        return 0, [], frozenset()
    # For each number of fields: cells that they make -> (ways, fields in the last cell).
    ways: list[dict[int, tuple[int, int]]] = [{0: (1, 0)}]
    for end in range(1, len(row) + 1):
        here: dict[int, tuple[int, int]] = {}
        for size in _sizes(row, end):
            for cells, (count, _) in ways[end - size].items():
                here[cells + 1] = (count + here.get(cells + 1, (0, 0))[0], size)
        ways.append(here)
    found, _ = ways[-1].get(width, (0, 0))
    made: list[str] = []
    places: set[int] = set()
    end = len(row) if found else 0
    for place in range(width, 0, -1) if found else ():
        size = ways[end][place][1]
        made.append("".join(row[end - size : end]))
        places.update([place - 1] if size > 1 else [])
        end -= size
    return found, made[::-1], frozenset(places)


def _sizes(row: list[str], end: int) -> list[int]:
    """How many fields the cell that ends before `end` may be made of."""
    sizes = [1]
    for size in range(2, min(end, MAX_GROUPS) + 1):
        follower = row[end - size + 1]
        if not (LAST_GROUP if size == 2 else GROUP).fullmatch(follower):
            break
        if FIRST_GROUP.fullmatch(row[end - size]):
            sizes.append(size)
    return sizes


def without_groups(rows: Rows, places: Set[int]) -> Rows:
    """The rows with plain numbers in the columns in which groups were joined.

    Raises:
        CsvProblem: such a column holds something else as well.
    """
    made = [
        [
            ENGLISH.plain(cell) if place in places and ENGLISH.fits(cell) else cell
            for place, cell in enumerate(row)
        ]
        for row in rows[1:]
    ]
    for place in sorted(places):
        odd = next((row[place] for row in made if not is_plain(row[place])), None)
        if odd is not None:
            raise CsvProblem(f"column {place + 1} mixes groups of digits with {odd[:MAX_CELL]!r}")
    return [rows[0], *made]


def marks_in(column: Sequence[str]) -> frozenset[str]:
    """The signs between digits that the cells hold; a point only where there is no other."""
    found = MARKS.intersection("".join(cell.strip() for cell in column))
    return found - {"."} or found


def plain_numbers(column: Sequence[str]) -> tuple[list[str], Mend | None]:
    """(a column's cells as pandas reads numbers, what that changed), where all of them are numbers
    by one notation; the cells themselves where they are texts, or plain as they stand.

    Raises:
        CsvProblem: two notations fit and give different numbers.
    """
    filled = [cell for cell in column if not is_missing(cell)]
    if all(map(is_plain, filled)):
        return list(column), None
    fitting = [notation for notation in NOTATIONS if all(map(notation.fits, filled))]
    readings = {
        tuple(cell if is_missing(cell) else notation.plain(cell) for cell in column): notation
        for notation in fitting
    }
    if len(readings) > 1:
        odd = next(cell for cell in filled if not is_plain(cell))
        raise CsvProblem(f"the comma in {odd!r} may be a decimal one or not")
    for cells, notation in readings.items():
        decimal = notation is not ENGLISH and any("," in cell for cell in filled)
        return list(cells), Mend.DECIMAL_COMMA if decimal else Mend.THOUSANDS
    return list(column), None
