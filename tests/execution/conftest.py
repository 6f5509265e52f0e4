"""What the tests of the engine share: its options and a way to run one script."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from viscode.execution.engine import RunOptions, run
from viscode.records import Execution, Script

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="session")
def options() -> RunOptions:
    return RunOptions(
        python=ROOT / ".venv-plots/bin/python",
        lock=ROOT / "envs/plots.lock",
        timeout_s=60,
        memory_mb=1500,
        workers=2,
        isolation="auto",
        saved_files=False,
        engine="warm",
    )


@pytest.fixture(scope="session")
def execute(options: RunOptions) -> Callable[..., Execution]:
    """Run one script: execute(code, files={...}, timeout_s=3, ...)."""

    def one(code: str, files: dict[str, bytes] | None = None, **changes: object) -> Execution:
        script = Script(id="one", code=code, files=files or {})
        (execution,) = run([script], replace(options, workers=1, **changes))
        return execution

    return one
