import json
from pathlib import Path
from typing import Any

import pytest
from sample_examples import sample

from viscode.dataset.card import data_card
from viscode.dataset.chat import chat_of
from viscode.dataset.counts import Counts
from viscode.dataset.funnel import build_funnel
from viscode.errors import UserError
from viscode.outcomes import Tally
from viscode.settings.dataset import DatasetSettings
from viscode.tables import write_json

CHARTS: dict[str, dict[str, Any]] = {
    "collect_charts": {"in": 10, "kept": 10, "records": 10, "rejected": {}},
    "rebuild_charts": {"in": 10, "kept": 8, "records": 8, "rejected": {"html": 2}, "extra": {}},
    "validate/charts": {"in": 8, "kept": 7, "records": 7, "rejected": {"blank": 1}},
    "write_instructions/charts": {"in": 7, "kept": 6, "records": 6, "rejected": {"no_facts": 1}},
}
LAST = Tally(inputs=6, kept=5, records=5)
LAST.rejected["duplicate"] = 1


def metrics_in(folder: Path, **changes: dict[str, Any]) -> Path:
    for stage, value in (CHARTS | changes).items():
        (folder / stage).parent.mkdir(parents=True, exist_ok=True)
        write_json(folder / f"{stage}.json", value)
    return folder


def test_funnel_in_order_beside_the_paper(tmp_path: Path) -> None:
    funnel = build_funnel(metrics_in(tmp_path), {"charts": LAST})
    assert list(funnel["charts"]) == [*CHARTS, "assemble"]
    assert [step["step"] for step in funnel["charts"].values()] == [1, 2, 3, 4, 5]
    assert funnel["charts"]["validate/charts"] == {
        "step": 3,
        "in": 8,
        "kept": 7,
        "records": 7,
        "rejected": {"blank": 1},
        "paper": 50_000,
    }
    assert "paper" not in funnel["charts"]["assemble"]
    json.dumps(funnel)


@pytest.mark.parametrize(
    ("stage", "value", "message"),
    [
        (
            "rebuild_charts",
            {"in": 9, "kept": 8, "records": 8, "rejected": {"html": 1}},
            "stage rebuild_charts got 9 records for charts, but collect_charts kept 10",
        ),
        ("validate/charts", {"in": 8, "kept": 7, "records": 7, "rejected": {}}, "do not add up"),
        (
            "write_instructions/charts",
            {"in": 7, "kept": 7, "records": 7, "rejected": {}},
            "stage assemble got 6 records for charts, but write_instructions/charts kept 7",
        ),
        ("validate/charts", {"in": "8"}, "not a tally"),
    ],
)
def test_a_mismatch_names_the_stage(
    tmp_path: Path, stage: str, value: dict[str, Any], message: str
) -> None:
    metrics = metrics_in(tmp_path, **{stage: value})
    with pytest.raises(UserError, match=message):
        build_funnel(metrics, {"charts": LAST})


def test_missing_metrics_name_the_stage(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no metrics of stage collect_dialogues"):
        build_funnel(metrics_in(tmp_path), {"dialogues": Tally()})


@pytest.mark.parametrize(("ngram", "words"), [(8, "Decontaminated"), (0, "turned off")])
def test_card(tmp_path: Path, ngram: int, words: str) -> None:
    counts = Counts()
    counts.add(chat_of(sample("x = 1", source="charts")), validation=False)
    settings = DatasetSettings(
        sources=["charts"],
        validation_share=0.0,
        seed=1,
        decontaminate_ngram=ngram,
        decontaminate_share=0.5,
    )
    card = data_card(counts, build_funnel(metrics_in(tmp_path), {"charts": LAST}), settings)
    assert card.startswith("---\npretty_name: VisCode\n")
    assert "| charts | validate/charts | 8 | 7 | 7 | blank 1 | 50000 |" in card
    assert "| charts | BSD-3-Clause | 1 |" in card and words in card
    assert "viscode_validation.jsonl\n---" not in card  # an empty split is not announced
