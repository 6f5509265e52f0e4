"""Source files that draw with a plotting library, and with which (paper 3.1)."""

from functools import partial
from pathlib import Path

import click

from viscode.core.progress import stage_line
from viscode.core.records import SelectedFile, SourceFile
from viscode.core.replacing import write_json
from viscode.core.shards import parallel
from viscode.core.stage import stage
from viscode.core.tables import count_rows, read_table
from viscode.core.transform import write_outcomes
from viscode.libraries.counting import library_metrics
from viscode.libraries.selection import select_identified
from viscode.settings.base import load
from viscode.settings.run import RunSettings
from viscode.settings.select import SelectSettings

FILES = Path("data/raw/files")
OUT = Path("data/selected")
METRICS = Path("metrics/select_files.json")


@click.command()
@stage("select_files")
def main() -> None:
    """data/raw/files -> data/selected"""
    step = partial(select_identified, **load(SelectSettings).model_dump())
    workers = load(RunSettings).worker_count()
    results = parallel(step, read_table(FILES, SourceFile), workers)
    line = stage_line("files", count_rows(FILES))
    tally = write_outcomes(results, SelectedFile, OUT, line)
    write_json(METRICS, library_metrics(tally, OUT))


if __name__ == "__main__":
    main()
