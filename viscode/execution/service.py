"""A helper process in a sandbox of its own that answers requests one by one: the plotly renderer,
the image decoder. It handles a stranger's data, so it is confined like a script, restarted when it
fails, and nothing that it answers is believed further than its shape.
"""

import socket
import subprocess
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager, suppress
from functools import partial
from queue import Empty, LifoQueue
from typing import Generic, Literal, Protocol, TypeVar

from viscode.execution.inside import frames
from viscode.execution.sandbox import Sandbox, stop
from viscode.execution.scratch import Scratch

REPLY_LIMIT = 96 << 20
SERVICE_CPU_S = 24 * 3600.0
LOOK_EVERY_S = 0.05
Taken = TypeVar("Taken")
_starter = ThreadPoolExecutor(1, thread_name_prefix="starter")


class Closable(Protocol):
    def close(self) -> None: ...


Lent = TypeVar("Lent", bound=Closable)


class Spares(Generic[Lent]):
    """As many of a kind as are in use at once; one that is not waits for the next user."""

    def __init__(self, make: Callable[[], Lent]) -> None:
        self.make = make
        self.idle: LifoQueue[Lent] = LifoQueue()

    @contextmanager
    def one(self) -> Iterator[Lent]:
        try:
            found = self.idle.get_nowait()
        except Empty:
            found = self.make()
        try:
            yield found
        finally:
            self.idle.put(found)

    def close(self) -> None:
        """Close those that wait."""
        with suppress(Empty):
            while True:
                self.idle.get_nowait().close()


class ServiceDown(Exception):
    """The process did not start, or ended over a request."""


def start_lasting(
    command: list[str], log: "subprocess._FILE", *descriptors: int
) -> "subprocess.Popen[bytes]":
    """Start a process that may outlive the calling thread: Linux ends a child that asked to die
    with its parent when the *thread* that started it ends."""

    def start() -> "subprocess.Popen[bytes]":
        return subprocess.Popen(
            command,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            env={},
            pass_fds=descriptors,
            start_new_session=True,
        )

    return _starter.submit(start).result()


class Service:
    """One process, started when first needed. Not safe to use from several threads at once."""

    def __init__(
        self,
        sandbox: Sandbox,
        script: str,
        walls: Literal["sockets", "no_sockets"],
        opened_in_b: tuple[str, ...] = (),
    ) -> None:
        self.sandbox, self.script, self.walls = sandbox, script, walls
        self.opened_in_b = opened_in_b
        self.process: subprocess.Popen[bytes] | None = None
        self._line: socket.socket | None = None
        self._resources = ExitStack()

    def start(self) -> None:
        """Have it come up before it is needed; does not wait for it."""
        if self._line is None:
            self._start()

    def ask(
        self,
        bodies: list[bytes],
        replies: int,
        timeout_s: float,
        look: Callable[[], object] = lambda: None,
    ) -> list[bytes]:
        """Send frames, return the bodies of the frames that come back. `look` is called every now
        and then meanwhile; what it raises passes through.

        Raises:
            ServiceDown: it did not start or ended; the next call starts another one.
            TimeoutError: no answer within `timeout_s`; likewise.
        """
        self.start()
        try:
            return self._exchange(bodies, replies, time.monotonic() + timeout_s, look)
        except TimeoutError:
            self.close()
            raise
        except (OSError, EOFError, ValueError) as error:
            self.close()
            raise ServiceDown(f"{self.script}: {error}") from error
        except BaseException:
            self.close()
            raise

    def _exchange(
        self, bodies: list[bytes], replies: int, deadline: float, look: Callable[[], object]
    ) -> list[bytes]:
        line = self._line
        assert line is not None
        line.settimeout(LOOK_EVERY_S)
        for body in bodies:
            for part in (frames.HEAD.pack(frames.REQUEST, len(body)), body):
                unsent = memoryview(part)
                while unsent:
                    unsent = unsent[_patiently(partial(line.send, unsent), deadline, look) :]
        reader = frames.Reader(REPLY_LIMIT)
        found: list[bytes] = []
        while len(found) < replies:
            data = _patiently(partial(line.recv, 1 << 20), deadline, look)
            if not data:
                raise EOFError("it ended")
            for _, answer in reader.feed(data):
                if answer is None:
                    raise ValueError("its answer is too long")
                found.append(answer)
        if len(found) > replies:
            raise ValueError("its answer has too many parts")
        return found

    def _start(self) -> None:
        scratch = self._resources.enter_context(Scratch())
        ours, theirs = socket.socketpair()
        argv = ["-P", *self.sandbox.program(self.script, str(theirs.fileno()))]
        limits = self.sandbox.limits(SERVICE_CPU_S)
        limits.pop("NPROC", None)  # counted over all of a user's: those of scripts are not its own
        command = self.sandbox.command(scratch, argv, limits, self.walls, self.opened_in_b)
        with scratch.log.open("wb") as log:
            self.process = start_lasting(command, log, theirs.fileno())
        theirs.close()
        self._line = self._resources.enter_context(ours)

    def close(self) -> None:
        """End the process and remove its scratch folder; the next request starts another."""
        process, self.process, self._line = self.process, None, None
        if process is not None:
            stop(process)
        self._resources.close()


def _patiently(act: Callable[[], Taken], deadline: float, look: Callable[[], object]) -> Taken:
    """What comes of `act` on a socket that waits only for so long at once.

    Raises:
        TimeoutError: the deadline has passed.
    """
    while time.monotonic() < deadline:
        try:
            return act()
        except TimeoutError:
            look()
    raise TimeoutError
