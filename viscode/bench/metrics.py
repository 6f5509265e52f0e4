"""Figures of one model and library: rates with intervals, self-debug, both protocols, pass@k.

A round's figures are over all tasks, each by its latest attempt up to that round (paper, tables
4-16), so that every round up to the last one has figures, reached or not. Names are flat and stay
the same whatever the results are, for `dvc metrics diff`; what has no value is null. Rates are in
percent with one decimal, intervals are 95 % Wilson intervals.
"""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import pairwise

from viscode.bench.verdicts import error_name, uses_library
from viscode.core.records import Attempt, OtherVerdict
from viscode.core.statistics import compare_by_task, mcnemar_exact, pass_at_k, wilson

Figures = dict[str, float | None]
PASS = "pass"
KS = (1, 2, 5, 10)


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


def bench_metrics(attempts: Sequence[Attempt], rounds: int, samples: int) -> Figures:
    """metrics/bench/MODEL/LIBRARY.json; `samples` first answers were drawn per task."""
    first, last = latest(attempts, 0), latest(attempts, rounds)
    found: Figures = {"tasks": len(first), "rounds": rounds}
    by_round = [latest(attempts, number) for number in range(rounds + 1)]
    for number, now in enumerate(by_round):
        found |= _round(f"round_{number}", now)
    for number, (before, now) in enumerate(pairwise(by_round), start=1):
        found |= _gain(f"round_{number}", before, now)
    return found | _self_debug(first, last) | _protocols(first) | _samples(attempts, samples)


def _round(name: str, found: Sequence[Attempt]) -> Figures:
    shares = {
        "incorrect_code_rate": sum(not attempt.images for attempt in found),
        "blank_rate": sum(attempt.verdict == "blank" for attempt in found),
        "wrong_library_rate": sum(not uses_library(attempt) for attempt in found),
    }
    return {
        f"{name}_passed": sum(_passed(attempt) for attempt in found),
        **_interval(f"{name}_pass", "_rate", map(_passed, found)),
        **{f"{name}_{share}": _rate(count, len(found)) for share, count in shares.items()},
    }


def _passed(attempt: Attempt) -> bool:
    return attempt.verdict == PASS


def _interval(name: str, of_rate: str, passes: Iterable[bool]) -> Figures:
    """The rate NAME + `of_rate` with the ends NAME_low and NAME_high; nulls over nothing."""
    known = list(passes)
    if not known:
        return {f"{name}{of_rate}": None, f"{name}_low": None, f"{name}_high": None}
    low, high = wilson(sum(known), len(known))
    rate = _rate(sum(known), len(known))
    return {f"{name}{of_rate}": rate, f"{name}_low": percent(low), f"{name}_high": percent(high)}


def _rate(count: int, total: int) -> float | None:
    return percent(count / total) if total else None


def _self_debug(first: Sequence[Attempt], last: Sequence[Attempt]) -> Figures:
    """What all rounds gained; the share of tasks that failed and pass in the end. A task that
    passes is not asked again, so none is lost."""
    pairs = zip(map(_passed, first), map(_passed, last), strict=True)
    return {
        **_gain("self_debug", first, last),
        **_interval("recovery", "_rate", (after for before, after in pairs if not before)),
    }


def _gain(name: str, first: Sequence[Attempt], last: Sequence[Attempt]) -> Figures:
    """The later answers against the earlier ones, in points: the difference with its interval
    (bootstrap by task; nulls where no task differs) and McNemar's exact p."""
    before, after = ({one.task_id: _passed(one) for one in found} for found in (first, last))
    pairs = [(before[task], after[task]) for task in before]
    gained, lost = pairs.count((False, True)), pairs.count((True, False))
    drawn = compare_by_task([(before, after)])
    return {
        f"{name}_gain": _rate(gained - lost, len(pairs)),
        f"{name}_gain_low": round(drawn.low, 1) if drawn else None,
        f"{name}_gain_high": round(drawn.high, 1) if drawn else None,
        f"{name}_p": round(mcnemar_exact(lost, gained), 6),
    }


def _protocols(first: Sequence[Attempt]) -> Figures:
    """First answers under both protocols, and on how many tasks these differ."""
    by_name: dict[str, list[bool]] = {"isolated": [], "paper": []}
    differ = 0
    for attempt in first:
        by_name[attempt.protocol].append(_passed(attempt))
        for other in attempt.other:
            by_name[other.protocol].append(other.verdict == PASS)
            differ += (other.verdict == PASS) != _passed(attempt)
    found: Figures = {}
    for name, passes in by_name.items():
        found |= _interval(f"{name}_pass", "_rate", passes)
    return {**found, "protocols_differ": differ}


def _samples(attempts: Sequence[Attempt], samples: int) -> Figures:
    """pass@k over the first answers: the mean over tasks of the unbiased estimate."""
    passes: dict[str, list[bool]] = {}
    for attempt in attempts:
        if attempt.round == 0:
            passes.setdefault(attempt.task_id, []).append(_passed(attempt))
    found: Figures = {"samples": samples}
    for k in sorted({k for k in (*KS, samples) if k <= samples}):
        each = [pass_at_k(len(drawn), sum(drawn), k) for drawn in passes.values()]
        found[f"pass_at_{k}"] = percent(sum(each) / len(each)) if each else None
    return found


def bench_details(attempts: Sequence[Attempt], rounds: int) -> dict[str, object]:
    """metrics/bench_details/MODEL/LIBRARY.details.json: what the figures are made of. Its keys
    depend on the errors that occurred, so it is kept apart from the metrics."""
    by_round = [latest(attempts, number) for number in range(rounds + 1)]
    return {
        "protocol": next((one.protocol for one in by_round[0]), ""),
        "errors": {str(number): _errors(found) for number, found in enumerate(by_round)},
        "transitions": {
            f"{number}-{number + 1}": _transitions(before, after)
            for number, (before, after) in enumerate(pairwise(by_round))
        },
        "recovery": _recovery(by_round[0], by_round[-1]),
        "differences": _differences(by_round[0]),
    }


def _errors(found: Sequence[Attempt]) -> dict[str, int]:
    names = Counter(error_name(attempt) for attempt in found if not _passed(attempt))
    return dict(sorted(names.items()))


def _transitions(before: Sequence[Attempt], after: Sequence[Attempt]) -> dict[str, int]:
    """What became of each kind of error in a round (paper, table 2)."""
    changes = Counter(
        f"{error_name(a)} -> {error_name(b) or PASS}"
        for a, b in zip(before, after, strict=True)
        if not _passed(a)
    )
    return dict(sorted(changes.items()))


def _recovery(first: Sequence[Attempt], last: Sequence[Attempt]) -> dict[str, Mapping[str, object]]:
    """Of the tasks that failed with each kind of error, how many pass in the end."""
    by_error: dict[str, list[bool]] = {}
    for before, after in zip(first, last, strict=True):
        if not _passed(before):
            by_error.setdefault(error_name(before), []).append(_passed(after))
    return {
        name: {
            "failed": len(passes),
            "recovered": sum(passes),
            "rate": _rate(sum(passes), len(passes)),
            **dict(
                zip(("low", "high"), map(percent, wilson(sum(passes), len(passes))), strict=True)
            ),
        }
        for name, passes in sorted(by_error.items())
    }


def _differences(first: Sequence[Attempt]) -> list[dict[str, object]]:
    """The tasks on which the protocols differ; `viscode bench explain` says why."""
    found: list[dict[str, object]] = []
    for attempt in sorted(first, key=lambda one: (one.task_number, one.task_id)):
        for other in attempt.other:
            if (other.verdict == PASS) == _passed(attempt):
                continue
            sides: dict[str, Attempt | OtherVerdict] = {
                attempt.protocol: attempt,
                other.protocol: other,
            }
            found.append(
                {
                    "task": attempt.task_number,
                    **{name: one.verdict for name, one in sorted(sides.items())},
                    **{f"{name}_error": error_name(one) for name, one in sorted(sides.items())},
                }
            )
    return found
