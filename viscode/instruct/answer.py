"""A model's answer -> its numbered parts (Appendix A: "Each part must start on a new line"), and
the code's own text of the lines that it copied.

Models write headings as `1. text`, `1) Setup: text`, `**1. Setup:** text`, `### 1. Setup` or
`Setup:` on a line of its own. The rules, strict enough that no part is ever cut at a wrong place:

- A line whose beginning is a part's label (with or without its number) is a heading, if a colon, a
  dash or the line's end follows. If the labels are exactly the expected ones in order, they alone
  are the headings and numbers without a label are text.
- Otherwise unindented numbers are read, and only if 1, 2, ... can be picked out of them in exactly
  one way; a label that stands beside a number has to be that part's.
- What other unindented numbers there are must be lists inside a part: each begins at 1 and counts
  up. Anything else (a part twice, a sixth part) is no answer.
- Lines between code fences, and lines that stand in the code, are never headings: a comment
  `# Data Generation` is copied along with the data.

What stands in front of the first part ("Here is the task:") is dropped. Marks are taken off
headings only; a fence around the whole answer is taken off.

Copied are whole lines, in order; indentation, blank lines and a trailing comment may be lost on the
way, since the code's own text takes the copy's place. Lines joined, split, shortened or corrected
are no copy.
"""

import re
import textwrap
from collections.abc import Sequence
from dataclasses import dataclass

from viscode.text.markdown import read_blocks, unfenced

PART_LABELS = (
    "Setup",
    "Data Description",
    "Data Generation",
    "Plot Description",
    "Plot Style Description",
)
RULE = re.compile(r"[ \t]*([-*_])\1{2,}[ \t]*")
BOLD = r"(?:\*\*|__)?"
NUMBER = re.compile(rf"(?:[#>]+[ \t]*)?{BOLD}(\d{{1,2}})[.)](?!\d){BOLD}[ \t]*")
MARKS = re.compile(rf"(?:[#>]+[ \t]*)?{BOLD}")
LABEL = re.compile(
    rf"{BOLD}({'|'.join(label.replace(' ', '[ ]+') for label in PART_LABELS)})(?:[ \t]*\([^()]*\))?"
    rf"{BOLD}[ \t]*(?::|\.(?=[ \t]|$)|[-–—](?=[ \t])|$){BOLD}[ \t]*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Heading:
    """A line that may begin a part: its index, what it is marked with, and the text behind."""

    line: int
    number: int | None
    label: str | None
    rest: str


def split_parts(text: str, labels: Sequence[str], code: str) -> list[str] | None:
    """The texts of the parts with these labels, in order; None for an answer of another form.
    A part's text may have several lines or be empty; rules (---) are dropped."""
    plain = unfenced(text.replace("\r\n", "\n").strip()).removesuffix("\n")
    lines = [line.rstrip() for line in plain.split("\n")]
    fenced, quoted = _fenced(lines), {line.strip() for line in code.split("\n")}
    free = (n for n, line in enumerate(lines) if n not in fenced and line.strip() not in quoted)
    headings = [found for n in free if (found := _heading(n, lines[n]))]
    chosen = _by_labels(headings, labels) or _by_numbers(headings, labels)
    if chosen is None or not _only_lists_between(headings, chosen):
        return None
    ends = [heading.line for heading in chosen[1:]] + [len(lines)]
    parts = (
        [heading.rest, *lines[heading.line + 1 : end]]
        for heading, end in zip(chosen, ends, strict=True)
    )
    return ["\n".join(s for s in part if not RULE.fullmatch(s)).strip("\n") for part in parts]


def _fenced(lines: list[str]) -> set[int]:
    """The lines that stand in fenced blocks, closing fences included."""
    text = "\n".join(lines)
    found: set[int] = set()
    for block in read_blocks(text):
        first, last = (text.count("\n", 0, place) for place in (block.start, block.end))
        found.update(range(first + 1, last + 1))
    return found


def _heading(index: int, line: str) -> Heading | None:
    """The heading that a line may be. Indented numbers count only beside a label."""
    stripped = line.strip()
    number = NUMBER.match(stripped)
    start = number or MARKS.match(stripped)
    rest = stripped[start.end() if start else 0 :]
    label = LABEL.match(rest)
    if label is None and (number is None or line != stripped):
        return None
    rest = rest[label.end() :] if label else rest
    if rest.count("**") % 2:  # the second half of marks whose first half was the heading's
        rest = rest.removesuffix("**")
    return Heading(
        line=index,
        number=int(number[1]) if number else None,
        label=" ".join(label[1].lower().split()) if label else None,
        rest=rest,
    )


def _by_labels(headings: list[Heading], labels: Sequence[str]) -> list[Heading] | None:
    chosen = [heading for heading in headings if heading.label is not None]
    if [heading.label for heading in chosen] != [label.lower() for label in labels]:
        return None
    numbers = [heading.number for heading in chosen]
    fits = all(number in (None, place) for place, number in enumerate(numbers, start=1))
    return chosen if fits else None


def _by_numbers(headings: list[Heading], labels: Sequence[str]) -> list[Heading] | None:
    wanted = range(1, len(labels) + 1)
    first = _picked(headings, wanted)
    last = _picked(headings[::-1], wanted[::-1])
    if first is None or last is None or first != last[::-1]:
        return None  # more than one way to pick them
    beside = zip(first, labels, strict=True)
    if any(heading.label not in (None, label.lower()) for heading, label in beside):
        return None
    return first


def _picked(headings: list[Heading], wanted: Sequence[int]) -> list[Heading] | None:
    """The earliest headings with the wanted numbers in their order, or None."""
    picked: list[Heading] = []
    for heading in headings:
        if len(picked) < len(wanted) and heading.number == wanted[len(picked)]:
            picked.append(heading)
    return picked if len(picked) == len(wanted) else None


def _only_lists_between(headings: list[Heading], chosen: list[Heading]) -> bool:
    before = 0
    for heading in headings:
        if heading in chosen:
            before = 0
        elif heading.label or heading.number not in (1, before + 1):
            return False
        else:
            before = heading.number or 0
    return True


def copied_lines(copy: str, code: str) -> str | None:
    """The code's lines that `copy` consists of, dedented together; None when it is no copy.
    Empty lines of the code between neighbours stay (a text in quotes may hold some)."""
    lines = [line.removesuffix("\r") for line in code.split("\n")]
    found: list[int] = []
    start = 0
    for wanted in filter(None, map(str.strip, copy.split("\n"))):
        place = next((i for i in range(start, len(lines)) if _same(lines[i], wanted)), None)
        if place is None:
            return None
        between = range(start, place)
        if found and not any(lines[i].strip() for i in between):
            found.extend(between)
        found.append(place)
        start = place + 1
    return textwrap.dedent("\n".join(lines[i] for i in found)) if found else None


def is_whole(copy: str, code: str) -> bool:
    """Whether a copy leaves nothing of the code out, imports, comments and empty lines aside."""
    return len(_working(copy)) == len(_working(code))


def _working(text: str) -> list[str]:
    lines = map(str.strip, text.split("\n"))
    return [line for line in lines if line and not line.startswith(("#", "import ", "from "))]


def _same(line: str, wanted: str) -> bool:
    line = line.strip()
    return line == wanted or (
        line.startswith(wanted) and line[len(wanted) :].lstrip().startswith("#")
    )
