"""`viscode params`: every parameter has a meaning, and the stages are DVC's."""

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from viscode.cli.main import main
from viscode.cli.parameters import parameters

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def known():
    return {one.name: one for one in parameters(params=ROOT / "params.yaml")}


def test_every_parameter_has_a_meaning(known):
    assert [name for name, one in known.items() if len(one.meaning) < 10] == []
    assert len(known) > 100


@pytest.mark.parametrize(
    ("name", "paper", "stages", "behind"),
    [
        ("train.lr", "5e-6", ("train",), ("answer", "judge", "report")),
        ("bench.rounds", "3", ("answer", "judge"), ("report",)),
        ("judge.votes", "1", ("judge",), ("report",)),
        ("run.workers", "", (), ()),
        ("llm.budget_usd", "", (), ()),
    ],
)
def test_what_a_change_runs_again(known, name, paper, stages, behind):
    one = known[name]
    assert (one.paper, one.stages, one.after) == (paper, stages, behind)
    assert "aper:" not in one.meaning


def test_a_model_s_entry_runs_only_that_model_again(known):
    assert known["models.base.temperature"].stages == ("answer",)
    assert known["models.base.temperature"].meaning == known["models.tuned.temperature"].meaning


def test_as_text_and_as_json(monkeypatch):
    monkeypatch.chdir(ROOT)
    text = CliRunner().invoke(main, ["params", "dialogues.max"]).stdout
    assert "dialogues.max" in text and "runs again: filter_dialogues" in text
    rows = CliRunner().invoke(main, ["params", "bench", "--json"]).stdout.splitlines()
    assert {"bench.rounds", "bench.tasks"} <= {json.loads(row)["name"] for row in rows}
    none = CliRunner().invoke(main, ["params", "no-such-thing"])
    assert (none.exit_code, none.stderr.count("\n")) == (1, 1)
