"""Python dialogues of sound form within length and turn limits (paper 3.2)."""

from pathlib import Path

import click

from viscode.core.progress import stage_line
from viscode.core.records import Dialogue
from viscode.core.replacing import write_json
from viscode.core.stage import stage
from viscode.core.tables import count_rows, read_table
from viscode.core.transform import write_outcomes
from viscode.dialogues.filter import beside_the_paper, filter_dialogues
from viscode.models.chat_lengths import TokenCounter
from viscode.settings.base import load
from viscode.settings.dialogues import DialogueSettings

DIALOGUES = Path("data/raw/dialogues")
TOKENIZER = Path("data/tokenizer")
OUT = Path("data/dialogues")
METRICS = Path("metrics/filter_dialogues.json")


@click.command()
@stage("filter_dialogues")
def main() -> None:
    """data/raw/dialogues -> data/dialogues"""
    count = TokenCounter(TOKENIZER).count
    dialogues = read_table(DIALOGUES, Dialogue)
    results = filter_dialogues(dialogues, load(DialogueSettings), count)
    line = stage_line("dialogues", count_rows(DIALOGUES))
    tally = write_outcomes(results, Dialogue, OUT, line)
    write_json(METRICS, tally.as_metrics())
    click.echo(beside_the_paper(tally))


if __name__ == "__main__":
    main()
