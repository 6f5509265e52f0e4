"""How many records each stage left of each source, beside the paper's own funnel."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from viscode.core.paper_funnel import PAPER_IN
from viscode.report.grid import NO_VALUE, NOT_RUN, Grid
from viscode.report.loading import StageTally, Tallies
from viscode.report.published import Published

# source -> (stage in metrics/funnel.json, label), in the order of the pipeline
FUNNEL_STEPS: dict[str, tuple[tuple[str, str], ...]] = {
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
INCOMING = frozenset(stage for stages in PAPER_IN.values() for stage in stages)


@dataclass(frozen=True)
class Step:
    """`count` is None where the stage was not run, `paper` where the paper gives no figure; shares
    are in percent of the first step."""

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

    source: str
    name: str
    description: str
    corpus: str
    steps: tuple[Step, ...]

    @property
    def title(self) -> str:
        return f"{self.name}: {self.description} (paper: {self.corpus})"


def funnels(tallies: Tallies, paper: Published) -> list[Funnel]:
    """A funnel per source of the pipeline, also of those that a run left out."""
    return [
        Funnel(
            source,
            *TITLES[source],
            tuple(_steps(source, tallies.get(source, {}), paper.funnel.get(source, {}))),
        )
        for source in FUNNEL_STEPS
    ]


def _steps(
    source: str, stages: Mapping[str, StageTally], published: Mapping[str, int]
) -> Iterator[Step]:
    counts = {stage: _count_of(stage, tally) for stage, tally in stages.items()}
    first, theirs = (
        next((known[stage] for stage, _ in FUNNEL_STEPS[source] if stage in known), None)
        for known in (counts, published)
    )
    for stage, label in FUNNEL_STEPS[source]:
        count, paper = counts.get(stage), published.get(stage)
        yield Step(
            label,
            stage,
            count,
            _share(count, first),
            paper,
            _share(paper, theirs),
            stages[stage].ranked if stage in stages else [],
        )


def _count_of(stage: str, tally: StageTally) -> int:
    """Records after a stage; before it where the paper counts what came in."""
    return tally.inputs if stage in INCOMING else tally.records


def _share(count: int | None, whole: int | None) -> float | None:
    return None if count is None or not whole else 100 * count / whole


def grids(found: list[Funnel]) -> list[Grid]:
    """One markdown table per source."""
    columns = ("Step", "Stage", "Ours", "Share", "Paper", "Paper's share", "Rejected because")
    tables = []
    for funnel in found:
        grid = Grid(funnel.title, columns, text_columns=2)
        for step in funnel.steps:
            grid.add(
                step.label,
                step.stage,
                NOT_RUN if step.count is None else f"{step.count:,}",
                _percent(step.share),
                NO_VALUE if step.paper is None else f"{step.paper:,}",
                _percent(step.paper_share),
                ", ".join(f"{reason} {count}" for reason, count in step.rejected) or NO_VALUE,
            )
        tables.append(grid)
    return tables


def _percent(share: float | None) -> str:
    return NO_VALUE if share is None else f"{share:.0f}"
