"""What was learnt, as one line of text of at most `CHARS` characters: JSON, compressed, in base64.

It is printed, and no more than 2,000 characters of what a script prints are kept. The program reads
it in supply/recorded.py.
"""

from __future__ import annotations

import base64
import json
import zlib
from typing import Any

from .making import scalar_of
from .nodes import DEPTH_LIMIT, SCALARS, Node
from .states import SCRIPT

CHARS = 1900
SURE = 1.2  # votes by which a kind leads
POSITIVE = frozenset({"errors", "sizes", "portions", "weights", "explode"})
WITH_ITEMS = frozenset({"function", "list", "array", "mapping", "series"})
NUMERIC = POSITIVE | {"y", "z", "colors", "layer", "image", "matrix", "field", "grid", "groups"}


def line(nodes: dict[str, Node], error: BaseException | None) -> str:
    text = ""
    for depth in range(DEPTH_LIMIT, 0, -1):
        wanted = {name: described(node, nodes, depth) for name, node in nodes.items()}
        told = {"wanted": wanted, "line": failed_line(error)}
        text = encoded(json.dumps(told, separators=(",", ":"), allow_nan=False).encode())
        if len(text) <= CHARS:
            break
    return text if len(text) <= CHARS else encoded(b"{}")


def encoded(data: bytes) -> str:
    return base64.b64encode(zlib.compress(data, 9)).decode()


def failed_line(error: BaseException | None) -> int:
    """The last line of the script's code that the error came through; 0 where there is none."""
    found, trace = 0, error.__traceback__ if error is not None else None
    while trace is not None:
        if trace.tb_frame.f_code.co_filename == SCRIPT:
            found = trace.tb_lineno
        trace = trace.tb_next
    return found


def described(node: Node, names: dict[str, Node], depth: int) -> dict[str, Any]:
    """A node as JSON; what says nothing is left out."""
    kind = kind_of(node)
    told: dict[str, Any] = {"kind": kind} if kind else {}
    if kind and node.certainty() >= SURE:
        told["certain"] = True
    told |= numbers_of(node)
    told |= {"role": node.role} if node.role else {}
    if shape := shape_of(node, kind):
        told["shape"] = shape
    group = [name for name, other in names.items() if other.group is node.group]
    beside = [name for name in group if names[name] is not node]
    told |= {"beside": beside} if beside else {}
    return told | (inner(node, kind, names, depth - 1) if depth > 1 else {})


def numbers_of(node: Node) -> dict[str, Any]:
    """Bounds, and what it is compared with."""
    told: dict[str, Any] = {}
    low = 0.0 if node.low is None and (node.positive or node.role in POSITIVE) else node.low
    told |= {"low": low} if low is not None else {}
    told |= {"high": node.high} if node.high is not None else {}
    return told | ({"among": node.among} if node.among else {})


def kind_of(node: Node) -> str:
    """Its kind; arrays of other things than numbers and words are lists."""
    kind, item = node.kind(), node.item
    if kind != "array" or item is None:
        return kind
    nested = item.kind(SCALARS[0]) not in SCALARS and node.ndim < 2
    mixed = any(part.kind() in ("text", "date") for part in item.parts.values())
    return "list" if nested or mixed else kind


def shape_of(node: Node, kind: str) -> list[int | None]:
    """The sizes that the script asked for, and the length of what was made."""
    if kind not in ("array", "list", "series", "frame"):
        return []
    fixed = node.group.length is not None or node.least > 0
    made = node.made_length if node.role != "labels" or fixed else None
    length = node.length() if fixed else made
    if kind == "array" and max(node.ndim, 1) > 1:
        free = not fixed and not node.columns and len(node.group.nodes) == 1
        rest = [node.columns or None, 3 if node.role == "image" else None, None]
        return [None if free else length, *rest[: node.ndim - 1]]
    return [length] if length is not None else []


def inner(node: Node, kind: str, names: dict[str, Node], depth: int) -> dict[str, Any]:
    """Parts, and what the items or the results are like."""
    told: dict[str, Any] = {}
    if kind == "frame":
        told["parts"] = {str(key): column(part) for key, part in node.parts.items()}
    elif kind in ("mapping", "record", "list") and node.parts:
        parts = {str(key): described(part, names, depth) for key, part in node.parts.items()}
        told["parts"] = parts
    item = node.result if kind == "function" else node.item
    if kind == "function" and item is not None and node.numeric and item.kind() == "number":
        return told  # a formula, not the same number again and again
    if item is not None and item.kind() and kind in WITH_ITEMS:
        told["item"] = described(item, names, depth)
    elif kind in ("list", "array", "series"):
        scalar = scalar_of(node)
        if scalar != "number" or node.numeric or node.role in NUMERIC:
            told["item"] = {"kind": scalar}
    return told


def column(node: Node) -> dict[str, Any]:
    return {"kind": node.scalar_kind(), **numbers_of(node)}
