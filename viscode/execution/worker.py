"""A worker of the warm engine, and one script in it, from the hand-over to its report or its death.

A worker is a process that forks for one script at a time (inside/forks.py). fork_server.py starts
the processes that workers come from, pool.py says which of them a script comes from. This side
hands the script over, collects what it says, watches its totals and its time, and ends it.

The verdicts are those of the notebook engine; `viscode audit` measures how far that holds.
"""

import json
import select
import selectors
import socket
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import Any

from viscode.core.records import Script
from viscode.execution import untrusted
from viscode.execution.cell_run import STREAM_CHARS, CellOutputs, CellRun, EngineFailure
from viscode.execution.fork_server import BEGIN_TIMEOUT_S, Ends, ForkServer, sender
from viscode.execution.inside import frames
from viscode.execution.render import Renders, Unwanted
from viscode.execution.services import Services
from viscode.execution.usage import descendants
from viscode.execution.watch import INTERVAL_S, Guard, ScriptLimits

END_TIMEOUT_S = 5.0  # for what was killed to be gone
SAVED_BYTES = 64 << 20  # of all saved images of a script
GiveUp = Callable[[], bool]


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


class ScriptRun:
    """`box`: the script's folder; `control` and `worker`: the socket and the process id of its
    worker. What the process does after its report does not count, as in a notebook; it is ended."""

    def __init__(
        self,
        services: Services,
        box: str,
        control: socket.socket,
        worker: int,
        ends: Ends,
        limits: ScriptLimits,
        give_up: GiveUp,
    ) -> None:
        self.box, self.control, self.worker = box, control, worker
        self.ends, self.limits, self.give_up = ends, limits, give_up
        self.sandbox, self.renders = services.sandbox, Renders(services.renderer)
        self.line, self.raw, self.saved = ends.ours
        self.begun = time.monotonic()
        self.status: int | None = None
        self.reply: dict[str, Any] | None = None
        self.guard: Guard | None = None
        self.failure: EngineFailure | None = None
        self.outputs, self.run = CellOutputs(), CellRun()
        self.rendering: Future[None] | None = None
        self.wanted: bytes | None = None  # the next export; one that asks for more does not listen
        self._reader, self._saved_reader = (
            frames.Reader(frames.FRAME_BYTES),
            frames.Reader(SAVED_BYTES),
        )

    def finish(self, script: Script, saved_files: bool) -> CellRun:
        self._hand_over(script)
        with selectors.DefaultSelector() as ready:
            for sock, handle in (
                (self.line, self._on_line),
                (self.raw, self._on_raw),
                (self.saved, self._on_saved),
                (self.control, self._on_control),
            ):
                sock.setblocking(False)
                ready.register(sock, selectors.EVENT_READ, handle)
            looked = 0.0
            while not self._over or (saved_files and len(ready.get_map()) > 1):
                for key, _ in ready.select(INTERVAL_S):
                    if not key.data():
                        ready.unregister(key.fileobj)
                self._answer_renderer()
                if time.monotonic() - looked > INTERVAL_S:
                    looked = time.monotonic()
                    self._watch()
        for sock, handle in ((self.line, self._on_line), (self.raw, self._on_raw)):
            while select.select([sock], [], [], 0)[0] and handle():
                pass  # what the script said before its end has arrived
        return self._result(saved_files)

    @property
    def _over(self) -> bool:
        return self.reply is not None or self.run.unreadable != "" or self.status is not None

    def _hand_over(self, script: Script) -> None:
        names = [Path(name).name for name in script.files]
        request = {
            "code": script.code,
            "name": script.name,
            "seed": script.seed,
            "files": names,
            "limits": self.limits.of_process(self.sandbox),
        }
        message = "\0".join(["run", *names]).encode("utf-8", "surrogateescape")
        try:
            self.guard = self._new_guard()
            self.control.settimeout(BEGIN_TIMEOUT_S)
            self.control.send(message)
            self.line.settimeout(BEGIN_TIMEOUT_S)
            frames.send(self.line, frames.REQUEST, json.dumps(request).encode())
            for content in script.files.values():
                frames.send(self.line, frames.FILE, content)
        except OSError as error:
            raise EngineFailure(f"a script could not be handed over: {error}") from error

    def _new_guard(self) -> Guard:
        """In namespaces a tmpfs bounds the folder, and orphans come to the keeper of the cell."""
        alone = self.sandbox.namespaces
        return Guard(
            self.limits,
            [self.worker, sender(self.saved)[1]] if alone else [self.worker],
            None if alone else Path(self.box),
            lambda: self.renders.waited_s,
            lambda: self._tell(b"interrupt"),
        )

    # What arrives; False at the end of a socket.

    def _on_line(self) -> bool:
        if self.reply is not None or self.run.unreadable:
            return False
        data = _receive(self.line)
        for kind, body in self._reader.feed(data or b""):
            if kind == frames.CLOCK:
                if self.guard is not None and self.guard.started is None:
                    self.guard.start_clock()
            elif kind == frames.RENDER and self.wanted is None:
                self.wanted = body or b""  # too long: no figure
            elif kind == frames.MESSAGE and body is not None:
                self.outputs.add(body)
            elif kind == frames.DONE:
                self._end(body)
                return False
        return data != b""

    def _end(self, body: bytes | None) -> None:
        try:
            self.reply = untrusted.reply(body)
        except untrusted.Unreadable as error:
            self.run.unreadable = str(error)
        self._tell(b"kill")

    def _on_raw(self) -> bool:
        data = _receive(self.raw)
        self.run.raw += (data or b"")[: max(0, STREAM_CHARS - len(self.run.raw))]
        return data != b""

    def _on_saved(self) -> bool:
        data = _receive(self.saved)
        for _, body in self._saved_reader.feed(data or b""):
            if body is not None:
                self.run.saved.append(body)
                self._saved_reader.limit -= len(body)  # of all of them together
        return data != b""

    def _on_control(self) -> bool:
        data = _receive(self.control)
        if data == b"":
            raise EngineFailure("a worker of the fork server ended")
        if data is not None:
            self.status = int(json.loads(data)["ended"])
        return True

    def _answer_renderer(self) -> None:
        """Begin the next export; a script may ask for it before this side knows that the last
        answer has gone out."""
        if self.rendering is not None and self.rendering.done():
            rendering, self.rendering = self.rendering, None
            try:
                rendering.result()
            except (EngineFailure, OSError) as error:  # OSError: it asked and does not listen
                self.failure = error if isinstance(error, EngineFailure) else None
                self._tell(b"kill")
        if self.rendering is None and self.wanted is not None:
            body, self.wanted = self.wanted, None
            self.rendering = _renderers.submit(_render, self.renders, body, self.line.dup())

    def _watch(self) -> None:
        """Interrupt or end the script when it is over a limit."""
        if self._over or self.run.killed_for:
            return
        if self.give_up():
            self.failure = EngineFailure("the run was cancelled")
            self._tell(b"kill")
        elif self.guard is None or self.guard.started is None:
            if time.monotonic() - self.begun > BEGIN_TIMEOUT_S:
                self.failure = EngineFailure("a script did not begin in time")
                self._tell(b"kill")
        elif broken := self.guard.broken():
            self.run.killed_for = broken
            self._tell(b"kill")

    def _tell(self, message: bytes) -> None:
        with suppress(OSError):
            self.control.send(message)

    def _result(self, saved_files: bool) -> CellRun:
        run = self.run
        if self.failure is not None:
            raise self.failure
        if self.guard is None or self.guard.started is None:
            reason = run.raw.decode("utf-8", "replace").strip()[-500:]
            raise EngineFailure(f"a script did not begin: status {self.status} {reason}")
        run.outputs, run.interrupted = self.outputs.collected, self.guard.interrupted
        run.seconds = time.monotonic() - self.begun
        run.box = self.box
        if not saved_files:
            run.saved = []
        if self.reply is not None:
            failed = self.reply["status"] == "error"
            run.failure = (self.reply["ename"], self.reply["evalue"]) if failed else None
        elif not run.unreadable:
            status = self.status or 0
            run.died = 128 - status if status < 0 else status
        return run

    def close(self) -> None:
        self.renders.end()
        self.ends.close()


def _render(renders: Renders, body: bytes, line: socket.socket) -> None:
    """Answer one export, unless its script ends before. Not in the thread that watches: a script
    need not take the answer."""
    with line, suppress(Unwanted):
        line.settimeout(BEGIN_TIMEOUT_S)
        frames.send(line, frames.PICTURE, renders.export(body))


def _receive(sock: socket.socket) -> bytes | None:
    """What has arrived; b"" at the end, None when nothing has."""
    try:
        return sock.recv(1 << 20)
    except BlockingIOError:
        return None
    except OSError:
        return b""


_renderers = ThreadPoolExecutor(1024, thread_name_prefix="renders")  # as many as workers
