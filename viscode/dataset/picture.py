"""metrics/funnel.png: what every stage let through, per source, with the paper's funnel beside it.

Ours and the paper's stand in columns of their own, each bar a share of its column's first figure,
because our runs and the paper's differ in size by up to five orders of magnitude.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from viscode.core.drawing import COLORS, png
from viscode.dataset.funnel import top_reasons

WIDTH, HEAD, SOURCE_HEAD, ROW = 12.0, 1.0, 0.65, 0.45  # inches
TITLE_PT, HEAD_PT, TEXT_PT, SMALL_PT = 16, 12.5, 10.5, 9
THINNEST = 0.004  # share of a bar that is still seen
TOP_REASONS = 3
SOURCES = {  # title, the paper's corpus, color of the bars
    "files": ("Files", "stack-edu", "m1"),
    "charts": ("Charts", "CoSyn-400K", "m2"),
    "dialogues": ("Dialogues", "Code-Feedback", "m0"),
}
TITLE = "From what was found to the data set"
CAPTION = (
    "Records after each stage. A bar is the share of the first figure of its own column; "
    "the paper's figures are rounded, and it gives some only."
)


Funnel = Mapping[str, Mapping[str, Mapping[str, Any]]]


def funnel_png(funnel: Funnel) -> bytes:
    """A PNG 1200 pixels wide of a funnel as viscode.dataset.funnel builds it."""
    rows = sum(len(stages) + 1 for stages in funnel.values())
    height = HEAD + SOURCE_HEAD * len(funnel) + ROW * rows
    return png(WIDTH, round(height, 2), lambda figure: draw(figure, funnel))


def draw(figure: Any, funnel: Funnel) -> None:
    """Two columns of bars, a pair for each source."""
    muted, inch = COLORS["muted"], 1 / figure.get_figheight()
    figure.text(0.025, 1 - 0.38 * inch, TITLE, size=TITLE_PT, weight="bold", va="center")
    figure.text(0.025, 1 - 0.72 * inch, CAPTION, color=muted, va="center")
    body = (0.02, 0.01, 0.97, 1 - (HEAD + 0.05) * inch)
    figure.set_layout_engine("constrained", h_pad=0.12, rect=body)
    rows = [len(stages) + 1 for stages in funnel.values()]
    axes = figure.subplots(len(rows), 2, squeeze=False, width_ratios=(5, 3), height_ratios=rows)
    for (source, stages), (ours, papers) in zip(funnel.items(), axes, strict=True):
        title, corpus, color = SOURCES[source]
        steps = list(stages.values())
        _bars(ours, [steps[0]["in"], *(step["records"] for step in steps)], color)
        paper = [steps[0].get("paper_in"), *(step.get("paper") for step in steps)]
        _bars(papers, paper, "paper-line")
        ours.set_title(f"{title}, ours", loc="left", size=HEAD_PT, weight="bold")
        papers.set_title(f"paper ({corpus})", loc="left", size=TEXT_PT, color=muted)
        names = ["found", *(stage.partition("/")[0] for stage in stages)]
        ours.set_yticks(range(len(names)), names, size=TEXT_PT)
        for place, step in enumerate(steps, start=1):
            if reasons := top_reasons(step["rejected"], TOP_REASONS):
                words = ours.text(0, place + 0.46, f"rejected: {reasons}", va="center")
                words.set(size=SMALL_PT, color=muted, in_layout=False)


def _bars(axes: Any, counts: Sequence[int | None], color: str) -> None:
    """Bars with their numbers, from the top down; None where there is no figure."""
    whole = next((count for count in counts if count is not None), 0)
    lengths = [
        0 if count is None else max(THINNEST, min(count / whole, 1) if whole else 0)
        for count in counts
    ]
    bars = axes.barh(range(len(counts)), lengths, 0.45, color=COLORS[color])
    labels = [
        "not given" if count is None else f"{count:,}  {_share(count, whole)}" for count in counts
    ]
    axes.bar_label(bars, labels, padding=6, size=TEXT_PT)
    axes.set(xlim=(0, 1.9), ylim=(len(counts) - 0.3, -0.4), xticks=[], yticks=[])
    axes.set_frame_on(False)
    axes.grid(False)


def _share(count: int, whole: int) -> str:
    """In per cent: whole ones from ten on, with one digit that is not 0 below."""
    if not whole:
        return ""
    percent = 100 * count / whole
    if percent >= 9.5 or not count:
        return f"({percent:.0f} %)"
    return f"({float(f'{percent:.1g}'):g} %)"
