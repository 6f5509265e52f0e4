"""The one certain reading of a chart sample's table.

A table is sound when every row has as many fields as the header. What is sound by its delimiter is
kept byte for byte. What is not, or holds rows that are no data, is mended only where the shape of
the table allows exactly one sound reading; the code's names of columns count as evidence, too.
Everything else is a CsvProblem: it would load, and draw wrong numbers. Values in quotes are what
their author wrote and stay.
"""

import re
from collections.abc import Set
from dataclasses import dataclass, replace
from itertools import pairwise

from viscode.charts.csvcells import (
    MAX_CELL,
    is_absent,
    is_missing,
    is_number,
    joined,
    marks_in,
    plain_numbers,
    without_groups,
)
from viscode.charts.csvmarkdown import PIPE, markdown_rows, unfenced
from viscode.charts.csvtext import (
    CsvProblem,
    CsvTable,
    Mend,
    Rows,
    normalised,
    parsed,
    written,
)

COMMA = ","
DELIMITERS = (COMMA, ";", "\t", PIPE)
NOTE = re.compile(
    r"\W*(?:(?:data )?sources?|(?:foot)?notes?|remarks?|references?|credits?|quellen?|fuentes?"
    r"|fontes?|notas?|n\.?b)\.?(?:\s*[:：]|\s+[–—-]\s)",
    re.IGNORECASE,
)
FOOTNOTE = re.compile(r"\s*[*†‡#]")
UNIT = re.compile(r"\s*(?:\([^()]*\)|\[[^\[\]]*\])?\s*")
MAX_EMPTY = 50  # empty fields behind a row
COPES = "coerce"  # `errors="coerce"`: the code makes texts among numbers missing values


@dataclass(frozen=True)
class Reading:
    """Rows by one delimiter, as mended so far; blank lines are [] until they are left out."""

    rows: Rows
    delimiter: str
    mends: tuple[Mend, ...] = ()

    def mended(self, rows: Rows, *mends: Mend) -> "Reading":
        return replace(self, rows=rows, mends=(*self.mends, *mends))

    @property
    def width(self) -> int:
        return len(self.rows[0]) if self.rows else 0


def read_table(raw: str, words: Set[str] = frozenset()) -> CsvTable:
    """The table in its one certain reading. `words` are the names and constants of the code.

    Raises:
        CsvProblem: there is no sound reading, or more than one.
    """
    text, mends = unfenced(normalised(raw))
    rows, shape = markdown_rows(text)
    found = _settled(Reading(rows, PIPE, shape), words) if rows else _chosen(text, words)
    delimiter = COMMA if rows else found.delimiter
    if found.mends:
        text = written(found.rows, delimiter)
    kept = dict.fromkeys([*mends, *found.mends])
    return CsvTable(text, found.rows, delimiter, tuple(kept))


def _chosen(text: str, words: Set[str]) -> Reading:
    """The sound reading by one delimiter: that whose columns the code names, else the only one,
    else a table of one column."""
    first = text.lstrip("\n").partition("\n")[0]
    problems: dict[str, CsvProblem] = {}
    readings: list[Reading] = []
    single: Reading | None = None
    for delimiter in DELIMITERS:
        if delimiter != COMMA and (delimiter not in text or _splits(first, delimiter, words)):
            continue
        try:
            reading = _settled(_trimmed(Reading(parsed(text, delimiter), delimiter), words), words)
        except CsvProblem as error:
            problems[delimiter] = error
            continue
        if reading.width > 1:
            readings.append(reading)
        elif delimiter == COMMA:
            single = reading
    named = [reading for reading in readings if not words.isdisjoint(reading.rows[0])]
    pool = named or readings
    if len(pool) > 1:
        raise CsvProblem(f"delimited by {' or '.join(repr(one.delimiter) for one in pool)}")
    if pool:
        return pool[0]
    told = [problem for delimiter, problem in problems.items() if delimiter in first]
    if told or COMMA in problems:
        raise (told or [problems[COMMA]])[0]
    return single or Reading([], COMMA)


def _splits(header: str, delimiter: str, words: Set[str]) -> bool:
    """Whether the code takes a plain read_csv's only column apart itself."""
    names = set(header.split(delimiter))
    return header in words or (delimiter in words and words.isdisjoint(names))


def _trimmed(reading: Reading, words: Set[str]) -> Reading:
    """Without what stands above the header and behind the last row."""
    return _without_notes(_one_table(_without_title(reading, words), words))


def _without_title(reading: Reading, words: Set[str]) -> Reading:
    """Lines of one field and notes go, when what follows is a header by its form."""
    rows = reading.rows
    start = next((n for n, row in enumerate(rows) if len(row) > 1 and not NOTE.match(row[0])), None)
    if start is None or not any(rows[:start]) or not _is_header(rows[start:], words):
        return reading
    return reading.mended(rows[start:], Mend.TITLE)


def _one_table(reading: Reading, words: Set[str]) -> Reading:
    """
    Raises:
        CsvProblem: the header of another table stands behind a blank line.
    """
    rows = reading.rows
    header = next((number for number, row in enumerate(rows, start=1) if row), 0)
    body = [row for row in rows if any(map(is_number, row))]
    for number, (before, row) in enumerate(pairwise(rows), start=2):
        behind = number > header and not before
        if behind and len(row) > 1 and not any(map(is_number, row)):
            others = [other for other in body if len(other) == len(row)]
            if len(others) > 1 and words.isdisjoint(row) and _odd_cells(row, others):
                raise CsvProblem(f"line {number} begins another table")
            break
    return reading


def _is_note(row: list[str], width: int) -> bool:
    """A line that begins with a word for notes; or with a footnote's mark, if it is no full row."""
    if not row:
        return False
    return bool(NOTE.match(row[0]) or (len(row) != width and FOOTNOTE.match(row[0])))


def _is_header(rows: Rows, words: Set[str]) -> bool:
    """Names without a number among them, of which the code uses one or below which numbers
    stand in all rows."""
    header, body = rows[0], [row for row in rows[1:] if len(row) > 1]
    if any(map(is_number, header)) or not all(name.strip() for name in header[1:]):
        return False
    numbers = bool(body) and all(any(map(is_number, row)) for row in body)
    return numbers or not words.isdisjoint(header)


def _without_notes(reading: Reading) -> Reading:
    """Trailing lines that begin like a note go, and lines of one field behind a blank line; but
    not where rows above begin so as well."""
    rows = [*reading.rows]
    while rows and not rows[0]:
        rows.pop(0)
    width = len(rows[0]) if rows else 0
    end = place = len(rows)
    while place > 1:
        row = rows[place - 1]
        if row and not _is_note(row, width) and (len(row) > 1 or width == 1):
            break
        place -= 1
        if not row or _is_note(row, width):
            end = place
    filled = [row for row in rows[:end] if row]
    if not any(rows[end:]) or any(_is_note(row, width) for row in filled[1:]):
        return replace(reading, rows=[row for row in rows if row])
    return reading.mended(filled, Mend.NOTE)


def _settled(reading: Reading, words: Set[str]) -> Reading:
    """The reading with each row as wide as the header and nothing but data in it.

    Raises:
        CsvProblem: there is none, or more than one.
    """
    if len(reading.rows) < 2:
        return reading
    fitted = _without_repeated_header(_fitted(reading, words))
    return _with_plain_numbers(_without_second_header(fitted, words), words)


def _fitted(reading: Reading, words: Set[str]) -> Reading:
    """Each row as wide as the header, if there is one way to make it so."""
    header, *body = reading.rows
    mends: set[Mend] = set()
    while len(header) > max(map(len, body)) and not header[-1].strip():
        header = header[:-1]
        mends.add(Mend.TRAILING_DELIMITER)
    if all(map(is_number, header)) and words.isdisjoint(header) and not _counts_up(header):
        raise CsvProblem("the first row is no header")
    rows = [header]
    grouped: set[int] = set()
    for number, row in enumerate(body, start=2):
        ways, cells, places = _ways(row, len(header), groups=reading.delimiter == COMMA)
        if ways != 1:
            raise CsvProblem(f"row {number} has {len(row)} fields, expected {len(header)}")
        mends |= {Mend.THOUSANDS} if places else set()
        mends |= (
            {Mend.TRAILING_DELIMITER} if len(row) > len(cells) and not row[-1].strip() else set()
        )
        grouped |= places
        rows.append(cells)
    return reading.mended(without_groups(rows, grouped), *sorted(mends))


def _counts_up(header: list[str]) -> bool:
    """Whether the names are years or numbers of columns: integers, each above the one before."""
    if not all(name.strip().isdecimal() and len(name) <= MAX_CELL for name in header):
        return False
    numbers = [int(name) for name in header]
    return all(low < high for low, high in pairwise(numbers))


def _ways(row: list[str], width: int, *, groups: bool) -> tuple[int, list[str], Set[int]]:
    """(in how many ways the row has `width` cells: as it stands, without empty fields at its end,
    with digit groups joined; the cells by one of them; the places of joined cells)."""
    if len(row) == width:
        return 1, row, frozenset()
    ways, cells, places = 0, row, frozenset[int]()
    for length in range(len(row), width - 1, -1):
        if len(row) - length > MAX_EMPTY or any(field.strip() for field in row[length:]):
            break
        part = row[:length]
        here = (1, part, places) if length == width else (0, part, places)
        if groups and length > width:
            here = joined(part, width)
        if here[0]:
            ways, cells, places = ways + here[0], here[1], here[2]
    return ways, cells, places


def _without_repeated_header(reading: Reading) -> Reading:
    header, *body = reading.rows
    rows = [row for row in body if row != header]
    if len(rows) == len(body) or all(map(is_number, header)):
        return reading
    return reading.mended([header, *rows], Mend.REPEATED_HEADER)


def _without_second_header(reading: Reading, words: Set[str]) -> Reading:
    """Without a row of units, or without a line above the true header that has as many fields.

    Raises:
        CsvProblem: another first or last row holds text wherever all others hold numbers, and the
            code knows nothing of it.
    """
    header, *body = reading.rows
    if len(body) > 1 and _odd_cells(body[0], body[1:]):
        if all(map(_is_unit, body[0], header)):
            return reading.mended([header, *body[1:]], Mend.UNITS)
        if words.isdisjoint(header) and not words.isdisjoint(body[0]):
            return reading.mended(body, Mend.TITLE)
    ends = [(2, body[0], body[1:]), (len(reading.rows), body[-1], body[:-1])] if body[2:] else []
    for number, row, others in ends:
        odd = _odd_cells(row, others)
        if odd and COPES not in words and words.isdisjoint(odd):
            raise CsvProblem(f"row {number} is text where all others hold numbers")
    return reading


def _is_unit(cell: str, name: str) -> bool:
    return cell == name or (UNIT.fullmatch(cell) is not None and not is_number(cell))


def _odd_cells(row: list[str], others: Rows) -> list[str]:
    """What the row has in the columns in which all others hold numbers, if it is text and no number
    is among it."""
    columns = [
        place
        for place in range(len(row))
        if any(is_number(other[place]) for other in others)
        and all(_is_number_or_none(other[place]) for other in others)
    ]
    cells = [row[place] for place in columns]
    texts = [cell for cell in cells if not _is_number_or_none(cell)]
    return [] if any(map(is_number, cells)) else texts


def _is_number_or_none(cell: str) -> bool:
    return is_number(cell) or is_missing(cell) or is_absent(cell)


def _absent(column: list[str]) -> Set[str]:
    """The signs for missing values in a column of numbers."""
    absent = {cell for cell in column if is_absent(cell)}
    numbers = [cell for cell in column if not is_missing(cell) and cell not in absent]
    return absent if numbers and all(map(is_number, numbers)) else set()


def _with_plain_numbers(reading: Reading, words: Set[str]) -> Reading:
    """With numbers that pandas reads in the columns that hold numbers of another notation. A comma
    in a cell between commas was quoted and stays; code that names a sign handles it itself."""
    header, *body = reading.rows
    quoted = {COMMA} if reading.delimiter == COMMA else set()
    columns: list[list[str]] = []
    mends: set[Mend] = set()
    for place in range(reading.width):
        column = [row[place] for row in body]
        if COPES not in words and words.isdisjoint(absent := _absent(column)):
            column = ["" if cell in absent else cell for cell in column]
            mends |= {Mend.MISSING} if absent else set()
        left_alone = not marks_in(column).isdisjoint(words | quoted)
        cells, mend = (column, None) if left_alone else plain_numbers(column)
        mends |= {mend} if mend else set()
        columns.append(cells)
    rows = [list(row) for row in zip(*columns, strict=True)]
    return reading.mended([header, *rows], *sorted(mends)) if mends else reading
