"""SQLite files that several processes share: how they are opened, and what an error asks for.

Work in WAL mode waits for its turn by SQLite's own time-out. The switch to WAL does not: where
another process is writing the first rows of the file, SQLite refuses at once. So it is tried
again here until the same time is over.
"""

import sqlite3
import tempfile
import time
from pathlib import Path

from viscode.core.errors import UserError, readable

BUSY_TIMEOUT_S = 60.0
PAUSE_S = 0.02
BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
WAIT = "end the other runs that use the file, or wait for them, then run again"
ELSEWHERE = "or set DVC_ROOT to another folder"
OF_PLACE = (
    sqlite3.SQLITE_READONLY,
    sqlite3.SQLITE_CANTOPEN,
    sqlite3.SQLITE_PERM,
    sqlite3.SQLITE_IOERR,
    sqlite3.SQLITE_FULL,
)
"""SQLite's codes for what the system refuses. They do not say why: a full disk may show as any."""


def connect(path: Path, *, check_same_thread: bool = True) -> sqlite3.Connection:
    """A connection in autocommit mode; makes folder and file where there are none.

    Raises:
        OSError, sqlite3.Error: see `failure`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    return sqlite3.connect(
        path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=check_same_thread
    )


def use_wal(db: sqlite3.Connection) -> None:
    """Switch to WAL, which many processes may do at once.

    Raises:
        sqlite3.Error: see `failure`.
    """
    give_up = time.monotonic() + BUSY_TIMEOUT_S
    while True:
        try:
            db.execute("PRAGMA journal_mode=WAL")
            break
        except sqlite3.OperationalError as error:
            if _code(error) not in BUSY or time.monotonic() > give_up:
                raise
            time.sleep(PAUSE_S)
    db.execute("PRAGMA synchronous=NORMAL")


def failure(what: str, error: Exception, path: Path, damaged: str) -> UserError:
    """The error as one line with what to do about it. `what` the file is; `damaged`: what to do
    with a file that is no database any more."""
    code = _code(error)
    cause = _refused(path) if code in OF_PLACE else error
    if isinstance(cause, OSError) and (told := readable(cause, path)) is not None:
        says = f"{what}: {error}: {told.what}"
        return UserError(says, where=told.where, todo=f"{told.todo}, {ELSEWHERE}")
    todo = WAIT if code in BUSY else damaged
    if code == sqlite3.SQLITE_FULL:  # by a limit of its own
        todo = "free disk space"
    return UserError(f"{what}: {error}", where=str(path), todo=todo)


def _refused(path: Path) -> OSError | None:
    """What the system says to a write to the file and to one beside it."""
    try:
        path.open("ab").close()
        with tempfile.TemporaryFile(dir=path.parent) as probe:
            probe.write(bytes(1 << 16))
    except OSError as error:
        if error.filename != str(path):
            error.filename = str(path.parent)
        return error
    return None


def _code(error: Exception) -> int:
    """SQLite's primary result code; 0 for what its Python module found wrong by itself."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
