"""What a fork costs in memory pages, and how to pay less. Standard library only.

A fork copies a page table entry for each page of its parent, gives each back at its end, and copies
a page at the first write to it (Python's reference counts make most reads of objects writes). So a
warm process keeps its memory in large pages; and since scripts of one kind write to the same pages,
a process copies those ahead as long as it has no script (MADV_POPULATE_WRITE, Linux 5.14): nothing
is lost where the next script is already there, and time is won where it is not.
"""

# ruff: noqa: PTH123
from __future__ import annotations

import array
import ctypes
import resource
import select
import socket
from collections.abc import Iterable, Iterator

from .linux import libc

PAGE, LARGE_PAGE = resource.getpagesize(), 2 << 20
BATCH = 16
MADV_HUGEPAGE, MADV_POPULATE_WRITE, MADV_COLLAPSE = 14, 23, 25
PRESENT, FILE_OR_SHARED, EXCLUSIVE = 1 << 63, 1 << 61, 1 << 56  # of an entry in pagemap


def use_large_pages() -> None:
    """Gather this process's memory into large pages, as far as the kernel can."""
    for start, end in writable_memory():
        start, end = -(-start // LARGE_PAGE) * LARGE_PAGE, end // LARGE_PAGE * LARGE_PAGE
        if start >= end:
            continue
        advise(start, end, MADV_HUGEPAGE)
        for place in range(start, end, LARGE_PAGE):
            advise(place, place + LARGE_PAGE, MADV_COLLAPSE)


def writable_memory(*, anonymous: bool = True) -> Iterator[tuple[int, int]]:
    """(start, end) of this process's own writable memory, without that of files if `anonymous`."""
    try:
        with open("/proc/self/maps") as stream:
            lines = stream.read().splitlines()
    except OSError:  # a container without /proc
        return
    for line in lines:
        place, rights, _, _, inode, *_ = line.split()
        if rights[1] == "w" and rights[3] == "p" and (inode == "0" or not anonymous):
            start, end = place.split("-")
            yield int(start, 16), int(end, 16)


def written() -> list[list[int]]:
    """(start, end) of the runs of pages that this fork has for itself alone."""
    runs: list[list[int]] = []
    try:
        with open("/proc/self/pagemap", "rb", buffering=0) as pagemap:
            for start, end in writable_memory(anonymous=False):
                pagemap.seek(start // PAGE * 8)
                entries = array.array("Q", pagemap.read((end - start) // PAGE * 8))
                for number, entry in enumerate(entries):
                    if entry & EXCLUSIVE and entry & PRESENT and not entry & FILE_OR_SHARED:
                        place = start + number * PAGE
                        if runs and runs[-1][1] == place:
                            runs[-1][1] = place + PAGE
                        else:
                            runs.append([place, place + PAGE])
    except OSError:
        return []
    return runs


def copy_ahead(runs: Iterable[list[int]], until: socket.socket) -> None:
    """Have these pages for this process alone before they are written to, a few at a time until the
    socket `until` has something to read. Memory that is not there is left out."""
    for number, (start, end) in enumerate(runs):
        if number % BATCH == 0 and select.select([until], [], [], 0)[0]:
            return
        advise(start, end, MADV_POPULATE_WRITE)


def advise(start: int, end: int, advice: int) -> None:
    libc.madvise(ctypes.c_void_p(start), ctypes.c_size_t(end - start), advice)
