"""Plotting examples in the docstrings of the packages that untrusted scripts see."""

from pathlib import Path

import click

from viscode.corpora.files import collect_files
from viscode.settings.base import load
from viscode.settings.collect import CollectFilesSettings
from viscode.settings.validate import ValidateSettings
from viscode.stage import stage
from viscode.tables import write_json

OUT = Path("data/raw/files")
METRICS = Path("metrics/collect_files.json")


@click.command()
@stage("collect_files")
def main() -> None:
    """Write the examples of collect.files.packages, installed beside validate.python."""
    python = Path(load(ValidateSettings).python)
    tally = collect_files(load(CollectFilesSettings), python, OUT)
    write_json(METRICS, tally.as_metrics())


if __name__ == "__main__":
    main()
