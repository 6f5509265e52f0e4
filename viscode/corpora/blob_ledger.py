"""Which blobs were examined, and the texts of those that may plot: nothing is fetched twice.

One SQLite file. For each examined blob there is a row of some 30 bytes: its id as 20 bytes, the
outcome's code, and the 16 bits of what the outcome rests on (`blobs.basis`); 25 M of them are
about 0.8 GB. A second table has the texts, compressed. It is not the work store: there a key and
a kind alone take 100 bytes, and what is kept here must be deleted when its owner asks for that.

WAL, and a row is there when `store` returns: safe after kill -9 of the program. After a loss of
power the last seconds may be gone, and are fetched again.
"""

import sqlite3
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from viscode.core.errors import UserError
from viscode.core.sqlite_files import connect, failure, use_wal
from viscode.corpora.blobs import LEDGER_REMEDY, BlobEntry, BlobOutcome

VERSION = 1
WHAT = "record of fetched blobs"
SCHEMA = (
    "CREATE TABLE IF NOT EXISTS blob (id BLOB PRIMARY KEY, outcome INTEGER NOT NULL,"
    " basis INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS text (id BLOB PRIMARY KEY, fallback INTEGER NOT NULL,"
    " packed BLOB NOT NULL)",
)
OUTCOMES = dict(enumerate(BlobOutcome))
CODES = {outcome: code for code, outcome in OUTCOMES.items()}


class BlobLedger:
    """The file at `path`, made when there is none. For one thread; processes may share it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with self._told():
            self._db = connect(path)
            # nothing is written before the form is known
            found = self._db.execute("PRAGMA user_version").fetchone()[0]
            if found not in (0, VERSION):
                self.close()
                raise self._damaged(f"its form {found} is not known to this version")
            use_wal(self._db)
            self._db.execute("PRAGMA secure_delete=ON")  # deleted text is overwritten
        if found != VERSION:
            with self._transaction():
                for statement in (*SCHEMA, f"PRAGMA user_version={VERSION}"):
                    self._db.execute(statement)

    @contextmanager
    def _told(self) -> Iterator[None]:
        """SQLite's errors as one line."""
        try:
            yield
        except (OSError, sqlite3.Error) as error:
            raise failure(WHAT, error, self.path, LEDGER_REMEDY) from error

    @contextmanager
    def _transaction(self) -> Iterator[None]:
        with self._told(), self._db:  # commits, or rolls back
            self._db.execute("BEGIN IMMEDIATE")
            yield

    def _damaged(self, what: str) -> UserError:
        return UserError(f"{WHAT}: {what}", where=str(self.path), todo=LEDGER_REMEDY)

    def recall(self, blob_id: str) -> BlobEntry | None:
        """What is known of a blob, or None."""
        with self._told():
            row = self._db.execute(
                "SELECT outcome, basis, fallback, packed FROM blob LEFT JOIN text USING (id)"
                " WHERE blob.id = ?",
                (bytes.fromhex(blob_id),),
            ).fetchone()
        if row is None:
            return None
        code, basis, fallback, packed = row
        outcome = OUTCOMES.get(code)
        if outcome is None or (outcome is BlobOutcome.PLOTS and packed is None):
            raise self._damaged(f"entry {blob_id} is damaged")
        return BlobEntry(blob_id, outcome, basis, packed or b"", bool(fallback))

    def store(self, entries: Iterable[BlobEntry]) -> None:
        """Remember blobs, in one transaction; a new outcome replaces the old one."""
        with self._transaction():
            for entry in entries:
                key = bytes.fromhex(entry.blob_id)
                code = CODES[entry.outcome]
                self._db.execute("REPLACE INTO blob VALUES (?, ?, ?)", (key, code, entry.basis))
                if entry.outcome is BlobOutcome.PLOTS:
                    text = (key, int(entry.fallback), entry.packed)
                    self._db.execute("REPLACE INTO text VALUES (?, ?, ?)", text)
                else:
                    self._db.execute("DELETE FROM text WHERE id = ?", (key,))

    def forget(self, blob_ids: Iterable[str]) -> None:
        """Delete blobs with their texts, as if they had never been fetched."""
        with self._transaction():
            for key in map(bytes.fromhex, blob_ids):
                self._db.execute("DELETE FROM text WHERE id = ?", (key,))
                self._db.execute("DELETE FROM blob WHERE id = ?", (key,))

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> "BlobLedger":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
