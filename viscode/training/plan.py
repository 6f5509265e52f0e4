"""Arithmetic of a run: accumulation, optimizer steps, evaluations, checkpoints."""

from dataclasses import dataclass
from math import ceil

from viscode.core.errors import UserError
from viscode.settings.train import TrainSettings

CHECKPOINT_FROM_STEPS = 50  # shorter runs are started anew: sooner done than checkpoints written
CHECKPOINT_STEPS = 10  # a run of thousands of steps saves at every fiftieth of its way
CHECKPOINTS_PER_RUN = 50


@dataclass(frozen=True)
class StepPlan:
    """How the steps of a run are made up. `save_steps` 0 means that no checkpoint is written;
    `evaluations` are the steps after which the validation loss is measured, 0 before the first."""

    devices: int
    accumulation: int
    steps: int
    warmup_steps: int
    save_steps: int
    evaluations: tuple[int, ...]

    @property
    def bins(self) -> int:
        """Micro-batches of an optimizer step."""
        return self.devices * self.accumulation


def plan_run(settings: TrainSettings, rows: int, devices: int, validation: int = 0) -> StepPlan:
    """The plan for `rows` training and `validation` rows on `devices` processes.

    Raises:
        UserError: no rows, or a batch that does not divide over the devices.
    """
    if rows == 0:
        raise UserError(
            "no row is left to train",
            where="metrics/train/data.json says why",
            todo="raise train.max_length, or look at data/viscode.jsonl",
        )
    at_once = check_batch(settings, devices)
    steps = settings.epochs * ceil(rows / settings.batch_size)
    steps = min(steps, settings.max_steps or steps)
    save = max(CHECKPOINT_STEPS, steps // CHECKPOINTS_PER_RUN)
    return StepPlan(
        devices=devices,
        accumulation=settings.batch_size // at_once,
        steps=steps,
        warmup_steps=ceil(settings.warmup_ratio * steps),
        save_steps=save if steps >= CHECKPOINT_FROM_STEPS else 0,
        evaluations=evaluation_steps(settings.evaluations if validation else 0, steps),
    )


def check_batch(settings: TrainSettings, devices: int) -> int:
    """Rows that all devices compute at once.

    Raises:
        UserError: the batch is not a multiple of them.
    """
    at_once = devices * settings.per_device_batch
    if settings.batch_size % at_once:
        raise UserError(
            f"train.batch_size {settings.batch_size} is not a multiple of {devices} device(s) x "
            f"train.per_device_batch {settings.per_device_batch}",
            where="params.yaml",
            todo=f"set train.batch_size to a multiple of {at_once}, or another per_device_batch",
        )
    return at_once


def evaluation_steps(times: int, steps: int) -> tuple[int, ...]:
    """`times` steps, evenly from 0 (before the first) to the last; a single one is the last."""
    if times < 2:
        return (steps,) * times
    return tuple(sorted({round(i * steps / (times - 1)) for i in range(times)}))
