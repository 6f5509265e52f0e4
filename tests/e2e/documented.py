"""The commands that the documentation tells people to type."""

import re
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGES = [
    *("README.md", "CONTRIBUTING.md", "samples/README.md"),
    *sorted(str(path.relative_to(ROOT)) for path in (ROOT / "docs").glob("*.md")),
]
BLOCK = re.compile(r"^```[ ]*\n(.*?)^```", re.DOTALL | re.MULTILINE)  # without a language
HEADING = re.compile(r"^## +(.+)$", re.MULTILINE)
DRAWING = "──"  # the DAG


@dataclass(frozen=True)
class Command:
    """One line of a fenced block, without its comment."""

    page: str
    section: str
    text: str


def commands(page: str) -> list[Command]:
    """The page's commands, in order."""
    text = (ROOT / page).read_text(encoding="utf-8")
    found = []
    for block in BLOCK.finditer(text):
        headings = HEADING.findall(text, 0, block.start())
        for line in block.group(1).splitlines():
            command = re.split(r"\s{2,}#", line)[0].strip()
            if command and DRAWING not in command:
                found.append(Command(page, headings[-1] if headings else "", command))
    return found


def section(page: str, heading: str) -> list[str]:
    """The commands below one heading."""
    found = [c.text for c in commands(page) if c.section == heading]
    assert found, f"{page} has no commands under {heading!r}"
    return found
