"""Checked access to the fields of a row that comes from outside.

Each function returns the value or raises `BadField`, which names the field; the caller turns it
into a counted rejection.
"""

import json
from collections.abc import Mapping, Sequence
from typing import Any

from viscode.core.hashing import content_id
from viscode.core.jsonl import CELL_BYTES
from viscode.core.textfile import MARK
from viscode.corpora.sampling import CollectReason

INT64 = 1 << 63
ID_WORDS = """
id uuid _id guid uid sample_id example_id record_id row_id item_id instance_id conversation_id
dialogue_id dialog_id chat_id thread_id message_tree_id message_id prompt_id question_id task_id
figure_id chart_id plot_id image_id hash key idx index
"""
ID_NAMES = tuple(ID_WORDS.split())
"""What published data sets call the id of a row; the first that is filled counts."""


class BadField(ValueError):
    """A field that is missing, of the wrong type, too large or not representable, or for another
    `reason` not wanted."""

    def __init__(
        self, field: str, problem: str, reason: CollectReason = CollectReason.MALFORMED
    ) -> None:
        super().__init__(f"field {field}: {problem}")
        self.reason = reason


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
    try:
        size = len(found.encode("utf-8"))
    except UnicodeEncodeError as error:
        raise BadField(within + field, f"not valid Unicode: {error.reason}") from error
    if size > CELL_BYTES:
        raise BadField(within + field, f"above {CELL_BYTES >> 20} MiB")
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


def id_name(row: Mapping[str, Any]) -> str | None:
    """The field that holds the row's own id: a number, or text that is not blank."""
    for name in ID_NAMES:
        found = row.get(name)
        if isinstance(found, str) and found.strip():
            return name
        if isinstance(found, int) and not isinstance(found, bool):
            return name
    return None


def row_id(row: Mapping[str, Any], content: Sequence[str]) -> str:
    """The row's own id as text; a row without one is named by its content."""
    name = id_name(row)
    if name is None:
        return content_id("row", *content)
    return text(row, name) if isinstance(row[name], str) else str(row[name])


def first_filled(row: Mapping[str, Any], names: Sequence[str]) -> str:
    """The first of the fields that holds anything; else the first that is there, or the first."""
    present = [name for name in names if name in row]
    filled = [name for name in present if row[name] is not None and row[name] not in ("", [], {})]
    return next(iter([*filled, *present, *names]))


def mapping(row: Mapping[str, Any], field: str) -> dict[str, Any]:
    """An object, which may come as JSON text."""
    found = unpacked(value(row, field))
    if not isinstance(found, dict):
        raise BadField(field, f"an object is needed, not {_type(row[field])}")
    return found


def items(row: Mapping[str, Any], field: str) -> list[Any]:
    """A list, which may come as JSON text."""
    found = unpacked(value(row, field))
    if not isinstance(found, list):
        raise BadField(field, f"a list is needed, not {_type(row[field])}")
    return found


def unpacked(found: Any) -> Any:
    """The object or list that a text spells as JSON; everything else as it is."""
    if not isinstance(found, str) or found.removeprefix(MARK).lstrip()[:1] not in ("{", "["):
        return found
    try:
        return json.loads(found.removeprefix(MARK))
    except (ValueError, RecursionError):
        return found


def _type(found: object) -> str:
    return "null" if found is None else type(found).__name__
