"""A process under the scripts' interpreter whose forks run scripts (inside/forks.py): its start,
and the sockets of its workers and scripts.

There are two kinds. A *bare* one has started the kernel and imported nothing: it is there in half a
second, and a script imports what it needs itself, as in a notebook. A *warm* one has imported the
plotting stack and hides it (inside/vault.py). The two kinds share nothing; pool.py says which one
a script comes from.
"""

import json
import select
import socket
import struct
import threading
import time
from contextlib import ExitStack, suppress

from viscode.execution import forms
from viscode.execution.cell_run import EngineFailure
from viscode.execution.inside import frames
from viscode.execution.sandbox import PROCESSES, SHM_MB, stop
from viscode.execution.scratch import Scratch
from viscode.execution.service import start_lasting
from viscode.execution.services import Services
from viscode.execution.watch import ScriptLimits

START_TIMEOUT_S = 180.0
BEGIN_TIMEOUT_S = 60.0  # from the hand-over to the script's first statement
CREDENTIALS = struct.Struct("=iII")


class ForkServer:
    """A process that forks. It starts with the object and is of use when `ready`."""

    def __init__(self, services: Services, limits: ScriptLimits, *, warm: bool) -> None:
        self.warm, self.used = warm, False  # `used`: it has given a worker
        self._began, self._ready, self._lock = time.monotonic(), False, threading.Lock()
        self._resources = ExitStack()
        self._scratch = self._resources.enter_context(Scratch())
        self.control, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self._resources.enter_context(self.control)
        self.control.settimeout(BEGIN_TIMEOUT_S)
        sandbox = services.sandbox
        self.box = sandbox.box_path(self._scratch)
        (self._scratch.box / "run" / "server.json").write_text(
            json.dumps(_server_config(services, self._scratch, limits, warm=warm))
        )
        services.place_fonts(self._scratch)
        spec = f"{self.box}/run/server.json"
        argv = sandbox.program("warm", spec, str(theirs.fileno()))
        command = sandbox.command(self._scratch, argv, {"CORE": 0}, "later")
        with self._scratch.log.open("wb") as log:
            self.process = start_lasting(command, log, theirs.fileno())
        theirs.close()

    def ready(self, wait_s: float) -> bool:
        """Whether it can fork; waits for that at most `wait_s`.

        Raises:
            EngineFailure: it ended, or takes too long.
        """
        with self._lock:
            if not self._ready and select.select([self.control], [], [], wait_s)[0]:
                with suppress(OSError):
                    self._ready = self.control.recv(16) == b"ready"
                if not self._ready:
                    raise self._failure()
            if not self._ready and time.monotonic() - self._began > START_TIMEOUT_S:
                raise self._failure()
            return self._ready

    def _failure(self) -> EngineFailure:
        reason = self._scratch.log_tail() or "no answer"
        return EngineFailure(f"the fork server ended or did not start: {reason}")

    def new_worker(self) -> socket.socket:
        """The control socket of another worker.

        Raises:
            EngineFailure: the server is gone.
        """
        self.ready(START_TIMEOUT_S)
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


def _server_config(
    services: Services, scratch: Scratch, limits: ScriptLimits, *, warm: bool
) -> dict[str, object]:
    sandbox, fonts = services.sandbox, services.fonts
    box = sandbox.box_path(scratch)
    return {
        "warm": warm,
        "read": sorted(forms.READ),
        "namespaces": sandbox.namespaces,
        "walls": sandbox.isolation != "none",
        "readable": sandbox.readable(),
        "below_tmp": [str(p) for p in sandbox.interpreter.prefixes if p.is_relative_to("/tmp")],
        "writable": sandbox.writable(scratch),
        "landlock_at_most": sandbox.landlock_at_most,
        "disk_mb": limits.disk_mb,
        "shm_mb": SHM_MB,
        "limits_alone": {"NPROC": PROCESSES},
        "box": box,
        "connection_file": f"{box}/run/kernel.json",
        "fonts": [fonts.name, fonts.content.hex()] if fonts else None,
    }


def sender(sock: socket.socket) -> tuple[bytes, int]:
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


class Ends:
    """The two sides of a script's three sockets: its line, its raw output, its saved images."""

    def __init__(self) -> None:
        pairs = [socket.socketpair() for _ in range(3)]
        self.ours = tuple(pair[0] for pair in pairs)
        self.theirs = tuple(pair[1] for pair in pairs)
        self.ours[2].setsockopt(socket.SOL_SOCKET, socket.SO_PASSCRED, 1)

    def close(self) -> None:
        for one in (*self.ours, *self.theirs):
            one.close()
