"""Nodes from what is known before the script runs (recorder.py writes it)."""

from __future__ import annotations

from typing import Any

from .nodes import Node, key_path

CERTAIN, LIKELY = 2.0, 0.7  # votes for a kind
COLUMNS_AND_KEYS = ("frame", "mapping", "list")


def nodes_of(known: dict[str, dict[str, Any]]) -> dict[str, Node]:
    """A node for each name."""
    nodes = {name: Node(name) for name in known}
    for name, told in known.items():
        tell(nodes[name], told)
    for name, told in known.items():
        for other in told.get("beside", []):
            if other in nodes:
                nodes[name].group.join(nodes[other].group)
    return nodes


def tell(node: Node, told: dict[str, Any]) -> None:
    """Write down what is known of a value."""
    kind = told.get("kind", "unknown")
    if kind != "unknown":
        node.votes["known"] = {kind: CERTAIN if told.get("certain") else LIKELY}
    node.low, node.high = told.get("low"), told.get("high")
    node.among, node.role = list(told.get("among", [])), told.get("role", "")
    shape = told.get("shape", [])
    if shape and shape[0]:
        node.group.length = shape[0]
    if len(shape) > 1:
        node.ndim, node.columns = len(shape), shape[1] or 0
    for key, part in told.get("parts", {}).items():
        if kind in COLUMNS_AND_KEYS:
            place = int(key) if kind == "list" and key.isdecimal() else key
            tell(node.part(place, key_path(node.path, place)), part)
        else:
            tell(node.part(key, f"{node.path}.{key}"), part)
    if told.get("item"):
        tell(node.returns() if kind == "function" else node.each(), told["item"])
