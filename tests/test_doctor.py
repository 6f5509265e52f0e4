"""`viscode doctor`: what is missing is said, and keys are never shown."""

import shutil
from pathlib import Path

import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from viscode import doctor
from viscode.cli import main

ROOT = Path(__file__).parents[1]
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
