"""The Python of a scripts' environment: where it lies, which one it is, what is known of it."""

import os
import subprocess
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

from viscode.core.errors import UserError
from viscode.core.project import project_root

QUERY = """
import sys
from importlib.machinery import EXTENSION_SUFFIXES
print(sys.implementation.name, *sys.version.split()[:1], EXTENSION_SUFFIXES[0])
print(sys.prefix, sys.base_prefix, sys.base_exec_prefix, sep="\\n")
"""


@dataclass(frozen=True)
class Interpreter:
    """The Python of the scripts' environment, the folders it lives in, and which one it is:
    implementation, version and binary interface."""

    python: Path
    prefixes: tuple[Path, ...]
    build: str = ""


def interpreter(python: Path) -> Interpreter:
    """`python` and its environment, asked for once.

    Raises:
        UserError: it is not there or does not start.
    """
    return _asked(Path(os.path.abspath(python)))  # noqa: PTH100 - keeps the venv's symlink


@lru_cache
def _asked(python: Path) -> Interpreter:
    """Ask where it and its base installation lie, and which version it is: what pyvenv.cfg says of
    that is out of date after an upgrade of the base."""
    try:
        done = subprocess.run(
            [python, "-I", "-c", QUERY],
            capture_output=True,
            text=True,
            check=True,
            timeout=60,
            env={},
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise UserError(
            f"the interpreter for scripts does not start: {error}",
            where=str(python),
            todo="viscode env create",
        ) from error
    build, *prefixes = done.stdout.splitlines()
    return Interpreter(python, tuple(dict.fromkeys(map(Path, prefixes))), build)


def remembered(kind: str, key: str, find: Callable[[], bytes | None]) -> bytes | None:
    """What was found out about an environment once, kept in `.viscode/KIND/KEY`. None is not
    kept."""
    kept = project_root() / ".viscode" / kind / key
    if not kept.exists():
        found = find()
        if found is None:
            return None
        kept.parent.mkdir(parents=True, exist_ok=True)
        partial = kept.with_name(f".{key}.{os.getpid()}")  # another process may do the same now
        partial.write_bytes(found)
        partial.rename(kept)
    return kept.read_bytes()
