"""Between which values data lie, read off figures of both libraries that show the same data."""

import json

import pytest

from viscode.execution.plotly_traces import extents

SETUP = (
    "import numpy as np, pandas as pd, matplotlib.pyplot as plt, plotly.graph_objects as go\n"
    "x = np.array([1., 2., 5.])\ny = np.array([3., np.nan, -2.])\nc = ['a', 'b', 'c']\n"
    "d = ['2024-01-01', '2024-01-11', '2024-03-01']\nfig, ax = plt.subplots()\n"
)
SAME = {  # drawn by matplotlib, by plotly, the extents of x and y
    "line": ("ax.plot(x, y)", "go.Scatter(x=x, y=y)", [1, 5], [-2, 3]),
    "scatter": ("ax.scatter(x, y)", "go.Scatter(x=x, y=y, mode='markers')", [1, 5], [-2, 3]),
    "line without x": ("ax.plot(y)", "go.Scatter(y=y)", [0, 2], [-2, 3]),
    "dates": ("ax.plot(pd.to_datetime(d), x)", "go.Scatter(x=d, y=x)", [19723, 19783], [1, 5]),
    "bars": ("ax.bar(c, x)", "go.Bar(x=c, y=x)", [0, 2], [0, 5]),
    "lying bars": ("ax.barh(c, -x)", "go.Bar(y=c, x=-x, orientation='h')", [-5, 0], [0, 2]),
    "errorbar": ("ax.errorbar(x, x, yerr=1)", "go.Scatter(x=x, y=x, error_y={'array': x})",
                 [1, 5], [1, 5]),
}  # fmt: skip
ONLY_MATPLOTLIB = {
    "stem": ("ax.stem(x, x)", [1, 5], [1, 5]),
    "area": ("ax.fill_between(x, x)", [1, 5], [0, 5]),
    "hist": ("ax.hist([0, 1, 1, 4], bins=4)", [0, 4], [0, 2]),
    "image": ("ax.imshow(np.zeros((2, 3)))", [-0.5, 2.5], [-0.5, 1.5]),
    "box": ("ax.boxplot([0, 1, 2, 3])", None, [0, 3]),
    "pie": ("ax.pie([1, 2])", None, None),
    "nothing finite": ("ax.plot([np.nan] * 3)", [0, 2], None),
}


@pytest.fixture(scope="module")
def drawn(execute):
    """The first series of each figure, all of one script."""
    figures = {}
    for name, (matplotlib, plotly, *_) in SAME.items():
        figures[name] = f"{matplotlib}\nplt.show()"
        figures[name, "plotly"] = f"plt.close()\ngo.Figure({plotly}).show()"
    for name, (matplotlib, *_) in ONLY_MATPLOTLIB.items():
        figures[name] = f"{matplotlib}\nplt.show()"
    execution = execute("\n".join(f"{SETUP}{code}" for code in figures.values()))
    facts = json.loads(execution.facts)
    return {name: found["axes"][0]["series"][0] for name, found in zip(figures, facts, strict=True)}


@pytest.mark.sandbox
@pytest.mark.parametrize("name", SAME)
def test_both_libraries_say_the_same(drawn, name):
    _, _, x, y = SAME[name]
    for one in (drawn[name], drawn[name, "plotly"]):
        assert (one["x"], one["y"]) == (x, y)


@pytest.mark.sandbox
@pytest.mark.parametrize("name", ONLY_MATPLOTLIB)
def test_matplotlib(drawn, name):
    _, x, y = ONLY_MATPLOTLIB[name]
    assert drawn[name]["y"] == y
    if x is not None or y is None:
        assert drawn[name]["x"] == x


@pytest.mark.parametrize(
    ("trace", "x", "y"),
    [
        ({"y": [1, 2, 3]}, [0, 2], [1, 3]),
        ({"x": [1, "a"], "y": [2, 3]}, [1, 1], [2, 3]),
        ({"x": ["a", "b", "a"], "y": [1, 2, 3]}, [0, 1], [1, 3]),
        ({"x": [True, None], "y": [1e999, 4]}, None, [4, 4]),
        ({"x": {"dtype": "f8", "bdata": "AAAAAAAA8D8AAAAAAAAIQA=="}, "y": [1, 2]}, [1, 3], [1, 2]),
        ({"x": {"dtype": "O", "bdata": "AA=="}, "y": {"dtype": "f8", "bdata": "!"}}, None, None),
        ({"type": "heatmap", "z": [[1, 2, 3], [4, 5, 6]]}, [0, 2], [0, 1]),
        ({"type": "histogram", "x": [1, 9]}, [1, 9], None),
        ({"type": "box", "y": [1, 9], "x": ["a", "b"]}, None, [1, 9]),
        ({"type": "pie", "values": [1, 2]}, None, None),
        ({"x": [10**400], "y": [[1], [2]]}, None, None),
    ],
)
def test_a_trace(trace, x, y):
    assert extents(trace) == (x, y)
