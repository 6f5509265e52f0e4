import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import pytest
from sample_examples import TASK_CODE, dialogue, sample, task

from viscode.core import checksums, tables
from viscode.core.errors import UserError
from viscode.core.records import ChatSample, Dialogue, InstructionSample, Message, Origin, Task
from viscode.core.tables import read_table, write_table
from viscode.core.transform import read_outcomes
from viscode.dataset.assemble import Assembled, Inputs, Outputs, assemble
from viscode.dataset.counts import seal
from viscode.settings.dataset import DatasetSettings

SETTINGS = {
    "sources": ["files", "charts", "dialogues"],
    "validation_share": 0.25,
    "seed": 1,
    "near_duplicates": 0.0,
    "decontaminate_ngram": 8,
    "decontaminate_share": 0.5,
    "decontaminate_text_share": 0.5,
}
FILES = [
    sample(f"import matplotlib.pyplot as plt\nplt.plot([{i}, 2])\n", id=f"f{i:02}")
    for i in range(20)
]
CHARTS = [
    sample(
        f"plt.bar([{i}], [1])",
        id=f"c{i:02}",
        source="charts",
        licence="ODC-BY",
        libraries=("matplotlib", "seaborn"),
    )
    for i in range(8)
]
DIALOGUES = [dialogue(f"d{i:02}", f"Plot {i} ü", "Here") for i in range(6)]


def characters(chats: Sequence[Sequence[Message]]) -> list[int]:
    """Counts a chat's characters, in the place of a tokenizer."""
    return [sum(len(message.content) for message in chat) for chat in chats]


def settings(**changes: Any) -> DatasetSettings:
    return DatasetSettings(**(SETTINGS | changes))


def run(
    folder: Path,
    files: list[InstructionSample],
    charts: list[InstructionSample],
    dialogues: list[Dialogue],
    workers: int = 1,
    **changes: Any,
) -> Assembled:
    inputs = written(folder, files, charts, dialogues)
    return assemble(inputs, settings(**changes), characters, outputs(folder), workers)


def written(
    folder: Path,
    files: list[InstructionSample],
    charts: list[InstructionSample],
    dialogues: list[Dialogue],
) -> Inputs:
    inputs = Inputs(folder / "files", folder / "charts", folder / "dialogues", folder / "tasks")
    write_table(inputs.files, InstructionSample, files)
    write_table(inputs.charts, InstructionSample, charts)
    write_table(inputs.dialogues, Dialogue, dialogues)
    write_table(inputs.tasks, Task, [task()])
    return inputs


def outputs(folder: Path) -> Outputs:
    return Outputs(folder / "out", folder / "train.jsonl", folder / "validation.jsonl")


def lines(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]


def reasons(folder: Path) -> dict[str, tuple[str, str]]:
    return {o.id: (o.reason, o.detail) for o in read_outcomes(folder / "out") if not o.kept}


def test_all_of_it(tmp_path: Path) -> None:
    made = run(tmp_path, FILES, CHARTS, DIALOGUES)
    train, validation = lines(tmp_path / "train.jsonl"), lines(tmp_path / "validation.jsonl")
    chats = {chat.id: chat for chat in read_table(tmp_path / "out", ChatSample)}
    assert {line["id"] for line in [*train, *validation]} == set(chats)
    assert len(train) + len(validation) == 34 and validation
    for split in (train, validation):
        assert [line["id"] for line in split] == sorted(line["id"] for line in split)
    first = next(line for line in [*train, *validation] if line["id"] == "f00")
    assert first == {
        "id": "f00",
        "source": "files",
        "licence": "BSD-3-Clause",
        "origin": {
            "kind": "package",
            "name": "demo",
            "version": "1.0",
            "path": "demo/mod.py",
            "locator": "f",
        },
        "messages": [
            {"role": "user", "content": "Create a plot."},
            {
                "role": "assistant",
                "content": "```python\nimport matplotlib.pyplot as plt\nplt.plot([0, 2])\n```",
            },
        ],
    }
    assert chats["f00"].image == b"png" and chats["d00"].image == b""
    assert "ü" in (tmp_path / "train.jsonl").read_text(encoding="utf-8")
    said = {m.role: m.content for m in chats["f00"].messages}
    assert chats["f00"].tokens == len(said["user"]) + len(said["assistant"])
    assert {chat.id for chat in chats.values() if chat.split == "validation"} == {
        line["id"] for line in validation
    }
    metrics = made.counts.as_metrics()
    assert metrics["by_source"] == {"charts": 8, "dialogues": 6, "files": 20}
    assert metrics["by_library"] == {"matplotlib": 28, "seaborn": 8}
    assert metrics["by_licence"] == {"Apache-2.0": 6, "BSD-3-Clause": 20, "ODC-BY": 8}
    assert (metrics["samples"], metrics["with_image"]) == (34, 28)
    assert (metrics["train"], metrics["validation"]) == (len(train), len(validation))


def test_reasons_and_sums(tmp_path: Path) -> None:
    code = FILES[3].code
    made = run(
        tmp_path,
        [*FILES, sample(code.replace("\n", "  \n\n"), id="g1"), sample(TASK_CODE, id="g2")],
        [*CHARTS, sample(code, id="a1", source="charts")],
        [*DIALOGUES, dialogue("e1", "Plot  3 ü", "Here\n")],
    )
    found = reasons(tmp_path)
    assert found == {
        "g1": ("duplicate", "a1"),
        "f03": ("duplicate", "a1"),
        "e1": ("duplicate", "d03"),
        "g2": ("contaminated", "task t7: code_ngrams"),
    }
    tally = made.tally
    assert tally.inputs == tally.kept + sum(tally.rejected.values()) == 38
    assert sum(part.inputs for part in made.by_source.values()) == tally.inputs
    assert sum(part.kept for part in made.by_source.values()) == tally.kept == 34


def test_a_contaminated_sample_does_not_push_out_its_clean_duplicate(tmp_path: Path) -> None:
    shown = "species,length,width\nadelie,39.1,18.7"
    run(
        tmp_path,
        [sample("x = 1", id="a", instruction=shown), sample("x = 1", id="b")],
        [],
        [],
        sources=["files"],
    )
    assert reasons(tmp_path) == {"a": ("contaminated", "task t7: same_data")}


@pytest.mark.parametrize("off", [{"decontaminate_ngram": 0}, {"decontaminate_share": 0.0}])
def test_decontamination_turned_off(tmp_path: Path, off: dict[str, Any]) -> None:
    run(tmp_path, [sample(TASK_CODE, id="a")], [], [], sources=["files"], **off)
    assert reasons(tmp_path) == {}


LONG = "import matplotlib.pyplot as plt\n" + "".join(
    f"plt.plot([{i}, {i * i}], label='line {i}')\n" for i in range(40)
)


def test_near_duplicates_within_and_across_sources(tmp_path: Path) -> None:
    made = run(
        tmp_path,
        [sample(LONG, id="b1"), sample(LONG.replace("[7, 49]", "[7, 50]"), id="b2")],
        [sample(LONG.replace("line 30", "row 30"), id="a1", source="charts"), *CHARTS],
        [],
        near_duplicates=0.8,
    )
    assert reasons(tmp_path) == {"b1": ("near_duplicate", "a1"), "b2": ("near_duplicate", "a1")}
    assert made.excluded.removed() == {"duplicate": 0, "near_duplicate": 2}


def test_the_same_in_several_processes(tmp_path: Path) -> None:
    many = [sample(f"plt.plot([{i}, 2], label='{i % 97}')", id=f"m{i:04}") for i in range(300)]
    for workers in (1, 2):
        folder = tmp_path / str(workers)
        run(folder, many, CHARTS, DIALOGUES, workers=workers, near_duplicates=0.8)
    for name in ("train.jsonl", "out/outcome-00000.parquet"):
        assert (tmp_path / "1" / name).read_bytes() == (tmp_path / "2" / name).read_bytes()


def test_same_bytes_however_the_input_is_cut_into_shards(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Equal and near samples lie in other shards, and the sources are named in another order."""
    files = [*FILES, sample(LONG, id="b1"), sample(LONG.replace("[7, 49]", "[7, 50]"), id="b2")]
    charts = [*CHARTS, sample(FILES[3].code, id="a1", source="charts")]
    for name, shard_bytes, sources in (
        ("whole", tables.SHARD_BYTES, ["files", "charts", "dialogues"]),
        ("cut", 1200, ["dialogues", "charts", "files"]),
    ):
        with monkeypatch.context() as patched:
            patched.setattr(tables, "SHARD_BYTES", shard_bytes)
            inputs = written(tmp_path / name, files, charts, DIALOGUES)
        changed = settings(sources=sources, near_duplicates=0.8)
        assemble(inputs, changed, characters, outputs(tmp_path / name))
    assert len(checksums.shards(tmp_path / "whole" / "files")) == 1
    assert len(checksums.shards(tmp_path / "cut" / "files")) > 5
    assert set(reasons(tmp_path / "cut")) == {"f03", "b2"}
    for name in ("train.jsonl", "validation.jsonl", "out/part-00000.parquet",
                 "out/outcome-00000.parquet"):  # fmt: skip
        assert (tmp_path / "whole" / name).read_bytes() == (tmp_path / "cut" / name).read_bytes()


def test_a_source_turned_off(tmp_path: Path) -> None:
    made = run(tmp_path, FILES, CHARTS, DIALOGUES, sources=["dialogues"])
    assert made.counts.by_source == {"dialogues": 6}
    assert {reason for reason, _ in reasons(tmp_path).values()} == {"source_off"}
    assert len(reasons(tmp_path)) == 28
    assert list(made.by_source) == ["dialogues"]


def test_an_unused_source_may_be_missing_a_used_one_not(tmp_path: Path) -> None:
    inputs = Inputs(tmp_path / "files", tmp_path / "no", tmp_path / "no", tmp_path / "tasks")
    write_table(inputs.files, InstructionSample, FILES)
    write_table(inputs.tasks, Task, [task()])
    made = assemble(inputs, settings(sources=["files"]), characters, outputs(tmp_path))
    assert made.tally.kept == 20
    with pytest.raises(UserError, match="no part"):
        assemble(inputs, settings(sources=["charts"]), characters, outputs(tmp_path))


def test_nothing_is_written_when_nothing_is_left(tmp_path: Path) -> None:
    with pytest.raises(UserError, match="no sample is left"):
        run(tmp_path, [sample(TASK_CODE, id="a")], [], [], sources=["files"])
    assert not (tmp_path / "train.jsonl").exists() and not (tmp_path / "out").exists()
    assert {path.name for path in tmp_path.iterdir()} == {"files", "charts", "dialogues", "tasks"}


def test_one_more_sample_moves_no_other_to_another_split(tmp_path: Path) -> None:
    many = [sample(f"plt.plot([{i}])", id=f"m{i:04}") for i in range(200)]
    new = sample("plt.bar([1], [2])", id="m0100-new")
    held, held_then, held_otherwise = (
        {line["id"] for line in lines(run_in(tmp_path / name, chosen, seed) / "validation.jsonl")}
        for name, chosen, seed in (("a", many, 1), ("b", [*many, new], 1), ("c", many, 2))
    )
    assert held == held_then - {new.id}
    assert 30 < len(held) < 70  # a quarter
    assert held != held_otherwise


def run_in(folder: Path, files: list[InstructionSample], seed: int) -> Path:
    run(folder, files, [], [], sources=["files"], seed=seed)
    return folder


def test_nothing_is_held_back_without_a_share(tmp_path: Path) -> None:
    run(tmp_path, FILES, CHARTS, DIALOGUES, validation_share=0.0)
    assert lines(tmp_path / "validation.jsonl") == []


def test_every_line_has_all_keys(tmp_path: Path) -> None:
    bare = Origin(kind="folder", name="mine")
    run(tmp_path, [sample("plt.plot(1)", id="a", origin=bare), *FILES], [], [], sources=["files"])
    for name in ("train.jsonl", "validation.jsonl"):
        for line in lines(tmp_path / name):
            assert list(line["origin"]) == ["kind", "name", "version", "path", "locator"]


def test_the_seal_is_that_of_the_files(tmp_path: Path) -> None:
    one = run(tmp_path / "a", FILES, [], [], sources=["files"]).counts.as_metrics()["seal"]
    other = run(tmp_path / "b", FILES[1:], [], [], sources=["files"]).counts.as_metrics()["seal"]
    again = seal(*(tmp_path / "a" / name for name in ("train.jsonl", "validation.jsonl", "out")))
    assert one == again and set(again) == {"train", "validation", "table_ids"}
    assert isinstance(other, dict) and other["table_ids"] != again["table_ids"]
