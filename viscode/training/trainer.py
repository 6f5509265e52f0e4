"""Full-parameter fine-tuning with transformers' Trainer (paper 4), the same on a CPU and on GPUs.

Float32 master weights always: in bfloat16 an update of 5e-6 is lost in the spacing of the numbers.
A GPU computes in bfloat16 when `train.dtype` says so. A CPU computes in float32: bfloat16 there is
1.4 times as fast on processors that have it in hardware and ten times as slow on all others.

The loss of a step is the mean over all trained tokens of its batch, so it does not hang on how the
batch is divided into devices and accumulation steps. The evaluation loss is the mean over rows of
a row's mean token loss, before the first and after the last step. Not done here: packing, LoRA.
"""

import functools
import shutil
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import click

from viscode.errors import UserError
from viscode.settings.train import TrainSettings, WeightType
from viscode.tables import write_json, write_text
from viscode.training import checkpoints
from viscode.training.data import TokenSet, collate, read_chats, tokenise
from viscode.training.distributed import check_devices, is_first, world_size
from viscode.training.export import export
from viscode.training.masking import Masker
from viscode.training.order import LengthGroupedOrder
from viscode.training.plan import Plan, plan_run
from viscode.training.zero import deepspeed_config

KEPT_CHECKPOINTS = 2  # the last, and the one before in case of a kill while saving


@dataclass(frozen=True)
class TrainPaths:
    """Inputs, outputs and the work area of a run."""

    base: Path
    rows: Path
    validation: Path
    model: Path
    metrics: Path
    work: Path


def train(settings: TrainSettings, paths: TrainPaths, threads: int) -> None:
    """Fine-tune the model in `paths.base` and write `paths.model` and `paths.metrics`.

    After a kill the next call goes on from the newest whole checkpoint and ends with the same
    weights.

    Raises:
        UserError: no base model, no row to train, a batch that does not divide, a loss that is
            not finite.
    """
    import torch

    torch.set_num_threads(threads)
    check_devices()
    tokenizer = load_tokenizer(paths.base)
    rows, validation = prepare(settings, paths, tokenizer)
    plan = plan_run(settings, len(rows), world_size())
    folder = paths.work / _run_key(settings, paths)
    resume = _resume_point(folder)
    trainer = build_trainer(
        settings, plan, paths.base, folder, rows, validation, tokenizer, resuming=resume is not None
    )
    trainer.train(resume_from_checkpoint=None if resume is None else str(resume))
    export(trainer, tokenizer, settings, plan, rows, paths.base, paths.model)
    if is_first():
        _write_metrics(trainer.state.log_history, plan, paths.metrics)
        shutil.rmtree(folder, ignore_errors=True)


def load_tokenizer(base: Path) -> Any:
    """The tokenizer of a model folder."""
    from transformers import AutoTokenizer

    if not (base / "config.json").is_file():
        raise UserError("no base model", where=str(base), todo="dvc repro collect_model")
    return AutoTokenizer.from_pretrained(base, local_files_only=True)


def prepare(
    settings: TrainSettings, paths: TrainPaths, tokenizer: Any
) -> tuple[TokenSet, TokenSet]:
    """Tokenised training and validation rows; their counts go to metrics/train/data.json."""
    masker = Masker(tokenizer, settings.max_length, settings.loss_on)
    rows = tokenise(read_chats(paths.rows), masker, settings.max_samples, settings.seed)
    validation = tokenise(read_chats(paths.validation), masker, 0, settings.seed)
    if is_first():
        write_json(
            paths.metrics / "data.json", {**rows.as_metrics(), "validation_rows": len(validation)}
        )
    return rows, validation


def _run_key(settings: TrainSettings, paths: TrainPaths) -> str:
    weights = sorted(p for p in paths.base.iterdir() if p.is_file())
    return checkpoints.run_key(
        settings.model_dump(mode="json"), [paths.rows, paths.validation, *weights], world_size()
    )


def _resume_point(folder: Path) -> Path | None:
    resume = checkpoints.newest_complete(folder)
    if is_first():
        for name in checkpoints.remove_incomplete(folder):
            click.echo(f"train: {name} is incomplete, removed", err=True)
        if resume is not None:
            click.echo(f"train: going on from {resume.name}", err=True)
    return resume


def build_trainer(
    settings: TrainSettings,
    plan: Plan,
    base: Path,
    folder: Path,
    rows: TokenSet,
    validation: TokenSet,
    tokenizer: Any,
    *,
    resuming: bool,
) -> Any:
    """A Trainer over float32 weights with our order, our collation and our callbacks."""
    import torch
    from transformers import AutoModelForCausalLM, PrinterCallback, Trainer

    from viscode.training.callbacks import Watch

    class OrderedTrainer(Trainer):  # type: ignore[misc]  # transformers is untyped
        def _get_train_sampler(self, train_dataset: Any = None) -> Any:
            return LengthGroupedOrder(rows.lengths(), settings.batch_size, settings.seed)

    # before the model: with ZeRO-3 the arguments decide how weights are loaded
    arguments = training_arguments(
        settings, plan, folder, evaluate=bool(validation.ids), on_start=not resuming
    )
    if settings.zero_stage:
        join_processes(arguments)
    model = AutoModelForCausalLM.from_pretrained(base, dtype=torch.float32, local_files_only=True)
    model.config.use_cache = False
    pad = tokenizer.pad_token_id if tokenizer.pad_token_id is not None else 0
    trainer = OrderedTrainer(
        model=model,
        args=arguments,
        train_dataset=rows,
        processing_class=tokenizer,
        eval_dataset=validation if validation.ids else None,
        data_collator=functools.partial(collate, pad=pad),
        callbacks=[Watch(len(rows.tokens) / len(rows) * settings.batch_size)],
    )
    trainer.remove_callback(PrinterCallback)
    return trainer


def join_processes(arguments: Any) -> None:
    """Make DeepSpeed know the other processes before the weights are loaded: ZeRO-3 shares them
    out while loading, and on a CPU transformers would only tell torch."""
    import deepspeed

    _ = arguments.device  # joins them for torch
    deepspeed.init_distributed()


def training_arguments(
    settings: TrainSettings, plan: Plan, folder: Path, *, evaluate: bool, on_start: bool
) -> Any:
    """The recipe in transformers' names."""
    import torch
    from transformers import TrainingArguments

    gpu = torch.cuda.is_available()
    return TrainingArguments(
        output_dir=str(folder),
        max_steps=plan.steps,
        learning_rate=settings.lr,
        lr_scheduler_type=settings.scheduler.value,
        warmup_steps=plan.warmup_steps,
        per_device_train_batch_size=settings.per_device_batch,
        gradient_accumulation_steps=plan.accumulation,
        optim="adamw_torch",
        weight_decay=settings.weight_decay,
        max_grad_norm=settings.max_grad_norm,
        bf16=gpu and settings.dtype is WeightType.BFLOAT16,
        use_cpu=not gpu,
        activation_checkpointing=settings.gradient_checkpointing,
        deepspeed=deepspeed_config(settings.zero_stage) if settings.zero_stage else None,
        seed=settings.seed,
        data_seed=settings.seed,
        eval_strategy="steps" if evaluate else "no",
        eval_steps=plan.steps,
        eval_on_start=evaluate and on_start,
        per_device_eval_batch_size=1,
        prediction_loss_only=True,
        logging_steps=1,
        logging_nan_inf_filter=False,
        save_strategy="steps" if plan.save_steps else "no",
        save_steps=plan.save_steps or 500,
        save_total_limit=KEPT_CHECKPOINTS,
        remove_unused_columns=False,
        report_to="none",
        disable_tqdm=True,
        dataloader_pin_memory=gpu,
        ddp_find_unused_parameters=False,
    )


def _write_metrics(history: list[dict[str, Any]], plan: Plan, folder: Path) -> None:
    from viscode.training.callbacks import log_table, summary

    write_text(folder / "log.tsv", log_table(history))
    write_json(folder / "summary.json", summary(history, plan.steps))
