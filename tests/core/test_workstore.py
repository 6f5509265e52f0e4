import json
import os
import signal
import sqlite3
import subprocess
import sys
import threading

import pytest

from viscode.core.errors import UserError
from viscode.core.workstore import WorkStore, default_path


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
        "import sys, pathlib\nfrom viscode.core.workstore import WorkStore\n"
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


def change(path, **columns):
    """Write into a stored row as damage would: past the store."""
    with sqlite3.connect(path) as db:
        assignments = ", ".join(f"{name} = ?" for name in columns)
        db.execute(f"UPDATE work SET {assignments} WHERE kind = 'run'", tuple(columns.values()))
    db.close()


DAMAGES = {
    "a flipped bit": {"value": b'{"a": 3}'},
    "cut off": {"value": b'{"a"'},
    "emptied": {"value": b""},
    "text": {"value": '{"a": 2}'},
    "a number": {"value": 7},
    "final by mistake": {"final": 1},
    "another key's": {"key": "other"},
    "its hash": {"hash": "0" * 32},
}


@pytest.mark.parametrize("damage", DAMAGES)
def test_a_damaged_value_is_told_never_served_and_made_again(tmp_path, capsys, damage):
    path = tmp_path / "w.sqlite"
    key = "other" if damage == "another key's" else "k"
    with WorkStore(path) as store:
        store.put("run", "k", b'{"a": 2}', final=damage != "final by mistake")
    change(path, **DAMAGES[damage])
    with WorkStore(path) as store:
        assert store.read("run", key, json.loads) is None
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith("viscode: work store: a damaged value, made again: run")
        store.put("run", key, b'{"a": 4}')
        assert store.read("run", key, json.loads) == {"a": 4}
        assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("value", "served"),
    [(b'{"a": 2}', {"a": 2}), (b'{"a"', None), (b"\xff", None), (b"[" * 10**5, None)],
)
def test_files_from_before_there_were_hashes_are_read_as_far_as_they_can_be(
    tmp_path, capsys, value, served
):
    path = tmp_path / "w.sqlite"
    with sqlite3.connect(path) as db:
        db.execute(
            "CREATE TABLE work (kind TEXT NOT NULL, key TEXT NOT NULL, final INTEGER NOT NULL,"
            " value BLOB NOT NULL, stored_at REAL NOT NULL, PRIMARY KEY (kind, key)) WITHOUT ROWID"
        )
        db.execute("INSERT INTO work VALUES ('run', 'k', 1, ?, 0)", (value,))
    db.close()
    with WorkStore(path) as store:
        assert store.read("run", "k", json.loads) == served
        assert ("damaged" in capsys.readouterr().err) is (served is None)
        store.put("run", "new", b"{}")
    with WorkStore(path) as again:
        assert again.read("run", "new", json.loads) == {}


def test_no_flipped_bit_of_a_stored_value_is_served(tmp_path, capsys):
    path, value = tmp_path / "w.sqlite", bytes(range(64))
    with WorkStore(path) as store:
        for bit in range(0, 8 * len(value), 5):
            store.put("run", "k", value)
            place = bit // 8
            flipped = bytes([value[place] ^ 1 << bit % 8])
            change(path, value=value[:place] + flipped + value[place + 1 :])
            assert store.get("run", "k") is None
