"""What self-debug mends: Table 2 of the paper, the way of errors through the rounds, and recovery
rates by kind of error."""

from collections import Counter

from viscode.core.statistics import wilson
from viscode.report.grid import NOT_RUN, NOTHING, Grid, with_interval
from viscode.report.loading import LIBRARY_ORDER, RunMetrics
from viscode.report.published import Published

TABLE_2_MODEL = "VisCoder-7B"
PASS = "pass"


def counts(run: RunMetrics, paper: Published) -> list[Grid]:
    """Table 2: tasks that end with an error before and after self-debug, "X → Y"."""
    grids = []
    for model in run.models:
        grid = Grid(f"{model} (ours)", ("Error type", *run.libraries))
        known = {
            library: run.bench[model, library]
            for library in run.libraries
            if (model, library) in run.bench
        }
        kinds = {k for bench in known.values() for errors in bench.errors.values() for k in errors}
        for kind in sorted(kinds):
            cells = []
            for library in run.libraries:
                bench = known.get(library)
                ends = (
                    []
                    if bench is None
                    else [bench.errors.get(n, {}) for n in (0, bench.last_round)]
                )
                cells.append(_arrow(*(e.get(kind, 0) for e in ends)) if ends else NOT_RUN)
            grid.add(kind, *cells)
        grids.append(grid)
    return [*grids, _paper_counts(paper)]


def _paper_counts(paper: Published) -> Grid:
    grid = Grid(f"{TABLE_2_MODEL} (paper, Table 2)", ("Error type", *LIBRARY_ORDER))
    for kind, found in paper.error_transitions.items():
        grid.add(kind, *(_arrow(*found[library]) for library in LIBRARY_ORDER), kind="paper")
    return grid


def _arrow(before: int, after: int) -> str:
    return f"{before} → {after}"


def transitions(run: RunMetrics) -> list[Grid]:
    """Per model: what the failures of one round are in the next, all rounds and libraries
    together."""
    return [grid for model in run.models if (grid := _transitions(model, run)).rows]


def transition_counts(model: str, run: RunMetrics) -> Counter[tuple[str, str]]:
    """(error of a round, error or "pass" in the next) -> tasks."""
    found: Counter[tuple[str, str]] = Counter()
    for (name, _), bench in run.bench.items():
        if name == model:
            for changes in bench.details.transitions.values():
                for change, tasks in changes.items():
                    before, _, after = change.partition(" -> ")
                    found[before, after] += tasks
    return found


def _transitions(model: str, run: RunMetrics) -> Grid:
    found = transition_counts(model, run)
    ends = sorted({after for _, after in found if after != PASS})
    grid = Grid(f"{model}: from round to round", ("From", "To pass", *(f"To {e}" for e in ends)))
    for start in sorted({before for before, _ in found}):
        grid.add(start, *(_nonzero(found[start, end]) for end in (PASS, *ends)))
    return grid


def _nonzero(count: int) -> str:
    return str(count) if count else NOTHING


def recovery(run: RunMetrics) -> list[Grid]:
    """Per model: of the tasks that fail at first with each kind of error, those that pass in the
    end, over all libraries."""
    grids = []
    for model in run.models:
        failed: Counter[str] = Counter()
        recovered: Counter[str] = Counter()
        for (name, _), bench in run.bench.items():
            for kind, row in bench.details.recovery.items() if name == model else ():
                failed[kind] += row.failed
                recovered[kind] += row.recovered
        grid = Grid(
            f"{model}: mended by self-debug",
            ("First error", "Tasks", "Pass in the end", "Per cent"),
        )
        for kind, tasks in sorted(failed.items(), key=lambda item: (-item[1], item[0])):
            grid.add(kind, *_recovered(recovered[kind], tasks))
        if failed:
            grid.add("Total", *_recovered(recovered.total(), failed.total()))
            grids.append(grid)
    return grids


def _recovered(passed: int, tasks: int) -> tuple[str, str, str]:
    low, high = (100 * end for end in wilson(passed, tasks))
    return str(tasks), str(passed), with_interval(100 * passed / tasks, low, high)
