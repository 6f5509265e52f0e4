"""Our own charts: one style for all of them, on matplotlib, as PNG for files and SVG for pages.

A color of `COLORS` is written into SVG as the page's CSS variable of that name, so that a page's
dark mode holds for its charts too. Artists are named by `tag`. Drawn without pyplot and whatever
the user's own settings are: the same figure gives the same bytes.
"""

import html
import io
import re
from collections.abc import Callable
from typing import Any

COLORS = {  # as in report/templates/style.css
    "ink": "#1c2126",
    "muted": "#5b6470",
    "line": "#e2e3df",
    "strong": "#c9cbc5",
    "paper-line": "#9aa2ab",
    "m0": "#b35c00",
    "m1": "#1d5fa6",
    "m2": "#2b7a4b",
    "m3": "#8a3a8f",
    "m4": "#a3323f",
    "m5": "#4a5a6a",
}
STYLE = {
    "font.family": "DejaVu Sans",  # comes with matplotlib
    "font.size": 11,
    "text.parse_math": False,
    "text.color": COLORS["ink"],
    "axes.edgecolor": COLORS["strong"],
    "axes.spines.left": False,
    "axes.spines.right": False,
    "axes.spines.top": False,
    "axes.labelcolor": COLORS["muted"],
    "axes.grid": True,
    "axes.grid.axis": "y",
    "axes.axisbelow": True,
    "grid.color": COLORS["line"],
    "xtick.color": COLORS["muted"],
    "ytick.color": COLORS["muted"],
    "xtick.bottom": False,
    "ytick.left": False,
    "svg.fonttype": "none",  # the page's own font
    "svg.hashsalt": "viscode",
}
DPI = 100
POINTS_PER_INCH = 72  # an inch has so many, and a unit of an SVG is one
CLASS, TITLE = "class:", "title:"
Paint = Callable[[Any], None]  # gets a matplotlib figure


def png(width: float, height: float, paint: Paint) -> bytes:
    """A PNG of `width` by `height` inches, `DPI` pixels each."""
    return _drawn(width, height, paint, "png", {"Software": None})


def svg(width: float, height: float, paint: Paint, description: str) -> str:
    """An SVG element of `width` by `height` units, to stand in a page; `description` is what it
    says to those who cannot see it."""
    nothing = dict.fromkeys(("Creator", "Date", "Format", "Type"))
    whole = _drawn(
        width / POINTS_PER_INCH, height / POINTS_PER_INCH, paint, "svg", nothing
    ).decode()
    body = whole[whole.index("<svg") : whole.rindex("</svg>")].partition(">")[2]
    body = re.sub(r"<defs>\s*<style.*?</style>\s*</defs>", "", body, flags=re.DOTALL)
    body = re.sub(r'<g id="([^"]*)">', lambda match: _group(match[1]), body)
    for name, color in COLORS.items():
        body = body.replace(color, f"var(--{name})")
    label = html.escape(description)
    return f'<svg viewBox="0 0 {width:g} {height:g}" role="img" aria-label="{label}">{body}</svg>'


def tag(artist: Any, *, css: str = "", title: str = "") -> None:
    """Give an artist's group in an SVG a CSS class or a text that shows when it is pointed at."""
    artist.set_gid(f"{TITLE}{title}" if title else f"{CLASS}{css}")


def _group(name: str) -> str:
    """Groups have no ids, as a page holds several charts."""
    if name.startswith(CLASS):
        return f'<g class="{name.removeprefix(CLASS)}">'
    return f"<g><title>{name.removeprefix(TITLE)}</title>" if name.startswith(TITLE) else "<g>"


def _drawn(
    width: float, height: float, paint: Paint, form: str, metadata: dict[str, None]
) -> bytes:
    from matplotlib import style
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    with style.context(["default", STYLE]):
        figure = Figure(figsize=(width, height), dpi=DPI)
        FigureCanvasAgg(figure)
        paint(figure)
        in_page = form == "svg"
        for artist in figure.findobj() if in_page else ():
            artist.set_clip_on(False)  # nothing is drawn outside, and a page needs no url(#...)
        stream = io.BytesIO()
        figure.savefig(stream, format=form, dpi=DPI, metadata=metadata, transparent=in_page)
    return stream.getvalue()
