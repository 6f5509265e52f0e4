"""Fenced code in Markdown messages, line by line."""

import re
from dataclasses import dataclass

OPENING = re.compile(
    r"^\s*+(?:>\s*+)?(?:[-*+]\s++|\d++[.)]\s++)?(`{3,}+|~{3,}+)\s*+([^`\s]*+)[^`]*+$"
)
LABEL = re.compile(r"(?:language-|lang-)?([a-z][\w.+#-]*)")


@dataclass(frozen=True)
class Fence:
    """One fenced block: its label in lower case ("" if none) and its text."""

    label: str
    text: str


@dataclass(frozen=True)
class Fenced:
    """The fences of a message, the text outside of them, and whether each fence is closed."""

    fences: tuple[Fence, ...]
    outside: str
    balanced: bool


def split_fences(content: str) -> Fenced:
    """Split a message. A fence closes at a line that begins, or (as models write) ends, with as
    many marks and bears no label."""
    fences: list[Fence] = []
    outside: list[str] = []
    inside: list[str] = []
    mark = label = ""
    for line in content.split("\n"):
        if not mark:
            if opening := OPENING.match(line):
                mark, label, inside = opening[1], label_of(opening[2]), []
            else:
                outside.append(line)
        elif line.rstrip().endswith(mark):
            inside.append(line.rstrip().rstrip(mark[0]))
            fences.append(Fence(label, "\n".join(inside)))
            mark = ""
        else:
            inside.append(line)
    return Fenced(tuple(fences), "\n".join(outside), not mark)


def label_of(info: str) -> str:
    """The language in a fence's info string: "python" of "Python", "{.python", "language-python",
    "python:app.py", "python=" or "python{1,3}"; "" where no word stands there ("#", "1.")."""
    found = LABEL.match(info.lower().lstrip("{."))
    return found[1].rstrip(".-") if found else ""
