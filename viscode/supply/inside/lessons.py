"""What an error says about the values that the script was given."""

from __future__ import annotations

import re
from collections.abc import Callable

from .nodes import Node, key_path
from .states import Pass

MESSAGE_CHARS = 2000
NAMES = re.compile(r"'([^'\n]{1,80})'")


def learn(error: BaseException) -> bool:
    """Whether a node knows more for it, so that another pass may go further."""
    message = f"{type(error).__name__}: {error}"[:MESSAGE_CHARS]
    for pattern, lesson in LESSONS:
        if found := re.search(pattern, message):
            return lesson(found)
    return False


def last_made(*kinds: str) -> list[Node]:
    """Nodes of these kinds of which a value was made, the last one first."""
    return [node for node in reversed(Pass.made) if node.made in kinds]


def new_columns(found: re.Match[str]) -> bool:
    """Columns or keys that are missing."""
    names = [name for name in NAMES.findall(found[1]) if name] or [found[1].strip("'\"` ")]
    for node in last_made("frame", "mapping"):
        new = [name for name in names if name not in node.parts]
        for name in new:
            node.part(name, key_path(node.path, name)).vote("missing", {"number": 0.1})
        return bool(new)
    return False


def as_image(found: re.Match[str]) -> bool:
    """An array that is shown as an image has one or three channels."""
    for node in last_made("array"):
        if node.role != "image":
            node.role, node.ndim = "image", max(node.ndim, 2)
            return True
    return False


def as_classes(found: re.Match[str]) -> bool:
    """The last arrays hold classes, not measurements."""
    new = [node for node in last_made("array", "list", "series")[:2] if not node.among]
    for node in new:
        node.among = [0, 1]
    return bool(new)


def more_dimensions(found: re.Match[str]) -> bool:
    for node in last_made("array", "list"):
        if node.ndim < 2:
            node.vote("dimensions", {"array": 1.0})
            node.ndim = 2
            return True
    return False


def fewer_dimensions(found: re.Match[str]) -> bool:
    for node in last_made("array"):
        if node.ndim == 2 and not node.columns:
            node.ndim = 1
            return True
    return False


def more_rows(found: re.Match[str]) -> bool:
    place, axis, size = (int(text) for text in found.groups())
    for node in last_made("array", "list", "series", "frame"):
        if axis == 0 and node.made_length == size and place < 2000:
            node.least = max(node.least, abs(place) + 1)
            return True
        if axis == 1 and place < 200 and node.columns <= place:
            node.ndim, node.columns = max(node.ndim, 2), place + 1
            return True
    return False


def other_length(found: re.Match[str]) -> bool:
    """Two lengths that should agree: the one that was made takes the other."""
    first, second = int(found[1]), int(found[2])
    for node in last_made("array", "list", "series", "frame"):
        for ours, theirs in ((first, second), (second, first)):
            if node.made_length == ours and node.group.length is None and 1 < theirs <= 2000:
                node.group.length = theirs
                return True
    return False


LESSONS: list[tuple[str, Callable[[re.Match[str]], bool]]] = [
    (r"Column not found: (.{1,80}?)['\"]?$", new_columns),
    (r"Invalid shape .* for image data", as_image),
    (r"continuous.*is not supported|Unknown label type", as_classes),
    (
        r"KeyError: [\"']?(None of \[Index\(.*|.*not in index|.{1,80})$",
        new_columns,
    ),
    (r"Could not interpret value `(.{1,80}?)` for", new_columns),
    (r"is not the name of a column in 'data_frame'.*but received: (.{1,80})", new_columns),
    (r"'(?:DataFrame|Series)' object has no attribute ('\w+')", new_columns),
    (r"UndefinedVariableError: name ('\w+') is not defined", new_columns),
    (r"index (\d+) is out of bounds for axis (\d) with size (\d+)", more_rows),
    (r"same first dimension, but have shapes \((\d+).*\) and \((\d+)", other_length),
    (r"could not be broadcast together with shapes \((\d+).*\) \((\d+)", other_length),
    (r"[Ll]ength of values \((\d+)\) does not match length of index \((\d+)\)", other_length),
    (r"inconsistent numbers of samples: \[(\d+), (\d+)\]", other_length),
    (
        r"2D|2-D|2-dimensional|two-dimensional|too many indices|AxisError|Invalid shape",
        more_dimensions,
    ),
    (r"1D|1-D|1-dimensional|should be a 1d array", fewer_dimensions),
]
