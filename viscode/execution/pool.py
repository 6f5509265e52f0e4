"""Which process a script is forked from: the workers of one environment.

Importing the plotting stack takes seconds, and a script that comes first should not wait for what
it may not need. So the first `few` scripts run in forks of a bare process (fork_server.py). With
the next one a warm process is started beside it; until that is ready one script at a time still
runs in a fork of the bare process, which leaves the warm one a core, and others wait. From then on
all scripts come from the warm process and the bare one ends. The two are sandboxes of their own:
nothing that an early script does can reach the process that later ones come from.

In mode A one process of each kind serves all workers and shares its memory with them; where there
are no namespaces each worker has a process of its own, because its folder is part of what is warm.
"""

import atexit
import threading
import time
from contextlib import suppress

from viscode.core.records import Script
from viscode.execution.cell_run import CellRun, EngineFailure
from viscode.execution.fork_server import START_TIMEOUT_S, ForkServer
from viscode.execution.services import Services
from viscode.execution.watch import INTERVAL_S, ScriptLimits
from viscode.execution.worker import GiveUp, Worker

FEW = 2  # as many scripts as take less time than warming up does


class Workers:
    """Workers are taken for a script, given back, replaced when broken."""

    def __init__(self, services: Services, limits: ScriptLimits, few: int = FEW) -> None:
        self.services, self.limits, self.few = services, limits, few
        self._shared = services.sandbox.namespaces
        self._lock = threading.Lock()  # guards all that follows
        self._idle: list[Worker] = []
        self._servers: list[ForkServer] = []  # without those that a worker has for its own
        self._asked = 0  # scripts so far
        self._waiting = 0  # threads in want of a worker
        self._on_bare = 0  # scripts that run in forks of a bare process now
        self._warmed = False

    def run(
        self,
        script: Script,
        limits: ScriptLimits,
        give_up: GiveUp,
        *,
        saved_files: bool,
        fresh: bool = False,
    ) -> CellRun:
        """`Worker.run` on an idle worker, or on a new one; `fresh`: on one that has run nothing."""
        worker = self._take(give_up, fresh)
        try:
            run = worker.run(script, limits, give_up, saved_files=saved_files)
        except BaseException:
            worker.close()
            self._put_back(worker, broken=True)
            raise
        self._put_back(worker)
        return run

    def warm_up(self, workers: int) -> None:
        """Wait until that many workers can come from a warm process: for measurements that are not
        to see how it is made.

        Raises:
            EngineFailure: it did not start.
        """
        with self._lock:
            self._asked = max(self._asked, self.few)
            while len(self._of_kind(warm=True)) < (1 if self._shared else workers):
                self._start(warm=True)
            for server in self._of_kind(warm=True):
                self._is_ready(server, START_TIMEOUT_S)

    def settle(self) -> None:
        """Wait until nothing is left of the scripts that have ended."""
        with self._lock:
            idle = list(self._idle)
        for worker in idle:
            worker.settle()

    def close(self) -> None:
        with self._lock:
            for worker in self._idle:
                worker.close()
            for server in self._servers:
                server.close()
            self._idle, self._servers = [], []

    def _take(self, give_up: GiveUp, fresh: bool) -> Worker:
        with self._lock:
            if fresh and self._idle:  # the new one takes its place
                self._leave(next((one for one in self._idle if one.suspect), self._idle[0]))
            self._asked += 1
            self._waiting += 1
        try:
            while not give_up():
                with self._lock:
                    worker = self._choose(fresh)
                if worker is not None:
                    return worker
                time.sleep(INTERVAL_S)
        finally:
            with self._lock:
                self._waiting -= 1
        raise EngineFailure("the run was cancelled")

    def _put_back(self, worker: Worker, *, broken: bool = False) -> None:
        with self._lock:
            self._on_bare -= not worker.server.warm
            if not broken:
                self._idle.append(worker)
            if self._warmed:
                self._end_bare()

    # What follows is called with the lock held.

    def _choose(self, fresh: bool) -> Worker | None:
        """A worker, by the rule above; None: wait."""
        if not fresh and (worker := self._idle_one(warm=True)) is not None:
            return worker
        if self._asked > self.few:
            server = self._server(warm=True)
            if self._is_ready(server, 0):
                return self._new_worker(server)
            if self._on_bare:
                return None
        worker = None if fresh else self._idle_one(warm=False)
        if worker is None:
            server = self._server(warm=False)
            if not self._is_ready(server, START_TIMEOUT_S):
                return None
            worker = self._new_worker(server)
        self._on_bare += worker is not None
        return worker

    def _idle_one(self, *, warm: bool) -> Worker | None:
        """The idle worker that was used last."""
        for worker in reversed(self._idle):
            if worker.server.warm == warm:
                self._idle.remove(worker)
                return worker
        return None

    def _of_kind(self, *, warm: bool) -> list[ForkServer]:
        return [server for server in self._servers if server.warm == warm]

    def _start(self, *, warm: bool) -> None:
        self._servers.append(ForkServer(self.services, self.limits, warm=warm))

    def _server(self, *, warm: bool) -> ForkServer:
        """A process of this kind for a new worker, ready where one is."""
        ready = [server for server in self._of_kind(warm=warm) if self._is_ready(server, 0)]
        wanted = 1 if self._shared or not warm else self._waiting
        if len(self._of_kind(warm=warm)) < wanted:
            self._start(warm=warm)
        return next(iter(ready or self._of_kind(warm=warm)))

    def _is_ready(self, server: ForkServer, wait_s: float) -> bool:
        try:
            return server.ready(wait_s)
        except EngineFailure as failure:
            self._ended(server, failure)
            return False

    def _new_worker(self, server: ForkServer) -> Worker | None:
        """Another worker of it. None when it ended."""
        try:
            worker = Worker(server, self.services, own_server=not self._shared)
        except EngineFailure as failure:
            self._ended(server, failure)
            return None
        server.used = True
        if not self._shared:
            self._servers.remove(server)
        if server.warm:
            self._warmed = True
            self._end_bare()
        return worker

    def _leave(self, worker: Worker) -> None:
        """Do without an idle worker, when what its last script left has gone."""
        with suppress(EngineFailure):
            worker.settle()
        worker.close()
        self._idle.remove(worker)

    def _end_bare(self) -> None:
        """End the bare processes as far as no script runs in a fork of them."""
        for worker in [one for one in self._idle if not one.server.warm]:
            self._leave(worker)
        if not self._on_bare:
            for server in self._of_kind(warm=False):
                self._drop(server)

    def _ended(self, server: ForkServer, failure: EngineFailure) -> None:
        """Do without a process that ended. The next call starts another, unless this one never
        gave a worker: then the next one would not either.

        Raises:
            EngineFailure: that.
        """
        self._drop(server)
        if not server.used:
            raise failure

    def _drop(self, server: ForkServer) -> None:
        """Do without this process and those of its workers that wait."""
        self._servers.remove(server)
        for worker in [one for one in self._idle if one.server is server]:
            worker.close()
            self._idle.remove(worker)
        server.close()


_opened: dict[int, Workers] = {}
_lock = threading.Lock()


def workers(services: Services, limits: ScriptLimits) -> Workers:
    """The workers for scripts of `services`, shared by all runs of this process: a warm process is
    worth keeping. Closed when this process ends."""
    with _lock:
        if id(services) not in _opened:
            _opened[id(services)] = Workers(services, limits)
            atexit.register(_opened[id(services)].close)
        return _opened[id(services)]
