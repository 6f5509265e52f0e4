"""What a run writes while it trains: metrics for `dvc plots`, and speeds beside the checkpoints.

metrics/train/ holds nothing that depends on the machine, so the same run gives the same files.
Another processor changes a loss from its fifth or sixth digit on, so losses and gradient norms are
written with DIGITS digits; the work area has the exact ones, tokens per second and MFU. A run that
continues after a kill writes the lines up to its checkpoint again.
"""

import math
import os
from collections.abc import Iterable, Mapping, Sequence
from importlib.util import find_spec
from netrc import NetrcParseError, netrc
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from viscode.core.errors import UserError

COLUMNS = {
    "log.tsv": {"loss": "loss", "learning_rate": "lr", "grad_norm": "grad_norm"},
    "eval.tsv": {"eval_loss": "eval_loss"},
}
"""File -> what the Trainer calls the columns after the step, and what we call them; a file has a
line for each entry that has its first column."""
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


def place_loggers(names: Sequence[str], work: Path, key: str) -> None:
    """Where further loggers write: these settings of theirs are environment variables only."""
    if "tensorboard" in names:
        os.environ.setdefault("TENSORBOARD_LOGGING_DIR", str(work / "tensorboard" / key))
    if "wandb" in names:
        os.environ.setdefault("WANDB_PROJECT", "viscode")
        os.environ.setdefault("WANDB_DIR", str(work))
        os.environ.setdefault("WANDB_RUN_ID", key)  # what goes on after a kill is the same run
        os.environ.setdefault("WANDB_RESUME", "allow")


def table(name: str, history: Iterable[Entry]) -> str:
    """The text of the file `name`: a header, and the lines of a history."""
    header = "\t".join(["step", *COLUMNS[name].values()])
    return f"{header}\n" + "".join(line(name, entry) for entry in history)


def line(name: str, entry: Entry) -> str:
    """What an entry adds to the file `name`. The learning rate, which no processor rounds
    differently, has 6 digits."""
    columns = list(COLUMNS[name])
    if columns[0] not in entry:
        return ""
    digits = {"learning_rate": 6}
    values = (f"{entry[column]:.{digits.get(column, DIGITS)}g}" for column in columns)
    return "\t".join([str(entry["step"]), *values]) + "\n"


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
