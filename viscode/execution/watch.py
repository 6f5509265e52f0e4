"""The limits of one script, and how a process tree is seen to go over them.

Limits per process (rlimits) cannot bound a tree, so what all of its processes use is added up from
outside (usage.py).
"""

import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from viscode.execution.disk import DiskWatch
from viscode.execution.sandbox import Sandbox, processes_beside, stop
from viscode.execution.usage import Memory, processes_below

INTERVAL_S = 0.05
CPU_FACTOR = 4  # processor seconds per wall second
ADDRESS_FACTOR = 4  # address space that may be mapped, used or not, per byte of the memory limit


@dataclass(frozen=True)
class ScriptLimits:
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


class Guard:
    """All limits of one script. `folder`: where its files lie, None where a file system of its own
    bounds them. `waited_s`: for how many seconds since its code began its clock stood still.
    `interrupt` is called once when its time is over."""

    def __init__(
        self,
        limits: ScriptLimits,
        roots: Sequence[int],
        folder: Path | None,
        waited_s: Callable[[], float],
        interrupt: Callable[[], object],
    ) -> None:
        self.limits, self.waited_s, self._interrupt = limits, waited_s, interrupt
        self.started: float | None = None
        self.interrupted = False
        self._roots, self._memory = roots, Memory()
        self._disk = DiskWatch(folder, limits.disk_mb << 20) if folder is not None else None

    def start_clock(self) -> None:
        """Code starts now: neither kernel start-up nor earlier code counts against its time."""
        self.interrupted = False
        self.started = time.monotonic()

    def stop_clock(self) -> None:
        """The code has ended, its process goes on."""
        self.started = None

    def broken(self) -> str:
        """The name of the limit that is broken, or "". What is only overdue is interrupted."""
        limits = self.limits
        tree = processes_below(*self._roots, at_most=limits.tasks + 1)
        running = [process for process in tree if not process.zombie]
        if len(running) > limits.processes or sum(one.threads for one in tree) > limits.tasks:
            return "ProcessLimit"
        if self._memory.exceeds(running, limits.memory_mb << 20):
            return "MemoryLimit"
        if self._disk is not None and self._disk.broken([process.pid for process in running]):
            return "DiskLimit"
        started = self.started  # another thread stops the clock
        used = 0.0 if started is None else time.monotonic() - started - self.waited_s()
        if used > limits.timeout_s + limits.grace_s:
            return "TimeLimit"
        if used > limits.timeout_s and not self.interrupted:
            self.interrupted = True
            self._interrupt()
        return ""


class TreeWatch(Guard):
    """Watches everything below `process` (a launcher) in a thread, as long as the context lasts.
    `killed_for` names the limit that was broken, or is ""."""

    def __init__(
        self,
        process: "subprocess.Popen[bytes]",
        scratch: Path,
        limits: ScriptLimits,
        waited_s: Callable[[], float],
    ) -> None:
        super().__init__(limits, [process.pid], scratch, waited_s, self._interrupt_group)
        self.process = process
        self.killed_for = ""
        self._done = threading.Event()
        self._thread = threading.Thread(target=self._loop, name="watch", daemon=True)

    def __enter__(self) -> "TreeWatch":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._done.set()
        self._thread.join()

    def _loop(self) -> None:
        while not self._done.wait(INTERVAL_S) and not self.killed_for:
            self.killed_for = self.broken()
            if self.killed_for:
                stop(self.process)

    def _interrupt_group(self) -> None:
        with suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGINT)
