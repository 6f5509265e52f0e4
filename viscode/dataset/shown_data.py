"""The data that a sample shows: its text in instruction, comments or string constants, and its
column names."""

import ast
import csv
import re
from collections.abc import Iterator, Sequence

from viscode.text.lines import split_lines

MAX_CHARS = 200_000  # of a text that is looked at
MAX_LINE = 2_000  # characters of a line that may be a header
COMMENT = re.compile(r"^[ \t]*#[ \t]*(.*)$", re.M)
TEXT = re.compile(r"\"\"\"(.*?)\"\"\"|'''(.*?)'''|\"([^\"\n]*+)\"|'([^'\n]*+)'", re.S)
FRAMES = ("pandas.DataFrame", "pandas.DataFrame.from_dict", "pandas.DataFrame.from_records")
READERS = ("pandas.read_csv", "pandas.read_table")
MIN_COLUMNS = 3
MIN_LETTERS = 3  # of a name that tells something; x, y, c1 and 12 do not
LETTERS = re.compile(r"[^\W\d_]")
INDEX_COLUMNS = ("", "unnamed: 0")


def csv_head(text: str) -> str:
    """Header and first row of a CSV, white space squeezed; "" without a row."""
    lines = [line for line in split_lines(text.removeprefix("\ufeff")) if line.strip()]
    return squeezed("\n".join(lines[:2])) if len(lines) > 1 else ""


def squeezed(text: str) -> str:
    return " ".join(text.split())


def comments(code: str) -> str:
    """The lines of a code that hold only a comment, without the marks."""
    return "\n".join(COMMENT.findall(code[:MAX_CHARS]))


def texts_in(code: str) -> list[str]:
    """The string constants of a code that hold several lines, told without parsing it."""
    found = (next(filter(None, groups), "") for groups in TEXT.findall(code[:MAX_CHARS]))
    texts = (text.replace("\\n", "\n") for text in found)
    return [text for text in texts if "\n" in text.strip()]


def header_columns(data_csv: str) -> frozenset[str]:
    """The column names of a CSV as `column_set` has them."""
    lines = data_csv.removeprefix("\ufeff").lstrip("\r\n").split("\n", 1)
    return column_set(_cells(lines[0]))


def column_set(names: Sequence[str]) -> frozenset[str]:
    """Names in lower case with spaces squeezed, the index left out; empty where they prove
    nothing: there must be three columns whose names have three letters or more each."""
    plain = {squeezed(name).lower() for name in names} - set(INDEX_COLUMNS)
    telling = sum(len(LETTERS.findall(name)) >= MIN_LETTERS for name in plain)
    return frozenset(plain) if telling >= MIN_COLUMNS else frozenset()


def column_sets(text: str, tokens: Sequence[str]) -> Iterator[frozenset[str]]:
    """Sets of names that may be a sample's columns: of every line of `text` that could be a CSV
    header, and in code that makes or reads a DataFrame (`tokens` as of `normalise`) of the lists
    that name columns and of the keys of dictionaries."""
    for line in split_lines(text[:MAX_CHARS]):
        if len(line) <= MAX_LINE and line.count(",") >= MIN_COLUMNS - 1:
            yield column_set(_cells(line))
    makes = not set(FRAMES).isdisjoint(tokens)
    naming = {"columns="} if makes else set()
    if not set(READERS).isdisjoint(tokens):
        naming.add("names=")
    for start, token in enumerate(tokens if naming else ()):
        listed = token in ("List", "Tuple") and tokens[start - 1] in naming
        if listed or (makes and token == "Dict"):
            yield column_set(_strings(tokens, start + 1))


def _cells(line: str) -> list[str]:
    try:
        return next(csv.reader([line], skipinitialspace=True), [])
    except csv.Error:
        return []


def _strings(tokens: Sequence[str], start: int) -> list[str]:
    """The string constants from `start` to the end of a list that holds nothing else, or []."""
    names: list[str] = []
    for position in range(start, len(tokens)):
        token = tokens[position]
        if token == "]":
            return names
        if token[0] not in "'\"":
            return []
        names.append(str(ast.literal_eval(token)))
    return []
