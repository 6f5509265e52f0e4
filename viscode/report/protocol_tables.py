"""First answers under both protocols: how often they differ and on which tasks."""

from viscode.report.bench_files import PROTOCOLS, Rate
from viscode.report.grid import NOTHING, Grid, with_interval
from viscode.report.loading import RunMetrics

NOTES = (
    "Isolated: each answer in a sandboxed process of its own, its last code block unchanged, saved "
    "files and the reference's own time taken into account. Paper: the published harness, all "
    "answers of a model in one kernel. Both judge the same first answers.",
    "viscode bench explain says why: it runs the answer again with one thing changed at a time.",
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
        ("Model", "Library", "Task", *PROTOCOLS),
        text_columns=5,
    )
    for model, library in _keys(run):
        for row in run.bench[model, library].details.differences:
            verdicts = (
                _verdict(row.isolated, row.isolated_error),
                _verdict(row.paper, row.paper_error),
            )
            grid.add(model, library, str(row.task), *verdicts)
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
