"""What is stored can be trusted: a verdict that may be another script's doing, or the machine's, is
reached a second time in a fresh worker."""

import contextlib
import os
import re
import signal
import subprocess
import threading
import time
from dataclasses import replace
from pathlib import Path

import pytest

from viscode.core.records import Script
from viscode.core.workstore import WorkStore
from viscode.execution import pool
from viscode.execution.engine import Crew, run
from viscode.execution.usage import descendants

pytestmark = pytest.mark.sandbox
OPENS = "kept = [open('/dev/null') for _ in range(100)]\nprint('opened')"
NAME = f"asleep{os.getpid()}"
SLEEPS = f"""
import ctypes, time
ctypes.CDLL(None).prctl(15, b"{NAME}", 0, 0, 0)
time.sleep(0.5)
print("awake")
"""


class Bench:
    """Scripts one by one in the workers of this process, with a store; how often each ran."""

    def __init__(self, options, folder):
        self.options = replace(options, workers=1)
        self.store = WorkStore(folder / "work.sqlite")
        crew = Crew(self.options, None)
        self.workers = pool.workers(crew.services, crew.limits)
        self.ran = []

    def judge(self, code, **changes):
        script = Script(id=code[:20], code=code)
        (found,) = run([script], replace(self.options, **changes), self.store)
        (again,) = run([script], replace(self.options, **changes), self.store)
        assert again == found  # what is stored
        return found

    def forget(self):
        """Have new workers for what comes."""
        with self.workers._lock:
            for worker in list(self.workers._idle):
                self.workers._leave(worker)

    @property
    def worker(self):
        """The one that the next script will run in."""
        return self.workers._idle[-1]


@pytest.fixture
def bench(request, options, tmp_path, monkeypatch):
    found = Bench(replace(options, isolation=getattr(request, "param", "A")), tmp_path)
    plain = pool.Workers.run

    def counted(self, script, *arguments, **named):
        found.ran.append((script.id, named["fresh"]))
        return plain(self, script, *arguments, **named)

    monkeypatch.setattr(pool.Workers, "run", counted)
    found.forget()
    found.workers.warm_up(1)
    found.judge("print('first')")
    found.ran.clear()
    yield found
    found.forget()
    found.store.close()


def spoil(worker):
    """Its processes may open few files from now on, and so may those that it makes."""
    worker.settle()
    while worker.services.sandbox.namespaces and not descendants(worker.pid):
        time.sleep(0.02)  # until the next script's process is there
    for pid in (worker.pid, *descendants(worker.pid)):
        status = Path(f"/proc/{pid}/status").read_text()
        user, group = (int(re.search(rf"{name}:\t(\d+)", status)[1]) for name in ("Uid", "Gid"))
        is_me = user == os.getuid()
        subprocess.run(
            ["prlimit", f"--pid={pid}", "--nofile=64"],
            check=True,
            **({} if is_me else {"user": user, "group": group, "extra_groups": []}),
        )


def name_of(pid):
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/comm").read_text().strip()


@pytest.mark.parametrize("bench", ["A", "B"], indirect=True)
@pytest.mark.parametrize("breaks", ["import os\nos._exit(3)", "import os\nos.kill(os.getpid(), 9)"])
def test_a_failure_in_a_spoilt_worker_is_not_stored(bench, breaks, capsys):
    assert bench.judge(breaks).status == "died"
    spoil(bench.worker)
    found = bench.judge(OPENS)
    assert (found.status, found.stdout_head) == ("ok", "opened\n")
    assert "in a fresh worker, which stands" in capsys.readouterr().err
    assert bench.judge(f"{OPENS}  # in the worker after it").status == "ok"


def test_a_spoilt_worker_alone_is_seen_to_give_failures(bench):
    """What the test above is worth: without a script that broke, nothing is doubted."""
    spoil(bench.worker)
    assert bench.judge(OPENS).error_type == "OSError"


def test_a_real_failure_after_a_broken_script_is_stored_as_it_is(bench, capsys):
    bench.judge("import os\nos._exit(3)")
    first = bench.judge("1 / 0")
    second = bench.judge("1 / 0  # in a worker that nobody doubts")
    assert (first.error_type, second.error_type) == ("ZeroDivisionError", "ZeroDivisionError")
    ran = [fresh for name, fresh in bench.ran if name.startswith("1 / 0")]
    assert ran == [False, True, False]
    assert "fresh worker" not in capsys.readouterr().err


def test_what_ends_well_is_run_once(bench):
    bench.judge("import os\nos._exit(3)")
    bench.judge("print('well')")
    bench.judge("1 / 0")
    assert [name for name, _ in bench.ran].count("print('well')") == 1


def test_a_limit_that_the_machine_reached_is_not_stored(bench, capsys):
    """The script's process stands still once, as on a machine that swaps or is suspended."""

    def stop_it():
        while not (found := [pid for pid in descendants(os.getpid()) if name_of(pid) == NAME]):
            time.sleep(0.02)
        os.kill(found[0], signal.SIGSTOP)

    thread = threading.Thread(target=stop_it)
    thread.start()
    found = bench.judge(SLEEPS, timeout_s=2.0)
    thread.join()
    assert (found.status, found.stdout_head) == ("ok", "awake\n")
    assert "killed TimeLimit, but ok in a fresh worker" in capsys.readouterr().err


def test_a_real_limit_is_stored_after_two_runs(bench):
    found = bench.judge("while True: pass", timeout_s=1.0)
    assert (found.status, found.error_type) == ("timeout", "KeyboardInterrupt")
    assert [fresh for _, fresh in bench.ran] == [False, True]


def test_without_a_store_nothing_is_run_twice(bench):
    (found,) = run([Script(id="one", code="while True: pass")], replace(bench.options, timeout_s=1))
    assert found.status == "timeout"
    assert len(bench.ran) == 1
