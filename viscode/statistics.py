"""Interval and paired test for rates. One task of 175 is 0.571 points: no rate stands
without its interval, and two models on the same tasks are compared by a paired test."""

import math

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
