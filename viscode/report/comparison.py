"""Every model against the base model on the same tasks, library by library and over all.

Reads verdicts task by task, because a paired test needs them. The difference is stated as it is,
also when it is nothing or a loss; significance is never claimed from overlapping intervals.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from viscode.bench.metrics import latest
from viscode.records import Attempt
from viscode.report.grid import NOT_RUN, NOTHING, Grid, signed
from viscode.report.paired import Paired, pair

ALL_LIBRARIES = "all libraries"
LEVEL = 0.05


@dataclass(frozen=True)
class Comparison:
    """`model` against `baseline`; `result` is None where either was not run."""

    model: str
    baseline: str
    library: str
    stage: str
    result: Paired | None


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
    rows = []
    for library in libraries:
        sides = [passes(attempts.get((name, library), []), last_round) for name in models]
        rows.append(Comparison(model, baseline, library, stage, pair(*sides)))
        for pool, side in zip(pooled, sides, strict=True):
            pool |= {f"{library}/{task}": passed for task, passed in side.items()}
    return [*rows, Comparison(model, baseline, ALL_LIBRARIES, stage, pair(*pooled))]


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
            "McNemar p",
        )
        grid = found.setdefault(title, Grid(title, columns))
        grid.add(row.library, *paired_cells(row.result))
    return list(found.values())


PAIRED_COLUMNS = (
    "Tasks",
    "First passes",
    "Second passes",
    "Gained",
    "Lost",
    "Difference (points)",
    "95 % interval",
    "McNemar p",
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


def sentence(row: Comparison) -> str:
    """The comparison in words, with what it does and does not show."""
    result = row.result
    if result is None:
        return f"{row.model} against {row.baseline} on {row.library}: not run."
    low, high = result.interval
    direction = (
        "passes as many tasks as"
        if result.difference == 0
        else "passes more tasks than"
        if result.difference > 0
        else "passes fewer tasks than"
    )
    verdict = (
        "The difference is larger than chance alone would give."
        if result.p_value < LEVEL
        else "At this number of tasks the difference cannot be told from chance."
    )
    return (
        f"{row.model} {direction} {row.baseline} ({row.stage}, {row.library}): {result.after} "
        f"against {result.before} of {result.tasks}, {signed(result.difference)} points "
        f"(95 % interval {signed(low)} to {signed(high)}; exact McNemar p = "
        f"{result.p_value:.3f}). {verdict}"
    )


NOTES = (
    "Each task counts once per library; `gained` tasks failed before and pass after, `lost` ones "
    "the other way round. The test is McNemar's, exact and two-sided; the interval is Bonett and "
    "Price's for paired proportions. With few tasks the test is the stricter of the two; the words "
    "go by the test.",
    "Over all libraries a task counts once per library. Its answers are not independent of each "
    "other, so that row's interval and p are somewhat too optimistic.",
)
