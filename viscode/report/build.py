"""The report stage: reads what the other stages wrote, writes markdown tables and the pages.

Everything but the metrics of stages that exist is optional: what was not run is shown as such.
"""

import os
from dataclasses import dataclass, replace
from pathlib import Path

from viscode.core import replacing
from viscode.core.progress import stage_line, watched
from viscode.core.records import ChatSample
from viscode.core.shards import parallel
from viscode.core.tables import read_some
from viscode.report import rejects, samples
from viscode.report.against import against, since_last_change
from viscode.report.entries import write_entries
from viscode.report.loading import has_table, read_run
from viscode.report.markdown import documents, plot_rows
from viscode.report.page import TEMPLATES, Report
from viscode.report.pictures import Picture, picture
from viscode.report.published import published
from viscode.report.task_pages import Draw, attempt_views, task_views

ASSETS = ("browser.js", "style.css", "task.js")  # the same in every report


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
    report, picked = gather(places, samples, picture)
    report = replace(report, against=since_last_change(places.metrics.parent))
    site = replacing.partial_of(places.site)
    _write_tasks(site, report)
    _write_browsers(site, places.data, report, picked, rejected, workers)
    for name in ASSETS:
        _write(site / name, (TEMPLATES / name).read_bytes())
    markdown = replacing.partial_of(places.markdown)
    for name, text in {**documents(report), **plot_rows(report)}.items():
        _write(markdown / name, text.encode())
    replacing.replace(markdown, places.markdown)
    replacing.replace(site, places.site)
    replacing.write_text(places.page, report.index_page())


def build_comparison(revision: str, places: ReportPlaces, out: Path) -> None:
    """Write the index with what changed since a git revision to `out`; its links lead to the
    report's other pages. It is no out of a stage: the revision that one compares with is not part
    of a run.

    Raises:
        UserError: no such revision, or as `build_report`.
    """
    report, _ = gather(places, 0, lambda png: Picture(b"", 0, 0))  # the index shows none
    report = replace(report, against=against(revision, places.metrics.parent))
    root = os.path.relpath(places.page.parent.resolve(), out.parent.resolve())
    replacing.write_text(out, report.index_page("" if root == "." else f"{root}/"))


def gather(places: ReportPlaces, shown: int, draw: Draw) -> tuple[Report, frozenset[str]]:
    """Read all inputs; the ids of the samples to show."""
    data, run = places.data, read_run(places.metrics)
    contents, picked = None, frozenset[str]()
    if has_table(data / "viscode"):
        contents, picked = samples.survey(data / "viscode", shown)
    views = {key: attempt_views(data, key, draw) for key in run.answered}
    return Report(run, published(), contents, views, task_views(data, views, draw)), picked


def _write_tasks(site: Path, report: Report) -> None:
    """A page for each task, and the pictures of all."""
    for name, page in report.task_pages():
        _write(site / "tasks" / name, page.encode())
    for task in report.tasks:
        images = [view.image for views in task.attempts.values() for view in views]
        for image in [task.truth, *images]:
            if image and image.file:
                _write(site / image.file, image.webp)


def _write_browsers(
    site: Path, data: Path, report: Report, picked: frozenset[str], rejected: int, workers: int
) -> None:
    if report.contents:
        found = read_some(data / "viscode", ChatSample, picked)
        entries = parallel(samples.entry, found, workers, chunk=16)
        line = stage_line("samples", len(picked))
        shown = write_entries(site / "samples", samples.SAMPLE_FACETS, watched(entries, line))
        _write(site / "samples.html", report.samples_page(shown).encode())
    if report.reasons:
        chosen = rejects.entries(data, rejects.chosen(data, rejected))
        shown = write_entries(site / "rejects", rejects.REJECT_FACETS, chosen)
        _write(site / "rejects.html", report.rejects_page(shown).encode())


def _write(path: Path, content: bytes) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(content)
