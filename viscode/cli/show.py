"""What `viscode show` prints: one sample, block, task or attempt, wherever a table holds its id.

With a block comes its execution, which the work store holds.

Ids are content hashes, so their first characters do; "task 7" is the benchmark's task number 7.
Texts come from strangers: control characters are shown as such, so that no text can move the
cursor or hide itself. Images go to the terminal where that can show them, and to files.
"""

import base64
import json
import os
import re
import sys
import webbrowser
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any

import click

from viscode.bench.verdicts import error_name
from viscode.core.errors import UserError, printable
from viscode.core.records import (
    Attempt,
    Block,
    ChartSample,
    ChatSample,
    Dialogue,
    Execution,
    Identified,
    InstructionSample,
    JudgedAttempt,
    SelectedFile,
    Task,
    UnmadeFigure,
    UnmadeFigures,
    ValidatedBlock,
)
from viscode.core.replacing import write_bytes
from viscode.core.tables import read_columns, read_some, read_table
from viscode.core.transform import UNMADE_PREFIX, read_outcomes
from viscode.core.workstore import WorkStore, default_path
from viscode.execution.engine import EXECUTION_KIND, Crew, unpack
from viscode.settings.base import PARAMS, load
from viscode.settings.run import RunSettings
from viscode.settings.validate import ValidateSettings
from viscode.text.lines import split_lines
from viscode.validate.blocks import script_of

DATA, IMAGES = Path("data"), Path(".viscode/show")
TABLES: tuple[tuple[str, type[Identified]], ...] = (
    ("viscode", ChatSample),
    ("raw/tasks", Task),
    ("bench/*/*", Attempt),
    ("judged/*/*", JudgedAttempt),
    ("instructed/*", InstructionSample),
    ("validated/*", ValidatedBlock),
    ("balanced", Block),
    ("rebuilt", Block),
    ("dialogues", Dialogue),
    ("selected", SelectedFile),
    ("raw/charts", ChartSample),
    ("raw/dialogues", Dialogue),
)
OUTCOMES = [
    "extracted",
    "balanced",
    "rebuilt",
    "validated/*",
    "instructed/*",
    "dialogues",
    "viscode",
]
LEAST_PREFIX = 6
SHOWN = 5  # records that one call shows


@dataclass(frozen=True)
class Hit:
    """A record, the table that holds it, and what to say of it."""

    place: str
    id: str
    lines: list[tuple[str, str]]
    images: tuple[bytes, ...]


def show_command(name: str, data: Path = DATA, *, browser: bool = False) -> None:
    """Print the records whose id is or begins with `name`.

    Raises:
        UserError: there is none, or too little of an id.
    """
    found = list(hits(name, data))
    if not found:
        raise UserError(
            f"nothing with the id {name!r}",
            where=str(data),
            todo='give an id, its first characters, or "task 7"; dvc repro makes the tables',
        )
    for hit in found[:SHOWN]:
        _print(hit, browser=browser)
    if len(found) > SHOWN:
        click.echo(f"{len(found) - SHOWN} more begin with {name}: give more of the id", err=True)


def hits(name: str, data: Path) -> Iterator[Hit]:
    """All records with that id, table by table."""
    number = re.fullmatch(r"task[ -]?(\d+)", name)
    if number is None and len(name) < LEAST_PREFIX:
        raise UserError(
            f"{name!r} is too little of an id", todo=f"give {LEAST_PREFIX} characters or more"
        )
    for pattern, kind in TABLES:
        for folder in sorted(data.glob(pattern)):
            if not any(folder.glob("part-*.parquet")):
                continue
            if number is not None:
                wanted = _of_task(folder, kind, int(number.group(1)))
            else:
                wanted = {r.id for r in read_columns(folder, Identified) if r.id.startswith(name)}
            for record in read_some(folder, kind, wanted) if wanted else ():
                yield _hit(record, str(folder.relative_to(data)))
                if isinstance(record, Block) and (ran := stored_execution(record)):
                    yield _hit(ran, "execution")
    for pattern in OUTCOMES if number is None else ():
        for folder in sorted(data.glob(pattern)):
            if any(folder.glob("outcome-*.parquet")):
                yield from _rejected(folder, name, data)
            if any(folder.glob(f"{UNMADE_PREFIX}-*.parquet")):
                yield from _unmade(folder, name, data)


def stored_execution(block: Block) -> Execution | None:
    """The verdict of the block's first run, from the work store; None if the block was not run
    here with the present parameters."""
    if not (PARAMS.is_file() and default_path().is_file()):
        return None
    options = load(ValidateSettings).run_options(load(RunSettings))
    if not options.python.exists():
        return None
    with WorkStore(default_path()) as store:
        key = Crew(options, store).key(script_of(block))
        return store.read(EXECUTION_KIND, key, partial(unpack, script_id=block.id))


def _of_task(folder: Path, kind: type[Identified], number: int) -> set[str]:
    if kind is Task:
        return {task.id for task in read_table(folder, Task) if task.number == number}
    if kind is Attempt:
        return {one.id for one in read_table(folder, Attempt) if one.task_number == number}
    return set()


def _rejected(folder: Path, name: str, data: Path) -> Iterator[Hit]:
    for outcome in read_outcomes(folder):
        if outcome.id.startswith(name) and outcome.reason:
            lines = [("rejected", outcome.reason), ("why", outcome.detail)]
            yield Hit(str(folder.relative_to(data)), outcome.id, lines, ())


def _unmade(folder: Path, name: str, data: Path) -> Iterator[Hit]:
    for one in read_table(folder, UnmadeFigures, UNMADE_PREFIX):
        if one.id.startswith(name):
            lines = [("figures without a block", str(len(one.reasons)))]
            lines += [("figure", _figure(figure)) for figure in one.figures]
            yield Hit(str(folder.relative_to(data)), one.id, lines, ())


def _figure(figure: UnmadeFigure) -> str:
    edits = ", ".join(figure.edits) or "none"
    why = f"{figure.reason}, {figure.detail}" if figure.detail else figure.reason
    return f"at {figure.place}: {why}\n{figure.statement}\nedits: {edits}\n{figure.code}"


def _hit(record: Identified, place: str) -> Hit:
    images: tuple[bytes, ...] = ()
    lines: list[tuple[str, str]] = []
    for field, value in record:
        if field in ("images", "image", "plots_gt"):
            images = tuple(value) if isinstance(value, tuple) else (value,) if value else ()
        elif field != "id" and value not in ("", (), None):
            lines.append((field, _text(field, value)))
    if isinstance(record, Attempt) and (kind := error_name(record)):
        lines.insert(0, ("error kind", kind))
    return Hit(place, record.id, lines, images)


def _text(field: str, value: Any) -> str:
    if field == "facts":
        return json.dumps(json.loads(value), indent=1)
    if field == "messages":
        return "\n\n".join(f"[{message.role}]\n{message.content}" for message in value)
    if field == "other":
        return "; ".join(f"{o.protocol}: {o.verdict} {error_name(o)}" for o in value)
    if hasattr(value, "model_dump"):
        return json.dumps(value.model_dump(mode="json"))
    return value if isinstance(value, str) else str(value)


def _print(hit: Hit, *, browser: bool) -> None:
    click.secho(f"{hit.place}  {hit.id}", bold=True)
    for field, text in hit.lines:
        shown = printable(text, "\n\t")
        if "\n" in shown:
            body = "\n".join(f"  {line}" for line in split_lines(shown))
            click.echo(f"{field}:\n{body}")
        else:
            click.echo(f"{field}: {shown}")
    for index, png in enumerate(hit.images):
        path = IMAGES / f"{re.sub(r'[^0-9A-Za-z-]', '_', hit.id)[:60]}-{index}.png"
        write_bytes(path, png)
        if sys.stdout.isatty() and (code := inline(png)):
            click.echo(code)
        click.echo(f"image: {path}")
        if browser:
            webbrowser.open(path.resolve().as_uri())
    click.echo()


def inline(png: bytes) -> str:
    """What makes a terminal show an image; "" for one that cannot."""
    encoded = base64.b64encode(png).decode("ascii")
    if os.environ.get("TERM") == "xterm-kitty":
        parts = [encoded[at : at + 4096] for at in range(0, len(encoded), 4096)]
        last = len(parts) - 1
        return "".join(
            f"\x1b_G{'a=T,f=100,' if n == 0 else ''}m={int(n < last)};{part}\x1b\\"
            for n, part in enumerate(parts)
        )
    if os.environ.get("TERM_PROGRAM") in ("iTerm.app", "WezTerm", "vscode"):
        return f"\x1b]1337;File=inline=1;size={len(png)}:{encoded}\x07"
    return ""
