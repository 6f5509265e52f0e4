"""Files and folders that appear whole: prepared beside their place, then put there.

A file is put in its place by one rename. So is a folder where none is yet; else the two change
places in one step (renameat2), and the old one is removed. Where the file system cannot do that,
the old folder is set aside first: a process that is killed then leaves its place empty, and
`recover`, which the next writer and the readers of tables call, puts the old one back.
"""

import ctypes
import errno
import os
import shutil
from pathlib import Path

AT_FDCWD, RENAME_EXCHANGE = -100, 2
CANNOT = (errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP)


def partial_of(target: Path) -> Path:
    """The hidden sibling under which `target` is prepared; what a killed run left is removed."""
    recover(target)
    partial = target.with_name(f".{target.name}.partial")
    if partial.is_dir():
        shutil.rmtree(partial)
    elif partial.exists():
        partial.unlink()
    partial.parent.mkdir(parents=True, exist_ok=True)
    return partial


def replace(partial: Path, target: Path) -> None:
    """Put a finished file or folder in its place. A folder's contents are synced before."""
    if not partial.is_dir():
        _sync(partial)
        partial.rename(target)
        return
    for path in sorted(partial.rglob("*")):
        if path.is_file():
            _sync(path)
    recover(target)
    if not target.exists():
        partial.rename(target)
    elif exchange(partial, target):
        shutil.rmtree(partial)
    else:
        target.rename(_aside(target))
        partial.rename(target)
        recover(target)


def recover(target: Path) -> None:
    """Finish what a killed `replace` has left: the old folder goes back where the new one did not
    come into its place, and is removed where it did."""
    aside = _aside(target)
    if not aside.exists():
        return
    if target.exists():
        shutil.rmtree(aside)
    else:
        aside.rename(target)


def exchange(one: Path, other: Path) -> bool:
    """Let two paths change places in one step; False where the file system cannot.

    Raises:
        OSError: it can, and did not.
    """
    renameat2 = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if renameat2 is None:
        return False
    places = AT_FDCWD, os.fsencode(one), AT_FDCWD, os.fsencode(other)
    if renameat2(*places, RENAME_EXCHANGE) == 0:
        return True
    number = ctypes.get_errno()
    if number in CANNOT:
        return False
    raise OSError(number, os.strerror(number), str(other))


def _aside(target: Path) -> Path:
    return target.with_name(f".{target.name}.old")


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
