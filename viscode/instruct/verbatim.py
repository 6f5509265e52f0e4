"""Whether lines that a model says it copied stand in the code, and the code's own text of them.

Whole lines, in order; indentation, blank lines and a trailing comment may be lost on the way,
since the code's own text takes the copy's place. Lines joined, split, shortened or corrected are
no copy.
"""

import textwrap


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
