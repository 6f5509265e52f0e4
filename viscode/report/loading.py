"""The run's metrics files as typed values.

A file that is not there means that its stage has not run: it reads as None and shows as "not
run". A file that is there and does not fit is an error that names it, because a page built on
half of it would be wrong without saying so. Keys that this package does not show are ignored.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any, TypeVar

from pydantic import BaseModel, ConfigDict, Field, RootModel, ValidationError

from viscode.errors import UserError

Count = Annotated[int, Field(ge=0)]
Percent = Annotated[float, Field(ge=0, le=100)]
LIBRARY_ORDER = ("matplotlib", "seaborn", "plotly")
MODEL_ORDER = ("base", "tuned")
REMEDY = "delete it and run dvc repro, or restore it with git checkout"


class Metrics(BaseModel):
    """Base of what is read: frozen, unknown keys ignored, no NaN."""

    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class StageTally(Metrics):
    """What a stage did with the records of one source; a step of metrics/funnel.json."""

    inputs: Annotated[Count, Field(alias="in")]
    kept: Count
    records: Count
    rejected: dict[str, Count]


class FunnelMetrics(RootModel[dict[str, dict[str, StageTally]]]):
    """metrics/funnel.json: source -> stage -> counts."""


class RoundRate(Metrics):
    """Verdicts of one round over all tasks, in percent, with the 95 % Wilson interval."""

    passed: Count
    pass_rate: Percent
    pass_low: Percent
    pass_high: Percent
    incorrect_code_rate: Percent


class BenchMetrics(Metrics):
    """metrics/bench/MODEL/LIBRARY.json; `errors` is round -> error type -> tasks."""

    tasks: Count
    rounds: dict[int, RoundRate]
    errors: dict[int, dict[str, Count]]

    @property
    def last_round(self) -> int:
        return max(self.rounds, default=0)


class JudgeRound(Metrics):
    """Structural scores of a round; None where no task had anything to compare with."""

    structural_mean: float | None = None
    structural_good: float | None = None


class JudgeMetrics(Metrics):
    """metrics/judge/MODEL/LIBRARY.json; rounds are "0", "1" ... and "final"."""

    scored: Count = 0
    unscored: Count = 0
    rounds: dict[str, JudgeRound]


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


M = TypeVar("M", bound=BaseModel)


def read_object(path: Path) -> dict[str, Any] | None:
    """The JSON object in a metrics file, or None where the file is not there."""
    if not path.is_file():
        return None
    try:
        value = json.loads(path.read_text(encoding="utf-8"))
    except ValueError as error:
        raise UserError(
            f"metrics file is not JSON: {error}", where=str(path), todo=REMEDY
        ) from error
    if not isinstance(value, dict):
        raise UserError("metrics file is not a JSON object", where=str(path), todo=REMEDY)
    return value


def read_metrics(path: Path, kind: type[M]) -> M | None:
    """A metrics file as `kind`, or None where the file is not there."""
    value = read_object(path)
    if value is None:
        return None
    try:
        return kind.model_validate(value)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(map(str, first["loc"]))
        raise UserError(
            f"metrics file does not fit: {key}: {first['msg']}", where=str(path), todo=REMEDY
        ) from error


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
        bench=dict(_by_model(metrics / "bench", BenchMetrics)),
        judge=dict(_by_model(metrics / "judge", JudgeMetrics)),
    )


def _funnel(path: Path) -> dict[str, dict[str, StageTally]]:
    """Source -> stage ("validate/files" for matrix stages) -> counts."""
    whole = read_metrics(path, FunnelMetrics)
    return whole.root if whole else {}


def _by_model(folder: Path, kind: type[M]) -> Iterator[tuple[tuple[str, str], M]]:
    for path in sorted(folder.glob("*/*.json")):
        value = read_metrics(path, kind)
        if value is not None:
            yield (path.parent.name, path.stem), value


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
