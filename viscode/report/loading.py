"""All that metrics/ says about a run. What is not there shows as "not run"."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from pydantic import Field, RootModel

from viscode.core.errors import UserError
from viscode.libraries.registry import BENCHMARKED
from viscode.report.bench_files import BenchMetrics, JudgeMetrics, read_bench, read_judge
from viscode.report.metric_files import REMEDY, Count, Metrics, read_metrics, read_object

LIBRARY_ORDER = tuple(BENCHMARKED)
MODEL_ORDER = ("base", "tuned")


class StageTally(Metrics):
    """What a stage did with the records of one source; a step of metrics/funnel.json."""

    inputs: Annotated[Count, Field(alias="in")]
    kept: Count
    records: Count
    rejected: dict[str, Count]


class FunnelMetrics(RootModel[dict[str, dict[str, StageTally]]]):
    """metrics/funnel.json: source -> stage -> counts."""


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

    funnel: dict[str, dict[str, StageTally]]
    dataset: dict[str, Any]
    base_model: dict[str, Any]
    train_data: dict[str, Any]
    train: TrainSummary | None
    log: tuple[LogRow, ...]
    bench: dict[tuple[str, str], BenchMetrics]
    judge: dict[tuple[str, str], JudgeMetrics]

    @property
    def models(self) -> list[str]:
        """Models with any result, `base` and `tuned` first."""
        return in_order({model for model, _ in self.bench}, MODEL_ORDER)

    @property
    def libraries(self) -> list[str]:
        """The paper's three libraries, then any other that was run."""
        found = {library for _, library in self.bench}
        return in_order(found | set(LIBRARY_ORDER), LIBRARY_ORDER)


def in_order(names: set[str], first: tuple[str, ...]) -> list[str]:
    """`names` with those of `first` in front, the rest by name."""
    rank = {name: index for index, name in enumerate(first)}
    return sorted(names, key=lambda name: (rank.get(name, len(rank)), name))


def read_run(metrics: Path) -> RunMetrics:
    """Read the whole folder.

    Raises:
        UserError: a file that is there but corrupt.
    """
    return RunMetrics(
        funnel=_funnel(metrics / "funnel.json"),
        dataset=read_object(metrics / "dataset.json") or {},
        base_model=read_object(metrics / "collect_model.json") or {},
        train_data=read_object(metrics / "train" / "data.json") or {},
        train=read_metrics(metrics / "train" / "summary.json", TrainSummary),
        log=tuple(_log(metrics / "train" / "log.tsv")),
        bench=read_bench(metrics / "bench"),
        judge=read_judge(metrics / "judge"),
    )


def _funnel(path: Path) -> dict[str, dict[str, StageTally]]:
    """Source -> stage ("validate/files" for matrix stages) -> counts."""
    whole = read_metrics(path, FunnelMetrics)
    return whole.root if whole else {}


def _log(path: Path) -> Iterator[LogRow]:
    if not path.is_file():
        return
    header, *lines = path.read_text(encoding="utf-8").splitlines() or [""]
    columns = header.split("\t")
    for number, line in enumerate(lines, start=2):
        cells = dict(zip(columns, line.split("\t"), strict=False))
        try:
            yield LogRow(int(cells["step"]), float(cells["loss"]), float(cells["lr"]))
        except (KeyError, ValueError) as error:
            raise UserError(
                f"line {number} of the training log does not fit: {error}",
                where=str(path),
                todo=REMEDY,
            ) from error
