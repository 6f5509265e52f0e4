"""Scripts in forks of a process that is there already (inside/forks.py): the fast engine.

A worker runs one script at a time (warm_run.py). fork_server.py starts the processes that fork,
pool.py says which of them a script comes from.

The verdicts are those of the notebook engine; `viscode audit` measures how far that holds.
"""

import socket
import time

from viscode.core.records import Script
from viscode.execution.cell_run import CellRun, EngineFailure
from viscode.execution.fork_server import BEGIN_TIMEOUT_S, Ends, ForkServer, sender
from viscode.execution.services import Services
from viscode.execution.usage import descendants
from viscode.execution.warm_run import GiveUp, ScriptRun
from viscode.execution.watch import ScriptLimits

END_TIMEOUT_S = 5.0  # for what was killed to be gone


class Worker:
    """One worker of a fork server. Not safe to use from several threads at once."""

    def __init__(self, server: ForkServer, services: Services, *, own_server: bool) -> None:
        self.server, self.services, self.own_server = server, services, own_server
        self.control = server.new_worker()
        self.pid = sender(self.control)[1]
        self._next: Ends | None = None
        self._clearing: socket.socket | None = None  # ends when all of the last script is gone
        self._owed = False  # whether the worker has yet to tell the last script's exit status
        self.suspect = False  # a script was ended in it or has died

    def run(
        self, script: Script, limits: ScriptLimits, give_up: GiveUp, *, saved_files: bool
    ) -> CellRun:
        """Run one script to its end; what is left of it is cleared away by the time the next one
        starts, or by `settle`. In namespaces the process of the next one is made meanwhile.

        Raises:
            EngineFailure: the script did not begin, a helper failed, or `give_up` said so.
        """
        self.settle()
        self._stand_alone()
        run = ScriptRun(
            self.services,
            self.server.box,
            self.control,
            self.pid,
            self._next or self._prepared(),
            limits,
            give_up,
        )
        self._next = None
        try:
            found = run.finish(script, saved_files)
            self._clearing, self._owed = run.saved.dup(), run.status is None
        finally:
            run.close()
        found.after_broken, self.suspect = self.suspect, self.suspect or found.broken
        if self.services.sandbox.namespaces:  # without, the two would share a folder
            self._next = self._prepared()
        return found

    def _stand_alone(self) -> None:
        """Wait until nothing is below the worker but the process of the next script.

        Raises:
            EngineFailure: something stays.
        """
        deadline = time.monotonic() + END_TIMEOUT_S
        while len(descendants(self.pid)) > 1:
            if time.monotonic() > deadline:
                raise EngineFailure("a worker holds processes of an earlier script")
            time.sleep(0.01)

    def _prepared(self) -> Ends:
        """Have the process of a script made, which waits for it."""
        ends = Ends()
        try:
            self.control.settimeout(BEGIN_TIMEOUT_S)
            socket.send_fds(self.control, [b"prepare"], [one.fileno() for one in ends.theirs])
        except OSError as error:
            ends.close()
            raise EngineFailure("a worker of the fork server ended") from error
        for one in ends.theirs:
            one.close()
        return ends

    def settle(self) -> None:
        """Wait until nothing of the last script is left.

        Raises:
            EngineFailure: that takes too long.
        """
        if self._clearing is None:
            return
        with self._clearing as clearing:
            self._clearing = None
            clearing.settimeout(BEGIN_TIMEOUT_S)
            self.control.settimeout(BEGIN_TIMEOUT_S)
            try:
                while clearing.recv(1 << 20):
                    pass
                if self._owed and not self.control.recv(1 << 10):
                    raise EngineFailure("a worker of the fork server ended")
            except TimeoutError as error:
                raise EngineFailure("a script's processes do not end") from error
            except OSError:
                return

    def close(self) -> None:
        if self._next is not None:
            self._next.close()
        self.control.close()
        if self.own_server:
            self.server.close()
