"""Source files that draw with a plotting library, and with which (paper 3.1)."""

from functools import partial
from pathlib import Path

import click

from viscode.mining.counting import transform_counting
from viscode.mining.select import select_file
from viscode.records import SelectedFile, SourceFile
from viscode.settings.base import load
from viscode.settings.select import SelectSettings
from viscode.stage import stage
from viscode.tables import read_table, write_json

FILES = Path("data/raw/files")
OUT = Path("data/selected")
METRICS = Path("metrics/select_files.json")


@click.command()
@stage("select_files")
def main() -> None:
    """data/raw/files -> data/selected"""
    step = partial(select_file, settings=load(SelectSettings))
    write_json(METRICS, transform_counting(read_table(FILES, SourceFile), step, SelectedFile, OUT))


if __name__ == "__main__":
    main()
