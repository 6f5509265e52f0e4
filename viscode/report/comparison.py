"""Every model against the base model on the same tasks, library by library and over all.

Reads verdicts task by task, because a paired test needs them. The difference is stated as it is,
also when it is nothing or a loss; significance is never claimed from overlapping intervals.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from viscode.bench.metrics import latest
from viscode.core.records import Attempt
from viscode.core.statistics import Bootstrap, Paired, compare_by_task, pair
from viscode.report.grid import NOT_RUN, NOTHING, Grid, signed

ALL_LIBRARIES = "all libraries"
LEVEL = 0.05


@dataclass(frozen=True)
class Comparison:
    """`model` against `baseline`; `result` is None where either was not run. `by_task` is over all
    libraries, None for one library and where no answer differs."""

    model: str
    baseline: str
    library: str
    stage: str
    result: Paired | None
    by_task: Bootstrap | None = None


Attempts = Mapping[tuple[str, str], Sequence[Attempt]]


def passes(attempts: Sequence[Attempt], last_round: int) -> dict[str, bool]:
    """Task id -> whether its latest attempt up to `last_round` passed."""
    return {a.task_id: a.verdict == "pass" for a in latest(attempts, last_round)}


def compare(attempts: Attempts, models: list[str], libraries: list[str]) -> list[Comparison]:
    """Each model but the first against the first: before and after self-debug."""
    if not models:
        return []
    baseline, *others = models
    final = max((a.round for found in attempts.values() for a in found), default=0)
    return [
        comparison
        for model in others
        for stage, last_round in (("first answer", 0), ("after self-debug", final))
        for comparison in _compare(attempts, (baseline, model), libraries, stage, last_round)
    ]


def _compare(
    attempts: Attempts,
    models: tuple[str, str],
    libraries: list[str],
    stage: str,
    last_round: int,
) -> list[Comparison]:
    baseline, model = models
    pooled: tuple[dict[str, bool], dict[str, bool]] = ({}, {})
    rows, by_library = [], []
    for library in libraries:
        before, after = (passes(attempts.get((name, library), []), last_round) for name in models)
        rows.append(Comparison(model, baseline, library, stage, pair(before, after)))
        by_library.append((before, after))
        for pool, side in zip(pooled, (before, after), strict=True):
            pool |= {f"{library}/{task}": passed for task, passed in side.items()}
    over_all = Comparison(
        model, baseline, ALL_LIBRARIES, stage, pair(*pooled), compare_by_task(by_library)
    )
    return [*rows, over_all]


def grids(comparisons: list[Comparison]) -> list[Grid]:
    """One grid per compared model and stage."""
    found: dict[str, Grid] = {}
    for row in comparisons:
        title = f"{row.model} against {row.baseline}, {row.stage}"
        columns = (
            "Library",
            "Tasks",
            f"{row.baseline} passes",
            f"{row.model} passes",
            "Gained",
            "Lost",
            "Difference (points)",
            "95 % interval",
            "p",
        )
        grid = found.setdefault(title, Grid(title, columns))
        cells = paired_cells(row.result)
        grid.add(row.library, *(_by_task(cells, row) if row.library == ALL_LIBRARIES else cells))
    return list(found.values())


PAIRED_COLUMNS = (
    "Tasks",
    "First passes",
    "Second passes",
    "Gained",
    "Lost",
    "Difference (points)",
    "95 % interval",
    "p",
)


def paired_cells(result: Paired | None) -> tuple[str, ...]:
    """A comparison as the cells of `PAIRED_COLUMNS`."""
    if result is None:
        return (NOT_RUN, *(NOTHING,) * 7)
    low, high = result.interval
    return (
        str(result.tasks),
        str(result.before),
        str(result.after),
        str(result.gained),
        str(result.lost),
        signed(result.difference),
        f"{signed(low)} to {signed(high)}",
        f"{result.p_value:.3f}",
    )


def _by_task(cells: tuple[str, ...], row: Comparison) -> tuple[str, ...]:
    """The cells with interval and p by whole tasks in place of the others."""
    if row.result is None:
        return cells
    if row.by_task is None:
        return (*cells[:-2], NOTHING, NOTHING)
    return (*cells[:-2], _interval(row.by_task), f"{row.by_task.p_value:.3f}")


def _interval(drawn: Bootstrap) -> str:
    return f"{signed(drawn.low)} to {signed(drawn.high)}"


def sentence(row: Comparison) -> str:
    """The comparison over all libraries in words, with what it does and does not show."""
    result = row.result
    if result is None:
        return f"{row.model} against {row.baseline} on {row.library}: not run."
    direction = (
        "passes as many tasks as"
        if result.difference == 0
        else "passes more tasks than"
        if result.difference > 0
        else "passes fewer tasks than"
    )
    verdict = (
        "The difference is larger than chance alone would give."
        if row.by_task is not None and row.by_task.p_value < LEVEL
        else "At this number of tasks the difference cannot be told from chance."
    )
    return (
        f"{row.model} {direction} {row.baseline} ({row.stage}, {row.library}): {result.after} "
        f"against {result.before} of {result.tasks}, {signed(result.difference)} points "
        f"({_drawn(row.by_task)}). {verdict}"
    )


def _drawn(drawn: Bootstrap | None) -> str:
    if drawn is None:
        return "no answer differs"
    return f"95 % interval {_interval(drawn)}, p = {drawn.p_value:.3f}, by whole tasks"


NOTES = (
    "Each task counts once per library; `gained` tasks failed before and pass after, `lost` ones "
    "the other way round. For one library the test is McNemar's, exact and two-sided, and the "
    "interval is Bonett and Price's for paired proportions. With few tasks the test is the "
    "stricter of the two.",
    "Over all libraries a task counts once per library, and its answers are not independent of "
    "each other. The interval of that row is a bootstrap's that draws whole tasks; p is that of "
    "exchanging the two models task by task, which for one library is McNemar's test. The words go "
    "by p: with a handful of tasks a bootstrap's interval is too narrow.",
)
