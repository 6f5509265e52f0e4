"""Plotly figure JSON -> images, through renderer processes in sandboxes of their own.

kaleido 0.2.1 of the scripts' environment renders without Chrome and without a network. A figure
is a script's word: it may name files as image sources, never end, take memory without end, or crash
the browser. So it is read and refused in the renderer's sandbox alone (inside/figures.py), the
renderer can open no socket of a network and sees no files, its memory is watched, and it is started
anew after an error, a timeout and every `FIGURES_PER_PROCESS` figures. A figure that does not
render without map tiles, outlines of countries or shapes off the network is `NeedsNetwork`.

No script waits for another's figure: there are as many renderers as are busy at once, which is no
more than there are workers, and an image that nobody waits for any more is given up, its renderer
with it. While a renderer starts, a script's clock stands still (`waited_s`); drawing counts.

Scripts' own exports (`write_image`, `to_image`) come here too and get what kaleido answers.
"""

import base64
import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from viscode.execution.cell_run import EngineFailure
from viscode.execution.inside.figures import REFUSED
from viscode.execution.sandbox import Sandbox
from viscode.execution.service import Service, ServiceDown, Spares
from viscode.execution.untrusted import dict_of, list_of
from viscode.execution.usage import memory_below

FIGURES_PER_PROCESS = 200
START_TIMEOUT_S = 60.0
DRAWING_S = 120.0  # for all figures of a script together, while it runs and again after its end
WAIT_LIMIT_S = 60.0  # for which a script's clock may stand still
MEMORY_BYTES = 4 << 30  # of a renderer, browser included; 100,000 markers take 1.3 GB
KEPT_BYTES = 1 << 30  # one that took more is not kept for the next figure
REQUEST_LIMIT = 64 << 20
SIDES = (10, 4000)  # pixels of a displayed figure, least and most
DEFAULT_SIZE = (700, 500)  # plotly's own
TILED = ("scattermap", "choroplethmap", "densitymap")  # how the types of traces on tiles begin
OUTLINES = "map outlines"  # stands in the message of inside/render_plotly.py


class RenderError(Exception):
    """This figure cannot be rendered; the message says why. A verdict on the figure."""


class NeedsNetwork(RenderError):
    """It asks for map tiles, outlines or shapes that lie on the network."""


class Unwanted(Exception):
    """Nobody waits for the image any more."""


class TooLarge(Exception):
    """The renderer took more memory than it may."""


def size_of(figure: dict[str, Any]) -> tuple[int, int]:
    """Width and height in pixels that a figure asks for, within limits."""
    asked = dict_of(figure.get("layout"))
    sides = []
    for key, default in zip(("width", "height"), DEFAULT_SIZE, strict=True):
        value = asked.get(key)
        side = value if isinstance(value, int | float) and value == value else default
        sides.append(int(min(max(side, SIDES[0]), SIDES[1])))
    return sides[0], sides[1]


def needs_network(figure: dict[str, Any], message: str) -> str:
    """What a figure that failed with `message` would have to fetch; "" where that is not known.
    Whether a map needs outlines plotly.js finds out itself (inside/render_plotly.py)."""
    if OUTLINES in message:
        return OUTLINES
    traces = [trace for trace in list_of(figure.get("data")) if isinstance(trace, dict)]
    if any(isinstance(trace.get("geojson"), str) for trace in traces):
        return "shapes"
    if any(str(trace.get("type", "scatter")).startswith(TILED) for trace in traces):
        parts = dict_of(figure.get("layout")).items()
        maps = [one for name, one in parts if name.startswith("map") and isinstance(one, dict)]
        plain = maps and all(one.get("style") == "white-bg" for one in maps)
        if not plain or any(list_of(one.get("layers")) for one in maps):
            return "map tiles"
    return ""


@dataclass(frozen=True)
class Reply:
    """An answer: kaleido's code and message, and `body`, all of it as JSON."""

    code: int
    message: str
    body: bytes


def refused(message: str) -> Reply:
    """A refusal, which looks like an error of kaleido's."""
    body = {"code": REFUSED, "message": message, "result": None}
    return Reply(REFUSED, message, json.dumps(body).encode())


class Lane:
    """One renderer process, started when first needed. Not safe to use from several threads."""

    def __init__(self, sandbox: Sandbox) -> None:
        # The browser needs /tmp as such and its own processes' /proc. It is no script's code; what
        # of /proc belongs to others stays closed, as Landlock refuses to trace them.
        self._service = Service(sandbox, "render_plotly", "sockets", ("/proc", "/tmp"))
        self._drawn, self._peak = 0, 0  # figures; bytes

    @property
    def fresh(self) -> bool:
        """Whether the figure that comes is its first."""
        return self._drawn == 0

    @property
    def pid(self) -> int | None:
        process = self._service.process
        return process.pid if process else None

    def come_up(self, wanted: threading.Event) -> None:
        """Be ready to draw.

        Raises:
            ServiceDown: the renderer does not start.
            Unwanted: `wanted` is not set any more.
        """
        if self._drawn >= FIGURES_PER_PROCESS:
            self.close()
        if self.pid is None:
            self._drawn, self._peak = 0, 0
            try:
                self._ask([], 1, START_TIMEOUT_S, wanted)
            except TimeoutError as error:
                raise ServiceDown("no renderer within its time") from error

    def draw(self, body: bytes, timeout_s: float, wanted: threading.Event) -> Reply:
        """One exchange. An error leaves no process behind.

        Raises:
            ServiceDown, TimeoutError: as `Service.ask`.
            TooLarge: it took too much memory.
            Unwanted: as `come_up`.
        """
        head, answer = self._ask([body], 2, timeout_s, wanted)
        self._drawn += 1
        try:
            said = json.loads(head)
            reply = Reply(int(said["code"]), str(said["message"] or "no image"), answer)
            tried = bool(said["tried"])
        except (ValueError, KeyError, TypeError) as error:
            self.close()
            raise ServiceDown("the renderer's answer is none") from error
        if (reply.code != 0 and tried) or self._peak > KEPT_BYTES:
            self.close()
        return reply

    def _ask(
        self, bodies: list[bytes], replies: int, timeout_s: float, wanted: threading.Event
    ) -> list[bytes]:
        def look() -> None:
            if not wanted.is_set():
                raise Unwanted
            if self.pid is not None:
                self._peak = max(self._peak, memory_below(self.pid, KEPT_BYTES))
            if self._peak > MEMORY_BYTES:
                raise TooLarge

        return self._service.ask(bodies, replies, timeout_s, look)

    def close(self) -> None:
        self._service.close()


class FigureRenderer:
    """As many renderer processes as are busy at once."""

    def __init__(self, sandbox: Sandbox) -> None:
        self.lanes = Spares(lambda: Lane(sandbox))

    @property
    def pids(self) -> list[int]:
        """The processes that are there and idle."""
        return [lane.pid for lane in self.lanes.idle.queue if lane.pid is not None]

    def render(self, figure: Any) -> bytes:
        """`Renders.render`, of a figure that stands alone."""
        return Renders(self).render(figure)

    def close(self) -> None:
        self.lanes.close()


class Renders:
    """The figures of one script, drawn one after another, for `DRAWING_S` at most."""

    def __init__(self, renderer: FigureRenderer) -> None:
        self._renderer = renderer
        self._wanted = threading.Event()
        self._wanted.set()
        self._left_s = DRAWING_S
        self._waits: tuple[float, float | None] = 0.0, None  # seconds so far; since when

    @property
    def waited_s(self) -> float:
        """The seconds that are not the script's, for which its clock stands still. Any thread may
        ask."""
        so_far, since = self._waits
        now = 0.0 if since is None else time.monotonic() - since
        return min(so_far + now, WAIT_LIMIT_S)

    def end(self) -> None:
        """Nobody waits for an image any more: what is being drawn is given up. Any thread may call
        it."""
        self._wanted.clear()

    def export(self, body: bytes) -> bytes:
        """The answer to a script's own export: {"code", "message", "result"}, as kaleido's.

        Raises:
            EngineFailure: no renderer could be kept alive for it.
            Unwanted: `end` was called.
        """
        return self._reply(body).body

    def render(self, figure: Any) -> bytes:
        """PNG bytes of one displayed figure.

        Raises:
            RenderError: the figure is refused or cannot be drawn.
            EngineFailure: no renderer could be kept alive for it.
        """
        if not isinstance(figure, dict):
            raise RenderError("not a figure")
        width, height = size_of(figure)
        request = {"figure": figure, "format": "png", "scale": 1, "width": width, "height": height}
        try:
            reply = self._reply(json.dumps(request).encode())
        except RecursionError as error:
            raise RenderError("the figure is nested too deeply") from error
        if reply.code != 0:
            if missing := needs_network(figure, reply.message):
                raise NeedsNetwork(f"needs {missing} from the network")
            raise RenderError(reply.message[:500])
        try:
            return base64.b64decode(json.loads(reply.body)["result"], validate=True)
        except (ValueError, KeyError, TypeError) as error:
            raise RenderError("the renderer's answer is no image") from error

    def _reply(self, body: bytes) -> Reply:
        if len(body) > REQUEST_LIMIT:
            return refused(f"a figure of {len(body)} bytes")
        if self._left_s <= 0:
            return refused(f"the figures before it took {DRAWING_S:g} s")
        with self._renderer.lanes.one() as lane:
            try:
                return self._draw(lane, body) or self._draw(lane, body) or self._ended_over(lane)
            except TimeoutError:
                return refused(f"no image within {DRAWING_S:g} s")
            except TooLarge:
                return refused(f"drawing it takes over {MEMORY_BYTES >> 20} MB")

    def _draw(self, lane: Lane, body: bytes) -> Reply | None:
        """One exchange; None when the renderer died over it, or grew too large over figures that
        came before, too."""
        fresh = True
        try:
            with self._waiting():
                lane.come_up(self._wanted)
            fresh, began = lane.fresh, time.monotonic()
            try:
                return lane.draw(body, max(0.0, self._left_s), self._wanted)
            finally:
                self._left_s -= time.monotonic() - began
        except ServiceDown:
            return None
        except TooLarge:
            if fresh:
                raise
            return None

    def _ended_over(self, lane: Lane) -> Reply:
        """The renderer died over a figure twice: the figure's fault, if it still draws another."""
        blank = {"figure": {"data": []}, "format": "png", "width": 20, "height": 20, "scale": 1}
        try:
            with self._waiting():
                lane.come_up(self._wanted)
                lane.draw(json.dumps(blank).encode(), START_TIMEOUT_S, self._wanted)
        except (ServiceDown, TimeoutError) as error:
            raise EngineFailure("the plotly renderer ended without an answer") from error
        return refused("the renderer ended over it")

    @contextmanager
    def _waiting(self) -> Iterator[None]:
        so_far, began = self._waits[0], time.monotonic()
        self._waits = so_far, began
        try:
            yield
        finally:
            self._waits = so_far + time.monotonic() - began, None
