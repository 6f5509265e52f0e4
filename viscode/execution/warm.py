"""Runs scripts in forks of a warm process (inside/forks.py): the fast engine.

In mode A one fork server serves all workers and shares its memory with them; where there are no
namespaces each worker has a server of its own, because its folder is part of the environment that
was warmed. A worker runs one script at a time. This side starts the server, hands a script over,
collects what it says, watches its totals and its time, and ends it.

The verdicts are those of the notebook engine; `viscode audit` measures how far that holds.
"""

import atexit
import json
import select
import selectors
import socket
import struct
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import ExitStack, suppress
from pathlib import Path
from queue import Empty, LifoQueue

from viscode.execution.cell_run import (
    OUTPUT_CHARS,
    STREAM_CHARS,
    CellRun,
    EngineFailure,
    Outputs,
)
from viscode.execution.inside import frames
from viscode.execution.render import Renderer, export
from viscode.execution.sandbox import SHM_MB, Scratch, stop
from viscode.execution.service import start_lasting
from viscode.execution.services import Services
from viscode.execution.watch import (
    DISK_EVERY,
    INTERVAL_S,
    Limits,
    descendants,
    disk_bytes,
    totals_broken,
)
from viscode.records import Script

RESOURCES = (
    "inside/warm.py",
    "inside/forks.py",
    "inside/cells.py",
    "inside/vault.py",
    "inside/effects.py",
    "inside/shell.py",
    "inside/kernel.py",
    "inside/probe.py",
    "inside/mpl_facts.py",
    "inside/mpl_looks.py",
    "inside/mpl_tags.py",
    "inside/pages.py",
    "inside/frames.py",
    "inside/saved.py",
)
START_TIMEOUT_S = 180.0
BEGIN_TIMEOUT_S = 60.0  # from the hand-over to the script's first statement
SAVED_BYTES = 256 << 20  # of all saved images of a script
DIED_IN_SETUP = 125
CREDENTIALS = struct.Struct("=iII")
GiveUp = Callable[[], bool]


class ForkServer:
    """A warm process under the interpreter of the scripts' environment."""

    def __init__(self, services: Services, limits: Limits) -> None:
        self._resources = ExitStack()
        scratch = self._resources.enter_context(Scratch())
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._resources.enter_context(self.control)
        sandbox = services.sandbox
        self.box = sandbox.box_path(scratch)
        (scratch.box / "run" / "server.json").write_text(
            json.dumps(_server_config(services, scratch, limits))
        )
        _place_fonts(services, scratch)
        spec = f"{self.box}/run/server.json"
        argv = [sandbox.inside_path("warm.py"), spec, str(theirs.fileno())]
        command = sandbox.command(scratch, argv, {"CORE": 0}, "later")
        with scratch.log.open("wb") as log:
            self.process = start_lasting(command, log, theirs.fileno())
        theirs.close()
        self.control.settimeout(START_TIMEOUT_S)
        try:
            ready = self.control.recv(16)
        except OSError:
            ready = b""
        if ready != b"ready":
            reason = scratch.log_tail() or "no answer"
            self.close()
            raise EngineFailure(f"the fork server did not start: {reason}")

    def new_worker(self) -> socket.socket:
        """The control socket of another worker.

        Raises:
            EngineFailure: the server is gone.
        """
        ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        ours.setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)
        with theirs:
            try:
                socket.send_fds(self.control, [b"worker"], [theirs.fileno()])
            except OSError as error:
                ours.close()
                raise EngineFailure("the fork server ended") from error
        return ours

    def close(self) -> None:
        stop(self.process)
        self._resources.close()


def _server_config(services: Services, scratch: Scratch, limits: Limits) -> dict[str, object]:
    sandbox, fonts = services.sandbox, services.fonts
    box = sandbox.box_path(scratch)
    return {
        "namespaces": sandbox.namespaces,
        "walls": sandbox.isolation != "none",
        "readable": sandbox.readable(),
        "below_tmp": [str(p) for p in sandbox.interpreter.prefixes if p.is_relative_to("/tmp")],
        "writable": sandbox.writable(scratch),
        "disk_mb": limits.disk_mb,
        "shm_mb": SHM_MB,
        "box": box,
        "connection_file": f"{box}/run/kernel.json",
        "fonts": [fonts.name, fonts.content.hex()] if fonts else None,
    }


def _place_fonts(services: Services, scratch: Scratch) -> None:
    if services.fonts is not None:
        (scratch.box / "config" / services.fonts.name).write_bytes(services.fonts.content)


class Worker:
    """One worker of a fork server. Not safe to use from several threads at once."""

    def __init__(self, server: ForkServer, services: Services, *, own_server: bool) -> None:
        self.server, self.services, self.own_server = server, services, own_server
        self.control = server.new_worker()
        self.pid = _sender(self.control)[1]
        self._next: _Ends | None = None
        self._clearing: socket.socket | None = None
        self._owed = False

    def run(self, script: Script, limits: Limits, give_up: GiveUp, *, saved_files: bool) -> CellRun:
        """Run one script to its end; what is left of it is cleared away by the time the next one
        starts, or by `settle`. In namespaces the process of the next one is made meanwhile.

        Raises:
            EngineFailure: the script did not begin, a helper failed, or `give_up` said so.
        """
        self.settle()
        run = _Run(self, self._next or self._prepared(), limits, give_up)
        self._next = None
        try:
            found = run.finish(script, saved_files)
        finally:
            run.close()
        if self.services.sandbox.namespaces:  # without, the two would share a folder
            self._next = self._prepared()
        return found

    def _prepared(self) -> "_Ends":
        """Have the process of a script made, which waits for it."""
        ends = _Ends()
        try:
            self.control.settimeout(BEGIN_TIMEOUT_S)
            socket.send_fds(self.control, [b"prepare"], [one.fileno() for one in ends.theirs])
        except OSError as error:
            ends.close()
            raise EngineFailure("a worker of the fork server ended") from error
        for one in ends.theirs:
            one.close()
        return ends

    def leave(self, saved: socket.socket, *, ended: bool) -> None:
        """The last script's verdict is there; its processes and folder are being cleared away,
        which is over when `saved` ends. `ended`: the worker has told its exit status."""
        self._clearing, self._owed = saved.dup(), not ended

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


def _sender(sock: socket.socket) -> tuple[bytes, int]:
    """A message and the process id of who sent it, as this process sees it. SO_PASSCRED was set
    when the socket was made.

    Raises:
        EngineFailure: the other side is gone.
    """
    sock.settimeout(BEGIN_TIMEOUT_S)
    try:
        data, ancillary, _, _ = sock.recvmsg(frames.HEAD.size, socket.CMSG_SPACE(CREDENTIALS.size))
    except OSError as error:
        raise EngineFailure(f"a worker did not come up: {error}") from error
    found = [body for _, kind, body in ancillary if kind == socket.SCM_CREDENTIALS]
    if not data or not found:
        raise EngineFailure("a worker ended before it began")
    return data, CREDENTIALS.unpack(found[0][: CREDENTIALS.size])[0]


class _Run:
    """One script, from the hand-over to its verdict: what its process reports, or its death. What
    the process does after its report is of no account, as in a notebook; it is ended."""

    def __init__(self, worker: Worker, ends: "_Ends", limits: Limits, give_up: GiveUp) -> None:
        self.worker, self.ends, self.limits, self.give_up = worker, ends, limits, give_up
        self.sandbox, self.renderer = worker.services.sandbox, worker.services.renderer
        self.line, self.raw, self.saved = ends.ours
        self.begun = time.monotonic()
        self.started: float | None = None
        self.status: int | None = None
        self.reply: dict[str, object] | None = None
        self.keeper: int | None = None
        self.looks = 0
        self.failure: EngineFailure | None = None
        self.outputs, self.run = Outputs(), CellRun()
        self.rendering: Future[None] | None = None
        self._reader = frames.Reader(2 * OUTPUT_CHARS)
        self._saved_reader = frames.Reader(SAVED_BYTES)

    def finish(self, script: Script, saved_files: bool) -> CellRun:
        self._hand_over(script)
        with selectors.DefaultSelector() as ready:
            for sock, handle in (
                (self.line, self._on_line),
                (self.raw, self._on_raw),
                (self.saved, self._on_saved),
                (self.worker.control, self._on_control),
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
        self.worker.leave(self.saved, ended=self.status is not None)
        return self._result(saved_files)

    @property
    def _over(self) -> bool:
        return self.reply is not None or self.status is not None

    def _hand_over(self, script: Script) -> None:
        names = [Path(name).name for name in script.files]
        request = {
            "code": script.code,
            "seed": script.seed,
            "files": names,
            "limits": self.limits.of_process(self.sandbox),
        }
        message = "\0".join(["run", *names]).encode("utf-8", "surrogateescape")
        try:
            if self.sandbox.namespaces:
                self.keeper = _sender(self.saved)[1]
            self.worker.control.settimeout(BEGIN_TIMEOUT_S)
            self.worker.control.send(message)
            self.line.settimeout(BEGIN_TIMEOUT_S)
            frames.send(self.line, frames.REQUEST, json.dumps(request).encode())
            for content in script.files.values():
                frames.send(self.line, frames.FILE, content)
        except OSError as error:
            raise EngineFailure(f"a script could not be handed over: {error}") from error

    # What arrives; False at the end of a socket.

    def _on_line(self) -> bool:
        if self.reply is not None:
            return False
        data = _receive(self.line)
        for kind, body in self._reader.feed(data or b""):
            if kind == frames.CLOCK:
                self.started = self.started or time.monotonic()
            elif kind == frames.RENDER and self.rendering is None:
                line = self.line.dup()
                self.rendering = _renderers.submit(_render, self.renderer, body, line)
            elif kind == frames.MESSAGE:
                message = _json(body)
                self.outputs.add(message.get("type"), message.get("content"))
            elif kind == frames.DONE:
                self.reply = _json(body)
                self._tell(b"kill")
                return False
        return data != b""

    def _on_raw(self) -> bool:
        data = _receive(self.raw)
        self.run.raw += (data or b"")[: max(0, STREAM_CHARS - len(self.run.raw))]
        return data != b""

    def _on_saved(self) -> bool:
        data = _receive(self.saved)
        self.run.saved += [body for _, body in self._saved_reader.feed(data or b"")]
        return data != b""

    def _on_control(self) -> bool:
        data = _receive(self.worker.control)
        if data == b"":
            raise EngineFailure("a worker of the fork server ended")
        if data is not None:
            self.status = int(_json(data)["ended"])  # type: ignore[call-overload]
        return True

    def _answer_renderer(self) -> None:
        if self.rendering is None or not self.rendering.done():
            return
        rendering, self.rendering = self.rendering, None
        try:
            rendering.result()
        except EngineFailure as error:
            self.failure = error
            self._tell(b"kill")
        except OSError:
            self._tell(b"kill")  # it asked and does not listen

    def _watch(self) -> None:
        """Interrupt or end the script when it is over a limit."""
        if self._over or self.run.killed_for:
            return
        if self.give_up():
            self.failure = EngineFailure("the run was cancelled")
            self._tell(b"kill")
        elif self.started is None:
            if time.monotonic() - self.begun > BEGIN_TIMEOUT_S:
                self.failure = EngineFailure("a script did not begin in time")
                self._tell(b"kill")
        else:
            self.run.killed_for = self._broken()
            if self.run.killed_for:
                self._tell(b"kill")

    def _broken(self) -> str:
        tree = descendants(self.worker.pid)
        if self.keeper is not None:
            tree += descendants(self.keeper)
        broken = totals_broken(tree, self.limits)
        if broken:
            return broken
        self.looks += 1
        unbounded = self.keeper is None and self.looks % DISK_EVERY == 0  # no tmpfs holds it
        if unbounded and disk_bytes(Path(self.worker.server.box)) > self.limits.disk_mb << 20:
            return "DiskLimit"
        assert self.started is not None
        used = time.monotonic() - self.started
        if used > self.limits.timeout_s + self.limits.grace_s:
            return "TimeLimit"
        if used > self.limits.timeout_s and not self.run.interrupted:
            self.run.interrupted = True
            self._tell(b"interrupt")
        return ""

    def _tell(self, message: bytes) -> None:
        with suppress(OSError):
            self.worker.control.send(message)

    def _result(self, saved_files: bool) -> CellRun:
        run = self.run
        if self.failure is not None:
            raise self.failure
        if self.started is None:
            reason = run.raw.decode("utf-8", "replace").strip()[-500:]
            raise EngineFailure(f"a script did not begin: status {self.status} {reason}")
        run.outputs = self.outputs.collected
        run.seconds = time.monotonic() - self.begun
        run.box = self.worker.server.box
        if not saved_files:
            run.saved = []
        if self.reply is None:
            status = self.status or 0
            run.died = 128 - status if status < 0 else status
        elif self.reply.get("status") == "error":
            run.failure = str(self.reply.get("ename")), str(self.reply.get("evalue"))
        return run

    def close(self) -> None:
        self.ends.close()


def _render(renderer: Renderer, body: bytes, line: socket.socket) -> None:
    """Answer one export. Not in the thread that watches: a script need not take the answer."""
    with line:
        line.settimeout(BEGIN_TIMEOUT_S)
        frames.send(line, frames.PICTURE, export(renderer, body))


class _Ends:
    """The two sides of a script's three sockets: its line, its raw output, its saved images."""

    def __init__(self) -> None:
        pairs = [socket.socketpair() for _ in range(3)]
        self.ours = tuple(pair[0] for pair in pairs)
        self.theirs = tuple(pair[1] for pair in pairs)
        self.ours[2].setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)

    def close(self) -> None:
        for one in (*self.ours, *self.theirs):
            one.close()


def _receive(sock: socket.socket) -> bytes | None:
    """What has arrived; b"" at the end, None when nothing has."""
    try:
        return sock.recv(1 << 20)
    except BlockingIOError:
        return None
    except OSError:
        return b""


def _json(body: bytes) -> dict[str, object]:
    """A stranger's JSON object; an empty one where it is none."""
    try:
        value = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    return value if isinstance(value, dict) else {}


_renderers = ThreadPoolExecutor(4, thread_name_prefix="renders")


class Workers:
    """The workers of one environment: taken for a script, given back, replaced when broken."""

    def __init__(self, services: Services, limits: Limits) -> None:
        self.services, self.limits = services, limits
        self._idle: LifoQueue[Worker] = LifoQueue()
        self._lock = threading.Lock()
        self._server: ForkServer | None = None

    def run(self, script: Script, limits: Limits, give_up: GiveUp, *, saved_files: bool) -> CellRun:
        """`Worker.run` on an idle worker, or on a new one."""
        try:
            worker = self._idle.get_nowait()
        except Empty:
            worker = self._new_worker()
        try:
            run = worker.run(script, limits, give_up, saved_files=saved_files)
        except BaseException:
            worker.close()
            raise
        self._idle.put(worker)
        return run

    def _new_worker(self) -> Worker:
        if not self.services.sandbox.namespaces:
            return Worker(ForkServer(self.services, self.limits), self.services, own_server=True)
        with self._lock:
            if self._server is not None:
                try:
                    return Worker(self._server, self.services, own_server=False)
                except EngineFailure:  # it was killed; another one does
                    self._server.close()
            self._server = None  # in case that the new one does not start
            self._server = ForkServer(self.services, self.limits)
            return Worker(self._server, self.services, own_server=False)

    def settle(self) -> None:
        """Wait until nothing is left of the scripts that have ended."""
        for worker in list(self._idle.queue):
            worker.settle()

    def close(self) -> None:
        while not self._idle.empty():
            self._idle.get().close()
        with self._lock:
            if self._server is not None:
                self._server.close()
                self._server = None


_opened: dict[int, Workers] = {}
_lock = threading.Lock()


def workers(services: Services, limits: Limits) -> Workers:
    """The workers for scripts of `services`, shared by all runs of this process: a warm process is
    worth keeping. Closed when this process ends."""
    with _lock:
        if id(services) not in _opened:
            _opened[id(services)] = Workers(services, limits)
            atexit.register(_opened[id(services)].close)
        return _opened[id(services)]
