"""Convert the base model to a plain folder: `train.base_model` -> data/base_model."""

from pathlib import Path

import click

from viscode.core.stage import stage
from viscode.models.base_model import collect
from viscode.settings.base import load
from viscode.settings.train import TrainSettings


@click.command()
@stage("collect_model")
def main() -> None:
    """Fetch or find the base model and write it as safetensors with its tokenizer."""
    settings = load(TrainSettings)
    collect(settings.base_model, settings.dtype, Path("data/base_model"))


if __name__ == "__main__":
    main()
