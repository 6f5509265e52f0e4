"""`viscode dag --make`: a toy pipeline with a foreach, parameters and a folder, run by make."""

import subprocess
from pathlib import Path

import pytest
from click.testing import CliRunner
from dvc.repo import Repo

from viscode.cli.dag import makefile
from viscode.cli.main import main

ROOT = Path(__file__).parents[2]
DVC_YAML = """
stages:
  words:
    cmd: mkdir out/words && cat raw/* > out/words/all && echo words >> ran
    deps: [raw]
    outs: [out/words]
  count:
    foreach: ${models}
    do:
      cmd: python count.py ${key} "$HOME" && echo count-${key} >> ran
      params:
        - models.${key}
      deps:
        - ${item.weights}
        - out/words
        - count.py
      outs:
        - out/count/${key}
      metrics:
        - metrics/${key}.txt: {cache: false}
  join:
    cmd: cat out/count/* > out/joined && echo join >> ran
    deps: [out/count, metrics]
    outs: [out/joined]
"""
COUNT = """
import sys
from pathlib import Path
name = sys.argv[1]
assert sys.argv[2].startswith("/")
words = Path("out/words/all").read_text().split()
Path(f"out/count/{name}").write_text(f"{name} {len(words)}\\n")
Path(f"metrics/{name}.txt").write_text(str(len(words)))
"""


@pytest.fixture
def pipeline(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    (tmp_path / "raw").mkdir()
    (tmp_path / "raw/a file").write_text("one two\n")
    (tmp_path / "count.py").write_text(COUNT)
    (tmp_path / "weights").write_text("w")
    (tmp_path / "params.yaml").write_text(
        "models:\n  base: {weights: raw, n: 1}\n  big: {weights: weights, n: 2}\n"
    )
    (tmp_path / "dvc.yaml").write_text(DVC_YAML)
    Repo.init(str(tmp_path), no_scm=True)
    done = CliRunner().invoke(main, ["dag", "--make"])
    assert done.exit_code == 0, done.output
    (tmp_path / "Makefile").write_text(done.output)
    (tmp_path / "dvc.yaml").unlink()  # make needs neither
    return tmp_path


def made(folder, *arguments) -> list[str]:
    """What `make` ran, in order."""
    (folder / "ran").write_text("")
    done = subprocess.run(
        ["make", "-j2", *arguments], cwd=folder, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return (folder / "ran").read_text().split()


def test_a_makefile_runs_what_dvc_would(pipeline):
    first = made(pipeline)
    assert first[0] == "words" and first[-1] == "join"
    assert set(first) == {"words", "count-base", "count-big", "join"}
    assert (pipeline / "out/joined").read_text() == "base 2\nbig 2\n"
    assert made(pipeline) == []

    params = pipeline / "params.yaml"
    params.write_text(params.read_text().replace("n: 2", "n: 3"))
    assert made(pipeline) == ["count-big", "join"]
    assert made(pipeline) == []
    (pipeline / "weights").write_text("other")
    assert made(pipeline, "count@big") == ["count-big"]
    (pipeline / "raw/another").write_text("three\n")
    assert made(pipeline)[0] == "words"
    assert (pipeline / "out/joined").read_text() == "base 3\nbig 3\n"
    (pipeline / "count.py").write_text(COUNT + "\n")
    assert sorted(made(pipeline)[:-1]) == ["count-base", "count-big"]
    assert made(pipeline) == []


def test_a_stage_that_fails_counts_as_not_run(pipeline):
    (pipeline / "count.py").write_text("raise SystemExit(1)")
    assert subprocess.run(["make"], cwd=pipeline, capture_output=True, check=False).returncode != 0
    (pipeline / "count.py").write_text(COUNT)
    assert made(pipeline)[-1] == "join"


def test_the_whole_pipeline_is_in_it():
    text = makefile(ROOT)
    for stage in Repo(str(ROOT)).index.stages:
        assert f"\t{stage.cmd}\n" in text
        assert all(str(out) in text for out in stage.outs)
