"""An IPython kernel without sockets: its messages go to a function, one cell is its life.

It is ipykernel's own application, kernel and shell, started as kernel.py starts them, except for
what talks to the outside: the session hands each message to `deliver`, the streams flush into it,
and there are no threads, so that the process can be forked. `execute` runs a cell as
IPythonKernel.execute_request does, in a running event loop.
"""

import asyncio
import importlib.util
import os
import signal
import sys
import threading
import time
from types import SimpleNamespace

import kernel
import outgoing

with kernel.without_unused():
    from ipykernel.iostream import IOPubThread
    from ipykernel.iostream import OutStream as KernelStream
    from ipykernel.ipkernel import IPythonKernel
    from ipykernel.kernelapp import IPKernelApp
    from jupyter_client.jsonutil import json_default
    from jupyter_client.session import Session
    from tornado.ioloop import IOLoop

FLUSH_CHARS, FLUSH_S = 1 << 16, 0.2


class DirectSession(Session):
    """Hands (type, content) of every message to `deliver`."""

    deliver = staticmethod(lambda kind, content: None)

    def send(self, stream, msg_or_type, content=None, *rest, **more):
        if isinstance(msg_or_type, dict):
            kind, content = msg_or_type["header"]["msg_type"], msg_or_type["content"]
        else:
            kind = msg_or_type
        self.deliver(kind, content or {})
        return {}


class NoThread(IOPubThread):
    """The publishing thread's face: whatever is scheduled happens at once."""

    def __init__(self):
        self.thread = None
        self.io_loop = SimpleNamespace(call_later=lambda *_: None)

    def schedule(self, f):
        f()

    def send_multipart(self, *args, **kwargs):
        """What does not come through the session is no message; a notebook leaves it out too."""

    def flush(self, timeout=None):
        pass


class OutStream(KernelStream):
    """Flushes by size and age; the kernel's own does it from its thread."""

    _chars, _since = 0, 0.0

    def write(self, string):
        written = super().write(string)
        self._chars += written or 0
        now = time.monotonic()
        if self._chars > FLUSH_CHARS or now - self._since > FLUSH_S:
            self._chars, self._since = 0, now
            self.flush()
        return written


OutStream.__module__, OutStream.__qualname__ = KernelStream.__module__, KernelStream.__qualname__


class Application(IPKernelApp):
    """IPKernelApp.initialize without connection file, sockets and heartbeat."""

    def init_connection_file(self):
        pass

    init_poller = init_sockets = init_heartbeat = init_connection_file
    write_connection_file = log_connection_info = init_connection_file

    def init_io(self):
        self.session, self.iopub_thread = DirectSession(parent=self), NoThread()
        self.iopub_socket = self.iopub_thread
        super().init_io()
        for name in ("stdout", "stderr"):  # what writes to the descriptor itself: see `raw`
            getattr(sys, name)._original_stdstream_copy = os.open(os.devnull, os.O_WRONLY)

    def init_kernel(self):
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


def start_blind(connection_file):
    """The application, ready to execute, with the arguments and modules of kernel.py."""
    arguments = ["-f", connection_file, *kernel.OPTIONS]
    sys.argv = [importlib.util.find_spec("ipykernel_launcher").origin, *arguments[:2]]
    with kernel.without_unused():
        app = Application.instance(outstream_class=f"{__name__}.OutStream", capture_fd_output=False)
        app.initialize(arguments)
    return app


def execute(app, code, deliver):
    """Run one cell; every message goes to `deliver(type, content)`. Returns the reply's content."""
    ours, streams = app.kernel, (sys.stdout, sys.stderr)
    app.session.deliver = deliver
    for stream in streams:
        stream._master_pid = os.getpid()

    async def run():
        ours.io_loop = IOLoop.current()
        return await ours.do_execute(code, False, store_history=True, allow_stdin=False)

    loop = asyncio.new_event_loop()
    asyncio.set_event_loop(loop)
    signal.signal(signal.SIGINT, signal.default_int_handler)
    try:
        reply = loop.run_until_complete(run())
    except KeyboardInterrupt:
        reply = {"status": "error", "ename": "KeyboardInterrupt", "evalue": "", "traceback": []}
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    for stream in streams:  # not what a script has put in their place
        stream.flush()
    return reply


def as_json(value):
    """JSON bytes of a message."""
    return outgoing.as_json(value, json_default)
