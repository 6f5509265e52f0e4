"""What watches a training run: stops on NaN, logs, shows progress, asks for evaluations, marks
whole checkpoints."""

import math
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from transformers import TrainerCallback

from viscode.core.errors import UserError
from viscode.core.progress import Progress
from viscode.training.checkpoints import mark_complete
from viscode.training.distributed import barrier, is_first
from viscode.training.logs import MetricFiles, SpeedFile
from viscode.training.plan import StepPlan


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
    """Files and the progress line of the first process."""

    def __init__(
        self,
        metrics: MetricFiles,
        speeds: SpeedFile,
        tokens: Callable[[int], int],
        mfu: Callable[[float], float | None],
    ) -> None:
        self.metrics, self.speeds, self.tokens, self.mfu = metrics, speeds, tokens, mfu
        self._line: Progress | None = None
        self._said = ""
        self._step_began = self._seconds = 0.0
        self._seen = 0

    def on_train_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self.metrics.begin(state.log_history)
        self._line = Progress(
            "train", "steps", state.max_steps, done=state.global_step, note=lambda: self._said
        )
        self._line.__enter__()

    def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        self._step_began = time.monotonic()

    def on_log(
        self, args: Any, state: Any, control: Any, logs: Mapping[str, Any], **_: Any
    ) -> None:
        self.metrics.add({**logs, "step": state.global_step})
        if "loss" in logs:
            self._show(state.global_step, logs["loss"])

    def _show(self, step: int, loss: float) -> None:
        """Speeds count the time of steps alone, without evaluations and checkpoints."""
        seconds, tokens = max(time.monotonic() - self._step_began, 1e-6), self.tokens(step)
        self.speeds.add(step, seconds, tokens, self.mfu(tokens / seconds))
        self._seconds, self._seen = self._seconds + seconds, self._seen + tokens
        speed = self._seen / self._seconds
        share = self.mfu(speed)
        self._said = f"loss {loss:.4f}, {speed:.0f} tokens/s"
        self._said += "" if share is None else f", MFU {share:.0%}"
        if self._line is not None:
            self._line.add(step - self._line.done)

    def on_train_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
        if self._line is not None:
            self._line.__exit__()


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
