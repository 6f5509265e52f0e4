"""Every model against the base model on the same tasks, library by library and over all.

Reads verdicts task by task, because a paired test needs them. The difference is stated as it is,
also when it is nothing or a loss; significance is never claimed from overlapping intervals.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from viscode.bench.metrics import PASS, latest
from viscode.core.records import Attempt
from viscode.core.statistics import Bootstrap, Paired, compare_by_task, pair
from viscode.report.grid import NO_VALUE, NOT_RUN, Grid, GridCell, signed
from viscode.report.loading import ModelLibrary

ALL_LIBRARIES = "all libraries"
LEVEL = 0.05
PAIRED_COLUMNS = ("Gained", "Lost", "Difference (points)", "95 % interval", "p")
COMPARISON_NOTES = (
    "Each task counts once per library; `gained` tasks failed before and pass after, `lost` ones "
    "the other way round. For one library the test is McNemar's, exact and two-sided, and the "
    "interval is Bonett and Price's for paired proportions. With few tasks the test is the "
    "stricter of the two.",
    "Over all libraries a task counts once per library, and its answers are not independent of "
    "each other. The interval of that row is a bootstrap's that draws whole tasks; p is that of "
    "exchanging the two models task by task, which for one library is McNemar's test. The words go "
    "by p: with a handful of tasks a bootstrap's interval is too narrow.",
)


@dataclass(frozen=True)
class Comparison:
    """`grid`: a row per library and one over all of them. `verdict`: what the last one says, in
    words."""

    grid: Grid
    verdict: str


def compare(
    answers: Mapping[ModelLibrary, Sequence[Attempt]], models: list[str], libraries: list[str]
) -> list[Comparison]:
    """Each model but the first against the first: before and after self-debug."""
    final = max((one.round for found in answers.values() for one in found), default=0)
    return [
        _compare(answers, (models[0], model), libraries, stage, last_round)
        for model in models[1:]
        for stage, last_round in (("first answer", 0), ("after self-debug", final))
    ]


def _compare(
    answers: Mapping[ModelLibrary, Sequence[Attempt]],
    models: tuple[str, str],
    libraries: list[str],
    stage: str,
    last_round: int,
) -> Comparison:
    first, second = (
        {
            library: {
                one.task_id: one.verdict == PASS
                for one in latest(answers.get((model, library), ()), last_round)
            }
            for library in libraries
        }
        for model in models
    )
    baseline, model = models
    passing = (f"{baseline} passes", f"{model} passes")
    title = f"{model} against {baseline}, {stage}"
    grid = Grid(title, ("Library", "Tasks", *passing, *PAIRED_COLUMNS))
    for library in libraries:
        grid.add(library, *paired_cells(pair(first[library], second[library])))
    result = pair(
        *(
            {f"{name}/{task}": passed for name in libraries for task, passed in side[name].items()}
            for side in (first, second)
        )
    )
    drawn = compare_by_task([(first[library], second[library]) for library in libraries])
    cells = paired_cells(result)
    if result:
        by_task: tuple[GridCell, ...] = (NO_VALUE, NO_VALUE)
        if drawn:
            by_task = (_span(drawn.low, drawn.high), f"{drawn.p_value:.3f}")
        cells = (*cells[:-2], *by_task)
    grid.add(ALL_LIBRARIES, *cells)
    return Comparison(grid, _sentence(models, stage, result, drawn))


def paired_cells(result: Paired | None) -> tuple[GridCell, ...]:
    """Tasks, passes of both sides, and the cells of `PAIRED_COLUMNS`."""
    if result is None:
        return (NOT_RUN, *(NO_VALUE,) * 7)
    return (
        result.tasks,
        result.before,
        result.after,
        result.gained,
        result.lost,
        signed(result.difference),
        _span(*result.interval),
        f"{result.p_value:.3f}",
    )


def _span(low: float, high: float) -> str:
    return f"{signed(low)} to {signed(high)}"


def _sentence(
    models: tuple[str, str], stage: str, result: Paired | None, drawn: Bootstrap | None
) -> str:
    """The comparison over all libraries in words, with what it does and does not show."""
    baseline, model = models
    if result is None:
        return f"{model} against {baseline} on {ALL_LIBRARIES}: not run."
    direction = "passes as many tasks as"
    if result.difference:
        direction = f"passes {'more' if result.difference > 0 else 'fewer'} tasks than"
    verdict = "At this number of tasks the difference cannot be told from chance."
    if drawn is not None and drawn.p_value < LEVEL:
        verdict = "The difference is larger than chance alone would give."
    test = "no answer differs"
    if drawn is not None:
        span = _span(drawn.low, drawn.high)
        test = f"95 % interval {span}, p = {drawn.p_value:.3f}, by whole tasks"
    return (
        f"{model} {direction} {baseline} ({stage}, {ALL_LIBRARIES}): {result.after} "
        f"against {result.before} of {result.tasks}, {signed(result.difference)} points "
        f"({test}). {verdict}"
    )
