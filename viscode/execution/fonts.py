"""A font list for matplotlib, built once per environment and given to every script.

Without it each fresh kernel searches and parses all fonts again, which takes seconds. It is a
cache: built inside the sandbox by matplotlib itself, kept under `.viscode/fonts/`, never needed.
"""

import os
import subprocess
from pathlib import Path
from typing import NamedTuple

from viscode.core.hashing import digest
from viscode.core.project import project_root
from viscode.execution.sandbox import Sandbox
from viscode.execution.scratch import Scratch

BUILD_S = 120


class FontList(NamedTuple):
    """matplotlib's cache file."""

    name: str
    content: bytes


def font_list(sandbox: Sandbox, lock_digest: str) -> FontList | None:
    """The font list of an environment; None where there is none to be had."""
    prefixes = [str(p) for p in sandbox.interpreter.prefixes]
    key = digest(lock_digest, sandbox.isolation, *prefixes)[:32]
    cached = project_root() / ".viscode" / "fonts" / key
    if not cached.exists():
        built = _build(sandbox)
        if built is None:
            return None
        cached.parent.mkdir(parents=True, exist_ok=True)
        partial = cached.with_name(f".{key}.{os.getpid()}")
        partial.write_bytes(built.name.encode() + b"\n" + built.content)
        partial.rename(cached)
    name, _, content = cached.read_bytes().partition(b"\n")
    return FontList(name.decode(), content)


def _build(sandbox: Sandbox) -> FontList | None:
    with Scratch() as scratch:
        argv = ["-P", "-c", "import matplotlib.font_manager"]
        command = sandbox.command(scratch, argv, sandbox.limits(BUILD_S), "no_sockets")
        done = subprocess.run(command, capture_output=True, timeout=BUILD_S, env={}, check=False)
        found = sorted(Path(scratch.box / "config").glob("fontlist-*.json"))
        if done.returncode != 0 or not found:
            return None
        return FontList(found[0].name, found[0].read_bytes())
