"""`viscode run`: scripts from files and folders through the engine, verdicts as JSON lines."""

import json
import re
import sys
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from viscode.core.errors import UserError
from viscode.core.progress import Progress
from viscode.core.records import Execution, Script
from viscode.core.walk import Found, walk
from viscode.core.workstore import WorkStore, default_path
from viscode.execution.engine import run
from viscode.execution.script_files import (
    IN_FOLDERS,
    NoScript,
    ScriptItem,
    ScriptText,
    items_of,
    read_bytes,
)
from viscode.settings.place import find_place
from viscode.settings.validate import RunOptions

EXAMPLES = 3  # examples of each kind of what a folder holds besides scripts
KINDS_TOLD = 8  # of them


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
    out.mkdir(parents=True, exist_ok=True)
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
    given = {name: value for name, value in changes.items() if value is not None}
    options = find_place().run_options()
    return replace(options, saved_files=saved_files, twice=False, **given)


@dataclass
class Told:
    """What reading says besides scripts, one line each by `say`. `refused` counts what ought to
    have been a script and is none."""

    say: Callable[[str], object]
    refused: int = 0

    def refuse(self, error: UserError) -> None:
        self.refused += 1
        self.say(str(error))


def read_scripts(paths: Iterable[Path], data: Iterable[Path], told: Told) -> Iterator[Script]:
    """The scripts of files (script_files.py) and of all files below folders; every file of `data`
    lies beside each of them. What is no script is told, and the next one is read.

    Raises:
        UserError: an id that stands twice, or data files that cannot be read or share a name.
    """
    files = read_data(data)
    seen: set[str] = set()
    for item in _all(paths, told):
        if isinstance(item, NoScript):
            told.refuse(item.error)
            continue
        if item.id in seen:
            raise UserError(f"two scripts with the id {item.id!r}", todo="give each its own")
        seen.add(item.id)
        if item.left_out:
            told.say(f"{item.id}: cells left out as meant to fail: {item.left_out}")
        yield Script(id=item.id, code=item.code, files=files, name=item.name)


def read_data(paths: Iterable[Path]) -> dict[str, bytes]:
    """The files that will lie beside a script, by name.

    Raises:
        UserError: not readable, or two of one name.
    """
    found: dict[str, Path] = {}
    for path in paths:
        if path.name in found:
            raise UserError(
                f"two data files of one name: {found[path.name]} and {path}",
                todo="rename one of them: both would lie in the script's folder",
            )
        found[path.name] = path
    return {name: read_bytes(path) for name, path in found.items()}


def _all(paths: Iterable[Path], told: Told) -> Iterator[ScriptItem]:
    for path in paths:
        if path.is_dir():
            yield from _below(path, told)
        else:
            yield from items_of(path)


def _below(folder: Path, told: Told) -> Iterator[ScriptItem]:
    """The scripts of the files below a folder. What else it holds is told in one line; it is
    refused when nothing in it is a script."""
    passed = _Passed()
    items = 0
    for found in walk(folder):
        path, before = folder.joinpath(*found.parts), items
        if found.kind == "unreadable":
            items += 1
            yield NoScript(UserError(f"not readable: {found.problem}", where=str(path)))
        elif found.kind != "left out" and found.suffix in IN_FOLDERS:
            for item in items_of(path):
                if isinstance(item, ScriptText) or not item.data:
                    items += 1
                    yield item
        if items == before:
            passed.add(found)
    if passed.counts:
        told.say(f"{folder}: passed over, as not scripts: {passed}")
    if not items:
        yield NoScript(UserError("no script below this folder", where=str(folder)))


@dataclass
class _Passed:
    """What a folder holds besides scripts: how many of each kind, and the first few."""

    counts: Counter[str] = field(default_factory=Counter)
    first: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, found: Found) -> None:
        if found.kind == "left out":
            kind = "hidden folders, caches and environments"
        elif found.kind == "other" and found.suffix not in IN_FOLDERS:
            kind = "links and special files"
        else:
            kind = found.suffix or "without a suffix"
        self.counts[kind] += 1
        if self.counts[kind] <= EXAMPLES:
            self.first[kind].append(found.path)

    def __str__(self) -> str:
        parts = []
        common = self.counts.most_common(KINDS_TOLD)
        for kind, count in common:
            more = ["..."] if count > EXAMPLES else []
            parts.append(f"{count} {kind} ({', '.join([*self.first[kind], *more])})")
        if rest := self.counts.total() - sum(count for _, count in common):
            parts.append(f"{rest} of other kinds")
        return ", ".join(parts)


def in_input_order(executions: Iterable[Execution], ids: list[str]) -> Iterator[Execution]:
    """`executions` in the order of `ids`, which grows while scripts are read."""
    waiting: dict[str, Execution] = {}
    position = 0
    for execution in executions:
        waiting[execution.id] = execution
        while position < len(ids) and ids[position] in waiting:
            yield waiting.pop(ids[position])
            position += 1


def write_images(execution: Execution, number: int, out: Path) -> list[str]:
    """Write an execution's images as OUT/NUMBER-NAME-INDEX.png; returns the paths."""
    stem = re.sub(r"[^\w.-]+", "_", Path(execution.id).stem)[:60] or "script"
    paths = []
    for index, image in enumerate(execution.images):
        path = out / f"{number:06d}-{stem}-{index}.png"
        path.write_bytes(image)
        paths.append(str(path))
    return paths


def as_line(execution: Execution, images: list[str]) -> str:
    """The JSON line of one execution."""
    entry: dict[str, Any] = {
        "id": execution.id,
        "status": execution.status,
        "error_type": execution.error_type,
        "error": execution.error or execution.error_message,
        "images": images,
        "blank": list(execution.blank),
        "origins": list(execution.origins),
        "facts": json.loads(execution.facts),
        "duration_s": round(execution.duration_s, 3),
        "isolation": execution.isolation,
    }
    return json.dumps(entry, ensure_ascii=True)
