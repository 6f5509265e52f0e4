"""Fine-tune: data/base_model and data/viscode.jsonl -> data/model and metrics/train/.

On several GPUs: `torchrun --nproc_per_node N -m stages.train`.
"""

from pathlib import Path

import click

from viscode.settings.base import load
from viscode.settings.run import RunSettings
from viscode.settings.train import TrainSettings
from viscode.stage import stage
from viscode.training.distributed import process_name
from viscode.training.trainer import TrainPaths, train
from viscode.workstore import project_root


@click.command()
@stage(process_name("train"))
def main() -> None:
    """Full-parameter fine-tuning on the chat data set."""
    paths = TrainPaths(
        base=Path("data/base_model"),
        rows=Path("data/viscode.jsonl"),
        validation=Path("data/viscode_validation.jsonl"),
        model=Path("data/model"),
        metrics=Path("metrics/train"),
        work=project_root() / ".viscode" / "train",
    )
    train(load(TrainSettings), paths, load(RunSettings).thread_count())


if __name__ == "__main__":
    main()
