"""Settings, rows and paths of runs that take seconds."""

import json
from pathlib import Path
from typing import Any

from viscode.core.records import Message
from viscode.settings.train import TrainSettings
from viscode.training.data import TrainPaths

SETTINGS: dict[str, Any] = {
    "base_model": "tiny:2x64",
    "method": "full",
    "lora_rank": 4,
    "lr": 2e-3,
    "epochs": 1,
    "max_steps": 0,
    "batch_size": 4,
    "per_device_batch": 2,
    "warmup_ratio": 0.05,
    "scheduler": "cosine",
    "weight_decay": 0.0,
    "adam_beta1": 0.9,
    "adam_beta2": 0.999,
    "max_grad_norm": 1.0,
    "max_length": 256,
    "over_length": "drop",
    "packing": False,
    "max_per_source": 0,
    "max_samples": 0,
    "loss_on": "all",
    "dtype": "float32",
    "gradient_checkpointing": False,
    "attention": "auto",
    "liger": False,
    "evaluations": 2,
    "zero_stage": 0,
    "seed": 1,
    "full_determinism": False,
    "log_to": [],
    "gguf": "none",
}


def settings(**changes: Any) -> TrainSettings:
    return TrainSettings.model_validate({**SETTINGS, **changes})


def chat(number: int) -> dict[str, object]:
    kind = ("bar", "line", "scatter", "pie")[number % 4]
    wish = f"Draw chart {number} of kind {kind}." + " Please." * (number % 20)
    messages = [
        {"role": "user", "content": wish},
        {"role": "assistant", "content": f"```python\nplt.{kind}(range({number}))\n```"},
    ]
    return {"id": f"row-{number:02d}", "source": "charts", "messages": messages}


def messages(*turns: str) -> list[Message]:
    """ "s:..", "u:..", "a:.." -> messages."""
    roles = {"s": "system", "u": "user", "a": "assistant"}
    return [Message.model_validate({"role": roles[t[0]], "content": t[2:]}) for t in turns]


def write_rows(path: Path, rows: list[dict[str, object]]) -> None:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


def paths_in(folder: Path, base: Path, rows: int = 8, validation: int = 2) -> TrainPaths:
    """Paths of a run in `folder`, with that many rows written."""
    paths = TrainPaths(
        base=base,
        rows=folder / "rows.jsonl",
        validation=folder / "valid.jsonl",
        model=folder / "model",
        metrics=folder / "metrics",
        work=folder / "work",
    )
    write_rows(paths.rows, [chat(i) for i in range(rows)])
    write_rows(paths.validation, [chat(100 + i) for i in range(validation)])
    return paths
