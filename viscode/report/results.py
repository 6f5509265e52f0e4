"""The paper's result tables, filled from our runs, with the paper's figures in rows of their own.

Tables 4-6 (pass rate per round), 7-16 (error types per round) and 1 (main results). A model or
library without results shows as "not run"; nothing is estimated or filled in.
"""

from viscode.libraries.registry import BENCHMARKED
from viscode.report.bench_files import BenchMetrics, JudgeMetrics, ModelFigures, Rate
from viscode.report.grid import NOT_AVAILABLE, NOT_RUN, NOTHING, Grid, rate, with_interval
from viscode.report.loading import LIBRARY_ORDER, RunMetrics
from viscode.report.published import Published, mismatches

PAPER_ROUNDS = 4
TABLE_OF_LIBRARY = {
    name: says.paper_table for name, says in BENCHMARKED.items() if says.paper_table is not None
}
TABLE_OF_MODEL = {
    "VisCoder-7B": 7,
    "VisCoder-3B": 8,
    "GPT-4o": 9,
    "GPT-4o-mini": 10,
    "Qwen2.5-Coder-7B-Instruct": 11,
    "Qwen2.5-7B-Instruct": 12,
    "Qwen2.5-Coder-3B-Instruct": 13,
    "Qwen2.5-3B-Instruct": 14,
    "Llama-3.1-8B-Instruct": 15,
    "Llama-3.2-3B-Instruct": 16,
}
HOW = {
    "isolated": "under protocol isolated: each answer executed in a process of its own. Rows "
    "marked (ours, paper's protocol) are the same first answers by the public harness's rules",
    "paper": "under protocol paper: one kernel for all answers of a round, as published",
}


def comparable(run: RunMetrics) -> str:
    """What may be compared with what, by the protocol that drove self-debug."""
    used = sorted({bench.details.protocol for bench in run.bench.values()} & HOW.keys())
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
        f"{one.model}, {one.library}, {round_names(one.number + 1)[-1]}: {one.rate} printed, "
        f"{one.from_errors} by the errors"
        for one in wrong
    )
    return (
        f"The published error counts (Tables 7-16) give the published pass rates (Tables 4-6) in "
        f"{cells - len(wrong)} of {cells} cells. The others: {named}."
    )


def round_names(rounds: int) -> tuple[str, ...]:
    """Column heads as the paper has them: Normal, Round 1, ..."""
    return ("Normal", *(f"Round {number}" for number in range(1, rounds)))


def shown_rounds(run: RunMetrics) -> int:
    """Rounds to show, the paper's four at least."""
    return max([PAPER_ROUNDS, *(bench.last_round + 1 for bench in run.bench.values())])


def pass_rates(run: RunMetrics, paper: Published) -> list[Grid]:
    """Tables 4-6: one grid per library, models x rounds, percent with 95 % intervals."""
    return [_pass_rates(library, run, paper) for library in run.libraries]


def _pass_rates(library: str, run: RunMetrics, paper: Published) -> Grid:
    rounds = shown_rounds(run)
    grid = Grid(_titled(library, TABLE_OF_LIBRARY), ("Model", "Tasks", *round_names(rounds)))
    for model in run.models or [NOTHING]:
        bench = run.bench.get((model, library))
        cells = [_round_cell(bench, number) for number in range(rounds)]
        grid.add(f"{model} (ours)", str(bench.tasks) if bench else NOTHING, *cells)
        if bench and bench.details.protocol == "isolated":
            first = bench.protocols["paper"]
            padding = [NOTHING] * (rounds - 1)
            name = f"{model} (ours, paper's protocol)"
            grid.add(name, str(bench.tasks), _rate_cell(first), *padding)
    for model, rates in paper.pass_rate_by_round.get(library, {}).items():
        known = [f"{value:.1f}" for value in rates]
        padding = [NOTHING] * (rounds - len(known))
        grid.add(f"{model} (paper)", str(paper.tasks), *known, *padding, kind="paper")
    return grid


def _titled(name: str, tables: dict[str, int]) -> str:
    return f"{name} (Table {tables[name]} of the paper)" if name in tables else name


def _round_cell(bench: BenchMetrics | None, number: int) -> str:
    if bench is None:
        return NOT_RUN
    measured = bench.rounds.get(number)
    if measured is None:
        return NOTHING
    return with_interval(measured.pass_rate, measured.pass_low, measured.pass_high)


def _rate_cell(found: Rate) -> str:
    if found.rate is None or found.low is None or found.high is None:
        return NOTHING
    return with_interval(found.rate, found.low, found.high)


def error_types(run: RunMetrics) -> list[Grid]:
    """Tables 7-16 for our models: one grid per model, error type x (library, round)."""
    return [_our_errors(model, run) for model in run.models]


def _our_errors(model: str, run: RunMetrics) -> Grid:
    """Like the paper's: a row per error type, a column per library and round, totals below."""
    columns = [
        (library, number)
        for library in run.libraries
        for number in range(1 + _last_round(run, model, library))
    ]
    heads = [f"{library} {round_names(number + 1)[-1].lower()}" for library, number in columns]
    groups = tuple((library, 1 + _last_round(run, model, library)) for library in run.libraries)
    grid = Grid(f"{model} (ours)", ("Error type", *heads), groups=groups)
    counts = {
        (library, number): run.bench[model, library].errors.get(number, {})
        for library, number in columns
        if (model, library) in run.bench
    }
    for kind in sorted({kind for cell in counts.values() for kind in cell}):
        grid.add(kind, *(_count(counts.get(column), kind) for column in columns))
    totals = [
        str(sum(counts[column].values())) if column in counts else NOT_RUN for column in columns
    ]
    grid.add("Total errors", *totals)
    return grid


def _last_round(run: RunMetrics, model: str, library: str) -> int:
    bench = run.bench.get((model, library))
    return bench.last_round if bench else 0


def _count(errors: dict[str, int] | None, kind: str) -> str:
    return NOT_RUN if errors is None else str(errors.get(kind, 0))


def paper_errors(paper: Published) -> list[Grid]:
    """Tables 7-16 as published; "–" where the paper has no entry."""
    return [_paper_errors(model, paper) for model in TABLE_OF_MODEL]


def _paper_errors(model: str, paper: Published) -> Grid:
    libraries = paper.errors_by_round[model]
    heads = [
        f"{library} {name.lower()}"
        for library in LIBRARY_ORDER
        for name in round_names(PAPER_ROUNDS)
    ]
    title = f"{model} (paper, Table {TABLE_OF_MODEL[model]})"
    grid = Grid(title, ("Error type", *heads))
    totals = [0] * len(heads)
    for kind in sorted({kind for errors in libraries.values() for kind in errors}):
        cells: list[str] = []
        for position, library in enumerate(LIBRARY_ORDER):
            counts = libraries.get(library, {}).get(kind)
            cells += map(str, counts) if counts else [NOTHING] * PAPER_ROUNDS
            for number, count in enumerate(counts or ()):
                totals[position * PAPER_ROUNDS + number] += count
        grid.add(kind, *cells, kind="paper")
    grid.add("Total errors", *map(str, totals), kind="paper")
    return grid


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


def overview(run: RunMetrics) -> Grid:
    """Our rows of Table 1 in one grid, libraries side by side, without the columns that need a
    vision model."""
    heads = ("exec pass", "structural mean", "structural good")
    grid = Grid(
        "This run (Table 1)",
        ("Model", *(f"{library} {head}" for library in run.libraries for head in heads)),
        groups=tuple((library, len(heads)) for library in run.libraries),
    )
    for model in run.models:
        last = max(_last_round(run, model, library) for library in run.libraries)
        for judged in ("first", "final") if last else ("first",):
            cells: list[str] = []
            for library in run.libraries:
                bench, judge = run.bench.get((model, library)), run.judge.get((model, library))
                number = _last_round(run, model, library) if judged == "final" else 0
                found = _main_cells(bench, judge, number, judged)
                cells += [found[0], *found[-2:]]
            grid.add(f"{model} + self-debug" if judged == "final" else model, *cells)
    return grid


def _main_results(library: str, run: RunMetrics, paper: Published) -> Grid:
    grid = Grid(f"{library} (Table 1 of the paper)", MAIN_COLUMNS)
    for model in run.models or [NOTHING]:
        bench, judge = run.bench.get((model, library)), run.judge.get((model, library))
        grid.add(f"{model} (ours)", *_main_cells(bench, judge, 0, "first"))
        if bench is not None and bench.last_round:
            grid.add(
                f"{model} + self-debug (ours)",
                *_main_cells(bench, judge, bench.last_round, "final"),
            )
    for model, modes in paper.main_results.get(library, {}).items():
        for mode, values in modes.items():
            name = f"{model} + self-debug (paper)" if mode == "self_debug" else f"{model} (paper)"
            scores = [f"{value:g}" for value in values[1:]]
            grid.add(name, f"{values[0]:.1f}", *scores, NOTHING, NOTHING, kind="paper")
    return grid


def _main_cells(
    bench: BenchMetrics | None, judge: JudgeMetrics | None, number: int, judged: str
) -> tuple[str, ...]:
    """Exec pass, four judge columns, two structural ones."""
    if bench is None:
        return (NOT_RUN,) * (len(MAIN_COLUMNS) - 1)
    if judge is None:
        return (_round_cell(bench, number), *(NOT_RUN,) * 6)
    scores = judge.first if judged == "first" else judge.final
    pairs = [(kind.mean, kind.good) for kind in (scores.visual, scores.task)]
    by_model = [_model_cell(value) for values in zip(*pairs, strict=True) for value in values]
    structural = (rate(scores.structural_mean), rate(scores.structural_good))
    return (_round_cell(bench, number), *by_model, *structural)


def _model_cell(value: float | None) -> str:
    return NOT_AVAILABLE if value is None else rate(value)


STATES = ("scored", "no_image", "wrong_library", "unparsed", "unavailable")


def judge_states(run: RunMetrics) -> Grid:
    """What became of each question to the vision model, final answers; no rows without one."""
    heads = ("Scored", "No image (0)", "Wrong library (0)", "Not readable", "Not asked")
    more = ("Votes within 10 points", "Order of images (points)")
    grid = Grid("The vision model's answers", ("Model", "Library", "Score", *heads, *more))
    grid.text_columns = 3
    for (model, library), judge in sorted(run.judge.items()):
        for kind in ("visual", "task"):
            found: ModelFigures = getattr(judge.final, kind)
            if not found.scored + found.unparsed:
                continue
            agreement = getattr(judge, f"{kind}_vote_agreement")
            swap = judge.visual_swap_difference if kind == "visual" else None
            counts = [str(getattr(found, state)) for state in STATES]
            grid.add(model, library, kind, *counts, rate(agreement), rate(swap))
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
        found = [run.bench.get((model, library)) for library in LIBRARY_ORDER]
        for number, word in (
            (0, "no"),
            (max((b.last_round for b in found if b), default=0), "yes"),
        ):
            cells = [_round_cell(bench, number) for bench in found]
            grid.add(f"{name} ({model}, ours)", word, *cells)
    for row in paper.data_ablation:
        rates = [f"{row.pass_rate[library]:.1f}" for library in LIBRARY_ORDER]
        word = "yes" if row.self_debug else "no"
        grid.add(f"{row.training_data} (paper)", word, *rates, kind="paper")
    return grid
