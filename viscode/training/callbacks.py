"""What watches a training run: stops on NaN, shows progress, marks whole checkpoints."""

import math
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from viscode.errors import UserError
from viscode.progress import progress
from viscode.training.checkpoints import mark_complete
from viscode.training.distributed import is_first

LOG_COLUMNS = ("step", "loss", "learning_rate", "grad_norm")
LOG_HEADER = "step\tloss\tlr\tgrad_norm"


class Watch(TrainerCallback):  # type: ignore[misc]  # transformers is untyped
    """Progress with tokens per second on stderr; nothing of it enters a file."""

    def __init__(self, tokens_per_step: float) -> None:
        self.tokens_per_step = tokens_per_step
        self._bar: Any = None
        self._started, self._first = 0.0, 0

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self._started, self._first = time.monotonic(), state.global_step
        self._bar = progress(
            state.max_steps, "train", "steps", done=state.global_step, shown=is_first()
        )

    def on_log(
        self, args: Any, state: Any, control: Any, logs: Mapping[str, Any], **_: Any
    ) -> None:
        refuse_nan(state.global_step, logs)
        if self._bar is not None and "loss" in logs:
            done = state.global_step - self._first
            speed = done * self.tokens_per_step / (time.monotonic() - self._started)
            self._bar.set_postfix_str(
                f"loss {logs['loss']:.4f}, {speed:.0f} tokens/s", refresh=False
            )
            self._bar.update(state.global_step - self._bar.n)

    def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if state.global_step >= state.max_steps:
            control.should_save = False  # the model itself is written next

    def on_save(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if is_first():
            mark_complete(Path(args.output_dir) / f"checkpoint-{state.global_step}")

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if self._bar is not None:
            self._bar.close()


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


def log_table(history: list[dict[str, Any]]) -> str:
    """The log of a run as tab-separated text: one line per step, 6 significant digits."""
    rows = [entry for entry in history if "loss" in entry]
    lines = [[str(row["step"]), *(f"{row[name]:.6g}" for name in LOG_COLUMNS[1:])] for row in rows]
    return "\n".join([LOG_HEADER, *("\t".join(line) for line in lines)]) + "\n"


def summary(history: list[dict[str, Any]], steps: int) -> dict[str, object]:
    """The figures of metrics/train/summary.json; a loss that was not measured is null."""
    losses = [round(entry["loss"], 6) for entry in history if "loss" in entry]
    evaluated = [
        (entry["step"], round(entry["eval_loss"], 6)) for entry in history if "eval_loss" in entry
    ]
    return {
        "steps": steps,
        "train_loss_first": losses[0],
        "train_loss_last": losses[-1],
        "eval_loss_before": next((loss for step, loss in evaluated if step == 0), None),
        "eval_loss_after": next((loss for step, loss in evaluated if step == steps), None),
    }
