from pathlib import Path

import pytest
from click.testing import CliRunner
from ruamel.yaml import YAML

from viscode.cli import deps
from viscode.cli.main import main
from viscode.core.errors import UserError

ROOT = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path):
    files = {
        "stages/__init__.py": "",
        "stages/one.py": "def main():\n    from viscode.a import inner\n",
        "viscode/__init__.py": "",
        "viscode/a/__init__.py": "",
        "viscode/a/inner.py": "import viscode.b\nfrom viscode.core.prompting import read_prompt\n"
        "RESOURCES = ('inside/', 'table.json')\nread_prompt('ask')\n",
        "viscode/a/table.json": "{}",
        "viscode/a/inside/__pycache__/probe.cpython-311.pyc": "",
        "viscode/a/inside/below/deep.js": "",
        "viscode/a/inside/probe.py": "import viscode.unrelated\n",
        "viscode/b.py": "import viscode.a.inner\n",
        "viscode/core/prompting.py": "",
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
        "viscode/a/inside/below/deep.js",
        "viscode/a/inside/probe.py",
        "viscode/a/table.json",
        "viscode/b.py",
        "viscode/core/prompting.py",
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


@pytest.mark.parametrize("name", ["new.py", "below/more.json", "another.txt"])
def test_a_new_file_in_a_folder_of_resources_is_a_dependency(project, name):
    path = project / "viscode/a/inside" / name
    path.parent.mkdir(exist_ok=True)
    path.write_text("")
    assert f"viscode/a/inside/{name}" in deps.closure(Path("stages/one.py"), project)


def test_a_folder_of_resources_that_is_not_there_is_an_error(project):
    (project / "viscode/b.py").write_text("RESOURCES = ('gone/',)\n")
    with pytest.raises(UserError, match="gone"):
        deps.closure(Path("stages/one.py"), project)


CLOSURES = {path.stem: deps.closure(path.relative_to(ROOT), ROOT) for path in
            (ROOT / "stages").glob("[!_]*.py")}  # fmt: skip
EXECUTES = sorted(name for name, used in CLOSURES.items() if "viscode/execution/engine.py" in used)
INDIFFERENT = {"viscode/llm/prices.json"}  # it changes what an answer costs, never the answer


@pytest.mark.parametrize("stage", EXECUTES)
def test_every_file_of_the_sandbox_is_a_dependency_of_each_stage_that_executes(stage):
    inside = (ROOT / "viscode/execution/inside").glob("*.*")
    files = {path.relative_to(ROOT).as_posix() for path in inside}
    assert len(files) > 10 and files <= set(CLOSURES[stage])
    assert {"validate", "answer"} <= set(EXECUTES)


def test_every_data_file_of_the_program_is_a_dependency_of_some_stage():
    found = {
        path.relative_to(ROOT).as_posix()
        for path in (ROOT / "viscode").rglob("*.*")
        if path.is_file() and path.suffix not in (".py", ".pyc")
    }
    used = {name for closure in CLOSURES.values() for name in closure}
    assert found - used == INDIFFERENT


def test_the_committed_dvc_yaml_lists_the_real_closures():
    _, changed = deps.with_closures(ROOT / "dvc.yaml", ROOT)
    assert changed == []


def test_every_stage_has_a_short_script():
    stages = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"]
    scripts = {path.stem: path for path in (ROOT / "stages").glob("*.py")}
    assert set(stages) == set(scripts) - {"__init__"}
    lengths = {name: len(path.read_text().splitlines()) for name, path in scripts.items()}
    assert {name: n for name, n in lengths.items() if n > 60} == {}
