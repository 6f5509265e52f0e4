"""Which tasks are asked, and with what words."""

import json
from pathlib import Path

import pytest

from viscode.bench.prompts import DATA_CHARS, messages, wording
from viscode.bench.tasks import DEFAULT_CODE_DATA, choose, code_data, data_frame
from viscode.core.errors import UserError
from viscode.core.jsonl import read_rows
from viscode.core.records import Task

SHARED = Path(__file__).parents[3] / "shared" / "data" / "pandasplotbench-dev"


def task(number=1, **changes):
    values = {
        "id": f"t{number}",
        "number": number,
        "licence": "Apache-2.0",
        "code_data": None,
        "data_csv": "city,visits,share\nA,3,0.5\nB,4,\n",
        "code_plot": None,
        "plot_description": " Plot Description: Bars of visits. ",
        "plot_style": " Plot Style Description: Blue bars.",
        "plots_gt": (),
    }
    return Task.model_validate(values | changes)


def test_the_first_tasks_by_number_are_asked():
    tasks = [task(number) for number in (10, 2, 30, 1)]
    assert [chosen.number for chosen in choose(tasks, 2)] == [1, 2]
    assert [chosen.number for chosen in choose(tasks, 0)] == [1, 2, 10, 30]
    assert [chosen.number for chosen in choose(tasks, 9)] == [1, 2, 10, 30]


def test_missing_code_data_is_the_default():
    assert code_data(task()) == DEFAULT_CODE_DATA
    assert code_data(task(code_data="df = 1")) == "df = 1"


GOLDEN = """\
PLOT
1. Plot Description: Bars of visits. 
2. Plot Style Description: Blue bars.
3. SETUP {library}{forbidden}
4. DATA
DataFrame with 3 columns and 2 rows
Column names and types: city: object, visits: int64, share: float64
Head:
{{"city":{{"0":"A","1":"B"}},"visits":{{"0":3,"1":4}},"share":{{"0":0.5,"1":null}}}}
"""


@pytest.mark.parametrize(
    ("library", "forbidden"),
    [
        ("matplotlib", " Do not import or use seaborn."),
        ("plotly", " Do not import or use matplotlib."),
        ("seaborn", ""),
    ],
)
def test_user_message_in_the_order_of_the_protocol(tmp_path, library, forbidden):
    path = tmp_path / "instructs.json"
    path.write_text(
        json.dumps(
            {
                "system_prompt": "SYSTEM",
                "plot_instruct": "PLOT",
                "setup_instruct": "SETUP [PLOTLIB]",
                "data_instruct": "DATA\n",
            }
        )
    )
    system, user = messages(task(), library, "head", wording(str(path)))
    assert (system.role, system.content) == ("system", "SYSTEM")
    assert user.role == "user"
    assert user.content == GOLDEN.format(library=library, forbidden=forbidden)


def test_our_wording_names_library_data_and_fence():
    system, user = messages(task(), "plotly", "head", wording("builtin"))
    assert "```python" in system.content
    assert 'df = pd.read_csv("data.csv")' in user.content
    assert "import plotly.express as px" in user.content
    assert "[PLOTLIB]" not in user.content and "[IMPORTS]" not in user.content
    assert "plotly" in user.content


@pytest.mark.parametrize("text", [None, "{", "[]", '{"system_prompt": "x"}'])
def test_an_unusable_instructs_file_is_one_readable_line(tmp_path, text):
    path = tmp_path / "instructs.json"
    if text is not None:
        path.write_text(text)
    with pytest.raises(UserError, match=r"bench\.instructs"):
        wording(str(path))


def test_a_part_without_text_has_no_number():
    _, user = messages(task(plot_style=" "), "seaborn", "empty", wording("builtin"))
    numbers = [line[:2] for line in user.content.splitlines() if line[:1] in "1234"]
    assert numbers == ["1.", "2.", "3."]
    assert "2. Setup" in user.content


def test_the_data_description_is_cut():
    wide = task(data_csv=",".join(f"column{n}" for n in range(900)) + "\n")
    _, user = messages(wide, "seaborn", "head", wording("builtin"))
    data = user.content.split("\n4. ")[1].removeprefix(wording("builtin").data + "\n")
    assert len(data) == DATA_CHARS + len("\n")


@pytest.mark.parametrize("csv", ["", '"a\n', "a,b\n1,2\n1,2,3\n"])
def test_an_unreadable_csv_names_its_task(csv):
    with pytest.raises(UserError, match="task 7"):
        data_frame(task(7, data_csv=csv))


@pytest.mark.skipif(not SHARED.is_dir(), reason="the development tasks are not on this machine")
def test_the_official_tasks_and_texts_make_prompts():
    words = wording(str(SHARED / "instructs.json"))
    rows = [row for _, row in read_rows(SHARED / "tasks.jsonl")]
    for row in rows:
        asked = task(
            row["id"],
            data_csv=row["data_csv"],
            plot_style=row["task__plot_style"],
            plot_description=row["task__plot_description"],
        )
        _, user = messages(asked, "seaborn", "head", words)
        places = [user.content.index(f"\n{n}. ") for n in (1, 2, 3, 4)]
        assert places == sorted(places)
        assert "[PLOTLIB]" not in user.content
    assert len(rows) == 49
