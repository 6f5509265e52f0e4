import os
import signal
import subprocess
import sys
import threading

import pytest

from viscode.errors import UserError
from viscode.workstore import WorkStore, default_path


def test_a_stored_result_is_served_and_kinds_are_apart(tmp_path):
    with WorkStore(tmp_path / "w.sqlite") as store:
        store.put("run", "k", b"\0value")
        assert store.get("run", "k") == b"\0value"
        assert store.get("call", "k") is None


def test_what_is_not_final_is_counted_never_served_and_can_become_final(tmp_path):
    with WorkStore(tmp_path / "w.sqlite") as store:
        store.put("run", "k", b"lost", final=False)
        assert store.get("run", "k") is None
        assert (store.count("run"), store.count("run", final=False)) == (0, 1)
        store.put("run", "k", b"good")
        assert store.get("run", "k") == b"good"


def test_a_final_result_stands(tmp_path):
    with WorkStore(tmp_path / "w.sqlite") as store:
        store.put("run", "k", b"first")
        store.put("run", "k", b"second")
        store.put("run", "k", b"third", final=False)
        assert store.get("run", "k") == b"first"


def test_two_stores_and_several_threads_share_one_file(tmp_path):
    path = tmp_path / "w.sqlite"
    with WorkStore(path) as one, WorkStore(path) as two:

        def fill(store, name):
            for n in range(50):
                store.put("run", f"{name}{n}", b"v")

        threads = [threading.Thread(target=fill, args=(s, n)) for s, n in ((one, "a"), (two, "b"))]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert one.count("run") == two.count("run") == 100


def test_results_survive_kill_9_of_the_writer(tmp_path):
    path = tmp_path / "w.sqlite"
    code = (
        "import sys, pathlib\nfrom viscode.workstore import WorkStore\n"
        "store = WorkStore(pathlib.Path(sys.argv[1]))\n"
        "for n in range(10**6):\n    store.put('run', str(n), b'x' * 1000)\n"
        "    print(n, flush=True)\n"
    )
    with subprocess.Popen([sys.executable, "-c", code, str(path)], stdout=subprocess.PIPE) as child:
        last = 0
        while last < 200:
            last = int(child.stdout.readline())
        os.kill(child.pid, signal.SIGKILL)
    with WorkStore(path) as store:
        assert all(store.get("run", str(n)) == b"x" * 1000 for n in range(last + 1))


def test_a_file_that_is_no_database_is_one_readable_error(tmp_path):
    path = tmp_path / "w.sqlite"
    path.write_bytes(b"not a database, certainly not" * 100)
    with pytest.raises(UserError, match="work store"):
        WorkStore(path)


def test_the_default_place_is_under_the_dvc_root(monkeypatch):
    monkeypatch.setenv("DVC_ROOT", "/somewhere")
    assert str(default_path()) == "/somewhere/.viscode/work.sqlite"
