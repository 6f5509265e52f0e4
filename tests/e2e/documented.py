"""The commands that the documentation tells people to type."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [
    *("README.md", "CONTRIBUTING.md", "samples/README.md"),
    *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").glob("*.md")),
]
FENCE = re.compile(r"^```(\w*) *$")
SHELL = ("", "bash")  # languages of blocks that hold commands
HEADING = re.compile(r"^## +(.+)$")
DRAWING = "──"  # the DAG


@dataclass(frozen=True)
class Command:
    """One line of a fenced block, without its comment."""

    page: str
    section: str
    text: str


def commands(page: str) -> list[Command]:
    """The page's commands, in order."""
    found, heading, language = [], "", None
    for line in (ROOT / page).read_text(encoding="utf-8").splitlines():
        if fence := FENCE.match(line):
            language = fence[1] if language is None else None
        elif language is None and (title := HEADING.match(line)):
            heading = title[1]
        elif language in SHELL:
            command = re.split(r"\s{2,}#", line)[0].strip()
            if command and DRAWING not in command:
                found.append(Command(page, heading, command))
    return found


def section(page: str, heading: str) -> list[str]:
    """The commands below one heading."""
    found = [c.text for c in commands(page) if c.section == heading]
    assert found, f"{page} has no commands under {heading!r}"
    return found
