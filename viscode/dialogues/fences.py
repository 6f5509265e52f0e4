"""Fenced code in Markdown messages, line by line."""

import re
from dataclasses import dataclass

OPENING = re.compile(r"^\s*(?:>\s*)?(?:[-*+]\s+|\d+[.)]\s+)?(`{3,}|~{3,})\s*([^`\s]*)[^`]*$")


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
                mark, label, inside = opening[1], opening[2].lower(), []
            else:
                outside.append(line)
        elif line.rstrip().endswith(mark):
            inside.append(line.rstrip().rstrip(mark[0]))
            fences.append(Fence(label.strip("{}."), "\n".join(inside)))
            mark = ""
        else:
            inside.append(line)
    return Fenced(tuple(fences), "\n".join(outside), not mark)
