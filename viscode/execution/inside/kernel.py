"""Starts ipykernel inside the sandbox with the probe installed: `python start.py kernel SPEC.json`.

It is `ipykernel_launcher` in all that a script can see (argv, `__main__`, the shell), except that
history and debugger stay out, which no script of ours can use and which cost start-up time.
"""

from __future__ import annotations

import importlib.util
import json
import os
import socket
import sys
import threading
from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from . import frames, outgoing

UNUSED = ("debugpy", "jedi")  # a debugger and completion: 0.2 s that no script can use
OPTIONS = ("--HistoryManager.enabled=False", "--InteractiveShell.colors=nocolor")


@contextmanager
def without_unused() -> Iterator[None]:
    """While ipykernel starts, what it can do without is not there."""
    for name in UNUSED:
        sys.modules[name] = None  # type: ignore[assignment]
    try:
        yield
    finally:
        for name in UNUSED:
            del sys.modules[name]


def arguments(connection_file: str) -> list[str]:
    """The application's arguments; `sys.argv` becomes what a notebook has."""
    launcher = importlib.util.find_spec("ipykernel_launcher")
    assert launcher is not None and launcher.origin is not None
    sys.argv = [launcher.origin, "-f", connection_file]
    return ["-f", connection_file, *OPTIONS]


class RenderLine:
    """Plotly's image exports, done by the program's renderer (render.py). One thread asks at a
    time. Code that is interrupted while it waits leaves its answer behind: the next request drops
    it."""

    def __init__(self, line: socket.socket, send: Callable[[bytes, bytes], None]) -> None:
        self.line, self.send, self.owner = line, send, os.getpid()
        self.reader, self.asking = frames.Reader(sys.maxsize), threading.Lock()
        self.unanswered = 0

    def ask(self, request: bytes) -> bytes:
        if os.getpid() != self.owner:
            raise ValueError("image export works in the script's own process only")
        with self.asking:
            while self.unanswered:
                self.answer()
            self.unanswered += 1
            self.send(frames.RENDER, request)
            return self.answer()

    def answer(self) -> bytes:
        while True:
            data = self.line.recv(1 << 20)
            if not data:
                raise EOFError
            for _, body in self.reader.feed(data):
                self.unanswered -= 1
                return body or b""


def packer(limit: int, read: Collection[str]) -> Callable[[dict[str, Any]], bytes]:
    """How the parts of a message become JSON, of displays those in `read`; one of more than `limit`
    bytes is left out."""
    from jupyter_client.jsonutil import json_default

    def pack(value: dict[str, Any]) -> bytes:
        packed = outgoing.as_json(outgoing.trimmed(value, read), json_default)
        return packed if len(packed) <= limit else b"{}"

    return pack


def main() -> None:
    given = json.loads(Path(sys.argv[1]).read_text())
    with without_unused():
        from ipykernel.kernelapp import IPKernelApp

        app = IPKernelApp.instance()
        app.initialize(arguments(given["connection_file"]))
    from . import mpl_tags, probe, program, seccomp, showing

    app.session.pack = packer(frames.FRAME_BYTES, given["read"])
    line = socket.socket(fileno=given["render_fd"])
    desk = RenderLine(line, partial(frames.send, line))
    script = given["program"]
    hooks = mpl_tags.hooks() | (showing.HOOKS if script is not None else {})
    probe.Probe(app.shell, hooks).start(given["seed"], desk.ask)
    if script is not None:
        program.begin(app.shell, **script)
    if given["walls"]:  # the kernel's own sockets are open: from here on there are no new ones
        seccomp.restrict(sockets=False, alone=given["alone"])
    app.start()
