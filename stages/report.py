"""Everything the run measured, as markdown tables and as the pages of report/."""

from pathlib import Path

import click

from viscode.core.stage import stage
from viscode.report.build import ReportPlaces, build_report
from viscode.settings.base import load
from viscode.settings.report import ReportSettings
from viscode.settings.run import RunSettings


@click.command()
@stage("report")
def main() -> None:
    """metrics/ and data/ -> metrics/report/, report/index.html, report/site/."""
    settings = load(ReportSettings)
    places = ReportPlaces(
        metrics=Path("metrics"),
        data=Path("data"),
        markdown=Path("metrics/report"),
        page=Path("report/index.html"),
    )
    build_report(
        places,
        samples=settings.samples,
        rejected=settings.rejects,
        workers=load(RunSettings).worker_count(),
    )


if __name__ == "__main__":
    main()
