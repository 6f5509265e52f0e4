"""Which blobs were examined, and the texts of those that may plot: nothing is fetched twice.

One SQLite file. For each examined blob there is a row of some 30 bytes: its id as 20 bytes, the
outcome's code, and the 16 bits of what the outcome rests on (`blobs.basis`); 25 M of them are
about 0.8 GB. A second table has the texts, compressed. It is not the work store: there a key and
a kind alone take 100 bytes, and what is kept here must be deleted when its owner asks for that.

WAL, and a row is there when `store` returns: safe after kill -9 of the program. After a loss of
power the last seconds may be gone, and are fetched again.
"""

import sqlite3
import zlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from viscode.core.errors import UserError
from viscode.core.sqlite_files import connect, failure, use_wal
from viscode.corpora.blobs import BlobOutcome

VERSION = 1
REMEDY = "move .viscode/blobs.sqlite away: everything is fetched anew"
WHAT = "record of fetched blobs"
SCHEMA = (
    "CREATE TABLE IF NOT EXISTS blob (id BLOB PRIMARY KEY, outcome INTEGER NOT NULL,"
    " basis INTEGER NOT NULL) WITHOUT ROWID",
    "CREATE TABLE IF NOT EXISTS text (id BLOB PRIMARY KEY, fallback INTEGER NOT NULL,"
    " packed BLOB NOT NULL)",
)
OUTCOME_CODES = {  # stored: a code keeps its meaning for ever
    BlobOutcome.NO_PLOTTING: 0,
    BlobOutcome.PLOTS: 1,
    BlobOutcome.MISSING: 2,
    BlobOutcome.FORBIDDEN: 3,
    BlobOutcome.TRUNCATED: 4,
    BlobOutcome.NOT_GZIP: 5,
    BlobOutcome.TOO_LARGE: 6,
    BlobOutcome.WRONG_HASH: 7,
    BlobOutcome.WRONG_LENGTH: 8,
    BlobOutcome.UNDECODABLE: 9,
}
OUTCOMES = {code: outcome for outcome, code in OUTCOME_CODES.items()}


@dataclass(frozen=True)
class BlobEntry:
    """An examined blob. `packed` is `pack_text(text)` where the outcome is PLOTS, else b""."""

    blob_id: str
    outcome: BlobOutcome
    basis: int
    packed: bytes = b""
    fallback: bool = False


def pack_text(text: str) -> bytes:
    return zlib.compress(text.encode("utf-8"))


def unpack_text(packed: bytes) -> str:
    """
    Raises:
        UserError: these are not bytes that `pack_text` made.
    """
    try:
        return zlib.decompress(packed).decode("utf-8")
    except (zlib.error, UnicodeDecodeError) as error:
        raise UserError(f"a stored text is damaged: {error}", todo=REMEDY) from error


class BlobLedger:
    """The file at `path`, made when there is none. For one thread; processes may share it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        try:
            self._db = connect(path)
        except (OSError, sqlite3.Error) as error:
            raise self._error(error) from error
        try:
            self._prepare()
        except sqlite3.Error as error:
            self._db.close()
            raise self._error(error) from error
        except UserError:
            self._db.close()
            raise

    def _prepare(self) -> None:
        """Nothing is written before the form is known."""
        found = self._db.execute("PRAGMA user_version").fetchone()[0]
        if found not in (0, VERSION):
            raise self._failure(f"its form {found} is not known to this version")
        use_wal(self._db)
        self._db.execute("PRAGMA secure_delete=ON")  # deleted text is overwritten
        if found != VERSION:
            form = f"PRAGMA user_version={VERSION}"
            self._transact(*((statement, [()]) for statement in (*SCHEMA, form)))

    def _failure(self, what: str, todo: str = REMEDY) -> UserError:
        return UserError(f"{WHAT}: {what}", where=str(self.path), todo=todo)

    def _error(self, error: Exception) -> UserError:
        return failure(WHAT, error, self.path, REMEDY)

    def _all(self, sql: str, values: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
        try:
            return self._db.execute(sql, values).fetchall()
        except sqlite3.Error as error:
            raise self._error(error) from error

    def recall(self, blob_id: str) -> BlobEntry | None:
        """What is known of a blob, or None."""
        rows = self._all(
            "SELECT outcome, basis, fallback, packed FROM blob LEFT JOIN text USING (id)"
            " WHERE blob.id = ?",
            (bytes.fromhex(blob_id),),
        )
        if not rows:
            return None
        code, basis, fallback, packed = rows[0]
        if code not in OUTCOMES or (packed is None and OUTCOMES[code] is BlobOutcome.PLOTS):
            raise self._failure(f"entry {blob_id} is damaged")
        return BlobEntry(blob_id, OUTCOMES[code], basis, packed or b"", bool(fallback))

    def store(self, entries: Iterable[BlobEntry]) -> None:
        """Remember blobs, in one transaction; a new outcome replaces the old one."""
        latest = {bytes.fromhex(entry.blob_id): entry for entry in entries}
        texts = {key: one for key, one in latest.items() if one.outcome is BlobOutcome.PLOTS}
        blobs = [(key, OUTCOME_CODES[one.outcome], one.basis) for key, one in latest.items()]
        packed = [(key, int(one.fallback), one.packed) for key, one in texts.items()]
        self._transact(
            *_deletions(latest),
            ("INSERT INTO blob VALUES (?, ?, ?)", blobs),
            ("INSERT INTO text VALUES (?, ?, ?)", packed),
        )

    def forget(self, blob_ids: Iterable[str]) -> None:
        """Delete blobs with their texts, as if they had never been fetched."""
        self._transact(*_deletions(map(bytes.fromhex, blob_ids)))

    def _transact(self, *steps: tuple[str, Sequence[tuple[Any, ...]]]) -> None:
        try:
            with self._db:  # commits, or rolls back
                self._db.execute("BEGIN IMMEDIATE")
                for sql, rows in steps:
                    self._db.executemany(sql, rows)
        except sqlite3.Error as error:
            raise self._error(error) from error

    def counts(self) -> dict[BlobOutcome, int]:
        """How many blobs have each outcome."""
        rows = self._all("SELECT outcome, COUNT(*) FROM blob GROUP BY outcome")
        return {OUTCOMES[code]: count for code, count in rows}

    def close(self) -> None:
        self._db.close()

    def __enter__(self) -> "BlobLedger":
        return self

    def __exit__(self, *_: object) -> None:
        self.close()


def _deletions(keys: Iterable[bytes]) -> list[tuple[str, list[tuple[bytes]]]]:
    rows = [(key,) for key in keys]
    return [(f"DELETE FROM {table} WHERE id = ?", rows) for table in ("text", "blob")]
