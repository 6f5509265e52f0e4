"""The modules of a file's own repository, found as Python would find them from the file's folder.

An index on disk maps (repository, path) to the text of every collected `.py` file that can be
imported by its name. It is made in one pass over the collected files, in bounded memory, under
another name until it is whole, and used again for as long as these stay the same. Data files
(JSON, YAML, CSV) are not collected, so that they are not in it either; nor are files that a
source does not take, such as those of stack-edu that do not plot.
"""

import sqlite3
import threading
import zlib
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path, PurePosixPath
from typing import Any

from filelock import FileLock

from viscode.core.checksums import list_path
from viscode.core.hashing import file_digest
from viscode.core.project import project_root
from viscode.core.records import Origin, SourceFile
from viscode.core.replacing import partial_of, replace
from viscode.core.sqlite_files import connect, failure
from viscode.core.tables import read_table

VERSION = 1
WHAT, REMEDY = "index of modules", "delete it: it is made again"
MOST_CHARS = 100_000  # of a module that is worth looking into
DEEPEST = 24  # folders above a file in which its imports are looked for
MOST_NAMED = 2000  # modules of one name in one repository that are looked through
REMEMBERED = 4096  # names
LAST = "\U0010ffff"  # no path goes on with it
SCHEMA = (
    "CREATE TABLE built (of TEXT NOT NULL)",
    "CREATE TABLE top (repository TEXT NOT NULL)",
    "CREATE TABLE module (repository TEXT NOT NULL, name TEXT NOT NULL, path TEXT NOT NULL,"
    " packed BLOB NOT NULL)",
)
BY_NAME = "CREATE INDEX by_name ON module (repository, name, path)"


def default_path() -> Path:
    return project_root() / ".viscode" / "siblings.sqlite"


def open_siblings(raw: Path, path: Path) -> "Siblings":
    """The index at `path` of the table of source files `raw`, made where there is none of it.

    Raises:
        UserError: the table or the index cannot be read.
    """
    of = f"{VERSION}:{file_digest(list_path(raw, 'part'))}"
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with FileLock(f"{path}.lock"):
            if _built_of(path) != of:
                partial = partial_of(path)
                db = connect(partial)
                db.execute("PRAGMA journal_mode=OFF")
                db.execute("PRAGMA synchronous=OFF")  # what is killed is not used
                _fill(db, read_table(raw, SourceFile), of)
                db.close()
                replace(partial, path)
        return Siblings(connect(path, check_same_thread=False))
    except (OSError, sqlite3.Error) as error:
        raise failure(WHAT, error, path, REMEDY) from error


def siblings_of(files: Iterable[SourceFile]) -> "Siblings":
    """The same in memory, for one folder of files."""
    db = connect(Path(":memory:"), check_same_thread=False)
    _fill(db, files, "")
    return Siblings(db)


class Siblings:
    """Looks modules up; for several threads, in one process."""

    def __init__(self, db: sqlite3.Connection) -> None:
        self._db = db
        self._lock = threading.Lock()
        self._named = lru_cache(REMEMBERED)(self._paths)
        self._tops = {row[0] for row in db.execute("SELECT repository FROM top")}

    def module(self, origin: Origin, name: str, level: int = 0) -> tuple[str, str] | None:
        """Path and text of the module that a file at `origin` imports by a dotted `name`, with
        `level` dots before it; None where the repository has none, or several that it could be.

        An absolute import is looked for in the file's folder and those above it, also in their
        `src`, then as the only module of this name below one of them. A collected folder without
        a file of its own holds repositories: what lies below it counts for no file of another.
        """
        repository, folder = _repository(origin), tuple(origin.path.split("/")[:-1])
        parts = tuple(name.split(".") if name else ())
        many = origin.kind == "folder" and repository not in self._tops
        bases = [folder[:end] for end in range(len(folder), -1, -1)][:DEEPEST]
        if level:
            bases = bases[level - 1 : level]
            places = [(*base, *parts) for base in bases]
        else:
            places = [(*base, *src, *parts) for base in bases for src in ((), ("src",))]
        if not places:
            return None
        last = places[0][-1] if places[0] else ""
        named = self._named(repository, folder[0] if many and folder else "", last)
        path = _chosen(named, places, bases, () if level else parts, origin.path)
        return None if path is None else (path, self._text(repository, path))

    def close(self) -> None:
        self._db.close()

    def _paths(self, repository: str, top: str, name: str) -> tuple[str, ...]:
        """The paths of the modules of a name, those below one folder if one is named; the first
        ones of more than MOST_NAMED."""
        query = (
            "SELECT DISTINCT path FROM module WHERE repository = ? AND name = ?"
            " AND path >= ? AND path < ? ORDER BY path LIMIT ?"
        )
        base = f"{top}/" if top else ""
        rows = self._rows(query, repository, name, base, base + LAST, MOST_NAMED)
        return tuple(str(row[0]) for row in rows)

    def _text(self, repository: str, path: str) -> str:
        query = (
            "SELECT packed FROM module WHERE repository = ? AND name = ? AND path = ?"
            " ORDER BY rowid LIMIT 1"
        )
        packed = self._rows(query, repository, _name(path), path)[0][0]
        return zlib.decompress(packed).decode("utf-8")

    def _rows(self, query: str, *values: str | int) -> list[tuple[Any, ...]]:
        with self._lock:
            return self._db.execute(query, values).fetchall()


def _chosen(
    named: tuple[str, ...],
    places: list[tuple[str, ...]],
    bases: list[tuple[str, ...]],
    parts: tuple[str, ...],
    own: str,
) -> str | None:
    """Of the modules of a name the one at the first of the places, but for the file's `own`; else,
    where `parts` are to be found anywhere, the only one below the nearest of the bases."""
    there = set(named) - {own}
    if not there:
        return None
    for place in places:
        for path in _files(place):
            if path in there:
                return path
    ends = tuple(f"/{path}" for path in _files(parts))
    anywhere = [path for path in there if parts and path.endswith(ends)]
    for base in bases if anywhere else ():
        start = "".join(f"{part}/" for part in base)
        if below := [path for path in anywhere if path.startswith(start)]:
            return below[0] if len(below) == 1 and len(named) < MOST_NAMED else None
    return None


def _fill(db: sqlite3.Connection, files: Iterable[SourceFile], of: str) -> None:
    """Make the tables, in one transaction."""
    for statement in SCHEMA:
        db.execute(statement)
    db.execute("BEGIN")
    tops: set[str] = set()
    for file in files:
        origin, repository = file.origin, _repository(file.origin)
        if origin.kind == "folder" and "/" not in origin.path:
            tops.add(repository)
        if _importable(file):
            packed = zlib.compress(file.text.encode("utf-8"), 1)
            row = (repository, _name(origin.path), origin.path, packed)
            db.execute("INSERT INTO module VALUES (?, ?, ?, ?)", row)
    db.executemany("INSERT INTO top VALUES (?)", [(top,) for top in sorted(tops)])
    db.execute("INSERT INTO built VALUES (?)", (of,))
    db.execute("COMMIT")
    db.execute(BY_NAME)


def _built_of(path: Path) -> str:
    """What the index at a path was made of, "" where there is none that can be read."""
    if not path.is_file():
        return ""
    db = connect(path)
    try:
        return str(db.execute("SELECT of FROM built").fetchone()[0])
    except (sqlite3.DatabaseError, TypeError):
        return ""
    finally:
        db.close()


def _importable(file: SourceFile) -> bool:
    stem, _, suffix = file.origin.script_name.rpartition(".")
    return suffix == "py" and stem.isidentifier() and len(file.text) <= MOST_CHARS


def _repository(origin: Origin) -> str:
    return "\n".join((origin.kind, origin.name, origin.version))


def _files(place: tuple[str, ...]) -> list[str]:
    """The paths at which a module of these parts may lie."""
    package = "/".join((*place, "__init__.py"))
    return [f"{'/'.join(place)}.py", package] if place else [package]


def _name(path: str) -> str:
    """What a module is called without its package; "" for the top folder's `__init__.py`."""
    *folders, file = PurePosixPath(path).parts
    stem = file.removesuffix(".py")
    return stem if stem != "__init__" else (folders[-1] if folders else "")
