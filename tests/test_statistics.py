"""Intervals and tests against values from the literature and by hand."""

import pytest

from viscode.statistics import mcnemar_exact, wilson


@pytest.mark.parametrize(
    ("passed", "total", "low", "high"),
    [
        # Newcombe 1998 (Statistics in Medicine 17), table I, method 3: score without continuity
        (81, 263, 0.2553, 0.3662),
        (15, 148, 0.0624, 0.1605),
        (0, 20, 0.0, 0.1611),
        (1, 29, 0.0061, 0.1718),
    ],
)
def test_wilson(passed, total, low, high):
    assert wilson(passed, total) == pytest.approx((low, high), abs=5e-5)


def test_wilson_is_symmetric_and_knows_nothing_of_no_tasks():
    low, high = wilson(3, 10)
    assert wilson(7, 10) == pytest.approx((1 - high, 1 - low))
    assert wilson(0, 0) == (0.0, 1.0)
    assert wilson(20, 20)[1] == 1.0


@pytest.mark.parametrize(
    ("first", "second", "p"),
    [
        (0, 0, 1.0),
        (5, 5, 1.0),
        (1, 0, 1.0),
        (0, 6, 2 / 64),
        (2, 8, 2 * (1 + 10 + 45) / 1024),
        (8, 2, 2 * (1 + 10 + 45) / 1024),
        (59, 6, 2 * sum([1, 65, 2080, 43680, 677040, 8259888, 82598880]) / 2**65),
    ],
)
def test_mcnemar_exact(first, second, p):
    assert mcnemar_exact(first, second) == pytest.approx(p)
