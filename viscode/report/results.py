"""The paper's tables of results, filled from our runs, with the paper's figures in rows of their
own: 4-6 (pass rate per round), 1 (main results), 3 (training data); and both protocols.

A model or library without results shows as "not run"; nothing is estimated or filled in.
"""

from viscode.bench.judge_metrics import ModelScoreFigures
from viscode.libraries.registry import BENCHMARKED
from viscode.report.grid import NO_VALUE, NOT_AVAILABLE, NOT_RUN, Grid, GridCell, decimal
from viscode.report.loading import LIBRARY_ORDER, RunMetrics
from viscode.report.published import Published

PAPER_ROUNDS = 4
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


def round_name(number: int) -> str:
    """Column heads as the paper has them: Normal, Round 1, ..."""
    return f"Round {number}" if number else "Normal"


def shown_rounds(run: RunMetrics) -> int:
    """Rounds to show, the paper's four at least."""
    return max([PAPER_ROUNDS, *(bench.last_round + 1 for bench in run.bench.values())])


def pass_rates(library: str, run: RunMetrics, paper: Published) -> Grid:
    """Tables 4-6: models x rounds, percent with 95 % intervals."""
    rounds = shown_rounds(run)
    number = BENCHMARKED[library].paper_table if library in BENCHMARKED else None
    title = f"{library} (Table {number} of the paper)" if number else library
    grid = Grid(title, ("Model", "Tasks", *map(round_name, range(rounds))))
    for model in run.models or [NO_VALUE]:
        bench = run.bench.get((model, library))
        cells = [_rate(run, model, library, number) for number in range(rounds)]
        grid.add(f"{model} (ours)", bench.tasks if bench else NO_VALUE, *cells)
        if bench and run.details[model, library].protocol == "isolated":
            cells = [bench.protocols["paper"], *[NO_VALUE] * (rounds - 1)]
            grid.add(f"{model} (ours, paper's protocol)", bench.tasks, *cells)
    for model, rates in paper.pass_rate_by_round.get(library, {}).items():
        padding = [NO_VALUE] * (rounds - len(rates))
        grid.add(f"{model} (paper)", paper.tasks, *map(decimal, rates), *padding, kind="paper")
    return grid


def _rate(run: RunMetrics, model: str, library: str, number: int) -> GridCell:
    bench = run.bench.get((model, library))
    if bench is None:
        return NOT_RUN
    measured = bench.rounds.get(number)
    return NO_VALUE if measured is None else measured.pass_rate


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


def main_results(library: str, run: RunMetrics, paper: Published) -> Grid:
    """Table 1: a second row per model after self-debug."""
    grid = Grid(f"{library} (Table 1 of the paper)", MAIN_COLUMNS)
    for model in run.models or [NO_VALUE]:
        grid.add(f"{model} (ours)", *_main_cells(run, model, library, "first"))
        if run.last_round(model, library):
            cells = _main_cells(run, model, library, "final")
            grid.add(f"{model} + self-debug (ours)", *cells)
    for model, modes in paper.main_results.get(library, {}).items():
        for mode, (exec_pass, *scores) in modes.items():
            name = f"{model} + self-debug (paper)" if mode == "self_debug" else f"{model} (paper)"
            figures = (decimal(exec_pass), *(f"{value:g}" for value in scores))
            grid.add(name, *figures, NO_VALUE, NO_VALUE, kind="paper")
    return grid


def _main_cells(run: RunMetrics, model: str, library: str, stage: str) -> tuple[GridCell, ...]:
    """Exec pass, four judge columns, two structural ones, of "first" or "final" answers."""
    judge = run.judge.get((model, library))
    passed = _rate(run, model, library, run.last_round(model, library) if stage == "final" else 0)
    if passed == NOT_RUN or judge is None:
        return (passed, *(NOT_RUN,) * (len(MAIN_COLUMNS) - 2))
    scores = judge.final if stage == "final" else judge.first
    by_model = (scores.visual.mean, scores.task.mean, scores.visual.good, scores.task.good)
    structural = (scores.structural.mean, scores.structural.good)
    asked = (decimal(value, NOT_AVAILABLE) for value in by_model)
    return (passed, *asked, *map(decimal, structural))


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
                zero = (found.no_image, found.wrong_library)
                counts = (found.scored, *zero, found.unparsed, found.unavailable)
                agreement = decimal(judge.vote_agreement.get(kind))
                swap = decimal(judge.swap_difference if kind == "visual" else None)
                grid.add(model, library, kind, *counts, agreement, swap)
    return grid


def ablation(run: RunMetrics, paper: Published) -> Grid:
    """Table 3: pass rates by training data, the first answer and after self-debug."""
    columns = ("Training data", "Self-debug", *LIBRARY_ORDER)
    grid = Grid("Training data (Table 3 of the paper)", columns, text_columns=2)
    sources = ", ".join(sorted(run.dataset.get("by_source", {}))) or "not known"
    for model, name in (("base", "none"), ("tuned", sources)):
        last = max(run.last_round(model, library) for library in LIBRARY_ORDER)
        for number, word in ((0, "no"), (last, "yes")):
            cells = [_rate(run, model, library, number) for library in LIBRARY_ORDER]
            grid.add(f"{name} ({model}, ours)", word, *cells)
    for row in paper.data_ablation:
        rates = [decimal(row.pass_rate[library]) for library in LIBRARY_ORDER]
        word = "yes" if row.self_debug else "no"
        grid.add(f"{row.training_data} (paper)", word, *rates, kind="paper")
    return grid


def protocol_rates(run: RunMetrics) -> Grid:
    """Pass rates of first answers under either protocol, a row per model and library."""
    columns = ("Model", "Library", "Tasks", *PROTOCOLS, "Tasks that differ")
    grid = Grid("First answers under both protocols", columns, text_columns=2)
    for model, library in run.answered:
        bench = run.bench[model, library]
        rates = [bench.protocols[name] for name in PROTOCOLS]
        grid.add(model, library, bench.tasks, *rates, bench.protocols_differ)
    return grid


def protocol_differences(run: RunMetrics) -> Grid:
    """Each task on which the protocols differ."""
    columns = ("Model", "Library", "Task", *PROTOCOLS)
    grid = Grid("Tasks on which the protocols differ", columns, text_columns=5)
    for model, library in run.answered:
        for row in run.details[model, library].differences:
            sides = ((row.isolated, row.isolated_error), (row.paper, row.paper_error))
            said = (error if verdict == "error" else verdict for verdict, error in sides)
            grid.add(model, library, row.task, *(word.replace("_", " ") for word in said))
    return grid
