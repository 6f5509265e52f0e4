"""Keep the base model's tokenizer, for lengths in tokens: `train.base_model` -> data/tokenizer."""

from pathlib import Path

import click

from viscode.core.stage import stage
from viscode.models.tokenizer import collect
from viscode.settings.base import load
from viscode.settings.train import TrainSettings


@click.command()
@stage("collect_tokenizer")
def main() -> None:
    """Fetch or find the tokenizer, without the weights, and write it as a plain folder."""
    collect(load(TrainSettings).base_model, Path("data/tokenizer"))


if __name__ == "__main__":
    main()
