"""Rebuilt scripts, run in the sandbox: the chart is seen."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from chart_examples import IMPORTS, rebuilt

from viscode.core.records import Execution
from viscode.execution.engine import RunOptions, run
from viscode.validate.blocks import script_of

ROOT = Path(__file__).parents[2]
CSV = "Year,Sales\n2019,12\n2020,14\n2021,11\n"
SAVED = "    buf = BytesIO()\n    plt.savefig(buf)\n    plt.close()\n"
MADE = "    fig, ax = plt.subplots()\n    ax.bar(df['Year'], df['Sales'])\n"
PIL = "from io import BytesIO\nfrom PIL import Image\n"
PLOTLY = "import pandas as pd\nimport plotly.express as px\n"
LINE = "    fig = px.line(df, x='Year', y='Sales')\n"

DRAWN = {
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
    "nested helper": "def draw(df):\n    def bars(frame):\n        plt.plot(frame.Sales)\n"
    "    bars(df)\n",
    "plotly figure": f"{PLOTLY}def generate_plot(df):\n{LINE}    return fig\n",
}


@pytest.fixture(scope="module")
def executions() -> Iterator[dict[str, Execution]]:
    blocks = {
        name: rebuilt(code if code.startswith(PLOTLY) else IMPORTS + code, CSV)
        for name, code in DRAWN.items()
    }
    scripts = [script_of(block.model_copy(update={"id": name})) for name, block in blocks.items()]
    options = RunOptions(
        python=ROOT / ".venv-plots/bin/python",
        lock=ROOT / "envs/plots.lock",
        timeout_s=60,
        memory_mb=1500,
        workers=1,
        isolation="auto",
        saved_files=False,
        engine="warm",
    )
    yield {result.id: result for result in run(scripts, options)}


@pytest.mark.sandbox
@pytest.mark.parametrize("name", DRAWN)
def test_the_chart_is_seen(name: str, executions: dict[str, Execution]) -> None:
    execution = executions[name]
    assert (execution.status, execution.error_message) == ("ok", "")
    assert execution.drew
