"""Figures per round, each task by its latest attempt, both protocols, and the names of errors."""

import pytest

from viscode.bench.answering import task_rows
from viscode.bench.metrics import bench_details, bench_metrics, latest
from viscode.bench.verdicts import error_name, isolated_verdict
from viscode.core.records import Attempt, Execution, OtherVerdict
from viscode.core.statistics import wilson

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


def test_figures_of_each_round():
    metrics = bench_metrics(ATTEMPTS, 3, 1)
    assert metrics["rounds"]["0"] == {
        "passed": 1,
        "pass_rate": {"percent": 25.0, "low": 4.6, "high": 69.9},
        "incorrect_code_rate": 50.0,
        "blank_rate": 25.0,
        "wrong_library_rate": 25.0,
        "gain": None,
    }
    assert metrics["tasks"] == 4
    assert [metrics["rounds"][n]["passed"] for n in "0123"] == [1, 2, 2, 2]


def test_what_self_debug_gained():
    metrics = bench_metrics(ATTEMPTS, 3, 1)
    gain = metrics["self_debug"]
    assert (gain["points"], gain["p"]) == (25.0, 1.0)
    assert 0.0 <= gain["low"] < 25.0 < gain["high"]
    rounds = [metrics["rounds"][number]["gain"] for number in "123"]
    assert sum(one["points"] for one in rounds) == 25.0
    still = next(one for one in rounds if not one["points"])
    assert still["low"] is None and still["p"] == 1.0
    low, high = (round(100 * end, 1) for end in wilson(1, 3))
    assert metrics["recovery"] == {"percent": 33.3, "low": low, "high": high}
    assert bench_metrics([attempt("a", 0, "pass")], 1, 1)["recovery"]["percent"] is None


def test_details_add_up():
    details = bench_details(ATTEMPTS, 3)
    assert details["errors"] == {
        "0": {"Blank": 1, "KeyError": 1, "NoImage": 1},
        "1": {"KeyboardInterrupt": 1, "TypeError": 1},
        "2": {"KernelDied": 1, "Killed": 1},
        "3": {"KernelDied": 1, "Killed": 1},
    }
    assert details["transitions"]["1"] == {
        "Blank": {"KeyboardInterrupt": 1},
        "KeyError": {"TypeError": 1},
        "NoImage": {"pass": 1},
    }
    assert details["recovery"]["NoImage"]["percent"] == 100.0
    assert (details["recovery"]["Blank"]["failed"], details["recovery"]["Blank"]["percent"]) == (
        1,
        0,
    )
    metrics = bench_metrics(ATTEMPTS, 3, 1)
    for number in "0123":
        failed = sum(details["errors"][number].values())
        assert metrics["rounds"][number]["passed"] + failed == metrics["tasks"]


def other(kind, error_type="NameError"):
    return OtherVerdict(
        protocol="paper",
        code="",
        verdict=kind,
        status="error" if kind == "error" else "ok",
        error_type=error_type if kind == "error" else "",
        error="",
        images=(),
    )


TWO_WAYS = [
    attempt("a", 0, "pass").model_copy(update={"other": (other("error"),)}),
    attempt("b", 0, "blank").model_copy(update={"other": (other("pass"),)}),
    attempt("c", 0, "error").model_copy(update={"other": (other("error"),)}),
    attempt("d", 0, "pass").model_copy(update={"other": (other("pass"),)}),
    attempt("c", 1, "pass"),
]


def test_first_answers_under_both_protocols():
    metrics = bench_metrics(TWO_WAYS, 1, 1)
    low, high = (round(100 * end, 1) for end in wilson(2, 4))
    half = {"percent": 50.0, "low": low, "high": high}
    assert metrics["protocols"] == {"isolated": half, "paper": half}
    assert metrics["protocols_differ"] == 2
    rows = bench_details(TWO_WAYS, 1)["differences"]
    assert [(row["isolated"], row["paper"]) for row in rows] == [
        ("pass", "error"),
        ("blank", "pass"),
    ]
    assert [row["paper_error"] for row in rows] == ["NameError", ""]


def test_samples_count_for_pass_at_k_alone():
    drawn = [
        attempt(task, 0, kind).model_copy(update={"id": f"{task}-0-{n}", "sample": n})
        for task, kinds in (("a", ["error", "pass", "pass"]), ("b", ["error"] * 3))
        for n, kind in enumerate(kinds)
    ]
    metrics = bench_metrics(drawn, 0, 3)
    assert metrics["rounds"]["0"]["passed"] == 0
    expected = {1: 2 / 3, 2: 1.0, 3: 1.0}
    assert metrics["pass_at"] == {
        str(k): round(100 * share / 2, 1) for k, share in expected.items()
    }


def test_a_row_per_task():
    header, *rows = (line.split("\t") for line in task_rows(TWO_WAYS, 1).splitlines())
    assert [row[0] for row in rows] == ["a", "b", "c", "d"]
    found = [dict(zip(header, row, strict=True)) for row in rows]
    assert found[0]["other_error"] == "NameError"
    assert [found[2][f"round_{n}_verdict"] for n in "01"] == ["error", "pass"]
    assert [row["final_verdict"] for row in found] == ["pass", "blank", "pass", "pass"]
    assert found[1]["round_0_error"] == "Blank"


def test_no_attempts_are_no_division():
    metrics = bench_metrics([], 1, 1)
    nothing = (metrics["rounds"]["1"]["pass_rate"]["percent"], metrics["pass_at"]["1"])
    assert nothing == (None, None)
    assert task_rows([], 0).count("\n") == 1


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
        origins=tuple("figure" for _ in blank),
        images=tuple(PNG for _ in blank),
        facts="[]",
        stdout_head="",
        engine="",
        isolation="",
        duration_s=0.0,
    )
    assert isolated_verdict(execution) == expected
