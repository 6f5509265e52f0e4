"""Chart samples, code and CSV apart, as runnable scripts (paper 3.1)."""

from functools import partial
from pathlib import Path

import click

from viscode.mining.counting import transform_counting
from viscode.mining.rebuild import rebuild_chart
from viscode.progress import stage_line
from viscode.records import Block, ChartSample
from viscode.settings.base import load
from viscode.settings.rebuild import RebuildSettings
from viscode.stage import stage
from viscode.tables import count_rows, read_table, write_json

CHARTS = Path("data/raw/charts")
OUT = Path("data/rebuilt")
METRICS = Path("metrics/rebuild_charts.json")


@click.command()
@stage("rebuild_charts")
def main() -> None:
    """data/raw/charts -> data/rebuilt"""
    step = partial(rebuild_chart, settings=load(RebuildSettings))
    charts, line = read_table(CHARTS, ChartSample), stage_line("charts", count_rows(CHARTS))
    write_json(METRICS, transform_counting(charts, step, Block, OUT, line))


if __name__ == "__main__":
    main()
