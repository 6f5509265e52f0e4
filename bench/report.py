"""How large the report is, how long it takes to build, and how long a search in it takes.

The run's own samples (data/viscode: `dvc repro assemble` first) are repeated under new ids until
there are `--samples` of them, so that texts and images are of real size. The report is built in a
fresh folder with the run's tasks, answers and metrics; then headless Chromium opens the samples'
page from the disk and types, letter by letter. `search_ms` is the longest time from a keystroke or
a choice to the new list laid out, with all texts read; `read_ms`, printed before the last line, is
how long these take to be read after the first keystroke.

    python bench/report.py [--samples 5000]
"""

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Iterator
from itertools import count, islice
from pathlib import Path

from chromium import Page, browser, executable

from viscode.core import tables
from viscode.core.hashing import digest
from viscode.core.records import ChatSample
from viscode.report.build import ReportPlaces, build_report
from viscode.settings.base import load
from viscode.settings.run import RunSettings

ROOT = Path(__file__).parents[1]
SEARCHES = ("violin", "plt.show", "scipy stats norm", '"line plot"', "e", "zzzz")
TYPED = """(words => {
  const field = document.getElementById("search"), begun = performance.now();
  field.value = words;
  field.dispatchEvent(new Event("input"));
  document.body.offsetHeight;
  return performance.now() - begun;
})(%s)"""
CHOSEN = """(at => {
  const select = document.querySelectorAll("#facets select")[at], begun = performance.now();
  select.selectedIndex = 1;
  select.dispatchEvent(new Event("change"));
  document.body.offsetHeight;
  return performance.now() - begun;
})(%d)"""


def repeated(folder: Path, samples: int) -> Iterator[ChatSample]:
    """The table's samples, again and again, each time with ids of their own."""
    originals = list(tables.read_table(folder, ChatSample))
    copies = (
        one.model_copy(update={"id": digest(f"{one.id} {n}")[:32]} if n else {})
        for n in count()
        for one in originals
    )
    return islice(copies, samples)


def search_ms(page: Page, report: Path) -> tuple[float, float]:
    """(longest search or filter, reading of all texts) in milliseconds."""
    page.open((report / "site/samples.html").resolve().as_uri())
    begun = time.perf_counter()
    page.run(TYPED % json.dumps("p"))
    page.until("document.body.dataset.searchable === 'all'", 120)
    read = 1000 * (time.perf_counter() - begun)
    typed = [words[:end] for words in SEARCHES for end in range(1, len(words) + 1)]
    times = [page.run(TYPED % json.dumps(words)) for words in typed]
    page.run(TYPED % '""')
    times += [page.run(CHOSEN % at) for at in range(4)]
    return max(times), read


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--samples", type=int, default=5000)
    samples = parser.parse_args().samples
    if executable() is None:
        sys.exit("no Chromium here: apt-get install chromium")
    workers = load(RunSettings, ROOT / "params.yaml").worker_count()
    with tempfile.TemporaryDirectory() as scratch:
        data, report = Path(scratch) / "data", Path(scratch) / "report"
        shutil.copytree(ROOT / "data", data, ignore=shutil.ignore_patterns("*model*", "viscode*"))
        made = repeated(ROOT / "data/viscode", samples)
        tables.write_table(data / "viscode", ChatSample, made)
        places = ReportPlaces(
            ROOT / "metrics", data, Path(scratch) / "tables", report / "index.html"
        )
        begun = time.perf_counter()
        build_report(places, samples=samples, rejected=2000, workers=workers)
        build_s = time.perf_counter() - begun
        size = sum(path.stat().st_size for path in report.rglob("*") if path.is_file())
        with browser() as page:
            longest, read = search_ms(page, report)
    print(json.dumps({"read_ms": round(read), "workers": workers}))
    found = {
        "samples": samples,
        "build_s": round(build_s, 1),
        "size_mb": round(size / 1e6, 1),
        "search_ms": round(longest, 1),
    }
    print(json.dumps(found))


if __name__ == "__main__":
    main()
