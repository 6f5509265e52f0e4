"""Intervals and paired tests. One task of 175 is 0.571 points: no rate stands without its
interval, and two models on the same tasks are compared by a paired test."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

DRAWS = 10_000
SEED = 0
EXACT_FLIPS = 14
Z_95 = 1.959963984540054  # two-sided 95 % quantile of the normal distribution


def wilson(passed: int, total: int, z: float = Z_95) -> tuple[float, float]:
    """Wilson score interval of a proportion, both ends in 0..1; (0, 1) when nothing was tried."""
    if total == 0:
        return 0.0, 1.0
    share = passed / total
    scale = 1 + z * z / total
    centre = (share + z * z / (2 * total)) / scale
    half = z / scale * math.sqrt(share * (1 - share) / total + z * z / (4 * total * total))
    low = 0.0 if passed == 0 else max(0.0, centre - half)
    high = 1.0 if passed == total else min(1.0, centre + half)
    return low, high


def mcnemar_exact(only_first: int, only_second: int) -> float:
    """Two-sided exact p-value of McNemar's test from the discordant pairs: tasks that only the
    first and only the second model passed. 1.0 when the two never differ."""
    discordant = only_first + only_second
    tail = sum(math.comb(discordant, k) for k in range(min(only_first, only_second) + 1))
    return min(1.0, 2 * tail / (1 << discordant))


def pass_at_k(samples: int, passed: int, k: int) -> float:
    """The chance that one of `k` answers passes, without bias from `samples` >= k drawn ones, of
    which `passed` pass (Chen et al. 2021, section 2.1)."""
    if not 0 < k <= samples or not 0 <= passed <= samples:
        raise ValueError(f"pass@{k} of {passed} in {samples} samples")
    if samples - passed < k:
        return 1.0
    return 1.0 - math.prod(1.0 - k / n for n in range(samples - passed + 1, samples + 1))


@dataclass(frozen=True)
class Bootstrap:
    """The mean of paired differences with its 95 % percentile interval, and the two-sided p-value
    of exchanging the two sides (`sign_flip_p`)."""

    mean: float
    low: float
    high: float
    p_value: float


def paired_bootstrap(
    clusters: Sequence[Sequence[float]], draws: int = DRAWS, seed: int = SEED
) -> Bootstrap:
    """The mean difference of two models, by task.

    `clusters[i]` holds the differences (second minus first) on task i: one, or one for each library
    it was asked for. A task's differences are drawn together, as they are not independent. The same
    input gives the same result.

    Raises:
        ValueError: there is no difference to draw.
    """
    sums = np.array([math.fsum(cluster) for cluster in clusters if len(cluster)])
    sizes = np.array([len(cluster) for cluster in clusters if len(cluster)])
    if not len(sums):
        raise ValueError("no paired differences")
    generator = np.random.default_rng(seed)
    shares = np.full(len(sums), 1 / len(sums))
    counts = generator.multinomial(len(sums), shares, size=draws)
    means = (counts @ sums) / (counts @ sizes)
    low, high = np.quantile(means, [0.025, 0.975])
    p_value = sign_flip_p(clusters, draws, seed)
    return Bootstrap(float(sums.sum() / sizes.sum()), float(low), float(high), p_value)


def sign_flip_p(clusters: Sequence[Sequence[float]], draws: int = DRAWS, seed: int = SEED) -> float:
    """Two-sided p-value of the mean difference by exchanging the two models, task by task.

    If the models were alike, each task's differences could as well have the other sign, all of a
    task together. Exact up to 2 ** `EXACT_FLIPS` exchanges, drawn beyond. With one answer per task
    this is McNemar's exact test; with few tasks it is stricter than a bootstrap, whose p-value then
    is too small.
    """
    sums = [math.fsum(cluster) for cluster in clusters]
    moved = np.array([abs(one) for one in sums if one])
    if len(moved) <= EXACT_FLIPS:
        signs = 1 - 2 * ((np.arange(1 << len(moved))[:, None] >> np.arange(len(moved))) & 1)
        extra = 0
    else:
        signs = np.random.default_rng(seed).choice([-1, 1], size=(draws, len(moved)))
        extra = 1
    as_far = int((np.abs(signs @ moved) >= abs(math.fsum(sums)) - 1e-9).sum())
    return min(1.0, (as_far + extra) / (len(signs) + extra))


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
