"""What a run writes while it trains: metrics for `dvc plots`, and speeds beside the checkpoints.

metrics/train/ holds nothing that depends on the machine, so the same run gives the same files.
Another processor changes a loss from its fifth or sixth digit on, so losses and gradient norms are
written with DIGITS digits; the work area has the exact ones, tokens per second and MFU. A run that
continues after a kill writes the lines up to its checkpoint again.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from netrc import NetrcParseError, netrc
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from viscode.core.errors import UserError
from viscode.core.replacing import write_text

STEP_COLUMNS = ("step", "loss", "learning_rate", "grad_norm")
STEP_HEADER = "step\tloss\tlr\tgrad_norm"
EVAL_COLUMNS = ("step", "eval_loss")
EVAL_HEADER = "step\teval_loss"
SPEED_HEADER = "step\tseconds\ttokens\ttokens_per_s\tmfu"

DIGITS = 3  # significant ones of what depends on rounding in the processor

Entry = Mapping[str, Any]


def check_loggers(names: Sequence[str], environment: Mapping[str, str]) -> None:
    """Refuse a logger whose package is not installed, or which nobody has logged in to.

    Raises:
        UserError: naming the package.
    """
    for name in names:
        if find_spec(name) is None and not (name == "tensorboard" and find_spec("tensorboardX")):
            raise UserError(
                f"train.log_to names {name}, which is not installed",
                where="params.yaml",
                todo=f"pip install {name}, or take it out of train.log_to",
            )
    if "wandb" in names and not _logged_in(environment):
        raise UserError(
            "train.log_to names wandb, and there is no key for it",
            where="params.yaml",
            todo="set WANDB_API_KEY, run wandb login, or set WANDB_MODE=offline",
        )


def _logged_in(environment: Mapping[str, str]) -> bool:
    if environment.get("WANDB_MODE") in ("offline", "disabled") or "WANDB_API_KEY" in environment:
        return True
    try:
        known = netrc(environment.get("NETRC")).hosts
    except (OSError, NetrcParseError):
        return False
    host = environment.get("WANDB_BASE_URL", "https://api.wandb.ai")
    return urlsplit(host).hostname in known


def line(entry: Entry, columns: Sequence[str]) -> str:
    """One line of a table: the step, then the values. The learning rate, which no processor
    rounds differently, has 6 digits."""
    digits = {"learning_rate": 6}
    values = (f"{entry[name]:.{digits.get(name, DIGITS)}g}" for name in columns[1:])
    return "\t".join([str(entry["step"]), *values]) + "\n"


def step_table(history: Iterable[Entry]) -> str:
    """Loss, learning rate and gradient norm of each step."""
    return f"{STEP_HEADER}\n" + "".join(line(e, STEP_COLUMNS) for e in history if "loss" in e)


def eval_table(history: Iterable[Entry]) -> str:
    """Validation loss of each evaluation."""
    return f"{EVAL_HEADER}\n" + "".join(line(e, EVAL_COLUMNS) for e in history if "eval_loss" in e)


class MetricFiles:
    """log.tsv and eval.tsv, a line at a time; whole at any moment."""

    def __init__(self, folder: Path) -> None:
        self.steps = folder / "log.tsv"
        self.evaluations = folder / "eval.tsv"

    def begin(self, history: Sequence[Entry]) -> None:
        """Write what lies before the step from which the run goes on."""
        write_text(self.steps, step_table(history))
        write_text(self.evaluations, eval_table(history))

    def add(self, entry: Entry) -> None:
        """Append what the Trainer has logged, if it is one of ours."""
        for key, path, columns in (
            ("loss", self.steps, STEP_COLUMNS),
            ("eval_loss", self.evaluations, EVAL_COLUMNS),
        ):
            if key in entry:
                with path.open("a", encoding="utf-8") as file:
                    file.write(line(entry, columns))


class SpeedFile:
    """Seconds, tokens and MFU of each step, appended; never an input of anything."""

    def __init__(self, path: Path) -> None:
        self.path = path
        if not path.exists():
            write_text(path, f"{SPEED_HEADER}\n")

    def add(self, step: int, seconds: float, tokens: int, mfu: float | None) -> None:
        share = "" if mfu is None else f"{mfu:.4f}"
        with self.path.open("a", encoding="utf-8") as file:
            file.write(f"{step}\t{seconds:.3f}\t{tokens}\t{tokens / seconds:.1f}\t{share}\n")


def summary(history: Sequence[Entry], steps: int) -> dict[str, object]:
    """The figures of metrics/train/summary.json; a loss that was not measured is null, and so is
    one that is no finite number, as of a run that diverged."""
    losses = [_rounded(entry["loss"]) for entry in history if "loss" in entry]
    evaluated = {e["step"]: _rounded(e["eval_loss"]) for e in history if "eval_loss" in e}
    return {
        "steps": steps,
        "train_loss_first": losses[0],
        "train_loss_last": losses[-1],
        "eval_loss_before": evaluated.get(0),
        "eval_loss_after": evaluated.get(steps),
    }


def _rounded(loss: float) -> float | None:
    return float(f"{loss:.{DIGITS}g}") if math.isfinite(loss) else None
