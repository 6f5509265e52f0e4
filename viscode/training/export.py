"""The trained model as a folder that transformers and vLLM load, with its model card."""

import json
from pathlib import Path
from typing import Any

from viscode.settings.train import TrainSettings
from viscode.tables import partial_of, replace, write_text
from viscode.training.data import TokenSet
from viscode.training.distributed import is_first
from viscode.training.model_folder import CARD, save
from viscode.training.plan import Plan

MODEL_CARD = """\
---
license: {licence}
base_model: {base}
pipeline_tag: text-generation
tags: [code, visualization]
---
# A VisCode model

{base} ({parameters:,} parameters), fine-tuned on instruction data for plotting code that was
verified by running it. Every parameter was trained.

| | |
|---|---|
| rows, tokens, trained tokens | {rows}, {tokens}, {trained} |
| loss on | {loss_on} assistant turns |
| steps x batch | {steps} x {batch} |
| learning rate | {lr:g}, {scheduler}, {warmup} warm-up steps |
| weight decay, gradient clipping | {decay:g}, {clip:g} |
| weights | {dtype} |
| seed | {seed} |

Made by the stage `train` of this project from data/viscode.jsonl; data/DATA_CARD.md tells where
the rows come from and under which licences. Code that the model writes is untrusted: run it in a
sandbox.
"""


def export(
    trainer: Any,
    tokenizer: Any,
    settings: TrainSettings,
    plan: Plan,
    rows: TokenSet,
    base: Path,
    out: Path,
) -> None:
    """Write the trained model to `out`, whole or not at all. Every process must call it (with
    ZeRO-3 each holds a part); the first writes."""
    import torch

    model = trainer.accelerator.unwrap_model(trainer.model)
    model.config.use_cache = True
    partial = partial_of(out) if is_first() else out.with_name(f".{out.name}.partial")
    if settings.zero_stage == 3:
        trainer.save_model(str(partial))
    elif is_first():
        save(model.to(getattr(torch, settings.dtype)), tokenizer, partial)
    if is_first():
        write_text(partial / "README.md", model_card(settings, plan, rows, base))
        (partial / "training_args.bin").unlink(missing_ok=True)
        replace(partial, out)


def model_card(settings: TrainSettings, plan: Plan, rows: TokenSet, base: Path) -> str:
    """The README of the model; no times, hosts or paths."""
    origin = base / CARD
    known = json.loads(origin.read_text(encoding="utf-8")) if origin.is_file() else {}
    return MODEL_CARD.format(
        licence=known.get("licence") or "other",
        base=known.get("base_model", base.name),
        parameters=known.get("parameters", 0),
        rows=len(rows),
        tokens=len(rows.tokens),
        trained=int(rows.trained.sum()),
        loss_on=settings.loss_on.value,
        steps=plan.steps,
        batch=settings.batch_size,
        lr=settings.lr,
        scheduler=settings.scheduler.value,
        warmup=plan.warmup_steps,
        decay=settings.weight_decay,
        clip=settings.max_grad_norm,
        dtype=settings.dtype.value,
        seed=settings.seed,
    )
