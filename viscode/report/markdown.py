"""The files of metrics/report: the tables as markdown, and the rows that `dvc plots` draws as
tab-separated text with a header (dvc.yaml names the files and .dvc/plots their templates)."""

from collections.abc import Iterable, Iterator

from viscode.report import funnel_tables, results
from viscode.report.comparison import COMPARISON_NOTES
from viscode.report.failures import transition_counts
from viscode.report.funnel_tables import FUNNEL_NOTES
from viscode.report.grid import NOT_AVAILABLE, document
from viscode.report.loading import RunMetrics
from viscode.report.page import Report
from viscode.report.samples import Contents

KINDS_SHOWN = 30
ROUNDS_NOTE = (
    "Execution pass rate in per cent, with its 95 % Wilson interval. Normal is the first "
    "answer; a round re-asks only what still fails, and counts every task by its latest answer."
)
COUNTS_NOTE = "Tasks by the error that they end with; NoImage and Blank ran without an error."
JUDGE_NOTE = (
    f"Visual and task scores: 0-100, by a vision model (section judge); else {NOT_AVAILABLE}. "
    "The structural score compares figure facts with the ground truth; the paper has no such "
    "score. Good: share of scores of 75 or more."
)
REPAIRS_NOTE = "X → Y: tasks that end with an error of this kind before and after self-debug."
PROTOCOL_NOTES = (
    "Isolated: each answer in a sandboxed process of its own, its last code block unchanged, saved "
    "files and the reference's own time taken into account. Paper: the published harness, all "
    "answers of a model in one kernel. Both judge the same first answers.",
    "viscode bench explain says why: it runs the answer again with one thing changed at a time.",
)


def documents(report: Report) -> dict[str, str]:
    """File name -> markdown."""
    tables, source = report.tables, f"Paper: {report.paper.citation}."
    comparable = results.comparable(report.run)
    verdicts = (*report.verdicts, *COMPARISON_NOTES) if report.verdicts else ("Not run.",)
    rounds = (ROUNDS_NOTE, comparable, report.paper.consistency, source)
    found = (
        ("pass_rate_by_round", "Pass rate by round (Tables 4-6)", rounds, tables["pass_rates"]),
        (
            "error_types",
            "Error types by round (Tables 7-16)",
            (COUNTS_NOTE, comparable, source),
            [*tables["errors"], *tables["paper_errors"]],
        ),
        (
            "main_results",
            "Main results (Table 1)",
            (JUDGE_NOTE, comparable, source),
            [*tables["main"], *tables["judge_states"]],
        ),
        ("training_data", "Training data (Table 3)", (comparable, source), tables["ablation"]),
        (
            "self_debug",
            "What self-debug repairs (Table 2)",
            (REPAIRS_NOTE, comparable, source),
            [*tables["repairs"], *tables["recovery"], *tables["transitions"]],
        ),
        ("protocols", "Both protocols", PROTOCOL_NOTES, tables["protocols"]),
        ("comparison", "Models compared on the same tasks", verdicts, tables["compared"]),
        ("funnel", "Funnel", (*FUNNEL_NOTES, source), funnel_tables.grids(report.funnels)),
    )
    return {f"{name}.md": document(title, notes, grids) for name, title, notes, grids in found}


def plot_rows(report: Report) -> dict[str, str]:
    """File name -> text; a header alone where there is nothing to draw."""
    held = report.contents or Contents()
    return {
        "pass_rate_by_round.tsv": _text(
            ("model", "library", "round", "pass_rate", "low", "high"), _pass_rates(report.run)
        ),
        "libraries.tsv": _text(("library", "samples"), held.by_library()),
        "chart_kinds.tsv": _text(("chart_kind", "images"), held.by_kind(KINDS_SHOWN)),
        "token_lengths.tsv": _text(("tokens", "samples"), held.by_length() if held.total else ()),
        "error_transitions.tsv": _text(("model", "from", "to", "tasks"), _transitions(report.run)),
    }


def _text(header: tuple[str, ...], rows: Iterable[tuple[object, ...]]) -> str:
    return "".join("\t".join(map(str, row)) + "\n" for row in (header, *rows))


def _pass_rates(run: RunMetrics) -> Iterator[tuple[object, ...]]:
    """A row per model, library and round: percent with the ends of the 95 % interval."""
    for model, library in run.answered:
        for number, found in sorted(run.bench[model, library].rounds.items()):
            rate = found.pass_rate
            if rate.percent is not None:
                yield model, library, number, rate.percent, rate.low, rate.high


def _transitions(run: RunMetrics) -> Iterator[tuple[object, ...]]:
    """What the failures of one round are in the next, all rounds and libraries together."""
    for model in run.models:
        for (before, after), tasks in sorted(transition_counts(model, run).items()):
            yield model, before, after, tasks
