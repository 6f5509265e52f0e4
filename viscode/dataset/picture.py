"""metrics/funnel.png: what every stage let through, per source, with the paper's funnel beside it.

Ours and the paper's stand in columns of their own, each bar a share of its column's first figure,
because our runs and the paper's differ in size by up to five orders of magnitude. Drawn with
matplotlib's objects, without pyplot, in inches on one page; the same funnel gives the same bytes.
"""

import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

Funnel = Mapping[str, Mapping[str, Mapping[str, Any]]]

DPI = 100
WIDTH = 12.0  # inches, as all that follows
MARGIN = 0.3
OURS, PAPER = 2.75, 8.2  # where the columns of bars begin
BAR_LENGTH = {OURS: 3.35, PAPER: 1.95}
REASONS_ROOM = WIDTH - MARGIN - OURS
BAR_HEIGHT = 0.2
ROW, REASONS_ROW = 0.33, 0.2  # height of a row, and what its small print adds
HEAD, SOURCE_HEAD, SOURCE_GAP, FOOT = 1.05, 0.42, 0.22, 0.2
REASONS_SHOWN = 3
FONT = "DejaVu Sans"  # comes with matplotlib
TITLE_PT, HEAD_PT, TEXT_PT, SMALL_PT = 16, 12.5, 10.5, 9
INK, SOFT, PAPER_COLOUR = "#1d2329", "#5c6670", "#9aa4ae"
COLOURS = {"files": "#2f6fb0", "charts": "#2f8f6b", "dialogues": "#b0652f"}
TITLES = {"files": "Files", "charts": "Charts", "dialogues": "Dialogues"}
CORPORA = {"files": "stack-edu", "charts": "CoSyn-400K", "dialogues": "Code-Feedback"}
CAPTION = (
    "Records after each stage. A bar is the share of the first figure of its own column; "
    "the paper's figures are rounded, and it gives some only."
)
NOTHING = "not given"


@dataclass(frozen=True)
class Row:
    """One line of the picture; None where there is no figure."""

    label: str
    ours: int
    paper: int | None
    reasons: tuple[str, ...] = ()

    @property
    def height(self) -> float:
        return ROW + (REASONS_ROW if self.reasons else 0)


def funnel_png(funnel: Funnel) -> bytes:
    """A PNG 1200 pixels wide of a funnel as viscode.dataset.funnel builds it."""
    from matplotlib.backends.backend_agg import FigureCanvasAgg
    from matplotlib.figure import Figure

    blocks = {source: rows_of(stages) for source, stages in funnel.items()}
    heights = (SOURCE_HEAD + SOURCE_GAP + sum(r.height for r in rows) for rows in blocks.values())
    height = round(HEAD + sum(heights) + FOOT, 2)
    figure = Figure(figsize=(WIDTH, height), dpi=DPI, facecolor="white")
    canvas = FigureCanvasAgg(figure)
    axes = figure.add_axes((0, 0, 1, 1))
    axes.set(xlim=(0, WIDTH), ylim=(height, 0))
    axes.set_axis_off()
    _draw(_Page(axes, canvas.get_renderer()), blocks)
    stream = io.BytesIO()
    canvas.print_png(stream, metadata={"Software": None})
    return stream.getvalue()


def rows_of(stages: Mapping[str, Mapping[str, Any]]) -> list[Row]:
    """What came in, then what each stage left; the reasons that rejected most, at most three."""
    first = next(iter(stages.values()))
    rows = [Row("found", first["in"], first.get("paper_in"))]
    for stage, step in stages.items():
        reasons = tuple(_reasons(step["rejected"]))
        rows.append(Row(stage.partition("/")[0], step["records"], step.get("paper"), reasons))
    return rows


def _reasons(rejected: Mapping[str, int]) -> Iterator[str]:
    falling = sorted(rejected.items(), key=lambda item: (-item[1], item[0]))
    yield from (f"{reason} {count:,}" for reason, count in falling[:REASONS_SHOWN])
    if rest := falling[REASONS_SHOWN:]:
        yield f"{len(rest)} more {sum(count for _, count in rest):,}"


class _Page:
    """Text and bars at places in inches from the upper left corner."""

    def __init__(self, axes: Any, renderer: Any) -> None:
        self.axes = axes
        self.renderer = renderer

    def text(
        self, x: float, y: float, words: str, size: float, colour: str = INK, bold: bool = False
    ) -> Any:
        weight = "bold" if bold else "normal"
        return self.axes.text(
            x,
            y,
            words,
            fontsize=size,
            color=colour,
            fontweight=weight,
            fontfamily=FONT,
            va="center",
            ha="left",
            parse_math=False,
        )

    def listing(self, x: float, y: float, items: tuple[str, ...], room: float) -> None:
        """As many of `items` as the room holds, and an ellipsis for the others."""
        for shown in range(len(items), 0, -1):
            words = ", ".join(items[:shown]) + (", ..." if shown < len(items) else "")
            text = self.text(x, y, f"rejected: {words}", SMALL_PT, SOFT)
            width = text.get_window_extent(self.renderer).width / DPI
            if width <= room or shown == 1:
                return
            text.remove()

    def bar(self, x: float, y: float, length: float, colour: str) -> None:
        from matplotlib.patches import Rectangle

        width = max(length, 1 / DPI)
        self.axes.add_patch(
            Rectangle((x, y - BAR_HEIGHT / 2), width, BAR_HEIGHT, facecolor=colour, linewidth=0)
        )


def _draw(page: _Page, blocks: Mapping[str, list[Row]]) -> None:
    page.text(MARGIN, 0.38, "From what was found to the data set", TITLE_PT, bold=True)
    page.text(MARGIN, 0.72, CAPTION, TEXT_PT - 0.5, SOFT)
    y = HEAD
    for source, rows in blocks.items():
        middle = y + SOURCE_HEAD / 2
        page.text(MARGIN, middle, TITLES.get(source, source), HEAD_PT, bold=True)
        page.text(OURS, middle, "ours", TEXT_PT, SOFT)
        corpus = f" ({CORPORA[source]})" if source in CORPORA else ""
        page.text(PAPER, middle, f"paper{corpus}", TEXT_PT, SOFT)
        y += SOURCE_HEAD
        ours, paper = _first(row.ours for row in rows), _first(row.paper for row in rows)
        for row in rows:
            _draw_row(page, row, y + ROW / 2, (ours, paper), COLOURS.get(source, SOFT))
            y += row.height
        y += SOURCE_GAP


def _draw_row(page: _Page, row: Row, y: float, wholes: tuple[int, int], colour: str) -> None:
    page.text(MARGIN, y, row.label, TEXT_PT)
    _figure(page, OURS, y, row.ours, wholes[0], colour)
    if row.paper is None:
        page.text(PAPER, y, NOTHING, SMALL_PT, PAPER_COLOUR)
    else:
        _figure(page, PAPER, y, row.paper, wholes[1], PAPER_COLOUR)
    if row.reasons:
        page.listing(OURS, y + (ROW + REASONS_ROW) / 2 - 0.01, row.reasons, REASONS_ROOM)


def _figure(page: _Page, x: float, y: float, count: int, whole: int, colour: str) -> None:
    """A bar with its number, and its share of the whole, written behind it."""
    length = BAR_LENGTH[x] * min(count / whole, 1) if whole else 0
    page.bar(x, y, length, colour)
    page.text(x + length + 0.08, y, f"{count:,}  {_share(count, whole)}", TEXT_PT)


def _share(count: int, whole: int) -> str:
    """In per cent: whole ones from ten on, with one digit that is not 0 below."""
    if not whole:
        return ""
    percent = 100 * count / whole
    if percent >= 9.5 or not count:
        return f"({percent:.0f} %)"
    return f"({float(f'{percent:.1g}'):g} %)"


def _first(counts: Iterator[int | None]) -> int:
    return next((count for count in counts if count is not None), 0)
