"""Answers of one model for each plotting library, with self-debug rounds, each executed."""

from pathlib import Path

import click

from viscode.bench.answering import Places, answer
from viscode.bench.examinee import examinee
from viscode.bench.protocols import run_options
from viscode.core.stage import stage
from viscode.core.workstore import WorkStore, default_path
from viscode.settings.base import load
from viscode.settings.bench import BenchSettings, ModelSettings
from viscode.settings.llm import LlmSettings
from viscode.settings.run import RunSettings
from viscode.settings.validate import ValidateSettings


@click.command()
@click.argument("model")
@stage("answer")
def main(model: str) -> None:
    """Ask MODEL (a key of `models`) every task for each of `bench.libraries`."""
    bench, run = load(BenchSettings), load(RunSettings)
    settings = load(ModelSettings, at=f"models.{model}")
    places = Places(
        tasks=Path("data/raw/tasks"),
        attempts=Path("data/bench") / model,
        metrics=Path("metrics/bench") / model,
        details=Path("metrics/bench_details") / model,
    )
    with WorkStore(default_path()) as store:
        who = examinee(model, settings, run, load(LlmSettings), store)
        answer(who, bench, run_options(bench, load(ValidateSettings), run), store, places)


if __name__ == "__main__":
    main()
