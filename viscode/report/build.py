"""The report stage: reads what the other stages wrote, writes markdown tables and the pages.

Everything but the metrics of stages that exist is optional: what was not run is shown as such.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path

from viscode.core import tables
from viscode.core.records import Attempt, JudgedAttempt, Task
from viscode.report import (
    comparison,
    funnel_tables,
    plot_rows,
    protocol_tables,
    rejects,
    repairs,
    results,
)
from viscode.report.against import against, since_last_change
from viscode.report.grid import NOT_AVAILABLE, document
from viscode.report.loading import RunMetrics, read_run
from viscode.report.page import Page, Renderer
from viscode.report.published import published
from viscode.report.samples import Contents, survey
from viscode.report.site import Album, Chosen, no_album, write_site
from viscode.report.task_pages import Save, TaskView, attempt_views, task_views

Slim = dict[tuple[str, str], list[Attempt]]


@dataclass(frozen=True)
class Places:
    """Where the report reads and writes: `markdown` and `site` are folders, `page` the index,
    which lies beside `site`."""

    metrics: Path
    data: Path
    markdown: Path
    page: Path

    @property
    def site(self) -> Path:
        return self.page.with_name("site")


@dataclass(frozen=True)
class Bench:
    """Verdicts of all attempts (without images), and views of the tasks."""

    attempts: Slim
    tasks: list[TaskView]


def build_report(places: Places, *, samples: int, rejected: int, workers: int) -> None:
    """Write tables, index and site/, each whole or not at all. The browsers show at most `samples`
    samples and `rejected` rejects; pictures are made in `workers` processes.

    Raises:
        UserError: a metrics file or a table that is there but corrupt.
    """
    partial = tables.partial_of(places.site)
    partial.mkdir(parents=True)
    page, picked = gather(places.metrics, places.data, samples, Album(partial).save)
    page = replace(page, against=since_last_change(places.metrics.parent))
    chosen = Chosen(picked, rejects.chosen(places.data, rejected))
    renderer = Renderer(page)
    write_site(partial, places.data, chosen, renderer, workers)
    write_tables(places.markdown, page)
    tables.replace(partial, places.site)
    tables.write_text(places.page, renderer.index())


def build_comparison(revision: str, places: Places, out: Path) -> None:
    """Write the index with what changed since a git revision to `out`; its links lead to the
    report's other pages. It is no out of a stage: the revision that one compares with is not part
    of a run.

    Raises:
        UserError: no such revision, or as `build_report`.
    """
    page, _ = gather(places.metrics, places.data, 0, no_album)
    page = replace(page, against=against(revision, places.metrics.parent))
    report = os.path.relpath(places.page.parent.resolve(), out.parent.resolve())
    tables.write_text(out, Renderer(page).index("" if report == "." else f"{report}/"))


def gather(metrics: Path, data: Path, samples: int, save: Save) -> tuple[Page, frozenset[str]]:
    """Read all inputs and derive what is shown; the ids of the samples to show."""
    run, paper = read_run(metrics), published()
    contents, picked = _survey(data / "viscode", samples)
    bench = _bench(data, run, save)
    compared = comparison.compare(bench.attempts, run.models, run.libraries)
    page = Page(
        run=run,
        paper=paper,
        contents=contents,
        validated=_validated(run),
        funnels=funnel_tables.funnels(run.funnel, paper),
        reasons=rejects.reasons(run.funnel),
        comparisons=compared,
        tasks=bench.tasks,
        pass_grids=results.pass_rates(run, paper),
        error_grids=results.error_types(run),
        main_grids=results.main_results(run, paper),
        main_overview=results.overview(run),
        ablation=results.ablation(run, paper),
        judge_states=results.judge_states(run),
        protocol_rates=protocol_tables.rates(run),
        protocol_differences=protocol_tables.differences(run),
        repair_grids=repairs.counts(run, paper),
        transition_grids=repairs.transitions(run),
        recovery_grids=repairs.recovery(run),
        comparison_grids=comparison.grids(compared),
    )
    return page, picked


def _present(folder: Path, prefix: str = "part") -> bool:
    return any(folder.glob(f"{prefix}-*.parquet"))


def _survey(folder: Path, limit: int) -> tuple[Contents | None, frozenset[str]]:
    return survey(folder, limit) if _present(folder) else (None, frozenset())


def _validated(run: RunMetrics) -> tuple[int, int]:
    """Scripts that ran and drew, and scripts that were run, of all sources."""
    tallies = [
        tally
        for stages in run.funnel.values()
        for stage, tally in stages.items()
        if stage.startswith("validate/")
    ]
    return sum(tally.kept for tally in tallies), sum(tally.inputs for tally in tallies)


def _attempts(data: Path, key: tuple[str, str]) -> Iterator[Attempt]:
    folder = data / "bench" / key[0] / key[1]
    return tables.read_table(folder, Attempt) if _present(folder) else iter(())


def _judged(data: Path, key: tuple[str, str]) -> Iterator[JudgedAttempt]:
    folder = data / "judged" / key[0] / key[1]
    return tables.read_table(folder, JudgedAttempt) if _present(folder) else iter(())


def _bench(data: Path, run: RunMetrics, save: Save) -> Bench:
    """Two passes over the attempts: verdicts of all, then what the pages show of them."""
    keys = sorted(run.bench)
    attempts = {key: [_slim(a) for a in _attempts(data, key)] for key in keys}
    views = {key: attempt_views(_attempts(data, key), _judged(data, key), save) for key in keys}
    folder = data / "raw" / "tasks"
    tasks = tables.read_table(folder, Task) if _present(folder) else ()
    return Bench(attempts, task_views(tasks, views, run.models, run.libraries, save))


def _slim(attempt: Attempt) -> Attempt:
    """The attempt without what a count does not need."""
    return attempt.model_copy(update={"images": (), "facts": "", "answer": "", "code": ""})


def write_tables(folder: Path, page: Page) -> None:
    """The markdown files, and the rows that `dvc plots` draws."""
    partial = tables.partial_of(folder)
    partial.mkdir(parents=True)
    files = {**markdown_files(page), **plot_rows.files(page)}
    for name, text in files.items():
        (partial / name).write_text(text, encoding="utf-8")
    tables.replace(partial, folder)


def markdown_files(page: Page) -> dict[str, str]:
    """File name -> text."""
    source = f"Paper: {page.paper.citation}."
    comparable = results.comparable(page.run)
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
            (rounds_note, comparable, results.consistency(page.paper), source),
            page.pass_grids,
        ),
        "error_types.md": document(
            "Error types by round (Tables 7-16)",
            (counts_note, comparable, source),
            [*page.error_grids, *results.paper_errors(page.paper)],
        ),
        "main_results.md": document(
            "Main results (Table 1)",
            (judge_note, comparable, source),
            [*page.main_grids, page.judge_states],
        ),
        "training_data.md": document(
            "Training data (Table 3)", (comparable, source), [page.ablation]
        ),
        "self_debug.md": document(
            "What self-debug mends (Table 2)",
            (
                "X → Y: tasks that end with an error of this kind before and after self-debug.",
                comparable,
                source,
            ),
            [*page.repair_grids, *page.recovery_grids, *page.transition_grids],
        ),
        "protocols.md": document(
            "Both protocols",
            protocol_tables.NOTES,
            [page.protocol_rates, page.protocol_differences],
        ),
        "comparison.md": document(
            "Models compared on the same tasks",
            (*page.verdicts, *(comparison.NOTES if page.verdicts else ("Not run.",))),
            page.comparison_grids,
        ),
        "funnel.md": document(
            "Funnel", (*funnel_tables.NOTES, source), funnel_tables.grids(page.funnels)
        ),
    }
