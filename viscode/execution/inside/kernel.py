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

from . import frames

UNUSED = ("debugpy", "jedi")  # a debugger and completion: 0.2 s that no script can use
OPTIONS = ("--HistoryManager.enabled=False", "--InteractiveShell.colors=nocolor")
TEXT_CHARS = 1 << 16


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


def trimmed(content: dict[str, Any], read: Collection[str]) -> dict[str, Any]:
    """A message's content without forms that are not in `read`, with long texts shortened: only
    what the program looks at leaves a kernel, in both engines."""
    kept = dict(content)
    if isinstance(kept.get("data"), dict):
        kept["data"] = {form: value for form, value in kept["data"].items() if form in read}
    for name in {"text", "evalue", "traceback"} & kept.keys():
        kept[name] = clipped(kept[name])
    return kept


def clipped(value: Any) -> Any:
    """A text, or each text of a list, by its head and its tail."""
    if isinstance(value, list):
        return [clipped(one) for one in value]
    if not isinstance(value, str) or len(value) <= 2 * TEXT_CHARS:
        return value
    return f"{value[:TEXT_CHARS]}\n...\n{value[-TEXT_CHARS:]}"


def packer(read: Collection[str]) -> Callable[[dict[str, Any]], bytes]:
    """How the parts of a message become JSON, which holds any text: Jupyter's own cannot write lone
    surrogates. One that is too long is left out."""
    from jupyter_client.jsonutil import json_default

    def pack(value: dict[str, Any]) -> bytes:
        packed = json.dumps(trimmed(value, read), default=json_default).encode()
        return packed if len(packed) <= frames.FRAME_BYTES else b"{}"

    return pack


def main() -> None:
    given = json.loads(Path(sys.argv[1]).read_text())
    with without_unused():
        from ipykernel.kernelapp import IPKernelApp

        app = IPKernelApp.instance()
        app.initialize(arguments(given["connection_file"]))
    from . import probe, program, seccomp

    app.session.pack = packer(given["read"])
    line = socket.socket(fileno=given["render_fd"])
    desk = RenderLine(line, partial(frames.send, line))
    script = given["program"]
    probe.Probe(app.shell, sessions=script is None).start(given["seed"], desk.ask)
    if script is not None:
        program.begin(app.shell, **script)
    if given["walls"]:  # the kernel's own sockets are open: from here on there are no new ones
        seccomp.restrict(sockets=False, alone=given["alone"])
    app.start()
