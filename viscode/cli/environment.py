"""`viscode env create`: the environment that untrusted scripts run in, made from its lock."""

import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from viscode.core.errors import UserError
from viscode.core.hashing import file_digest
from viscode.settings.place import find_place

READY = ".ready"  # marks a folder as ours; holds the lock's hash once the environment is complete


def create_command(python: Path | None) -> None:
    """Make the environment that `viscode run` uses in this folder, with the interpreter `python`,
    by default the one that runs this program. Nothing is done where it is there and of this lock.

    Raises:
        UserError: the folder holds something else or cannot be written, `python` cannot make an
            environment, or the packages cannot be installed.
    """
    options = find_place().run_options()
    folder, lock = options.python.parent.parent, options.lock
    wanted = file_digest(lock)
    if _ready(folder) == wanted:
        click.echo(f"{folder}: up to date")
        return
    click.echo(f"{folder}: from {lock.name}, about a minute", err=True)
    _clear(folder)
    folder.mkdir(parents=True)
    (folder / READY).touch()
    _run([python or sys.executable, "-m", "venv", folder], "cannot make an environment")
    # Compiled now: scripts see the environment read-only.
    pip = ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--compile", "-r"]
    _run([options.python, *pip, lock], "cannot install the packages")
    (folder / READY).write_text(wanted + "\n")
    click.echo(f"{folder}: ready")


def _ready(folder: Path) -> str:
    try:
        return (folder / READY).read_text().strip()
    except OSError:
        return ""


def _clear(folder: Path) -> None:
    """Remove an unfinished environment, or one of another lock; never what others have made."""
    if folder.exists() and not (folder / READY).is_file():
        raise UserError(
            "this folder was not made by viscode env create, so it is left as it is",
            where=str(folder),
            todo="move it away, or name another place: validate.python in params.yaml",
        )
    shutil.rmtree(folder, ignore_errors=True)


def _run(command: Sequence[Path | str], problem: str) -> None:
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    if done.returncode:
        lines = (done.stderr or done.stdout).strip().splitlines()
        raise UserError(
            f"{problem}: {lines[-1] if lines else done.returncode}",
            where=" ".join(map(str, command)),
            todo="on Debian and Ubuntu: apt-get install python3-venv; else run it by hand",
        )
