"""metrics/funnel.json and funnel.png: what every stage let through, per source, beside the paper's
own funnel.

Read from the metrics that the stages wrote, and checked: in = kept + rejected at each stage, and
what one stage kept is what the next one got. A mismatch means outputs of different runs.

In the picture, ours and the paper's stand in columns of their own, each bar a share of its column's
first figure, because our runs and the paper's differ in size by up to five orders of magnitude.
"""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import Field

from viscode.core.drawing import COLORS, png
from viscode.core.errors import UserError
from viscode.core.metric_files import Count, Metrics, read_metrics
from viscode.core.outcomes import Tally
from viscode.core.paper_funnel import PAPER_IN, PAPER_RECORDS
from viscode.core.records import SourceName

K = TypeVar("K", str, tuple[str, str])

LAST = "assemble"
STEPS: dict[SourceName, tuple[str, ...]] = {
    "files": (
        "collect_files",
        "select_files",
        "extract_blocks",
        "balance_libraries",
        "validate/files",
        "write_instructions/files",
    ),
    "charts": (
        "collect_charts",
        "rebuild_charts",
        "validate/charts",
        "write_instructions/charts",
    ),
    "dialogues": ("collect_dialogues", "filter_dialogues"),
}
"""The stages on the way of each source, before LAST."""

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


class _Counts(Metrics):
    """What the tally of a stage holds; a stage may write more."""

    inputs: Annotated[Count, Field(alias="in")]
    kept: Count
    records: Count
    rejected: dict[str, Count]


def build_funnel(metrics: Path, assembled: Mapping[SourceName, Tally]) -> dict[str, Any]:
    """{source: {stage: {"step", "in", "kept", "records", "rejected", "paper_in", "paper"}}} for the
    sources in `assembled`, whose own tally is the last step. `step` numbers the stages from 1.
    `kept` counts inputs, `records` what they became. `paper_in` stands beside `in`, `paper` beside
    `records`; each is left out where the paper says nothing.

    Raises:
        UserError: metrics that are missing, unreadable or do not add up; names the stage.
    """
    return {
        source: _steps(metrics, source, assembled[source])
        for source in STEPS
        if source in assembled
    }


def _steps(metrics: Path, source: SourceName, last: Tally) -> dict[str, Any]:
    found: dict[str, Any] = {}
    previous, arriving = "", 0
    for number, stage in enumerate((*STEPS[source], LAST), start=1):
        path = metrics / f"{stage}.json"
        own = _Counts.model_validate(last.as_metrics())
        counts = own if stage == LAST else read_metrics(path, _Counts)
        problem = ""
        if counts is None:
            problem = f"no metrics of stage {stage}"
        elif counts.inputs != counts.kept + sum(counts.rejected.values()):
            problem = f"the metrics of stage {stage} do not add up"
        elif previous and counts.inputs != arriving:
            problem = f"stage {stage} got {counts.inputs} records for {source}, "
            problem += f"but {previous} kept {arriving}"
        if counts is None or problem:
            raise UserError(problem, where=str(path), todo="run the pipeline again: dvc repro")
        paper = {
            "paper_in": PAPER_IN.get(source, {}).get(stage),
            "paper": PAPER_RECORDS.get(source, {}).get(stage),
        }
        given = {name: figure for name, figure in paper.items() if figure is not None}
        found[stage] = {"step": number, **counts.model_dump(by_alias=True), **given}
        previous, arriving = stage, counts.records
    return found


def falling(counts: Mapping[K, int]) -> list[tuple[K, int]]:
    """Names and counts, the highest first."""
    return sorted(counts.items(), key=lambda item: (-item[1], item[0]))


def top_reasons(rejected: Mapping[str, int], most: int) -> str:
    """The reasons that rejected most, each with its count, and the sum of the others."""
    reasons = falling(rejected)
    shown = [f"{name} {count:,}" for name, count in reasons[:most]]
    if rest := reasons[most:]:
        shown.append(f"{len(rest)} more reasons {sum(count for _, count in rest):,}")
    return ", ".join(shown)


def funnel_png(funnel: Funnel) -> bytes:
    """A PNG 1200 pixels wide."""
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
