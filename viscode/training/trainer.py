"""Fine-tuning with transformers' Trainer (paper 4), the same on a CPU and on GPUs.

Float32 master weights always: in bfloat16 an update of 5e-6 is lost in the spacing of the numbers.
A GPU computes in bfloat16 when `train.dtype` says so. A CPU computes in float32: bfloat16 there is
1.4 times as fast on processors that have it in hardware and ten times as slow on all others.

The loss of a step is the mean over all trained tokens of its batch, so it does not depend on how
the batch is divided into devices and accumulation steps, packed or padded, with ZeRO or without.
The evaluation loss is the same mean over the validation split.
"""

import functools
import os
import shutil
from pathlib import Path
from typing import Any

import click

from viscode.core.compute import cores
from viscode.core.replacing import write_json
from viscode.models.base_check import check_base, load_tokenizer, readable
from viscode.models.gguf_export import check_architecture
from viscode.settings.train import TrainSettings
from viscode.training import attention, checkpoints, logs
from viscode.training.data import TokenSet, TrainData, TrainPaths
from viscode.training.distributed import (
    check_devices,
    end_sharing,
    is_first,
    join_deepspeed,
    leave,
    local_size,
    rank,
    readable_failures,
    world_size,
)
from viscode.training.export import export
from viscode.training.lora import add_adapters
from viscode.training.masking import Masker
from viscode.training.micro_batches import (
    MicroBatches,
    collate,
    cut,
    flatten,
    pack,
    padding_shares,
    step_tokens,
)
from viscode.training.plan import StepPlan, check_batch, plan_run, training_arguments
from viscode.training.throughput import flops_per_token, mfu
from viscode.training.token_store import RowLimits, open_rows


def train(settings: TrainSettings, paths: TrainPaths, threads: int) -> None:
    """Fine-tune the model in `paths.base` and write `paths.model` and `paths.metrics`.

    After a kill the next call goes on from the newest whole checkpoint and ends with the same
    weights.

    Raises:
        UserError: no base model, one that does not fit its tokenizer, no row to train, a batch that
            does not divide, a package that is missing, no memory left, a loss that is not finite.
    """
    import torch
    from transformers.utils.logging import disable_progress_bar

    torch.set_num_threads(threads)
    disable_progress_bar()

    # refuse at once what would fail later
    check_devices()
    gpu = torch.cuda.is_available()
    attention.implementation(settings, gpu=gpu)
    attention.check_liger(settings, gpu=gpu)
    logs.check_loggers(settings.log_to, os.environ)
    check_batch(settings, world_size())
    check_base(paths.base)
    check_architecture(paths.base, settings.gguf)

    if settings.zero_stage and not gpu:
        os.environ["DS_ACCELERATOR"] = "cpu"  # DeepSpeed asks nowhere else
    with readable_failures():
        data = prepare(settings, paths)
        plan = plan_run(settings, len(data.rows), world_size(), len(data.validation))
        folder, resume = _open_run(settings, paths)
        trainer = build_trainer(settings, plan, paths, folder, data, resuming=resume is not None)
        trainer.train(resume_from_checkpoint=None if resume is None else str(resume))
        end_sharing()
        export(trainer, settings, plan, paths, data)
        if is_first():
            history = trainer.state.log_history
            write_json(paths.metrics / "summary.json", logs.summary(history, plan.steps))
            write_json(paths.work / "logs" / f"{folder.name}.json", history)
            shutil.rmtree(folder, ignore_errors=True)
        leave()


def prepare(settings: TrainSettings, paths: TrainPaths) -> TrainData:
    """Tokenised training and validation rows; their counts go to metrics/train/data.json."""
    tokenizer = load_tokenizer(paths.base)
    masker = Masker(tokenizer, settings.max_length, settings.loss_on, settings.over_length)
    limits = RowLimits(settings.max_per_source, settings.max_samples, settings.seed)
    store, workers = paths.work / "tokens", cores() // local_size() or 1
    rows = open_rows(paths.rows, masker, limits, store=store, workers=workers)
    validation = open_rows(paths.validation, masker, RowLimits(), store=store, workers=workers)
    if is_first():
        at_once = (settings.batch_size, settings.per_device_batch, settings.seed)
        counts = {
            **rows.as_metrics(),
            **padding_shares(rows.lengths(), *at_once),
            "validation_rows": len(validation),
        }
        write_json(paths.metrics / "data.json", counts)
    return TrainData(rows, validation, tokenizer)


def _open_run(settings: TrainSettings, paths: TrainPaths) -> tuple[Path, Path | None]:
    """The run's folder, and the checkpoint from which it goes on; the first process says so."""
    run = checkpoints.describe(
        settings.model_dump(mode="json"),
        [paths.rows, paths.validation],
        (path for path in paths.base.iterdir() if path.is_file()),
        world_size(),
    )
    folder = paths.work / run.key
    resume = checkpoints.newest_complete(folder)
    if is_first():
        for name in checkpoints.remove_incomplete(folder):
            click.echo(f"train: {name} is incomplete: skipped and removed", err=True)
        if resume is not None:
            click.echo(f"train: going on from {resume.name}", err=True)
        for line in checkpoints.other_runs(paths.work, run) if resume is None else []:
            click.echo(f"train: {line}", err=True)
        run.write(folder)
    return folder, resume


def build_trainer(
    settings: TrainSettings,
    plan: StepPlan,
    paths: TrainPaths,
    folder: Path,
    data: TrainData,
    *,
    resuming: bool,
) -> Any:
    """A Trainer over float32 weights with our micro-batches and our callbacks."""
    from transformers import PrinterCallback

    from viscode.training.loop import Steering, TokenTrainer

    logs.place_loggers(settings.log_to, paths.work, folder.name)
    # before the model: with ZeRO-3 the arguments decide how weights are loaded
    arguments = training_arguments(settings, plan, folder, resuming=resuming)
    if settings.zero_stage:
        join_deepspeed(arguments)
    model = load_model(settings, paths.base)
    token = data.tokenizer.pad_token_id

    def order(rows: TokenSet, batch_size: int, bins: int) -> MicroBatches:
        divide = pack if settings.packing else cut
        share = (rank(), world_size())
        return MicroBatches(rows.lengths(), batch_size, bins, settings.seed, divide, *share)

    trainer = TokenTrainer(
        model=model,
        args=arguments,
        train_dataset=data.rows,
        processing_class=data.tokenizer,
        order=order(data.rows, settings.batch_size, plan.bins),
        validation=data.validation,
        validation_order=order(
            data.validation, plan.devices * settings.per_device_batch, plan.devices
        ),
        collator=functools.partial(
            flatten if settings.packing else collate, pad=0 if token is None else token
        ),
        callbacks=[Steering(plan)],
    )
    trainer.remove_callback(PrinterCallback)
    if is_first():
        trainer.add_callback(_report(settings, paths, folder.name, data, model))
    return trainer


def load_model(settings: TrainSettings, base: Path) -> Any:
    """The base model in float32, with adapters if LoRA is asked for."""
    import torch
    from transformers import AutoModelForCausalLM

    attention.register()
    chosen = attention.implementation(settings, gpu=torch.cuda.is_available())
    with readable(base):
        model = AutoModelForCausalLM.from_pretrained(
            base, dtype=torch.float32, local_files_only=True, attn_implementation=chosen
        )
    if chosen == attention.BY_ROW and not attention.fits(model.config):
        model.set_attn_implementation("sdpa")
    model.config.use_cache = False  # with a cache, packed rows would see each other
    return add_adapters(model, settings) if settings.method == "lora" else model


def _report(
    settings: TrainSettings, paths: TrainPaths, key: str, data: TrainData, model: Any
) -> Any:
    import torch

    from viscode.training.loop import RunReport

    device = torch.cuda.get_device_name() if torch.cuda.is_available() else "cpu"
    # with ZeRO-3 a process holds no more than a share of each tensor
    sizes = [(getattr(p, "ds_numel", p.numel()), p.requires_grad) for p in model.parameters()]
    flops = flops_per_token(sum(n for n, _ in sizes), sum(n for n, trained in sizes if trained))
    return RunReport(
        paths.metrics,
        paths.work / "logs" / f"{key}.tsv",
        step_tokens(data.rows.lengths(), settings.batch_size, settings.seed),
        lambda speed: mfu(speed, flops, device, settings.dtype, world_size()),
    )
