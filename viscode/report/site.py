"""Writes site/: the two browsers with their data, a page for each task, and what these share."""

from dataclasses import dataclass
from pathlib import Path

from viscode.core.progress import stage_line, watched
from viscode.core.records import ChatSample
from viscode.core.shards import parallel
from viscode.core.tables import read_some
from viscode.report import rejects, samples
from viscode.report.entries import write_entries
from viscode.report.page import ASSETS, Renderer, asset
from viscode.report.task_pages import Shown
from viscode.report.thumbnails import picture

IMAGES = "tasks/images"


@dataclass(frozen=True)
class Chosen:
    """The ids of the samples and the keys of the rejects that the browsers show."""

    samples: frozenset[str]
    rejects: frozenset[str]


class Album:
    """Writes the tasks' pictures into site/, numbered as they come."""

    def __init__(self, site: Path) -> None:
        self._site = site
        self._count = 0

    def save(self, png: bytes) -> Shown:
        small = picture(png)
        if not small.webp:
            return Shown("", 0, 0)
        self._count += 1
        name = f"{IMAGES}/{self._count}.webp"
        path = self._site / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(small.webp)
        return Shown(name, small.width, small.height)


def no_album(png: bytes) -> Shown:
    """For pages that show no pictures: none is written."""
    return Shown("", 0, 0)


def write_site(site: Path, data: Path, chosen: Chosen, renderer: Renderer, workers: int) -> None:
    """Fill the folder `site`, in which an `Album` has put the tasks' pictures.

    Raises:
        UserError: a table that is there but corrupt.
    """
    for name in ASSETS:
        _write(site / name, asset(name))
    for name, html in renderer.tasks():
        _write(site / "tasks" / name, html)
    if renderer.page.contents:
        found = read_some(data / "viscode", ChatSample, chosen.samples)
        entries = parallel(samples.entry, found, workers, chunk=16)
        line = stage_line("samples", len(chosen.samples))
        shown = write_entries(site / "samples", samples.FACETS, watched(entries, line))
        _write(site / "samples.html", renderer.samples(shown))
    if renderer.page.reasons:
        fallen = rejects.entries(data, chosen.rejects)
        shown = write_entries(site / "rejects", rejects.FACETS, fallen)
        _write(site / "rejects.html", renderer.rejects(shown))


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
