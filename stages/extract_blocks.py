"""A standalone runnable block per selected file (paper 3.1)."""

from functools import partial
from pathlib import Path

import click

from viscode.mining.counting import transform_counting
from viscode.mining.extract import extract_static, importable_modules
from viscode.records import Block, SelectedFile
from viscode.settings.base import load
from viscode.settings.extract import ExtractSettings
from viscode.settings.validate import ValidateSettings
from viscode.stage import stage
from viscode.tables import read_table, write_json

FILES = Path("data/selected")
OUT = Path("data/extracted")
METRICS = Path("metrics/extract_blocks.json")


@click.command()
@stage("extract_blocks")
def main() -> None:
    """data/selected -> data/extracted"""
    load(ExtractSettings)  # `static` is the only method yet
    importable = importable_modules(Path(load(ValidateSettings).python))
    step = partial(extract_static, importable=importable)
    write_json(METRICS, transform_counting(read_table(FILES, SelectedFile), step, Block, OUT))


if __name__ == "__main__":
    main()
