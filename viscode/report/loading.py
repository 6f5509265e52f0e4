"""All that metrics/ says about a run. What is not there shows as "not run"."""

import csv
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import Field, RootModel

from viscode.bench.judge_metrics import JudgeMetrics
from viscode.bench.metrics import BenchDetails, BenchMetrics
from viscode.core.errors import UserError
from viscode.core.metric_files import METRICS_REMEDY, Count, Metrics, read_metrics, read_object
from viscode.core.records import Identified
from viscode.core.tables import read_table
from viscode.libraries.registry import BENCHMARKED

LIBRARY_ORDER = tuple(BENCHMARKED)
MODEL_ORDER = ("base", "tuned")
DETAILS = ".details.json"
ModelLibrary = tuple[str, str]  # model, library
M = TypeVar("M", bound=Metrics)
R = TypeVar("R", bound=Identified)


class StageTally(Metrics):
    """What a stage did with the records of one source; a step of metrics/funnel.json."""

    inputs: Annotated[Count, Field(alias="in")]
    kept: Count
    records: Count
    rejected: dict[str, Count]


Tallies = dict[str, dict[str, StageTally]]  # source -> stage ("validate/files" for matrix stages)


class FunnelMetrics(RootModel[Tallies]):
    """metrics/funnel.json."""


class TrainSummary(Metrics):
    """metrics/train/summary.json."""

    steps: Count
    train_loss_first: float | None = None
    train_loss_last: float | None = None
    eval_loss_before: float | None = None
    eval_loss_after: float | None = None


@dataclass(frozen=True)
class LogRow:
    """One line of metrics/train/log.tsv."""

    step: int
    loss: float
    lr: float


@dataclass(frozen=True)
class RunMetrics:
    """All that metrics/ says about a run."""

    funnel: Tallies
    dataset: dict[str, Any]
    base_model: dict[str, Any]
    train_data: dict[str, Any]
    train: TrainSummary | None
    log: tuple[LogRow, ...]
    bench: dict[ModelLibrary, BenchMetrics]
    details: dict[ModelLibrary, BenchDetails]
    judge: dict[ModelLibrary, JudgeMetrics]

    @property
    def models(self) -> list[str]:
        """Models with any result, `base` and `tuned` first."""
        return in_order({model for model, _ in self.bench}, MODEL_ORDER)

    @property
    def libraries(self) -> list[str]:
        """The paper's three libraries, then any other that was run."""
        found = {library for _, library in self.bench}
        return in_order(found | set(LIBRARY_ORDER), LIBRARY_ORDER)

    @property
    def answered(self) -> list[ModelLibrary]:
        """The models and libraries that were run, in these orders."""
        keys = [(model, library) for model in self.models for library in self.libraries]
        return [key for key in keys if key in self.bench]

    def last_round(self, model: str, library: str) -> int:
        bench = self.bench.get((model, library))
        return bench.last_round if bench else 0


def in_order(names: set[str], first: tuple[str, ...]) -> list[str]:
    """`names` with those of `first` in front, the rest by name."""
    rank = {name: index for index, name in enumerate(first)}
    return sorted(names, key=lambda name: (rank.get(name, len(rank)), name))


def ranked(counts: Mapping[str, int]) -> list[tuple[str, int]]:
    """Names with their counts, most frequent first."""
    return sorted(counts.items(), key=lambda entry: (-entry[1], entry[0]))


def has_table(folder: Path, prefix: str = "part") -> bool:
    """Whether a stage has written this table; many are optional."""
    return any(folder.glob(f"{prefix}-*.parquet"))


def table(folder: Path, kind: type[R]) -> Iterator[R]:
    """A table's records; none where it is not there."""
    return read_table(folder, kind) if has_table(folder) else iter(())


def read_run(metrics: Path) -> RunMetrics:
    """Read the whole folder.

    Raises:
        UserError: a file that is there but corrupt.
    """
    funnel = read_metrics(metrics / "funnel.json", FunnelMetrics)
    bench = dict(_by_model(metrics / "bench", BenchMetrics))
    details = dict(_by_model(metrics / "bench_details", BenchDetails, DETAILS))
    return RunMetrics(
        funnel=funnel.root if funnel else {},
        dataset=read_object(metrics / "dataset.json") or {},
        base_model=read_object(metrics / "collect_model.json") or {},
        train_data=read_object(metrics / "train" / "data.json") or {},
        train=read_metrics(metrics / "train" / "summary.json", TrainSummary),
        log=tuple(_log(metrics / "train" / "log.tsv")),
        bench=bench,
        details={key: details.get(key, BenchDetails()) for key in bench},
        judge=dict(_by_model(metrics / "judge", JudgeMetrics)),
    )


def _by_model(
    folder: Path, kind: type[M], ending: str = ".json"
) -> Iterator[tuple[ModelLibrary, M]]:
    """MODEL/LIBRARY + `ending`, by model and library."""
    for path in sorted(folder.glob(f"*/*{ending}")):
        if (value := read_metrics(path, kind)) is not None:
            yield (path.parent.name, path.name.removesuffix(ending)), value


def _log(path: Path) -> Iterator[LogRow]:
    if not path.is_file():
        return
    with path.open(encoding="utf-8", newline="") as lines:
        for number, cells in enumerate(csv.DictReader(lines, delimiter="\t"), start=2):
            try:
                yield LogRow(int(cells["step"]), float(cells["loss"]), float(cells["lr"]))
            except (KeyError, ValueError, TypeError) as error:
                raise UserError(
                    f"line {number} of the training log does not fit: {error}",
                    where=str(path),
                    todo=METRICS_REMEDY,
                ) from error
