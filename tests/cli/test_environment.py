"""`viscode env create`; that its environment works is in test_package.py."""

import hashlib
import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner

from viscode.cli.main import main

ROOT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    shutil.copy(ROOT / "params.yaml", tmp_path)
    (tmp_path / "envs").mkdir()
    (tmp_path / "envs/plots.lock").write_text("not a requirement\n")
    return tmp_path


def create(*arguments):
    return CliRunner().invoke(main, ["env", "create", *arguments])


def test_a_folder_of_someone_else_is_left_as_it_is(project):
    (project / ".venv-plots").mkdir()
    (project / ".venv-plots/pyvenv.cfg").write_text("mine")
    done = create()
    assert done.exit_code == 1 and "left as it is" in done.stderr
    assert (project / ".venv-plots/pyvenv.cfg").read_text() == "mine"


def test_nothing_is_done_where_it_is_of_this_lock(project):
    (project / ".venv-plots").mkdir()
    lock = hashlib.sha256((project / "envs/plots.lock").read_bytes()).hexdigest()
    (project / ".venv-plots/.ready").write_text(lock)
    done = create()
    assert (done.exit_code, done.stdout) == (0, ".venv-plots: up to date\n")


def test_one_that_could_not_be_filled_is_never_ready(project):
    done = create("--python", "/bin/false")
    assert done.exit_code == 1
    assert done.stderr.splitlines()[-1].startswith("viscode: cannot make an environment: ")
    assert (project / ".venv-plots/.ready").read_text() == ""
