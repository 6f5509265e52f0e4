"""What `viscode train ...` does; the command line itself is in viscode.cli.main."""

import sys
from pathlib import Path
from typing import Any

import click

from viscode.core.errors import UserError
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
    masker = Masker(
        _tokenizer(TOKENIZER), settings.max_length, settings.loss_on, settings.over_length
    )
    colour = sys.stdout.isatty()
    for text in preview(ROWS, masker, rows, row_id, colour=colour):
        click.echo(text + "\n", color=colour)


def _tokenizer(folder: Path) -> Any:
    if not (folder / "tokenizer.json").is_file():
        raise UserError("no tokenizer", where=str(folder), todo="dvc repro collect_tokenizer")
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(folder, local_files_only=True)
