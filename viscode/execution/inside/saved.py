"""The image files that a script left in its folder. Standard library only.

The folder is a stranger's: links are not followed, what is no regular file is left out, and number
and size are bounded.
"""

import os
import stat
from collections.abc import Collection, Iterator

SUFFIXES = (".png", ".jpg", ".jpeg")
COUNT_LIMIT = 20
BYTE_LIMIT = 64 << 20


def images_in(folder: str, given: Collection[str]) -> Iterator[bytes]:
    """Contents in name order; the files `given` to the script do not count."""
    count = 0
    for place, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names):
            if name.lower().endswith(SUFFIXES) and name not in given:
                data = _read_regular(f"{place}/{name}")
                if data:
                    yield data
                    count += 1
            if count >= COUNT_LIMIT:
                return


def _read_regular(path: str) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return b""
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return b""
        data = stream.read(BYTE_LIMIT + 1)
    return data if len(data) <= BYTE_LIMIT else b""
