"""Why answers fail, and which failures self-debug repairs: Tables 7-16 and 2 of the paper, the
changes from round to round, and recovery rates by kind of error."""

from collections import Counter
from collections.abc import Mapping

from viscode.bench.metrics import PASS, rate_of
from viscode.report.grid import NO_VALUE, NOT_RUN, Grid, GridCell
from viscode.report.loading import LIBRARY_ORDER, RunMetrics, ranked
from viscode.report.published import TABLE_OF_MODEL, Published
from viscode.report.results import PAPER_ROUNDS, round_name

TABLE_2_MODEL = "VisCoder-7B"


def error_types(model: str, run: RunMetrics) -> Grid:
    """Tables 7-16 for one of our models: a row per error type, a column per library and round,
    totals below."""
    rounds = {library: 1 + run.last_round(model, library) for library in run.libraries}
    counts = {
        (library, number): run.details[model, library].errors.get(number, {})
        for library in run.libraries
        for number in range(rounds[library])
        if (model, library) in run.bench
    }
    return _errors(f"{model} (ours)", rounds, counts, 0, "ours")


def paper_errors(model: str, paper: Published) -> Grid:
    """Tables 7-16 as published; "–" where the paper has no entry."""
    counts = {
        (library, number): {kind: found[number] for kind, found in errors.items()}
        for library, errors in paper.errors_by_round[model].items()
        for number in range(PAPER_ROUNDS)
    }
    title = f"{model} (paper, Table {TABLE_OF_MODEL[model]})"
    return _errors(title, dict.fromkeys(LIBRARY_ORDER, PAPER_ROUNDS), counts, NO_VALUE, "paper")


def _errors(
    title: str,
    rounds: Mapping[str, int],
    counts: Mapping[tuple[str, int], Mapping[str, int]],
    missing: GridCell,
    kind: str,
) -> Grid:
    """`counts`: (library, round) -> error -> tasks; `missing` is shown where an error has none."""
    places = [(library, number) for library, span in rounds.items() for number in range(span)]
    columns = ("Error type", *(round_name(number).lower() for _, number in places))
    grid = Grid(title, columns, groups=tuple(rounds.items()))
    for error in sorted({error for found in counts.values() for error in found}):
        cells = [
            counts[place].get(error, missing) if place in counts else NOT_RUN for place in places
        ]
        grid.add(error, *cells, kind=kind)
    totals = [sum(counts[place].values()) if place in counts else NOT_RUN for place in places]
    grid.add("Total errors", *totals, kind=kind)
    return grid


def repairs(model: str, run: RunMetrics) -> Grid:
    """Table 2 for one of our models: tasks that end with an error before and after self-debug,
    "X → Y"."""
    grid = Grid(f"{model} (ours)", ("Error type", *run.libraries))
    found = {
        library: run.details[model, library].errors
        for library in run.libraries
        if (model, library) in run.details
    }
    every = {kind for rounds in found.values() for errors in rounds.values() for kind in errors}
    for kind in sorted(every):
        cells = []
        for library in run.libraries:
            ends = (0, run.last_round(model, library))
            counts = [found.get(library, {}).get(number, {}).get(kind, 0) for number in ends]
            cells.append(_arrow(*counts) if library in found else NOT_RUN)
        grid.add(kind, *cells)
    return grid


def paper_repairs(paper: Published) -> Grid:
    """Table 2 as published."""
    grid = Grid(f"{TABLE_2_MODEL} (paper, Table 2)", ("Error type", *LIBRARY_ORDER))
    for kind, found in paper.error_transitions.items():
        cells = [_arrow(*found[library]) for library in LIBRARY_ORDER]
        grid.add(kind, *cells, kind="paper")
    return grid


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


def transitions(model: str, run: RunMetrics) -> Grid:
    """What the failures of one round are in the next."""
    found = transition_counts(model, run)
    ends = sorted({after for _, after in found if after != PASS})
    grid = Grid(
        f"{model}: from round to round", ("From", "To pass", *(f"To {end}" for end in ends))
    )
    for start in sorted({before for before, _ in found}):
        grid.add(start, *(found[start, end] or NO_VALUE for end in (PASS, *ends)))
    return grid


def recovery(model: str, run: RunMetrics) -> Grid:
    """Of the tasks that fail at first with each kind of error, those that pass in the end, over
    all libraries."""
    failed: Counter[str] = Counter()
    recovered: Counter[str] = Counter()
    for key in run.answered:
        for kind, row in run.details[key].recovery.items() if key[0] == model else ():
            failed[kind] += row.failed
            recovered[kind] += row.recovered
    columns = ("First error", "Tasks", "Pass in the end", "Per cent")
    grid = Grid(f"{model}: repaired by self-debug", columns)
    for kind, tasks in ranked(failed):
        grid.add(kind, tasks, recovered[kind], rate_of(recovered[kind], tasks))
    if failed:
        passed, tasks = recovered.total(), failed.total()
        grid.add("Total", tasks, passed, rate_of(passed, tasks))
    return grid
