"""Standalone runnable blocks of the selected files (paper 3.1)."""

from collections.abc import Iterable
from pathlib import Path

import click

from viscode.core.progress import stage_line
from viscode.core.records import Block, SelectedFile
from viscode.core.replacing import write_json
from viscode.core.stage import stage
from viscode.core.tables import count_rows, read_table
from viscode.core.transform import write_outcomes
from viscode.core.workstore import WorkStore, default_path
from viscode.extract.by_running import Counts, Result, without_model
from viscode.extract.static import importable_modules
from viscode.libraries.counting import library_metrics
from viscode.settings.base import load
from viscode.settings.extract import ExtractSettings
from viscode.settings.run import RunSettings
from viscode.settings.validate import ValidateSettings

RAW = Path("data/raw/files")
FILES = Path("data/selected")
OUT = Path("data/extracted")
METRICS = Path("metrics/extract_blocks.json")


@click.command()
@stage("extract_blocks")
def main() -> None:
    """data/selected -> data/extracted"""
    settings, options = load(ExtractSettings), load(ValidateSettings).run_options(load(RunSettings))
    importable = importable_modules(options.python)
    with WorkStore(default_path()) as store:
        files = read_table(FILES, SelectedFile)
        counts = Counts()
        results = without_model(files, settings, options, importable, store, RAW, counts)
        if settings.asks_model:
            metrics = by_model(settings, importable, results, counts)
        else:
            line = stage_line("files", count_rows(FILES))
            tally = write_outcomes(results, Block, OUT, line, counts.unmade)
            metrics = library_metrics(tally, OUT)
    write_json(METRICS, {**metrics, **counts.as_metrics()})


def by_model(
    settings: ExtractSettings, importable: frozenset[str], results: Iterable[Result], counts: Counts
) -> dict[str, object]:
    """Ask a model for blocks; its client is imported only where it is needed."""
    from viscode.extract.model import extract_by_model
    from viscode.llm.clients import open_client

    with open_client(settings.client, settings.model, "extract") as opened:
        return extract_by_model(FILES, settings, opened, importable, OUT, results, counts.unmade)


if __name__ == "__main__":
    main()
