"""The judge of `tidy`: what a linter still finds in a script. ruff's rules, and patterns for what
those do not know; nothing here is shared with what tidies."""

import json
import re
import subprocess
import sys
from dataclasses import dataclass

from viscode.text.lines import split_lines

RUFF = (sys.executable, "-m", "ruff", "check", "--isolated", "--no-cache", "--exit-zero")
OPTIONS = ("--target-version=py311", "--output-format=json", "--stdin-filename=a.py", "-")

PLAIN_RULES = ("F401", "F632", "F811", "F841", "B015", "B018", "T201", "T203", "ERA001", "PIE790")
HOLDS = re.compile(r"(?:Animation|Selector|Cursor|Slider|Button)\(")
TOP_ONLY = re.compile(r"from\s+(?:\S+\s+import\s+\*|__future__\s)")
LOOKS_AT = re.compile(
    r"^\s*[\w.()\[\]'\"]+\.(?:head|tail|info|describe|value_counts|unique|nunique)\([\w.=]*\)$"
)
WINDOWS = re.compile(r"^\s*(?:get_ipython\(|(?:matplotlib|mpl)\.use\(|plt\.(?:ion|ioff)\()")


@dataclass(frozen=True)
class Finding:
    """What a rule has found: `line` is counted from 1."""

    rule: str
    line: int
    message: str


def findings(code, rules):
    """What ruff's rules find, by line; "syntax" where it does not take the code for Python."""
    command = [*RUFF, f"--select={','.join(rules)}", *OPTIONS]
    done = subprocess.run(command, input=code, capture_output=True, text=True, check=True)
    found = json.loads(done.stdout)
    return sorted(
        (Finding(one["code"] or "syntax", one["location"]["row"], one["message"]) for one in found),
        key=lambda finding: (finding.line, finding.rule, finding.message),
    )


def leftovers(code: str) -> tuple[str, ...]:
    """What a linter still finds in a script, as "line: rule message" in order: unused imports and
    names, statements without effect, what is printed, commented-out code. ruff's rules judge, and
    two patterns for what those do not know; none of them is shared with `tidy`."""
    found = [(one.line, f"{one.rule} {one.message}") for one in findings(code, PLAIN_RULES)]
    lines = split_lines(code)
    inside = [f"    {'pass' if TOP_ONLY.match(line) else line}\n" for line in lines]
    if not re.search(r"^\s*global\s", code, re.MULTILINE):  # which ruff does not follow
        names = findings(f"def block():\n    pass\n{''.join(inside)}", ["F841"])
        found += [(one.line - 2, f"{one.rule} {one.message}") for one in names]
    for number, line in enumerate(lines, 1):
        if LOOKS_AT.match(line):
            found.append((number, "bare look at a value"))
        if WINDOWS.match(line):
            found.append((number, "set-up of windows"))
    return tuple(
        f"{line}: {text}" for line, text in sorted(set(found)) if not _idiom(lines, line, text)
    )


def _idiom(lines: list[str], line: int, text: str) -> bool:
    """Whether a finding is what one has to write: a name that holds an animation or a widget, and a
    chart as the last line, which shows it."""
    return (text.startswith("F841") and bool(HOLDS.search(lines[line - 1]))) or (
        text.startswith("B018") and line == len(lines)
    )
