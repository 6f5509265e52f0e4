"""metrics/funnel.png: what every stage let through, per source, with the paper's funnel beside it.

Ours and the paper's stand in columns of their own, each bar a share of its column's first figure,
because our runs and the paper's differ in size by up to five orders of magnitude. Places are in
inches from the upper left corner of one page.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from viscode.core.drawing import COLORS, DPI, png

SHEET_WIDTH = 12.0
MARGIN = 0.3
OURS, PAPER = 2.75, 8.2  # where the columns of bars begin
BAR_LENGTH = {OURS: 3.35, PAPER: 1.95}
REASONS_ROOM = SHEET_WIDTH - MARGIN - OURS
BAR_HEIGHT = 0.2
ROW, REASONS_ROW = 0.33, 0.2  # height of a row, and what its small print adds
HEAD, SOURCE_HEAD, SOURCE_GAP, FOOT = 1.05, 0.42, 0.22, 0.2
TOP_REASONS = 3
TITLE_PT, HEAD_PT, TEXT_PT, SMALL_PT = 16, 12.5, 10.5, 9
FUNNEL_SOURCES = {  # title, the paper's corpus, color of the bars
    "files": ("Files", " (stack-edu)", COLORS["m1"]),
    "charts": ("Charts", " (CoSyn-400K)", COLORS["m2"]),
    "dialogues": ("Dialogues", " (Code-Feedback)", COLORS["m0"]),
}
CAPTION = (
    "Records after each stage. A bar is the share of the first figure of its own column; "
    "the paper's figures are rounded, and it gives some only."
)


@dataclass(frozen=True)
class FunnelRow:
    """One line of the picture; None where there is no figure."""

    label: str
    ours: int
    paper: int | None
    reasons: tuple[str, ...] = ()

    @property
    def height(self) -> float:
        return ROW + (REASONS_ROW if self.reasons else 0)


def funnel_png(funnel: Mapping[str, Mapping[str, Mapping[str, Any]]]) -> bytes:
    """A PNG 1200 pixels wide of a funnel as viscode.dataset.funnel builds it."""
    blocks = {source: rows_of(stages) for source, stages in funnel.items()}
    heights = (SOURCE_HEAD + SOURCE_GAP + sum(r.height for r in rows) for rows in blocks.values())
    height = round(HEAD + sum(heights) + FOOT, 2)
    return png(SHEET_WIDTH, height, lambda figure: _draw(_Sheet(figure, height), blocks))


def rows_of(stages: Mapping[str, Mapping[str, Any]]) -> list[FunnelRow]:
    """What came in, then what each stage left; the reasons that rejected most, at most three."""
    first = next(iter(stages.values()))
    rows = [FunnelRow("found", first["in"], first.get("paper_in"))]
    for stage, step in stages.items():
        reasons = tuple(_reasons(step["rejected"]))
        name = stage.partition("/")[0]
        rows.append(FunnelRow(name, step["records"], step.get("paper"), reasons))
    return rows


def _reasons(rejected: Mapping[str, int]) -> Iterator[str]:
    falling = sorted(rejected.items(), key=lambda item: (-item[1], item[0]))
    yield from (f"{reason} {count:,}" for reason, count in falling[:TOP_REASONS])
    if rest := falling[TOP_REASONS:]:
        yield f"{len(rest)} more {sum(count for _, count in rest):,}"


class _Sheet:
    """Text and bars on the page."""

    def __init__(self, figure: Any, height: float) -> None:
        self.figure = figure
        self.axes = figure.add_axes((0, 0, 1, 1))
        self.axes.set(xlim=(0, SHEET_WIDTH), ylim=(height, 0))
        self.axes.set_axis_off()

    def text(self, x: float, y: float, words: str, size: float, tone: str = "ink") -> Any:
        weight = "bold" if size > TEXT_PT else "normal"
        color = COLORS[tone]
        return self.axes.text(x, y, words, size=size, color=color, weight=weight, va="center")

    def listing(self, x: float, y: float, items: tuple[str, ...], room: float) -> None:
        """As many of `items` as the room holds, and an ellipsis for the others."""
        for shown in range(len(items), 0, -1):
            words = ", ".join(items[:shown]) + (", ..." if shown < len(items) else "")
            text = self.text(x, y, f"rejected: {words}", SMALL_PT, "muted")
            extent = text.get_window_extent(self.figure.canvas.get_renderer())
            if extent.width / DPI <= room or shown == 1:
                return
            text.remove()

    def figure_at(self, x: float, y: float, count: int, whole: int, color: str) -> None:
        """A bar with its number, and its share of the whole, after it."""
        length = BAR_LENGTH[x] * min(count / whole, 1) if whole else 0
        self.axes.barh(y, max(length, 1 / DPI), BAR_HEIGHT, left=x, color=color, linewidth=0)
        self.text(x + length + 0.08, y, f"{count:,}  {_share(count, whole)}", TEXT_PT)


def _draw(sheet: _Sheet, blocks: Mapping[str, list[FunnelRow]]) -> None:
    sheet.text(MARGIN, 0.38, "From what was found to the data set", TITLE_PT)
    sheet.text(MARGIN, 0.72, CAPTION, TEXT_PT - 0.5, "muted")
    y = HEAD
    for source, rows in blocks.items():
        title, corpus, color = FUNNEL_SOURCES.get(source, (source, "", COLORS["muted"]))
        middle = y + SOURCE_HEAD / 2
        sheet.text(MARGIN, middle, title, HEAD_PT)
        sheet.text(OURS, middle, "ours", TEXT_PT, "muted")
        sheet.text(PAPER, middle, f"paper{corpus}", TEXT_PT, "muted")
        y += SOURCE_HEAD
        published = next((row.paper for row in rows if row.paper is not None), 0)
        for row in rows:
            line = y + ROW / 2
            sheet.text(MARGIN, line, row.label, TEXT_PT)
            sheet.figure_at(OURS, line, row.ours, rows[0].ours, color)
            if row.paper is None:
                sheet.text(PAPER, line, "not given", SMALL_PT, "paper-line")
            else:
                sheet.figure_at(PAPER, line, row.paper, published, COLORS["paper-line"])
            if row.reasons:
                sheet.listing(
                    OURS, line + REASONS_ROW / 2 + ROW / 2 - 0.01, row.reasons, REASONS_ROOM
                )
            y += row.height
        y += SOURCE_GAP


def _share(count: int, whole: int) -> str:
    """In per cent: whole ones from ten on, with one digit that is not 0 below."""
    if not whole:
        return ""
    percent = 100 * count / whole
    if percent >= 9.5 or not count:
        return f"({percent:.0f} %)"
    return f"({float(f'{percent:.1g}'):g} %)"
