"""Chart rows as they are published -> what is drawn: collected, rebuilt and run in the sandbox.

The drawn values are compared with those that the table's author meant: what loads as nonsense must
be mended or rejected, never drawn. Functions of each form are seen to draw.
"""

import json
from pathlib import Path
from typing import Any

import pytest
from chart_examples import IMPORTS
from chart_examples import rebuilt as script

from viscode.charts.rebuilt import rebuild_charts
from viscode.core.outcomes import Outcome
from viscode.core.records import Block, ChartSample, Execution
from viscode.core.tables import read_table
from viscode.core.transform import read_outcomes
from viscode.corpora.cosyn import collect_charts
from viscode.execution.engine import RunOptions, run
from viscode.execution.facts import FigureFacts, as_list
from viscode.settings.collect import CollectChartsSettings
from viscode.settings.rebuild import RebuildSettings
from viscode.validate.blocks import script_of

ROOT = Path(__file__).parents[2]
SHARED = ROOT.parent / "shared" / "cases" / "charts.jsonl"
METADATA = {"figure_type": "Line Chart", "persona": "An usher", "topic": "Seats of halls"}
CODE = (
    "import matplotlib.pyplot as plt\n\ndef generate_plot(df):\n    fig, ax = plt.subplots()\n"
    "    ax.plot(df['Hall'], df['Seats'])\n    return fig\n"
)
CLEANING = CODE.replace("df['Seats']", "df['Seats'].str.replace(',', '').astype(int)")
HALLS = "Hall,Seats\nA,1250\nB,950\nC,2100\n"

DRAWN: dict[str, dict[str, Any]] = {
    "plain": {"data": HALLS},
    "metadata as text": {"metadata": json.dumps(METADATA), "data": HALLS},
    "thousands": {"data": "Hall,Seats\nA,1,250\nB,950\nC,2,100\n"},
    "thousands everywhere": {"data": "Hall,Seats\nA,1,250\nC,2,100\n"},
    "thousands by spaces": {"data": "Hall,Seats\nA,1 250\nB,950\nC,2 100\n"},
    "thousands in quotes": {"data": 'Hall,Seats\nA,"1,250"\nB,"2,100"\n', "code": CLEANING},
    "a source": {"data": f"{HALLS}Source: Council of Halls, 2021\n"},
    "a note": {"data": f'{HALLS}"Note: the old halls, too"\n'},
    "a footnote": {"data": f"{HALLS}\n* closed in winter\n"},
    "a fence": {"data": f"```csv\n{HALLS}```"},
    "a fence with prose": {"data": f"The data:\n```\n{HALLS}```\nThat is all."},
    "a fence by tildes": {"data": f"~~~\n{HALLS}~~~\n"},
    "a title": {"data": f"Seats of our halls\n\n{HALLS}"},
    "units": {"data": HALLS.replace("Seats\n", "Seats\n,(number)\n")},
    "a Markdown table": {"data": "|Hall|Seats|\n|---|---|\n|A|1250|\n|C|2100|\n"},
    "semicolons": {"data": HALLS.replace(",", ";")},
    "tabs": {"data": HALLS.replace(",", "\t")},
    "trailing commas": {"data": HALLS.replace("0\n", "0,\n")},
}
REJECTED = {
    "two ways to join": "Hall,Seats,Rows\nA,1,250,300\nC,2,100,400\n",
    "decimal commas": "Hall,Seats\nA,12,5\nB,9,5\n",
    "a note without a mark": f"{HALLS}as counted by the ushers\n",
    "a header too short": "Seats\nA,1250\nB,950\n",
    "two tables": f"{HALLS}\nTown,People,Halls\nX,9,1\n",
}

SAVED = "    buf = BytesIO()\n    plt.savefig(buf)\n    plt.close()\n"
MADE = "    fig, ax = plt.subplots()\n    ax.bar(df['Hall'], df['Seats'])\n"
PIL = "from io import BytesIO\nfrom PIL import Image\n"
PLOTLY = "import pandas as pd\nimport plotly.express as px\n"
LINE = "    fig = px.line(df, x='Hall', y='Seats')\n"
FORMS = {
    "published form": f"{PIL}def generate_plot(df):\n{MADE}{SAVED}    return Image.open(buf)\n",
    "figure": f"def generate_plot(df):\n{MADE}    return fig\n",
    "closed figure": f"def generate_plot(df):\n{MADE}    plt.close(fig)\n    return fig\n",
    "tuple": f"def generate_plot(df):\n{MADE}    return fig, ax\n",
    "nothing, shown": f"def draw(df):\n{MADE}    plt.show()\n",
    "positional only": f"def draw(df, /, bins=3):\n{MADE}    return fig\n",
    "keyword only": f"def draw(*, df):\n{MADE}    return fig\n",
    "frame behind an option": f"def draw(scale=1, df=None):\n{MADE}    return fig\n",
    "main block with other data": f"def generate_plot(df):\n{MADE}    return fig\n"
    "if __name__ == '__main__':\n    generate_plot(pd.read_csv('sales.csv'))\n",
    "nested helper": "def draw(df):\n    def bars(frame):\n        plt.plot(frame.Seats)\n"
    "    bars(df)\n",
    "plotly figure": f"{PLOTLY}def generate_plot(df):\n{LINE}    return fig\n",
}


def rows() -> list[dict[str, Any]]:
    published = {"image": None, "qa_pairs": None, "metadata": METADATA, "code": CODE}
    good = [published | {"id": name} | change for name, change in DRAWN.items()]
    return [*good, *(published | {"id": name, "data": data} for name, data in REJECTED.items())]


def rebuilt(path: Path, folder: Path) -> tuple[dict[str, Block], dict[str, Outcome]]:
    """Blocks and outcomes by the rows' own ids."""
    settings = CollectChartsSettings(path=str(path), hub=[], take=0, seed=1)
    collect_charts(settings, folder / "raw")
    samples = {one.id: one.origin.locator for one in read_table(folder / "raw", ChartSample)}
    inputs = read_table(folder / "raw", ChartSample)
    rebuild_charts(inputs, RebuildSettings(preview_rows=1), folder / "rebuilt")
    blocks = {block.origin.locator: block for block in read_table(folder / "rebuilt", Block)}
    return blocks, {samples[one.id]: one for one in read_outcomes(folder / "rebuilt")}


def executed(blocks: dict[str, Block]) -> dict[str, Execution]:
    options = RunOptions(
        python=ROOT / ".venv-plots/bin/python",
        lock=ROOT / "envs/plots.lock",
        timeout_s=120,
        memory_mb=1500,
        workers=1,
        isolation="auto",
        saved_files=False,
        engine="warm",
    )
    scripts = [script_of(block.model_copy(update={"id": name})) for name, block in blocks.items()]
    return {result.id: result for result in run(scripts, options)}


def figure_of(execution: Execution) -> FigureFacts:
    """Of the images, which show one figure twice, the first whose facts are known."""
    return next(figure for figure in as_list(execution.facts) if figure is not None)


@pytest.fixture(scope="module")
def published(tmp_path_factory: pytest.TempPathFactory) -> Any:
    folder = tmp_path_factory.mktemp("published")
    path = folder / "rows.jsonl"
    path.write_text("".join(f"{json.dumps(row)}\n" for row in rows()))
    return rebuilt(path, folder)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Any:
    return rebuilt(SHARED, tmp_path_factory.mktemp("shared")) if SHARED.exists() else ({}, {})


@pytest.fixture(scope="module")
def executions(published: Any, shared: Any) -> dict[str, Execution]:
    """Of all scripts, run together."""
    forms = {
        name: script(code if code.startswith(PLOTLY) else IMPORTS + code, HALLS)
        for name, code in FORMS.items()
    }
    cases = {f"shared {name}": block for name, block in shared[0].items()}
    return executed({**published[0], **forms, **cases})


@pytest.mark.parametrize("name", REJECTED)
def test_no_script_where_it_is_not_certain(name: str, published: Any) -> None:
    blocks, outcomes = published
    assert name not in blocks
    assert outcomes[name].reason == "bad_csv"
    assert outcomes[name].detail


@pytest.mark.sandbox
@pytest.mark.parametrize("name", DRAWN)
def test_the_values_that_were_meant_are_drawn(name: str, executions: dict[str, Execution]) -> None:
    execution = executions[name]
    assert (execution.status, execution.error_message) == ("ok", "")
    assert execution.drew
    figure = figure_of(execution)
    [line] = figure.axes[0].series
    least = 950 if line.points == 3 else 1250
    assert line.y == (least, 2100)


@pytest.mark.sandbox
@pytest.mark.parametrize("name", FORMS)
def test_functions_of_each_form_are_seen_to_draw(
    name: str, executions: dict[str, Execution]
) -> None:
    execution = executions[name]
    assert (execution.status, execution.error_message) == ("ok", "")
    assert execution.drew


@pytest.mark.sandbox
def test_shared_cases(shared: Any, executions: dict[str, Execution]) -> None:
    blocks, outcomes = shared
    if not blocks:
        pytest.skip(f"{SHARED} is not there")
    for name in ("control", "metadata_is_text", "thousands_quoted", "odd_style"):
        execution = executions[f"shared {name}"]
        assert (name, execution.status, execution.drew) == (name, "ok", True)
    if "thousands" in blocks:
        figure = figure_of(executions["shared thousands"])
        assert {series.y[1] for series in figure.axes[0].series if series.y} == {1950}
    else:
        assert outcomes["thousands"].reason == "bad_csv"
