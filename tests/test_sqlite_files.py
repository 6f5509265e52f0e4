"""Files that many open at once, for the first time too, and errors that say what to do."""

import errno
import os
import sqlite3
import subprocess
import sys
import threading

import pytest

from viscode import sqlite_files
from viscode.corpora.blob_ledger import BlobLedger, Entry
from viscode.corpora.blobs import BlobOutcome
from viscode.errors import UserError
from viscode.workstore import WorkStore

OPENS = {
    "work store": "from viscode.workstore import WorkStore as Store",
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
        store.store([Entry("ab" * 20, BlobOutcome.PLOTS, 1, b"x" * 100_000)])


@pytest.mark.parametrize("opened", [WorkStore, BlobLedger])
def test_a_place_that_cannot_be_written_says_so(tmp_path, opened):
    (tmp_path / "file").write_text("")
    with pytest.raises(UserError, match=r"-> make the file and its folder writable"):
        opened(tmp_path / "file" / "w.sqlite")
    (tmp_path / "folder.sqlite").mkdir()
    with pytest.raises(UserError, match=r"unable to open.*-> make the file and its folder"):
        opened(tmp_path / "folder.sqlite")


@pytest.mark.parametrize(
    ("number", "todo"),
    [
        (errno.ENOSPC, "free disk space"),
        (errno.EDQUOT, "free disk space"),
        (errno.EROFS, sqlite_files.MAKE_WRITABLE),
        (errno.EACCES, sqlite_files.MAKE_WRITABLE),
    ],
)
def test_errors_of_the_system(number, todo):
    assert sqlite_files.remedy(OSError(number, os.strerror(number)), "move it") == todo
