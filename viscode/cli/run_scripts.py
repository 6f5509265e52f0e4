"""`viscode run`: scripts from files through the engine, verdicts as JSON lines on stdout."""

import sys
from collections.abc import Iterator, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path
from typing import Any

from viscode.cli.script_lines import (
    Told,
    as_line,
    in_input_order,
    read_scripts,
    write_images,
)
from viscode.core.errors import UserError
from viscode.core.progress import Progress
from viscode.core.records import Script
from viscode.core.workstore import WorkStore, default_path
from viscode.execution.engine import run
from viscode.settings.base import load
from viscode.settings.place import find_place
from viscode.settings.run import RunSettings
from viscode.settings.validate import RunOptions, ValidateSettings


def run_command(
    paths: Sequence[Path],
    out: Path,
    *,
    no_store: bool,
    saved_files: bool,
    data: Sequence[Path],
    **changes: Any,
) -> bool:
    """Run the scripts at `paths`; images go to `out`, a JSON line each to stdout in input order.
    What is no script is a line on stderr; returns whether all were scripts.

    `changes` are fields of RunOptions, None where params.yaml decides.

    Raises:
        UserError: an id that stands twice, unfit data files, no sandbox, or an engine that does not
            start.
    """
    options = run_options(saved_files, changes)
    out = _folder(out)
    told = Told(lambda line: sys.stderr.write(f"viscode: {line}\n"))
    ids: list[str] = []

    def scripts() -> Iterator[Script]:
        for script in read_scripts(paths, data, told):
            ids.append(script.id)
            yield script

    with (
        nullcontext() if no_store else WorkStore(default_path()) as store,
        Progress("run", "scripts") as line,
    ):
        judged = in_input_order(run(scripts(), options, store), ids)
        for number, execution in enumerate(judged):
            written = as_line(execution, write_images(execution, number, out))
            sys.stdout.write(written + "\n")
            sys.stdout.flush()
            line.add()
    return not told.refused


def run_options(saved_files: bool, changes: dict[str, Any]) -> RunOptions:
    """Options of params.yaml, as find_place() finds it, with those that the user gave."""
    here = find_place()
    settings = load(ValidateSettings, here.params).run_options(load(RunSettings, here.params))
    settings = here.options(settings)
    given = {name: value for name, value in changes.items() if value is not None}
    return replace(settings, saved_files=saved_files, twice=False, **given)


def _folder(out: Path) -> Path:
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"cannot make the folder for images: {error.strerror}",
            where=str(out),
            todo="name another --out",
        ) from error
    return out
