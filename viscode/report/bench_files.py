"""What the stages answer and judge say of a model and library: metrics/bench and metrics/judge.

The files are flat, for dvc; here a round's figures are together again.
"""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, TypeVar

from pydantic import Field, model_validator

from viscode.report.metric_files import Count, Metrics, Percent, read_metrics

ROUND = re.compile(r"round_(\d+)_(.+)")
PROTOCOLS = ("isolated", "paper")
STAGES = ("first", "final")
KINDS = ("visual", "task")
Key = tuple[str, str]  # model, library


class Rate(Metrics):
    """A rate in percent with its 95 % Wilson interval; None over nothing."""

    rate: Percent | None = None
    low: Percent | None = None
    high: Percent | None = None


class RoundRate(Metrics):
    """Verdicts of one round over all tasks, in percent, with the 95 % Wilson interval."""

    passed: Count
    pass_rate: Percent
    pass_low: Percent
    pass_high: Percent
    incorrect_code_rate: Percent
    blank_rate: Percent = 0.0
    wrong_library_rate: Percent = 0.0


class Recovery(Metrics):
    """Of the tasks that failed with one kind of error, those that pass in the end."""

    failed: Count
    recovered: Count
    rate: Percent
    low: Percent
    high: Percent


class Difference(Metrics):
    """A task on which the two protocols differ."""

    task: int
    isolated: str
    paper: str
    isolated_error: str = ""
    paper_error: str = ""


class BenchDetails(Metrics):
    """LIBRARY.details.json; `protocol` drove self-debug, `errors` is round -> error type -> tasks,
    `transitions` is "0-1" -> "X -> Y" -> tasks."""

    protocol: str = ""
    errors: dict[int, dict[str, Count]] = Field(default_factory=dict)
    transitions: dict[str, dict[str, Count]] = Field(default_factory=dict)
    recovery: dict[str, Recovery] = Field(default_factory=dict)
    differences: list[Difference] = Field(default_factory=list)


class BenchMetrics(Metrics):
    """LIBRARY.json, with the details from the folder beside."""

    tasks: Count
    rounds: dict[int, RoundRate]
    protocols: dict[str, Rate]
    recovery: Rate
    self_debug_gain: float | None = None
    self_debug_p: float | None = None
    protocols_differ: Count = 0
    samples: Count = 1
    pass_at: dict[int, Percent] = Field(default_factory=dict)
    details: BenchDetails = BenchDetails()

    @model_validator(mode="before")
    @classmethod
    def nested(cls, flat: Any) -> Any:
        """The flat names, put together."""
        if not isinstance(flat, dict) or not isinstance(flat.get("rounds"), int):
            raise ValueError("not the figures of stage answer (rounds)")
        rounds: dict[int, dict[str, Any]] = {}
        for name, value in flat.items():
            if (match := ROUND.fullmatch(name)) and value is not None:
                rounds.setdefault(int(match.group(1)), {})[match.group(2)] = value
        pass_at = {
            int(name.removeprefix("pass_at_")): value
            for name, value in flat.items()
            if name.startswith("pass_at_") and value is not None
        }
        return {
            **flat,
            "rounds": rounds,
            "protocols": {name: _rate(flat, f"{name}_pass") for name in PROTOCOLS},
            "recovery": _rate(flat, "recovery"),
            "pass_at": pass_at,
        }

    @property
    def last_round(self) -> int:
        return max(self.rounds, default=0)

    @property
    def errors(self) -> dict[int, dict[str, int]]:
        """Round -> error type -> tasks."""
        return self.details.errors


def _rate(flat: Mapping[str, Any], name: str) -> dict[str, Any]:
    return {part: flat.get(f"{name}_{part}") for part in ("rate", "low", "high")}


class ModelFigures(Metrics):
    """A vision model's scores of one kind; `mean` and `good` are None where none was asked."""

    mean: Percent | None = None
    good: Percent | None = None
    scored: Count = 0
    unparsed: Count = 0
    unavailable: Count = 0
    no_image: Count = 0
    wrong_library: Count = 0


class JudgeRound(Metrics):
    """Scores of first or final answers; None where no task had anything to compare with."""

    structural_mean: Percent | None = None
    structural_good: Percent | None = None
    visual: ModelFigures = ModelFigures()
    task: ModelFigures = ModelFigures()


class JudgeMetrics(Metrics):
    """metrics/judge/MODEL/LIBRARY.json."""

    scored: Count
    unscored: Count
    first: JudgeRound
    final: JudgeRound
    visual_vote_agreement: Percent | None = None
    task_vote_agreement: Percent | None = None
    visual_swap_difference: float | None = None

    @model_validator(mode="before")
    @classmethod
    def nested(cls, flat: Any) -> Any:
        """The flat names, put together."""
        if not isinstance(flat, dict) or "first_structural_mean" not in flat:
            raise ValueError("not the figures of stage judge (first_structural_mean)")
        return {**flat, **{stage: _judged(flat, stage) for stage in STAGES}}


def _judged(flat: Mapping[str, Any], stage: str) -> dict[str, Any]:
    known = {name.removeprefix(f"{stage}_"): value for name, value in flat.items()}
    figures = {
        kind: {part: known.get(f"{kind}_{part}") for part in ModelFigures.model_fields}
        for kind in KINDS
    }
    counts = {
        kind: {part: value for part, value in found.items() if value is not None}
        for kind, found in figures.items()
    }
    return {**known, **counts}


M = TypeVar("M", bound=Metrics)


def read_bench(folder: Path) -> dict[Key, BenchMetrics]:
    """By model and library; the details lie in the folder beside.

    Raises:
        UserError: a file that does not fit.
    """
    beside = folder.with_name(f"{folder.name}_details")
    details = dict(_by_model(beside, BenchDetails))
    return {
        key: value.model_copy(update={"details": details.get(key, BenchDetails())})
        for key, value in _by_model(folder, BenchMetrics)
    }


def read_judge(folder: Path) -> dict[Key, JudgeMetrics]:
    """By model and library.

    Raises:
        UserError: a file that does not fit.
    """
    return dict(_by_model(folder, JudgeMetrics))


def _by_model(folder: Path, kind: type[M]) -> Iterator[tuple[Key, M]]:
    for path in sorted(folder.glob("*/*.json")):
        value = read_metrics(path, kind)
        if value is not None:
            yield (path.parent.name, path.name.partition(".")[0]), value
