"""Why answers fail, and which failures self-debug repairs: Tables 7-16 and 2 of the paper, the
changes from round to round, and recovery rates by kind of error."""

from collections import Counter

from viscode.bench.metrics import PASS, rate_of
from viscode.report.grid import NO_VALUE, NOT_RUN, Grid, GridCell, interval
from viscode.report.loading import LIBRARY_ORDER, RunMetrics
from viscode.report.published import TABLE_OF_MODEL, Published
from viscode.report.results import PAPER_ROUNDS, round_name

TABLE_2_MODEL = "VisCoder-7B"


def error_types(run: RunMetrics) -> list[Grid]:
    """Tables 7-16 for our models: a row per error type, a column per library and round, totals
    below."""
    return [_our_errors(model, run) for model in run.models]


def _our_errors(model: str, run: RunMetrics) -> Grid:
    spans = {library: 1 + run.last_round(model, library) for library in run.libraries}
    columns = [(library, number) for library, span in spans.items() for number in range(span)]
    grid = Grid(
        f"{model} (ours)",
        ("Error type", *(round_name(number).lower() for _, number in columns)),
        groups=tuple(spans.items()),
    )
    counts = {
        (library, number): run.details[model, library].errors.get(number, {})
        for library, number in columns
        if (model, library) in run.bench
    }

    def cells(kind: str | None) -> list[GridCell]:
        found = (counts.get(column) for column in columns)
        return [
            NOT_RUN if errors is None else errors.get(kind, 0) if kind else sum(errors.values())
            for errors in found
        ]

    for kind in sorted({kind for errors in counts.values() for kind in errors}):
        grid.add(kind, *cells(kind))
    grid.add("Total errors", *cells(None))
    return grid


def paper_errors(paper: Published) -> list[Grid]:
    """Tables 7-16 as published; "–" where the paper has no entry."""
    return [_paper_errors(model, paper) for model in TABLE_OF_MODEL]


def _paper_errors(model: str, paper: Published) -> Grid:
    libraries = paper.errors_by_round[model]
    rounds = tuple(round_name(number).lower() for number in range(PAPER_ROUNDS))
    grid = Grid(
        f"{model} (paper, Table {TABLE_OF_MODEL[model]})",
        ("Error type", *rounds * len(LIBRARY_ORDER)),
        groups=tuple((library, PAPER_ROUNDS) for library in LIBRARY_ORDER),
    )
    for kind in sorted({kind for errors in libraries.values() for kind in errors}):
        cells: list[GridCell] = []
        for library in LIBRARY_ORDER:
            cells += libraries.get(library, {}).get(kind) or [NO_VALUE] * PAPER_ROUNDS
        grid.add(kind, *cells, kind="paper")
    totals = [
        sum(counts[number] for counts in libraries.get(library, {}).values())
        for library in LIBRARY_ORDER
        for number in range(PAPER_ROUNDS)
    ]
    grid.add("Total errors", *totals, kind="paper")
    return grid


def repairs(run: RunMetrics, paper: Published) -> list[Grid]:
    """Table 2: tasks that end with an error before and after self-debug, "X → Y"."""
    grids = []
    for model in run.models:
        grid = Grid(f"{model} (ours)", ("Error type", *run.libraries))
        ends = {
            library: [details.errors.get(n, {}) for n in (0, run.last_round(model, library))]
            for library in run.libraries
            if (details := run.details.get((model, library)))
        }
        every = (run.details[key].errors.values() for key in run.answered if key[0] == model)
        for kind in sorted({kind for rounds in every for errors in rounds for kind in errors}):
            cells = [
                _arrow(*(errors.get(kind, 0) for errors in ends[library]))
                if library in ends
                else NOT_RUN
                for library in run.libraries
            ]
            grid.add(kind, *cells)
        grids.append(grid)
    published = Grid(f"{TABLE_2_MODEL} (paper, Table 2)", ("Error type", *LIBRARY_ORDER))
    for kind, found in paper.error_transitions.items():
        cells = [_arrow(*found[library]) for library in LIBRARY_ORDER]
        published.add(kind, *cells, kind="paper")
    return [*grids, published]


def _arrow(before: int, after: int) -> str:
    return f"{before} → {after}"


def transition_counts(model: str, run: RunMetrics) -> Counter[tuple[str, str]]:
    """(error of a round, error or "pass" in the next) -> tasks, all rounds and libraries
    together."""
    found: Counter[tuple[str, str]] = Counter()
    for key in run.answered:
        for changes in run.details[key].transitions.values() if key[0] == model else ():
            for before, ends in changes.items():
                found.update({(before, after): tasks for after, tasks in ends.items()})
    return found


def transitions(run: RunMetrics) -> list[Grid]:
    """What the failures of one round are in the next, a grid per model with any."""
    grids = []
    for model in run.models:
        found = transition_counts(model, run)
        ends = sorted({after for _, after in found if after != PASS})
        columns = ("From", "To pass", *(f"To {end}" for end in ends))
        grid = Grid(f"{model}: from round to round", columns)
        for start in sorted({before for before, _ in found}):
            grid.add(start, *(found[start, end] or NO_VALUE for end in (PASS, *ends)))
        grids += [grid] if grid.rows else []
    return grids


def recovery(run: RunMetrics) -> list[Grid]:
    """Per model: of the tasks that fail at first with each kind of error, those that pass in the
    end, over all libraries."""
    grids = []
    for model in run.models:
        failed: Counter[str] = Counter()
        recovered: Counter[str] = Counter()
        for key in run.answered:
            for kind, row in run.details[key].recovery.items() if key[0] == model else ():
                failed[kind] += row.failed
                recovered[kind] += row.recovered
        columns = ("First error", "Tasks", "Pass in the end", "Per cent")
        grid = Grid(f"{model}: repaired by self-debug", columns)
        ranked = sorted(failed.items(), key=lambda item: (-item[1], item[0]))
        rows = [(kind, recovered[kind], tasks) for kind, tasks in ranked]
        for kind, passed, tasks in [*rows, ("Total", recovered.total(), failed.total())]:
            grid.add(kind, tasks, passed, interval(rate_of(passed, tasks)))
        grids += [grid] if failed else []
    return grids
