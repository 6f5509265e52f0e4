"""Answers of one model for one plotting library, with self-debug rounds, each executed."""

from pathlib import Path
from typing import get_args

import click

from viscode.bench.answering import answer
from viscode.bench.examinee import examinee
from viscode.bench.running import run_options
from viscode.core.stage import stage
from viscode.core.workstore import WorkStore, default_path
from viscode.settings.base import load
from viscode.settings.bench import BenchSettings, Library, ModelSettings
from viscode.settings.llm import LlmSettings
from viscode.settings.run import RunSettings
from viscode.settings.validate import ValidateSettings


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
        results = answer(
            examinee(model, settings, run, load(LlmSettings), store),
            library,
            bench,
            options,
            store,
            tasks=Path("data/raw/tasks"),
            out=Path("data/bench") / model / library,
        )
    results.write(Path("metrics/bench") / model, library)


if __name__ == "__main__":
    main()
