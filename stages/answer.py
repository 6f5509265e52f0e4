"""Answers of one model for one plotting library, with self-debug rounds, each executed."""

from pathlib import Path
from typing import get_args

import click

from viscode import tables
from viscode.bench.answering import answer, examinee
from viscode.bench.running import run_options
from viscode.settings.base import load
from viscode.settings.bench import BenchSettings, Library, ModelSettings
from viscode.settings.run import RunSettings
from viscode.settings.validate import ValidateSettings
from viscode.stage import stage
from viscode.workstore import WorkStore, default_path


@click.command()
@click.argument("model")
@click.argument("library", type=click.Choice(get_args(Library)))
@stage("answer")
def main(model: str, library: Library) -> None:
    """Ask MODEL (a key of `models`) every task for LIBRARY."""
    bench, run = load(BenchSettings), load(RunSettings)
    settings = load(ModelSettings, at=f"models.{model}")
    options = run_options(bench, load(ValidateSettings), run)
    with WorkStore(default_path()) as store:
        metrics = answer(
            examinee(model, settings, bench, run, store),
            library,
            bench,
            options,
            store,
            tasks=Path("data/raw/tasks"),
            out=Path("data/bench") / model / library,
        )
    tables.write_json(Path("metrics/bench") / model / f"{library}.json", metrics)


if __name__ == "__main__":
    main()
