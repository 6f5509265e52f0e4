"""The report stage: reads what the other stages wrote, writes markdown tables and the pages.

Everything but the metrics of stages that exist is optional: what was not run is shown as such.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar

from viscode.core import replacing, tables
from viscode.core.records import Attempt, Identified, JudgedAttempt, Task
from viscode.report import comparison, funnel_tables, rejects
from viscode.report.against import against, since_last_change
from viscode.report.loading import has_table, read_run
from viscode.report.markdown import documents, plot_rows
from viscode.report.page import Page, PageRenderer
from viscode.report.published import published
from viscode.report.samples import survey
from viscode.report.site import Album, write_site
from viscode.report.task_pages import Save, attempt_views, task_views

T = TypeVar("T", bound=Identified)


@dataclass(frozen=True)
class ReportPlaces:
    """Where the report reads and writes: `markdown` and `site` are folders, `page` the index,
    which lies beside `site`."""

    metrics: Path
    data: Path
    markdown: Path
    page: Path

    @property
    def site(self) -> Path:
        return self.page.with_name("site")


def build_report(places: ReportPlaces, *, samples: int, rejected: int, workers: int) -> None:
    """Write tables, index and site/, each whole or not at all. The browsers show at most `samples`
    samples and `rejected` rejects; pictures are made in `workers` processes.

    Raises:
        UserError: a metrics file or a table that is there but corrupt.
    """
    partial = replacing.partial_of(places.site)
    partial.mkdir(parents=True)
    page, picked = gather(places.metrics, places.data, samples, Album(partial).save)
    page = replace(page, against=since_last_change(places.metrics.parent))
    renderer = PageRenderer(page)
    write_site(partial, places.data, renderer, picked, rejected, workers)
    write_tables(places.markdown, page)
    replacing.replace(partial, places.site)
    replacing.write_text(places.page, renderer.index())


def build_comparison(revision: str, places: ReportPlaces, out: Path) -> None:
    """Write the index with what changed since a git revision to `out`; its links lead to the
    report's other pages. It is no out of a stage: the revision that one compares with is not part
    of a run.

    Raises:
        UserError: no such revision, or as `build_report`.
    """
    page, _ = gather(places.metrics, places.data, 0, Album(None).save)
    page = replace(page, against=against(revision, places.metrics.parent))
    report = os.path.relpath(places.page.parent.resolve(), out.parent.resolve())
    replacing.write_text(out, PageRenderer(page).index("" if report == "." else f"{report}/"))


def gather(metrics: Path, data: Path, samples: int, save: Save) -> tuple[Page, frozenset[str]]:
    """Read all inputs and derive what is shown; the ids of the samples to show."""
    run, paper = read_run(metrics), published()
    present = has_table(data / "viscode")
    contents, picked = survey(data / "viscode", samples) if present else (None, frozenset[str]())
    views = {
        key: attempt_views(
            _read(data.joinpath("bench", *key), Attempt),
            _read(data.joinpath("judged", *key), JudgedAttempt),
            save,
        )
        for key in run.answered
    }
    page = Page(
        run=run,
        paper=paper,
        contents=contents,
        funnels=funnel_tables.funnels(run.funnel, paper),
        reasons=rejects.reasons(run.funnel),
        comparisons=comparison.compare(views, run.models, run.libraries),
        tasks=task_views(
            _read(data / "raw" / "tasks", Task), views, run.models, run.libraries, save
        ),
    )
    return page, picked


def _read(folder: Path, kind: type[T]) -> Iterator[T]:
    """A table's records; none where it is not there."""
    return tables.read_table(folder, kind) if has_table(folder) else iter(())


def write_tables(folder: Path, page: Page) -> None:
    """The files of metrics/report."""
    partial = replacing.partial_of(folder)
    partial.mkdir(parents=True)
    for name, text in {**documents(page), **plot_rows(page)}.items():
        (partial / name).write_text(text, encoding="utf-8")
    replacing.replace(partial, folder)
