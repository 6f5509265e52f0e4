"""Deleted files that processes keep on the disk: open, mapped or run. Standard library only.

`python deleted.py DEVICE PID ...` prints what `held` returns, for a user who may look at processes
at which the program may not (root without the right to trace, as in many containers).
"""

import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from pathlib import Path

UNKNOWN_BYTES = 256 << 20  # of a mapped file whose size cannot be seen: the largest that may be
DELETED = " (deleted)"


def held(pids: Iterable[int], device: int) -> tuple[dict[int, int], list[int], list[int]]:
    """Bytes by inode of the deleted files on `device`; the processes that were looked at, and
    those that did not let themselves be looked at."""
    found: dict[int, int] = {}
    seen, shut = [], []
    for pid in pids:
        try:
            found.update(_held_by(pid, device))
            seen.append(pid)
        except PermissionError:
            shut.append(pid)
        except OSError:  # it has ended
            continue
    return found, seen, shut


def _held_by(pid: int, device: int) -> Iterator[tuple[int, int]]:
    for line in Path(f"/proc/{pid}/maps").read_text("utf-8", "replace").splitlines():
        if line.endswith(DELETED):
            yield from _mapped(pid, line.split(), device)
    for place in (*Path(f"/proc/{pid}/fd").iterdir(), Path(f"/proc/{pid}/exe")):
        with suppress(FileNotFoundError):
            yield from _deleted(place.stat(), device)


def _mapped(pid: int, fields: list[str], device: int) -> Iterator[tuple[int, int]]:
    """One mapping, as a line of /proc/PID/maps says: place, rights, offset, device, inode."""
    try:
        yield from _deleted(Path(f"/proc/{pid}/map_files/{fields[0]}").stat(), device)
    except PermissionError:  # only root may ask so
        major, minor = (int(part, 16) for part in fields[3].split(":"))
        if os.makedev(major, minor) == device:
            yield int(fields[4]), UNKNOWN_BYTES
    except FileNotFoundError:
        return


def _deleted(status: os.stat_result, device: int) -> Iterator[tuple[int, int]]:
    if status.st_nlink == 0 and status.st_dev == device:
        yield status.st_ino, status.st_blocks * 512


if __name__ == "__main__":
    print(json.dumps(held(map(int, sys.argv[2:]), int(sys.argv[1]))))  # noqa: T201 - its answer
