import ast
from pathlib import Path

import pytest
from chart_examples import BODY, CODE, CSV, IMPORTS, SETTINGS, chart, rebuilt

from viscode.charts.rebuilt import RebuildReason, rebuild_chart, rebuild_charts
from viscode.core.outcomes import Rejected
from viscode.core.records import Block
from viscode.core.tables import read_table
from viscode.core.transform import read_outcomes


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
    ("parameters", "call"),
    [
        ("df, *, dpi=80", "draw(df)"),
        ("*, df", "draw(df=df)"),
        ("scale=1, df=None", "draw(df=df)"),
        ("title='x', *, data=None", "draw(data=df)"),
    ],
)
def test_the_frame_goes_to_the_parameter_that_needs_it(parameters: str, call: str) -> None:
    code = f"{IMPORTS}def draw({parameters}):\n{BODY}"
    assert rebuilt(code).code.endswith(f"\n{call}\n")


@pytest.mark.parametrize(
    ("parameters", "named"),
    [
        ("df, colours", "df, colours"),
        ("df, *, persona", "df, persona"),
        ("scale=1, df=None, /", "df"),
    ],
)
def test_what_the_call_would_need_is_named(parameters: str, named: str) -> None:
    result = rebuild_chart(chart(f"{IMPORTS}def draw({parameters}):\n{BODY}"), SETTINGS)
    assert result == Rejected(RebuildReason.NEEDS_ARGUMENT, f"draw: {named}")


ORDERS = {
    "the usual name first": (
        f"def generate_plot(df):\n{BODY}def late(df):\n{BODY}",
        "generate_plot",
    ),
    "no helper of another": (f"def a(df):\n    b(df)\ndef b(df):\n{BODY}", "a"),
    "what draws": (f"def a(df):\n{BODY}def b(df):\n    return df\n", "a"),
    "what draws through another": (
        f"def draws(df):\n{BODY}def a(df):\n    draws(df)\ndef b(df):\n    return df\n",
        "a",
    ),
    "the later": (f"def a(df):\n{BODY}def b(df):\n{BODY}", "b"),
    "itself is no caller": (f"def a(df):\n    a(df)\n{BODY}", "a"),
}


@pytest.mark.parametrize(("code", "name"), ORDERS.values(), ids=ORDERS)
def test_the_likeliest_function_is_called(code: str, name: str) -> None:
    assert rebuilt(IMPORTS + code).code.endswith(f"\n{name}(df)\n")


@pytest.mark.parametrize(
    "block",
    [
        "generate_plot(pd.DataFrame({'Year': [1]}))",
        "generate_plot(pd.read_csv('sales.csv')).show()",
        "print('nothing')",
    ],
)
def test_a_main_block_goes(block: str) -> None:
    text = rebuilt(f"{CODE}if __name__ == '__main__':\n    {block}\n# the end\n").code
    assert block not in text and "__name__" not in text
    assert text.endswith('# the end\n\ndf = pd.read_csv("data.csv")\ngenerate_plot(df)\n')


def test_a_last_line_that_shows_something_else_is_not_the_call() -> None:
    end = "df = pd.read_csv('data.csv')\nimage = generate_plot(df)\nprint('done')\n"
    assert rebuilt(CODE + end).code.endswith(f"{end}\ngenerate_plot(df)\n")


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


DELIMITED = {
    "semicolons": ("Year;Sales\n2019;1,5\n", "Year", ', sep=";"', "# Year;Sales\n# 2019;1.5\n"),
    "tabs": ("Year\tSales\n2019\t12\n", "Sales", ', sep="\\t"', "# Year\tSales\n# 2019\t12\n"),
    "no column named": ("Year;Sales\n2019;12\n", "x", ', sep=";"', "# Year;Sales\n# 2019;12\n"),
    "the whole header named": ("a;b\n1;2\n", "a;b", "", "# a;b\n# 1;2\n"),
    "commas too": (
        "Year;Sales,b\n2019;12,3\n",
        "Year",
        ', sep=";"',
        "# Year;Sales,b\n# 2019;12.3\n",
    ),
    "commas named": ("Year;Sales,b\n2019;12,3\n", "b", "", "# Year;Sales,b\n# 2019;12,3\n"),
}


@pytest.mark.parametrize(("data", "column", "option", "comment"), DELIMITED.values(), ids=DELIMITED)
def test_another_delimiter_is_told_unless_the_code_takes_rows_apart(
    data: str, column: str, option: str, comment: str
) -> None:
    text = rebuilt(f"{IMPORTS}def generate_plot(df):\n    plt.plot(df[{column!r}])\n", data).code
    assert f'pd.read_csv("data.csv"{option})' in text
    assert text.startswith(f"# data.csv\n{comment}import")


DEEP = " + ".join(["'word '"] * 2000)  # it parses; `ast.unparse` goes deeper than the parser
REJECTED = {
    RebuildReason.NOT_PYTHON: [
        ('{"$schema": "https://vega.github.io/schema/vega-lite/v5.json", "mark": "bar"}', CSV),
        ('{"data": {"url": "d.csv"}, "mark": "bar", "encoding": {}}', CSV),
        ("\\documentclass{standalone}\n\\begin{document}", CSV),
        ("% a plot\n\\begin{tikzpicture}\n\\end{tikzpicture}", CSV),
        ("<!DOCTYPE html>\n<html></html>", CSV),
        ("<table></table>", CSV),
        ('<svg xmlns="http://www.w3.org/2000/svg"></svg>', CSV),
        ('<?xml version="1.0"?>\n<!-- a chart -->\n<svg></svg>', CSV),
        ("digraph G {\n  a -> b;\n}", CSV),
        ('// flow\nstrict graph "my graph" {\n  a -- b\n}', CSV),
        ("import graph;\nsize(200,200);\ndraw((0,0)--(1,1));", CSV),
        ("real[] x = {1, 2};\nsize(5cm);", CSV),
        ('\\version "2.24.0"\n{ c4 d e f }', CSV),
        ("@startuml\nA -> B\n@enduml", CSV),
        ("library(ggplot2)\ndf <- read.csv('x')", CSV),
        ("d <- data.frame(x = 1)\nplot(d)", CSV),
        ("const chart = new Chart(ctx, {type: 'bar'});", CSV),
        ("import React from 'react';\nexport default () => {\n};", CSV),
        ("function draw(data) {\n  d3.select('svg');\n}", CSV),
        ('pie title Pets\n  "Dogs" : 3', CSV),
        ("graph TD\n  A --> B", CSV),
        ("%%{init: {}}%%\nflowchart LR\n  A --> B", CSV),
        ("", CSV),
        ('{"a": 1}', CSV),
    ],
    RebuildReason.SYNTAX_ERROR: [(CODE + "plt.plot(", CSV)],
    RebuildReason.NO_PLOTTING: [("def generate_plot(df):\n    return df", CSV)],
    RebuildReason.NO_FUNCTION: [
        (IMPORTS + "plt.plot([1])", CSV),
        (IMPORTS + "class A:\n    def f(self):\n        plt.plot([1])", CSV),
        (
            IMPORTS + "class A:\n    def f(self, df):\n        plt.plot(df)\n"
            "    def g(self, df):\n        plt.plot(df)\n",
            CSV,
        ),
        (IMPORTS + "def outer():\n    def generate_plot(df):\n        plt.plot(df)\n", CSV),
        (IMPORTS + "def generate_plot():\n    plt.plot([1])", CSV),
        (IMPORTS + "draw = lambda df: plt.plot(df)", CSV),
        (IMPORTS + "async def generate_plot(df):\n    plt.plot(df)", CSV),
    ],
    RebuildReason.NEEDS_ARGUMENT: [
        (IMPORTS + "def generate_plot(df, palette):\n    plt.plot(df)", CSV)
    ],
    RebuildReason.EMPTY_DATA: [(CODE, ""), (CODE, "\n \n"), (CODE, "Year,Sales\n")],
    RebuildReason.BAD_CSV: [
        (CODE, 'a,b\n"1,2'),
        (CODE, "a,b\n1,2\n1,2,3\n"),
        (CODE, "Year,Sales\n2019,12\n2020\n"),
        (CODE, "Sales\n2019,12\n2020,14\n"),
        (CODE, "Year,Sales\n2019,12\n2020,14\nAs told by the owner\n"),
        (CODE, '{"a": [1, 2]}'),
    ],
    RebuildReason.TOO_DEEP: [
        (IMPORTS + f"def generate_plot(df):\n    t = {DEEP}\n{BODY}", ",a\n1,2\n"),
        (IMPORTS + f"def generate_plot(df, t: {DEEP}):\n{BODY}", CSV),
        (CODE + f"if {DEEP}:\n    pass\n", CSV),
    ],
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
    metrics = rebuild_charts(charts, SETTINGS, tmp_path / "rebuilt")
    assert metrics["in"] == len(charts) == len(list(read_outcomes(tmp_path / "rebuilt")))
    assert metrics["rejected"] == {str(r): len(REJECTED[r]) for r in sorted(RebuildReason)}
    assert metrics["libraries"] == {"matplotlib": 1}
    assert metrics["mended"] == {}


def test_what_was_mended_is_recorded_and_counted(tmp_path: Path) -> None:
    tables = [
        "Year,Sales\n2019,1,200\n2020,1,400\n",
        "```csv\nYear,Sales\n2019,1,200\n2020,1,400\n```",
        CSV,
    ]
    metrics = rebuild_charts([chart(CODE, data) for data in tables], SETTINGS, tmp_path / "rebuilt")
    assert metrics["mended"] == {"fence": 1, "thousands": 2}
    found: dict[str, set[tuple[str, ...]]] = {
        block.data_csv: set() for block in read_table(tmp_path / "rebuilt", Block)
    }
    for block in read_table(tmp_path / "rebuilt", Block):
        found[block.data_csv].add(block.edits)
        assert block.code.startswith(f"# data.csv\n# Year,Sales\n# {block.data_csv.split()[1]}\n")
    mended = "Year,Sales\n2019,1200\n2020,1400\n"
    assert found == {mended: {("thousands",), ("fence", "thousands")}, CSV: {()}}
