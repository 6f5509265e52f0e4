"""A temporary folder whose name leaves no room for the paths of sockets."""

from pathlib import Path

import pytest

from viscode.core.errors import UserError
from viscode.execution import scratch as scratch_folders

PLOT = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()\n"


@pytest.fixture
def long_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / ("d" * 60) / ("e" * 60)
    folder.mkdir(parents=True)
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


@pytest.mark.sandbox
@pytest.mark.parametrize("engine", ["warm", "notebook"])
def test_scripts_run_where_the_temporary_folder_has_a_long_name(execute, long_folder, engine):
    execution = execute(PLOT, engine=engine)
    assert (execution.status, len(execution.images)) == ("ok", 1)
    assert list(long_folder.iterdir()) == []


def test_without_a_shorter_folder_one_line_says_what_to_do(long_folder, monkeypatch, tmp_path):
    monkeypatch.setattr(scratch_folders, "SHORT", tmp_path / "none")
    with pytest.raises(UserError, match=r"too long for sockets \(74 bytes .* set TMPDIR"):
        scratch_folders.Scratch()


def test_a_name_of_the_greatest_length_leaves_room_for_the_sockets(tmp_path, monkeypatch):
    room = scratch_folders.SOCKET_BYTES - scratch_folders.BELOW_BYTES - len(str(tmp_path)) - 1
    for name, kept in (("d" * room, True), ("d" * (room + 1), False)):
        (tmp_path / name).mkdir()
        monkeypatch.setattr("tempfile.tempdir", str(tmp_path / name))
        with scratch_folders.Scratch() as scratch:
            assert scratch.path.is_relative_to(tmp_path) is kept
            assert len(str(scratch.box / "run" / "k-5")) <= scratch_folders.SOCKET_BYTES
