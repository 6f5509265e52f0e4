"""All sources -> the data set: decontaminated, without duplicates, split, with its data card."""

from pathlib import Path

import click

from viscode.core import replacing
from viscode.core.stage import stage
from viscode.dataset.assemble import Inputs, Outputs, assemble
from viscode.dataset.card import contamination_report, data_card
from viscode.dataset.funnel import build_funnel, funnel_png
from viscode.models.chat_lengths import TokenCounter
from viscode.settings.base import load
from viscode.settings.dataset import DatasetSettings
from viscode.settings.run import RunSettings

DATA, METRICS = Path("data"), Path("metrics")
INPUTS = Inputs(
    files=Path("data/instructed/files"),
    charts=Path("data/instructed/charts"),
    dialogues=Path("data/dialogues"),
    tasks=Path("data/raw/tasks"),
)
OUTPUTS = Outputs(
    table=Path("data/viscode"),
    train=Path("data/viscode.jsonl"),
    validation=Path("data/viscode_validation.jsonl"),
)
TOKENIZER = Path("data/tokenizer")


@click.command()
@stage("assemble")
def main() -> None:
    """Write viscode.jsonl, the validation split, the table with images and what describes them."""
    settings, workers = load(DatasetSettings), load(RunSettings).worker_count()
    made = assemble(INPUTS, settings, TokenCounter(TOKENIZER).count, OUTPUTS, workers)
    funnel, removed = build_funnel(METRICS, made.by_source), made.excluded.removed()
    report = contamination_report(made.excluded.contaminated)
    replacing.write_text(DATA / "DATA_CARD.md", data_card(made.counts, funnel, settings, removed))
    replacing.write_text(DATA / "contamination.md", report)
    replacing.write_json(METRICS / "assemble.json", {**made.tally.as_metrics(), "removed": removed})
    replacing.write_json(METRICS / "dataset.json", made.counts.as_metrics())
    replacing.write_json(METRICS / "funnel.json", funnel)
    replacing.write_bytes(METRICS / "funnel.png", funnel_png(funnel))


if __name__ == "__main__":
    main()
