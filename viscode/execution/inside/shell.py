"""An IPython kernel without sockets: its messages go to a function, one cell is its life.

It is ipykernel's own application, kernel and shell, started as kernel.py starts them, except for
what talks to the outside: the session hands each message to `deliver`, the streams flush into it,
and there are no threads, so that the process can be forked. `execute` runs a cell as
IPythonKernel.execute_request does, in a running event loop.
"""

from __future__ import annotations

import asyncio
import json
import os
import signal
import sys
import threading
import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

from . import kernel

with kernel.without_unused():
    from ipykernel.iostream import IOPubThread
    from ipykernel.iostream import OutStream as KernelStream
    from ipykernel.ipkernel import IPythonKernel
    from ipykernel.kernelapp import IPKernelApp
    from jupyter_client.jsonutil import json_default
    from jupyter_client.session import Session
    from tornado.ioloop import IOLoop

Deliver = Callable[[str, dict[str, Any]], None]
FLUSH_CHARS, FLUSH_S = 1 << 16, 0.2


class DirectSession(Session):  # type: ignore[misc]
    """Hands (type, content) of every message to `deliver`."""

    deliver: Deliver = staticmethod(lambda kind, content: None)

    def send(
        self, stream: object, msg_or_type: Any, content: Any = None, *rest: Any, **more: Any
    ) -> dict[str, Any]:
        if isinstance(msg_or_type, dict):
            kind, content = msg_or_type["header"]["msg_type"], msg_or_type["content"]
        else:
            kind = msg_or_type
        self.deliver(kind, content or {})
        return {}


class NoThread(IOPubThread):  # type: ignore[misc]
    """The publishing thread's face: whatever is scheduled happens at once."""

    def __init__(self) -> None:
        self.thread = None
        self.io_loop = SimpleNamespace(call_later=lambda *_: None)

    def schedule(self, f: Callable[[], object]) -> None:
        f()

    def send_multipart(self, *args: Any, **kwargs: Any) -> None:
        """What does not come through the session is no message; a notebook leaves it out too."""

    def flush(self, timeout: float | None = None) -> None:
        pass


class OutStream(KernelStream):  # type: ignore[misc]
    """Flushes by size and age; the kernel's own does it from its thread."""

    _chars, _since = 0, 0.0

    def write(self, string: str) -> int | None:
        written: int | None = super().write(string)
        self._chars += written or 0
        now = time.monotonic()
        if self._chars > FLUSH_CHARS or now - self._since > FLUSH_S:
            self._chars, self._since = 0, now
            self.flush()
        return written


OutStream.__module__, OutStream.__qualname__ = KernelStream.__module__, KernelStream.__qualname__


class Application(IPKernelApp):  # type: ignore[misc]
    """IPKernelApp.initialize without connection file, sockets and heartbeat."""

    def init_connection_file(self) -> None:
        pass

    init_poller = init_sockets = init_heartbeat = init_connection_file
    write_connection_file = log_connection_info = init_connection_file

    def init_io(self) -> None:
        self.session, self.iopub_thread = DirectSession(parent=self), NoThread()
        self.iopub_socket = self.iopub_thread
        super().init_io()
        for name in ("stdout", "stderr"):  # what writes to the descriptor itself: see `raw`
            getattr(sys, name)._original_stdstream_copy = os.open(os.devnull, os.O_WRONLY)

    def init_kernel(self) -> None:
        self.kernel = IPythonKernel.instance(
            parent=self,
            session=self.session,
            iopub_thread=self.iopub_thread,
            iopub_socket=self.iopub_socket,
            shell_channel_thread=SimpleNamespace(parent_thread=threading.main_thread()),
            log=self.log,
            profile_dir=self.profile_dir,
            user_ns=self.user_ns,
        )
        self.displayhook.get_execution_count = lambda: self.kernel.execution_count


def start_blind(connection_file: str) -> Application:
    """The application, ready to execute, with the arguments and modules of kernel.py."""
    arguments = kernel.arguments(connection_file)
    with kernel.without_unused():
        app: Application = Application.instance(
            outstream_class=f"{__name__}.OutStream", capture_fd_output=False
        )
        app.initialize(arguments)
    return app


def execute(app: Application, code: str, deliver: Deliver) -> dict[str, Any]:
    """Run one cell; every message goes to `deliver(type, content)`. Returns the reply's content."""
    ours: Any = app.kernel
    streams: tuple[Any, Any] = (sys.stdout, sys.stderr)
    app.session.deliver = deliver
    for stream in streams:
        stream._master_pid = os.getpid()

    async def run() -> Any:
        ours.io_loop = IOLoop.current()
        return await ours.do_execute(code, False, store_history=True, allow_stdin=False)

    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        reply: dict[str, Any] = loop.run_until_complete(run())
    except KeyboardInterrupt:
        reply = {"status": "error", "ename": "KeyboardInterrupt", "evalue": "", "traceback": []}
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for stream in streams:  # not what a script has put in their place
        stream.flush()
    return reply


def as_json(value: object) -> bytes:
    """JSON bytes of a message, as kernel.py packs them."""
    return json.dumps(value, default=json_default).encode()
