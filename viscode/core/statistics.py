"""Intervals and paired tests. One task of 175 is 0.571 points: no rate stands without its
interval, and two models on the same tasks are compared by a paired test.

Everything comes from scipy, which is loaded when a figure is asked for, as it takes a second. Two
things it lacks stand here: Bonett and Price's interval for the difference of paired proportions,
and the estimate of pass@k.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

DRAWS = 10_000
EXACT_FLIPS = 14  # up to so many tasks that differ, all exchanges are counted
RESAMPLING_SEED = 0
Z_95 = 1.959963984540054  # two-sided 95 % quantile of the normal distribution
RESAMPLES_AT_ONCE = 1_000  # resamples held in memory at once


def wilson(passed: int, total: int) -> tuple[float, float]:
    """95 % Wilson score interval of a proportion, both ends in 0..1; (0, 1) when nothing was
    tried."""
    from scipy.stats import binomtest

    if total == 0:
        return 0.0, 1.0
    found = binomtest(passed, total).proportion_ci(method="wilson")
    return float(found.low), float(found.high)


def mcnemar_exact(only_first: int, only_second: int) -> float:
    """Two-sided exact p-value of McNemar's test from the discordant pairs: tasks that only the
    first and only the second model passed. 1.0 when the two never differ."""
    from scipy.stats import binomtest

    discordant = only_first + only_second
    return float(binomtest(only_first, discordant, 0.5).pvalue) if discordant else 1.0


def pass_at_k(samples: int, passed: int, k: int) -> float:
    """The chance that one of `k` answers passes, without bias from `samples` >= k drawn ones, of
    which `passed` pass (Chen et al. 2021, section 2.1)."""
    if not 0 < k <= samples or not 0 <= passed <= samples:
        raise ValueError(f"pass@{k} of {passed} in {samples} samples")
    return 1.0 - math.comb(samples - passed, k) / math.comb(samples, k)


@dataclass(frozen=True)
class Paired:
    """Outcomes of a model (`after`) against another (`before`) on `tasks` common tasks.

    `gained` failed before and pass after, `lost` the other way round; only these carry information
    about which model is better. `difference` and `interval` are percentage points, after minus
    before.
    """

    tasks: int
    before: int
    after: int
    gained: int
    lost: int

    @property
    def difference(self) -> float:
        return 100 * (self.gained - self.lost) / self.tasks

    @property
    def interval(self) -> tuple[float, float]:
        """95 % interval after Bonett and Price (2012), which holds for small samples."""
        gain = (self.gained + 1) / (self.tasks + 2)
        loss = (self.lost + 1) / (self.tasks + 2)
        spread = Z_95 * math.sqrt((gain + loss - (gain - loss) ** 2) / (self.tasks + 2))
        center = gain - loss
        return 100 * max(-1.0, center - spread), 100 * min(1.0, center + spread)

    @property
    def p_value(self) -> float:
        return mcnemar_exact(self.gained, self.lost)


def pair(before: Mapping[str, bool], after: Mapping[str, bool]) -> Paired | None:
    """Compare passes by task id over the tasks that both have; None without a common task."""
    common = before.keys() & after.keys()
    if not common:
        return None
    return Paired(
        tasks=len(common),
        before=sum(before[task] for task in common),
        after=sum(after[task] for task in common),
        gained=sum(after[task] and not before[task] for task in common),
        lost=sum(before[task] and not after[task] for task in common),
    )


@dataclass(frozen=True)
class Bootstrap:
    """The mean of paired differences with its 95 % percentile interval, and the two-sided p-value
    of exchanging the two sides (`sign_flip_p`)."""

    mean: float
    low: float
    high: float
    p_value: float


def paired_bootstrap(clusters: Sequence[Sequence[float]], draws: int = DRAWS) -> Bootstrap:
    """The mean difference of two models, by task.

    `clusters[i]` holds the differences (second minus first) on task i: one, or one for each library
    it was asked for. A task's differences are drawn together, as they are not independent. The same
    input gives the same result.

    Raises:
        ValueError: there is no difference to draw.
    """
    from scipy.stats import bootstrap

    sums = np.array([math.fsum(cluster) for cluster in clusters if len(cluster)])
    sizes = np.array([len(cluster) for cluster in clusters if len(cluster)])
    if not len(sums):
        raise ValueError("no paired differences")
    mean = low = high = float(_mean(sums, sizes))
    if len(sums) > 1:
        found = bootstrap(
            (sums, sizes),
            _mean,
            paired=True,
            vectorized=True,
            n_resamples=draws,
            batch=RESAMPLES_AT_ONCE,
            method="percentile",
            rng=RESAMPLING_SEED,
        ).confidence_interval
        low, high = float(found.low), float(found.high)
    return Bootstrap(mean, low, high, sign_flip_p(clusters))


def _mean(sums: Any, sizes: Any, axis: int = -1) -> Any:
    return sums.sum(axis) / sizes.sum(axis)


def sign_flip_p(clusters: Sequence[Sequence[float]]) -> float:
    """Two-sided p-value of the mean difference by exchanging the two models, task by task.

    If the models were alike, each task's differences could as well have the other sign, all of a
    task together. Exact where at most `EXACT_FLIPS` tasks differ, drawn beyond. With one answer
    per task this is McNemar's exact test; with few tasks it is stricter than a bootstrap, whose
    p-value then is too small.
    """
    from scipy.stats import permutation_test

    moved = np.array([total for cluster in clusters if (total := math.fsum(cluster))])
    if len(moved) < 2:
        return 1.0
    found = permutation_test(
        (moved,),
        np.sum,
        permutation_type="samples",
        vectorized=True,
        n_resamples=1 << EXACT_FLIPS,
        batch=RESAMPLES_AT_ONCE,
        rng=RESAMPLING_SEED,
    )
    return float(found.pvalue)


def compare_by_task(
    sides: Sequence[tuple[Mapping[str, bool], Mapping[str, bool]]],
) -> Bootstrap | None:
    """`paired_bootstrap` of the passes of two models (first, second), in points, for one or several
    libraries; a task's answers in all of them are taken together. Tasks that only one side has are
    left out. None where no answer differs: drawing nothing but zeros would pass for certainty."""
    by_task: dict[str, list[float]] = {}
    for first, second in sides:
        for task in sorted(first.keys() & second.keys()):
            by_task.setdefault(task, []).append(100.0 * (second[task] - first[task]))
    if not any(map(any, by_task.values())):
        return None
    return paired_bootstrap([by_task[task] for task in sorted(by_task)])
