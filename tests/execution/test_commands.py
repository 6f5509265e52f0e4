"""`viscode run` as a person uses it: files in, JSON lines out, in the order of the input."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from viscode.cli import main

ROOT = Path(__file__).parents[2]
PLOT = "import pandas as pd\npd.read_csv('data.csv').plot()"


def viscode(*arguments: object):
    return CliRunner().invoke(main, [str(one) for one in arguments])


@pytest.fixture
def here(monkeypatch, tmp_path):
    monkeypatch.chdir(ROOT)  # params.yaml and its relative paths
    monkeypatch.setenv("DVC_ROOT", str(tmp_path))
    return tmp_path


@pytest.mark.sandbox
def test_lines_in_input_order_whatever_ends_first(here):
    lines = [
        {"id": "slow", "code": "import time; time.sleep(2)"},
        {"id": "plot", "code": PLOT},
        {"id": "wrong", "code": "1 / 0"},
    ]
    (here / "in.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    (here / "data.csv").write_text("a\n1\n2\n")
    out = here / "images"
    beside = ["--data", here / "data.csv"]
    result = viscode("run", "--workers", 2, *beside, "--out", out, here / "in.jsonl")
    assert result.exit_code == 0, result.output
    found = [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]
    assert [one["id"] for one in found] == ["slow", "plot", "wrong"]
    assert [one["status"] for one in found] == ["ok", "ok", "error"]
    assert set(found[0]) == {
        "id", "status", "error_type", "error", "images", "blank", "facts", "duration_s",
        "isolation",
    }  # fmt: skip
    (image,) = found[1]["images"]
    assert Path(image).read_bytes().startswith(b"\x89PNG") and found[1]["blank"] == [False]
    assert found[1]["facts"][0]["axes"][0]["kinds"] == ["line"]
    assert found[2]["error_type"] == "ZeroDivisionError" and "1 / 0" in found[2]["error"]
    assert (here / ".viscode/work.sqlite").exists()


@pytest.mark.sandbox
def test_saved_files_and_no_store(here):
    code = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.savefig('x')\nplt.close()"
    (here / "a.py").write_text(code)
    counts = []
    for more in ([], ["--saved-files"]):
        result = viscode("run", "--no-store", *more, "--out", here / "o", here / "a.py")
        (line,) = [line for line in result.stdout.splitlines() if line.startswith("{")]
        counts.append(len(json.loads(line)["images"]))
    assert counts == [0, 1]
    assert not (here / ".viscode/work.sqlite").exists()


def test_what_cannot_be_read_is_one_line(here):
    result = viscode("run", "--out", here / "o", here / "none.py")
    assert result.exit_code == 1
    assert "none.py" in result.output and "Traceback" not in result.output
