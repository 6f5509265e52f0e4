"""`viscode doctor`: what is missing is said, and keys are never shown."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from viscode.cli import doctor
from viscode.cli.main import main
from viscode.core.project import home_of_ours

ROOT = Path(__file__).parents[2]
SECRET = "sk-never-shown"


@pytest.fixture
def project(tmp_path, monkeypatch):
    """A folder with the committed parameters, and no key; `set_value` changes one."""
    shutil.copy(ROOT / "params.yaml", tmp_path)
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)

    def set_value(name, value):
        yaml = YAML()
        document = yaml.load(tmp_path / "params.yaml")
        *places, last = name.split(".")
        node = document
        for place in places:
            node = node[place]
        node[last] = value
        yaml.dump(document, tmp_path / "params.yaml")

    return set_value


def states(check):
    return {one.name: one.state for one in check()}


@pytest.mark.parametrize(
    ("name", "value", "key", "expected"),
    [
        ("models.base.client", "transformers", None, "ok"),
        ("models.base.client", "openai", None, "fail"),
        ("models.base.client", "openai", SECRET, "ok"),
        ("judge.client", "openai_batch", None, "fail"),
        ("extract.method", "model", None, "fail"),
        ("instruct.method", "model", SECRET, "ok"),
    ],
)
def test_a_key_is_wanted_where_a_hosted_model_is(project, monkeypatch, name, value, key, expected):
    project(name, value)
    if key:
        monkeypatch.setenv("OPENAI_API_KEY", key)
    found = list(doctor.keys())
    assert {one.name: one.state for one in found}["OPENAI_API_KEY"] == expected
    assert SECRET not in str(found)


def test_a_server_of_one_s_own_needs_no_key(project):
    project("models.base.client", "openai")
    project("models.base.base_url", "http://127.0.0.1:8000/v1")
    assert states(doctor.keys)["OPENAI_API_KEY"] == "ok"


def test_an_interpreter_that_is_not_there(project):
    project("validate.python", "nowhere/bin/python")
    (one,) = doctor.scripts()
    assert (one.state, one.name) == ("fail", "sandbox") and one.todo


def test_a_full_disk_is_a_failure(project, monkeypatch):
    usage = shutil.disk_usage(".")._replace(free=1 << 20)
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda place: usage)
    found = states(doctor.machine)
    assert (found["disk of the project"], found["temporary folder"]) == ("fail", "fail")


def test_a_failure_is_the_exit_status(project, monkeypatch):
    project("judge.client", "openai")
    monkeypatch.setattr(doctor, "CHECKS", (doctor.python, doctor.keys))
    done = CliRunner().invoke(main, ["doctor"])
    assert done.exit_code == 1
    assert "FAIL  OPENAI_API_KEY: not set, wanted by judge -> export it" in done.output


@pytest.mark.sandbox
def test_this_machine(monkeypatch):
    """The sandbox and the renderer are real: what the other tests of this kind need."""
    monkeypatch.chdir(ROOT)
    assert states(doctor.scripts)["plotly images"] == "ok"


WITHOUT_HOME = """
import getpass, os, pwd
def nobody(number): raise KeyError(number)
pwd.getpwuid = nobody
for name in ("HOME", "LOGNAME", "USER", "LNAME", "USERNAME"):
    os.environ.pop(name, None)
from pathlib import Path
from viscode.cli.main import main
from viscode.core.project import home_of_ours
try: Path.home()
except RuntimeError: print("no home")
try: main(["profile", "list"])
finally: print(getpass.getuser(), Path.home(), sep='\\n')
"""


def test_where_there_is_no_home_folder_one_of_ours_stands_in(tmp_path):
    command = [sys.executable, "-c", WITHOUT_HOME]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    done = subprocess.run(
        command, capture_output=True, text=True, cwd=tmp_path, env=environment, check=False
    )
    first, *_, user, last = done.stdout.splitlines()
    assert (first, user) == ("no home", str(os.getuid()))
    assert last == str(tmp_path / ".viscode" / "home")
    assert (tmp_path / ".viscode" / "home").is_dir()


def test_doctor_says_that_dvc_wants_a_home_folder(monkeypatch):
    assert list(doctor.home()) == []
    monkeypatch.setenv("HOME", str(home_of_ours()))
    (found,) = doctor.home()
    assert (found.state, found.name) == ("fail", "home folder") and "export HOME" in found.todo
