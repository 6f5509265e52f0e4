"""Trains the configurations of test_equal_losses, each in processes of its own.

All are forked from one process that has imported torch, transformers and DeepSpeed: the imports
take ten times as long as the training. `python run_configurations.py BASE FOLDER`
"""

import os
import socket
import sys
import traceback
from pathlib import Path

from runs import TRAIN
from tiny_runs import chat, write_rows

NAMES = ("plain", "ddp", "zero1", "zero2", "zero3")
CUTS = ("at_once", "accumulated")
LAYOUTS = ("padded", "packed")
STEPS, ROWS, BATCH = 20, 30, 8  # the last step of an epoch has 6 rows


def configuration(name: str, cut: str, layout: str) -> tuple[dict[str, object], int]:
    """(parameters, processes)."""
    processes = 1 if name == "plain" else 2
    at_once = BATCH // processes if cut == "at_once" else 1
    changes = {
        "batch_size": BATCH,
        "per_device_batch": at_once,
        "packing": layout == "packed",
        "zero_stage": int(name[-1]) if name.startswith("zero") else 0,
        "max_steps": STEPS,
        "epochs": 5,
        "evaluations": 0,
    }
    return {**TRAIN, **changes}, processes


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def one_process(train: dict[str, object], folder: Path, base: Path, rank: int) -> None:
    from viscode.settings.train import TrainSettings
    from viscode.training.data import TrainPaths
    from viscode.training.trainer import train as fine_tune

    paths = TrainPaths(
        base=base,
        rows=folder.parent / "rows.jsonl",
        validation=folder.parent / "validation.jsonl",
        model=folder / "model",
        metrics=folder / "metrics",
        work=folder / "work",
    )
    fine_tune(TrainSettings.model_validate(train), paths, threads=1)


def main() -> None:
    base, folder = Path(sys.argv[1]), Path(sys.argv[2])
    os.environ["DS_ACCELERATOR"] = "cpu"
    import deepspeed  # noqa: F401

    import viscode.training.loop  # noqa: F401

    write_rows(folder / "rows.jsonl", [chat(i) for i in range(ROWS)])
    write_rows(folder / "validation.jsonl", [chat(100)])
    for name in NAMES:
        for cut in CUTS:
            for layout in LAYOUTS:
                train, processes = configuration(name, cut, layout)
                target = folder / f"{name}-{cut}-{layout}"
                target.mkdir()
                in_processes(train, processes, target, base)


def in_processes(train: dict[str, object], processes: int, folder: Path, base: Path) -> None:
    group = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": str(free_port())}
    sizes = {"WORLD_SIZE": str(processes), "LOCAL_WORLD_SIZE": str(processes)}
    children = []
    for rank in range(processes):
        if child := os.fork():
            children.append(child)
            continue
        if processes > 1:
            os.environ |= {**group, **sizes, "RANK": str(rank), "LOCAL_RANK": str(rank)}
        try:
            one_process(train, folder, base, rank)
        except BaseException:  # noqa: BLE001  # reported, and the process ends
            (folder / f"error-{rank}").write_text(traceback.format_exc(), encoding="utf-8")
            os._exit(1)
        os._exit(0)
    for child in children:
        os.waitpid(child, 0)


if __name__ == "__main__":
    main()
