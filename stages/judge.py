"""Scores of one model's answers for each plotting library: structural, and a vision model's."""

from pathlib import Path

import click

from viscode.bench.judging import judge, vision_judge
from viscode.bench.protocols import run_options
from viscode.core import replacing
from viscode.core.stage import stage
from viscode.core.workstore import WorkStore, default_path
from viscode.settings.base import load
from viscode.settings.bench import BenchSettings, JudgeSettings
from viscode.settings.llm import LlmSettings
from viscode.settings.run import RunSettings
from viscode.settings.validate import ValidateSettings


@click.command()
@click.argument("model")
@stage("judge")
def main(model: str) -> None:
    """Judge the answers of MODEL (a key of `models`) for each of `bench.libraries`."""
    run, bench = load(RunSettings), load(BenchSettings)
    options = run_options(bench, load(ValidateSettings), run)
    with WorkStore(default_path()) as store:
        vision = vision_judge(load(JudgeSettings), run, load(LlmSettings), store)
        for library in bench.libraries:
            metrics = judge(
                answers=Path("data/bench") / model / library,
                tasks=Path("data/raw/tasks"),
                out=Path("data/judged") / model / library,
                options=options,
                store=store,
                vision=vision,
                rounds=bench.rounds,
            )
            replacing.write_json(Path("metrics/judge") / model / f"{library}.json", metrics)


if __name__ == "__main__":
    main()
