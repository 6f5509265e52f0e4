"""Chart samples, code and CSV apart, as runnable scripts (paper 3.1)."""

from functools import partial
from pathlib import Path

import click

from viscode.mining.counting import transform_counting
from viscode.mining.rebuild import rebuild_chart
from viscode.records import Block, ChartSample
from viscode.settings.base import load
from viscode.settings.rebuild import RebuildSettings
from viscode.stage import stage
from viscode.tables import read_table, write_json

CHARTS = Path("data/raw/charts")
OUT = Path("data/rebuilt")
METRICS = Path("metrics/rebuild_charts.json")


@click.command()
@stage("rebuild_charts")
def main() -> None:
    """data/raw/charts -> data/rebuilt"""
    step = partial(rebuild_chart, settings=load(RebuildSettings))
    write_json(METRICS, transform_counting(read_table(CHARTS, ChartSample), step, Block, OUT))


if __name__ == "__main__":
    main()
