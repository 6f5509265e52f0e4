"""Python dialogues of sound form within length and turn limits (paper 3.2)."""

from functools import partial
from pathlib import Path

import click

from viscode.dialogues.filter import filter_dialogue
from viscode.records import Dialogue
from viscode.settings.base import load
from viscode.settings.dialogues import DialogueSettings
from viscode.stage import stage
from viscode.tables import read_table, write_json
from viscode.transform import transform

DIALOGUES = Path("data/raw/dialogues")
OUT = Path("data/dialogues")
METRICS = Path("metrics/filter_dialogues.json")


@click.command()
@stage("filter_dialogues")
def main() -> None:
    """data/raw/dialogues -> data/dialogues"""
    step = partial(filter_dialogue, settings=load(DialogueSettings))
    tally = transform(read_table(DIALOGUES, Dialogue), step, Dialogue, OUT)
    write_json(METRICS, tally.as_metrics())


if __name__ == "__main__":
    main()
