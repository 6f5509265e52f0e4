"""Checked access to the fields of a row that comes from outside.

Each function returns the value or raises `BadField`, which names the field; the caller turns it
into a counted rejection.
"""

from collections.abc import Mapping
from typing import Any

from viscode.jsonl import CELL_BYTES
from viscode.textfile import MARK

INT64 = 1 << 63


class BadField(ValueError):
    """A field that is missing, of the wrong type, too large or not representable."""

    def __init__(self, field: str, problem: str) -> None:
        super().__init__(f"field {field}: {problem}")


def value(row: Mapping[str, Any], field: str, within: str = "") -> Any:
    """The field's value; `within` is the place of `row` in the message, e.g. "messages[2]."."""
    if field not in row:
        raise BadField(within + field, "missing")
    return row[field]


def text(row: Mapping[str, Any], field: str, within: str = "") -> str:
    """A string of at most 50 MiB that UTF-8 can hold (JSON can write lone surrogates), without the
    byte order mark of the file that it was once read from."""
    found = value(row, field, within)
    if not isinstance(found, str):
        raise BadField(within + field, f"a string is needed, not {_type(found)}")
    if len(found) > CELL_BYTES:
        raise _too_large(within + field)
    try:
        size = len(found.encode("utf-8"))
    except UnicodeEncodeError as error:
        raise BadField(within + field, f"not valid Unicode: {error.reason}") from error
    if size > CELL_BYTES:
        raise _too_large(within + field)
    return found.removeprefix(MARK)


def filled_text(row: Mapping[str, Any], field: str, within: str = "") -> str:
    """Like `text`, and not blank."""
    found = text(row, field, within)
    if not found.strip():
        raise BadField(within + field, "empty")
    return found


def nullable_text(row: Mapping[str, Any], field: str) -> str | None:
    """Like `text`, or None for null; the field itself must exist."""
    return None if value(row, field) is None else text(row, field)


def optional_text(row: Mapping[str, Any], field: str) -> str | None:
    """Like `text`, or None for null or no such field."""
    return None if row.get(field) is None else text(row, field)


def number(row: Mapping[str, Any], field: str) -> int:
    """An integer from 0 below 2^63."""
    found = value(row, field)
    if not isinstance(found, int) or isinstance(found, bool) or not 0 <= found < INT64:
        raise BadField(field, "an integer from 0 below 2^63 is needed")
    return found


def row_id(row: Mapping[str, Any]) -> str:
    """The row's own `id`, which the data sets write as text or as a number."""
    return str(number(row, "id")) if isinstance(row.get("id"), int) else filled_text(row, "id")


def mapping(row: Mapping[str, Any], field: str) -> dict[str, Any]:
    found = value(row, field)
    if not isinstance(found, dict):
        raise BadField(field, f"an object is needed, not {_type(found)}")
    return found


def items(row: Mapping[str, Any], field: str) -> list[Any]:
    found = value(row, field)
    if not isinstance(found, list):
        raise BadField(field, f"a list is needed, not {_type(found)}")
    return found


def _type(found: object) -> str:
    return "null" if found is None else type(found).__name__


def _too_large(field: str) -> BadField:
    return BadField(field, f"above {CELL_BYTES >> 20} MiB")
