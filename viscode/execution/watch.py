"""Watches one sandboxed process tree from outside and ends it when it goes over its totals.

Limits per process (rlimits) cannot bound a tree, so this thread adds up what all processes below
the launcher use (usage.py).
"""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from viscode.execution.disk import DiskWatch
from viscode.execution.sandbox import Sandbox, processes_beside, stop
from viscode.execution.usage import Memory, processes_below

INTERVAL_S = 0.05
CPU_FACTOR = 4  # processor seconds per wall second
ADDRESS_FACTOR = 4  # address space that may be mapped, used or not, per byte of the memory limit


@dataclass(frozen=True)
class Limits:
    """What one script may use. The timeout interrupts it; `grace_s` later it is killed. `tasks` are
    threads, and processes that have ended and were not asked for. `beside`: how many scripts run
    at the same time."""

    timeout_s: float
    memory_mb: int
    grace_s: float = 5.0
    disk_mb: int = 512
    processes: int = 100
    tasks: int = 256
    beside: int = 1

    def of_process(self, sandbox: Sandbox) -> dict[str, int]:
        """Limits of each single process: a backstop behind the totals."""
        limits = sandbox.limits((self.timeout_s + self.grace_s) * CPU_FACTOR)
        if "NPROC" in limits:
            limits["NPROC"] = processes_beside(self.beside)
        return {**limits, "AS": (self.memory_mb << 20) * ADDRESS_FACTOR}


class TreeWatch:
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
        self.limits = limits
        self._disk = DiskWatch(scratch, limits.disk_mb << 20)
        self.waited_s = waited_s
        self.started: float | None = None
        self.interrupted = False
        self.killed_for = ""
        self._totals = Totals(limits, process.pid)
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
        while not self._done.wait(INTERVAL_S) and not self.killed_for:
            self.killed_for = self._broken()
            if self.killed_for:
                stop(self.process)

    def _broken(self) -> str:
        broken = self._totals.broken()
        if broken:
            return broken
        if self._disk.broken(self._totals.pids):
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
) -> Iterator[TreeWatch]:
    """Watch `process` (the launcher) as long as the context lasts; `waited_s`: see TreeWatch."""
    watch = TreeWatch(process, scratch, limits, waited_s)
    watch.start()
    try:
        yield watch
    finally:
        watch.end()


class Totals:
    """What all processes below `roots` may use together. `pids`: those seen by the last look."""

    def __init__(self, limits: Limits, *roots: int) -> None:
        self.limits, self.roots, self._memory = limits, roots, Memory()
        self.pids: list[int] = []

    def broken(self) -> str:
        """The name of the limit that is broken, or ""."""
        limits = self.limits
        tree = processes_below(*self.roots, at_most=limits.tasks + 1)
        running = [process for process in tree if not process.zombie]
        self.pids = [process.pid for process in running]
        if len(running) > limits.processes or sum(one.threads for one in tree) > limits.tasks:
            return "ProcessLimit"
        return "MemoryLimit" if self._memory.exceeds(running, limits.memory_mb << 20) else ""
