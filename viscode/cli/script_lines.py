"""Scripts from files and folders, verdicts as JSON lines: what `viscode run` reads and prints."""

import json
import re
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from viscode.core.errors import UserError
from viscode.core.records import Execution, Script
from viscode.core.walk import Found, walk
from viscode.execution.script_files import (
    IN_FOLDERS,
    NoScript,
    ScriptItem,
    ScriptText,
    items_of,
    read_bytes,
)

EXAMPLES = 3  # examples of each kind of what a folder holds besides scripts
KINDS_TOLD = 8  # of them


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
        common = self.counts.most_common(KINDS_TOLD)
        parts = [f"{count} {kind} ({self._examples(kind)})" for kind, count in common]
        if rest := self.counts.total() - sum(count for _, count in common):
            parts.append(f"{rest} of other kinds")
        return ", ".join(parts)

    def _examples(self, kind: str) -> str:
        more = ["..."] if self.counts[kind] > EXAMPLES else []
        return ", ".join([*self.first[kind], *more])


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
