"""What leaves a kernel, in both engines: only what the program looks at, and JSON that holds any
text. Jupyter's own cannot write lone surrogates: an error that has one would never be told.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Collection
from typing import Any

TEXT_CHARS = 1 << 16
FACTS = "application/vnd.viscode.facts+json"  # figure facts, beside the image (probe.py)


def trimmed(content: dict[str, Any], read: Collection[str]) -> dict[str, Any]:
    """A message's content without forms that are not in `read`, with long texts shortened."""
    if isinstance(content.get("data"), dict):
        shown = {form: value for form, value in content["data"].items() if form in read}
        content = {**content, "data": shown}
    texts: dict[str, Any] = {name: content[name] for name in ("text", "evalue") if name in content}
    if "traceback" in content:
        texts["traceback"] = content["traceback"]
    return {**content, **{name: clipped(value) for name, value in texts.items()}}


def clipped(value: Any) -> Any:
    """A text, or each text of a list, by its head and its tail."""
    if isinstance(value, list):
        return [clipped(one) for one in value]
    if not isinstance(value, str) or len(value) <= 2 * TEXT_CHARS:
        return value
    return f"{value[:TEXT_CHARS]}\n...\n{value[-TEXT_CHARS:]}"


def as_json(value: object, default: Callable[[Any], Any]) -> bytes:
    """JSON bytes; `default` is how the kernel's own session writes other types (bytes become
    base64)."""
    return json.dumps(value, default=default).encode()
