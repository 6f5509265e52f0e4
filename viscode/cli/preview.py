"""What `viscode train ...` does; the command line itself is in viscode.cli.main."""

import sys
from pathlib import Path

import click

from viscode.models.base_check import load_tokenizer
from viscode.settings.base import load
from viscode.settings.train import TrainSettings
from viscode.training.masking import Masker
from viscode.training.row_preview import preview

ROWS, TOKENIZER = Path("data/viscode.jsonl"), Path("data/tokenizer")


def preview_command(rows: int, row_id: str | None) -> None:
    """Print the first `rows` rows, or the one with the id `row_id`, as training will see them.

    Raises:
        UserError: the data set or the tokenizer is not there yet, or no row has that id.
    """
    settings = load(TrainSettings)
    tokenizer = load_tokenizer(TOKENIZER, "dvc repro collect_tokenizer")
    masker = Masker(tokenizer, settings.max_length, settings.loss_on, settings.over_length)
    colour = sys.stdout.isatty()
    for text in preview(ROWS, masker, rows, row_id, colour=colour):
        click.echo(text + "\n", color=colour)
