"""Validated blocks of one source -> instruction samples."""

from pathlib import Path

import click

from viscode.core import replacing
from viscode.core.stage import stage
from viscode.instruct.write import write_instructions
from viscode.settings.base import load
from viscode.settings.instruct import InstructSettings


@click.command()
@click.argument("source", type=click.Choice(["files", "charts"]))
@stage("write_instructions")
def main(source: str) -> None:
    """Write an instruction for each validated block of SOURCE."""
    tally = write_instructions(
        Path("data/validated") / source, Path("data/instructed") / source, load(InstructSettings)
    )
    replacing.write_json(Path("metrics/write_instructions") / f"{source}.json", tally.as_metrics())


if __name__ == "__main__":
    main()
