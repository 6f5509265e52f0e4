"""Files and folders that appear whole: prepared beside their place, then put there.

A file is put in its place by one rename. So is a folder where none is yet; else the two change
places in one step (renameat2), and the old one is removed. Where the file system cannot do that,
the old folder is set aside first: a process that is killed then leaves its place empty, and
`recover`, which the next writer and the readers of tables call, puts the old one back.
"""

import ctypes
import errno
import json
import math
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

from viscode.core.errors import UserError

AT_FDCWD, RENAME_EXCHANGE = -100, 2
CANNOT = (errno.ENOSYS, errno.EINVAL, errno.EOPNOTSUPP)


def partial_of(target: Path) -> Path:
    """The hidden sibling under which `target` is prepared; what a killed run left is removed. Of a
    link to a folder it is a sibling of that folder."""
    target = _followed(target)
    recover(target)
    partial = target.with_name(f".{target.name}.partial")
    remove(partial)
    partial.parent.mkdir(parents=True, exist_ok=True)
    return partial


def replace(partial: Path, target: Path) -> None:
    """Put a finished file or folder in its place. A folder's contents are synced before. A link to
    a folder stays, and the folder that it leads to is replaced; a file takes the place of a link.

    Raises:
        UserError: a file is to take the place of a folder, or a folder that of a link that leads
            to none.
    """
    if not partial.is_dir():
        if target.is_dir():
            raise UserError(
                "a folder where a file is to be written", where=str(target), todo="move it away"
            )
        _sync(partial)
        partial.rename(target)
        return
    target = _followed(target)
    if target.is_symlink():
        raise UserError(
            "a link that leads to no folder",
            where=str(target),
            todo="remove it, or make its target",
        )
    for path in sorted(partial.rglob("*")):
        if path.is_file():
            _sync(path)
    recover(target)
    if not target.exists():
        partial.rename(target)
    elif exchange(partial, target):
        remove(partial)
    else:
        target.rename(_aside(target))
        partial.rename(target)
        recover(target)


def write_text(target: Path, text: str) -> None:
    """Write a text file whole or not at all (UTF-8)."""
    write_bytes(target, text.encode("utf-8"))


def write_bytes(target: Path, content: bytes) -> None:
    """Write a binary file whole or not at all."""
    partial = partial_of(target)
    partial.write_bytes(content)
    replace(partial, target)


def write_json(target: Path, value: object) -> None:
    """Write a metrics file: indented JSON with sorted keys, whole or not at all.

    Raises:
        UserError: a number that JSON does not have, with its key.
    """
    for key, number in _not_finite(value):
        raise UserError(
            f"{key or 'the value'} is {number}, which is no number in JSON",
            where=str(target),
            todo="see how it was computed: this is never written",
        )
    write_text(target, json.dumps(value, indent=2, sort_keys=True, ensure_ascii=False) + "\n")


def _not_finite(value: object, key: str = "") -> Iterator[tuple[str, float]]:
    """NaN and infinities in a JSON value, each with its dotted key."""
    if isinstance(value, float) and not math.isfinite(value):
        yield key, value
    elif isinstance(value, dict):
        for name, part in value.items():
            yield from _not_finite(part, f"{key}.{name}".lstrip("."))
    elif isinstance(value, list | tuple):
        for number, part in enumerate(value):
            yield from _not_finite(part, f"{key}[{number}]")


def recover(target: Path) -> None:
    """Finish what a killed `replace` has left: the old folder goes back where the new one did not
    come into its place, and is removed where it did."""
    target = _followed(target)
    aside = _aside(target)
    if not aside.exists():
        return
    if target.exists():
        remove(aside)
    else:
        aside.rename(target)


def remove(path: Path) -> None:
    """Remove a file, a link, a folder with all in it, or nothing."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def _followed(target: Path) -> Path:
    """Where a link leads to, if it leads to a folder; else `target` itself."""
    return target.resolve() if target.is_symlink() and target.is_dir() else target


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
    with path.open("rb") as stream:
        os.fsync(stream.fileno())
