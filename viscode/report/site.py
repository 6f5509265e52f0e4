"""Writes site/: the two browsers with their data, a page for each task, and what these share."""

from dataclasses import dataclass
from pathlib import Path

from viscode.core.progress import stage_line, watched
from viscode.core.records import ChatSample
from viscode.core.shards import parallel
from viscode.core.tables import read_some
from viscode.report import rejects, samples
from viscode.report.entries import write_entries
from viscode.report.page import TEMPLATES, PageRenderer
from viscode.report.task_pages import Shown
from viscode.report.thumbnails import picture

ASSETS = ("browser.js", "style.css", "task.js")  # the same in every report
IMAGES = "tasks/images"


@dataclass
class Album:
    """Writes the tasks' pictures into site/, numbered as they come; none where `site` is None."""

    site: Path | None
    count: int = 0

    def save(self, png: bytes) -> Shown:
        if self.site is None or not (small := picture(png)).webp:
            return Shown("", 0, 0)
        self.count += 1
        name = f"{IMAGES}/{self.count}.webp"
        path = self.site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(small.webp)
        return Shown(name, small.width, small.height)


def write_site(
    site: Path,
    data: Path,
    renderer: PageRenderer,
    picked: frozenset[str],
    rejected: int,
    workers: int,
) -> None:
    """Fill the folder `site`, in which an `Album` has put the tasks' pictures: with the samples of
    the ids `picked` and at most so many rejects.

    Raises:
        UserError: a table that is there but corrupt.
    """
    for name in ASSETS:
        _write(site / name, (TEMPLATES / name).read_text(encoding="utf-8"))
    for name, page in renderer.tasks():
        _write(site / "tasks" / name, page)
    if renderer.page.contents:
        found = read_some(data / "viscode", ChatSample, picked)
        entries = parallel(samples.entry, found, workers, chunk=16)
        line = stage_line("samples", len(picked))
        shown = write_entries(site / "samples", samples.SAMPLE_FACETS, watched(entries, line))
        _write(site / "samples.html", renderer.samples(shown))
    if renderer.page.reasons:
        chosen = rejects.chosen(data, rejected)
        shown = write_entries(
            site / "rejects", rejects.REJECT_FACETS, rejects.entries(data, chosen)
        )
        _write(site / "rejects.html", renderer.rejects(shown))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
