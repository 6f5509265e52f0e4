"""Whatever a script sends is data: how much of it is read, and what its texts and numbers may be.

Nothing in here raises over a stranger's value but `Unreadable`. What is over a bound is left out,
as if it had not been sent; what it would take is counted in its bytes before any of it is made.
"""

import json
import re
from typing import Any

HELD_BYTES = 224 << 20  # of all that a script's messages take here, and the next one while read
TEXT_CHARS = 1 << 16  # of a text, before it is cleaned and shortened
NUMBER_LIMIT = 1e100  # of what is drawn; the difference and the square of two are numbers too
LONE_SURROGATE = re.compile("[\ud800-\udfff]")
CONTAINER, ITEM, KEY, QUOTE = 64, 36, 256, 28  # bytes that each takes, at most about
Data = dict[str, Any]  # a JSON object


class Unreadable(Exception):
    """What a script sent is none of what may be sent, or more than is read."""


def dict_of(value: object) -> Data:
    """A JSON object, or an empty one."""
    return value if isinstance(value, dict) else {}


def list_of(value: object) -> list[Any]:
    """A JSON list, or an empty one."""
    return value if isinstance(value, list) else []


def text(value: str) -> str:
    """Text that UTF-8 can hold: U+FFFD stands for each lone surrogate."""
    return LONE_SURROGATE.sub("\ufffd", value)


def clipped(value: str) -> str:
    """The head and the tail of a text that is longer than anyone looks at."""
    half = TEXT_CHARS // 2
    return value if len(value) <= TEXT_CHARS else f"{value[:half]}\n...\n{value[-half:]}"


def word(value: str) -> str:
    """The name of an exception's class, which a script may choose: letters, digits and underscores,
    at most 100, at least one."""
    return re.sub(r"\W", "_", value[:100]) or "_"


def number(value: object) -> float | None:
    """A number as it can be drawn, or None."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return float(value) if abs(value) <= NUMBER_LIMIT else None  # NaN is not


def cost(body: bytes) -> tuple[int, int]:
    """About how many bytes of memory a JSON text takes while it is read, and afterwards: never much
    less than it does, whatever it holds."""
    wide = not body.isascii()
    values = CONTAINER * (body.count(b"{") + body.count(b"[")) + ITEM * body.count(b",")
    keys = sum(body.count(after) for after in (b'":', b'" ', b'"\t', b'"\r', b'"\n'))
    strings = len(body) * (4 if wide or b"\\u" in body else 1) + QUOTE * body.count(b'"')
    kept = values + KEY * keys + strings
    return kept + len(body) * (5 if wide else 2), kept


def parsed(body: bytes, room: int = HELD_BYTES) -> dict[str, Any]:
    """The JSON object in a message, its texts clean (`text`). NaN and Infinity, which JSON does not
    know, are None.

    Raises:
        Unreadable: it is none, is nested deeper than is read, or takes more memory than `room`.
    """
    if cost(body)[0] > room:
        raise Unreadable("a message is too long")
    try:
        value = json.loads(body.decode(), parse_constant=lambda _: None)
        if not isinstance(value, dict):
            raise Unreadable("a message is no JSON object")
        if b"\\ud" in body or b"\\uD" in body:  # the only way for a surrogate
            _clean(value)
    except (ValueError, RecursionError) as error:  # ValueError: no UTF-8, no JSON, a huge integer
        raise Unreadable("a message is no JSON") from error
    return value


def _clean(value: Any) -> None:
    """Clean all texts in a JSON object or list, in place."""
    if isinstance(value, dict):
        for key in [key for key in value if LONE_SURROGATE.search(key)]:
            value[text(key)] = value.pop(key)
    for place, item in value.items() if isinstance(value, dict) else enumerate(value):
        if isinstance(item, str):
            value[place] = text(item)
        elif isinstance(item, dict | list):
            _clean(item)


def reply(body: bytes | None) -> dict[str, Any]:
    """How a cell ended, as its kernel tells: "status", "ok" or "error", and for an error "ename"
    and "evalue", texts.

    Raises:
        Unreadable: it does not tell.
    """
    told = parsed(body) if body is not None else {}
    if told.get("status") not in ("ok", "error", "aborted"):
        raise Unreadable("the kernel's reply has no status")
    names = {name: told.get(name) for name in ("ename", "evalue")}
    return {**told, **{name: one if isinstance(one, str) else "" for name, one in names.items()}}
