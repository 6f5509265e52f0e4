"""How answers and ground truths are run."""

from dataclasses import replace

from viscode.execution.engine import RunOptions
from viscode.settings.bench import BenchSettings
from viscode.settings.run import RunSettings
from viscode.settings.validate import ValidateSettings


def run_options(bench: BenchSettings, validate: ValidateSettings, run: RunSettings) -> RunOptions:
    """How answers run: once, in the environment and under the memory limit that validation uses;
    files that they save count as images."""
    options = validate.run_options(run)
    return replace(options, timeout_s=bench.timeout_s, saved_files=True, twice=False)
