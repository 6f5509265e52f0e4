"""Watches one sandboxed process tree from outside and ends it when it goes over its totals.

Limits per process (rlimits) cannot bound a tree, so this thread adds up what all processes below
the launcher use. Resident memory counts shared pages once per process, which is cheap and too
much; only when that sum is over the limit are the proportional sizes asked for.
"""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

from viscode.execution.sandbox import Sandbox, stop

INTERVAL_S = 0.05
DISK_EVERY = 10  # rounds between two looks at the disk
CPU_FACTOR = 4  # processor seconds per wall second
ADDRESS_FACTOR = 4  # address space that may be mapped, used or not, per byte of the memory limit
PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Limits:
    """What one script may use. The timeout interrupts it; `grace_s` later it is killed."""

    timeout_s: float
    memory_mb: int
    grace_s: float = 5.0
    disk_mb: int = 512
    processes: int = 100

    def of_process(self, sandbox: Sandbox) -> dict[str, int]:
        """Limits of each single process: a backstop behind the totals."""
        limits = sandbox.limits((self.timeout_s + self.grace_s) * CPU_FACTOR)
        return {**limits, "AS": (self.memory_mb << 20) * ADDRESS_FACTOR}


class Watch:
    """The state of one watched tree. `killed_for` names the limit that was broken, or is "".
    `waited_s`: for how many seconds since it began to run the clock of its code stood still."""

    def __init__(
        self,
        process: "subprocess.Popen[bytes]",
        scratch: Path,
        limits: Limits,
        waited_s: Callable[[], float] = lambda: 0.0,
    ) -> None:
        self.process = process
        self.scratch = scratch
        self.limits = limits
        self.waited_s = waited_s
        self.started: float | None = None
        self.interrupted = False
        self.killed_for = ""
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="watch", daemon=True)

    def start_clock(self) -> None:
        """Code starts now: neither kernel start-up nor earlier code counts against its time."""
        self.interrupted = False
        self.started = time.monotonic()

    def stop_clock(self) -> None:
        """The code has ended, its process goes on."""
        self.started = None

    def start(self) -> None:
        self._thread.start()

    def end(self) -> None:
        self._done.set()
        self._thread.join()

    def _loop(self) -> None:
        rounds = 0
        while not self._done.wait(INTERVAL_S) and not self.killed_for:
            rounds += 1
            self.killed_for = self._broken(rounds)
            if self.killed_for:
                stop(self.process)

    def _broken(self, rounds: int) -> str:
        broken = totals_broken(descendants(self.process.pid), self.limits)
        if broken:
            return broken
        if rounds % DISK_EVERY == 0 and disk_bytes(self.scratch) > self.limits.disk_mb << 20:
            return "DiskLimit"
        return self._time()

    def _time(self) -> str:
        started = self.started  # another thread stops the clock
        used = 0.0 if started is None else time.monotonic() - started - self.waited_s()
        if used > self.limits.timeout_s + self.limits.grace_s:
            return "TimeLimit"
        if used > self.limits.timeout_s and not self.interrupted:
            self.interrupted = True
            try:
                os.killpg(self.process.pid, signal.SIGINT)
            except ProcessLookupError:
                return ""
        return ""


@contextmanager
def watching(
    process: "subprocess.Popen[bytes]",
    scratch: Path,
    limits: Limits,
    waited_s: Callable[[], float] = lambda: 0.0,
) -> Iterator[Watch]:
    """Watch `process` (the launcher) as long as the context lasts; `waited_s` as Watch has it."""
    watch = Watch(process, scratch, limits, waited_s)
    watch.start()
    try:
        yield watch
    finally:
        watch.end()


def totals_broken(tree: list[int], limits: Limits) -> str:
    """The name of the limit that all processes of a script together break, or ""."""
    if len(tree) > limits.processes:
        return "ProcessLimit"
    if memory_bytes(tree, limits.memory_mb << 20) > limits.memory_mb << 20:
        return "MemoryLimit"
    return ""


def descendants(pid: int) -> list[int]:
    """All processes below `pid`. One that ends meanwhile is left out."""
    found, queue = [], [pid]
    while queue:
        children = _children(queue.pop())
        found += children
        queue += children
    return found


def _children(pid: int) -> list[int]:
    children: list[int] = []
    try:
        for task in Path(f"/proc/{pid}/task").iterdir():
            children += map(int, (task / "children").read_text().split())
    except OSError:
        return children
    return children


def memory_bytes(tree: list[int], limit: int) -> int:
    """Memory of the tree: the sum of resident sizes, refined only when it exceeds `limit`."""
    total = sum(_resident(pid) for pid in tree)
    return total if total <= limit else sum(_proportional(pid) for pid in tree)


def _resident(pid: int) -> int:
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * PAGE
    except (OSError, IndexError):
        return 0


def _proportional(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return _resident(pid)
    sizes = [line.split()[1] for line in text.splitlines() if line.startswith("Pss:")]
    return int(sizes[0]) << 10 if sizes else _resident(pid)


def disk_bytes(folder: Path) -> int:
    """Bytes on disk below `folder`, links not followed, however many levels there are."""
    total, waiting = 0, [str(folder)]
    while waiting:
        with suppress(OSError), os.scandir(waiting.pop()) as entries:
            for entry in entries:
                if entry.is_dir(follow_symlinks=False):
                    waiting.append(entry.path)
                else:
                    with suppress(OSError):
                        total += entry.stat(follow_symlinks=False).st_blocks * 512
    return total
