"""transformers' Trainer with our micro-batches and a loss that is a mean over trained tokens, and
the callbacks that watch it: they stop on NaN, ask for evaluations, mark whole checkpoints, log.

A step's loss is the sum over the trained tokens of all its micro-batches on all devices, divided by
their number: transformers passes that number to the model (`num_items_in_batch`), which counts all
processes with `average_tokens_across_devices`. The evaluation loss is the same mean over the whole
validation split; transformers' own would weigh a short row like a long one.
"""

import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from torch.utils.data import DataLoader
from transformers import Trainer, TrainerCallback

from viscode.core.errors import UserError
from viscode.core.progress import Progress
from viscode.core.replacing import write_text
from viscode.training.checkpoints import mark_complete
from viscode.training.data import IGNORED, TokenSet
from viscode.training.distributed import barrier, is_first
from viscode.training.logs import COLUMNS, line, table
from viscode.training.micro_batches import MicroBatches
from viscode.training.plan import StepPlan

Collator = Callable[[list[dict[str, list[int]]]], dict[str, Any]]
SPEED_HEADER = "step\tseconds\ttokens\ttokens_per_s\tmfu"


class EpochLoader(DataLoader):  # type: ignore[misc]  # torch is not followed
    """A loader whose batch sampler learns the number of the epoch from the Trainer."""

    def set_epoch(self, epoch: int) -> None:
        self.batch_sampler.set_epoch(epoch)


class TokenTrainer(Trainer):  # type: ignore[misc]  # transformers is untyped
    """A Trainer over orders of micro-batches; `validation` is evaluated in the order given."""

    def __init__(
        self,
        *,
        order: MicroBatches,
        validation: TokenSet,
        validation_order: MicroBatches,
        collator: Collator,
        **arguments: Any,
    ) -> None:
        super().__init__(data_collator=collator, **arguments)
        self.order = order
        self.validation = validation
        self.validation_order = validation_order

    def _loader(self, rows: TokenSet, order: MicroBatches) -> EpochLoader:
        pin = self.args.dataloader_pin_memory
        return EpochLoader(rows, batch_sampler=order, collate_fn=self.data_collator, pin_memory=pin)

    def get_train_dataloader(self) -> EpochLoader:
        return self._loader(self.train_dataset, self.order)

    def evaluate(self, *_: Any, **__: Any) -> dict[str, float]:
        """Mean loss over all trained tokens of the validation split."""
        import torch

        # DeepSpeed gathers weights around its own forward; elsewhere the plain model will do
        model = self.model_wrapped if self.is_deepspeed_enabled else self.model
        sums = torch.zeros(2, dtype=torch.float64, device=self.args.device)
        model.eval()
        with torch.no_grad():
            for batch in self._loader(self.validation, self.validation_order):
                inputs = self._prepare_inputs(batch)
                loss = model(**inputs, num_items_in_batch=1).loss  # the sum over trained tokens
                tokens = (inputs["labels"][..., 1:] != IGNORED).sum()
                sums += torch.stack([loss.double(), tokens.double()])
        model.train()
        loss, tokens = self.accelerator.reduce(sums, reduction="sum").tolist()
        metrics = {"eval_loss": float(loss / tokens)}
        self.log(metrics)
        handler: Any = self.callback_handler
        self.control: Any = handler.on_evaluate(self.args, self.state, self.control, metrics)
        return metrics


class Steering(TrainerCallback):  # type: ignore[misc]  # transformers is untyped
    """Evaluations where the plan has them, and checkpoints that are whole before they count."""

    def __init__(self, plan: StepPlan) -> None:
        self.plan = plan

    def on_log(
        self, args: Any, state: Any, control: Any, logs: Mapping[str, Any], **_: Any
    ) -> None:
        refuse_nan(state.global_step, logs)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        control.should_evaluate = state.global_step in self.plan.evaluations
        if state.global_step >= self.plan.steps:
            control.should_save = False  # the model itself is written next

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        barrier()  # every process has written its part
        if is_first():
            mark_complete(Path(args.output_dir) / f"checkpoint-{state.global_step}")


class RunReport(TrainerCallback):  # type: ignore[misc]  # transformers is untyped
    """Files and the progress line of the first process: log.tsv and eval.tsv in `metrics`, whole
    at any moment, and the speed of each step in the file `speeds`, which is no input of anything.

    `tokens` gives those of a step, `mfu` the share of the peak that so many tokens a second need.
    """

    def __init__(
        self,
        metrics: Path,
        speeds: Path,
        tokens: Callable[[int], int],
        mfu: Callable[[float], float | None],
    ) -> None:
        self.metrics, self.speeds, self.tokens, self.mfu = metrics, speeds, tokens, mfu
        self._said = ""
        self._step_began = self._seconds = 0.0
        self._seen = 0
        self._line: Progress | None = None

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        for name in COLUMNS:  # what lies before the step from which the run goes on
            write_text(self.metrics / name, table(name, state.log_history))
        if not self.speeds.exists():
            write_text(self.speeds, f"{SPEED_HEADER}\n")
        self._line = Progress(
            "train", "steps", state.max_steps, done=state.global_step, note=lambda: self._said
        )
        self._line.__enter__()

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self._step_began = time.monotonic()

    def on_log(
        self, args: Any, state: Any, control: Any, logs: Mapping[str, Any], **_: Any
    ) -> None:
        for name in COLUMNS:
            _append(self.metrics / name, line(name, {**logs, "step": state.global_step}))
        if "loss" in logs:
            self._show(state.global_step, logs["loss"])

    def _show(self, step: int, loss: float) -> None:
        """Speeds count the time of steps alone, without evaluations and checkpoints."""
        seconds, tokens = max(time.monotonic() - self._step_began, 1e-6), self.tokens(step)
        mfu = self.mfu(tokens / seconds)
        share = "" if mfu is None else f"{mfu:.4f}"
        _append(self.speeds, f"{step}\t{seconds:.3f}\t{tokens}\t{tokens / seconds:.1f}\t{share}\n")
        self._seconds, self._seen = self._seconds + seconds, self._seen + tokens
        speed = self._seen / self._seconds
        mfu = self.mfu(speed)
        self._said = f"loss {loss:.4f}, {speed:.0f} tokens/s"
        self._said += "" if mfu is None else f", MFU {mfu:.0%}"
        if self._line is not None:
            self._line.add(step - self._line.done)

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if self._line is not None:
            self._line.__exit__()


def _append(path: Path, text: str) -> None:
    with path.open("a", encoding="utf-8") as file:
        file.write(text)


def refuse_nan(step: int, logs: Mapping[str, Any]) -> None:
    """End a run whose loss or gradient is not finite, before such weights are saved.

    Raises:
        UserError: naming the step and the quantity.
    """
    for name in ("loss", "grad_norm", "eval_loss"):
        value = logs.get(name)
        if value is not None and not math.isfinite(value):
            raise UserError(
                f"{name} is {value} at step {step}",
                where="train",
                todo="lower train.lr, raise train.warmup_ratio, or look at the rows",
            )
