"""ruff as a program that formats code. One process for each call, which takes about 10 ms; no
configuration of the machine or folder is read."""

import os
import subprocess
from functools import cache

OPTIONS = ("--isolated", "--no-cache", "--quiet", "--target-version=py311", "--line-length=88")
ONE_THREAD = {"RAYON_NUM_THREADS": "1"}  # as many threads as CPUs take longer to start


def formatted(code: str) -> str:
    """The code in ruff's format; as it is, where ruff does not take it for Python."""
    done = subprocess.run(
        [_program(), "format", *OPTIONS, "--stdin-filename=a.py", "-"],
        input=code,
        capture_output=True,
        encoding="utf-8",
        errors="surrogateescape",
        check=False,
        close_fds=False,  # so that it is spawned, not forked
        env={**os.environ, **ONE_THREAD},
    )
    return done.stdout if done.returncode == 0 else code


@cache
def _program() -> str:
    from ruff import find_ruff_bin

    return str(find_ruff_bin())
