"""The paper's tables of results, filled from our runs, with the paper's figures in rows of their
own: 4-6 (pass rate per round), 1 (main results), 3 (training data); and both protocols.

A model or library without results shows as "not run"; nothing is estimated or filled in.
"""

from viscode.bench.judge_metrics import ModelScoreFigures
from viscode.libraries.registry import BENCHMARKED
from viscode.report.grid import NO_VALUE, NOT_AVAILABLE, NOT_RUN, Grid, GridCell, decimal, interval
from viscode.report.loading import LIBRARY_ORDER, RunMetrics
from viscode.report.published import Published, mismatches

PAPER_ROUNDS = 4
TABLE_OF_LIBRARY = {
    name: says.paper_table for name, says in BENCHMARKED.items() if says.paper_table is not None
}
PROTOCOLS = ("isolated", "paper")
HOW = {
    "isolated": "under protocol isolated: each answer executed in a process of its own. Rows "
    "marked (ours, paper's protocol) are the same first answers by the public harness's rules",
    "paper": "under protocol paper: one kernel for all answers of a round, as published",
}


def comparable(run: RunMetrics) -> str:
    """What may be compared with what, by the protocol that drove self-debug."""
    used = sorted({details.protocol for details in run.details.values()} & HOW.keys())
    how = "; ".join(HOW[name] for name in used) or "under the protocol of bench.protocol"
    return (
        "Rows marked (paper) are published figures: 175 tasks of PandasPlotBench under the public "
        f"harness. Rows marked (ours) are this run, on the number of tasks given, {how}. They "
        "stand side by side for orientation; they compare only when tasks and protocol are equal."
    )


def consistency(paper: Published) -> str:
    """Where the published pass rates and error counts contradict each other, cell by cell."""
    wrong = mismatches(paper)
    cells = sum(
        len(rates) for models in paper.pass_rate_by_round.values() for rates in models.values()
    )
    named = "; ".join(
        f"{one.model}, {one.library}, {round_name(one.number)}: {one.rate} printed, "
        f"{one.from_errors} by the errors"
        for one in wrong
    )
    return (
        f"The published error counts (Tables 7-16) give the published pass rates (Tables 4-6) in "
        f"{cells - len(wrong)} of {cells} cells. The others: {named}."
    )


def round_name(number: int) -> str:
    """Column heads as the paper has them: Normal, Round 1, ..."""
    return f"Round {number}" if number else "Normal"


def shown_rounds(run: RunMetrics) -> int:
    """Rounds to show, the paper's four at least."""
    return max([PAPER_ROUNDS, *(bench.last_round + 1 for bench in run.bench.values())])


def pass_rates(run: RunMetrics, paper: Published) -> list[Grid]:
    """Tables 4-6: one grid per library, models x rounds, percent with 95 % intervals."""
    return [_pass_rates(library, run, paper) for library in run.libraries]


def _pass_rates(library: str, run: RunMetrics, paper: Published) -> Grid:
    rounds = shown_rounds(run)
    number = TABLE_OF_LIBRARY.get(library)
    title = f"{library} (Table {number} of the paper)" if number else library
    grid = Grid(title, ("Model", "Tasks", *map(round_name, range(rounds))))
    for model in run.models or [NO_VALUE]:
        bench = run.bench.get((model, library))
        cells = [_round_cell(run, model, library, number) for number in range(rounds)]
        grid.add(f"{model} (ours)", bench.tasks if bench else NO_VALUE, *cells)
        if bench and run.details[model, library].protocol == "isolated":
            first = interval(bench.protocols["paper"])
            name = f"{model} (ours, paper's protocol)"
            grid.add(name, bench.tasks, first, *[NO_VALUE] * (rounds - 1))
    for model, rates in paper.pass_rate_by_round.get(library, {}).items():
        padding = [NO_VALUE] * (rounds - len(rates))
        grid.add(f"{model} (paper)", paper.tasks, *map(decimal, rates), *padding, kind="paper")
    return grid


def _round_cell(run: RunMetrics, model: str, library: str, number: int) -> GridCell:
    bench = run.bench.get((model, library))
    if bench is None:
        return NOT_RUN
    measured = bench.rounds.get(number)
    return NO_VALUE if measured is None else interval(measured.pass_rate)


MAIN_COLUMNS = (
    "Model",
    "Exec pass",
    "Visual mean",
    "Task mean",
    "Visual good",
    "Task good",
    "Structural mean",
    "Structural good",
)


def main_results(run: RunMetrics, paper: Published) -> list[Grid]:
    """Table 1: one grid per library; a second row per model after self-debug."""
    return [_main_results(library, run, paper) for library in run.libraries]


def _main_results(library: str, run: RunMetrics, paper: Published) -> Grid:
    grid = Grid(f"{library} (Table 1 of the paper)", MAIN_COLUMNS)
    for model in run.models or [NO_VALUE]:
        grid.add(f"{model} (ours)", *_main_cells(run, model, library, "first"))
        if run.last_round(model, library):
            cells = _main_cells(run, model, library, "final")
            grid.add(f"{model} + self-debug (ours)", *cells)
    for model, modes in paper.main_results.get(library, {}).items():
        for mode, (exec_pass, *scores) in modes.items():
            name = f"{model} + self-debug (paper)" if mode == "self_debug" else f"{model} (paper)"
            cells = (f"{exec_pass:.1f}", *(f"{value:g}" for value in scores), NO_VALUE, NO_VALUE)
            grid.add(name, *cells, kind="paper")
    return grid


def _main_cells(run: RunMetrics, model: str, library: str, stage: str) -> tuple[GridCell, ...]:
    """Exec pass, four judge columns, two structural ones, of "first" or "final" answers."""
    judge = run.judge.get((model, library))
    last = run.last_round(model, library)
    passed = _round_cell(run, model, library, last if stage == "final" else 0)
    if passed == NOT_RUN or judge is None:
        return (passed, *(NOT_RUN,) * (len(MAIN_COLUMNS) - 2))
    scores = judge.final if stage == "final" else judge.first
    by_model = (scores.visual.mean, scores.task.mean, scores.visual.good, scores.task.good)
    structural = (scores.structural.mean, scores.structural.good)
    return (
        passed,
        *(decimal(value, NOT_AVAILABLE) for value in by_model),
        *map(decimal, structural),
    )


def overview(run: RunMetrics) -> Grid:
    """Our rows of Table 1 in one grid, libraries side by side, without the columns that need a
    vision model."""
    heads = ("exec pass", "structural mean", "structural good")
    grid = Grid(
        "This run (Table 1)",
        ("Model", *heads * len(run.libraries)),
        groups=tuple((library, len(heads)) for library in run.libraries),
    )
    for model in run.models:
        debugged = any(run.last_round(model, library) for library in run.libraries)
        for stage in ("first", "final") if debugged else ("first",):
            cells: list[GridCell] = []
            for library in run.libraries:
                passed, *_, mean, good = _main_cells(run, model, library, stage)
                cells += [passed, mean, good]
            grid.add(f"{model} + self-debug" if stage == "final" else model, *cells)
    return grid


STATES = ("scored", "no_image", "wrong_library", "unparsed", "unavailable")


def judge_states(run: RunMetrics) -> Grid:
    """What became of each question to the vision model, final answers; no rows without one."""
    heads = ("Scored", "No image (0)", "Wrong library (0)", "Not readable", "Not asked")
    more = ("Votes within 10 points", "Order of images (points)")
    columns = ("Model", "Library", "Score", *heads, *more)
    grid = Grid("The vision model's answers", columns, text_columns=3)
    for (model, library), judge in sorted(run.judge.items()):
        for kind in ("visual", "task"):
            found: ModelScoreFigures = getattr(judge.final, kind)
            if found.scored + found.unparsed:
                counts = [getattr(found, state) for state in STATES]
                agreement = decimal(judge.vote_agreement.get(kind))
                swap = decimal(judge.swap_difference if kind == "visual" else None)
                grid.add(model, library, kind, *counts, agreement, swap)
    return grid


def ablation(run: RunMetrics, paper: Published) -> Grid:
    """Table 3: pass rates by training data, the first answer and after self-debug."""
    grid = Grid(
        "Training data (Table 3 of the paper)",
        ("Training data", "Self-debug", *LIBRARY_ORDER),
        text_columns=2,
    )
    sources = ", ".join(sorted(run.dataset.get("by_source", {}))) or "not known"
    for model, name in (("base", "none"), ("tuned", sources)):
        last = max(run.last_round(model, library) for library in LIBRARY_ORDER)
        for number, word in ((0, "no"), (last, "yes")):
            cells = [_round_cell(run, model, library, number) for library in LIBRARY_ORDER]
            grid.add(f"{name} ({model}, ours)", word, *cells)
    for row in paper.data_ablation:
        rates = [decimal(row.pass_rate[library]) for library in LIBRARY_ORDER]
        word = "yes" if row.self_debug else "no"
        grid.add(f"{row.training_data} (paper)", word, *rates, kind="paper")
    return grid


def protocol_rates(run: RunMetrics) -> Grid:
    """Pass rates of first answers under either protocol, a row per model and library."""
    grid = Grid(
        "First answers under both protocols",
        ("Model", "Library", "Tasks", *PROTOCOLS, "Tasks that differ"),
        text_columns=2,
    )
    for model, library in run.answered:
        bench = run.bench[model, library]
        cells = [interval(bench.protocols[name]) for name in PROTOCOLS]
        grid.add(model, library, bench.tasks, *cells, bench.protocols_differ)
    return grid


def protocol_differences(run: RunMetrics) -> Grid:
    """Each task on which the protocols differ."""
    grid = Grid(
        "Tasks on which the protocols differ",
        ("Model", "Library", "Task", *PROTOCOLS),
        text_columns=5,
    )
    for model, library in run.answered:
        for row in run.details[model, library].differences:
            sides = ((row.isolated, row.isolated_error), (row.paper, row.paper_error))
            grid.add(model, library, row.task, *(_verdict(*side) for side in sides))
    return grid


def _verdict(verdict: str, error: str) -> str:
    return error if verdict == "error" and error else verdict.replace("_", " ")
