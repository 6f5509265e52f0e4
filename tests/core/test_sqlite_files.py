"""Files that many open at once, for the first time too, and errors that say what to do."""

import os
import re
import sqlite3
import subprocess
import sys
import tempfile
import threading
from pathlib import Path

import pytest

from viscode.core import sqlite_files
from viscode.core.errors import UserError
from viscode.core.workstore import WorkStore
from viscode.corpora.blob_ledger import BlobLedger
from viscode.corpora.blobs import BlobEntry, BlobOutcome

ROOT = Path(__file__).parents[2]
OPENS = {
    "work store": "from viscode.core.workstore import WorkStore as Store",
    "blob ledger": "from viscode.corpora.blob_ledger import BlobLedger as Store",
}
CODE = """
import pathlib, sys
{}
print("ready", flush=True)
sys.stdin.readline()
Store(pathlib.Path(sys.argv[1]))
"""
PROCESSES = 20


@pytest.mark.parametrize("what", OPENS)
def test_twenty_processes_may_open_a_new_file_at_once(tmp_path, what):
    command = [sys.executable, "-c", CODE.format(OPENS[what]), str(tmp_path / "new.sqlite")]
    pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    children = [subprocess.Popen(command, text=True, **pipes) for _ in range(PROCESSES)]
    for child in children:
        assert child.stdout.readline() == "ready\n"
    for child in children:
        child.stdin.write("go\n")
        child.stdin.flush()
    said = [child.communicate()[1] for child in children]
    assert (said, {child.returncode for child in children}) == ([""] * PROCESSES, {0})


@pytest.mark.parametrize("opened", [WorkStore, BlobLedger])
@pytest.mark.parametrize("lock", ["BEGIN IMMEDIATE", "BEGIN EXCLUSIVE"])
def test_an_open_waits_for_whoever_writes_first(tmp_path, opened, lock):
    """In the old journal mode, as when another process is about to switch to WAL."""
    path = tmp_path / "w.sqlite"
    writer = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    writer.execute("CREATE TABLE other (a)")
    writer.execute(lock)
    release = threading.Timer(0.5, lambda: writer.execute("COMMIT"))
    release.start()
    opened(path).close()
    release.join()
    assert sqlite3.connect(path).execute("PRAGMA journal_mode").fetchone() == ("wal",)


@pytest.mark.parametrize("opened", [WorkStore, BlobLedger])
def test_what_stays_locked_says_so(tmp_path, monkeypatch, opened):
    monkeypatch.setattr(sqlite_files, "BUSY_TIMEOUT_S", 0.3)
    path = tmp_path / "w.sqlite"
    with sqlite3.connect(path, isolation_level=None) as writer:
        writer.execute("CREATE TABLE other (a)")
        writer.execute("BEGIN IMMEDIATE")
        with pytest.raises(UserError, match=r"locked.*end the other runs"):
            opened(path)


@pytest.mark.parametrize("opened", [WorkStore, BlobLedger])
def test_a_full_disk_and_a_damaged_file_say_so(tmp_path, opened):
    full = opened(tmp_path / "full.sqlite")
    full._db.execute("PRAGMA max_page_count = 6")
    with pytest.raises(UserError, match=r"full .* -> free disk space$"):
        fill(full)
    (tmp_path / "none.sqlite").write_bytes(b"no database at all " * 500)
    with pytest.raises(UserError, match=r"not a database.*move .* away"):
        opened(tmp_path / "none.sqlite")


def fill(store):
    if isinstance(store, WorkStore):
        for number in range(100):
            store.put("k", str(number), b"x" * 5000)
    else:
        store.store([BlobEntry("ab" * 20, BlobOutcome.PLOTS, 1, b"x" * 100_000)])


@pytest.mark.parametrize("opened", [WorkStore, BlobLedger])
def test_a_place_that_cannot_be_written_says_so(tmp_path, opened):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"a file where a folder is needed.*-> move the file away"):
        opened(tmp_path / "file" / "w.sqlite")
    (tmp_path / "folder.sqlite").mkdir()
    with pytest.raises(UserError, match=r"a folder where a file is needed.*-> move the folder"):
        opened(tmp_path / "folder.sqlite")


UNWRITABLE = """
import os, pathlib, sys
{}
if len(sys.argv) > 2:
    os.setgroups([])
    os.setuid(int(sys.argv[2]))
try:
    store = Store(pathlib.Path(sys.argv[1]))
    for number in range(200):
        store.put("k", str(number), b"x" * 5000)
except Exception as error:
    print(type(error).__name__, error)
"""
PLACES = {  # how a folder of a new mount namespace is made: what is said
    "a full disk": (
        "mount -t tmpfs -o size=200k none {0}",
        "UserError work store: .*no space left on the disk.*-> free some",
    ),
    "no room from the start": (
        "mount -t tmpfs -o size=16k none {0}; cat /dev/zero > {0}/zero 2>/dev/null",
        "UserError work store: .*no space left on the disk.*-> free some",
    ),
    "mounted read-only": (
        "mount -t tmpfs none {0}; mount -o remount,ro {0}",
        "UserError work store: .*mounted read-only.*-> mount it to be written",
    ),
    "read-only with a file in it": (
        "mount -t tmpfs none {0}; cp {0}.made {0}/w.sqlite; mount -o remount,ro {0}",
        "UserError work store: .*mounted read-only.*-> mount it to be written",
    ),
    "another user's folder": (
        "chmod 755 {0}",
        r"UserError work store: .*no permission.*belongs to user 0, this is user 65534",
    ),
    "another user's file": (
        "cp {0}.made {0}/w.sqlite; chmod 777 {0}",
        r"UserError work store: .*no permission.*belongs to user 0, this is user 65534",
    ),
}


@pytest.mark.parametrize("place", PLACES)
def test_what_the_system_refuses_is_told_with_the_right_advice(place):
    """In a mount namespace of its own, which only root may make."""
    made, said = PLACES[place]
    with tempfile.TemporaryDirectory(dir="/var/tmp") as scratch:
        folder = Path(scratch) / "place"
        folder.mkdir()
        Path(scratch).chmod(0o755)
        WorkStore(Path(f"{folder}.made")).close()
        code = UNWRITABLE.format(OPENS["work store"])
        user = "65534" if place.startswith("another user") else ""
        command = f"{made.format(folder)}; {sys.executable} -c '{code}' {folder}/w.sqlite {user}"
        done = subprocess.run(
            ["unshare", "-m", "sh", "-c", command],
            capture_output=True, text=True, check=False,
            env={**os.environ, "PYTHONPATH": str(ROOT)},
        )  # fmt: skip
        if "Operation not permitted" in done.stderr or "Permission denied" in done.stderr:
            pytest.skip(f"not possible here: {done.stderr.splitlines()[-1]}")
        assert re.search(said, done.stdout), done.stdout + done.stderr
