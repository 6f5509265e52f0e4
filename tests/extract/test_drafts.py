"""Files -> drafts, nothing run: what is cut out for each figure, and what is left open."""

import ast
import textwrap

import pytest

from viscode.core.records import Origin, SelectedFile
from viscode.extract.analysis import Draft, drafts, python_of
from viscode.extract.reading_order import unbound_names
from viscode.text.python_text import ParseFailure

IMPORTABLE = frozenset(
    {"matplotlib", "numpy", "pandas", "sklearn", "seaborn", "os", "json", "sys", "plotly"}
)
PLT = "import matplotlib.pyplot as plt\n"
NP = "import numpy as np\n"


def turns(source):
    source = textwrap.dedent(source)
    file = SelectedFile(
        id="a", source="files", origin=Origin(kind="folder", name="f", path="a.py"),
        licence="MIT", text=source, libraries=("matplotlib",),
    )  # fmt: skip
    python = python_of(source)
    assert not isinstance(python, ParseFailure)
    return list(drafts(file, python[0], IMPORTABLE, None))


def made(source):
    """The drafts of the first turn that has any."""
    found = [turn for turn in turns(source) if any(isinstance(one, Draft) for one in turn)]
    return [one for one in found[0] if isinstance(one, Draft)] if found else []


def plain(body):
    """Statements without imports and the display at the end."""
    statements = [
        ast.unparse(one)
        for one in ast.parse(body).body
        if not isinstance(one, ast.Import | ast.ImportFrom)
    ]
    return [one for one in statements if one != "plt.show()"]


def holes(draft):
    return unbound_names(ast.parse(draft.body), draft.holes)


DRAW = (
    "def draw(y, axes=None):\n    axes = axes or plt.subplots()[1]\n    axes.plot(y)\n"
    "    return axes"
)
PROPERTY = "class A:\n\n    def get(self):\n        return [1, 2]\n    x = property(get)"
SLICED = {
    "what does not reach the figure goes": (
        PLT + "a = 1\nb = 2\nplt.plot([b])\n",
        [["b = 2", "plt.plot([b])"]],
    ),
    "a figure takes nothing drawn from another one": (
        PLT + "y = [[1], [2]]\nplt.figure(1)\nfor a in y:\n    (l,) = plt.plot(a)\n"
        "plt.legend([l], 'a')\n"
        "plt.figure(2)\nfor a in y:\n    (l,) = plt.step(a, a)\nplt.legend([l], 'b')\n",
        [
            ["y = [[1], [2]]", "plt.figure(1)", "for a in y:\n    l, = plt.plot(a)",
             "plt.legend([l], 'a')"],
            ["y = [[1], [2]]", "plt.figure(2)", "for a in y:\n    l, = plt.step(a, a)",
             "plt.legend([l], 'b')"],
        ],
    ),
    "what is deleted from data stays deleted": (
        PLT + "d = {'a': [1], 'b': [2]}\nb = 3\ndel d['b']\nplt.plot(*d.values())\n",
        [["d = {'a': [1], 'b': [2]}", "del d['b']", "plt.plot(*d.values())"]],
    ),
    "a value that is overwritten goes": (
        PLT + "a = [0]\na = [1]\nplt.plot(a)\n",
        [["a = [1]", "plt.plot(a)"]],
    ),
    "what changes a list stays": (
        PLT + "a = []\nb = []\nfor i in range(3):\n    a.append(i)\n    b.append(i)\nplt.plot(a)\n",
        [["a = []", "for i in range(3):\n    a.append(i)", "plt.plot(a)"]],
    ),
    "a fitted object stays fitted": (
        PLT + "from sklearn.decomposition import PCA\np = PCA()\n"
        "x = p.fit_transform([[1, 2], [3, 4]])\n"
        "plt.plot(p.explained_variance_)\n",
        [["p = PCA()", "p.fit_transform([[1, 2], [3, 4]])", "plt.plot(p.explained_variance_)"]],
    ),
    "a block for each figure": (
        PLT + "plt.plot([1])\nplt.show()\nplt.figure()\nplt.bar([1], [2])\nplt.show()\n",
        [["plt.plot([1])"], ["plt.figure()", "plt.bar([1], [2])"]],
    ),
    "figures that are drawn in turns are told apart by their axes": (
        PLT + "f, a = plt.subplots()\ng, b = plt.subplots()\na.plot([1])\nb.plot([2])\n",
        [["f, a = plt.subplots()", "a.plot([1])"], ["g, b = plt.subplots()", "b.plot([2])"]],
    ),
    "a number finds its figure again": (
        PLT + "plt.figure(1)\nplt.plot([1])\nplt.figure(2)\nplt.plot([2])\nplt.figure(1)\n"
        "plt.plot([3])\n",
        [
            ["plt.figure(1)", "plt.plot([1])", "plt.figure(1)", "plt.plot([3])"],
            ["plt.figure(2)", "plt.plot([2])"],
        ],
    ),
    "figures with the same names are told apart": (
        PLT + "with plt.xkcd():\n    f = plt.figure()\n    a = f.add_subplot()\n    a.plot([1])\n"
        "with plt.xkcd():\n    f = plt.figure()\n    a = f.add_subplot()\n    a.plot([2])\n",
        [
            ["with plt.xkcd():\n    f = plt.figure()\n    a = f.add_subplot()\n    a.plot([1])"],
            ["with plt.xkcd():\n    f = plt.figure()\n    a = f.add_subplot()\n    a.plot([2])"],
        ],
    ),
    "a loop over axes is of the figure that they are of": (
        PLT + "f, s = plt.subplots(2)\nfor a in s:\n    a.plot([1])\nplt.show()\n"
        "f, s = plt.subplots(3)\nfor a in s:\n    a.plot([2])\nplt.show()\n",
        [
            ["f, s = plt.subplots(2)", "for a in s:\n    a.plot([1])"],
            ["f, s = plt.subplots(3)", "for a in s:\n    a.plot([2])"],
        ],
    ),
    "a notebook's cell ends its figures": (
        PLT + "plt.plot([1])\n\n# %%\nplt.bar([1], [2])\n",
        [["plt.plot([1])"], ["plt.bar([1], [2])"]],
    ),
    "style set before stays with each figure": (
        PLT + "plt.style.use('ggplot')\nplt.plot([1])\nplt.show()\nplt.plot([2])\n",
        [
            ["plt.style.use('ggplot')", "plt.plot([1])"],
            ["plt.style.use('ggplot')", "plt.plot([2])"],
        ],
    ),
    "prints, pauses, folders and logs go": (
        PLT + "import os\nos.makedirs('out')\nprint(1)\nplt.plot([1])\nplt.pause(1)\n",
        [["plt.plot([1])"]],
    ),
    "a save is a display": (
        PLT + "import os\nname = os.path.join('out', 'a.png')\nplt.plot([1])\nplt.savefig(name)\n",
        [["plt.plot([1])"]],
    ),
    "seeds stay where something is random": (
        PLT + NP + "np.random.seed(1)\nx = np.random.rand(3)\nplt.plot(x)\nplt.show()\n"
        "plt.bar([1], [1])\n",
        [["np.random.seed(1)", "x = np.random.rand(3)", "plt.plot(x)"], ["plt.bar([1], [1])"]],
    ),
    "the main part runs, and a function that is called once stands in its place": (
        PLT + "def draw(y):\n    plt.plot(y)\n\ndef main():\n    data = [1]\n    draw(data)\n\n"
        "if __name__ == '__main__':\n    main()\n",
        [["data = [1]", "y = data", "plt.plot(y)"]],
    ),
    "a helper that is called twice stays": (
        PLT + "def draw(y):\n    print(y)\n    plt.plot(y)\n\ndraw([1])\ndraw([2])\n",
        [["def draw(y):\n    plt.plot(y)", "draw([1])", "draw([2])"]],
    ),
    "a function that nothing calls is a program of its own": (
        PLT + "def show(x, title='T', grid=False):\n    '''Doc.'''\n    if x is None:\n"
        "        return None\n"
        "    fig, ax = plt.subplots()\n    ax.plot(x)\n    if grid:\n        ax.grid()\n"
        "    ax.set_title(title)\n    return fig\n",
        [["title = 'T'", "fig, ax = plt.subplots()", "ax.plot(x)", "ax.set_title(title)"]],
    ),
    "pandas draws what a function is given": (
        PLT + "import pandas as pd\n\ndef show(df):\n    df['a'].plot(title='A')\n",
        [["df['a'].plot(title='A')"]],
    ),
    "pandas draws what a missing library gives": (
        PLT + "import pandas as pd\nfrom lib import load\na = load(1)\nd = a['t'].fillna(0)\n"
        "d.plot(title='T')\nplt.show()\nfig, ax = plt.subplots()\nfor k in range(3):\n"
        "    b = load(k)\n    b['t'].plot(ax=ax)\n",
        [
            ["d = a['t'].fillna(0)", "d.plot(title='T')"],
            [
                "fig, ax = plt.subplots()",
                "for k in range(3):\n    b = b_data\n    b['t'].plot(ax=ax)",
            ],
        ],
    ),
    "helpers that draw what others draw too": (
        PLT + "def line(y):\n    plt.figure()\n    plt.plot(y)\n\ndef bars(y):\n    plt.figure()\n"
        "    plt.bar([1, 2], y)\n\ny = [1, 2]\nline(y)\nbars(y)\n",
        [
            ["y = [1, 2]", "plt.figure()", "plt.plot(y)"],
            ["y = [1, 2]", "plt.figure()", "plt.bar([1, 2], y)"],
        ],
    ),
    "axes whose name is bound anew": (
        PLT + "def draw(y, axes=None):\n    axes = axes or plt.subplots()[1]\n    axes.plot(y)\n"
        "    return axes\n\nax = draw([1])\nax = draw([2], ax)\n\n# %%\nax = None\n"
        "ax = draw([3], ax)\nax = draw([4], ax)\n",
        [
            [DRAW, "ax = draw([1])", "ax = draw([2], ax)"],
            [DRAW, "ax = None", "ax = draw([3], ax)", "ax = draw([4], ax)"],
        ],
    ),
    "a loop that runs for certain sets what it sets": (
        PLT + "for i in [1, 2]:\n    t = [i]\nfor i in range(3):\n    t = [i, i]\nplt.plot(t)\n",
        [["for i in range(3):\n    t = [i, i]", "plt.plot(t)"]],
    ),
    "a loop that may not run does not": (
        PLT + "t = [1]\nfor i in range(3):\n    if i == 3:\n        t = [i, i]\nplt.plot(t)\n",
        [["t = [1]", "for i in range(3):\n    if i == 3:\n        t = [i, i]", "plt.plot(t)"]],
    ),
    "a class whose methods its properties name": (
        PLT + PROPERTY + "\nplt.plot(A().x)\n",
        [[PROPERTY, "plt.plot(A().x)"]],
    ),
    "a method without its object": (
        PLT + "class A:\n    def __init__(self, y):\n        self.y = y\n        self.n = 3\n"
        "    def half(self):\n        return self.n / 2\n"
        "    def plot(self):\n        plt.plot(self.y, lw=self.half())\n",
        [["def half():\n    return n / 2", "n = 3", "plt.plot(y, lw=half())"]],
    ),
}  # fmt: skip


@pytest.mark.parametrize(("source", "wanted"), SLICED.values(), ids=SLICED)
def test_what_belongs_to_a_figure(source, wanted):
    assert [plain(one.body) for one in made(source)] == wanted


LACKING = {
    "a file": ("import pandas as pd\ndf = pd.read_csv('a.csv')\nplt.plot(df['x'])\n", ["df"],
               ["plt.plot(df['x'])"]),
    "a file read where it is used": ("import pandas as pd\n"
    "plt.plot(pd.read_csv('d/sales.csv').x)\n",
                                     ["sales"], ["plt.plot(sales.x)"]),
    "a module's function": ("from lib import load\nx, y = load()\nplt.plot(x, y)\n", ["x", "y"],
                            ["plt.plot(x, y)"]),
    "an object of unknown type hands on": (
        "import torch\nnet = torch.Net()\nnet.eval()\nout = net(1)\n"
        "plt.plot(out.detach().numpy())\n",
        ["out"], ["plt.plot(out)"]),
    "a configuration": ("import cfg\nplt.plot([1], lw=cfg.width)\n", ["width"],
                        ["plt.plot([1], lw=width)"]),
    "an option has its default": (
        "import argparse\np = argparse.ArgumentParser()\np.add_argument('--lr', default=0.1)\n"
        "args = p.parse_args()\nplt.plot([1])\nplt.title(args.lr)\n", [],
        ["plt.plot([1])", "plt.title(0.1)"]),
    "a loop that reads": (
        "ys = []\nfor line in open('a.txt'):\n    ys.append(float(line))\nplt.plot(ys)\n", ["ys"],
        ["plt.plot(ys)"]),
    "a file that is opened": (
        "import json\nwith open('a.json') as f:\n    d = json.load(f)\nplt.plot(d['x'])\n", ["d"],
        ["plt.plot(d['x'])"]),
    "an undefined name": ("plt.plot(x)\n", ["x"], ["plt.plot(x)"]),
    "what everybody calls so": ("x = np.arange(3)\nplt.plot(x)\n", [],
                                ["x = np.arange(3)", "plt.plot(x)"]),
    "an input": ("n = int(input('n'))\nplt.plot(range(n))\n", ["n"],
                 ["plt.plot(range(n))"]),
    "the branch that draws": (
        "from lib import ok\nif ok():\n    plt.plot([1])\nelse:\n    plt.bar([1], [1])\n", [],
        ["plt.plot([1])"]),
    "what a library brings along is at hand": (
        "import numpy as np\nfrom matplotlib import cbook\n"
        "d = np.load(cbook.get_sample_data('a.npz'))\nplt.plot(d)\n", [],
        ["d = np.load(cbook.get_sample_data('a.npz'))", "plt.plot(d)"]),
}  # fmt: skip


@pytest.mark.parametrize(("source", "names", "wanted"), LACKING.values(), ids=LACKING)
def test_what_is_missing_is_left_open(source, names, wanted):
    (draft,) = made(PLT + source)
    assert (holes(draft), plain(draft.body)) == (names, wanted)


def test_a_hole_says_what_it_stands_for():
    (draft,) = made(PLT + "from lib import load\na, b = load('x')\nplt.plot(b)\n")
    hole = draft.holes["b"]
    assert (hole.stands_for, hole.origin, hole.number, hole.count) == (
        "load('x')", "lib.load()", 1, 2,
    )  # fmt: skip


def test_a_figure_of_plotly_that_is_never_shown_is_shown():
    (draft,) = made("import plotly.graph_objects as go\nf = go.Figure()\nf.add_bar(y=[1])\n")
    assert plain(draft.body)[-1] == "f.show()"


def test_what_went_is_told():
    (draft,) = made(PLT + "a = 1\nprint(a)\nplt.plot([1])\n")
    assert draft.edits == ("sliced", "dropped print")


def test_a_figure_of_a_library_that_is_not_there_is_refused():
    (refused,) = turns("import altair as alt\nalt.Chart(1).mark_bar()\n")[0]
    assert (refused.reason, refused.detail) == ("needs_module", "altair")


def test_a_figure_on_which_nothing_is_put_is_none():
    assert made(PLT + "plt.figure()\nplt.title('x')\nplt.show()\n") == []
