"""Errors meant for the person at the terminal: one line that says what, where and what to do."""

import errno
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

EXIT_INTERRUPTED = 130
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


class UserError(Exception):
    """A foreseeable failure of input, parameters or machine.

    A stage prints it as one line and exits with status 1; it never shows a traceback for it.
    """

    def __init__(self, what: str, *, where: str = "", todo: str = "") -> None:
        self.what = what
        self.where = where
        self.todo = todo
        super().__init__(str(self))

    def __str__(self) -> str:
        place = f" ({self.where})" if self.where else ""
        advice = f" -> {self.todo}" if self.todo else ""
        return printable(" ".join(f"{self.what}{place}{advice}".split()))


def printable(text: str, but: str = "") -> str:
    """Text that any terminal takes and that cannot move its cursor: characters that do not print,
    `but` for these, as escapes."""
    return "".join(c if c.isprintable() or c in but else f"\\x{ord(c):02x}" for c in text)


def readable(error: OSError, place: Path | None = None) -> UserError | None:
    """What the system refuses as one line, with the place that it names, else `place`, else the
    current folder; None for what is no state of the machine."""
    number = error.errno or 0
    if number not in ADVICE:
        return None
    what, todo = ADVICE[number]
    named = isinstance(error.filename, str | bytes)
    where = Path(os.fsdecode(error.filename)) if named else place or Path.cwd()
    if number in (errno.EACCES, errno.EPERM):
        what += _owner(where)
    return UserError(what, where=str(where), todo=todo)


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


@contextmanager
def ending_in_one_line(name: str = "") -> Iterator[None]:
    """End the process with one line on stderr where what was to be expected fails (status 1), and
    on Ctrl-C. A bug keeps its traceback. `name` says who speaks."""
    status = 1
    try:
        yield
        return
    except UserError as error:
        message = str(error)
    except OSError as error:
        if (told := readable(error)) is None:
            raise
        message = str(told)
    except ModuleNotFoundError as error:
        if error.name is None or error.name.startswith("viscode"):
            raise
        message = f"this needs {error.name}, which is not installed -> "
        message += "pip install 'viscode[data,train]'"
    except KeyboardInterrupt:
        message = "interrupted -> run the same command again to go on"
        status = EXIT_INTERRUPTED
    speaker = f"viscode: {name}: " if name else "viscode: "
    sys.stderr.write(f"{speaker}{message}\n")
    sys.exit(status)
