import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psutil
import pytest

from viscode.core.errors import UserError
from viscode.core.shards import FEW, parallel

MANY = FEW * 8


def square(number: int) -> int:
    return number * number


def square_slowly(number: int, factor: int) -> int:
    time.sleep(0.001 * (number % 3))
    return factor * number * number


def worker_of(number: int) -> int:
    return os.getpid()


def complain(number: int) -> int:
    raise UserError("bad item", where=str(number), todo="mend it")


def die(number: int) -> int:
    if number == FEW:
        os.kill(os.getpid(), signal.SIGKILL)
    return number


def workers_now() -> list[psutil.Process]:
    return [p for p in psutil.Process().children() if "spawn_main" in " ".join(p.cmdline())]


@pytest.mark.parametrize(
    ("workers", "count"), [(1, FEW * 3 + 1), (3, 0), (3, FEW - 1), (3, FEW * 3 + 1)]
)
def test_results_come_in_the_order_of_the_items(workers: int, count: int) -> None:
    step = partial(square_slowly, factor=3)
    results = parallel(step, range(count), workers, chunk=7)
    assert list(results) == [3 * number * number for number in range(count)]


@pytest.mark.parametrize(("workers", "count"), [(1, MANY), (2, FEW - 1)])
def test_few_items_and_one_worker_stay_in_this_process(workers: int, count: int) -> None:
    assert set(parallel(worker_of, range(count), workers)) == {os.getpid()}


def test_a_bounded_number_of_items_is_taken_ahead_and_closing_leaves_nothing_behind() -> None:
    items = iter(range(100_000))
    results = parallel(worker_of, items, 2, chunk=16)
    used = {next(results) for _ in range(FEW * 2)}
    assert os.getpid() not in used
    assert next(items) < FEW * 2 + 16 * 10
    assert workers_now()
    results.close()
    assert workers_now() == []


@pytest.mark.parametrize("workers", [1, 2])
def test_what_a_step_raises_comes_out(workers: int) -> None:
    with pytest.raises(UserError, match=r"bad item \(0\) -> mend it"):
        list(parallel(complain, range(MANY), workers))
    assert workers_now() == []


def test_what_the_items_raise_comes_out() -> None:
    def items() -> Iterator[int]:
        yield from range(MANY)
        raise UserError("corrupt shard")

    with pytest.raises(UserError, match="corrupt shard"):
        list(parallel(square, items(), 2))
    assert workers_now() == []


def test_a_killed_worker_is_a_readable_error() -> None:
    with pytest.raises(UserError, match="worker process was killed"):
        list(parallel(die, range(MANY), 2))
    assert workers_now() == []


@pytest.mark.parametrize(("number", "status"), [(signal.SIGKILL, -9), (signal.SIGINT, 130)])
def test_workers_end_with_their_parent(tmp_path: Path, number: signal.Signals, status: int) -> None:
    program = tmp_path / "program.py"
    program.write_text(PROGRAM)
    parent = subprocess.Popen(
        [sys.executable, str(program)], stdout=subprocess.PIPE, text=True, start_new_session=True
    )
    assert parent.stdout is not None
    parent.stdout.readline()
    children = psutil.Process(parent.pid).children(recursive=True)
    assert len(children) >= 2
    if number == signal.SIGINT:
        os.killpg(parent.pid, number)  # as the terminal does
    else:
        parent.kill()
    assert parent.wait(30) == status
    _, alive = psutil.wait_procs(children, timeout=30)
    assert alive == []


PROGRAM = """
import itertools, sys, time
from viscode.core.shards import parallel

def step(number):
    time.sleep(0.005)
    return number

if __name__ == "__main__":
    try:
        for number in parallel(step, itertools.count(), 2):
            if number == 300:
                print("at work", flush=True)
    except KeyboardInterrupt:
        sys.exit(130)
"""
