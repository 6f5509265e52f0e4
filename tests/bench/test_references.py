"""The tasks' own programs: time limits scaled to them, and the images that plots are judged
against."""

import pytest
from bench_fixtures import task

from viscode.bench.judging import truth_images
from viscode.bench.protocols import time_limits
from viscode.core.records import Execution


def done(seconds, status="ok", images=()):
    return Execution(
        id="x",
        status=status,
        error_type="",
        error_message="",
        error="",
        images=images,
        blank=tuple(False for _ in images),
        origins=tuple("figure" for _ in images),
        facts="[]",
        stdout_head="",
        engine="",
        isolation="",
        duration_s=seconds,
    )


@pytest.mark.parametrize(
    ("seconds", "status", "limit"),
    [
        (0.5, "ok", None),
        (3.0, "ok", None),  # 20 x 3 s is what all answers get
        (3.1, "ok", 120.0),
        (5.9, "ok", 120.0),
        (6.1, "ok", 240.0),
        (100.0, "ok", 3840.0),
        (100.0, "error", None),
        (600.0, "timeout", None),
    ],
)
def test_an_answer_may_take_so_many_times_what_the_task_s_own_program_takes(seconds, status, limit):
    found = time_limits({"a": done(seconds, status)}, timeout_s=60.0, factor=20.0)
    assert found == ({} if limit is None else {"a": limit})


def test_a_limit_does_not_move_with_each_measurement():
    limits = {
        time_limits({"a": done(seconds)}, 60.0, 20.0)["a"] for seconds in (7.0, 8.5, 9.9, 11.0)
    }
    assert limits == {240.0}


def test_the_data_set_s_image_is_the_truth_else_the_program_s():
    tasks = [
        task(1, plots_gt=(b"given", b"more")),
        task(2),
        task(3),
        task(4),
    ]
    known = {
        "task01": done(1.0, images=(b"drawn",)),
        "task02": done(1.0, images=(b"drawn",)),
        "task03": done(1.0, status="error"),
    }
    assert truth_images(tasks, known) == {"task01": b"given", "task02": b"drawn"}
