"""Chart samples, code and CSV apart, as runnable scripts (paper 3.1)."""

from pathlib import Path

import click

from viscode.charts.rebuilt import rebuild_charts
from viscode.core.progress import stage_line
from viscode.core.records import ChartSample
from viscode.core.replacing import write_json
from viscode.core.stage import stage
from viscode.core.tables import count_rows, read_table
from viscode.settings.base import load
from viscode.settings.rebuild import RebuildSettings

CHARTS = Path("data/raw/charts")
OUT = Path("data/rebuilt")
METRICS = Path("metrics/rebuild_charts.json")


@click.command()
@stage("rebuild_charts")
def main() -> None:
    """data/raw/charts -> data/rebuilt"""
    charts, line = read_table(CHARTS, ChartSample), stage_line("charts", count_rows(CHARTS))
    write_json(METRICS, rebuild_charts(charts, load(RebuildSettings), OUT, line))


if __name__ == "__main__":
    main()
