"""Kill -9 and Ctrl-C in the middle of the costliest data stage: the next run goes on, executes
nothing again that was stored, and ends with the bytes of an undisturbed run in another folder with
another, empty work store."""

import os
import signal
import subprocess
import time

import pytest
from copies import CHAINS, DATA_SIDE, environment

pytestmark = pytest.mark.e2e


def start_until(project, results: int) -> subprocess.Popen:
    child = subprocess.Popen(
        ["python", "-m", "stages.validate", "files"], cwd=project.path, start_new_session=True,
        env={**environment(), "DVC_ROOT": str(project.path)}, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip
    deadline = time.monotonic() + 120
    while len(project.executions()) < results:
        assert child.poll() is None and time.monotonic() < deadline, child.stderr.read()
        time.sleep(0.05)
    return child


FILES = [stage.replace("/", "@") for stage in CHAINS[0]]


@pytest.mark.parametrize(
    "stages", [FILES, pytest.param(DATA_SIDE, marks=pytest.mark.slow)], ids=["files", "all"]
)
def test_an_interrupted_data_side_ends_with_the_same_bytes(fresh_project, project, stages):
    copy = fresh_project()
    copy.run("dvc", "repro", "balance_libraries")

    child = start_until(copy, 1)
    os.kill(child.pid, signal.SIGKILL)
    child.communicate()
    after_kill = copy.executions()
    assert not (copy.path / "data/validated/files").exists()

    child = start_until(copy, len(after_kill) + 1)
    child.send_signal(signal.SIGINT)
    _, stderr = child.communicate(timeout=60)
    assert child.returncode == 130
    assert stderr.splitlines()[-1].startswith("viscode: validate: interrupted -> ")
    after_interrupt = copy.executions()
    assert not (copy.path / "data/validated/files").exists()

    copy.run("dvc", "repro", stages[-1])
    assert set(after_kill) <= set(after_interrupt) <= set(copy.executions())
    assert copy.outs(stages) == project.outs(stages)
