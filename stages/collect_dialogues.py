"""Dialogues in the schema of Code-Feedback, from the samples, a local path or the hub."""

from pathlib import Path

import click

from viscode.core.replacing import write_json
from viscode.core.stage import stage
from viscode.corpora.chats import collect_dialogues
from viscode.settings.base import load
from viscode.settings.collect import CollectDialoguesSettings

OUT = Path("data/raw/dialogues")
METRICS = Path("metrics/collect_dialogues.json")


@click.command()
@stage("collect_dialogues")
def main() -> None:
    """Write the dialogues of collect.dialogues as data/raw/dialogues."""
    tally = collect_dialogues(load(CollectDialoguesSettings), OUT)
    write_json(METRICS, tally.as_metrics())


if __name__ == "__main__":
    main()
