"""Figures of one model and library: pass rates with intervals, and error types, per round.

A round's figures are over all tasks, each by its latest attempt up to that round (paper, tables
4-16), so that every round up to the last one has figures, reached or not.
"""

from collections import Counter
from collections.abc import Iterable, Sequence

from viscode.bench.verdicts import error_name, uses_library
from viscode.records import Attempt
from viscode.statistics import wilson


def latest(attempts: Iterable[Attempt], number: int) -> list[Attempt]:
    """Each task's latest attempt up to round `number`, in the order of the tasks' ids."""
    found: dict[str, Attempt] = {}
    for attempt in attempts:
        known = found.get(attempt.task_id)
        if attempt.round <= number and (known is None or known.round < attempt.round):
            found[attempt.task_id] = attempt
    return [found[task_id] for task_id in sorted(found)]


def bench_metrics(attempts: Sequence[Attempt], rounds: int) -> dict[str, object]:
    """metrics/bench/MODEL/LIBRARY.json; rates in percent with one decimal."""
    by_round = {str(number): latest(attempts, number) for number in range(rounds + 1)}
    return {
        "tasks": len(by_round["0"]),
        "rounds": {number: _figures(found) for number, found in by_round.items()},
        "errors": {number: _errors(found) for number, found in by_round.items()},
    }


def percent(share: float) -> float:
    return round(100 * share, 1)


def _figures(found: Sequence[Attempt]) -> dict[str, float]:
    total = len(found)
    passed = sum(attempt.verdict == "pass" for attempt in found)
    low, high = wilson(passed, total)
    return {
        "passed": passed,
        "pass_rate": _rate(passed, total),
        "pass_low": percent(low),
        "pass_high": percent(high),
        "incorrect_code_rate": _rate(sum(not attempt.images for attempt in found), total),
        "wrong_library_rate": _rate(sum(not uses_library(attempt) for attempt in found), total),
    }


def _rate(count: int, total: int) -> float:
    return percent(count / total) if total else 0.0


def _errors(found: Sequence[Attempt]) -> dict[str, int]:
    names = Counter(error_name(attempt) for attempt in found if attempt.verdict != "pass")
    return dict(sorted(names.items()))
