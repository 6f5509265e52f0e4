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
from pathlib import Path

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
    count, room, waiting = 0, BYTE_LIMIT, [] if Path(folder).is_symlink() else [folder]
    for _ in range(FOLDER_LIMIT):
        if not waiting or count >= COUNT_LIMIT:
            return
        place = waiting.pop()
        folders, names = _entries(place)
        waiting += [f"{place}/{name}" for name in reversed(folders)]
        for name in names:
            if name.lower().endswith(SUFFIXES) and name not in given and count < COUNT_LIMIT:
                data = _read_regular(f"{place}/{name}", room)
                if data:
                    yield data
                    count, room = count + 1, room - len(data)


def _entries(place: str) -> tuple[list[str], list[str]]:
    """Sorted names of the folders and of all else in a folder, links among the latter."""
    try:
        with os.scandir(place) as entries:
            kinds = [(entry.name, entry.is_dir(follow_symlinks=False)) for entry in entries]
    except OSError:
        return [], []
    folders = sorted(name for name, is_folder in kinds if is_folder)
    return folders, sorted(name for name, is_folder in kinds if not is_folder)


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
