"""The recipe of a run: accumulation, optimizer steps, evaluations and checkpoints, and what
transformers and DeepSpeed are told."""

from dataclasses import dataclass
from math import ceil
from pathlib import Path
from typing import Any

from viscode.core.errors import UserError
from viscode.settings.train import TrainSettings

CHECKPOINT_FROM_STEPS = 50  # shorter runs are started anew: sooner done than checkpoints written
CHECKPOINT_STEPS = 10  # a run of thousands of steps saves at every fiftieth of its way
CHECKPOINTS_PER_RUN = 50
KEPT_CHECKPOINTS = 2  # the last, and the one before in case of a kill while saving


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


def training_arguments(
    settings: TrainSettings, plan: StepPlan, folder: Path, *, resuming: bool
) -> Any:
    """Arguments of a Trainer that writes its checkpoints to `folder`.

    A micro-batch is what the loader yields (viscode.training.micro_batches), whatever the batch
    size says here. Evaluations and the last checkpoint are up to our callbacks.
    """
    import torch
    from transformers import TrainingArguments

    gpu = torch.cuda.is_available()
    return TrainingArguments(
        output_dir=str(folder),
        max_steps=plan.steps,
        learning_rate=settings.lr,
        lr_scheduler_type=settings.scheduler,
        warmup_steps=plan.warmup_steps,
        per_device_train_batch_size=1 if settings.packing else settings.per_device_batch,
        gradient_accumulation_steps=plan.accumulation,
        optim="adamw_torch",
        weight_decay=settings.weight_decay,
        adam_beta1=settings.adam_beta1,
        adam_beta2=settings.adam_beta2,
        max_grad_norm=settings.max_grad_norm,
        average_tokens_across_devices=True,
        bf16=gpu and settings.dtype == "bfloat16",
        use_cpu=not gpu,
        activation_checkpointing=settings.gradient_checkpointing,
        use_liger_kernel=settings.liger,
        deepspeed=deepspeed_config(settings.zero_stage) if settings.zero_stage else None,
        seed=settings.seed,
        data_seed=settings.seed,
        full_determinism=settings.full_determinism,
        eval_strategy="no",
        eval_on_start=0 in plan.evaluations and not resuming,
        logging_steps=1,
        logging_nan_inf_filter=False,
        save_strategy="steps" if plan.save_steps else "no",
        save_steps=plan.save_steps or 500,
        save_total_limit=KEPT_CHECKPOINTS,
        remove_unused_columns=False,
        report_to=list(settings.log_to) or "none",
        run_name=folder.name,
        disable_tqdm=True,
        log_level="error",
        log_level_replica="error",
        dataloader_pin_memory=gpu,
        ddp_find_unused_parameters=False,
    )


def deepspeed_config(stage: int) -> dict[str, object]:
    """Configuration for ZeRO `stage` 1 (optimizer states shared out), 2 (gradients too) or 3
    (weights too).

    No optimizer block: DeepSpeed then wraps the Trainer's own AdamW, so that ZeRO trains as the
    plain Trainer does and nothing has to be compiled. The Trainer fills in what is "auto".
    """
    zero: dict[str, object] = {"stage": stage, "overlap_comm": True, "contiguous_gradients": True}
    if stage == 3:
        # save_model then writes plain weights instead of each process's share
        zero["stage3_gather_16bit_weights_on_model_save"] = True
    return {
        "zero_optimization": zero,
        "zero_allow_untested_optimizer": True,
        "bf16": {"enabled": "auto"},
        "gradient_clipping": "auto",
        "train_batch_size": "auto",
        "train_micro_batch_size_per_gpu": "auto",
        "gradient_accumulation_steps": "auto",
    }
