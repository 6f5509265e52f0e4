"""Everything the run measured, as markdown tables and as one self-contained page."""

from pathlib import Path

import click

from viscode.report.build import build_report
from viscode.settings.base import load
from viscode.settings.report import ReportSettings
from viscode.stage import stage


@click.command()
@stage("report")
def main() -> None:
    """metrics/ and data/ -> metrics/report/*.md, report/index.html."""
    settings = load(ReportSettings)
    build_report(
        metrics=Path("metrics"),
        data=Path("data"),
        markdown=Path("metrics/report"),
        page=Path("report/index.html"),
        samples=settings.samples,
    )


if __name__ == "__main__":
    main()
