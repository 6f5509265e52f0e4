"""Folders are replaced whole: a kill at any step leaves the old one or the new one."""

import signal
import subprocess
import sys

import pytest

from viscode.core import replacing
from viscode.core.errors import UserError
from viscode.core.records import Identified
from viscode.core.replacing import exchange, partial_of, recover, replace, write_json
from viscode.core.tables import read_table, write_table

# Kills itself at the N-th change of the file system below the folder that it is given.
KILLED = """
import os, pathlib, signal, sys
from viscode.core import replacing
folder, number, can_exchange = pathlib.Path(sys.argv[1]), int(sys.argv[2]), sys.argv[3] == "True"
if not can_exchange:
    replacing.exchange = lambda one, other: False
CHANGES = {"os.rename", "os.remove", "os.rmdir", "shutil.rmtree", "ctypes.dlsym"}
seen = 0
def watch(event, arguments):
    global seen
    if event in CHANGES:
        seen += 1
        if seen == number:
            os.kill(os.getpid(), signal.SIGKILL)
partial = replacing.partial_of(folder / "table")
(partial / "sub").mkdir(parents=True)
for name in ("a", "sub/b"):
    (partial / name).write_text("new")
sys.addaudithook(watch)
replacing.replace(partial, folder / "table")
"""
MOST = 30


def contents(folder):
    return {path.relative_to(folder).as_posix(): path.read_text() for path in folder.rglob("?")
            if path.is_file()}  # fmt: skip


OLD, NEW = {"a": "old", "sub/b": "old", "c": "old"}, {"a": "new", "sub/b": "new"}


def old_table(folder):
    (folder / "table" / "sub").mkdir(parents=True)
    for name, text in OLD.items():
        (folder / "table" / name).write_text(text)


@pytest.mark.parametrize("can_exchange", [True, False])
def test_a_kill_at_any_step_loses_no_table(tmp_path, can_exchange):
    found = []
    for number in range(1, MOST):
        folder = tmp_path / str(number)
        old_table(folder)
        command = [sys.executable, "-c", KILLED, str(folder), str(number), str(can_exchange)]
        done = subprocess.run(command, check=False)
        if can_exchange:
            assert (folder / "table").is_dir()  # at each moment, for whoever reads it
        recover(folder / "table")
        found.append(contents(folder / "table"))
        partial_of(folder / "table")
        assert [path.name for path in folder.iterdir()] == ["table"]
        if done.returncode == 0:
            break
        assert done.returncode == -signal.SIGKILL
    assert number > 4 and found[0] == OLD and found[-1] == NEW
    assert all(one in (OLD, NEW) for one in found)
    assert found == sorted(found, key=lambda one: one == NEW)


@pytest.mark.parametrize("what", ["folder", "file"])
def test_what_is_not_there_yet_appears(tmp_path, what):
    partial, target = partial_of(tmp_path / "x"), tmp_path / "x"
    if what == "folder":
        partial.mkdir()
    else:
        partial.write_text("new")
        target.write_text("old")
    replace(partial, target)
    assert [path.name for path in tmp_path.iterdir()] == ["x"]
    assert target.is_dir() or target.read_text() == "new"


def test_two_folders_change_places_and_what_is_not_there_is_an_error(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        (tmp_path / name / name).write_text("")
    assert exchange(tmp_path / "a", tmp_path / "b")
    assert (tmp_path / "a" / "b").exists() and (tmp_path / "b" / "a").exists()
    with pytest.raises(FileNotFoundError):
        exchange(tmp_path / "a", tmp_path / "gone")


def test_a_table_that_was_set_aside_is_read(tmp_path):
    write_table(tmp_path / "t", Identified, [Identified(id="one")])
    (tmp_path / "t").rename(tmp_path / ".t.old")
    assert [record.id for record in read_table(tmp_path / "t", Identified)] == ["one"]
    assert [path.name for path in tmp_path.iterdir()] == ["t"]


@pytest.mark.parametrize("can_exchange", [True, False])
def test_a_link_to_a_folder_stays_and_what_it_leads_to_is_replaced(
    tmp_path, monkeypatch, can_exchange
):
    if not can_exchange:
        monkeypatch.setattr(replacing, "exchange", lambda one, other: False)
    disk, link = tmp_path / "disk" / "t", tmp_path / "t"
    disk.mkdir(parents=True)
    link.symlink_to(disk)
    for name in ("one", "two"):
        write_table(link, Identified, [Identified(id=name)])
        assert [record.id for record in read_table(disk, Identified)] == [name]
        assert link.is_symlink() and [record.id for record in read_table(link, Identified)] == [
            name
        ]
    assert [path.name for path in tmp_path.iterdir()] in (["disk", "t"], ["t", "disk"])
    assert [path.name for path in disk.parent.iterdir()] == ["t"]


def test_a_set_aside_table_behind_a_link_is_read(tmp_path):
    (tmp_path / "disk").mkdir()
    write_table(tmp_path / "disk" / "t", Identified, [Identified(id="one")])
    (tmp_path / "l").symlink_to("disk/t")
    (tmp_path / "disk" / "t").rename(tmp_path / "disk" / ".t.old")
    with pytest.raises(UserError):  # the link leads nowhere until somebody looks at the folder
        list(read_table(tmp_path / "l", Identified))
    assert list(read_table(tmp_path / "disk" / "t", Identified)) == [Identified(id="one")]
    assert list(read_table(tmp_path / "l", Identified)) == [Identified(id="one")]


@pytest.mark.parametrize("leads_to", ["nowhere", "itself", "a file"])
def test_a_link_to_no_folder_is_one_line_and_stays(tmp_path, leads_to):
    link = tmp_path / "t"
    link.symlink_to({"nowhere": "gone", "itself": "t", "a file": "f"}[leads_to])
    (tmp_path / "f").write_text("mine")
    with pytest.raises(UserError, match="a link that leads to no folder"):
        write_table(link, Identified, [])
    assert link.is_symlink() and (tmp_path / "f").read_text() == "mine"


@pytest.mark.parametrize("stale", ["file", "folder", "link"])
def test_whatever_lies_where_a_folder_is_prepared_is_removed(tmp_path, stale):
    (tmp_path / "kept").mkdir()
    (tmp_path / "kept" / "f").write_text("mine")
    partial = tmp_path / ".t.partial"
    if stale == "file":
        partial.write_text("")
    elif stale == "folder":
        partial.mkdir()
    else:
        partial.symlink_to("kept")
    write_table(tmp_path / "t", Identified, [Identified(id="one")])
    assert sorted(path.name for path in tmp_path.iterdir()) == ["kept", "t"]
    assert (tmp_path / "kept" / "f").read_text() == "mine"


def test_a_file_takes_the_place_of_a_link_and_never_of_a_folder(tmp_path):
    (tmp_path / "f").write_text("mine")
    (tmp_path / "m.json").symlink_to("f")
    write_json(tmp_path / "m.json", {})
    assert (tmp_path / "m.json").read_text() == "{}\n" and (tmp_path / "f").read_text() == "mine"
    (tmp_path / "folder").mkdir()
    with pytest.raises(UserError, match="a folder where a file is to be written"):
        write_json(tmp_path / "folder", {})
