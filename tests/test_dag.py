"""dvc.yaml: a stage depends on the rooms and settings that its script imports, and on no others."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import grimp
import pytest
from ruamel.yaml import YAML

ROOT = Path(__file__).parents[1]
STAGES = YAML(typ="safe").load(ROOT / "dvc.yaml")["stages"]
NEVER_FOR_TRAINING = {"bench", "charts", "corpora", "dataset", "execution", "instruct", "llm"}


@pytest.fixture(scope="module")
def graph():
    with pytest.MonkeyPatch.context() as patch:
        patch.syspath_prepend(str(ROOT))
        return grimp.build_graph("viscode", "stages", cache_dir=None)


def code_of(stage: str) -> list[str]:
    deps = STAGES[stage].get("do", STAGES[stage])["deps"]
    return [dep for dep in deps if dep.startswith(("stages/", "viscode/"))]


def imported(graph, stage: str) -> set[str]:
    """The script, each room that it imports, directly or not, and each file of settings."""
    found = {f"stages/{stage}.py"}
    for module in graph.find_upstream_modules(f"stages.{stage}"):
        package, *rest = module.split(".")
        if package == "viscode" and rest[:1] == ["settings"]:
            found |= {f"viscode/settings/{rest[1]}.py"} if rest[1:] else set()
        elif package == "viscode" and rest:
            found.add(f"viscode/{rest[0]}")
            if (ROOT / "viscode/prompts" / rest[0]).is_dir():
                found.add(f"viscode/prompts/{rest[0]}")
    return found


@pytest.mark.parametrize("stage", STAGES)
def test_a_stage_lists_what_it_imports_and_nothing_else(graph, stage):
    listed = code_of(stage)
    assert sorted(listed) == sorted(imported(graph, stage))
    assert all((ROOT / path).exists() for path in listed)


def test_what_belongs_to_no_room_holds_no_code():
    for package in ("stages", "viscode", "viscode/settings"):
        text = (ROOT / package / "__init__.py").read_text()
        assert set(compile(text, package, "exec").co_names) <= {"__doc__"}, package
    loose = {path.name for path in (ROOT / "viscode").iterdir() if path.is_file()}
    assert loose <= {"__init__.py", ".dvcignore"}


def test_training_depends_on_nothing_that_makes_or_asks_for_its_data():
    rooms = {Path(path).name for path in code_of("train")}
    assert rooms & NEVER_FOR_TRAINING == set()
    assert {"training", "core"} <= rooms


def test_every_stage_has_a_short_script():
    scripts = {path.stem: path for path in (ROOT / "stages").glob("*.py")}
    assert set(STAGES) == set(scripts) - {"__init__"}
    lengths = {name: len(path.read_text().splitlines()) for name, path in scripts.items()}
    assert {name: n for name, n in lengths.items() if n > 60} == {}


def test_running_python_or_editing_changes_no_folder_s_hash(tmp_path):
    """What a room's folder gains besides code is not part of it; code is."""
    shutil.copy(ROOT / ".dvcignore", tmp_path)
    room = tmp_path / "viscode/room"
    room.mkdir(parents=True)
    shutil.copy(ROOT / "viscode/.dvcignore", tmp_path / "viscode")
    (room / "module.py").write_text("VALUE = 1\n")
    (tmp_path / "dvc.yaml").write_text(
        "stages:\n  one:\n    cmd: python -m viscode.room.module\n    deps: [viscode/room]\n"
    )
    dvc(tmp_path, "init", "--no-scm", "-q")
    dvc(tmp_path, "repro", "-q")
    assert (room / "__pycache__").is_dir() or not subprocess.run(
        [sys.executable, "-c", "import viscode.room.module"], cwd=tmp_path, check=True
    ).returncode
    for name in ("module.py~", ".module.py.swp", ".DS_Store", ".module.py.x.partial"):
        (room / name).write_text("")
    assert json.loads(dvc(tmp_path, "status", "--json")) == {}
    (room / "text.txt").write_text("new")
    assert "one" in json.loads(dvc(tmp_path, "status", "--json"))


def dvc(folder: Path, *arguments: str) -> str:
    command = [sys.executable, "-m", "dvc", *arguments]
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout
