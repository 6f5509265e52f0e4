"""How many records each stage left of each source, beside the paper's own funnel."""

from collections.abc import Mapping
from dataclasses import dataclass

from viscode.core.paper_funnel import PAPER_IN
from viscode.report.grid import NOT_RUN, NOTHING, Grid
from viscode.report.loading import StageTally
from viscode.report.published import Published

# source -> (stage in metrics/funnel.json, label), in the order of the pipeline
STEPS: dict[str, tuple[tuple[str, str], ...]] = {
    "files": (
        ("collect_files", "looked at"),
        ("select_files", "use a plotting library"),
        ("extract_blocks", "standalone blocks"),
        ("balance_libraries", "after balancing libraries"),
        ("validate/files", "run and draw"),
        ("write_instructions/files", "with an instruction"),
        ("assemble", "in the data set"),
    ),
    "charts": (
        ("collect_charts", "collected"),
        ("rebuild_charts", "rebuilt as scripts"),
        ("validate/charts", "run and draw"),
        ("write_instructions/charts", "with an instruction"),
        ("assemble", "in the data set"),
    ),
    "dialogues": (
        ("collect_dialogues", "collected"),
        ("filter_dialogues", "Python, within length and turns"),
        ("assemble", "in the data set"),
    ),
}
TITLES = {
    "files": "Files: plotting code found in the wild (paper: stack-edu)",
    "charts": "Charts: synthetic code with its data (paper: CoSyn-400K)",
    "dialogues": "Dialogues: multi-turn corrections (paper: Code-Feedback)",
}
NOTES = (
    "Records that left each stage, and their share of the first step in per cent. Bars and shares "
    "of the paper refer to the paper's own first published figure of that source.",
    "The paper publishes rounded figures for some steps only. Files are counted as they come in, "
    "all else as it goes out.",
)
INCOMING = frozenset(stage for stages in PAPER_IN.values() for stage in stages)
Counts = Mapping[str, Mapping[str, StageTally]]


@dataclass(frozen=True)
class Step:
    """`count` is None where the stage was not run, `paper` where the paper gives no figure."""

    label: str
    stage: str
    count: int | None
    share: float | None
    paper: int | None
    paper_share: float | None
    rejected: tuple[tuple[str, int], ...]


@dataclass(frozen=True)
class Funnel:
    source: str
    title: str
    steps: tuple[Step, ...]


def funnels(counts: Counts, paper: Published) -> list[Funnel]:
    """A funnel per source of the pipeline, also of those that a run left out."""
    return [
        Funnel(
            source,
            TITLES[source],
            tuple(_steps(source, counts.get(source, {}), paper.funnel.get(source, {}))),
        )
        for source in STEPS
    ]


def _steps(
    source: str, stages: Mapping[str, StageTally], published: Mapping[str, int]
) -> list[Step]:
    ours = next((_count_of(s, stages[s]) for s, _ in STEPS[source] if s in stages), None)
    theirs = next((published[s] for s, _ in STEPS[source] if s in published), None)
    return [
        _step(stage, label, stages.get(stage), ours, published.get(stage), theirs)
        for stage, label in STEPS[source]
    ]


def _step(
    stage: str,
    label: str,
    tally: StageTally | None,
    ours: int | None,
    paper: int | None,
    theirs: int | None,
) -> Step:
    """`ours` and `theirs` are the counts of the first step, which shares refer to."""
    count = _count_of(stage, tally) if tally else None
    rejected = tally.rejected if tally else {}
    return Step(
        label,
        stage,
        count,
        _share(count, ours),
        paper,
        _share(paper, theirs),
        tuple(sorted(rejected.items(), key=lambda item: (-item[1], item[0]))),
    )


def _count_of(stage: str, tally: StageTally) -> int:
    """Records after a stage; before it where the paper counts what came in."""
    return tally.inputs if stage in INCOMING else tally.records


def _share(count: int | None, whole: int | None) -> float | None:
    return None if count is None or not whole else 100 * count / whole


def grids(found: list[Funnel]) -> list[Grid]:
    """One markdown table per source."""
    return [_grid(funnel) for funnel in found]


def _grid(funnel: Funnel) -> Grid:
    grid = Grid(
        funnel.title,
        ("Step", "Stage", "Ours", "Share", "Paper", "Paper's share", "Rejected because"),
        text_columns=2,
    )
    for step in funnel.steps:
        why = ", ".join(f"{reason} {count}" for reason, count in step.rejected) or NOTHING
        grid.add(
            step.label,
            step.stage,
            _count(step.count, NOT_RUN),
            _percent(step.share),
            _count(step.paper, NOTHING),
            _percent(step.paper_share),
            why,
        )
    return grid


def _count(count: int | None, missing: str) -> str:
    return missing if count is None else f"{count:,}"


def _percent(share: float | None) -> str:
    return NOTHING if share is None else f"{share:.0f}"
