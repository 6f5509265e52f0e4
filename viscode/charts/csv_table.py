"""The one certain reading of a chart sample's table.

A table is sound when every row has as many fields as the header. What is sound by its delimiter is
kept byte for byte. What is not, or holds lines that are no data, is changed only where the shape of
the table allows exactly one sound reading; columns that the code names count as evidence, too.
Everything else is a CsvProblem: it would load, and draw wrong numbers. Values in quotes are what
their author wrote, and stay.
"""

import re
from collections import Counter
from collections.abc import Set
from dataclasses import dataclass, replace
from enum import StrEnum
from itertools import pairwise

from viscode.charts.csv_numbers import (
    ENGLISH,
    MAX_CELL,
    SPACES,
    is_absent,
    is_missing,
    is_number,
    is_plain,
    joined,
    plain_numbers,
)
from viscode.charts.csv_text import CsvProblem, CsvRows, as_csv, csv_rows, normal_text
from viscode.text.markdown import read_document

COMMA, PIPE = ",", "|"
DELIMITERS = (COMMA, ";", "\t", PIPE)
NOTE = re.compile(
    r"\W*(?:(?:data )?sources?|(?:foot)?notes?|remarks?|references?|credits?|quellen?|fuentes?"
    r"|fontes?|notas?|n\.?b)\.?(?:\s*[:：]|\s+[–—-]\s)",
    re.IGNORECASE,
)
FOOTNOTE = re.compile(r"\s*[*†‡#]")
UNIT = re.compile(r"\s*(?:\([^()]*\)|\[[^\[\]]*\])?\s*")
RULE = re.compile(r"\|?\s*:?-+:?\s*(?:\|\s*:?-+:?\s*)*\|?")
COERCE = "coerce"  # `errors="coerce"`: the code makes texts among numbers missing values


class Mend(StrEnum):
    """What was changed in a table."""

    FENCE = "fence"
    """It stood in a Markdown fence."""
    MARKDOWN_TABLE = "markdown_table"
    TITLE = "title"
    """Lines above the header were left out."""
    NOTE = "note"
    """Lines after the last row were left out."""
    UNITS = "units"
    """A row of units in brackets below the header was left out."""
    REPEATED_HEADER = "repeated_header"
    TRAILING_DELIMITER = "trailing_delimiter"
    """Empty fields after the last column were left out."""
    THOUSANDS = "thousands"
    """Groups of digits were joined."""
    DECIMAL_COMMA = "decimal_comma"
    MISSING = "missing"
    """Signs for a missing number were left out."""


@dataclass(frozen=True)
class CsvTable:
    """Normalized text (no byte order mark, \\n line ends), its rows, header first, and what was
    changed in it."""

    text: str
    rows: CsvRows
    delimiter: str = COMMA
    mends: tuple[Mend, ...] = ()

    def preview(self, count: int) -> str:
        """Header and the first `count` data rows as comment lines; a multi-line cell stays
        quoted, each of its lines a comment."""
        shown = as_csv(self.rows[: count + 1], self.delimiter).removesuffix("\n")
        return "".join(f"# {line}\n" for line in shown.split("\n"))

    def changed(self, rows: CsvRows, *mends: Mend) -> "CsvTable":
        """With other rows, in which a blank line is [] while they are being mended."""
        return replace(self, rows=rows, mends=(*self.mends, *mends))


def read_csv_table(raw: str, words: Set[str] = frozenset()) -> CsvTable:
    """The table in its one certain reading. `words` are the names and constants of the code.

    Raises:
        CsvProblem: there is no sound reading, or more than one.
    """
    text, mends = normal_text(raw), list[Mend]()
    if "```" in text or "~~~" in text:
        document = read_document(text)
        filled = [block.code for block in document.blocks if block.code.strip()]
        if len(filled) > 1:
            raise CsvProblem(f"{len(filled)} fenced blocks")
        if document.blocks:
            mends.append(Mend.FENCE)
            text = normal_text((filled or [document.outside])[0].strip("\n") + "\n")
    plain = _without_markdown(text)
    if plain is None:
        table = _by_delimiter(text, words)
    else:
        mends.append(Mend.MARKDOWN_TABLE)
        table = replace(_sound(plain, PIPE, words), delimiter=COMMA)
    if table.mends or plain is not None:
        text = as_csv(table.rows, table.delimiter)
    return replace(table, text=text, mends=tuple(dict.fromkeys([*mends, *table.mends])))


def _without_markdown(text: str) -> str | None:
    """A Markdown table without its rule and outer pipes. None where the text is none: no rule, nor
    a pipe at both ends of every line."""
    lines = [line.strip() for line in text.split("\n")]
    framed = all(line[0] == line[-1] == PIPE and len(line) > 1 for line in lines if line)
    ruled = any(PIPE in line and "-" in line and RULE.fullmatch(line) for line in lines[1:])
    if not (framed and any(lines)) and not ruled:
        return None
    rows = (
        (cell.strip() for cell in line.removeprefix(PIPE).removesuffix(PIPE).split(PIPE))
        for line in lines
        if not (PIPE in line and "-" in line and RULE.fullmatch(line))
    )
    return "\n".join(PIPE.join(row) for row in rows)


def _by_delimiter(text: str, words: Set[str]) -> CsvTable:
    """The sound reading by one delimiter: that whose columns the code names, else the only one at
    whose delimiter the code does not split rows itself, else a table of one column."""
    header = text.lstrip("\n").partition("\n")[0]
    tables: list[CsvTable] = []
    problems: list[CsvProblem] = []
    for delimiter in DELIMITERS:
        if delimiter not in text and delimiter != COMMA:
            continue
        try:
            table = _sound(text, delimiter, words)
        except CsvProblem as problem:
            if delimiter in header or delimiter == COMMA:
                problems.append(problem)
            continue
        tables.append(table)
    named = [one for one in tables if one.rows and not words.isdisjoint(one.rows[0])]
    wide = [one for one in tables if one.rows and len(one.rows[0]) > 1]
    pool = named or [one for one in wide if one.delimiter not in words]
    if len(pool) > 1:
        raise CsvProblem(f"delimited by {' or '.join(repr(one.delimiter) for one in pool)}")
    if not pool and problems:
        raise problems[0]
    return (pool or tables)[0]


def _sound(text: str, delimiter: str, words: Set[str]) -> CsvTable:
    """The reading with each row as wide as the header and nothing but data in it.

    Raises:
        CsvProblem: there is none, or more than one.
    """
    table = CsvTable(text, csv_rows(text, delimiter), delimiter)
    table, behind_blank = _rows_only(_without_notes(_without_title(table, words)))
    if len(table.rows) < 2:
        return table
    table = _only_data(_fitted(table, words), behind_blank, words)
    return _with_plain_numbers(table, words)


def _without_title(table: CsvTable, words: Set[str]) -> CsvTable:
    """Lines of one field go, when what follows is a header by its form: names without a number
    among them, one of which the code uses or below which numbers stand in all rows."""
    start = next((place for place, row in enumerate(table.rows) if len(row) > 1), 0)
    rows = table.rows[start:]
    if not any(table.rows[:start]) or any(map(is_number, rows[0])):
        return table
    body = [row for row in rows[1:] if len(row) > 1]
    numbers = bool(body) and all(any(map(is_number, row)) for row in body)
    if not all(name.strip() for name in rows[0][1:]):
        return table
    return table.changed(rows, Mend.TITLE) if numbers or words & set(rows[0]) else table


def _without_notes(table: CsvTable) -> CsvTable:
    """Trailing lines that begin like a note go, and lines of one field after a blank line; but
    not where rows above begin so as well."""
    rows = table.rows
    header = next((place for place, row in enumerate(rows) if row), 0)
    width = len(rows[header]) if rows else 0
    end = len(rows)
    for place in range(len(rows) - 1, header, -1):
        row = rows[place]
        note = not row or _is_note(row, width)
        if not note and (len(row) > 1 or width == 1):
            break
        end = place if note else end
    if not any(rows[end:]) or any(_is_note(row, width) for row in rows[header + 1 : end]):
        return table
    return table.changed(rows[:end], Mend.NOTE)


def _is_note(row: list[str], width: int) -> bool:
    """A line that begins with a word for notes; or with a footnote's mark, if it is no full row."""
    if not row:
        return False
    return bool(NOTE.match(row[0]) or (len(row) != width and FOOTNOTE.match(row[0])))


def _rows_only(table: CsvTable) -> tuple[CsvTable, set[int]]:
    """Without blank lines and repeated headers; and the numbers of the rows that followed a blank
    line."""
    filled = next((row for row in table.rows if row), [])
    repeated = [] if all(map(is_number, filled)) else filled
    rows: CsvRows = []
    behind: set[int] = set()
    mends: set[Mend] = set()
    for before, row in pairwise([["start"], *table.rows]):
        if row and rows and row == repeated:
            mends.add(Mend.REPEATED_HEADER)
        elif row:
            behind |= set() if before else {len(rows)}
            rows.append(row)
    return table.changed(rows, *mends), behind


def _fitted(table: CsvTable, words: Set[str]) -> CsvTable:
    """Each row as wide as the header, if there is one way to make it so: as it stands, without
    empty fields at its end, or with groups of digits joined."""
    header, *body = table.rows
    mends: set[Mend] = set()
    while len(header) > max(map(len, body)) and not header[-1].strip():
        header = header[:-1]
        mends.add(Mend.TRAILING_DELIMITER)
    if all(map(is_number, header)) and words.isdisjoint(header) and not _counts_up(header):
        raise CsvProblem("the first row is no header")
    width, rows, grouped = len(header), [header], set[int]()
    for number, row in enumerate(body, start=2):
        cells, places = joined(row) if table.delimiter == COMMA else (row, frozenset())
        ways = [
            way[:width]
            for way in ((row,) if len(row) == width or not places else (row, cells))
            if len(way) >= width and not any(field.strip() for field in way[width:])
        ]
        if len(ways) != 1:
            raise CsvProblem(f"row {number} has {len(row)} fields, expected {width}")
        rows += ways
        if ways[0] != row[:width]:
            grouped |= places
        if len(row) > width and not row[-1].strip():
            mends.add(Mend.TRAILING_DELIMITER)
    for place in grouped:
        mends.add(Mend.THOUSANDS)
        for row in rows[1:]:
            row[place] = ENGLISH.plain(row[place]) if ENGLISH.fits(row[place]) else row[place]
            if not is_plain(row[place]):
                odd = row[place][:MAX_CELL]
                raise CsvProblem(f"column {place + 1} mixes groups of digits with {odd!r}")
    return table.changed(rows, *sorted(mends))


def _counts_up(header: list[str]) -> bool:
    """Whether the names are years or numbers of columns: integers, each above the one before."""
    if not all(name.strip().isdecimal() and len(name) <= MAX_CELL for name in header):
        return False
    return all(int(low) < int(high) for low, high in pairwise(header))


def _only_data(table: CsvTable, behind_blank: Set[int], words: Set[str]) -> CsvTable:
    """Without a row of units.

    Raises:
        CsvProblem: the first or last row, or one after a blank line, is text wherever all others
            hold numbers, and the code knows nothing of it: another header, another table, a note.
    """
    header, *body = table.rows
    last = len(body) - 1
    odd = _odd_cells(body)
    if last and odd[0] and all(map(_is_unit, body[0], header)):
        return table.changed([header, *body[1:]], Mend.UNITS)
    for place in sorted({0, last, *(number - 1 for number in behind_blank)}):
        if last > 1 and odd[place] and COERCE not in words and words.isdisjoint(odd[place]):
            raise CsvProblem(f"row {place + 2} is text where all others hold numbers")
    return table


def _is_unit(cell: str, name: str) -> bool:
    return cell == name or (UNIT.fullmatch(cell) is not None and not is_number(cell))


def _odd_cells(body: CsvRows) -> list[list[str]]:
    """Of each row what it has in the columns in which all other rows hold numbers, if it is text
    and no number is among it."""
    texts: Counter[int] = Counter()
    numbers: Counter[int] = Counter()
    for row in body:
        texts.update(place for place, cell in enumerate(row) if _is_text(cell))
        numbers.update(place for place, cell in enumerate(row) if is_number(cell))
    odd: list[list[str]] = []
    for row in body:
        cells = [
            cell
            for place, cell in enumerate(row)
            if texts[place] == _is_text(cell) and numbers[place] > is_number(cell)
        ]
        odd.append([] if any(map(is_number, cells)) else list(filter(_is_text, cells)))
    return odd


def _is_text(cell: str) -> bool:
    return not (is_number(cell) or is_missing(cell) or is_absent(cell))


def _with_plain_numbers(table: CsvTable, words: Set[str]) -> CsvTable:
    """With numbers that pandas reads in the columns that hold numbers of another notation. A comma
    in a cell between commas was quoted and stays; code that names a sign handles it itself."""
    header, *body = table.rows
    handled = words | ({COMMA} if table.delimiter == COMMA else set())
    columns: list[list[str]] = []
    mends: set[Mend] = set()
    for column in map(list, zip(*body, strict=True)):
        absent = {cell for cell in column if is_absent(cell)}
        rest = [cell for cell in column if not is_missing(cell) and cell not in absent]
        numbers = bool(rest) and all(map(is_number, rest))
        if absent and numbers and COERCE not in words and words.isdisjoint(absent):
            column = ["" if cell in absent else cell for cell in column]
            mends.add(Mend.MISSING)
        signs = {sign for cell in column for sign in cell.strip()} & set(f",.{SPACES}")
        if (signs - {"."} or signs).isdisjoint(handled):
            column, notation = plain_numbers(column)
            if notation is not None:
                decimal = notation is not ENGLISH and any("," in cell for cell in rest)
                mends.add(Mend.DECIMAL_COMMA if decimal else Mend.THOUSANDS)
        columns.append(column)
    rows = [list(row) for row in zip(*columns, strict=True)]
    return table.changed([header, *rows], *sorted(mends)) if mends else table
