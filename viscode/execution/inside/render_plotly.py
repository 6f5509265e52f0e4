"""Turns plotly figure JSON into images: `start.py render_plotly DESCRIPTOR`, frames on a socket.

In every mode it can open no socket of a network. It says HELLO when the browser is there. A request
is the JSON of {"figure": {...}, "format", "width", "height", "scale"}. The answer is a JSON frame
{"code", "message", "tried"} and a frame with what kaleido answers, {"code", "message", "result"}; a
request that is refused (figures.py) has the code of a figure that kaleido cannot draw. kaleido
0.2.1 keeps one browser page open, so a figure costs tens of milliseconds.

plotly.js fetches the outlines of countries and coasts for every map with shapes, even where it
draws none of them. Here it finds an empty topology in place: a map that does not look into it is
drawn, and one that does fails, with a message that says so.
"""

from __future__ import annotations

import json
import socket
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

import plotly
from kaleido.scopes.plotly import PlotlyScope

from . import figures, frames, seccomp

NO_OUTLINES = """
window.PlotlyGeoAssets = {topojson: new Proxy({}, {get: () => ({
    type: 'Topology', arcs: [], objects: new Proxy({}, {get: (_, layer) => {
        throw new Error('needs map outlines from the network: ' + String(layer));
    }})
})})};
"""


def start() -> PlotlyScope:
    """The browser, ready to draw."""
    scope = PlotlyScope()
    scope._json_dumps = json.dumps  # figures arrive as data: plotly's encoder has nothing to do
    library = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    prepared = Path("plotly.js").absolute()  # in the folder of this process
    prepared.write_text(NO_OUTLINES + library.read_text())
    scope.plotlyjs = str(prepared)
    scope._ensure_kaleido()
    return scope


def answer(scope: PlotlyScope, body: bytes) -> tuple[bool, dict[str, Any]]:
    """(whether it was tried, what kaleido answers); the request is a stranger's."""
    try:
        request = json.loads(body)
        refusal = figures.refusal(request)
    except RecursionError:
        refusal = "the figure is nested too deeply"
    except ValueError:
        refusal = "not a figure"
    if refusal:
        return False, {"code": figures.REFUSED, "message": refusal, "result": None}
    figure = figures.without_addresses(request.pop("figure"))
    return True, scope._perform_transform(figure, **request)


def main() -> None:
    with suppress(OSError):  # outside of walls, where the kernel has none
        seccomp.no_network()
    line = socket.socket(fileno=int(sys.argv[1]))
    scope = start()
    frames.send(line, frames.HELLO, b"")
    while True:
        try:
            body = frames.receive(line)[1]
        except EOFError:
            return
        tried, reply = answer(scope, body)
        head = {"code": reply.get("code", 0), "message": reply.get("message"), "tried": tried}
        frames.send(line, frames.MESSAGE, json.dumps(head).encode())
        frames.send(line, frames.PICTURE, json.dumps(reply).encode())
