"""The report stage: reads what the other stages wrote, writes markdown tables and the page.

Everything but the metrics of stages that exist is optional: what was not run is shown as such.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from viscode import tables
from viscode.records import Attempt, ChatSample, JudgedAttempt, Task
from viscode.report import comparison, funnel, protocols, repairs, results
from viscode.report.against import against
from viscode.report.grid import NOT_AVAILABLE, document
from viscode.report.loading import RunMetrics, in_order, read_run
from viscode.report.page import Page, render
from viscode.report.published import published
from viscode.report.rejects import Rejects, rejects
from viscode.report.samples import Card, Contents, survey
from viscode.report.tasks import TaskView, attempt_views, shown_tasks, task_views
from viscode.transform import read_outcomes

SOURCE_ORDER = ("files", "charts", "dialogues")
Slim = dict[tuple[str, str], list[Attempt]]


@dataclass(frozen=True)
class Bench:
    """Verdicts of all attempts (without images), and views of the tasks that the page shows."""

    attempts: Slim
    tasks: list[TaskView]
    asked: int


def build_report(*, metrics: Path, data: Path, markdown: Path, page: Path, samples: int) -> None:
    """Write the folder `markdown` (*.md) and the file `page`, each whole or not at all.

    Raises:
        UserError: a metrics file or a table that is there but corrupt.
    """
    shown = gather(metrics, data, samples)
    write_tables(markdown, shown)
    tables.write_text(page, render(shown))


def build_comparison(revision: str, *, metrics: Path, data: Path, page: Path, samples: int) -> None:
    """Write the page with what changed since a git revision. It is no out of a stage: the
    revision that one compares with is not part of a run.

    Raises:
        UserError: no such revision, or as `build_report`.
    """
    shown = replace(gather(metrics, data, samples), against=against(revision, metrics.parent))
    tables.write_text(page, render(shown))


def gather(metrics: Path, data: Path, samples: int) -> Page:
    """Read all inputs and derive what is shown."""
    run, paper = read_run(metrics), published()
    contents, cards = _samples(data / "viscode", samples)
    bench = _bench(data, run)
    compared = comparison.compare(bench.attempts, run.models, run.libraries)
    return Page(
        run=run,
        paper=paper,
        contents=contents,
        cards=cards,
        funnels=funnel.funnels(run.funnel, paper),
        rejects=list(_rejects(data / "validated")),
        comparisons=compared,
        tasks=bench.tasks,
        tasks_asked=bench.asked,
        pass_grids=results.pass_rates(run, paper),
        error_grids=results.error_types(run),
        main_grids=results.main_results(run, paper),
        main_overview=results.overview(run),
        ablation=results.ablation(run, paper),
        judge_states=results.judge_states(run),
        protocol_rates=protocols.rates(run),
        protocol_differences=protocols.differences(run),
        repair_grids=repairs.counts(run, paper),
        transition_grids=repairs.transitions(run),
        recovery_grids=repairs.recovery(run),
        comparison_grids=comparison.grids(compared),
    )


def _present(folder: Path, prefix: str = "part") -> bool:
    return any(folder.glob(f"{prefix}-*.parquet"))


def _samples(folder: Path, limit: int) -> tuple[Contents | None, list[Card]]:
    if not _present(folder):
        return None, []
    return survey(tables.read_table(folder, ChatSample), limit)


def _rejects(folder: Path) -> Iterator[Rejects]:
    names = {path.name for path in folder.glob("*") if _present(path, "outcome")}
    for source in in_order(names, SOURCE_ORDER):
        yield rejects(source, read_outcomes(folder / source))


def _attempts(data: Path, key: tuple[str, str]) -> Iterator[Attempt]:
    folder = data / "bench" / key[0] / key[1]
    return tables.read_table(folder, Attempt) if _present(folder) else iter(())


def _judged(data: Path, key: tuple[str, str]) -> Iterator[JudgedAttempt]:
    folder = data / "judged" / key[0] / key[1]
    return tables.read_table(folder, JudgedAttempt) if _present(folder) else iter(())


def _bench(data: Path, run: RunMetrics) -> Bench:
    """Two passes over the attempts: verdicts of all, then images of the tasks shown only."""
    attempts = {key: [_slim(a) for a in _attempts(data, key)] for key in sorted(run.bench)}
    answered = {a.task_id for found in attempts.values() for a in found}
    folder = data / "raw" / "tasks"
    tasks = shown_tasks(tables.read_table(folder, Task), answered) if _present(folder) else []
    shown = {task.id for task in tasks}
    views = {
        key: attempt_views(_attempts(data, key), _judged(data, key), shown)
        for key in sorted(run.bench)
    }
    return Bench(attempts, task_views(tasks, views, run.models, run.libraries), len(answered))


def _slim(attempt: Attempt) -> Attempt:
    """The attempt without what a count does not need."""
    return attempt.model_copy(update={"images": (), "facts": "", "answer": "", "code": ""})


def write_tables(folder: Path, page: Page) -> None:
    """The markdown files, and the rows that `dvc plots` draws."""
    partial = tables.partial_of(folder)
    partial.mkdir(parents=True)
    files = {**markdown_files(page), "pass_rate_by_round.tsv": results.pass_rate_rows(page.run)}
    for name, text in files.items():
        (partial / name).write_text(text, encoding="utf-8")
    tables.replace(partial, folder)


def markdown_files(page: Page) -> dict[str, str]:
    """File name -> text."""
    source = f"Paper: {page.paper.citation}."
    rounds_note = (
        "Execution pass rate in per cent, with its 95 % Wilson interval. Normal is the first "
        "answer; a round re-asks only what still fails, and counts every task by its latest answer."
    )
    counts_note = "Tasks by the error that they end with; NoImage and Blank ran without an error."
    judge_note = (
        f"Visual and task scores: 0-100, by a vision model (section judge); else {NOT_AVAILABLE}. "
        "The structural score compares figure facts with the ground truth; the paper has no such "
        "score. Good: share of scores of 75 or more."
    )
    return {
        "pass_rate_by_round.md": document(
            "Pass rate by round (Tables 4-6)",
            (rounds_note, results.COMPARABLE, source),
            page.pass_grids,
        ),
        "error_types.md": document(
            "Error types by round (Tables 7-16)",
            (counts_note, results.COMPARABLE, source),
            [*page.error_grids, *results.paper_errors(page.paper)],
        ),
        "main_results.md": document(
            "Main results (Table 1)",
            (judge_note, results.COMPARABLE, source),
            [*page.main_grids, page.judge_states],
        ),
        "training_data.md": document(
            "Training data (Table 3)", (results.COMPARABLE, source), [page.ablation]
        ),
        "self_debug.md": document(
            "What self-debug mends (Table 2)",
            (
                "X → Y: tasks that end with an error of this kind before and after self-debug.",
                results.COMPARABLE,
                source,
            ),
            [*page.repair_grids, *page.recovery_grids, *page.transition_grids],
        ),
        "protocols.md": document(
            "Both protocols",
            protocols.NOTES,
            [page.protocol_rates, page.protocol_differences],
        ),
        "comparison.md": document(
            "Models compared on the same tasks",
            (*page.verdicts, *(comparison.NOTES if page.verdicts else ("Not run.",))),
            page.comparison_grids,
        ),
        "funnel.md": document("Funnel", (*funnel.NOTES, source), funnel.grids(page.funnels)),
    }
