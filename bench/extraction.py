"""How many files that plot give a block that runs and draws, and how faithful the blocks are:
python bench/extraction.py --corpus PLACE [--files N]

PLACE is a folder of code, a list of source distributions (.csv), or a table of selected files
(data/selected, with data/raw/files beside it). Two methods run side by side on the same files:
`as_is`, which takes what stands alone already, and extraction that slices, supplies and mends.
Verdicts are those of the engine, through the project's work store; what is measured of the analysis
is without executions.

The last line is one JSON object:

- `yield`, `as_is_yield`: files with at least one validated block, of all that plot.
- `ms_per_file`: median of the analysis, by the processor's time of its thread, which a busy machine
  does not change; `wall_ms_per_file`: by the clock, with the processes that it starts.
- `runs_per_block`: all executions, those of files that gave nothing included, for each kept block.
  `blocks_per_file`: of the files that gave any.
- `fidelity_calls`: share of the blocks whose drawing calls, with the names of their keywords, all
  stand in the source (bench/fidelity.py). `fidelity_facts`: of the files that run as they are, the
  share all of whose blocks' figures are figures of the original run.
- `leftovers`: what a linter finds in the blocks, by rule. `methods`: blocks by method.
- `reasons`: files without a block, by reason; `figure_reasons`: figures without one.

--out writes each block, and each figure without one, into a folder.
"""

import argparse
import json
import statistics
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from fidelity import added_calls, leftovers, same_figures

from viscode.core.errors import ending_in_one_line
from viscode.core.hashing import hash_rank
from viscode.core.outcomes import Rejected
from viscode.core.progress import Progress, watched
from viscode.core.records import Block, Execution, Script, SelectedFile, SourceFile
from viscode.core.tables import read_table
from viscode.core.transform import write_outcomes
from viscode.core.workstore import WorkStore, default_path
from viscode.corpora.folder import collect_folder
from viscode.corpora.package_index import pip_index
from viscode.corpora.sdists import collect_sdists
from viscode.execution.engine import Crew, side_by_side
from viscode.execution.facts import FigureFacts, as_list
from viscode.extract.extractor import Extraction, Extractor
from viscode.extract.mending import Failed
from viscode.extract.siblings import Siblings, siblings_of
from viscode.extract.static import extract_static, importable_modules
from viscode.libraries.selection import select_identified
from viscode.settings.base import load
from viscode.settings.collect import CollectFilesSettings
from viscode.settings.run import RunSettings
from viscode.settings.select import SelectSettings
from viscode.settings.validate import ValidateSettings
from viscode.validate.blocks import script_of

SEED = 1
Judge = Callable[[Script], Execution]


@dataclass(frozen=True)
class Measured:
    """What became of a file by both methods. `added`: the drawing calls of each block that the
    source lacks. `same`: whether the blocks' figures are the original's; None where the original
    does not run. `cpu_s`, `wall_s`: what the analysis took."""

    file: SelectedFile
    found: Extraction
    runs_as_is: bool
    added: list[list[str]]
    same: bool | None
    cpu_s: float
    wall_s: float


class Clock:
    """The seconds of this thread's processor, and those that passed, without what `judge` takes."""

    def __init__(self, judge: Judge) -> None:
        self._judge = judge
        self._cpu_s, self._wall_s = -time.thread_time(), -time.perf_counter()

    def judge(self, script: Script) -> Execution:
        self._turn(1)
        try:
            return self._judge(script)
        finally:
            self._turn(-1)

    def spent(self) -> tuple[float, float]:
        self._turn(1)
        return self._cpu_s, self._wall_s

    def _turn(self, sign: int) -> None:
        self._cpu_s += sign * time.thread_time()
        self._wall_s += sign * time.perf_counter()


@dataclass
class Corpus:
    """`selected`: the files that plot. `raw`: the table of all files, where there is one."""

    selected: Path
    raw: Path | None
    _texts: dict[tuple[str, str], list[str]] = field(default_factory=dict)

    def sample(self, count: int) -> list[SelectedFile]:
        """All files, or `count` by hash rank."""
        ranked = sorted(
            read_table(self.selected, SelectedFile), key=lambda file: hash_rank(file.id, SEED)
        )
        return ranked[:count] if count else ranked

    def sources(self, file: SelectedFile, edits: tuple[str, ...]) -> Iterator[str]:
        """The file's text, and of its own repository those that edits say were inlined."""
        yield file.text
        if self.raw and not self._texts:
            for one in read_table(self.raw, SourceFile):
                stem = _module(one.origin.path)
                self._texts.setdefault((one.origin.name, stem), []).append(one.text)
        for edit in edits:
            verb, _, name = edit.partition(" ")
            if verb == "inlined":
                for part in name.split("."):
                    yield from self._texts.get((file.origin.name, part), ())


def _module(path: str) -> str:
    parts = path.removesuffix(".py").split("/")
    return parts[-2] if parts[-1] == "__init__" and len(parts) > 1 else parts[-1]


@contextmanager
def corpus_at(place: Path) -> Iterator[Corpus]:
    """The corpus of a folder, a list of source distributions or a table."""
    if any(place.glob("part-*.parquet")):
        raw = place.parent / "raw/files"
        yield Corpus(place, raw if raw.is_dir() else None)
        return
    with tempfile.TemporaryDirectory() as scratch:
        raw, selected = Path(scratch) / "raw", Path(scratch) / "selected"
        changes = {"path": str(place), "take": 0}
        settings = load(CollectFilesSettings).model_copy(update=changes)
        if place.is_dir():
            collect_folder(settings, raw)
        else:
            collect_sdists(settings, pip_index(default_path().parent / "sdists"), raw)
        select = partial(select_identified, **load(SelectSettings).model_dump())
        write_outcomes(map(select, read_table(raw, SourceFile)), SelectedFile, selected)
        yield Corpus(selected, raw)


def measure(
    file: SelectedFile,
    corpus: Corpus,
    judge: Judge,
    importable: frozenset[str],
    siblings: Siblings | None,
) -> Measured:
    """Extract by both methods and compare the blocks with their source."""
    original = as_is(file, judge, importable)
    clock = Clock(judge)
    found = _extracted(file, Extractor(clock.judge, importable, siblings))
    cpu_s, wall_s = clock.spent()
    added = [
        [f"{name}({', '.join(sorted(keywords))})" for name, keywords in missing]
        for block in found.blocks
        for missing in [added_calls(block.code, corpus.sources(file, block.edits), block.edits)]
    ]
    same = None
    if original and found.blocks:
        shown = _figures(original, judge)
        same = all(same_figures(_figures(block, judge), shown) for block in found.blocks)
    return Measured(file, found, original is not None, added, same, cpu_s, wall_s)


def _extracted(file: SelectedFile, extractor: Extractor) -> Extraction:
    """What extraction makes of a file; a fault of its own is a reason too, and is told."""
    try:
        return extractor.extract(file)
    except Exception as error:  # noqa: BLE001 - one file must not end a measurement
        trace = traceback.format_exc()
        sys.stderr.write(f"{file.origin.name} {file.origin.path} {file.id[:8]}\n{trace}\n")
        return Extraction((), (), f"raised {type(error).__name__}", str(error), 0, 0.0)


def as_is(file: SelectedFile, judge: Judge, importable: frozenset[str]) -> Block | None:
    """The file as a block, if it stands alone, runs and draws."""
    found = extract_static(file, importable)
    if isinstance(found, Rejected):
        return None
    execution = judge(script_of(found.records[0]))
    return found.records[0] if execution.status == "ok" and execution.drew else None


def _figures(block: Block, judge: Judge) -> list[FigureFacts | None]:
    return as_list(judge(script_of(block)).facts)


def report(rows: list[Measured]) -> dict[str, object]:
    """The last line's object."""
    blocks = [block for row in rows for block in row.found.blocks]
    yielding = [row for row in rows if row.found.blocks]
    compared = [row.same for row in rows if row.same is not None]
    failures = [one for row in rows for one in row.found.failures]
    added = [one for row in rows for one in row.added]
    lines = [len(block.code.splitlines()) for block in blocks]
    return {
        "files": len(rows),
        "yield": _share(len(yielding), len(rows)),
        "as_is_yield": _share(sum(row.runs_as_is for row in rows), len(rows)),
        "blocks": len(blocks),
        "ms_per_file": round(1000 * _median([row.cpu_s for row in rows]), 1),
        "wall_ms_per_file": round(1000 * _median([row.wall_s for row in rows]), 1),
        "runs_per_block": _share(sum(row.found.runs for row in rows), len(blocks)),
        "blocks_per_file": _share(len(blocks), len(yielding)),
        "fidelity_calls": _share(sum(not one for one in added), len(added)),
        "fidelity_facts": _share(sum(compared), len(compared)),
        "median_lines": _median(lines),
        "leftovers": _counts(leftovers(block.code for block in blocks)),
        "methods": _counts(Counter(block.method for block in blocks)),
        "reasons": _counts(Counter(row.found.reason for row in rows if not row.found.blocks)),
        "figure_reasons": _counts(Counter(one.reason for one in failures)),
    }


def _share(part: int, whole: int) -> float | None:
    return round(part / whole, 3) if whole else None


def _median(values: list[float] | list[int]) -> float:
    return statistics.median(values) if values else 0.0


def _counts(counts: Counter[str]) -> dict[str, int]:
    return dict(sorted(counts.items(), key=lambda entry: (-entry[1], entry[0])))


def write(rows: list[Measured], out: Path) -> None:
    """A file for each block, and for each figure without one, headed by what is to be known."""
    out.mkdir(parents=True, exist_ok=True)
    for row in rows:
        where = f"{row.file.origin.name} {row.file.origin.path} {row.file.id[:8]}"
        for number, (block, added) in enumerate(zip(row.found.blocks, row.added, strict=True)):
            head = [where, block.method, *block.edits, *(f"not in the source: {a}" for a in added)]
            _write(out / f"{row.file.id[:8]}-{number}.py", head, block.code)
        for number, one in enumerate(row.found.failures):
            _write(out / f"{row.file.id[:8]}-{number}-failed.py", [where, *_told(one)], one.code)


def _told(one: Failed) -> list[str]:
    return [f"{one.figure}: {one.reason}, {' '.join(one.detail.split())}", *one.edits]


def _write(path: Path, head: list[str], code: str) -> None:
    path.write_text("".join(f"# {line}\n" for line in head) + "\n" + code, errors="replace")


def main() -> None:
    """Measure and print; the last line is JSON."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--corpus", type=Path, required=True)
    options.add_argument("--files", type=int, default=0, help="a sample of so many; 0: all")
    options.add_argument("--out", type=Path, help="folder for blocks and failures")
    given = options.parse_args()
    run = load(ValidateSettings).run_options(load(RunSettings))
    with corpus_at(given.corpus) as corpus, WorkStore(default_path()) as store:
        files, crew = corpus.sample(given.files), Crew(run, store)
        step = partial(
            measure,
            corpus=corpus,
            judge=crew.judge,
            importable=importable_modules(run.python),
            siblings=siblings_of(read_table(corpus.raw, SourceFile)) if corpus.raw else None,
        )
        line = Progress("extraction", "files", len(files))
        rows = list(watched(side_by_side(files, step, crew), line))
    rows.sort(key=lambda row: row.file.id)
    if given.out:
        write(rows, given.out)
    for row in rows:
        for calls in filter(None, row.added):
            sys.stderr.write(f"{row.file.origin.path}: not in the source: {'; '.join(calls)}\n")
    print(json.dumps(report(rows)))


if __name__ == "__main__":
    with ending_in_one_line("extraction"):
        main()
