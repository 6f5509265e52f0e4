"""`viscode run` as a person uses it: files in, JSON lines out, in the order of the input."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from viscode.cli.main import main

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
        "id", "status", "error_type", "error", "images", "blank", "origins", "facts",
        "duration_s", "isolation",
    }  # fmt: skip
    (image,) = found[1]["images"]
    assert Path(image).read_bytes().startswith(b"\x89PNG") and found[1]["blank"] == [False]
    assert found[1]["origins"] == ["figure"]
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


def lines_of(result) -> list[dict]:
    return [json.loads(line) for line in result.stdout.splitlines() if line.startswith("{")]


DRAW = "import matplotlib.pyplot as plt\nplt.plot([1, 2])"


@pytest.mark.sandbox
@pytest.mark.parametrize("engine", ["warm", "notebook"])
def test_what_is_no_script_has_no_verdict_and_ends_with_status_1(here, engine):
    folder = here / "mine"
    folder.mkdir()
    cell = {"cell_type": "code", "source": "%pylab inline\nplot([1, 2])"}
    (folder / "n.ipynb").write_text(json.dumps({"cells": [cell]}))
    (folder / "s.JSON").write_text(json.dumps([{"id": "listed", "code": DRAW}]))
    (folder / "m.jsonl").write_bytes(
        b"\xef\xbb\xbf" + json.dumps({"id": "m", "code": DRAW}).encode()
    )
    (folder / "data.csv").write_text("a\n1\n")
    alone = ["run", "--engine", engine, "--out", here / "o"]
    result = viscode(*alone, folder)
    assert result.exit_code == 0, result.output
    assert [(one["status"], len(one["images"])) for one in lines_of(result)] == [("ok", 1)] * 3
    assert [one["id"] for one in lines_of(result)] == ["m", str(folder / "n.ipynb"), "listed"]
    assert "1 .csv (data.csv)" in result.stderr
    (here / "broken.json").write_text('{"id": "a", "code": ')
    result = viscode(*alone, here / "broken.json", folder, folder / "data.csv")
    assert result.exit_code == 1 and len(lines_of(result)) == 3
    said = [line for line in result.stderr.splitlines() if line.startswith("viscode: ")]
    assert "broken.json" in said[0] and "neither Python nor JSON" in said[-1]


def test_two_data_files_of_one_name_start_nothing(here):
    for year in ("2023", "2024"):
        (here / year).mkdir()
        (here / year / "data.csv").write_text(year)
    (here / "a.py").write_text(PLOT)
    data = [("--data", here / year / "data.csv") for year in ("2023", "2024")]
    result = viscode("run", "--out", here / "o", *data[0], *data[1], here / "a.py")
    assert result.exit_code == 1 and lines_of(result) == []
    assert all(str(path) in result.stderr for _, path in data)


CASES = ROOT.parent / "shared/cases"
SHARED = {  # input: the verdicts, of status and number of images
    "run_bom.jsonl": [("ok", 1), ("ok", 1)],
    "run_scripts.json": [("ok", 1), ("error", 0)],
    "run_notebook.ipynb": [("ok", 1)],
}


@pytest.mark.sandbox
@pytest.mark.parametrize("engine", ["warm", pytest.param("notebook", marks=pytest.mark.slow)])
def test_the_shared_inputs(here, engine):
    if not CASES.is_dir():
        pytest.skip(f"no {CASES}")
    paths = [CASES / name for name in SHARED]
    result = viscode("run", "--engine", engine, "--out", here / "o", *paths)
    assert result.exit_code == 0, result.output
    expected = [verdict for verdicts in SHARED.values() for verdict in verdicts]
    assert [(one["status"], len(one["images"])) for one in lines_of(result)] == expected


def test_the_shared_data_files_of_one_name(here):
    folder = CASES / "run_two_data"
    if not folder.is_dir():
        pytest.skip(f"no {folder}")
    data = [folder / year / "data.csv" for year in ("2023", "2024")]
    beside = [part for path in data for part in ("--data", path)]
    result = viscode("run", "--out", here / "o", *beside, folder / "plot.py")
    assert result.exit_code == 1 and all(str(path) in result.stderr for path in data)
