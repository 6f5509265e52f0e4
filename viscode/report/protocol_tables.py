"""First answers under both protocols: how often they differ, on which tasks, and why."""

from viscode.report.bench_files import PROTOCOLS, Rate
from viscode.report.grid import NOTHING, Grid, with_interval
from viscode.report.loading import RunMetrics

CAUSES = {
    "blank": "the plot shows nothing; only isolated minds",
    "not_drawn": "what it shows was there before it ran; only isolated minds",
    "dead_kernel": "an answer before it ended the shared kernel",
    "exit_status": "it ends with exit status 0, which a kernel shows as an error",
    "leaked_names": "names or settings that answers before it left behind",
    "form": "a figure that is not displayed as PNG",
    "time": "over the published time limit",
    "reset_lines": "the lines that reset the shared notebook use a name that it does not bind",
    "last_expression": "the figure only stands in its last line, which the notebook does not show",
    "block": "the first code block counts there, the last one here",
    "data_file": "it loads data.csv in another spelling, and there is no such file",
    "rewriting": "its code is rewritten before it runs",
    "data_loading": "the notebook loads the data and imports pandas for it",
    "saved_file": "it only saves its plot to a file",
    "several": "several of these together",
    "unknown": "none of the known causes",
}
NOTES = (
    "Isolated: each answer in a sandboxed process of its own, its last code block unchanged, saved "
    "files and the reference's own time taken into account. Paper: the published harness, all "
    "answers of a model in one kernel. Both judge the same first answers.",
    "A cause is found by running the answer again with one thing changed at a time.",
)


def rates(run: RunMetrics) -> Grid:
    """Pass rates of first answers under either protocol, a row per model and library."""
    grid = Grid(
        "First answers under both protocols",
        ("Model", "Library", "Tasks", *PROTOCOLS, "Tasks that differ"),
        text_columns=2,
    )
    for model, library in _keys(run):
        bench = run.bench[model, library]
        cells = [_cell(bench.protocols[name]) for name in PROTOCOLS]
        grid.add(model, library, str(bench.tasks), *cells, str(bench.protocols_differ))
    return grid


def differences(run: RunMetrics) -> Grid:
    """Each task on which the protocols differ."""
    grid = Grid(
        "Tasks on which the protocols differ",
        ("Model", "Library", "Task", *PROTOCOLS, "Cause"),
        text_columns=6,
    )
    for model, library in _keys(run):
        for row in run.bench[model, library].details.differences:
            verdicts = (
                _verdict(row.isolated, row.isolated_error),
                _verdict(row.paper, row.paper_error),
            )
            cause = CAUSES.get(row.cause, row.cause)
            grid.add(model, library, str(row.task), *verdicts, f"{row.cause}: {cause}")
    return grid


def _keys(run: RunMetrics) -> list[tuple[str, str]]:
    return [
        (model, library)
        for model in run.models
        for library in run.libraries
        if (model, library) in run.bench
    ]


def _cell(rate: Rate) -> str:
    if rate.rate is None or rate.low is None or rate.high is None:
        return NOTHING
    return with_interval(rate.rate, rate.low, rate.high)


def _verdict(verdict: str, error: str) -> str:
    return error if verdict == "error" and error else verdict.replace("_", " ")
