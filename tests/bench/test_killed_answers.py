"""kill -9 in any round, then again: the same results, and no question asked twice."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from bench_fixtures import needs_plots

pytestmark = [pytest.mark.sandbox, needs_plots]
NEVER = 10_000
SCRIPT = Path(__file__).with_name("answer_killed.py")


def run(folder, puts):
    folder.mkdir(exist_ok=True)
    command = [sys.executable, str(SCRIPT), str(folder), str(puts)]
    return subprocess.run(command, capture_output=True, text=True, timeout=300, check=False)


def results(folder):
    """All that the stage wrote, as bytes."""
    found = {}
    for part in ("out", "metrics"):
        for path in sorted((folder / part).rglob("*")):
            if path.is_file():
                found[str(path.relative_to(folder))] = path.read_bytes()
    return found


@pytest.fixture(scope="module")
def undisturbed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("undisturbed")
    done = run(folder, NEVER)
    assert done.returncode == 0, done.stderr
    return folder


@pytest.mark.parametrize(
    "share",
    [pytest.param(0.1, marks=pytest.mark.slow), 0.5, pytest.param(0.9, marks=pytest.mark.slow)],
)
def test_a_killed_run_goes_on_where_it_was(undisturbed, tmp_path, share):
    """Killed after a share of all that is stored: answers and executions of every round."""
    puts = round(share * int((undisturbed / "puts").read_text()))
    folder = tmp_path / "run"
    assert run(folder, puts).returncode == -signal.SIGKILL
    assert not (folder / "metrics").exists()
    done = run(folder, NEVER)
    assert done.returncode == 0, done.stderr
    assert results(folder) == results(undisturbed)
    asked = (folder / "asked").read_text().split()
    assert len(asked) == len(set(asked))
    assert set(asked) == set((undisturbed / "asked").read_text().split())
