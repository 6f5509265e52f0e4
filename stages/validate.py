"""Run each block in isolation; keep those that run and draw (paper 3.1)."""

from pathlib import Path

import click

from viscode.core.replacing import write_json
from viscode.core.stage import stage
from viscode.core.workstore import WorkStore, default_path
from viscode.settings.base import load
from viscode.settings.run import RunSettings
from viscode.settings.validate import ValidateSettings
from viscode.validate.blocks import validate

BLOCKS = {"files": Path("data/balanced"), "charts": Path("data/rebuilt")}
OUT = {"files": Path("data/validated/files"), "charts": Path("data/validated/charts")}
METRICS = {
    "files": Path("metrics/validate/files.json"),
    "charts": Path("metrics/validate/charts.json"),
}


@click.command()
@click.argument("source", type=click.Choice(sorted(BLOCKS)))
@stage("validate")
def main(source: str) -> None:
    """Validate the blocks of SOURCE."""
    with WorkStore(default_path()) as store:
        tally = validate(
            BLOCKS[source], OUT[source], load(ValidateSettings), load(RunSettings), store
        )
    write_json(METRICS[source], tally.as_metrics())


if __name__ == "__main__":
    main()
