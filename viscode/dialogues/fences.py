"""Fenced code in Markdown messages, line by line.

A fence in a list item or a quotation is read without what the list or the quotation adds to its
lines: their indent, up to that of the opening, and their ">" marks.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

OPENING = re.compile(
    r"^(\s*+(?:>\s*+)*+(?:[-*+]\s++|\d++[.)]\s++)?)(`{3,}+|~{3,}+)\s*+([^`\s]*+)[^`]*+$"
)
QUOTED = re.compile(r"^[ \t]*+> ?")
LABEL = re.compile(r"(?:language-|lang-)?([a-z][\w.+#-]*)")


@dataclass(frozen=True)
class Fence:
    """One fenced block: its label in lower case ("" if none) and its text."""

    label: str
    text: str


@dataclass(frozen=True)
class Fenced:
    """The fences of a message, the text outside of them, and whether each fence is closed; one that
    is not runs to the end."""

    fences: tuple[Fence, ...]
    outside: str
    balanced: bool


@dataclass(frozen=True)
class _Opening:
    """An opening line: its marks and label, the ">" before them, and the width of what else is."""

    mark: str
    label: str
    quotes: int
    indent: int


def split_fences(content: str) -> Fenced:
    """Split a message. A fence closes at a line that begins, or (as models write) ends, with as
    many marks and bears no label."""
    fences: list[Fence] = []
    outside: list[str] = []
    inside: list[str] = []
    opening: _Opening | None = None
    for line in content.split("\n"):
        if opening is None:
            opening, inside = _opening(line), []
            if opening is None:
                outside.append(line)
            continue
        ended = line.rstrip()
        if not ended.endswith(opening.mark):
            inside.append(_unquoted(line, opening.quotes))
            continue
        inside.append(_unquoted(ended.rstrip(opening.mark[0]), opening.quotes))
        fences.append(Fence(opening.label, _dedented(inside, opening.indent)))
        opening = None
    if opening is not None:
        fences.append(Fence(opening.label, _dedented(inside, opening.indent)))
    return Fenced(tuple(fences), "\n".join(outside), opening is None)


def _opening(line: str) -> _Opening | None:
    found = OPENING.match(line)
    if found is None:
        return None
    quotes, indent = found[1].count(">"), len(found[1].rpartition(">")[2])
    return _Opening(found[2], label_of(found[3]), quotes, indent - 1 if quotes else indent)


def _unquoted(line: str, quotes: int) -> str:
    for _ in range(quotes):
        line = QUOTED.sub("", line)
    return line


def _dedented(lines: Sequence[str], indent: int) -> str:
    """The lines without `indent` characters of white space, or as many as all of them have."""
    margins = (len(line) - len(line.lstrip(" \t")) for line in lines if line.strip())
    margin = min(min(margins, default=0), max(indent, 0))
    return "\n".join(line[margin:] for line in lines)


def label_of(info: str) -> str:
    """The language in a fence's info string: "python" of "Python", "{.python", "language-python",
    "python:app.py", "python=" or "python{1,3}"; "" where no word stands there ("#", "1.")."""
    found = LABEL.match(info.lower().lstrip("{."))
    return found[1].rstrip(".-") if found else ""
