"""The stage extract_blocks with a model, as DVC starts it, against a server on loopback."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from viscode.cli.main import main
from viscode.core.records import Block, Origin, SelectedFile, SourceFile
from viscode.core.tables import read_table, write_table

ROOT = Path(__file__).parents[2]
SERVER = ROOT / "bench/chat_server.py"
DRAWS = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\n"
MODEL = {"method: static": "method: model"}
MIXED = {"method: static": "method: static_then_model"}


@pytest.fixture
def project(tmp_path, monkeypatch):
    """params.yaml, two selected files, and an environment that has matplotlib; the working
    directory."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DVC_ROOT", raising=False)
    (tmp_path / ".venv-plots/lib/python3.11/site-packages/matplotlib").mkdir(parents=True)
    shutil.copy(ROOT / "params.yaml", tmp_path)
    origin = Origin(kind="package", name="p", version="1", path="a.py")
    files = [
        SelectedFile(
            id=f"file-{n}", source="files", origin=origin, licence="MIT",
            text=f"# {n}, by jane@host.org\n{DRAWS}", libraries=("matplotlib",),
        )
        for n in range(2)
    ]  # fmt: skip
    write_table(tmp_path / "data/selected", SelectedFile, files)
    write_table(tmp_path / "data/raw/files", SourceFile, [])
    return tmp_path


def parameters(project, changes):
    text = (project / "params.yaml").read_text()
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    (project / "params.yaml").write_text(text)


def llm(*arguments):
    done = CliRunner().invoke(main, ["llm", *arguments], catch_exceptions=False)
    assert done.exit_code == 0, done.output
    return done.stdout


def stage(project, **environment):
    hidden = ("OPENAI_API_KEY", "OPENAI_BASE_URL", "DVC_ROOT")
    kept = {k: v for k, v in os.environ.items() if k not in hidden and "proxy" not in k.lower()}
    return subprocess.run(
        [sys.executable, "-m", "stages.extract_blocks"],
        cwd=project,
        env={**kept, "PYTHONPATH": str(ROOT), **environment},
        capture_output=True,
        text=True,
    )


@pytest.fixture
def server():
    plan = json.dumps({"reply": f"```python\n{DRAWS}```"})
    process = subprocess.Popen([sys.executable, SERVER, plan], stdout=subprocess.PIPE, text=True)
    url = f"http://127.0.0.1:{int(process.stdout.readline())}/v1"
    yield {"OPENAI_API_KEY": "test", "OPENAI_BASE_URL": url}
    process.kill()
    process.wait()


def test_blocks_come_from_the_model_once_and_their_cost_is_known(project, server):
    parameters(project, MODEL)
    before = llm("estimate", "extract_blocks").splitlines()[-1]
    assert json.loads(before)["calls"] == 2
    for _ in range(2):
        done = stage(project, **server)
        assert done.returncode == 0, done.stderr
        assert {b.code for b in read_table(project / "data/extracted", Block)} == {DRAWS}
    metrics = json.loads((project / "metrics/extract_blocks.json").read_text())
    assert (metrics["kept"], metrics["redacted"]) == (2, {"email": 2})
    spent = llm("usage").splitlines()
    assert spent[0].split()[:5] == ["extract", "served:gpt-4o-mini", "answer", "2", "22"]
    after = llm("estimate", "extract_blocks").splitlines()[-1]
    assert json.loads(after)["calls"] == 0


@pytest.mark.sandbox
def test_the_model_is_asked_only_about_files_without_a_block(project, server):
    """The first file runs and draws; the second cannot, whatever is done to it."""
    python = str(ROOT / ".venv-plots/bin/python")
    parameters(project, {**MIXED, ".venv-plots/bin/python": python})
    shutil.copytree(ROOT / "envs", project / "envs")
    files = list(read_table(project / "data/selected", SelectedFile))
    unequal = "import matplotlib.pyplot as plt\nplt.plot([1, 2], [1, 2, 3])\n"
    files[1] = files[1].model_copy(update={"text": unequal})
    write_table(project / "data/selected", SelectedFile, files)
    *told, row = llm("estimate", "extract_blocks").splitlines()
    assert "static  1 of 2 files have a block" in told
    row = json.loads(row)
    assert (row["calls"], row["model_alone"]["calls"]) == (1, 2)
    assert 0 < row["usd"] < row["model_alone"]["usd"]
    done = stage(project, **server)
    assert done.returncode == 0, done.stderr
    blocks = {block.parent_id: block for block in read_table(project / "data/extracted", Block)}
    assert blocks["file-0"].method == "as_is"
    assert (blocks["file-1"].method, blocks["file-1"].code) == ("model", DRAWS)
    metrics = json.loads((project / "metrics/extract_blocks.json").read_text())
    assert (metrics["kept"], metrics["asked"]) == (2, 1)
    assert llm("usage").splitlines()[0].split()[:4] == [
        "extract",
        "served:gpt-4o-mini",
        "answer",
        "1",
    ]
    assert json.loads(llm("estimate", "extract_blocks").splitlines()[-1])["calls"] == 0


def test_the_key_of_a_request_is_explained(project):
    parameters(project, MODEL)
    explained = json.loads(llm("explain-key", "extract_blocks", "# 1, by"))
    assert len(explained["key"]) == 64
    assert explained["parts"]["model"] == "served:gpt-4o-mini"
    assert "# 1, by name@example.com" in explained["parts"]["messages"][0]["content"]


def test_without_a_key_one_line_says_what_to_set(project):
    parameters(project, MODEL)
    done = stage(project)
    assert done.returncode == 1
    (line,) = done.stderr.splitlines()
    for name in ("OPENAI_API_KEY", "extract.method: static", "instruct.method: facts"):
        assert name in line


def test_a_stage_over_its_budget_does_not_start(project, server):
    parameters(project, {**MODEL, "budget_usd: 20.0": "budget_usd: 0.0001"})
    done = stage(project, **server)
    assert done.returncode == 1
    assert "llm.budget_usd" in done.stderr and "nothing was sent" in done.stderr
    assert not (project / "data/extracted").exists()
