import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from huggingface_hub import metadata_load
from sample_examples import sample

from viscode.core.errors import UserError
from viscode.core.outcomes import Tally
from viscode.core.paper_funnel import PAPER_IN, PAPER_RECORDS
from viscode.core.records import ChatSample, InstructionSample, Message, Origin
from viscode.core.replacing import write_json
from viscode.core.tables import write_table
from viscode.dataset.assemble import Inputs, Outputs, assemble
from viscode.dataset.card import DECONTAMINATION_OFF, LICENCES_SHOWN, PARQUET, data_card
from viscode.dataset.chat import chat_of
from viscode.dataset.counts import SampleCounts, is_unknown
from viscode.dataset.funnel import STEPS, build_funnel
from viscode.settings.dataset import DatasetSettings

CHARTS: dict[str, dict[str, Any]] = {
    "collect_charts": {"in": 10, "kept": 10, "records": 10, "rejected": {}},
    "rebuild_charts": {"in": 10, "kept": 8, "records": 8, "rejected": {"html": 2}, "extra": {}},
    "validate/charts": {"in": 8, "kept": 7, "records": 7, "rejected": {"blank": 1}},
    "write_instructions/charts": {"in": 7, "kept": 6, "records": 6, "rejected": {"no_facts": 1}},
}
LAST = Tally(inputs=6, kept=5, records=5)
LAST.rejected["duplicate"] = 1
SETTINGS: dict[str, Any] = {
    "sources": ["charts"],
    "validation_share": 0.5,
    "seed": 1,
    "near_duplicates": 0.8,
    "decontaminate_ngram": 8,
    "decontaminate_share": 0.5,
    "decontaminate_text_share": 0.5,
}
REMOVED = {
    "contaminated: same code": 3,
    "contaminated: same data": 1200,
    "duplicate": 7,
    "near_duplicate": 11,
}


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
        ("validate/charts", {"in": "8"}, "does not fit.*validate/charts"),
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


def test_the_papers_figures_stand_beside_what_they_count(tmp_path: Path) -> None:
    tally = {"in": 9, "kept": 9, "records": 9, "rejected": {}}
    metrics = metrics_in(tmp_path, **dict.fromkeys(STEPS["files"], tally))
    files = build_funnel(metrics, {"files": Tally(inputs=9, kept=9, records=9)})["files"]
    assert files["collect_files"]["paper_in"] == 25_300_000
    assert "paper" not in files["collect_files"]
    assert [step.get("paper") for step in files.values()] == [
        None,
        1_700_000,
        1_000_000,
        300_000,
        105_000,
        105_000,
        None,
    ]
    assert sum("paper_in" in step for step in files.values()) == 1


def test_the_papers_figures_belong_to_stages() -> None:
    for table in (PAPER_IN, PAPER_RECORDS):
        assert all(set(stages) <= set(STEPS[source]) for source, stages in table.items())


def chats(*changes: dict[str, Any]) -> SampleCounts:
    counts = SampleCounts()
    for number, change in enumerate(changes):
        one = chat_of(sample("x = 1", id=f"s{number}", source="charts"), 100, "train")
        counts.add(one.model_copy(update=change))
    return counts


def card_of(folder: Path, counts: SampleCounts, **changes: Any) -> str:
    settings = DatasetSettings.model_validate(SETTINGS | changes)
    funnel = build_funnel(metrics_in(folder), {"charts": LAST})
    return data_card(counts, funnel, settings, REMOVED)


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({}, "were removed: 1,203 (same data 1,200, same code 3)"),
        ({}, "at least 50% of its code 8-grams"),
        ({}, "at least 50% of the words and pairs of words"),
        ({"decontaminate_text_share": 0.0}, "by its words (instructions were not compared)"),
        ({"decontaminate_ngram": 0}, f"{DECONTAMINATION_OFF}: the benchmark's own tasks may"),
        ({"decontaminate_share": 0.0}, DECONTAMINATION_OFF),
        ({}, "7 exact duplicates"),
        ({}, "So were 11 near duplicates"),
        ({}, "of at least 0.8;"),
        ({"near_duplicates": 0.0}, "Near duplicates were not looked for."),
        ({}, "| charts | validate/charts | 8 |  | 7 | 7 | 50,000 | blank 1 |"),
        ({}, "| charts | BSD-3-Clause | 2 |"),
        ({}, "| charts | facts | 2 |"),
        ({}, "| all | 100 | 100 | 100 | 100.0 | 200 |"),
        ({}, "one library prevails (matplotlib in 100% of the scripts)"),
    ],
)
def test_card_says_what_the_settings_and_counts_say(
    tmp_path: Path, changes: dict[str, Any], words: str
) -> None:
    assert words in card_of(tmp_path, chats({}, {}), **changes)


def test_the_head_is_what_the_hub_reads(tmp_path: Path) -> None:
    held_back = card_of(tmp_path, chats({}, {"split": "validation"}))
    (tmp_path / "README.md").write_text(held_back, encoding="utf-8")
    head = metadata_load(tmp_path / "README.md")
    assert head is not None and head["size_categories"] == ["n<1K"]
    [default] = head["configs"]
    assert [split["path"] for split in default["data_files"]] == [
        "viscode.jsonl",
        "viscode_validation.jsonl",
    ]
    assert "viscode_validation.jsonl" not in card_of(tmp_path, chats({})).split("\n---\n")[0]


def ones(chats: Sequence[Sequence[Message]]) -> list[int]:
    return [1] * len(chats)


def test_the_data_set_loads_as_its_card_says(tmp_path: Path) -> None:
    folder = tmp_path / "set"
    folder.mkdir()
    late = (
        1200  # lines of nearly a megabyte before one with a locator: readers infer from the first
    )
    origins = [Origin(kind="folder", name="mine")] * late
    origins.append(Origin(kind="repository", name="a/b", version="1", path="c.py", locator="d"))
    files = [
        sample(f"x = '{'y' * 9500}{i}'", id=f"s{i:04}", source="charts", origin=origin)
        for i, origin in enumerate(origins)
    ]
    inputs = Inputs(*(tmp_path / name for name in ("none", "charts", "no", "tasks")))
    write_table(inputs.charts, InstructionSample, files)
    changed = {"decontaminate_ngram": 0, "near_duplicates": 0.0, "validation_share": 0.01}
    names = ("viscode", "viscode.jsonl", "viscode_validation.jsonl")
    assemble(
        inputs,
        DatasetSettings.model_validate(SETTINGS | changed),
        ones,
        Outputs(*(folder / name for name in names)),
    )
    card = card_of(tmp_path, chats({}, {"split": "validation"}))
    (folder / "README.md").write_text(card, encoding="utf-8")
    from datasets import load_dataset

    cache = str(tmp_path / "cache")
    rows = load_dataset(str(folder), cache_dir=cache)
    assert sum(len(split) for split in rows.values()) == late + 1 > len(rows["train"])
    [last] = [row for split in rows.values() for row in split if row["id"] == f"s{late}"]
    assert last["origin"] == origins[-1].model_dump()
    shards = str(folder / PARQUET)
    table = load_dataset("parquet", data_files=shards, split="train", cache_dir=cache)
    assert table[0]["image"] == b"png" and table[0]["split"] == "train"


def test_every_field_of_the_table_is_explained(tmp_path: Path) -> None:
    table = card_of(tmp_path, chats({})).partition("\n## Fields\n")[2].partition("\n## ")[0]
    explained = {line.split(" | ")[0] for line in table.splitlines() if " | " in line}
    assert explained == {f"| {name}" for name in ("field", *ChatSample.model_fields)}


@pytest.mark.parametrize(
    ("licence", "unknown"),
    [
        ("", True),
        (" unknown ", True),
        ("Unknown AND MIT", True),
        ("MIT OR (NOASSERTION)", True),
        ("N/A", True),
        ("MIT", False),
        ("GPL-2.0-only WITH Classpath-exception-2.0", False),
        ("(MIT OR Apache-2.0) AND BSD-3-Clause", False),
    ],
)
def test_which_licences_are_unknown(licence: str, unknown: bool) -> None:
    assert is_unknown(licence) is unknown


def test_the_share_of_a_library_is_that_of_the_scripts(tmp_path: Path) -> None:
    without_image = chats(
        {"image": b""}, {"libraries": ()}, {"source": "dialogues", "libraries": ()}
    )
    assert "(matplotlib in 50% of the scripts)" in card_of(tmp_path, without_image)


def test_many_licences_are_cut_and_summed(tmp_path: Path) -> None:
    counts = chats(
        *({"licence": f"L-{i:02d}"} for i in range(40)), {"licence": ""}, {"licence": ""}
    )
    card = card_of(tmp_path, counts)
    shown = [line for line in card.splitlines() if line.startswith("| charts | L-")]
    assert len(shown) == LICENCES_SHOWN - 1
    assert "| charts | unknown | 2 |" in card and "Of 2 samples the license is not known" in card
    assert "... and 11 more, of 11 samples." in card


def test_a_hostile_licence_stays_in_its_cell(tmp_path: Path) -> None:
    card = card_of(tmp_path, chats({"licence": "MIT | x\n\n# <script>"}))
    assert "| charts | MIT / x # &lt;script> | 1 |" in card


def test_no_sample_at_all(tmp_path: Path) -> None:
    card = card_of(tmp_path, SampleCounts())
    assert "0 chats" in card and "## Libraries\n\nNone.\n" in card
    assert SampleCounts().as_metrics()["tokens"] == {
        "total": 0,
        "mean": 0.0,
        "p50": 0,
        "p95": 0,
        "max": 0,
    }


@pytest.mark.parametrize(
    ("lengths", "p50", "p95", "longest"),
    [
        ([5], 5, 5, 5),
        ([1, 2], 1, 2, 2),
        ([3, 1, 2], 2, 3, 3),
        (range(1, 101), 50, 95, 100),
        ([7] * 99 + [1000], 7, 7, 1000),
    ],
)
def test_percentiles(lengths: Any, p50: int, p95: int, longest: int) -> None:
    counts = chats(*({"tokens": tokens} for tokens in lengths))
    tokens = counts.as_metrics()["tokens"]
    assert isinstance(tokens, dict)
    assert (tokens["p50"], tokens["p95"], tokens["max"]) == (p50, p95, longest)
    assert tokens["total"] == sum(lengths)


def test_counts_of_methods_splits_and_unknown_licences() -> None:
    metrics = chats(
        {"method": "facts"},
        {"method": "gpt-4o", "split": "validation"},
        {"method": "", "licence": "Unknown", "image": b""},
    ).as_metrics()
    assert metrics["by_method"] == {"facts": 1, "gpt-4o": 1}
    assert (metrics["samples"], metrics["train"], metrics["validation"]) == (3, 2, 1)
    assert (metrics["unknown_licence"], metrics["with_image"]) == (1, 2)
