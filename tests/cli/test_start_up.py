"""What a command loads before it does anything: a fact that does not depend on the machine's load.
How long that takes is measured by bench/start.py."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
HEAVY = {
    "IPython", "boto3", "datasets", "dvc", "gguf", "jinja2", "jupyter_client", "matplotlib",
    "nbclient", "nbconvert", "nbformat", "numpy", "openai", "pandas", "plotly", "pyarrow", "scipy",
    "sklearn", "torch", "transformers", "zmq",
}  # fmt: skip
LOADED = "print(json.dumps(sorted({name.partition('.')[0] for name in sys.modules})))"
RUN = """
import json, sys
from viscode.cli.main import main
try:
    main(["run", "--no-store", "--out", sys.argv[1], *sys.argv[2:]])
except SystemExit as end:
    assert not end.code, end.code
"""
PLOTS = {
    "matplotlib": "import matplotlib.pyplot as plt\nplt.plot([1, 2])\n",
    "pandas": "import pandas as pd\npd.DataFrame({'a': [1, 2]}).plot()\n",
    "failing": "import seaborn\n1 / 0\n",
}


def loaded(code: str, *arguments: object) -> set[str]:
    """The top-level modules that a fresh interpreter has loaded at the end of `code`."""
    command = [sys.executable, "-c", f"import json, sys\n{code}\n{LOADED}", *map(str, arguments)]
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return set(json.loads(done.stdout.splitlines()[-1]))


@pytest.mark.parametrize("module", ["viscode.cli.main", "viscode.cli.run_scripts"])
def test_heavy_modules_wait_until_they_are_needed(module):
    """The second imports the engine and the work store."""
    found = loaded(f"import {module}")
    assert "viscode" in found
    assert found & HEAVY == set()


def test_a_heavy_module_would_be_seen():
    assert loaded("import viscode.execution.notebook") & HEAVY >= {"nbconvert", "jupyter_client"}


@pytest.mark.sandbox
def test_a_run_to_the_verdict_loads_none(tmp_path):
    for name, code in PLOTS.items():
        (tmp_path / f"{name}.py").write_text(code)
    found = loaded(RUN, tmp_path / "images", *sorted(tmp_path.glob("*.py")))
    assert found & HEAVY == set()
