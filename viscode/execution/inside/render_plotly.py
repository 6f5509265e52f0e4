"""Turns plotly figure JSON into images: `python render_plotly.py DESCRIPTOR`, frames on a socket.

Request {"figure": {...}, "format", "width", "height", "scale"}, reply what kaleido answers:
{"code", "message", "result"}. kaleido 0.2.1 keeps one browser page open, so a figure costs tens of
milliseconds.

plotly.js fetches the outlines of countries and coasts for every map with shapes, even where it
draws none of them. Here it finds an empty topology in place: a map that does not look into it is
drawn, and one that does fails, with a message that says so.
"""

import json
import socket
import sys
from pathlib import Path

import plotly
from kaleido.scopes.plotly import PlotlyScope

NO_OUTLINES = """
window.PlotlyGeoAssets = {topojson: new Proxy({}, {get: () => ({
    type: 'Topology', arcs: [], objects: new Proxy({}, {get: (_, layer) => {
        throw new Error('needs map outlines from the network: ' + String(layer));
    }})
})})};
"""


class Scope(PlotlyScope):
    """Figures arrive as plain JSON data: plotly's own encoder has nothing to do."""

    def _json_dumps(self, val):
        return json.dumps(val)


def main():
    sys.path.insert(0, str(Path(__file__).parent))
    import frames

    line = socket.socket(fileno=int(sys.argv[1]))
    scope = Scope()
    library = Path(plotly.__file__).parent / "package_data" / "plotly.min.js"
    prepared = Path("plotly.js").absolute()  # in the folder of this process
    prepared.write_text(NO_OUTLINES + library.read_text())
    scope.plotlyjs = str(prepared)
    while True:
        try:
            request = json.loads(frames.receive(line)[1])
        except EOFError:
            return
        reply = scope._perform_transform(request.pop("figure"), **request)
        frames.send(line, frames.PICTURE, json.dumps(reply).encode())


if __name__ == "__main__":
    main()
