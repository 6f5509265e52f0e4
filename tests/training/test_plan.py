"""Arithmetic of a run, the DeepSpeed configuration, checkpoints, the log."""

from pathlib import Path
from typing import Any

import pytest
from tiny_runs import settings

from viscode.core.errors import UserError
from viscode.training import checkpoints, logs, loop
from viscode.training.plan import StepPlan, deepspeed_config, evaluation_steps, plan_run


@pytest.mark.parametrize(
    ("changes", "rows", "devices", "expected"),
    [
        ({}, 8, 1, StepPlan(1, 2, 2, 1, 0, (0, 2))),
        ({"epochs": 3}, 9, 1, StepPlan(1, 2, 9, 1, 0, (0, 9))),
        ({"epochs": 3, "max_steps": 5}, 9, 2, StepPlan(2, 1, 5, 1, 0, (0, 5))),
        ({"max_steps": 99}, 8, 1, StepPlan(1, 2, 2, 1, 0, (0, 2))),
        ({"epochs": 25}, 8, 1, StepPlan(1, 2, 50, 3, 10, (0, 50))),
        (
            {"batch_size": 128, "per_device_batch": 4, "epochs": 3},
            200_000,
            8,
            StepPlan(8, 4, 4689, 235, 93, (0, 4689)),
        ),  # paper 4: full size on 8 GPUs
    ],
)
def test_plan(changes: dict[str, Any], rows: int, devices: int, expected: StepPlan) -> None:
    assert plan_run(settings(**changes), rows, devices, validation=1) == expected


@pytest.mark.parametrize(
    ("changes", "devices"),
    [
        ({"batch_size": 3, "per_device_batch": 2}, 1),
        ({"batch_size": 4}, 3),
    ],
)
def test_a_batch_that_does_not_divide_is_refused(changes: dict[str, Any], devices: int) -> None:
    with pytest.raises(UserError, match=r"train\.batch_size \d is not a multiple of \d device"):
        plan_run(settings(**changes), 8, devices)


def test_no_rows_are_refused() -> None:
    with pytest.raises(UserError, match="no row is left to train"):
        plan_run(settings(), 0, 1)


@pytest.mark.parametrize(
    ("times", "expected"), [(0, ()), (1, (10,)), (2, (0, 10)), (3, (0, 5, 10)), (99, range(11))]
)
def test_evaluations_are_spread(times: int, expected: Any) -> None:
    assert evaluation_steps(times, 10) == tuple(expected)


def test_without_validation_rows_nothing_is_evaluated() -> None:
    assert plan_run(settings(), 8, 1).evaluations == ()


@pytest.mark.parametrize("stage", [1, 2, 3])
def test_deepspeed_config(stage: int) -> None:
    config = deepspeed_config(stage)
    zero = config["zero_optimization"]
    assert isinstance(zero, dict)
    assert zero["stage"] == stage
    assert ("stage3_gather_16bit_weights_on_model_save" in zero) == (stage == 3)
    assert config["zero_allow_untested_optimizer"] is True
    assert "optimizer" not in config


def test_only_marked_checkpoints_count(tmp_path: Path) -> None:
    for step in (9, 10, 100):
        (tmp_path / f"checkpoint-{step}").mkdir()
        (tmp_path / f"checkpoint-{step}" / "weights").write_text("w", encoding="utf-8")
    assert checkpoints.newest_complete(tmp_path) is None
    checkpoints.mark_complete(tmp_path / "checkpoint-9")
    checkpoints.mark_complete(tmp_path / "checkpoint-10")
    assert checkpoints.newest_complete(tmp_path) == tmp_path / "checkpoint-10"
    assert checkpoints.remove_incomplete(tmp_path) == ["checkpoint-100"]
    assert not (tmp_path / "checkpoint-100").exists()


def test_a_marked_checkpoint_that_lost_a_file_does_not_count(tmp_path: Path) -> None:
    folder = tmp_path / "checkpoint-9"
    folder.mkdir()
    (folder / "weights").write_text("w", encoding="utf-8")
    checkpoints.mark_complete(folder)
    assert checkpoints.is_complete(folder)
    (folder / "weights").write_text("", encoding="utf-8")
    assert not checkpoints.is_complete(folder)
    (folder / "weights").unlink()
    assert checkpoints.newest_complete(tmp_path) is None


def a_run(folder: Path, devices: int = 1, **settings: Any) -> checkpoints.Run:
    return checkpoints.describe(settings, [folder / "rows"], [folder / "base"], devices)


def test_run_key_changes_with_all_that_determines_the_run(tmp_path: Path) -> None:
    for name in ("rows", "base"):
        (tmp_path / name).write_text("a", encoding="utf-8")
    keys = {a_run(tmp_path, lr=1).key, a_run(tmp_path, lr=2).key, a_run(tmp_path, 2, lr=1).key}
    assert a_run(tmp_path, lr=1, log_to=["wandb"], gguf="f16").key in keys
    for name in ("rows", "base"):
        (tmp_path / name).write_text("b", encoding="utf-8")
        keys.add(a_run(tmp_path, lr=1).key)
    assert len(keys) == 5


def test_another_run_of_the_same_rows_is_named_and_kept(tmp_path: Path) -> None:
    for name in ("rows", "base"):
        (tmp_path / name).write_text("a", encoding="utf-8")
    old, new = a_run(tmp_path, 2, lr=1, seed=1), a_run(tmp_path, 1, lr=2, seed=1)
    folder = tmp_path / "work" / old.key
    checkpoint = folder / "checkpoint-10"
    checkpoint.mkdir(parents=True)
    old.write(folder)
    assert checkpoints.other_runs(tmp_path / "work", new) == []  # nothing that could go on
    (checkpoint / "weights").write_bytes(bytes(1_500_000))
    checkpoints.mark_complete(checkpoint)
    (line,) = checkpoints.other_runs(tmp_path / "work", new)
    assert "train.lr was 1, is 2; 2 process(es), now 1" in line and "seed" not in line
    assert f"{folder} (2 MB)" in line and checkpoint.is_dir()
    assert checkpoints.other_runs(tmp_path / "work", old) == []
    (tmp_path / "rows").write_text("b", encoding="utf-8")
    (line,) = checkpoints.other_runs(tmp_path / "work", a_run(tmp_path, 2, lr=1, seed=1))
    assert "(other rows)" in line


HISTORY = [
    {"step": 0, "eval_loss": 2.5},
    {"step": 1, "loss": 1.23456789, "learning_rate": 1.234567e-5, "grad_norm": 0.5},
    {"step": 2, "loss": 1.0, "learning_rate": 0.0, "grad_norm": 12345678.0},
    {"step": 2, "eval_loss": 1.5},
    {"step": 2, "train_runtime": 3.1},
]


def test_log_and_summary_hold_no_times() -> None:
    assert logs.table("log.tsv", HISTORY) == (
        "step\tloss\tlr\tgrad_norm\n1\t1.23\t1.23457e-05\t0.5\n2\t1\t0\t1.23e+07\n"
    )
    assert logs.table("eval.tsv", HISTORY) == "step\teval_loss\n0\t2.5\n2\t1.5\n"
    assert logs.summary(HISTORY, 2) == {
        "steps": 2,
        "train_loss_first": 1.23,
        "train_loss_last": 1.0,
        "eval_loss_before": 2.5,
        "eval_loss_after": 1.5,
    }


@pytest.mark.parametrize("name", ["loss", "grad_norm", "eval_loss"])
def test_nan_ends_the_run(name: str) -> None:
    loop.refuse_nan(3, {name: 1.0})
    with pytest.raises(UserError, match=f"{name} is nan at step 3"):
        loop.refuse_nan(3, {name: float("nan")})
