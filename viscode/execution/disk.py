"""What the processes of a script have on the disk, where no file system of its own bounds it.

Folders are walked by descriptors, not by paths, so there may be as many levels as a script likes.
Files that are deleted but open, run or mapped take room as well. Entries are counted, because an
empty file takes no block and a million of them fill a disk all the same.

What cannot be counted (a folder that is moved while it is looked through, a process that hides
its descriptors) does not end a script at once, but does when it stays so.
"""

import json
import os
import stat
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

from viscode.execution.inside import deleted
from viscode.execution.inside.launch import TMPFS_INODES
from viscode.execution.inside.linux import NOBODY

ENTRIES = TMPFS_INODES  # files and folders that a script may have, as in mode A
SHARE = 0.1  # of the time may go into looking
UNCOUNTED = 20  # looks in a row at which something may stay uncounted
LOOK_TIMEOUT_S = 10.0
FOLDER_FLAGS = os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC


class DiskWatch:
    """Looks at a folder and the processes that use it, as often as `SHARE` of the time allows."""

    def __init__(self, folder: Path, limit_bytes: int) -> None:
        self.folder, self.limit_bytes = folder, limit_bytes
        self._next = 0.0  # when to look again
        self._uncounted = 0  # looks in a row that did not count all
        self._seen = False  # some process could be looked at

    def broken(self, tree: list[int]) -> bool:
        """Whether the folder and the processes `tree` hold more than they may."""
        begun = time.monotonic()
        if begun < self._next:
            return False
        usage = DiskUsage(self.limit_bytes)
        usage.count_folder(self.folder)
        self._count_deleted(usage, tree)
        ended = time.monotonic()
        self._next = ended + (ended - begun) / SHARE if usage.complete else ended
        self._uncounted = 0 if usage.complete else self._uncounted + 1
        return usage.too_much or self._uncounted > UNCOUNTED

    def _count_deleted(self, usage: "DiskUsage", tree: list[int]) -> None:
        found, seen, shut = deleted.held(tree, usage.device)
        if shut and os.geteuid() == 0:
            more, also, shut = _look_as_nobody(shut, usage.device)
            found, seen = found | more, seen + also
        usage.count_files(found)
        self._seen |= bool(seen)
        usage.complete &= not (shut and self._seen)


class DiskUsage:
    """Bytes and entries found so far, and whether that is all there is. Each file counts once."""

    def __init__(self, limit_bytes: int) -> None:
        self.limit_bytes, self.bytes, self.entries, self.complete = limit_bytes, 0, 0, True
        self.device = -1
        self._files: set[int] = set()  # inodes of those that could be met again

    @property
    def too_much(self) -> bool:
        return self.bytes > self.limit_bytes or self.entries > ENTRIES

    def count_folder(self, folder: Path) -> None:
        """All below `folder`, links not followed. Ends early when it is too much."""
        try:
            here = _open_folder(str(folder))
        except FileNotFoundError:  # the script has ended
            return
        self.device = os.fstat(here).st_dev
        above: list[tuple[os.stat_result, list[str]]] = []  # the folders that lead here
        try:
            waiting = self._entries(here)
            while (waiting or above) and not self.too_much:
                if waiting:
                    there = _open_below(waiting.pop(), here)
                    if there is not None:
                        above.append((os.fstat(here), waiting))
                        os.close(here)
                        here, waiting = there, self._entries(there)
                else:
                    there = os.open("..", os.O_PATH | FOLDER_FLAGS, dir_fd=here)
                    os.close(here)
                    here = there
                    expected, waiting = above.pop()
                    if not os.path.samestat(os.fstat(here), expected):  # it was moved
                        self.complete = False
                        return
        except OSError:
            self.complete = False
        finally:
            os.close(here)

    def _entries(self, folder: int) -> list[str]:
        """Count what lies in a folder; returns the names of the folders in it."""
        folders: list[str] = []
        readable = os.open(".", os.O_RDONLY | FOLDER_FLAGS, dir_fd=folder)
        try:
            self._add(os.fstat(readable))
            with os.scandir(readable) as entries:
                for entry in entries:
                    self.entries += 1
                    if self.too_much:
                        break
                    if entry.is_dir(follow_symlinks=False):
                        folders.append(entry.name)
                    else:
                        with suppress(FileNotFoundError):
                            self._add(entry.stat(follow_symlinks=False))
        finally:
            os.close(readable)
        return folders

    def count_files(self, sizes: dict[int, int]) -> None:
        """Files of which no name is left: bytes by inode."""
        self.bytes += sum(size for inode, size in sizes.items() if inode not in self._files)

    def _add(self, status: os.stat_result) -> None:
        if status.st_nlink != 1 and not stat.S_ISDIR(status.st_mode):
            if status.st_ino in self._files:
                return
            self._files.add(status.st_ino)
        self.bytes += status.st_blocks * 512


def _open_below(name: str, folder: int) -> int | None:
    """A folder in `folder`; None where it has gone or is none any more."""
    try:
        return _open_folder(name, folder)
    except (FileNotFoundError, NotADirectoryError):
        return None


def _open_folder(path: str, folder: int | None = None) -> int:
    """A descriptor of a folder, which its owner may read from now on: what is shut must be counted.
    The change is made through the descriptor, because a path may be another one by then."""
    found = os.open(path, os.O_PATH | FOLDER_FLAGS, dir_fd=folder)
    status = os.fstat(found)
    mode = stat.S_IMODE(status.st_mode)
    if mode & 0o500 != 0o500 and status.st_uid == os.geteuid():
        os.chmod(f"/proc/self/fd/{found}", mode | 0o500)  # noqa: PTH101 - no path of a file
    return found


def _look_as_nobody(pids: list[int], device: int) -> tuple[dict[int, int], list[int], list[int]]:
    """`held` for processes of the user that root's scripts run as, by a process of that user."""
    program = [sys.executable, "-I", "-S", deleted.__file__, str(device), *map(str, pids)]
    try:
        done = subprocess.run(
            program, user=NOBODY, group=NOBODY, extra_groups=[], env={}, capture_output=True,
            timeout=LOOK_TIMEOUT_S, check=True,
        )  # fmt: skip
    except (OSError, subprocess.SubprocessError):
        return {}, [], pids
    found, seen, shut = json.loads(done.stdout)
    return {int(inode): size for inode, size in found.items()}, seen, shut
