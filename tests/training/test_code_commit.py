"""The commit in the model card: of the training code, whatever else was committed since."""

import subprocess
from pathlib import Path

import pytest

from viscode.training.model_card import code_commit

IDENTITY = ("-c", "user.name=t", "-c", "user.email=t@example.org")


def git(folder: Path, *arguments: str) -> str:
    command = ["git", *IDENTITY, *arguments]
    done = subprocess.run(command, cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


def commit(folder: Path, name: str, text: str) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    git(folder, "add", "-A")
    git(folder, "commit", "-qm", name)
    return git(folder, "rev-parse", "HEAD")


@pytest.fixture
def repository(tmp_path: Path) -> Path:
    git(tmp_path, "init", "-q", "project")
    return tmp_path / "project"


def test_the_last_commit_that_changed_training(repository: Path) -> None:
    commit(repository, "viscode/training/loop.py", "one")
    changed = commit(repository, "viscode/training/loop.py", "two")
    commit(repository, "README.md", "later")
    assert code_commit(repository) == changed
    (repository / "params.yaml").write_text("lr: 1")
    assert code_commit(repository) == changed
    (repository / "viscode/training/loop.py").write_text("three")
    assert code_commit(repository) == f"{changed}, with changes that were not committed"


def test_where_it_is_not_known(repository: Path, tmp_path: Path) -> None:
    commit(repository, "README.md", "first")
    assert code_commit(repository) == "not known (not committed)"
    commit(repository, "stages/train.py", "code")
    shallow = tmp_path / "shallow"
    git(tmp_path, "clone", "-q", "--depth", "1", f"file://{repository}", str(shallow))
    assert code_commit(shallow) == "not known (a shallow clone)"
    (tmp_path / "plain").mkdir()
    assert code_commit(tmp_path / "plain") == "not known (no git repository)"
