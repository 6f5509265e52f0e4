import ast
from functools import partial
from pathlib import Path

import pytest

from viscode.hashing import content_id
from viscode.mining.counting import transform_counting
from viscode.mining.rebuild import RebuildReason, rebuild_chart
from viscode.outcomes import Kept, Rejected
from viscode.records import Block, ChartSample, Origin
from viscode.settings.rebuild import RebuildSettings
from viscode.transform import read_outcomes

SETTINGS = RebuildSettings(preview_rows=1)
CSV = "Year,Sales\n2019,12\n2020,14\n"
IMPORTS = "import pandas as pd\nimport matplotlib.pyplot as plt\n"
BODY = "    plt.plot(df['Year'])\n    return plt.gcf()\n"
CODE = f"{IMPORTS}\ndef generate_plot(df):\n{BODY}"


def chart(code: str = CODE, data: str = CSV) -> ChartSample:
    return ChartSample(
        id=content_id(code, data),
        source="charts",
        licence="odc-by",
        origin=Origin(kind="dataset", name="cosyn", locator="1"),
        figure_type="line",
        topic="t",
        data_csv=data,
        code=code,
    )


def rebuilt(code: str = CODE, data: str = CSV) -> Block:
    result = rebuild_chart(chart(code, data), SETTINGS)
    assert isinstance(result, Kept), result
    (block,) = result.records
    compile(block.code, "<block>", "exec")
    return block


def test_the_script_in_full() -> None:
    block = rebuilt()
    assert block.code == (
        f"# data.csv\n# Year,Sales\n# 2019,12\n{CODE}\n"
        'df = pd.read_csv("data.csv")\ngenerate_plot(df)\n'
    )
    assert (block.data_csv, block.method, block.libraries) == (CSV, "rebuilt", ("matplotlib",))
    assert (block.licence, block.source, block.parent_id) == ("odc-by", "charts", chart().id)


CALLED = {
    "table": (f"{IMPORTS}def generate_table(df):\n{BODY}", "generate_table(df)"),
    "any parameter of a usual name": (
        f"{IMPORTS}def generate_plot(sales):\n    plt.plot(sales.Year)\n",
        "generate_plot(df)",
    ),
    "defaults": (
        f"{IMPORTS}def generate_plot(df, title='x', *, dpi=80, **more):\n{BODY}",
        "generate_plot(df)",
    ),
    "other name, by parameter": (f"{IMPORTS}def draw(df):\n{BODY}", "draw(df)"),
    "other name, by annotation": (
        f"{IMPORTS}def draw(x: pd.DataFrame) -> None:\n    plt.plot(x.Year)\n",
        "draw(df)",
    ),
    "other name, by use": (
        f"{IMPORTS}def draw(x):\n    plt.plot(x.groupby('Year').sum())\n",
        "draw(df)",
    ),
    "frame with a default": (f"{IMPORTS}def generate_plot(df=None):\n{BODY}", "generate_plot(df)"),
    "helper before": (
        f"{IMPORTS}def prepare(df):\n    return df\n"
        f"def generate_plot(df):\n    df = prepare(df)\n{BODY}",
        "generate_plot(df)",
    ),
    "helper after": (
        f"{IMPORTS}def draw(df):\n    df = prepare(df)\n{BODY}def prepare(df):\n    return df\n",
        "draw(df)",
    ),
}


@pytest.mark.parametrize(("code", "call"), CALLED.values(), ids=CALLED)
def test_the_function_is_called_last(code: str, call: str) -> None:
    tree = ast.parse(rebuilt(code).code)
    assert isinstance(tree.body[-1], ast.Expr)
    assert ast.unparse(tree.body[-1]) == call
    assert ast.unparse(tree.body[-2]) == "df = pd.read_csv('data.csv')"


@pytest.mark.parametrize(
    ("end", "expected"),
    [
        ("df = pd.read_csv('data.csv')\ngenerate_plot(df)\n", ""),
        ("df = pd.read_csv('data.csv')\nimage = generate_plot(df)\n", "\ngenerate_plot(df)\n"),
        ("df = pd.read_csv('data.csv')\n", "\ngenerate_plot(df)\n"),
    ],
)
def test_what_is_there_is_not_added(end: str, expected: str) -> None:
    assert rebuilt(CODE + end).code.endswith(CODE + end + expected)


@pytest.mark.parametrize(
    ("head", "expected"),
    [
        (
            "import matplotlib.pyplot as plt\n",
            "import pandas as pd\nimport matplotlib.pyplot as plt",
        ),
        ("import pandas\nimport matplotlib.pyplot as plt\n", "import pandas as pd\nimport pandas"),
        (
            '"""A chart."""\nfrom __future__ import annotations\nimport matplotlib.pyplot as plt\n',
            "from __future__ import annotations\nimport pandas as pd\nimport matplotlib",
        ),
    ],
)
def test_pandas_is_imported_when_missing(head: str, expected: str) -> None:
    code = rebuilt(f"{head}\ndef generate_plot(df):\n{BODY}").code
    assert expected in code
    assert code.startswith("# data.csv\n# Year,Sales\n# 2019,12\n")


def test_a_fence_and_foreign_line_ends_go() -> None:
    fenced = f"```python\n{CODE}```\n".replace("\n", "\r\n")
    assert rebuilt(fenced).code == rebuilt().code


@pytest.mark.parametrize(
    ("code", "libraries"),
    [
        (
            "import plotly.express as px\ndef generate_plot(df):\n    return px.line(df)",
            ("plotly",),
        ),
        (
            "def generate_plot(df):\n    import seaborn as sns\n"
            "    import matplotlib.pyplot as plt\n"
            "    sns.barplot(df)\n    plt.show()",
            ("matplotlib", "seaborn"),
        ),
    ],
)
def test_libraries_are_told_from_the_code(code: str, libraries: tuple[str, ...]) -> None:
    assert rebuilt(code).libraries == libraries


NASTY = {
    "quoted commas": ('"Year, AD",Sales\n"1,000",12\n', '# "Year, AD",Sales\n# "1,000",12\n'),
    "multi-line cells": ('Year,Sales\n"two\nlines",12\n', '# Year,Sales\n# "two\n# lines",12\n'),
    "unnamed index": (",Sales\nr1,12\n", "# ,Sales\n# r1,12\n"),
    "byte order mark": ("\ufeffYear,Sales\n2019,12\n", "# Year,Sales\n# 2019,12\n"),
    "line ends": ("Year,Sales\r\n2019,12\r\n", "# Year,Sales\n# 2019,12\n"),
    "not ASCII": ("Jahr,Erlös €\n２０１９,12\n", "# Jahr,Erlös €\n# ２０１９,12\n"),
    "Python in a cell": ('Year,Sales\n"""""",\\\n', '# Year,Sales\n# """""",\\\n'),
}


@pytest.mark.parametrize(("data", "comment"), NASTY.values(), ids=NASTY)
def test_nasty_data(data: str, comment: str) -> None:
    block = rebuilt(data=data)
    assert block.code.startswith(f"# data.csv\n{comment}import pandas")
    assert block.data_csv == data.replace("\r\n", "\n").removeprefix("\ufeff")


@pytest.mark.parametrize(
    ("body", "argument"),
    [
        ("    plt.bar(df.index, df['Sales'])\n", ", index_col=0"),
        ("    plt.bar(df['Unnamed: 0'], df.index)\n", ""),
        ("    df = df.set_index(df.columns[0])\n    plt.bar(df.index, df.Sales)\n", ""),
        ("    plt.bar(df['Sales'], 1)\n", ""),
    ],
)
def test_an_unnamed_column_is_the_index_for_code_that_reads_it_so(body: str, argument: str) -> None:
    code = f"{IMPORTS}def generate_plot(df):\n{body}"
    assert f'pd.read_csv("data.csv"{argument})' in rebuilt(code, ",Sales\nr1,12\n").code
    assert 'pd.read_csv("data.csv")' in rebuilt(code).code


REJECTED = {
    RebuildReason.VEGA_LITE: [
        ('{"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "mark": "bar"}', CSV),
        ('{"data": {"url": "d.csv"}, "mark": "bar", "encoding": {}}', CSV),
    ],
    RebuildReason.LATEX: [
        ("\\documentclass{standalone}\n\\begin{document}", CSV),
        ("% a plot\n\\begin{tikzpicture}\n\\end{tikzpicture}", CSV),
    ],
    RebuildReason.HTML: [("<!DOCTYPE html>\n<html></html>", CSV), ("<table></table>", CSV)],
    RebuildReason.MERMAID: [
        ('pie title Pets\n  "Dogs" : 3', CSV),
        ("graph TD\n  A --> B", CSV),
        ("%%{init: {}}%%\nflowchart LR\n  A --> B", CSV),
    ],
    RebuildReason.NOT_PYTHON: [
        ("", CSV),
        ("library(ggplot2)\ndf <- read.csv('x')", CSV),
        ('{"a": 1}', CSV),
    ],
    RebuildReason.SYNTAX_ERROR: [(CODE + "plt.plot(", CSV)],
    RebuildReason.NO_PLOTTING: [("def generate_plot(df):\n    return df", CSV)],
    RebuildReason.NO_FUNCTION: [
        (IMPORTS + "plt.plot([1])", CSV),
        (IMPORTS + "def generate_plot(df, title):\n    plt.plot(df)", CSV),
        (IMPORTS + "def generate_plot():\n    plt.plot([1])", CSV),
        (IMPORTS + "def add(x):\n    plt.plot(x)", CSV),
        (IMPORTS + "def draw(df: list):\n    plt.plot(df)", CSV),
    ],
    RebuildReason.EMPTY_DATA: [(CODE, ""), (CODE, "\n \n"), (CODE, "Year,Sales\n")],
    RebuildReason.BAD_CSV: [(CODE, 'a,b\n"1,2'), (CODE, "a,b\n1,2\n1,2,3\n")],
}
CASES = [(reason, *case) for reason, cases in REJECTED.items() for case in cases]


@pytest.mark.parametrize(("reason", "code", "data"), CASES)
def test_each_reason(reason: RebuildReason, code: str, data: str) -> None:
    result = rebuild_chart(chart(code, data), SETTINGS)
    assert isinstance(result, Rejected)
    assert result.reason is reason


def test_every_reason_is_tested() -> None:
    assert set(REJECTED) == set(RebuildReason)


def test_outcomes_add_up(tmp_path: Path) -> None:
    charts = [chart(code, data) for _, code, data in CASES] + [chart()]
    metrics = transform_counting(
        charts, partial(rebuild_chart, settings=SETTINGS), Block, tmp_path / "rebuilt"
    )
    assert metrics["in"] == len(charts) == len(list(read_outcomes(tmp_path / "rebuilt")))
    assert metrics["rejected"] == {str(r): len(REJECTED[r]) for r in sorted(RebuildReason)}
    assert metrics["libraries"] == {"matplotlib": 1}
