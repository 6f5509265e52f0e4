"""Landlock: where a process may read and write. Standard library only.

It needs no privileges and cannot be undone by whatever the process becomes.
"""

# ruff: noqa: PTH112
from __future__ import annotations

import ctypes
import os
import struct
from errno import ENOSYS

from .linux import SYS_LANDLOCK, check, libc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
TRUNCATE, REFER = 1 << 14, 1 << 13
EVERYTHING = (1 << 15) - 1
FILE_RIGHTS = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE
READ = EXECUTE | READ_FILE | READ_DIR
NET_TCP, SCOPES = 3, 3  # bind and connect; abstract sockets and signals
REFERS, TRUNCATES, CONNECTS, SIGNALS = 2, 3, 4, 6  # the versions that bound these first


def version() -> int:
    """The kernel's Landlock version, 0 where there is none."""
    return max(0, int(libc.syscall(SYS_LANDLOCK, None, ctypes.c_size_t(0), 1)))


def restrict(readable: Sequence[str], writable: Sequence[str], abi: int, *, required: bool) -> None:
    """From here on: read and execute below `readable`, everything below `writable`, nothing
    elsewhere; no TCP, no signals and no abstract sockets to processes outside, as far as version
    `abi` goes. Paths that do not exist are left out. Where there is no Landlock and it is not
    `required`, nothing happens."""
    if not abi and not required:
        return
    if not abi:
        raise OSError(ENOSYS, "no Landlock")
    handled = EVERYTHING & ~(0 if abi >= TRUNCATES else TRUNCATE)
    handled &= ~(0 if abi >= REFERS else REFER)
    size = 24 if abi >= SIGNALS else 16 if abi >= CONNECTS else 8
    record = struct.pack("=QQQ", handled, NET_TCP, SCOPES)[:size]
    ruleset = check(
        libc.syscall(SYS_LANDLOCK, record, ctypes.c_size_t(len(record)), 0), "landlock ruleset"
    )
    for paths, rights in ((readable, READ), (writable, EVERYTHING)):
        for path in paths:
            _allow(ruleset, path, rights & handled)
    check(libc.syscall(SYS_LANDLOCK + 2, ruleset, 0), "landlock restrict")
    os.close(ruleset)


def _allow(ruleset: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    if not os.path.isdir(path):
        rights &= FILE_RIGHTS
    rule = struct.pack("=Qi", rights, place)
    result = libc.syscall(SYS_LANDLOCK + 1, ruleset, 1, rule, 0)
    os.close(place)
    check(result, f"landlock rule {path}")
