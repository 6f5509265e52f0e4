"""What the system refuses, in words: which place, why, and what to do about it."""

import errno
import os
from pathlib import Path

from viscode.core.errors import UserError

AGAIN = "then run the same command again"
ADVICE = {  # errno: (what is wrong, what to do)
    errno.ENOSPC: ("no space left on the disk", f"free some, {AGAIN}"),
    errno.EDQUOT: ("the quota of disk space is used up", f"free some, {AGAIN}"),
    errno.EROFS: ("mounted read-only", "mount it to be written, or work in another folder"),
    errno.EACCES: ("no permission", "change its owner or permissions, or work in another folder"),
    errno.EPERM: ("not permitted", "change its owner or attributes, or work in another folder"),
    errno.ENOTDIR: ("a file where a folder is needed", "move the file away"),
    errno.EISDIR: ("a folder where a file is needed", "move the folder away"),
    errno.EEXIST: ("a file where a folder is needed", "move the file away"),
    errno.ELOOP: ("a link that leads to itself", "remove the link"),
    errno.ENAMETOOLONG: ("a name that is too long", "choose a shorter one"),
    errno.EFBIG: ("a file larger than may be", "raise the limit (ulimit -f)"),
    errno.EMFILE: ("too many open files", "raise the limit (ulimit -n), or lower run.workers"),
    errno.ENFILE: ("too many open files on this machine", "end other programs"),
    errno.EIO: ("the disk does not read or write", "check the disk, and what the system logged"),
}


def readable(error: OSError, place: Path | None = None) -> UserError | None:
    """The error as one line, with the place that it names, else `place`, else the current folder;
    None for what is no state of the machine."""
    number = error.errno or 0
    if number not in ADVICE:
        return None
    what, todo = ADVICE[number]
    where = Path(os.fsdecode(error.filename)) if _is_path(error.filename) else place or Path.cwd()
    if number in (errno.EACCES, errno.EPERM):
        what += _owner(where)
    return UserError(what, where=str(where), todo=todo)


def _is_path(name: object) -> bool:
    return isinstance(name, str | bytes) and bool(name)


def _owner(place: Path) -> str:
    """Whose the place is, or the folder that it would lie in, if it is another user's."""
    for path in (place, *place.absolute().parents):
        try:
            owner = path.stat().st_uid
        except OSError:
            continue
        if owner == os.geteuid():
            return ""
        name = path if path != place else "it"
        return f": {name} belongs to user {owner}, this is user {os.geteuid()}"
    return ""


def why_unwritable(path: Path) -> OSError | None:
    """The error of a write to `path`, or of a new file beside it; None where both go well. The file
    is left as it is."""
    probe = path.with_name(f".{path.name}.{os.getpid()}.probe")
    try:
        if path.exists():
            os.close(os.open(path, os.O_RDWR))
        try:
            probe.write_bytes(bytes(1 << 16))
        finally:
            probe.unlink(missing_ok=True)
    except OSError as error:
        error.filename = str(path if error.filename == str(path) else path.parent)
        return error
    return None
