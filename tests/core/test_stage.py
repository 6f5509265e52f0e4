import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

BODY = """
import errno, os, time
from pathlib import Path
import click
from viscode.core.errors import UserError
from viscode.core.records import Identified
from viscode.core.stage import stage

def slow_records():
    yield Identified(id="1")
    Path("started").touch()
    time.sleep(30)

@click.command()
@click.argument("how")
@stage("sample")
def main(how):
    if how == "user":
        raise UserError("row 7 has no text", where="x.jsonl", todo="remove it")
    if how == "full":
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC), "data/x")
    if how == "bug":
        raise ZeroDivisionError("a bug")
    if how == "slow":
        from viscode.core.tables import write_table  # takes half of the start
        write_table(Path("out"), Identified, slow_records())

main()
"""


@pytest.fixture
def start(tmp_path):
    (tmp_path / "body.py").write_text(textwrap.dedent(BODY))
    children = []

    def start(how):
        child = subprocess.Popen(
            [sys.executable, "body.py", how], cwd=tmp_path, stderr=subprocess.PIPE, text=True,
            env={**os.environ, "DVC_ROOT": str(tmp_path)},
        )  # fmt: skip
        children.append(child)
        return child

    yield start
    for child in children:
        child.kill()
        child.wait()
        child.stderr.close()


def wait_for(path):
    deadline = time.monotonic() + 120
    while not path.exists():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("how", "status", "line"),
    [
        ("user", 1, "viscode: sample: row 7 has no text (x.jsonl) -> remove it\n"),
        ("full", 1, "viscode: sample: no space left on the disk (data/x) -> free some, "
                    "then run the same command again\n"),
        ("fine", 0, ""),
    ],
)  # fmt: skip
def test_foreseeable_failures_are_one_line(start, how, status, line):
    _, stderr = (child := start(how)).communicate(timeout=120)
    assert (child.returncode, stderr) == (status, line)


def test_a_bug_keeps_its_traceback(start):
    _, stderr = (child := start("bug")).communicate(timeout=120)
    assert child.returncode == 1
    assert "ZeroDivisionError: a bug" in stderr and "Traceback" in stderr


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_an_interruption_leaves_no_output_and_says_how_to_go_on(start, tmp_path, number):
    child = start("slow")
    wait_for(tmp_path / "started")
    child.send_signal(number)
    _, stderr = child.communicate(timeout=120)
    assert child.returncode == 130
    assert stderr == "viscode: sample: interrupted -> run the same command again to go on\n"
    assert not (tmp_path / "out").exists()


def test_a_second_run_of_the_same_stage_is_refused_until_the_first_is_gone(start, tmp_path):
    first = start("slow")
    wait_for(tmp_path / "started")
    _, stderr = (second := start("slow")).communicate(timeout=120)
    assert second.returncode == 1
    assert "another run of this stage is at work" in stderr
    beside = start("fine")  # other arguments: another DVC stage
    assert beside.communicate(timeout=120) == (None, "")
    assert beside.returncode == 0
    first.kill()
    first.wait()
    (tmp_path / "started").unlink()
    start("slow")
    wait_for(tmp_path / "started")
