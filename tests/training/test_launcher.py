"""How many processes, whose failure is told, and that no process outlives its launcher."""

import json
import os
import signal
from pathlib import Path
from typing import Any

import pytest
import runs
from torch.distributed.elastic.multiprocessing.errors import ProcessFailure

from viscode.core.errors import UserError
from viscode.training import launcher
from viscode.training.distributed import LOST_PEER


@pytest.mark.parametrize(
    ("devices", "gpus", "expected"), [(0, 0, 1), (2, 0, 2), (0, 8, 8), (1, 8, 1), (4, 8, 4)]
)
def test_processes(devices: int, gpus: int, expected: int) -> None:
    assert launcher.processes_for(devices, gpus) == expected


def test_more_processes_than_gpus_are_refused() -> None:
    with pytest.raises(UserError, match=r"run\.devices is 9, but 8 GPU"):
        launcher.processes_for(9, 8)


Ended = tuple[int, str]  # exit status, and what the process told ("" where it told nothing)


def failed(folder: Path, rank: int, ended: Ended) -> ProcessFailure:
    """As torchrun makes it."""
    told = folder / f"{rank}.json"
    if ended[1]:
        told.write_text(json.dumps({"message": ended[1], "timestamp": 1}))
    return ProcessFailure(rank, 100 + rank, ended[0], str(told))


@pytest.mark.parametrize(
    ("ends", "expected"),
    [
        ({0: (1, LOST_PEER), 1: (-9, "")}, "rank 1 was killed"),
        ({0: (1, LOST_PEER), 1: (1, "out of memory")}, "out of memory"),
        ({0: (1, ""), 1: (1, "no rows")}, "no rows"),
        ({0: (1, LOST_PEER)}, LOST_PEER),
        ({3: (7, "")}, "rank 3 ended with status 7"),
    ],
)
def test_who_is_to_blame(ends: dict[int, Ended], expected: str, tmp_path: Path) -> None:
    failures = {rank: failed(tmp_path, rank, ended) for rank, ended in ends.items()}
    assert expected in str(launcher.first_failure(failures))


def started(folder: Path) -> tuple[Any, list[int]]:
    """A run on two processes that has begun to train."""
    process = runs.begin(folder)
    log = folder / "metrics" / "train" / "log.tsv"
    runs.wait_until(lambda: log.exists() and len(log.read_text().splitlines()) > 1, process, folder)
    ranks = runs.workers(process)
    assert len(ranks) == 2
    return process, ranks


@pytest.mark.slow
@pytest.mark.parametrize(
    ("number", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 130), (signal.SIGKILL, -9)]
)
def test_no_process_outlives_its_launcher(
    tiny_base: Path, tmp_path: Path, number: signal.Signals, status: int
) -> None:
    folder = runs.project(tmp_path / "p", tiny_base, devices=2, epochs=200)
    process, ranks = started(folder)
    assert runs.kill(process, number) == status
    runs.wait_for_end(ranks)
    if number is not signal.SIGKILL:
        last = runs.stderr(folder).splitlines()[-1]
        assert last == "viscode: train: interrupted -> run the same command again to go on"


@pytest.mark.slow
def test_a_killed_process_ends_the_run_in_one_line(tiny_base: Path, tmp_path: Path) -> None:
    folder = runs.project(tmp_path / "p", tiny_base, devices=2, epochs=200)
    process, ranks = started(folder)
    os.kill(ranks[1], signal.SIGKILL)
    assert process.wait(60) == 1
    runs.wait_for_end(ranks)
    said = runs.stderr(folder)
    assert "was killed, most often for want of memory" in said.splitlines()[-1]
    assert "Traceback" not in said


@pytest.mark.slow
def test_a_failure_of_all_processes_is_one_line(tiny_base: Path, tmp_path: Path) -> None:
    folder = runs.project(tmp_path / "p", tiny_base, devices=2, per_device_batch=3)
    said = runs.run(folder, status=1)
    lines = [line for line in said.splitlines() if line.startswith("viscode:")]
    assert len(lines) == 1 and "train.batch_size 4 is not a multiple of 2 device(s) x" in lines[0]
