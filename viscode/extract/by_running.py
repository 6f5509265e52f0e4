"""Selected files -> blocks that ran and drew, several files at a time, each with its outcome."""

import traceback
from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import dataclass, field, replace
from enum import StrEnum
from functools import partial
from pathlib import Path

from viscode.core.errors import UserError
from viscode.core.outcomes import Kept, Rejected
from viscode.core.records import Block, SelectedFile, UnmadeFigures
from viscode.core.transform import UNMADE_PREFIX, Beside
from viscode.core.workstore import WorkStore
from viscode.execution.cell_run import EngineFailure
from viscode.execution.engine import Crew, side_by_side
from viscode.extract.extractor import Extraction, Extractor
from viscode.extract.siblings import default_path, open_siblings
from viscode.extract.static import ExtractReason, extract_static
from viscode.extract.unmade import unmade
from viscode.settings.extract import ExtractSettings
from viscode.settings.validate import RunOptions

Result = tuple[str, Kept[Block] | Rejected]


class RunReason(StrEnum):
    """Why no figure of a file became a block although one was tried. `ERROR`: the detail names
    it. `INTERNAL_ERROR`: a fault of this program. `NOT_TRIED`: those before it failed.
    `TOO_MANY`: figures beyond the number that is looked at. `FLAT`, `OUT_OF_LIMITS`, `REPEATED`,
    `UNREADABLE`: as extract/plausible.py says."""

    ERROR = "error"
    TIMEOUT = "timeout"
    INTERNAL_ERROR = "internal_error"
    KILLED = "killed"
    DIED = "died"
    NOT_TRIED = "not_tried"
    TOO_LONG = "too_long"
    TOO_MANY = "too_many"
    BROKEN = "broken"
    NO_IMAGE = "no_image"
    BLANK = "blank"
    SAYS_NOTHING = "says_nothing"
    FLAT = "flat"
    OUT_OF_LIMITS = "out_of_limits"
    REPEATED = "repeated"
    UNREADABLE = "unreadable"
    NOT_ALLOWED = "not_allowed"


@dataclass
class Counts:
    """What extraction did beside the outcomes of files: executions asked for (those that the store
    knew count too), blocks by how they were made, and figures without a block by reason; `unmade`
    tells of each of these, None where nothing is written."""

    unmade: Beside[UnmadeFigures] | None = field(
        default_factory=lambda: Beside(UnmadeFigures, UNMADE_PREFIX)
    )
    runs: int = 0
    methods: Counter[str] = field(default_factory=Counter)
    failed: Counter[str] = field(default_factory=Counter)

    def add(self, file: SelectedFile, found: Extraction) -> None:
        self.runs += found.runs
        self.methods.update(block.method for block in found.blocks)
        failures = [(one, str(_reason(one.reason))) for one in found.failures]
        self.failed.update(reason for _, reason in failures)
        if self.unmade and failures:
            self.unmade.add(unmade(file.id, file.text, failures))

    def as_metrics(self) -> dict[str, object]:
        """{"runs", "methods": {method: blocks}, "failed_figures": {reason: figures}}"""
        return {
            "runs": self.runs,
            "methods": dict(sorted(self.methods.items())),
            "failed_figures": dict(sorted(self.failed.items())),
        }


def without_model(
    files: Iterable[SelectedFile],
    settings: ExtractSettings,
    options: RunOptions,
    importable: frozenset[str],
    store: WorkStore | None,
    raw: Path,
    counts: Counts,
) -> Iterator[Result]:
    """The id of each file with what `extract.method` makes of it before a model is asked, in any
    order; none where a model makes all. `raw` is the table of all files, in which modules of their
    own repositories are found.

    Raises:
        UserError: the scripts' environment does not start, or no such table.
    """
    if settings.method == "as_is":
        yield from ((file.id, extract_static(file, importable)) for file in files)
    elif settings.method != "model":
        crew = Crew(replace(options, twice=False), store)
        with closing(open_siblings(raw, default_path())) as siblings:
            extractor = Extractor(crew.judge, importable, siblings, tuple(settings.allow))
            step = partial(_extracted, extractor)
            for file, found in side_by_side(files, step, crew):
                counts.add(file, found)
                yield file.id, outcome(found)


def _extracted(extractor: Extractor, file: SelectedFile) -> tuple[SelectedFile, Extraction]:
    """What becomes of a file; a fault of our own costs that file only, and is told."""
    try:
        return file, extractor.extract(file)
    except (UserError, EngineFailure):
        raise
    except Exception as error:  # noqa: BLE001 - the worker's loop: the fault is an outcome
        place = traceback.extract_tb(error.__traceback__)[-1]
        detail = f"{type(error).__name__}: {error}, at {Path(place.filename).name}:{place.lineno}"
        return file, Extraction((), (), RunReason.INTERNAL_ERROR, detail, 0, 0.0)


def outcome(found: Extraction) -> Kept[Block] | Rejected:
    """The blocks of a file, or the reason why there is none."""
    return Kept(found.blocks) if found.blocks else Rejected(_reason(found.reason), found.detail)


def _reason(name: str) -> StrEnum:
    known: dict[str, StrEnum] = {str(one): one for one in (*ExtractReason, *RunReason)}
    return known.get(name, RunReason.ERROR)
