"""Figures per round, each task by its latest attempt, and the names of errors."""

import pytest

from viscode.bench.metrics import bench_metrics, latest
from viscode.bench.verdicts import error_name, verdict
from viscode.records import Attempt, Execution

PNG = b"png"


def attempt(task, number, kind, error_type="KeyError", status=None, code="import seaborn"):
    status = status or ("error" if kind == "error" else "ok")
    images = (PNG,) if kind in ("pass", "blank") else ()
    return Attempt(
        id=f"{task}-{number}",
        task_id=task,
        task_number=1,
        model="base",
        library="seaborn",
        round=number,
        protocol="isolated",
        answer="",
        code=code,
        finish="stop",
        verdict=kind,
        status=status,
        error_type=error_type if status == "error" else "",
        error="",
        images=images,
        facts="[]",
    )


ATTEMPTS = [
    attempt("a", 0, "pass"),
    attempt("b", 0, "error"),
    attempt("c", 0, "no_image"),
    attempt("d", 0, "blank", code="import matplotlib"),
    attempt("b", 1, "error", "TypeError"),
    attempt("c", 1, "pass"),
    attempt("d", 1, "error", status="timeout"),
    attempt("b", 2, "error", status="died"),
    attempt("d", 2, "error", status="killed"),
]


def test_a_round_counts_every_task_by_its_latest_attempt():
    assert [found.id for found in latest(ATTEMPTS, 1)] == ["a-0", "b-1", "c-1", "d-1"]
    assert [found.id for found in latest(reversed(ATTEMPTS), 2)] == ["a-0", "b-2", "c-1", "d-2"]


def test_metrics():
    metrics = bench_metrics(ATTEMPTS, 3)
    assert metrics["tasks"] == 4
    assert metrics["rounds"]["0"] == {
        "passed": 1,
        "pass_rate": 25.0,
        "pass_low": 4.6,
        "pass_high": 69.9,
        "incorrect_code_rate": 50.0,
        "wrong_library_rate": 25.0,
    }
    assert [metrics["rounds"][n]["passed"] for n in "0123"] == [1, 2, 2, 2]
    assert metrics["errors"] == {
        "0": {"Blank": 1, "KeyError": 1, "NoImage": 1},
        "1": {"KeyboardInterrupt": 1, "TypeError": 1},
        "2": {"KernelDied": 1, "Killed": 1},
        "3": {"KernelDied": 1, "Killed": 1},
    }
    for number in "0123":
        failed = sum(metrics["errors"][number].values())
        assert metrics["rounds"][number]["passed"] + failed == metrics["tasks"]


def test_no_attempts_are_no_division():
    assert bench_metrics([], 1)["rounds"]["1"]["pass_rate"] == 0.0


def test_an_error_without_a_class_still_has_a_name():
    assert error_name(attempt("a", 0, "error", error_type="")) == "UnknownError"
    assert error_name(attempt("a", 0, "pass")) == ""


@pytest.mark.parametrize(
    ("status", "blank", "expected"),
    [
        ("ok", (False,), "pass"),
        ("ok", (True, False), "pass"),
        ("ok", (True,), "blank"),
        ("ok", (), "no_image"),
        ("error", (False,), "error"),
        ("timeout", (), "error"),
        ("died", (), "error"),
        ("killed", (False,), "error"),
    ],
)
def test_verdict(status, blank, expected):
    execution = Execution(
        id="x",
        status=status,
        error_type="",
        error_message="",
        error="",
        blank=blank,
        images=tuple(PNG for _ in blank),
        facts="[]",
        stdout_head="",
        engine="",
        isolation="",
        duration_s=0.0,
    )
    assert verdict(execution) == expected
