"""Tasks in the schema of PandasPlotBench, from the samples, a local path or the hub."""

from pathlib import Path

import click

from viscode.core.replacing import write_json
from viscode.core.stage import stage
from viscode.corpora.benchmark_tasks import collect_tasks
from viscode.settings.base import load
from viscode.settings.collect import CollectTasksSettings

OUT = Path("data/raw/tasks")
METRICS = Path("metrics/collect_tasks.json")


@click.command()
@stage("collect_tasks")
def main() -> None:
    """Write the tasks of collect.tasks as data/raw/tasks."""
    tally = collect_tasks(load(CollectTasksSettings), OUT)
    write_json(METRICS, tally.as_metrics())


if __name__ == "__main__":
    main()
