"""Fine-tune: data/base_model and data/viscode.jsonl -> data/model and metrics/train/.

Starts one process for each GPU itself (`run.devices`); on several nodes see
viscode/training/launcher.py.
"""

from pathlib import Path

import click

from viscode.core.project import project_root
from viscode.core.stage import stage
from viscode.settings.base import load
from viscode.settings.run import RunSettings
from viscode.settings.train import TrainSettings
from viscode.training import launcher
from viscode.training.data import TrainPaths
from viscode.training.distributed import local_size, process_name, under_torchrun
from viscode.training.trainer import train


@click.command()
@click.option("--worker-of", type=int, hidden=True, help="Process that has started this one.")
def main(worker_of: int | None) -> None:
    """Fine-tuning on the chat data set."""
    if worker_of is not None:
        launcher.work(fine_tune, worker_of)
    else:
        start()


@stage(process_name("train"))
def start() -> None:
    """Train in this process, or in several that this one watches over."""
    if under_torchrun() or not launcher.start(load(RunSettings), load(TrainSettings).zero_stage):
        fine_tune()


def fine_tune() -> None:
    """One process of the run."""
    paths = TrainPaths(
        base=Path("data/base_model"),
        rows=Path("data/viscode.jsonl"),
        validation=Path("data/viscode_validation.jsonl"),
        model=Path("data/model"),
        metrics=Path("metrics/train"),
        work=project_root() / ".viscode" / "train",
    )
    threads = max(1, load(RunSettings).thread_count() // local_size())
    train(load(TrainSettings), paths, threads)


if __name__ == "__main__":
    main()
