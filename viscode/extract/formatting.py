"""ruff as a program: it formats code, and it judges code. One process for each call, which takes
about 10 ms; no configuration of the machine or folder is read."""

import json
import os
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

LINE_LENGTH = 88
COMMON = ("--isolated", "--no-cache", "--quiet", "--target-version=py311", "--stdin-filename=a.py")
ONE_THREAD = {"RAYON_NUM_THREADS": "1"}  # as many threads as CPUs take longer to start


@dataclass(frozen=True)
class Finding:
    """What a rule has found: `line` is counted from 1."""

    rule: str
    line: int
    message: str


def formatted(code: str) -> str:
    """The code in ruff's format; as it is, where ruff does not take it for Python."""
    done = _ruff("format", f"--line-length={LINE_LENGTH}", code=code)
    return done.stdout if done.returncode == 0 else code


def findings(code: str, rules: Sequence[str]) -> list[Finding]:
    """What ruff's rules find, by line; `invalid-syntax` where it does not take the code for
    Python."""
    done = _ruff("check", f"--select={','.join(rules)}", "--output-format=json", code=code)
    found = json.loads(done.stdout)
    return sorted(
        (Finding(one["code"] or "syntax", one["location"]["row"], one["message"]) for one in found),
        key=lambda finding: (finding.line, finding.rule, finding.message),
    )


def _ruff(command: str, *options: str, code: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [_program(), command, *COMMON, *options, "-"],
        input=code,
        capture_output=True,
        encoding="utf-8",
        errors="surrogateescape",
        check=False,
        close_fds=False,  # so that it is spawned, not forked
        env={**os.environ, **ONE_THREAD},
    )


@cache
def _program() -> str:
    from ruff import find_ruff_bin

    return str(find_ruff_bin())
