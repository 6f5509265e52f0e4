"""Figures of one model and library: rates with intervals, self-debug, both protocols, pass@k.

A round's figures are over all tasks, each by its latest attempt up to that round (paper, tables
4-16), so that every round up to the last one has figures, reached or not. The classes are the
files, written here and read by the report: metrics/bench/MODEL/LIBRARY.json, whose keys stay the
same whatever the results are, for `dvc metrics diff`, and, in metrics/bench_details,
MODEL/LIBRARY.details.json. What has no value is null. Rates are in percent with one decimal,
intervals are 95 % Wilson intervals.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any

from pydantic import Field

from viscode.bench.verdicts import error_name, uses_library
from viscode.core.metric_files import Count, Metrics, Percent
from viscode.core.records import Attempt, OtherVerdict
from viscode.core.statistics import compare_by_task, mcnemar_exact, pass_at_k, wilson

Figures = dict[str, Any]  # a metrics file as JSON
PASS = "pass"
KS = (1, 2, 5, 10)


class Rate(Metrics):
    """A rate with its 95 % Wilson interval; None over nothing."""

    percent: Percent | None = None
    low: Percent | None = None
    high: Percent | None = None

    def __str__(self) -> str:
        """`33.3 [9.7, 70.0]`."""
        return (
            "–" if self.percent is None else f"{self.percent:.1f} [{self.low:.1f}, {self.high:.1f}]"
        )


class Gain(Metrics):
    """Later answers against earlier ones, in percentage points: the difference with its 95 %
    interval (bootstrap by task; None where no task differs) and McNemar's exact p."""

    points: float | None = None
    low: float | None = None
    high: float | None = None
    p: float | None = None


class RoundFigures(Metrics):
    """Verdicts of one round over all tasks; `gain` is over the round before, None for the first
    answers."""

    passed: Count
    pass_rate: Rate
    incorrect_code_rate: Percent | None = None
    blank_rate: Percent | None = None
    wrong_library_rate: Percent | None = None
    gain: Gain | None = None


class BenchMetrics(Metrics):
    """LIBRARY.json.

    `recovery` is the share of tasks that failed at first and pass in the end; `protocols` are the
    pass rates of first answers under both, `protocols_differ` the tasks on which these differ.
    `samples` first answers were drawn per task; `pass_at` is k -> pass@k over these.
    """

    tasks: Count
    rounds: dict[int, RoundFigures]
    self_debug: Gain
    recovery: Rate
    protocols: dict[str, Rate]
    protocols_differ: Count
    samples: Count
    pass_at: dict[int, Percent | None]

    @property
    def last_round(self) -> int:
        return max(self.rounds, default=0)


class Recovery(Rate):
    """Of the tasks that failed with one kind of error, those that pass in the end."""

    failed: Count
    recovered: Count


class ProtocolDifference(Metrics):
    """A task on which the two protocols differ; `viscode bench explain` says why."""

    task: int
    isolated: str
    paper: str
    isolated_error: str = ""
    paper_error: str = ""


class BenchDetails(Metrics):
    """LIBRARY.details.json. Its keys depend on the errors that occurred, so it is kept apart.

    `protocol` drove self-debug, `errors` is round -> error -> tasks, `transitions` is round ->
    error in the round before -> error, or "pass", in this one -> tasks (paper, table 2);
    `recovery` is by first error.
    """

    protocol: str = ""
    errors: dict[int, dict[str, Count]] = Field(default_factory=dict)
    transitions: dict[int, dict[str, dict[str, Count]]] = Field(default_factory=dict)
    recovery: dict[str, Recovery] = Field(default_factory=dict)
    differences: list[ProtocolDifference] = Field(default_factory=list)


def latest(attempts: Iterable[Attempt], number: int) -> list[Attempt]:
    """Each task's latest attempt up to round `number`, in the order of the tasks' ids. Further
    samples of a first answer (pass@k) are none of them."""
    found: dict[str, Attempt] = {}
    for attempt in attempts:
        known = found.get(attempt.task_id)
        if attempt.sample or attempt.round > number:
            continue
        if known is None or known.round < attempt.round:
            found[attempt.task_id] = attempt
    return [found[task_id] for task_id in sorted(found)]


def percent(share: float) -> float:
    return round(100 * share, 1)


def rate_of(passed: int, total: int) -> Rate:
    if not total:
        return Rate()
    low, high = wilson(passed, total)
    return Rate(percent=percent(passed / total), low=percent(low), high=percent(high))


def bench_metrics(attempts: Sequence[Attempt], rounds: int, samples: int) -> Figures:
    """The content of LIBRARY.json; `samples` first answers were drawn per task."""
    by_round = [latest(attempts, number) for number in range(rounds + 1)]
    first, last = by_round[0], by_round[-1]
    failed = [after for before, after in zip(first, last, strict=True) if not _passed(before)]
    gains = [None, *(_gain(before, now) for before, now in pairwise(by_round))]
    return BenchMetrics(
        tasks=len(first),
        rounds={n: _round(now, gains[n]) for n, now in enumerate(by_round)},
        self_debug=_gain(first, last),
        recovery=rate_of(sum(map(_passed, failed)), len(failed)),
        **_protocols(first),
        samples=samples,
        pass_at=_pass_at(attempts, samples),
    ).model_dump(mode="json")


def _round(found: Sequence[Attempt], gain: Gain | None) -> RoundFigures:
    passed = sum(map(_passed, found))
    return RoundFigures(
        passed=passed,
        pass_rate=rate_of(passed, len(found)),
        incorrect_code_rate=_share(not attempt.images for attempt in found),
        blank_rate=_share(attempt.verdict == "blank" for attempt in found),
        wrong_library_rate=_share(not uses_library(attempt) for attempt in found),
        gain=gain,
    )


def _passed(attempt: Attempt | OtherVerdict) -> bool:
    return attempt.verdict == PASS


def _share(holds: Iterable[bool]) -> float | None:
    known = list(holds)
    return percent(sum(known) / len(known)) if known else None


def _gain(first: Sequence[Attempt], last: Sequence[Attempt]) -> Gain:
    before, after = ({one.task_id: _passed(one) for one in found} for found in (first, last))
    pairs = [(before[task], after[task]) for task in before]
    gained, lost = pairs.count((False, True)), pairs.count((True, False))
    drawn = compare_by_task([(before, after)])
    return Gain(
        points=percent((gained - lost) / len(pairs)) if pairs else None,
        low=round(drawn.low, 1) if drawn else None,
        high=round(drawn.high, 1) if drawn else None,
        p=round(mcnemar_exact(lost, gained), 6),
    )


def _protocols(first: Sequence[Attempt]) -> Figures:
    """First answers under both protocols, and on how many tasks these differ."""
    passes: dict[str, list[bool]] = {"isolated": [], "paper": []}
    for attempt in first:
        sides: tuple[Attempt | OtherVerdict, ...] = (attempt, *attempt.other)
        for one in sides:
            passes[one.protocol].append(_passed(one))
    return {
        "protocols": {name: rate_of(sum(found), len(found)) for name, found in passes.items()},
        "protocols_differ": len(_differences(first)),
    }


def _pass_at(attempts: Sequence[Attempt], samples: int) -> dict[int, float | None]:
    """pass@k over the first answers: the mean over tasks of the unbiased estimate."""
    passes: dict[str, list[bool]] = {}
    for attempt in attempts:
        if attempt.round == 0:
            passes.setdefault(attempt.task_id, []).append(_passed(attempt))
    found: dict[int, float | None] = {}
    for k in sorted({k for k in (*KS, samples) if k <= samples}):
        each = [pass_at_k(len(drawn), sum(drawn), k) for drawn in passes.values()]
        found[k] = percent(sum(each) / len(each)) if each else None
    return found


def bench_details(attempts: Sequence[Attempt], rounds: int) -> Figures:
    """The content of LIBRARY.details.json."""
    by_round = [latest(attempts, number) for number in range(rounds + 1)]
    return BenchDetails(
        protocol=next((one.protocol for one in by_round[0]), ""),
        errors={number: _errors(found) for number, found in enumerate(by_round)},
        transitions={
            number: _transitions(before, after)
            for number, (before, after) in enumerate(pairwise(by_round), start=1)
        },
        recovery=_recovery(by_round[0], by_round[-1]),
        differences=_differences(by_round[0]),
    ).model_dump(mode="json")


def _errors(found: Sequence[Attempt]) -> dict[str, int]:
    return dict(Counter(error_name(attempt) for attempt in found if not _passed(attempt)))


def _transitions(
    before: Sequence[Attempt], after: Sequence[Attempt]
) -> Mapping[str, dict[str, int]]:
    found: dict[str, Counter[str]] = {}
    for a, b in zip(before, after, strict=True):
        if not _passed(a):
            found.setdefault(error_name(a), Counter())[error_name(b) or PASS] += 1
    return found


def _recovery(first: Sequence[Attempt], last: Sequence[Attempt]) -> dict[str, Recovery]:
    by_error: dict[str, list[bool]] = {}
    for before, after in zip(first, last, strict=True):
        if not _passed(before):
            by_error.setdefault(error_name(before), []).append(_passed(after))
    found = {}
    for name, passes in by_error.items():
        failed, recovered = len(passes), sum(passes)
        rate = rate_of(recovered, failed)
        found[name] = Recovery(failed=failed, recovered=recovered, **rate.model_dump())
    return found


def _differences(first: Sequence[Attempt]) -> list[ProtocolDifference]:
    found: list[ProtocolDifference] = []
    for attempt in sorted(first, key=lambda one: (one.task_number, one.task_id)):
        for other in attempt.other:
            if _passed(other) != _passed(attempt):
                sides: dict[str, Any] = {attempt.protocol: attempt, other.protocol: other}
                verdicts = {name: one.verdict for name, one in sides.items()}
                errors = {f"{name}_error": error_name(one) for name, one in sides.items()}
                found.append(ProtocolDifference(task=attempt.task_number, **verdicts, **errors))
    return found
