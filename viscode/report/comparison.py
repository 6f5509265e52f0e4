"""Every model against the base model on the same tasks, library by library and over all.

Reads verdicts task by task, because a paired test needs them. The difference is stated as it is,
also when it is nothing or a loss; significance is never claimed from overlapping intervals.
"""

from dataclasses import dataclass

from viscode.bench.metrics import PASS
from viscode.core.statistics import Bootstrap, Paired, compare_by_task, pair
from viscode.report.grid import NO_VALUE, NOT_RUN, Grid, GridCell, signed
from viscode.report.task_pages import Views

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
    """`model` against `baseline`; `result` is None where either was not run. `by_task` is over all
    libraries, None for one library and where no answer differs."""

    model: str
    baseline: str
    library: str
    stage: str
    result: Paired | None
    by_task: Bootstrap | None = None


def compare(views: Views, models: list[str], libraries: list[str]) -> list[Comparison]:
    """Each model but the first against the first: before and after self-debug."""
    known = [view for tasks in views.values() for found in tasks.values() for view in found]
    final = max((view.round for view in known), default=0)
    return [
        comparison
        for model in models[1:]
        for stage, last_round in (("first answer", 0), ("after self-debug", final))
        for comparison in _compare(views, (models[0], model), libraries, stage, last_round)
    ]


def _compare(
    views: Views,
    models: tuple[str, str],
    libraries: list[str],
    stage: str,
    last_round: int,
) -> list[Comparison]:
    """A comparison for each library, then the one over all of them."""

    def passes(model: str, library: str) -> dict[str, bool]:
        return {
            task: latest[-1].verdict == PASS
            for task, found in views.get((model, library), {}).items()
            if (latest := [view for view in found if view.round <= last_round])
        }

    baseline, model = models
    sides = {name: (passes(baseline, name), passes(model, name)) for name in libraries}
    first, second = (
        {f"{name}/{task}": passed for name in libraries for task, passed in sides[name][at].items()}
        for at in (0, 1)
    )
    by_task = compare_by_task(list(sides.values()))
    return [
        *(Comparison(model, baseline, name, stage, pair(*sides[name])) for name in libraries),
        Comparison(model, baseline, ALL_LIBRARIES, stage, pair(first, second), by_task),
    ]


def grids(comparisons: list[Comparison]) -> list[Grid]:
    """One grid per compared model and stage."""
    found: dict[str, Grid] = {}
    for row in comparisons:
        title = f"{row.model} against {row.baseline}, {row.stage}"
        passing = (f"{row.baseline} passes", f"{row.model} passes")
        grid = found.setdefault(title, Grid(title, ("Library", "Tasks", *passing, *PAIRED_COLUMNS)))
        cells = paired_cells(row.result)
        if row.result and row.library == ALL_LIBRARIES:
            cells = (*cells[:-2], *_by_task(row.by_task))
        grid.add(row.library, *cells)
    return list(found.values())


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


def _by_task(drawn: Bootstrap | None) -> tuple[GridCell, GridCell]:
    """PercentInterval and p by whole tasks."""
    if drawn is None:
        return NO_VALUE, NO_VALUE
    return _span(drawn.low, drawn.high), f"{drawn.p_value:.3f}"


def _span(low: float, high: float) -> str:
    return f"{signed(low)} to {signed(high)}"


def sentence(row: Comparison) -> str:
    """The comparison over all libraries in words, with what it does and does not show."""
    result, drawn = row.result, row.by_task
    if result is None:
        return f"{row.model} against {row.baseline} on {row.library}: not run."
    if result.difference:
        direction = f"passes {'more' if result.difference > 0 else 'fewer'} tasks than"
    else:
        direction = "passes as many tasks as"
    by_chance = drawn is None or drawn.p_value >= LEVEL
    verdict = (
        "At this number of tasks the difference cannot be told from chance."
        if by_chance
        else "The difference is larger than chance alone would give."
    )
    test = "no answer differs"
    if drawn is not None:
        span = _span(drawn.low, drawn.high)
        test = f"95 % interval {span}, p = {drawn.p_value:.3f}, by whole tasks"
    return (
        f"{row.model} {direction} {row.baseline} ({row.stage}, {row.library}): {result.after} "
        f"against {result.before} of {result.tasks}, {signed(result.difference)} points "
        f"({test}). {verdict}"
    )
