"""Results of costly work, kept once: the reason why a killed run resumes and branches share.

One SQLite file under `$DVC_ROOT/.viscode/` maps (kind, key) to bytes. The key is a hash of
exactly what determines the result; the caller makes it and says in its kind what the value is.
Only final results are served: what was refused, cut off or lost to the infrastructure is stored
with `final=False`, so that it is seen and counted, and asked again. Each row has a hash of itself:
one that is damaged is told on stderr, removed and made again, never served.

WAL with one connection per store object: many readers, one writer at a time, safe after kill -9
(a transaction is there whole or not at all). `DVC_ROOT` names the main repository even in
`dvc exp run --temp`, so that experiments and branches share the store.
"""

import sqlite3
import sys
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Generic, TypeVar

import xxhash

from viscode.core.errors import UserError
from viscode.core.project import project_root
from viscode.core.sqlite_files import connect, failure, use_wal

T = TypeVar("T")
SCHEMA = """
CREATE TABLE IF NOT EXISTS work (
    kind TEXT NOT NULL, key TEXT NOT NULL, final INTEGER NOT NULL,
    value BLOB NOT NULL, stored_at REAL NOT NULL, hash TEXT, PRIMARY KEY (kind, key)
) WITHOUT ROWID
"""
HASHED = "ALTER TABLE work ADD COLUMN hash TEXT"  # files older than it; NULL in their rows
UNREADABLE = (ValueError, KeyError, TypeError, AttributeError, IndexError, RecursionError)
"""What reading a damaged value raises; pydantic's, JSON's and Unicode's errors are among them."""


def default_path() -> Path:
    return project_root() / ".viscode" / "work.sqlite"


@dataclass(frozen=True)
class Stored(Generic[T]):
    """A stored result, and whether it is final."""

    value: T
    final: bool


def _hash(kind: str, key: str, value: bytes, final: bool) -> str:
    return xxhash.xxh3_128_hexdigest(
        b"".join(f"{len(part)}:".encode() + part for part in (kind.encode(), key.encode(), value))
        + (b"1" if final else b"0")
    )


class WorkStore:
    """A (kind, key) -> bytes store; may be used from several threads."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._lock = threading.Lock()
        self._when_done: list[Callable[[], None]] = []
        try:
            self._db = connect(path, check_same_thread=False)
            use_wal(self._db)
            self._db.execute(SCHEMA)
            self._add_hashes()
        except (OSError, sqlite3.Error) as error:
            raise self._failure(error) from error

    def _failure(self, error: Exception) -> UserError:
        return failure("work store", error, self.path, "move the file away to start an empty store")

    def _add_hashes(self) -> None:
        if any(row[1] == "hash" for row in self._db.execute("PRAGMA table_info(work)")):
            return
        try:
            self._db.execute(HASHED)
        except sqlite3.OperationalError as error:
            if "duplicate column" not in str(error):  # another process was faster
                raise

    def get(self, kind: str, key: str) -> bytes | None:
        """The final result for `key`, or None when there is none yet."""
        return self.read(kind, key, bytes)

    def read(self, kind: str, key: str, decode: Callable[[bytes], T]) -> T | None:
        """The final result for `key` as `decode` reads it, or None when there is none yet."""
        row = self.look(kind, key, decode)
        return row.value if row is not None and row.final else None

    def look(self, kind: str, key: str, decode: Callable[[bytes], T]) -> Stored[T] | None:
        """What is stored for `key`, final or not, as `decode` reads it."""
        rows = self.query(
            "SELECT value, final, hash FROM work WHERE kind = ? AND key = ?", (kind, key)
        )
        if not rows:
            return None
        value, final, known = rows[0]
        try:
            if not isinstance(value, bytes):
                raise TypeError(f"a value of type {type(value).__name__}")
            if known is not None and known != _hash(kind, key, value, final):
                raise ValueError("not as it was stored")
            return Stored(decode(bytes(value)), bool(final))
        except UNREADABLE as error:
            why = " ".join(f"{type(error).__name__}: {error}".split())[:200]
            sys.stderr.write(
                f"viscode: work store: a damaged value, made again: {kind} {key[:16]} ({why})\n"
            )
            self.query("DELETE FROM work WHERE kind = ? AND key = ?", (kind, key))
            return None

    def query(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """What a statement over the table `work` gives; durable when the call returns (up to power
        loss)."""
        with self._lock:
            try:
                return self._db.execute(sql, values).fetchall()
            except sqlite3.Error as error:
                raise self._failure(error) from error

    def put(self, kind: str, key: str, value: bytes, *, final: bool = True) -> None:
        """Store a result. One that is final is never replaced: the first one stands."""
        self.query(
            "INSERT INTO work (kind, key, final, value, stored_at, hash)"
            " VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT (kind, key) DO UPDATE SET"
            " final = excluded.final, value = excluded.value, hash = excluded.hash,"
            " stored_at = excluded.stored_at WHERE work.final = 0",
            (kind, key, int(final), value, time.time(), _hash(kind, key, value, final)),
        )

    def count(self, kind: str, *, final: bool = True) -> int:
        """How many results of one kind are stored."""
        rows = self.query(
            "SELECT COUNT(*) FROM work WHERE kind = ? AND final = ?", (kind, int(final))
        )
        return int(rows[0][0])

    def close(self) -> None:
        with self._lock:
            self._db.close()

    def __enter__(self) -> "WorkStore":
        return self

    def when_done(self, step: Callable[[], None]) -> None:
        """Do `step` at the end of the `with` block that the store is used in, if it ends well."""
        self._when_done.append(step)

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        if error is None:
            for step in self._when_done:
                step()
        self.close()
