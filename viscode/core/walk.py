"""What lies below somebody's folder of code, in one order on every machine.

Links are not followed. Left out as not the owner's own text: hidden folders, `node_modules`,
`__pycache__` and environments (folders with a pyvenv.cfg or a conda-meta). Things come in the order
of their paths' parts, which no file system changes; in memory lie one folder's names and those that
are still to be looked at above it.

DVC sees less: it leaves out of a folder's hash what a .dvcignore names, and every folder that is a
DVC project of its own (it holds a `.dvc`); of a nested git project only `.git` itself. What it
leaves out must not be read by a stage, which would not run again when it changes: `Watch` refuses
it. Outside of a DVC project, and below paths outside of this one, DVC sees all.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from viscode.core.errors import UserError
from viscode.core.textfile import readable

FoundKind = Literal["file", "folder", "left out", "other", "unreadable"]

LEFT_OUT = frozenset({"node_modules", "__pycache__"})
ENVIRONMENT_MARKS = frozenset({"pyvenv.cfg", "conda-meta"})
DVC_FOLDER = ".dvc"


@dataclass(frozen=True)
class Found:
    """Something below the folder: a regular file, a folder that is left out, a folder that does
    not open (`problem` says why), or something else, such as a link. `parts` is its path as the
    file system has it, `path` the same as text."""

    parts: tuple[str, ...]
    kind: FoundKind
    problem: str = ""

    @property
    def path(self) -> str:
        return readable("/".join(self.parts))

    @property
    def suffix(self) -> str:
        """What the name ends in from its last dot on, in lower case; "" without one."""
        _, dot, end = self.parts[-1].rpartition(".") if self.parts else ("", "", "")
        return f"{dot}{end}".lower() if dot else ""


def walk(folder: Path) -> Iterator[Found]:
    """All that lies below the folder, but for folders that are entered."""
    pending = [Found((), "folder")]
    while pending:
        found = pending.pop()
        if found.kind != "folder":
            yield found
            continue
        try:
            held = _entries(folder.joinpath(*found.parts))
        except OSError as error:
            yield Found(found.parts, "unreadable", f"folder: {error.strerror}")
            continue
        if found.parts and not ENVIRONMENT_MARKS.isdisjoint(name for name, _ in held):
            yield Found(found.parts, "left out")
        else:
            pending += [Found((*found.parts, name), kind) for name, kind in reversed(held)]


def _entries(folder: Path) -> list[tuple[str, FoundKind]]:
    with os.scandir(folder) as entries:
        return sorted((entry.name, _kind(entry)) for entry in entries)


def _kind(entry: os.DirEntry[str]) -> FoundKind:
    if entry.is_dir(follow_symlinks=False):
        unwanted = entry.name.startswith(".") or entry.name in LEFT_OUT
        return "left out" if unwanted else "folder"
    return "file" if entry.is_file(follow_symlinks=False) else "other"


class Watch:
    """The rules of the DVC project that the working folder lies in."""

    def __init__(self) -> None:
        here = Path.cwd()
        root = next((p for p in (here, *here.parents) if (p / DVC_FOLDER).is_dir()), None)
        self._filter = _filter(root) if root else None

    def check(self, path: Path) -> None:
        """
        Raises:
            UserError: DVC leaves the file out.
        """
        absolute = os.path.abspath(path)  # noqa: PTH100 - as DVC does; links stay
        if self._filter is not None and self._filter.is_ignored_file(absolute):
            raise UserError(
                "a file in which DVC sees no change: a .dvcignore names it, or it lies in a DVC "
                "project within this one",
                where=str(path),
                todo="move it, or change what leaves it out: dvc check-ignore --details",
            )


def _filter(root: Path) -> Any:
    """DVC's filter of the project at `root`; None without DVC, which then runs no stage either."""
    try:
        from dvc.fs import localfs  # DVC takes half a second to import
        from dvc.ignore import DvcIgnoreFilter
    except ModuleNotFoundError:
        return None
    return DvcIgnoreFilter(localfs, str(root))
