"""What a process tree holds, read from /proc: processes, threads, memory.

Memory is what its processes have resident and what their descriptors may hold in the kernel, which
is no process's: a pipe or a socket is full of data that nobody has read. What would hold memory
out of sight of both is refused (confine.py) or has limits of its own: files, on a tmpfs as on a
disk, count as disk.

A look is cheap as long as all is well: resident sizes count shared pages once per process, and any
descriptor for one that holds the most. Only where that sum is over the limit are proportional sizes
read and descriptors told apart. A tree that ends meanwhile is left out as far as it has ended.
"""

import os
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from contextlib import suppress
from dataclasses import dataclass
from itertools import islice

from viscode.execution.inside.linux import below

PAGE = os.sysconf("SC_PAGE_SIZE")
BUFFER_BYTES = 320 << 10  # that a pipe, a socket or an epoll descriptor may hold (confine.py)
OTHER_BYTES = 8 << 10  # that any other descriptor may: its file, its inode, a page that is read
TOLD_APART = 8192  # descriptors of a tree; more than these count as buffers, whatever they are
BUFFERS = ("socket:", "pipe:")
WAIT_S = 0.05  # for an exact answer, before other limits are looked at again
_looks = ThreadPoolExecutor(64, thread_name_prefix="looks")


@dataclass(frozen=True)
class Process:
    """One that has ended and waits for its parent to ask is a zombie: no thread of it has memory.
    `seen_as` is the thread that shows what all of them share: not the first one if that has ended
    and others go on."""

    pid: int
    threads: int
    seen_as: str
    resident: int  # bytes
    zombie: bool


def processes_below(*roots: int, at_most: int) -> list[Process]:
    """The processes below `roots`, without zombies that are a root's own children: these are not
    the script's to ask for. Of more than `at_most` some: a fork bomb would outrun a longer look."""
    found = ((parent, _process(pid)) for parent, pid in below(*roots))
    counted = (one for parent, one in found if not one.zombie or parent not in roots)
    return list(islice(counted, at_most))


def threads_of_all() -> int:
    """How many threads the machine runs; 0 where it does not say."""
    fields = _read("/proc/loadavg").split()
    return int(fields[3].split("/")[1]) if len(fields) > 3 else 0


def descendants(pid: int) -> list[int]:
    """The ids of all processes below `pid`, zombies too."""
    return [child for _, child in below(pid)]


def _process(pid: int) -> Process:
    threads = _entries(f"/proc/{pid}/task")
    for thread in [str(pid), *threads]:
        mapped, resident = _sizes(thread)
        if mapped:
            return Process(pid, len(threads), thread, resident * PAGE, zombie=False)
    return Process(pid, len(threads), str(pid), 0, zombie=True)


def _sizes(thread: str) -> tuple[int, int]:
    """Pages mapped and resident; (0, 0) of what has ended."""
    sizes = _read(f"/proc/{thread}/statm").split()
    return (int(sizes[0]), int(sizes[1])) if sizes else (0, 0)


class Memory:
    """The memory of one tree, looked at again and again. The kernel may take seconds for an exact
    answer, while processes fork all the time: then other limits do not wait for it."""

    def __init__(self) -> None:
        self._exact: Future[int] | None = None

    def exceeds(self, tree: list[Process], limit: int) -> bool:
        """Whether the tree holds more than `limit` bytes."""
        if self._exact is None:
            if at_most_bytes(tree) <= limit:
                return False
            self._exact = _looks.submit(exact_bytes, tree)
        wait([self._exact], WAIT_S)
        if not self._exact.done():
            return False
        exact, self._exact = self._exact.result(), None
        return exact > limit


def at_most_bytes(tree: list[Process]) -> int:
    """A bound that is cheap to find."""
    descriptors = sum(map(_descriptor_count, tree))
    return sum(process.resident for process in tree) + descriptors * BUFFER_BYTES


def memory_below(pid: int, limit: int) -> int:
    """Bytes of memory of the processes below `pid`, without what descriptors hold: resident sizes,
    proportional ones where these are over `limit` together."""
    tree = processes_below(pid, at_most=TOLD_APART)
    resident = sum(process.resident for process in tree)
    return resident if resident <= limit else sum(map(_proportional, tree))


def exact_bytes(tree: list[Process]) -> int:
    """Proportional sizes, and what the descriptors of the tree may hold."""
    held = _held_by_descriptors(tree, sum(map(_descriptor_count, tree)))
    return held + sum(map(_proportional, tree))


def _descriptor_count(process: Process) -> int:
    """How many it has open. Kernels before 6.2 do not say so in one word."""
    place = f"/proc/{process.seen_as}/fd"
    with suppress(OSError):
        return os.stat(place).st_size or len(_entries(place))  # noqa: PTH116 - a look is cheap
    return 0


def _held_by_descriptors(tree: list[Process], count: int) -> int:
    """Bytes that they may hold. One pipe or socket counts once, however many have it open."""
    buffers, held, seen = set(), 0, 0
    for target in _targets(tree):
        seen += 1
        if target.startswith(BUFFERS):
            buffers.add(target)
        else:
            held += BUFFER_BYTES if target.endswith("[eventpoll]") else OTHER_BYTES
    unseen = max(0, count - seen)  # they are too many, or /proc does not show them
    return held + (len(buffers) + unseen) * BUFFER_BYTES


def _targets(tree: list[Process]) -> Iterator[str]:
    left = TOLD_APART
    for process in tree:
        place = f"/proc/{process.seen_as}/fd"
        for number in _entries(place)[:left]:
            left -= 1
            with suppress(OSError):
                yield os.readlink(f"{place}/{number}")  # noqa: PTH115 - a look is cheap


def _proportional(process: Process) -> int:
    for line in _read(f"/proc/{process.seen_as}/smaps_rollup").splitlines():
        if line.startswith("Pss:"):
            return int(line.split()[1]) << 10
    return _sizes(process.seen_as)[1] * PAGE


def _entries(folder: str) -> list[str]:
    with suppress(OSError), os.scandir(folder) as entries:
        return [entry.name for entry in entries]
    return []


def _read(path: str) -> str:
    with suppress(OSError), open(path) as stream:  # noqa: PTH123 - a look is cheap
        return stream.read()
    return ""
