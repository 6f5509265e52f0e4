from pathlib import Path

import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from viscode import deps
from viscode.cli import main

ROOT = Path(__file__).parents[1]


@pytest.fixture
def project(tmp_path):
    files = {
        "stages/__init__.py": "",
        "stages/one.py": "def main():\n    from viscode.a import inner\n",
        "viscode/__init__.py": "",
        "viscode/a/__init__.py": "",
        "viscode/a/inner.py": "import viscode.b\nfrom viscode.prompting import read_prompt\n"
        "RESOURCES = ('inside/probe.py',)\nread_prompt('ask')\n",
        "viscode/a/inside/probe.py": "import viscode.unrelated\n",
        "viscode/b.py": "import viscode.a.inner\n",
        "viscode/prompting.py": "",
        "viscode/prompts/ask.txt": "ask",
        "viscode/unrelated.py": "",
        "dvc.yaml": "# kept\nstages:\n  one:\n    cmd: python -m stages.one\n"
        "    deps:\n      - data/raw\n      - viscode/old.py\n",
    }
    for name, text in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    return tmp_path


def test_the_closure_follows_imports_prompts_and_resources(project):
    assert deps.closure(Path("stages/one.py"), project) == [
        "stages/one.py",
        "viscode/a/inner.py",
        "viscode/a/inside/probe.py",
        "viscode/b.py",
        "viscode/prompting.py",
        "viscode/prompts/ask.txt",
    ]


def test_write_replaces_code_dependencies_only_and_once(project):
    assert deps.write(project / "dvc.yaml", project) == ["one"]
    text = (project / "dvc.yaml").read_text()
    listed = YAML(typ="safe").load(text)["stages"]["one"]["deps"]
    assert listed[:2] == ["data/raw", "stages/one.py"]
    assert "viscode/old.py" not in listed
    assert text.startswith("# kept\n")
    assert deps.write(project / "dvc.yaml", project) == []


def test_the_command_fails_when_dependencies_are_out_of_date(project, monkeypatch):
    monkeypatch.chdir(project)
    stale = CliRunner().invoke(main, ["deps"])
    assert stale.exit_code == 1
    assert "out of date: one" in stale.output
    assert CliRunner().invoke(main, ["deps", "--write"]).exit_code == 0
    assert CliRunner().invoke(main, ["deps"]).exit_code == 0


def test_the_committed_dvc_yaml_lists_the_real_closures():
    _, changed = deps.with_closures(ROOT / "dvc.yaml", ROOT)
    assert changed == []


def test_every_stage_has_a_short_script():
    stages = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"]
    scripts = {path.stem: path for path in (ROOT / "stages").glob("*.py")}
    assert set(stages) == set(scripts) - {"__init__"}
    lengths = {name: len(path.read_text().splitlines()) for name, path in scripts.items()}
    assert {name: n for name, n in lengths.items() if n > 60} == {}
