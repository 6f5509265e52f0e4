"""Intervals and tests against values from the literature and by hand."""

import itertools
import math
import random

import pytest

from viscode.core import statistics
from viscode.core.statistics import (
    EXACT_FLIPS,
    compare_by_task,
    mcnemar_exact,
    paired_bootstrap,
    pass_at_k,
    sign_flip_p,
    wilson,
)


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


@pytest.mark.parametrize("samples", [1, 4, 7])
def test_pass_at_k_is_the_share_of_draws_that_hold_a_pass(samples):
    for passed in range(samples + 1):
        answers = [True] * passed + [False] * (samples - passed)
        for k in range(1, samples + 1):
            draws = list(itertools.combinations(answers, k))
            expected = sum(map(any, draws)) / len(draws)
            assert pass_at_k(samples, passed, k) == pytest.approx(expected)


def test_pass_at_k_of_many_samples_is_stable():
    assert pass_at_k(100_000, 1, 1) == pytest.approx(1e-5)
    assert 0.0 <= pass_at_k(100_000, 3, 50_000) <= 1.0


@pytest.mark.parametrize("wrong", [(3, 1, 4), (3, 4, 1), (3, 1, 0), (3, -1, 1)])
def test_pass_at_k_of_impossible_counts(wrong):
    with pytest.raises(ValueError, match="pass@"):
        pass_at_k(*wrong)


def differences(n, gained, lost):
    return [1.0] * gained + [-1.0] * lost + [0.0] * (n - gained - lost)


def test_a_bootstrap_of_single_answers():
    """The mean of 175 differences has a standard error: sqrt(42 / 175 - mean ** 2) / sqrt(175)."""
    values = differences(175, 30, 12)
    found = paired_bootstrap([[value] for value in values])
    mean = 18 / 175
    error = math.sqrt((42 / 175 - mean**2) / 175)
    assert found.mean == pytest.approx(mean)
    assert (found.low, found.high) == pytest.approx(
        (mean - 1.96 * error, mean + 1.96 * error), abs=0.006
    )
    assert found.p_value == pytest.approx(mcnemar_exact(30, 12), abs=0.01)
    assert paired_bootstrap([[value] for value in values]) == found


def test_one_task_says_nothing_of_chance():
    found = paired_bootstrap([[1.0, 0.0]])
    assert (found.mean, found.low, found.high, found.p_value) == (0.5, 0.5, 0.5, 1.0)


def test_libraries_of_a_task_are_drawn_together():
    """Three copies of each task hold no more than one: the interval must not shrink."""
    values = differences(100, 20, 5)
    one = paired_bootstrap([[value] for value in values])
    three = paired_bootstrap([[value] * 3 for value in values])
    assert (three.mean, three.low, three.high) == pytest.approx((one.mean, one.low, one.high))
    spread = paired_bootstrap([[value] for value in values * 3])
    assert spread.high - spread.low < 0.7 * (three.high - three.low)


def test_the_interval_holds_the_truth_as_often_as_it_says(monkeypatch):
    monkeypatch.setattr(statistics, "EXACT_FLIPS", 4)  # p takes most of the time
    draw = random.Random(5)
    held = 0
    for _ in range(200):
        values = draw.choices([1.0, -1.0, 0.0], weights=[3, 1, 6], k=60)
        found = paired_bootstrap([[value] for value in values], draws=500)
        held += found.low <= 0.2 <= found.high
    assert 178 <= held <= 199


def test_nothing_to_draw():
    with pytest.raises(ValueError, match="no paired"):
        paired_bootstrap([[], []])


@pytest.mark.parametrize("lost", range(6))
@pytest.mark.parametrize("gained", range(1, 8))
def test_exchanging_single_answers_is_mcnemars_test(gained, lost):
    clusters = [[100.0]] * gained + [[-100.0]] * lost + [[0.0]] * 5
    assert sign_flip_p(clusters) == pytest.approx(mcnemar_exact(lost, gained))


def test_exchanging_whole_tasks_counts_every_exchange():
    sums = [2, 1, -1, 3, 0, 1, 2]
    signs = itertools.product([1, -1], repeat=len(sums))
    all_sums = [abs(sum(a * b for a, b in zip(row, sums, strict=True))) for row in signs]
    clusters = [[1, 1, 0], [1, 0, 0], [-1, 0, 0], [1, 1, 1], [0, 0, 0], [1, -1, 1], [1, 1, 0]]
    expected = sum(one >= abs(sum(sums)) for one in all_sums) / len(all_sums)
    assert sign_flip_p(clusters) == pytest.approx(expected)


def test_many_tasks_are_exchanged_by_draws():
    many = [[1.0]] * (EXACT_FLIPS + 6) + [[-1.0]] * 8
    exact = mcnemar_exact(8, EXACT_FLIPS + 6)
    assert sign_flip_p(many) == pytest.approx(exact, abs=0.01) and sign_flip_p(many) > 0


def test_six_tasks_that_all_went_one_way():
    """Three libraries that say the same are no more than one of them says."""
    before, after = ({f"t{n}": passed for n in range(6)} for passed in (False, True))
    one, three = compare_by_task([(before, after)]), compare_by_task([(before, after)] * 3)
    assert one == three and one.p_value == mcnemar_exact(0, 6) == 2 / 64
    assert (one.mean, one.low, one.high) == (100.0, 100.0, 100.0)
    assert compare_by_task([(before, before)]) is None
