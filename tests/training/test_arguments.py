"""Every parameter of the recipe reaches transformers' Trainer under its name there."""

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from tiny_runs import settings

from viscode.training.plan import StepPlan, training_arguments

PLAN = StepPlan(
    devices=1, accumulation=3, steps=120, warmup_steps=7, save_steps=12, evaluations=(0, 9)
)
OTHERS = {
    "lr": 3e-4,
    "scheduler": "linear",
    "weight_decay": 0.07,
    "adam_beta1": 0.85,
    "adam_beta2": 0.93,
    "max_grad_norm": 0.6,
    "per_device_batch": 2,
    "gradient_checkpointing": True,
    "full_determinism": True,
    "seed": 11,
    "log_to": ["tensorboard"],
}
EXPECTED = {
    "learning_rate": 3e-4,
    "lr_scheduler_type": "linear",
    "warmup_steps": 7,
    "weight_decay": 0.07,
    "adam_beta1": 0.85,
    "adam_beta2": 0.93,
    "max_grad_norm": 0.6,
    "per_device_train_batch_size": 2,
    "gradient_accumulation_steps": 3,
    "max_steps": 120,
    "save_steps": 12,
    "activation_checkpointing": True,
    "full_determinism": True,
    "seed": 11,
    "data_seed": 11,
    "average_tokens_across_devices": True,
    "eval_on_start": True,
}


def made(**changes: Any) -> Any:
    return training_arguments(settings(**changes), PLAN, Path("/run"), resuming=False)


@pytest.fixture
def recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    """What is asked for on a GPU: the arguments themselves would look for it."""
    import torch
    import transformers

    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(transformers, "TrainingArguments", SimpleNamespace)


def test_every_value_arrives() -> None:
    found = made(**{**OTHERS, "log_to": []})
    assert {name: getattr(found, name) for name in EXPECTED} == EXPECTED
    assert (found.bf16, found.use_cpu, found.report_to) == (False, True, [])


def test_defaults_differ_from_what_was_tested() -> None:
    """Else a value that never arrives would pass."""
    found = made()
    same = [name for name, value in EXPECTED.items() if getattr(found, name) == value]
    plan = ("warmup_steps", "max_steps", "save_steps", "gradient_accumulation_steps")
    always = ("average_tokens_across_devices", "eval_on_start", "per_device_train_batch_size")
    assert sorted(same) == sorted([*plan, *always])


@pytest.mark.usefixtures("recorded")
@pytest.mark.parametrize(("dtype", "half"), [("bfloat16", True), ("float32", False)])
def test_a_gpu_computes_in_the_type_that_was_asked_for(dtype: str, half: bool) -> None:
    found = made(dtype=dtype, zero_stage=2, liger=True, log_to=["wandb", "tensorboard"])
    assert (found.bf16, found.use_cpu, found.dataloader_pin_memory) == (half, False, True)
    assert found.use_liger_kernel is True and found.report_to == ["wandb", "tensorboard"]
    assert found.deepspeed["zero_optimization"]["stage"] == 2
    assert found.deepspeed["bf16"] == {"enabled": "auto"}


@pytest.mark.usefixtures("recorded")
def test_packed_rows_are_one_micro_batch() -> None:
    assert made(packing=True, per_device_batch=2).per_device_train_batch_size == 1
    assert made(zero_stage=0).deepspeed is None
