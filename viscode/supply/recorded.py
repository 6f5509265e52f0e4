"""What a run with recorders learnt, read from what it printed.

The line is a stranger's word: whatever is not as the recorder writes it (inside/report.py) is left
out, sizes are bounded, nothing raises.
"""

import base64
import binascii
import json
import math
import zlib
from collections.abc import Sequence
from typing import Any, cast, get_args

from viscode.core.records import Execution
from viscode.supply.wanted import Kind, Wanted

KINDS: frozenset[str] = frozenset(one for one in get_args(Kind))
BYTES_LIMIT = 1 << 20  # of the report as JSON
DEPTH_LIMIT = 10
PARTS_LIMIT = 60
AMONG_LIMIT = 12
TEXT_LIMIT = 80
SIZE_LIMIT = 5000
ROLE_LIMIT = 30


def read(execution: Execution, names: Sequence[str]) -> dict[str, Wanted]:
    """What is known of each of `names`, the ones that were recorded; those of which nothing was
    told are left out. Kinds that the run left open are "unknown"."""
    told = _report(execution).get("wanted")
    if not isinstance(told, dict):
        return {}
    known = frozenset(names)
    return {
        name: _wanted(told[name], known, DEPTH_LIMIT)
        for name in names
        if isinstance(told.get(name), dict) and told[name]
    }


def _report(execution: Execution) -> dict[str, Any]:
    line = execution.stdout_head.partition("\n")[0].strip()
    try:
        data = base64.b64decode(line, validate=True)
        text = zlib.decompressobj().decompress(data, BYTES_LIMIT)
        told = json.loads(text, parse_constant=lambda _: None)
    except (binascii.Error, zlib.error, ValueError, RecursionError):
        return {}
    return told if isinstance(told, dict) else {}


def _wanted(told: dict[str, Any], names: frozenset[str], depth: int) -> Wanted:
    item, parts, kind = told.get("item"), told.get("parts"), told.get("kind")
    wanted = Wanted(
        kind=cast(Kind, kind) if isinstance(kind, str) and kind in KINDS else "unknown",
        shape=_shape(told.get("shape")),
        low=_number(told.get("low")),
        high=_number(told.get("high")),
        among=_among(told.get("among")),
        beside={one for one in _list(told.get("beside")) if isinstance(one, str) and one in names},
        role=_text(told.get("role"), ROLE_LIMIT),
        certain=told.get("certain") is True,
    )
    if wanted.low is not None and wanted.high is not None and wanted.low >= wanted.high:
        wanted.low = wanted.high = None
    if depth and isinstance(item, dict):
        wanted.item = _wanted(item, names, depth - 1)
    if depth and isinstance(parts, dict):
        kept = [(key, one) for key, one in parts.items() if isinstance(one, dict)]
        wanted.parts = {
            _text(key, TEXT_LIMIT): _wanted(one, names, depth - 1)
            for key, one in kept[:PARTS_LIMIT]
            if _text(key, TEXT_LIMIT)
        }
    return wanted


def _shape(told: object) -> tuple[int | None, ...] | None:
    sizes = _list(told)
    sound = all(one is None or (type(one) is int and 0 < one <= SIZE_LIMIT) for one in sizes)
    return tuple(sizes) if sizes and len(sizes) <= 4 and sound else None


def _number(told: object) -> float | None:
    if type(told) not in (int, float) or not isinstance(told, int | float):
        return None
    return float(told) if abs(told) <= 1e12 and math.isfinite(told) else None


def _among(told: object) -> tuple[str | float, ...]:
    found: list[str | float] = []
    for one in _list(told)[:AMONG_LIMIT]:
        if isinstance(one, str) and _text(one, TEXT_LIMIT):
            found.append(one)
        elif (number := _number(one)) is not None:
            found.append(number)
    return tuple(found)


def _text(told: object, limit: int) -> str:
    return told if isinstance(told, str) and len(told) <= limit and told.isprintable() else ""


def _list(told: object) -> list[Any]:
    return told if isinstance(told, list) else []
