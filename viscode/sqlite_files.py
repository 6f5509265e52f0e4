"""SQLite files that several processes share: how they are opened, and what an error asks for.

Work in WAL mode waits for its turn by SQLite's own time-out. The switch to WAL does not: where
another process is writing the first rows of the file, SQLite refuses at once. So it is tried
again here until the same time is over.
"""

import errno
import sqlite3
import time
from pathlib import Path

BUSY_TIMEOUT_S = 60.0
PAUSE_S = 0.02
BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
FREE_SPACE = "free disk space"
MAKE_WRITABLE = "make the file and its folder writable, or set DVC_ROOT to a folder that is"
WAIT = "end the other runs that use the file, or wait for them, then run again"
SQLITE_REMEDIES = {
    **dict.fromkeys(BUSY, WAIT),
    sqlite3.SQLITE_FULL: FREE_SPACE,
    sqlite3.SQLITE_IOERR: f"check the disk and {FREE_SPACE}",
    **dict.fromkeys(
        (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM), MAKE_WRITABLE
    ),
}
OS_REMEDIES = {errno.ENOSPC: FREE_SPACE, errno.EDQUOT: FREE_SPACE}


def connect(path: Path, *, check_same_thread: bool = True) -> sqlite3.Connection:
    """A connection in autocommit mode; makes folder and file where there are none.

    Raises:
        OSError, sqlite3.Error: see `remedy`.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    return sqlite3.connect(
        path, timeout=BUSY_TIMEOUT_S, isolation_level=None, check_same_thread=check_same_thread
    )


def use_wal(db: sqlite3.Connection) -> None:
    """Switch to WAL, which many processes may do at once.

    Raises:
        sqlite3.Error: see `remedy`.
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


def remedy(error: Exception, damaged: str) -> str:
    """What to do about an error. `damaged`: what to do with a file that is no database any more."""
    if isinstance(error, OSError):
        return OS_REMEDIES.get(error.errno or 0, MAKE_WRITABLE)
    return SQLITE_REMEDIES.get(_code(error), damaged)


def _code(error: Exception) -> int:
    """SQLite's primary result code; 0 for what its Python module found wrong by itself."""
    return getattr(error, "sqlite_errorcode", 0) & 0xFF
