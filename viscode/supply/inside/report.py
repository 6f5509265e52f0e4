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
from .nodes import DEPTH_LIMIT, Node
from .states import SCRIPT

CHARS = 1900
SURE = 1.2  # votes by which a kind leads


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
    kind = node.kind()
    told: dict[str, Any] = {"kind": kind} if kind else {}
    if kind and node.certainty() >= SURE:
        told["certain"] = True
    for key in ("low", "high"):
        if getattr(node, key) is not None:
            told[key] = getattr(node, key)
    if node.positive and node.low is None:
        told["low"] = 0.0
    told |= {"among": node.among} if node.among else {}
    told |= {"role": node.role} if node.role else {}
    if shape := shape_of(node, kind):
        told["shape"] = shape
    beside = [
        name for name, other in names.items() if other is not node and other.group is node.group
    ]
    told |= {"beside": beside} if beside else {}
    if depth > 1:
        told |= inner(node, kind, names, depth - 1)
    return told


def shape_of(node: Node, kind: str) -> list[int | None]:
    length = node.group.length
    if length is None and node.least > 12:
        length = node.least
    if kind not in ("array", "list", "series", "frame"):
        return []
    if kind == "array" and max(node.ndim, 1) > 1:
        rest = [node.columns or None, 3 if node.role == "image" else None, None][: node.ndim - 1]
        return [length, *rest]
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
    if item is not None and kind in ("function", "list", "array", "mapping", "series"):
        told["item"] = described(item, names, depth)
    elif kind in ("list", "array", "series") and (scalar_of(node) != "number" or node.among):
        told["item"] = {"kind": scalar_of(node)}
    return told


def column(node: Node) -> dict[str, Any]:
    told: dict[str, Any] = {"kind": node.scalar_kind()}
    for key in ("low", "high"):
        if getattr(node, key) is not None:
            told[key] = getattr(node, key)
    return told | ({"among": node.among} if node.among else {})
