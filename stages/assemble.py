"""All sources -> the data set: decontaminated, without duplicates, split, with its data card."""

from pathlib import Path

import click

from viscode import tables
from viscode.dataset.assemble import Inputs, assemble
from viscode.dataset.card import data_card
from viscode.dataset.funnel import build_funnel
from viscode.settings.base import load
from viscode.settings.dataset import DatasetSettings
from viscode.stage import stage

DATA, METRICS = Path("data"), Path("metrics")
INPUTS = Inputs(
    files=Path("data/instructed/files"),
    charts=Path("data/instructed/charts"),
    dialogues=Path("data/dialogues"),
    tasks=Path("data/raw/tasks"),
)


@click.command()
@stage("assemble")
def main() -> None:
    """Write viscode.jsonl, the validation split, the table with images and the data card."""
    settings = load(DatasetSettings)
    made = assemble(
        INPUTS,
        settings,
        table=DATA / "viscode",
        train=DATA / "viscode.jsonl",
        validation=DATA / "viscode_validation.jsonl",
    )
    funnel = build_funnel(METRICS, made.used(settings))
    tables.write_text(DATA / "DATA_CARD.md", data_card(made.counts, funnel, settings))
    tables.write_json(METRICS / "assemble.json", made.tally.as_metrics())
    tables.write_json(METRICS / "dataset.json", made.counts.as_metrics())
    tables.write_json(METRICS / "funnel.json", funnel)


if __name__ == "__main__":
    main()
