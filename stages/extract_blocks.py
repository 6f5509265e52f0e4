"""A standalone runnable block per selected file (paper 3.1)."""

from functools import partial
from pathlib import Path

import click

from viscode.core.progress import stage_line
from viscode.core.records import Block, SelectedFile
from viscode.core.replacing import write_json
from viscode.core.stage import stage
from viscode.core.tables import count_rows, read_table
from viscode.core.transform import transform
from viscode.extract.static import extract_static, importable_modules
from viscode.libraries.counting import library_metrics
from viscode.settings.base import load
from viscode.settings.extract import ExtractSettings
from viscode.settings.validate import ValidateSettings

FILES = Path("data/selected")
OUT = Path("data/extracted")
METRICS = Path("metrics/extract_blocks.json")


@click.command()
@stage("extract_blocks")
def main() -> None:
    """data/selected -> data/extracted"""
    settings = load(ExtractSettings)
    importable = importable_modules(load(ValidateSettings).interpreter)
    if settings.method == "model":
        metrics = by_model(settings, importable)
    else:
        step = partial(extract_static, importable=importable)
        files, line = read_table(FILES, SelectedFile), stage_line("files", count_rows(FILES))
        metrics = library_metrics(transform(files, step, Block, OUT, line), OUT)
    write_json(METRICS, metrics)


def by_model(settings: ExtractSettings, importable: frozenset[str]) -> dict[str, object]:
    """Ask a model for each block; its client is imported only where it is needed."""
    from viscode.extract.model import extract_by_model
    from viscode.llm.clients import open_client

    with open_client(settings.client, settings.model, "extract") as opened:
        return extract_by_model(FILES, settings, opened, importable, OUT)


if __name__ == "__main__":
    main()
