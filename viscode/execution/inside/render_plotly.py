"""Turns plotly figure JSON into PNG: one JSON line in, one JSON line out, until stdin ends.

Request {"figure": {...}, "width": px, "height": px}, reply {"png": base64} or {"error": text}.
kaleido 0.2.1 keeps one browser page open, so a figure costs tens of milliseconds.
"""

import json
import sys
from pathlib import Path

import plotly
from kaleido.scopes.plotly import PlotlyScope


class Scope(PlotlyScope):
    """Figures arrive as plain JSON data: plotly's own encoder has nothing to do."""

    def _json_dumps(self, val):
        return json.dumps(val)


def main():
    scope = Scope()
    scope.plotlyjs = str(Path(plotly.__file__).parent / "package_data" / "plotly.min.js")
    for line in sys.stdin:
        request = json.loads(line)
        reply = scope._perform_transform(
            request["figure"],
            format="png",
            scale=1,
            width=request["width"],
            height=request["height"],
        )
        if reply.get("code", 0) == 0 and reply.get("result"):
            answer = {"png": reply["result"]}
        else:
            answer = {"error": str(reply.get("message") or "no image")[:500]}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    main()
