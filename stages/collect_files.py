"""Python files that may plot: from docstrings, a folder, source distributions, or stack-edu."""

from pathlib import Path

import click

from viscode.core.replacing import write_json
from viscode.core.stage import stage
from viscode.settings.base import load
from viscode.settings.collect import CollectFilesSettings
from viscode.settings.run import RunSettings
from viscode.settings.validate import ValidateSettings

OUT = Path("data/raw/files")
METRICS = Path("metrics/collect_files.json")


@click.command()
@stage("collect_files")
def main() -> None:
    """Write the files of collect.files.source as data/raw/files."""
    write_json(METRICS, collect(load(CollectFilesSettings)))


def collect(settings: CollectFilesSettings) -> dict[str, object]:
    """Collect by the source that is set; only its own module is loaded. Returns the metrics."""
    if settings.source == "docstrings":
        from viscode.corpora.files import collect_files

        python = load(ValidateSettings).interpreter
        return collect_files(settings, python, OUT).as_metrics()
    if settings.source == "folder":
        from viscode.corpora.folder import collect_folder

        return collect_folder(settings, OUT)
    if settings.source == "sdists":
        from viscode.core.workstore import default_path
        from viscode.corpora.package_index import pip_index
        from viscode.corpora.sdists import collect_sdists

        return collect_sdists(settings, pip_index(default_path().parent / "sdists"), OUT)
    from viscode.corpora.stack_edu import collect_stack_edu

    return collect_stack_edu(settings, load(RunSettings), OUT)


if __name__ == "__main__":
    main()
