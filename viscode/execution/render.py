"""Plotly figure JSON -> images through one persistent renderer in a sandbox of its own.

kaleido 0.2.1 of the scripts' environment renders without Chrome and without a network. A figure
is a script's word: it may name files as image sources, never end, or crash the browser. So it is
refused when a source is not a data: URL, the renderer has no network and sees no files, and it is
started anew after an error, a timeout and every `FIGURES_PER_PROCESS` figures. A figure that does
not render without map tiles, outlines of countries or shapes off the network is `NeedsNetwork`.

Scripts' own exports (`write_image`, `to_image`) come here too: `transform` answers as kaleido does.
"""

import base64
import binascii
import json
import threading
from typing import Any

from viscode.execution.cell_run import EngineFailure, list_of
from viscode.execution.sandbox import Sandbox
from viscode.execution.service import Service, ServiceDown

FIGURES_PER_PROCESS = 200
TIMEOUT_S, TIMEOUT_3D_S = 60.0, 120.0  # on a busy core; the first figure starts the browser
SIDES = (10, 4000)  # pixels of a displayed figure, least and most
PIXEL_LIMIT = 50_000_000  # of an export
DEFAULT_SIZE = (700, 500)  # plotly's own
TRACES_3D = ("surface", "mesh3d", "isosurface", "volume", "cone", "streamtube")
TILED = ("scattermap", "choroplethmap", "densitymap")  # how the types of traces on tiles begin
OUTLINES = "map outlines"  # stands in the message of inside/render_plotly.py
REFUSED = 525  # kaleido's code for a figure that it cannot draw


class RenderError(Exception):
    """This figure cannot be rendered; the message says why. A verdict on the figure."""


class NeedsNetwork(RenderError):
    """It asks for map tiles, outlines or shapes that lie on the network."""


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


def needs_network(figure: dict[str, Any], message: str) -> str:
    """What a figure that failed with `message` would have to fetch; "" where that is not known.
    Whether a map needs outlines plotly.js finds out itself (inside/render_plotly.py)."""
    if OUTLINES in message:
        return OUTLINES
    if any(isinstance(trace.get("geojson"), str) for trace in _traces(figure)):
        return "shapes"
    if any(kind.startswith(TILED) for kind in _kinds(figure)):
        styles = [one.get("style") for one in _parts(figure, "map")] or [None]
        layers = [one for part in _parts(figure, "map") for one in list_of(part.get("layers"))]
        if layers or any(style != "white-bg" for style in styles):
            return "map tiles"
    return ""


def is_3d(figure: dict[str, Any]) -> bool:
    return any(kind in TRACES_3D or kind.endswith("3d") for kind in _kinds(figure))


def _traces(figure: dict[str, Any]) -> list[dict[str, Any]]:
    return [trace for trace in list_of(figure.get("data")) if isinstance(trace, dict)]


def _kinds(figure: dict[str, Any]) -> list[str]:
    """The types of a figure's traces."""
    return [str(trace.get("type", "scatter")) for trace in _traces(figure)]


def _parts(figure: dict[str, Any], prefix: str) -> list[dict[str, Any]]:
    """The parts of a figure's layout with names like geo, geo2."""
    layout = figure.get("layout")
    items = layout.items() if isinstance(layout, dict) else ()
    return [part for name, part in items if name.startswith(prefix) and isinstance(part, dict)]


class Renderer:
    """One renderer process, started when first needed; safe to use from several threads."""

    def __init__(self, sandbox: Sandbox) -> None:
        self._lock = threading.Lock()
        # The browser needs /tmp as such and its own processes' /proc. It is no script's code; what
        # of /proc belongs to others stays closed, as Landlock refuses to trace them.
        self._service = Service(sandbox, "render_plotly.py", "sockets", ("/proc", "/tmp"))
        self._rendered = 0

    @property
    def pid(self) -> int | None:
        process = self._service.process
        return process.pid if process else None

    def render(self, figure: Any) -> bytes:
        """PNG bytes of one displayed figure.

        Raises:
            RenderError: the figure is refused or cannot be drawn.
            EngineFailure: no renderer could be kept alive for it.
        """
        if not isinstance(figure, dict):
            raise RenderError("not a figure")
        width, height = size_of(figure)
        reply = self.transform(
            {"figure": figure, "format": "png", "scale": 1, "width": width, "height": height}
        )
        if reply.get("code", 0) != 0 or not isinstance(reply.get("result"), str):
            message = str(reply.get("message") or "no image")
            if missing := needs_network(figure, message):
                raise NeedsNetwork(f"needs {missing} from the network")
            raise RenderError(message[:500])
        try:
            return base64.b64decode(reply["result"], validate=True)
        except binascii.Error as error:
            raise RenderError("the renderer's answer is not base64") from error

    def transform(self, request: Any) -> dict[str, Any]:
        """What kaleido answers to one export: {"code", "message", "result"}. Refusals and
        timeouts look like errors of kaleido's.

        Raises:
            EngineFailure: no renderer could be kept alive for it.
        """
        try:
            refusal = _refusal(request)
            body = b"" if refusal else json.dumps(request).encode()
        except RecursionError:
            refusal = "the figure is nested too deeply"
        if refusal:
            return {"code": REFUSED, "message": refusal, "result": None}
        timeout_s = TIMEOUT_3D_S if is_3d(request["figure"]) else TIMEOUT_S
        with self._lock:
            try:
                reply = self._ask(body, timeout_s) or self._ask(body, timeout_s)
            except TimeoutError:
                message = f"no image within {timeout_s:g} s"
                return {"code": REFUSED, "message": message, "result": None}
            if reply is None:
                return self._whose_fault()
        return reply

    def _whose_fault(self) -> dict[str, Any]:
        """The renderer died over a figure twice: the figure's fault, if it still draws another."""
        blank = {"figure": {"data": []}, "format": "png", "width": 20, "height": 20, "scale": 1}
        try:
            if self._ask(json.dumps(blank).encode(), TIMEOUT_S) is not None:
                return {"code": REFUSED, "message": "the renderer ended over it", "result": None}
        except TimeoutError:
            pass
        raise EngineFailure("the plotly renderer ended without an answer")

    def close(self) -> None:
        with self._lock:
            self._restart()

    def _restart(self) -> None:
        self._service.close()
        self._rendered = 0

    def _ask(self, body: bytes, timeout_s: float) -> dict[str, Any] | None:
        """One exchange; None when the renderer died over it."""
        if self._rendered >= FIGURES_PER_PROCESS:
            self._restart()
        try:
            reply = json.loads(self._service.ask([body], 1, timeout_s)[0])
        except (ServiceDown, ValueError):
            self._rendered = 0
            return None
        self._rendered += 1
        if not isinstance(reply, dict):
            return None
        if reply.get("code", 0) != 0:
            self._restart()
        return reply


def export(renderer: Renderer, body: bytes) -> bytes:
    """The answer to a script's own export; its request is a stranger's JSON."""
    try:
        request = json.loads(body)
    except (ValueError, RecursionError):
        request = None
    return json.dumps(renderer.transform(request)).encode()


def _refusal(request: Any) -> str:
    """Why a request is not even tried, or ""."""
    if not isinstance(request, dict) or not isinstance(request.get("figure"), dict):
        return "not a figure"
    if source := foreign_source(request["figure"]):
        return f"image source that is not data: {source[:100]}"
    sizes = [request.get(key) for key in ("width", "height", "scale")]
    numbers = [float(size) for size in sizes if isinstance(size, int | float) and 0 < size < 1e5]
    if len(numbers) < len(sizes):
        return f"width, height and scale are no sizes: {sizes}"
    width, height, scale = numbers
    if width * height * scale**2 > PIXEL_LIMIT:
        return f"{width:g} x {height:g} pixels, scaled by {scale:g}, are too many"
    return ""
