"""Chart samples in the schema of CoSyn-400K, from the samples, a local path or the hub."""

from pathlib import Path

import click

from viscode.core.replacing import write_json
from viscode.core.stage import stage
from viscode.corpora.cosyn import collect_charts
from viscode.settings.base import load
from viscode.settings.collect import CollectChartsSettings

OUT = Path("data/raw/charts")
METRICS = Path("metrics/collect_charts.json")


@click.command()
@stage("collect_charts")
def main() -> None:
    """Write the charts of collect.charts as data/raw/charts."""
    tally = collect_charts(load(CollectChartsSettings), OUT)
    write_json(METRICS, tally.as_metrics())


if __name__ == "__main__":
    main()
