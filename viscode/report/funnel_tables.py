"""How many records each stage left of each source, beside the paper's own funnel."""

from collections.abc import Mapping
from dataclasses import dataclass

from viscode.core.paper_funnel import PAPER_IN, PAPER_RECORDS
from viscode.core.records import SourceName
from viscode.report.grid import NO_VALUE, NOT_RUN, Grid
from viscode.report.loading import StageTally, Tallies, ranked

# source -> (stage in metrics/funnel.json, label), in the order of the pipeline
FUNNEL_STEPS: dict[SourceName, tuple[tuple[str, str], ...]] = {
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
TITLES = {  # source -> name, description, the paper's corpus
    "files": ("Files", "plotting code found in the wild", "stack-edu"),
    "charts": ("Charts", "synthetic code with its data", "CoSyn-400K"),
    "dialogues": ("Dialogues", "multi-turn corrections", "Code-Feedback"),
}
FUNNEL_NOTES = (
    "Records that left each stage, and their share of the first step in per cent. Bars and shares "
    "of the paper refer to the paper's own first published figure of that source.",
    "The paper publishes rounded figures for some steps only. Files are counted as they come in, "
    "all else as it goes out.",
)


@dataclass(frozen=True)
class Step:
    """`count` is None where the stage was not run, `paper` where the paper gives no figure; shares
    are in percent of the first step that has a figure."""

    label: str
    stage: str
    count: int | None
    share: float | None
    paper: int | None
    paper_share: float | None
    rejected: list[tuple[str, int]]


@dataclass(frozen=True)
class Funnel:
    """The steps of one source; `corpus` is what the paper took."""

    name: str
    description: str
    corpus: str
    steps: list[Step]


def funnels(tallies: Tallies) -> list[Funnel]:
    """A funnel per source of the pipeline, also of those that a run left out."""
    return [Funnel(*TITLES[one], _steps(one, tallies.get(one, {}))) for one in FUNNEL_STEPS]


def _steps(source: SourceName, tallies: Mapping[str, StageTally]) -> list[Step]:
    came_in = PAPER_IN.get(source, {})
    ours = {
        stage: tally.inputs if stage in came_in else tally.records
        for stage, tally in tallies.items()
    }
    theirs, steps = PAPER_RECORDS[source], FUNNEL_STEPS[source]
    whole, their_whole = (
        next((known[stage] for stage, _ in steps if stage in known), None)
        for known in (ours, theirs)
    )
    return [
        Step(
            label,
            stage,
            ours.get(stage),
            _share(ours.get(stage), whole),
            theirs.get(stage),
            _share(theirs.get(stage), their_whole),
            ranked(tallies[stage].rejected) if stage in tallies else [],
        )
        for stage, label in steps
    ]


def _share(count: int | None, whole: int | None) -> float | None:
    return None if count is None or not whole else 100 * count / whole


def grids(found: list[Funnel]) -> list[Grid]:
    """One markdown table per source."""
    columns = ("Step", "Stage", "Ours", "Share", "Paper", "Paper's share", "Rejected because")
    tables = []
    for funnel in found:
        title = f"{funnel.name}: {funnel.description} (paper: {funnel.corpus})"
        grid = Grid(title, columns, text_columns=2)
        for step in funnel.steps:
            grid.add(
                step.label,
                step.stage,
                NOT_RUN if step.count is None else f"{step.count:,}",
                NO_VALUE if step.share is None else f"{step.share:.0f}",
                NO_VALUE if step.paper is None else f"{step.paper:,}",
                NO_VALUE if step.paper_share is None else f"{step.paper_share:.0f}",
                ", ".join(f"{reason} {count}" for reason, count in step.rejected) or NO_VALUE,
            )
        tables.append(grid)
    return tables
