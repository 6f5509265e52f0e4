"""What the tests that execute answers share."""

from pathlib import Path

import pytest

from viscode.core.records import Task
from viscode.execution.engine import RunOptions
from viscode.settings.bench import BenchSettings

ROOT = Path(__file__).parents[2]
DATA = "x,y\n1,2\n2,4\n3,9\n"
LOAD = 'import pandas as pd\nimport matplotlib.pyplot as plt\ndf = pd.read_csv("data.csv")\n'
GOOD = f'{LOAD}plt.plot(df["x"], df["y"])\nplt.title("Growth")\nplt.xlabel("x")\nplt.show()\n'

SETTINGS = BenchSettings(
    libraries=["matplotlib"],
    tasks=0,
    rounds=2,
    protocol="isolated",
    descriptor="head",
    instructs="builtin",
    timeout_s=60.0,
    timeout_factor=20.0,
    paper_timeout_s=30.0,
    feedback="error",
    feedback_tokens=100,
)

needs_plots = pytest.mark.skipif(
    not (ROOT / ".venv-plots/bin/python").exists(), reason="no .venv-plots: run make"
)


def options() -> RunOptions:
    return RunOptions(
        python=ROOT / ".venv-plots/bin/python",
        lock=ROOT / "envs/plots.lock",
        timeout_s=60,
        memory_mb=4096,
        workers=2,
        isolation="auto",
        saved_files=True,
    )


def task(number: int, **changes: object) -> Task:
    values = {
        "id": f"task{number:02d}",
        "number": number,
        "licence": "CC0-1.0",
        "data_csv": DATA,
        "code_data": None,
        "code_plot": GOOD,
        "plot_description": f"Description {number}.",
        "plot_style": "Style.",
        "plots_gt": (),
    }
    return Task.model_validate(values | changes)


def fenced(code: str) -> str:
    return f"```python\n{code}\n```"
