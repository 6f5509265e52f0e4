"""docs/extending.md: what it says to write fits."""

import re
import shutil
import subprocess
from pathlib import Path

from dvc.repo import Repo
from ruamel.yaml import YAML

from viscode.settings.base import load
from viscode.settings.bench import ModelSettings

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "docs" / "extending.md").read_text()


def merged(target, overlay):
    for key, value in overlay.items():
        if isinstance(value, dict) and isinstance(target.get(key), dict):
            merged(target[key], value)
        else:
            target[key] = value


def test_a_model_is_one_entry(tmp_path):
    yaml = YAML()
    (entry,) = (yaml.load(text) for text in re.findall(r"```yaml\n(.*?)```", TEXT, re.S))
    params = yaml.load(ROOT / "params.yaml")
    merged(params, entry)
    yaml.dump(params, tmp_path / "params.yaml")
    shutil.copy(ROOT / "dvc.yaml", tmp_path)
    assert load(ModelSettings, tmp_path / "params.yaml", at="models.mine").samples == 1
    shutil.copytree(ROOT / ".dvc", tmp_path / ".dvc", ignore=shutil.ignore_patterns("cache", "tmp"))
    subprocess.run(["git", "init", "-q", tmp_path], check=True)
    names = {stage.name for stage in Repo(str(tmp_path)).index.stages}
    assert {
        f"{stage}@{model}" for stage in ("answer", "judge") for model in params["models"]
    } <= names
    assert "answer@mine" in names


def test_the_files_that_it_names_are_there():
    named = set(re.findall(r"`((?:viscode|stages|envs|docs)/[\w./]+\.(?:py|lock|md))`", TEXT))
    assert len(named) > 5
    assert [name for name in sorted(named) if not (ROOT / name).is_file()] == []
