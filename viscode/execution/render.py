"""Plotly figure JSON -> PNG through one persistent renderer in a sandbox of its own.

kaleido 0.2.1 of the scripts' environment renders without Chrome and without a network. A figure
is a script's word: it may name files as image sources, never end, or crash the browser. So it is
refused when a source is not a data: URL, the renderer has no network and sees no files, and it is
started anew after an error, a timeout and every `FIGURES_PER_PROCESS` figures. What needs tiles
or map outlines off the network fails with `RenderError`.
"""

import base64
import binascii
import json
import os
import selectors
import subprocess
import threading
import time
from contextlib import ExitStack
from typing import Any

from viscode.execution.sandbox import Sandbox, Scratch, stop

RESOURCES = ("inside/render_plotly.py",)
FIGURES_PER_PROCESS = 200
TIMEOUT_S = 90.0  # 3-D figures take seconds on a busy core; the first one starts the browser
REPLY_LIMIT = 96 << 20
CPU_S = 3600.0
SIDES = (10, 4000)  # pixels, least and most
DEFAULT_SIZE = (700, 500)  # plotly's own


class RenderError(Exception):
    """This figure cannot be rendered; the message says why. A verdict on the figure."""


class RendererDown(Exception):
    """The renderer did not start or died twice: a failure of ours, never a verdict."""


def foreign_source(value: Any) -> str:
    """The first image source in a figure that is not a data: URL, or ""."""
    if isinstance(value, dict):
        source = value.get("source")
        if isinstance(source, str) and source and not source.startswith("data:"):
            return source
        return next((found for item in value.values() if (found := foreign_source(item))), "")
    if isinstance(value, list):
        return next(
            (
                found
                for item in value
                if isinstance(item, dict | list) and (found := foreign_source(item))
            ),
            "",
        )
    return ""


def size_of(figure: dict[str, Any]) -> tuple[int, int]:
    """Width and height in pixels that a figure asks for, within limits."""
    layout = figure.get("layout")
    asked = layout if isinstance(layout, dict) else {}
    sides = []
    for key, default in zip(("width", "height"), DEFAULT_SIZE, strict=True):
        value = asked.get(key)
        side = value if isinstance(value, int | float) and value == value else default
        sides.append(int(min(max(side, SIDES[0]), SIDES[1])))
    return sides[0], sides[1]


class Renderer:
    """One renderer process, started when first needed; safe to use from several threads."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.sandbox = sandbox
        self._lock = threading.Lock()
        self._resources = ExitStack()
        self._process: subprocess.Popen[bytes] | None = None
        self._rendered = 0

    def render(self, figure: Any) -> bytes:
        """PNG bytes of one figure.

        Raises:
            RenderError: the figure is refused or cannot be drawn.
            RendererDown: no renderer could be kept alive for it.
        """
        if not isinstance(figure, dict):
            raise RenderError("not a figure")
        if source := foreign_source(figure):
            raise RenderError(f"image source that is not data: {source[:100]}")
        width, height = size_of(figure)
        request = json.dumps({"figure": figure, "width": width, "height": height})
        with self._lock:
            reply = self._ask(request) or self._ask(request)
        if reply is None:
            raise RendererDown("the plotly renderer ended without an answer")
        if "png" not in reply:
            raise RenderError(str(reply.get("error")))
        try:
            return base64.b64decode(reply["png"], validate=True)
        except (TypeError, binascii.Error) as error:
            raise RenderError("the renderer's answer is not base64") from error

    def close(self) -> None:
        """End the renderer and remove its scratch folder."""
        process, self._process, self._rendered = self._process, None, 0
        if process is not None:
            stop(process)
        self._resources.close()

    def _ask(self, request: str) -> dict[str, Any] | None:
        """One exchange; None when the renderer died over it."""
        if self._rendered >= FIGURES_PER_PROCESS:
            self.close()
        process = self._process or self._start()
        deadline = time.monotonic() + TIMEOUT_S
        try:
            line = _exchange(process, request.encode() + b"\n", deadline)
            reply = json.loads(line)
        except TimeoutError:
            reply = {"error": f"no image within {TIMEOUT_S:g} s"}
        except (OSError, ValueError):
            self.close()
            return None
        self._rendered += 1
        if "png" not in reply:
            self.close()
        return reply if isinstance(reply, dict) else None

    def _start(self) -> "subprocess.Popen[bytes]":
        scratch = self._resources.enter_context(Scratch())
        argv = [self.sandbox.inside_path("render_plotly.py")]
        command = self.sandbox.command(scratch, argv, CPU_S)
        with scratch.log.open("wb") as log:
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                env={},
                stderr=log,
                stdout=subprocess.PIPE,
                start_new_session=True,
            )
        for pipe in (self._process.stdin, self._process.stdout):
            assert pipe is not None
            os.set_blocking(pipe.fileno(), False)
            self._resources.callback(pipe.close)
        return self._process


def _exchange(process: "subprocess.Popen[bytes]", request: bytes, deadline: float) -> bytes:
    """Write a line, read a line, neither without end.

    Raises:
        TimeoutError: the deadline passed.
        OSError: the other side is gone.
        ValueError: an answer without end.
    """
    assert process.stdin is not None and process.stdout is not None
    write, read = process.stdin.fileno(), process.stdout.fileno()
    view, answer = memoryview(request), bytearray()
    with selectors.DefaultSelector() as ready:
        ready.register(write, selectors.EVENT_WRITE)
        while view:
            _wait(ready, deadline)
            view = view[os.write(write, view) :]
        ready.unregister(write)
        ready.register(read, selectors.EVENT_READ)
        while not answer.endswith(b"\n"):
            _wait(ready, deadline)
            block = os.read(read, 1 << 20)
            if not block:
                raise OSError("the renderer ended")
            answer += block
            if len(answer) > REPLY_LIMIT:
                raise ValueError("the answer is too long")
    return bytes(answer)


def _wait(ready: selectors.BaseSelector, deadline: float) -> None:
    if not ready.select(max(0.0, deadline - time.monotonic())):
        raise TimeoutError
