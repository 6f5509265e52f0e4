"""Charts, dialogues and tasks from rows: good rows, every kind of bad row, sampling, the hub."""

import base64
import io
import json
import os
import struct
import zlib
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from PIL import Image
from ruamel.yaml import YAML

from viscode.core.errors import UserError
from viscode.core.hashing import files_digest
from viscode.core.outcomes import Kept, Outcome, Tally
from viscode.core.records import ChartSample, Dialogue, Task
from viscode.core.tables import read_table
from viscode.core.transform import read_outcomes
from viscode.corpora import fields
from viscode.corpora.benchmark_tasks import collect_tasks
from viscode.corpora.chats import collect_dialogues
from viscode.corpora.corpus import licence_of, open_corpora, parse_hub_place
from viscode.corpora.cosyn import collect_charts
from viscode.dialogues.filter import filter_dialogues
from viscode.settings.collect import (
    CollectChartsSettings,
    CollectDialoguesSettings,
    CollectTasksSettings,
    LocalOrHubSettings,
)
from viscode.settings.dialogues import DialogueSettings

Row = dict[str, Any]
PROJECT = Path(__file__).parents[2]


def png() -> bytes:
    stream = io.BytesIO()
    Image.new("RGB", (4, 3), "red").save(stream, "PNG")
    return stream.getvalue()


def chunk(kind: bytes, data: bytes) -> bytes:
    check = struct.pack(">I", zlib.crc32(kind + data))
    return struct.pack(">I", len(data)) + kind + data + check


PNG = png()
IHDR, IEND = PNG[8:33], PNG[-12:]
DAMAGED_PNGS = {
    "cut off": PNG[:-20],
    "pixels that do not unpack": PNG[:8] + IHDR + chunk(b"IDAT", b"nothing") + IEND,
    "too few pixels": PNG[:8] + IHDR + chunk(b"IDAT", zlib.compress(b"")) + IEND,
    "no pixels": PNG[:8] + IHDR + IEND,
}
CHART: Row = {
    "id": "c1",
    "image": None,
    "qa_pairs": None,
    "data": "x,y\n1,2\n",
    "metadata": {"figure_type": "Line Chart", "persona": "p", "topic": "Rain"},
    "code": "def generate_plot(df):\n    pass\n",
}
DIALOGUE: Row = {
    "id": 7,
    "messages": [{"role": "user", "content": "hi"}, {"role": "assistant", "content": ""}],
}
TASK: Row = {
    "id": 3,
    "code_plot": "df.plot()",
    "code_data": None,
    "data_csv": "a\n1\n",
    "task__plot_description": "Draw it.",
    "task__plot_style": "",
    "plots_gt": [base64.encodebytes(PNG).decode()],
}


def collect(
    kind: str, path: Path, out: Path, take: int = 0, seed: int = 1, hub: tuple[str, ...] = ()
) -> Tally:
    values: Row = {"path": str(path), "hub": list(hub), "take": take, "seed": seed}
    if kind == "charts":
        return collect_charts(CollectChartsSettings(**values), out)
    if kind == "dialogues":
        return collect_dialogues(CollectDialoguesSettings(**values), out)
    return collect_tasks(CollectTasksSettings(**values), out)


def write_rows(path: Path, rows: list[Row]) -> Path:
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def rejected(out: Path) -> list[Outcome]:
    return [outcome for outcome in read_outcomes(out) if not outcome.kept]


def test_a_chart_row(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "rows.jsonl", [CHART])
    collect("charts", path, tmp_path / "out")
    (record,) = read_table(tmp_path / "out", ChartSample)
    assert (record.figure_type, record.topic) == ("Line Chart", "Rain")
    assert (record.data_csv, record.code) == (CHART["data"], CHART["code"])
    assert record.origin.model_dump() == {
        "kind": "folder",
        "name": "rows.jsonl",
        "version": "",
        "path": "rows.jsonl",
        "locator": "c1",
    }
    assert record.licence == "unknown"


def test_a_dialogue_row(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "rows.jsonl", [DIALOGUE])
    collect("dialogues", path, tmp_path / "out")
    (record,) = read_table(tmp_path / "out", Dialogue)
    assert [message.model_dump() for message in record.messages] == DIALOGUE["messages"]
    assert record.origin.locator == "7"


def test_a_task_row_and_one_without_ground_truth_are_the_same_task(tmp_path: Path) -> None:
    bare = TASK | {"plots_gt": None, "code_plot": None}
    ids = []
    for name, row in {"full": TASK, "bare": bare}.items():
        collect("tasks", write_rows(tmp_path / f"{name}.jsonl", [row]), tmp_path / name)
        (record,) = read_table(tmp_path / name, Task)
        ids.append(record.id)
        assert (record.number, record.code_data) == (3, None)
        assert record.plots_gt == ((PNG,) if name == "full" else ())
    assert ids[0] == ids[1]


def test_parquet_gives_the_records_that_json_lines_give(tmp_path: Path) -> None:
    rows = [TASK, TASK | {"id": 4, "plots_gt": None}]
    write_rows(tmp_path / "rows.jsonl", rows)
    pq.write_table(pa.Table.from_pylist(rows), tmp_path / "rows.parquet")
    for name in ("jsonl", "parquet"):
        collect("tasks", tmp_path / f"rows.{name}", tmp_path / name)
    assert list(read_table(tmp_path / "jsonl", Task)) == list(
        read_table(tmp_path / "parquet", Task)
    )


def without(row: Row, field: str) -> Row:
    return {key: value for key, value in row.items() if key != field}


MALFORMED: list[tuple[str, Row, str]] = [
    ("charts", without(CHART, "code"), "field code: missing"),
    ("charts", CHART | {"code": None}, "field code: a string is needed, not null"),
    ("charts", CHART | {"code": " \n"}, "field code: empty"),
    ("charts", CHART | {"data": ["x"]}, "field data: a string is needed, not list"),
    ("charts", CHART | {"data": "\ud800"}, "field data: not valid Unicode"),
    ("charts", CHART | {"metadata": "Line"}, "field metadata: an object is needed, not str"),
    ("charts", CHART | {"metadata": {"figure_type": "x"}}, "field metadata.topic: missing"),
    ("charts", CHART | {"id": "\ud800"}, "field id: not valid Unicode"),
    ("charts", CHART | {"metadata": "{'topic': 'x'}"}, "field metadata: an object is needed, not"),
    ("charts", CHART | {"metadata": '["topic"]'}, "field metadata: an object is needed, not str"),
    ("dialogues", without(DIALOGUE, "messages"), "field messages: missing"),
    ("dialogues", DIALOGUE | {"messages": []}, "field messages: empty"),
    ("dialogues", DIALOGUE | {"messages": {}}, "field messages: a list is needed, not dict"),
    ("dialogues", DIALOGUE | {"messages": ["hi"]}, "field messages[0]: an object is needed"),
    (
        "dialogues",
        DIALOGUE | {"messages": [{"role": "narrator", "content": ""}]},
        "field messages[0].role: none of system, ",
    ),
    ("dialogues", DIALOGUE | {"messages": [{"content": "x"}]}, "field messages[0].role: missing"),
    ("dialogues", DIALOGUE | {"messages": [{"role": "user"}]}, "field messages[0].content: miss"),
    (
        "dialogues",
        {"conversations": [{"from": "human", "value": 3}]},
        "field conversations[0].value: a string is needed, not int",
    ),
    (
        "dialogues",
        DIALOGUE | {"messages": [{"role": "user", "content": None}]},
        "field messages[0].content: a string is needed, not null",
    ),
    ("tasks", TASK | {"id": "3"}, "field id: an integer from 0"),
    ("tasks", TASK | {"id": True}, "field id: an integer from 0"),
    ("tasks", TASK | {"id": 2**63}, "field id: an integer from 0"),
    ("tasks", TASK | {"data_csv": ""}, "field data_csv: empty"),
    ("tasks", TASK | {"plots_gt": "x"}, "field plots_gt: a list is needed, not str"),
    ("tasks", TASK | {"plots_gt": [None]}, "field plots_gt[0]: a string is needed, not null"),
    ("tasks", TASK | {"plots_gt": ["?!"]}, "field plots_gt[0]: not base64"),
    ("tasks", TASK | {"plots_gt": ["aGVsbG8="]}, "field plots_gt[0]: not a PNG image"),
    *(
        (
            "tasks",
            TASK | {"plots_gt": [base64.b64encode(image).decode()]},
            "field plots_gt[0]: not a PNG image",
        )
        for image in DAMAGED_PNGS.values()
    ),
]


@pytest.mark.parametrize(("kind", "bad", "detail"), MALFORMED)
def test_a_malformed_row_is_counted_and_named(
    tmp_path: Path, kind: str, bad: Row, detail: str
) -> None:
    good = {"charts": CHART, "dialogues": DIALOGUE, "tasks": TASK}[kind]
    path = write_rows(tmp_path / "rows.jsonl", [bad, good | {"id": 99}])
    tally = collect(kind, path, tmp_path / "out")
    assert (tally.inputs, tally.kept, dict(tally.rejected)) == (2, 1, {"malformed": 1})
    (outcome,) = rejected(tmp_path / "out")
    assert outcome.detail.startswith(f"rows.jsonl:1: {detail}")


NAMED: list[tuple[Row, str]] = [
    ({"uuid": "4b0c"}, "4b0c"),
    ({"_id": "65fa"}, "65fa"),
    ({"idx": 12}, "12"),
    ({"index": 0}, "0"),
    ({"conversation_id": "c-9", "index": 4}, "c-9"),
    ({"sample_id": -3}, "-3"),
    ({"prompt_id": "p"}, "p"),
    ({"figure_id": "fig7"}, "fig7"),
    ({"id": None, "uuid": "u"}, "u"),
    ({"id": " ", "key": "k"}, "k"),
    ({"id": 2**70}, str(2**70)),
]


@pytest.mark.parametrize(("named", "locator"), NAMED)
@pytest.mark.parametrize("kind", ["charts", "dialogues"])
def test_published_names_of_an_id(tmp_path: Path, kind: str, named: Row, locator: str) -> None:
    row = without({"charts": CHART, "dialogues": DIALOGUE}[kind], "id") | named
    collect(kind, write_rows(tmp_path / "rows.jsonl", [row]), tmp_path / "out")
    (record,) = read_table(tmp_path / "out", ChartSample if kind == "charts" else Dialogue)
    assert record.origin.locator == locator


@pytest.mark.parametrize("nameless", [{}, {"id": None}, {"id": ""}, {"id": [1]}, {"id": True}])
@pytest.mark.parametrize("kind", ["charts", "dialogues"])
def test_content_names_a_row_without_an_id(tmp_path: Path, kind: str, nameless: Row) -> None:
    row = without({"charts": CHART, "dialogues": DIALOGUE}[kind], "id") | nameless
    change = {"code": "other"} if kind == "charts" else {"messages": DIALOGUE["messages"][:1]}
    path = write_rows(tmp_path / "rows.jsonl", [row, row | change, row])
    tally = collect(kind, path, tmp_path / "out")
    assert (tally.kept, dict(tally.rejected)) == (2, {"duplicate": 1})
    record_type = ChartSample if kind == "charts" else Dialogue
    first = {
        record.id: record.origin.locator for record in read_table(tmp_path / "out", record_type)
    }
    assert len(set(first.values())) == 2

    write_rows(path, [row | change, row])
    collect(kind, path, tmp_path / "again")
    again = {
        record.id: record.origin.locator for record in read_table(tmp_path / "again", record_type)
    }
    assert first == again


@pytest.mark.parametrize("name", ["idx", "index", "task_id"])
def test_the_number_of_a_task_under_another_name(tmp_path: Path, name: str) -> None:
    path = write_rows(tmp_path / "rows.jsonl", [without(TASK, "id") | {name: 8}])
    collect("tasks", path, tmp_path / "out")
    (record,) = read_table(tmp_path / "out", Task)
    assert record.number == 8


METADATA = [
    '{"figure_type": "Line Chart", "persona": "p", "topic": "Rain"}',
    ' {"topic": "Rain", "figure_type": "Line Chart"}\n',
    '{"topic":"\\u0052ain","figure_type":"Line Chart","style":null}',
]


@pytest.mark.parametrize("metadata", METADATA)
def test_metadata_may_be_json_text(tmp_path: Path, metadata: str) -> None:
    rows = [CHART, CHART | {"metadata": metadata}]
    tally = collect("charts", write_rows(tmp_path / "rows.jsonl", rows), tmp_path / "out")
    assert (tally.kept, dict(tally.rejected)) == (1, {"duplicate": 1})


@pytest.mark.parametrize("form", ["parquet", "jsonl"])
def test_rows_of_another_schema_from_files_and_the_hub(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, form: str
) -> None:
    monkeypatch.chdir(tmp_path)
    rows: list[Row] = [
        {"idx": n, "conversations": [{"from": "human", "value": f"q{n}"}], "language": "python"}
        for n in range(3)
    ]
    (tmp_path / "someone" / "set").mkdir(parents=True)
    path = tmp_path / "someone" / "set" / f"rows.{form}"
    if form == "parquet":
        pq.write_table(pa.Table.from_pylist(rows), path)
    else:
        write_rows(path, rows)
    collect("dialogues", path, tmp_path / "local")
    collect("dialogues", Path("x"), tmp_path / "hub", hub=("someone/set::train",))
    for name in ("local", "hub"):
        said = {d.origin.locator: d.messages for d in read_table(tmp_path / name, Dialogue)}
        assert {i: [(m.role, m.content) for m in messages] for i, messages in said.items()} == {
            str(n): [("user", f"q{n}")] for n in range(3)
        }


def test_a_line_that_is_no_json_and_a_large_cell_are_malformed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(fields, "CELL_BYTES", 100)
    path = write_rows(tmp_path / "rows.jsonl", [CHART, CHART | {"id": "c2", "data": "é" * 60}])
    path.write_text(path.read_text() + "{oops\n")
    tally = collect("charts", path, tmp_path / "out")
    assert (tally.inputs, tally.kept, dict(tally.rejected)) == (3, 1, {"malformed": 2})
    details = sorted(outcome.detail for outcome in rejected(tmp_path / "out"))
    assert details[0].startswith("rows.jsonl:2: field data: above")
    assert details[1].startswith("rows.jsonl:3: field (whole row): not JSON")


def test_a_repeated_row_is_a_duplicate_another_with_its_id_is_not(tmp_path: Path) -> None:
    rows = [CHART, CHART | {"id": "c2"}, CHART, CHART, CHART | {"code": "other"}]
    tally = collect("charts", write_rows(tmp_path / "rows.jsonl", rows), tmp_path / "out")
    assert (tally.inputs, tally.kept, dict(tally.rejected)) == (5, 3, {"duplicate": 2})
    details = sorted(outcome.detail for outcome in rejected(tmp_path / "out"))
    assert details == ["rows.jsonl:3: id c1", "rows.jsonl:4: id c1"]


HUB_NAMES = ("someone/charts", "someone/CoSyn-400K", "someone/other")


@pytest.fixture
def three(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """Three data sets, all with row c1 and one of their own. `datasets` reads a local folder like
    a repository of the hub."""
    monkeypatch.chdir(tmp_path)
    for name in HUB_NAMES:
        (tmp_path / name).mkdir(parents=True)
        rows = [CHART, CHART | {"id": f"own {name}"}, CHART | {"code": " "}]
        write_rows(tmp_path / name / "rows.jsonl", rows)
    return tuple(f"{name}::train" for name in HUB_NAMES)


def test_several_data_sets_of_the_hub_are_one_corpus(
    three: tuple[str, ...], tmp_path: Path
) -> None:
    tally = collect("charts", Path("no/such/file"), tmp_path / "out", hub=three)
    counts = (tally.inputs, tally.kept, dict(tally.rejected))
    assert counts == (9, 4, {"duplicate": 2, "malformed": 3})
    kept = {record.origin.locator: record for record in read_table(tmp_path / "out", ChartSample)}
    assert {
        name: (one.origin.name, one.origin.path, one.licence) for name, one in kept.items()
    } == {
        "c1": ("someone/CoSyn-400K", "someone/CoSyn-400K/train", "odc-by"),
        "own someone/CoSyn-400K": ("someone/CoSyn-400K", "someone/CoSyn-400K/train", "odc-by"),
        "own someone/charts": ("someone/charts", "someone/charts/train", "unknown"),
        "own someone/other": ("someone/other", "someone/other/train", "unknown"),
    }
    details = [outcome.detail for outcome in rejected(tmp_path / "out")]
    assert sum("someone/charts::train " in detail for detail in details) == 2


def test_the_order_of_hub_places_and_repeating_them_changes_nothing(
    three: tuple[str, ...], tmp_path: Path
) -> None:
    for name, places in {"one": three, "two": (*reversed(three), three[0])}.items():
        collect("charts", Path("x"), tmp_path / name, take=3, hub=places)
    first, second = (sorted((tmp_path / name).iterdir()) for name in ("one", "two"))
    assert files_digest(first) == files_digest(second)


def test_a_local_folder_holds_several_files(tmp_path: Path) -> None:
    folder = tmp_path / "CoSyn-400K"
    folder.mkdir()
    write_rows(folder / "chart.jsonl", [CHART])
    write_rows(folder / "table.jsonl", [CHART | {"id": "t1"}, CHART])
    tally = collect("charts", folder, tmp_path / "out")
    assert (tally.kept, dict(tally.rejected)) == (2, {"duplicate": 1})
    records = list(read_table(tmp_path / "out", ChartSample))
    assert {record.origin.path for record in records} == {"chart.jsonl", "table.jsonl"}
    assert {record.licence for record in records} == {"odc-by"}


def test_dvc_watches_every_local_path() -> None:
    stages = YAML(typ="safe", pure=True).load(PROJECT / "dvc.yaml")["stages"]
    for section in ("files", "charts", "dialogues", "tasks"):
        deps = stages[f"collect_{section}"]["deps"]
        assert f"${{collect.{section}.path}}" in deps
        assert not [dep for dep in deps if dep.startswith("samples/")]


def test_names_of_files_that_are_no_text_are_written_with_escapes(tmp_path: Path) -> None:
    folder, out = tmp_path / "mine", tmp_path / "out"
    folder.mkdir()
    write_rows(folder / os.fsdecode(b"caf\xe9.jsonl"), [CHART, CHART | {"code": None}])
    assert collect("charts", folder, out).kept == 1
    (record,) = read_table(out, ChartSample)
    assert record.origin.path == "caf\\xe9.jsonl"
    (outcome,) = rejected(out)
    assert outcome.detail.startswith("caf\\xe9.jsonl:2: field code")


def test_a_corpus_without_a_usable_row_is_an_error(tmp_path: Path) -> None:
    path = write_rows(tmp_path / "rows.jsonl", [DIALOGUE, DIALOGUE])
    with pytest.raises(UserError, match="none of 2 rows is usable"):
        collect("charts", path, tmp_path / "out")


ALL_REFUSED: list[tuple[str, list[Row], str]] = [
    (
        "charts",
        [DIALOGUE, CHART | {"code": " "}, CHART | {"data": None}],
        "none of 3 rows is usable: 3 malformed, the first at rows.jsonl:1: field metadata: "
        "missing; the row is {'id': 7, 'messages': [{'content': 'hi', 'role': 'user'}, ",
    ),
    (
        "dialogues",
        [
            {"messages": []},
            {"messages": [{"role": "tool", "content": "x"}]},
            {"messages": [{"role": "tool", "content": "y" * 900 + "\n"}]},
        ],
        "none of 3 rows is usable: 2 tool_messages, the first at rows.jsonl:2: field "
        "messages[0].role: tool is a tool; the row is {'messages': [{'content': 'x', ",
    ),
    (
        "tasks",
        [TASK | {"id": "three"}, TASK | {"id": None}],
        "none of 2 rows is usable: 2 malformed, the first at rows.jsonl:1: field id: an integer",
    ),
]


@pytest.mark.parametrize(("kind", "rows", "told"), ALL_REFUSED)
def test_the_error_names_the_commonest_reason_and_shows_a_row(
    tmp_path: Path, kind: str, rows: list[Row], told: str
) -> None:
    path = write_rows(tmp_path / "rows.jsonl", rows)
    with pytest.raises(UserError) as caught:
        collect(kind, path, tmp_path / "out")
    assert str(caught.value).startswith(told)
    assert f"({path})" in str(caught.value)
    assert len(str(caught.value)) < 900


@pytest.mark.parametrize("line", ["[1, 2]", "id,messages", '"{}"'])
def test_the_error_shows_a_line_that_is_no_row(tmp_path: Path, line: str) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_text(f"{line}\n")
    with pytest.raises(UserError) as caught:
        collect("dialogues", path, tmp_path / "out")
    assert f"the row is {line!r}" in str(caught.value).replace("\\n", "")


@pytest.mark.parametrize("bad", range(3))
def test_a_data_set_of_a_hub_list_without_a_usable_row_is_an_error(
    three: tuple[str, ...], tmp_path: Path, bad: int
) -> None:
    write_rows(tmp_path / HUB_NAMES[bad] / "rows.jsonl", [{"text": "no chart"}])
    with pytest.raises(UserError) as caught:
        collect("charts", Path("x"), tmp_path / "out", hub=three)
    assert f"({three[bad]})" in str(caught.value)
    assert "none of 1 rows is usable: 1 malformed, the first at" in str(caught.value)
    assert "the row is {'text': 'no chart'}" in str(caught.value) or "{}" in str(caught.value)


def test_a_sample_counts_the_rest_and_hardly_changes_with_new_rows(tmp_path: Path) -> None:
    rows = [CHART | {"id": f"c{n}"} for n in range(60)]
    path = write_rows(tmp_path / "rows.jsonl", rows[:-1])
    tally = collect("charts", path, tmp_path / "out", take=10)
    assert (tally.inputs, tally.kept, dict(tally.rejected)) == (59, 10, {"not_sampled": 49})
    before = list(read_table(tmp_path / "out", ChartSample))

    write_rows(path, [rows[-1], *rows[:-1]])
    collect("charts", path, tmp_path / "out", take=10)
    after = {record.id: record for record in read_table(tmp_path / "out", ChartSample)}
    stayed = [record for record in before if record.id in after]
    assert len(stayed) >= 9
    assert all(record == after[record.id] for record in stayed)

    collect("charts", path, tmp_path / "other", take=10, seed=2)
    assert set(after) != {record.id for record in read_table(tmp_path / "other", ChartSample)}


@pytest.mark.parametrize(
    ("name", "licence"),
    [
        ("allenai/CoSyn-400K", "odc-by"),
        ("m-a-p/Code-Feedback", "Apache-2.0"),
        ("copies/pandasplotbench-dev/tasks.jsonl", "Apache-2.0"),
        ("mine/rows.jsonl", "unknown"),
    ],
)
def test_licences(name: str, licence: str) -> None:
    assert licence_of(name) == licence


def test_samples_are_ours(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for path in ("samples/charts.jsonl", str(tmp_path / "samples" / "charts.jsonl")):
        (corpus,) = open_corpora(LocalOrHubSettings(path=path, hub=[]), ())
        assert (corpus.origin.kind, corpus.licence) == ("sample", "Apache-2.0")
    other = LocalOrHubSettings(path="other/samples/charts.jsonl", hub=[])
    assert [one.origin.kind for one in open_corpora(other, ())] == ["folder"]


@pytest.mark.parametrize("text", ["a/b", "a/b:c", ":c:train", "/tmp/x:c:train", "hub:a/b:c:train"])
def test_a_hub_place_of_another_form_is_an_error(text: str) -> None:
    with pytest.raises(UserError, match=r"not a place on the hub.*ID:CONFIG:SPLIT"):
        parse_hub_place(text)


def test_a_hub_data_set_is_streamed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # `datasets` reads a local folder like a repository of the hub
    (tmp_path / "someone" / "Code-Feedback").mkdir(parents=True)
    write_rows(tmp_path / "someone" / "Code-Feedback" / "rows.jsonl", [DIALOGUE])
    collect("dialogues", Path("x"), tmp_path / "out", hub=("someone/Code-Feedback::train",))
    (record,) = read_table(tmp_path / "out", Dialogue)
    assert record.licence == "Apache-2.0" and len(record.messages) == 2
    assert (record.origin.kind, record.origin.name) == ("dataset", "someone/Code-Feedback")


def test_the_hub_without_a_network_is_one_readable_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    for module in ("huggingface_hub.constants", "datasets.config"):  # read from a variable once
        monkeypatch.setattr(f"{module}.HF_HUB_OFFLINE", True)
    monkeypatch.setattr("datasets.config.HF_DATASETS_CACHE", tmp_path / "hub")
    with pytest.raises(UserError, match="the hub data set could not be read") as caught:
        collect("charts", Path("x"), tmp_path / "out", hub=("allenai/CoSyn-400K:chart:train",))
    told = str(caught.value)
    assert "set the path of this collect section in params.yaml to the local file or folder" in told
    assert "\n" not in told and not (tmp_path / "out").exists()


@pytest.mark.parametrize(("kind", "fewest"), [("charts", 24), ("dialogues", 40), ("tasks", 12)])
def test_the_shipped_samples_are_kept_whole(tmp_path: Path, kind: str, fewest: int) -> None:
    tally = collect(kind, PROJECT / "samples" / f"{kind}.jsonl", tmp_path / "out")
    assert tally.kept == tally.inputs >= fewest


SHARED = PROJECT.parent / "shared" / "cases" / "dialogues.jsonl"


def test_shared_cases(tmp_path: Path) -> None:
    if not SHARED.exists():
        pytest.skip(f"{SHARED} is not there")
    collect("dialogues", SHARED, tmp_path / "out")
    dialogues = {one.id: one for one in read_table(tmp_path / "out", Dialogue)}
    settings = DialogueSettings(max_tokens=8192, max_turns=9)
    results = filter_dialogues(dialogues.values(), settings, lambda chats: [1] * len(chats))
    kept = {dialogues[i].messages[0].content for i, one in results if isinstance(one, Kept)}
    for named in ("a line", "another line", "a fourth line", "a sixth line"):
        assert f"Draw {named} in Python." in kept
