"""The image files that a script left in its folder, and the end of it. Standard library only.

The folder is a stranger's: links are not followed, what is no regular file is left out, and number
and size are bounded.
"""

import os
import shutil
import stat
import subprocess
from collections.abc import Collection, Iterator
from contextlib import suppress
from itertools import islice

# What decode.py can read. EPS and PS would take a program of their own.
SUFFIXES = (
    *(".png", ".jpg", ".jpeg", ".webp", ".gif", ".tif", ".tiff", ".bmp"),
    *(".svg", ".svgz", ".pdf"),
)
BOX_FOLDERS = ("work", "home", "tmp", "run", "config")  # of every script
COUNT_LIMIT = 20
BYTE_LIMIT = 64 << 20  # of all of them together
FOLDER_LIMIT = 10_000


def images_in(folder: str, given: Collection[str]) -> Iterator[bytes]:
    """Contents in name order, a folder's own files first; files `given` to the script do not
    count."""
    count, room = 0, BYTE_LIMIT
    if os.path.islink(folder):  # noqa: PTH114
        return
    with suppress(RecursionError):  # os.walk goes as deep as Python's recursion
        for place, folders, names in islice(os.walk(folder), FOLDER_LIMIT):
            folders.sort()
            for name in sorted(names):
                if name in given or not name.lower().endswith(SUFFIXES):
                    continue
                if data := _read_regular(f"{place}/{name}", room):
                    yield data
                    count, room = count + 1, room - len(data)
                if count == COUNT_LIMIT:
                    return


def remove_tree(folder: str) -> None:
    """Remove a stranger's folder, whatever permissions and however many levels it has."""
    with suppress(OSError, RecursionError):
        shutil.rmtree(folder)
    if os.path.lexists(folder):  # taken permissions, or deeper than Python's recursion goes
        quiet = {"stderr": subprocess.DEVNULL, "check": False}
        subprocess.run(["chmod", "-R", "u+rwx", folder], **quiet)  # type: ignore[call-overload]
        subprocess.run(["rm", "-rf", folder], **quiet)  # type: ignore[call-overload]


def _read_regular(path: str, limit: int) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return b""
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return b""
        data = stream.read(limit + 1)
    return data if len(data) <= limit else b""
