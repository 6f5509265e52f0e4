"""bench/fidelity.py: what counts as a faithful block."""

import json
from typing import get_args

import pytest
from fidelity import added_calls, leftovers, same_figures

from viscode.execution.facts import FigureFacts, as_list

(VERSION,) = get_args(FigureFacts.model_fields["version"].annotation)
HEAD = "import matplotlib.pyplot as plt\nimport seaborn as sns\n"
SOURCE = HEAD + "def f(d, ax):\n    ax.hist(d, bins=9, normed=True)\n    plt.title(d.name)\n"


@pytest.mark.parametrize(
    ("code", "edits", "added"),
    [
        ("fig, ax = plt.subplots()\nax.hist(d, normed=True, bins=[1])", (), ["subplots"]),
        ("plt.hist(d, bins=9, normed=True)\nplt.show()\nplt.savefig('a')", (), []),
        ("plt.hist(d, bins=9)", (), ["hist"]),
        ("plt.hist(d, bins=9, density=True)", (), ["hist"]),
        ("plt.hist(d, bins=9, density=True)", ("matplotlib.hist: normed -> density",), []),
        ("plt.hist(d, bins=9, alpha=1)", ("Axes: normed -> density",), ["hist"]),
        ("sns.histplot(d, stat='density')", ("seaborn.hist -> seaborn.histplot",), []),
        ("plt.title('a')\nplt.title('b')", (), ["title"]),
        ("sns.barplot(x=d)\nlen(d)", (), ["barplot"]),
    ],
)
def test_calls_that_the_source_does_not_have(code, edits, added):
    assert [name for name, _ in added_calls(HEAD + code, [SOURCE], edits)] == added


def test_a_call_may_come_from_a_second_source():
    code = HEAD + "sns.barplot(x=d)"
    assert added_calls(code, [SOURCE, HEAD + "sns.barplot(x=other)"], ()) == []


def figures(*titles, kinds=("line",)):
    axes = {
        "kinds": kinds, "xlabel": "", "ylabel": "", "zlabel": "", "xscale": "", "yscale": "",
        "projection": "", "xlim": None, "ylim": None, "legend": ["a"], "series": [], "grid": False,
        "colorbar": False, "annotations": [],
    }  # fmt: skip
    one = {
        "version": VERSION, "library": "matplotlib", "size_px": [9, 9], "suptitle": "",
        "layout": [1, 1],
    }  # fmt: skip
    return as_list(json.dumps([{**one, "axes": [{**axes, "title": t}]} for t in titles]))


def test_the_figures_of_a_block_are_among_those_of_its_source():
    source = figures("a", "b")
    assert same_figures(figures("b"), source)
    assert not same_figures(figures("b", "c"), source)
    assert not same_figures(figures("a", kinds=("bar",)), source)


def test_leftovers_are_counted_by_rule():
    found = leftovers(["import os\nx = [1]\nx == 1\nx.a\nx\n", "def f():\n    y = 1\nf()\n"])
    assert found == {"F401": 1, "B015": 1, "B018": 1, "F841": 1}
