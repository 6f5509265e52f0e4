"""The shipped samples hold the published schemas, and what makes real data messy is in them."""

import ast
import base64
import io
import json
import re
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from PIL import Image

SAMPLES = Path(__file__).resolve().parents[2] / "samples"
FENCE = re.compile(r"```python\n(.*?)```", re.DOTALL)


def read(name: str) -> list[dict[str, Any]]:
    lines = (SAMPLES / f"{name}.jsonl").read_text(encoding="utf-8").splitlines()
    return [json.loads(line) for line in lines]


CHARTS, DIALOGUES, TASKS = read("charts"), read("dialogues"), read("tasks")


def number(chart: dict[str, Any]) -> int:
    return int(chart["id"].rpartition("-")[2])


GOOD_CHARTS = [chart for chart in CHARTS if number(chart) <= 26]
ROLES = {row["id"]: "".join(message["role"][0] for message in row["messages"]) for row in DIALOGUES}
TEXTS = {row["id"]: "".join(message["content"] for message in row["messages"]) for row in DIALOGUES}


@pytest.mark.parametrize(
    ("rows", "least", "keys"),
    [
        (CHARTS, 28, {"id", "image", "qa_pairs", "metadata", "data", "code"}),
        (DIALOGUES, 44, {"id", "messages"}),
        (
            TASKS,
            12,
            {
                "id",
                "code_plot",
                "code_data",
                "data_csv",
                "task__plot_description",
                "task__plot_style",
                "plots_gt",
            },
        ),
    ],
    ids=["charts", "dialogues", "tasks"],
)
def test_columns_counts_and_ids(rows: list[dict[str, Any]], least: int, keys: set[str]) -> None:
    assert len(rows) >= least
    assert all(set(row) == keys for row in rows)
    assert len({row["id"] for row in rows}) == len(rows)
    assert [row["id"] for row in rows] == sorted(row["id"] for row in rows)


@pytest.mark.parametrize("chart", CHARTS, ids=lambda chart: chart["id"])
def test_chart_has_the_published_shape(chart: dict[str, Any]) -> None:
    assert set(chart["metadata"]) == {"figure_type", "persona", "topic"}
    assert set(chart["qa_pairs"]) == {"question", "explanation", "answer"}
    assert len({len(texts) for texts in chart["qa_pairs"].values()}) == 1
    assert isinstance(chart["data"], str) and isinstance(chart["code"], str)


@pytest.mark.parametrize("chart", GOOD_CHARTS, ids=lambda chart: chart["id"])
def test_good_chart_only_defines_its_function(chart: dict[str, Any]) -> None:
    body = ast.parse(chart["code"]).body
    functions = {node.name for node in body if isinstance(node, ast.FunctionDef)}
    assert len(functions & {"generate_plot", "generate_table"}) == 1
    allowed = (ast.FunctionDef, ast.Import, ast.ImportFrom, ast.Assign)
    assert all(isinstance(node, allowed) for node in body)
    frame = pd.read_csv(io.StringIO(chart["data"]))
    assert len(frame) >= 3 and frame.shape[1] >= 2


def test_charts_cover_both_libraries_and_messy_cells() -> None:
    assert sum("plotly" in chart["code"] for chart in GOOD_CHARTS) >= 9
    assert sum("plotly" not in chart["code"] for chart in GOOD_CHARTS) >= 13
    data = [chart["data"] for chart in GOOD_CHARTS]
    frames = [pd.read_csv(io.StringIO(text)) for text in data]
    cells = [str(cell) for frame in frames for cell in frame.to_numpy().ravel()]
    assert any("\n" in cell for cell in cells)
    assert any("," in cell and "\n" not in cell for cell in cells)
    assert any(cell.endswith("%") for cell in cells)
    assert any(re.fullmatch(r"\d+,\d{3}", cell) for cell in cells)
    assert any(re.fullmatch(r"\d{4}-\d{2}-\d{2}", cell) for cell in cells)
    assert any(not cell.isascii() for cell in cells)
    assert any(frame.isna().any().any() for frame in frames)
    assert any(text.startswith(",") for text in data)


@pytest.mark.parametrize(
    "mark",
    ["vega.github.io", "\\documentclass", "<html>", "gantt\n", "df['Pace']"],
)
def test_charts_hold_what_must_be_rejected(mark: str) -> None:
    assert any(mark in chart["code"] for chart in CHARTS if chart not in GOOD_CHARTS)


def test_broken_charts_are_broken() -> None:
    broken = {number(chart): chart for chart in CHARTS}
    assert "Pace" not in pd.read_csv(io.StringIO(broken[31]["data"])).columns
    assert broken[32]["data"] == ""
    with pytest.raises(SyntaxError):
        ast.parse(broken[33]["code"])
    assert "def generate" not in broken[35]["code"]


@pytest.mark.parametrize("row", DIALOGUES[:32], ids=lambda row: f"dialogue-{row['id']}")
def test_good_dialogue_ends_in_python_that_parses(row: dict[str, Any]) -> None:
    roles = ROLES[row["id"]]
    assert roles == "ua" * (len(roles) // 2)
    assert 1 <= roles.count("u") <= 6 and len(TEXTS[row["id"]]) < 12_000
    blocks = FENCE.findall(row["messages"][-1]["content"])
    assert len(blocks) == 1
    ast.parse(blocks[0])


@pytest.mark.parametrize(
    ("kind", "holds"),
    [
        ("javascript", lambda i: "```javascript" in TEXTS[i]),
        ("sql", lambda i: "```sql" in TEXTS[i]),
        ("java", lambda i: "```java\n" in TEXTS[i]),
        ("cpp", lambda i: "```cpp" in TEXTS[i]),
        ("no code", lambda i: "```" not in TEXTS[i]),
        ("too long", lambda i: len(TEXTS[i]) > 12_000),
        ("too many turns", lambda i: ROLES[i].count("u") > 6),
        ("ends with the user", lambda i: ROLES[i].endswith("u")),
        ("not alternating", lambda i: "uu" in ROLES[i] and "aa" in ROLES[i]),
        ("unclosed fence", lambda i: TEXTS[i].count("```") % 2 == 1),
        ("system message", lambda i: ROLES[i].startswith("s")),
        ("fence without a language", lambda i: "```\ndef " in TEXTS[i]),
        (
            "empty message",
            lambda i: any(not m["content"] for m in DIALOGUES[i - 1]["messages"]),
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_dialogues_hold_each_messy_kind(kind: str, holds: Any) -> None:
    assert any(holds(row["id"]) for row in DIALOGUES), kind


@pytest.mark.parametrize("task", TASKS, ids=lambda task: f"task-{task['id']}")
def test_task_can_be_drawn_and_compared(task: dict[str, Any]) -> None:
    assert isinstance(task["id"], int)
    assert task["code_data"] == 'import pandas as pd\n\ndf = pd.read_csv("data.csv")'
    assert task["task__plot_description"].startswith(" Plot Description: ")
    assert task["task__plot_style"].startswith(" Plot Style Description: ")
    frame = pd.read_csv(io.StringIO(task["data_csv"]))
    assert 4 < len(frame) <= 40
    used = re.findall(r'df\["([^"]+)"\]', task["code_plot"])
    assert set(used) <= set(frame.columns)
    for text in task["plots_gt"]:
        image = Image.open(io.BytesIO(base64.b64decode(text, validate=True)))
        image.load()
        assert image.format == "PNG" and len(image.convert("RGB").getcolors(1 << 20) or []) > 20
    assert len(task["plots_gt"]) == 1


def test_tasks_stay_small() -> None:
    assert (SAMPLES / "tasks.jsonl").stat().st_size < 1_500_000
