"""What changed since another git revision: the figures in metrics/, and task by task the verdicts.

Metrics are committed, so that this needs neither the other revision's data nor its models. Verdicts
come from metrics/bench_details/MODEL/LIBRARY.tasks.tsv on both sides, paired by id: a rate alone
would not say whether the same tasks fail.
"""

import csv
import io
import json
import math
import subprocess
import tarfile
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from viscode.bench.metrics import PASS
from viscode.core.errors import UserError
from viscode.core.metric_files import flat
from viscode.core.statistics import pair
from viscode.report.comparison import PAIRED_COLUMNS, paired_cells
from viscode.report.grid import NO_VALUE, Grid, signed

METRICS_FOLDER = "metrics"
# what the report reads: other figures may be of a later run than it is
REPORTED_METRICS = ("metrics/funnel.json", "metrics/dataset.json", "metrics/train", "metrics/bench",
           "metrics/bench_details", "metrics/judge")  # fmt: skip
LOG = "%H%x09%cs%x09%s"
COMMITS = 20  # commits looked through for other figures
ROWS, DETAILS = ".tasks.tsv", ".details.json"  # the latter say again what figures say
VERDICT = "final_verdict"
FIGURES_SHOWN = 400  # figures that a page shows


@dataclass(frozen=True)
class Against:
    """`figures`: those that changed, file by file. `verdicts`: paired tests of final answers.
    `hidden` figures more than the page shows changed. `subject` is what a commit says of itself."""

    revision: str
    figures: list[Grid]
    verdicts: Grid
    hidden: int
    subject: str = ""

    @property
    def count(self) -> int:
        return sum(len(grid.rows) for grid in self.figures)


def against(
    revision: str, root: Path = Path(), sources: Sequence[str] = (METRICS_FOLDER,), name: str = ""
) -> Against:
    """Compare the working tree's metrics below `sources` with those committed at `revision`, which
    tables call `name`.

    Raises:
        UserError: no git, no such revision, or one without metrics.
    """
    before, after = (
        {file: text for file, text in files.items() if file.startswith(tuple(sources))}
        for files in (_committed(revision, root), _present(root))
    )
    shown = name or revision
    rows = [
        (file, row)
        for file in sorted(before.keys() | after.keys())
        if file.endswith(".json") and not file.endswith(DETAILS)
        for row in _changes(_numbers(before.get(file)), _numbers(after.get(file)))
    ]
    figures = []
    for file, changed in groupby(rows[:FIGURES_SHOWN], key=lambda entry: entry[0]):
        grid = Grid(file, ("Figure", shown, "Now", "Change"))
        for _, row in changed:
            grid.add(*row)
        figures.append(grid)
    hidden = max(0, len(rows) - FIGURES_SHOWN)
    return Against(shown, figures, _verdicts(shown, before, after), hidden)


def since_last_change(root: Path) -> Against | None:
    """Compare the working tree's metrics with the newest commit whose metrics are others: the last
    one that touched them, or, where they are committed as they are, the one before. None without
    git or without such a commit.

    What it gives depends on the history beside the files: it is the only part of the report that
    does.
    """
    try:
        log = _git(
            root, "HEAD", "log", "-n", str(COMMITS), f"--format={LOG}", "--", *REPORTED_METRICS
        )
        for line in log.decode(errors="replace").splitlines():
            commit, date, subject = line.split("\t", 2)
            found = against(commit, root, REPORTED_METRICS, f"{commit[:10]} ({date})")
            if found.figures:
                return replace(found, subject=subject)
    except UserError:
        return None
    return None


def _present(root: Path) -> dict[str, str]:
    """Path from `root` -> text of the metrics that are there."""
    return {
        str(path.relative_to(root)): path.read_text(encoding="utf-8")
        for path in (root / METRICS_FOLDER).rglob("*")
        if path.name.endswith((".json", ROWS))
    }


def _committed(revision: str, root: Path) -> dict[str, str]:
    """The same of a commit."""
    if revision.startswith("-"):
        raise _unknown(revision, "not a revision")
    archive = _git(root, revision, "archive", "--format=tar", revision, METRICS_FOLDER)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return {
            member.name: stream.read().decode(errors="replace")
            for member in tar
            if member.name.endswith((".json", ROWS)) and (stream := tar.extractfile(member))
        }


def _git(root: Path, revision: str, *arguments: str) -> bytes:
    try:
        done = subprocess.run(["git", *arguments], cwd=root, capture_output=True, check=False)
    except OSError as error:
        raise _unknown(revision, f"git does not run: {error}") from error
    if done.returncode:
        said = done.stderr.decode(errors="replace").strip()
        raise _unknown(revision, (said.splitlines() or ["git failed"])[0])
    return done.stdout


def _unknown(revision: str, why: str) -> UserError:
    return UserError(
        f"cannot compare with {revision!r}: {why}", todo="name a branch, a tag or a commit"
    )


def _numbers(text: str | None) -> dict[str, float]:
    """The numbers of a JSON object; {} for a file that is not there or holds something else."""
    try:
        value = json.loads(text or "{}")
    except ValueError:
        return {}
    known = flat(value) if isinstance(value, dict) else ()
    return {name: item for name, item in known if not isinstance(item, str) and math.isfinite(item)}


def _changes(
    there: Mapping[str, float], here: Mapping[str, float]
) -> Iterator[tuple[str, str, str, str]]:
    for name in sorted(there.keys() | here.keys()):
        old, new = there.get(name), here.get(name)
        if old != new:
            before, after = (NO_VALUE if value is None else f"{value:,.6g}" for value in (old, new))
            yield (
                name,
                before,
                after,
                NO_VALUE if old is None or new is None else _change(new - old),
            )


def _change(by: float) -> str:
    return signed(by) if round(by, 1) else f"{by:+.3g}".replace("-", "−")


def _verdicts(revision: str, before: Mapping[str, str], after: Mapping[str, str]) -> Grid:
    grid = Grid(
        f"Final answers, now against {revision}",
        ("Model and library", "Tasks", "First passes", "Second passes", *PAIRED_COLUMNS),
    )
    for name in sorted(before.keys() & after.keys()):
        if name.endswith(ROWS):
            model, library = Path(name).parts[-2], Path(name).name.removesuffix(ROWS)
            cells = paired_cells(pair(_passes(before[name]), _passes(after[name])))
            grid.add(f"{model}, {library}", *cells)
    return grid


def _passes(text: str) -> dict[str, bool]:
    """Task id -> whether its final verdict is a pass; of an older file without such a column,
    nothing."""
    rows = csv.DictReader(text.splitlines(), delimiter="\t", quoting=csv.QUOTE_NONE)
    return {row["task_id"]: row[VERDICT] == PASS for row in rows if row.get(VERDICT)}
