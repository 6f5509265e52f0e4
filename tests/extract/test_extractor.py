"""Files -> blocks that ran and drew, in the sandbox; what is told of those that gave none."""

import ast
from pathlib import Path

import pytest

from viscode.core.records import Origin, SelectedFile
from viscode.execution.engine import Crew, RunOptions
from viscode.extract.extractor import Extractor
from viscode.extract.mending import MOST_RUNS
from viscode.extract.static import importable_modules

pytestmark = pytest.mark.sandbox
PYTHON = Path(".venv-plots/bin/python")
PLT = "import matplotlib.pyplot as plt\n"
READ = PLT + "import pandas as pd\ndf = pd.read_csv('a.csv')\n"


@pytest.fixture(scope="module")
def crew():
    options = RunOptions(
        python=PYTHON, lock=Path("envs/plots.lock"), timeout_s=60, memory_mb=4096, workers=1,
        isolation="auto", saved_files=False,
    )  # fmt: skip
    made = Crew(options, None)
    yield made
    made.settle()


@pytest.fixture
def extract(crew):
    importable = importable_modules(PYTHON)

    def extracted(text, **options):
        origin = Origin(kind="folder", name="f", path="a.py")
        file = SelectedFile(
            id="a", source="files", origin=origin, licence="MIT", text=text,
            libraries=("matplotlib",),
        )  # fmt: skip
        return Extractor(crew.judge, importable, **options).extract(file)

    return extracted


COURSEWORK = """
import argparse
import pandas as pd
import torch
import matplotlib.pyplot as plt
from helpers import accuracy

parser = argparse.ArgumentParser()
parser.add_argument("--lr", type=float, default=0.1)
args = parser.parse_args()


def main():
    df = pd.read_csv("data/people.csv")
    print(df.head())
    adults = df[df["age"] > 18]
    means = adults.groupby("city")["income"].mean()
    plt.figure()
    plt.bar(means.index, means.values)
    plt.xlabel("city")
    plt.ylabel("mean income")
    plt.savefig("out/income.png")
    model = torch.nn.Linear(2, 1)
    losses = []
    for epoch in range(100):
        loss = model(df).pow(2).mean()
        losses.append(loss.item())
    plt.figure()
    plt.plot(losses, label="train")  # falls
    plt.title("Loss at %s" % args.lr)
    plt.legend()
    plt.savefig("out/loss.png")


if __name__ == "__main__":
    main()
"""


def test_a_script_of_coursework_gives_a_block_for_each_figure(extract):
    found = extract(COURSEWORK)
    assert [block.method for block in found.blocks] == ["supplied", "supplied"]
    income, loss = (block.code for block in found.blocks)
    assert {'"age"', '"city"', '"income"'} <= {
        ast.unparse(node).replace("'", '"')
        for node in ast.walk(ast.parse(income))
        if isinstance(node, ast.Constant)
    }
    assert "losses = " in loss and 'plt.title("Loss at %s" % 0.1)' in loss and "# falls" in loss
    for code in (income, loss):
        assert not {"torch", "argparse", "print", "savefig"} & set(code.replace("(", " ").split())
    assert "supplied df" in found.blocks[0].edits
    assert found.reason == "" and not found.failures


METHODS = {
    "alone": (PLT + "plt.plot([1, 2])\nplt.show()\n", "as_is"),
    "with more than the figure": (PLT + "a = 1\nplt.plot([1, 2])\nplt.show()\n", "sliced"),
    "with an argument": (
        PLT + "def show(x):\n    plt.plot(x)\n    plt.title('t')\n",
        "supplied",
    ),
}


@pytest.mark.parametrize(("text", "method"), METHODS.values(), ids=METHODS)
def test_a_block_says_how_it_was_made(extract, text, method):
    assert [block.method for block in extract(text).blocks] == [method]
    others = tuple({"as_is", "sliced", "supplied"} - {method})
    assert extract(text, allow=others).reason == "not_allowed"


MENDED = {
    "old code": (
        PLT + "plt.style.use('seaborn-whitegrid')\nplt.hist([1, 2, 2], normed=True)\n",
        "density=True",
    ),
    "a setting that this release has not": (
        PLT + "fig, ax = plt.subplots()\nax.plot([1, 2])\nax.set_unheard(3)\n",
        "ax.plot([1, 2])",
    ),
    "lengths that have to agree": (
        PLT + "from lib import load\nx = load()\nplt.bar(['a', 'b', 'c'], x)\nplt.title('t')\n",
        "plt.bar(['a', 'b', 'c'], x)".replace("'", '"'),
    ),
    "an attribute that nothing has": (
        PLT + "import numpy as np\nwhen = np.arange(3)\nplt.plot(when.datetime64, [1, 2, 3])\n"
        "plt.title('t')\n",
        "plt.plot(datetime64, [1, 2, 3])",
    ),
    "values that the limits of the axes do not show": (
        PLT + "from lib import load\nx, y = load()\nplt.scatter(x, y)\nplt.title('t')\n"
        "lim = 4e6 / 4\nplt.xlim(-lim, lim)\n",
        "x = np.linspace(-1000000.0, 1000000.0, 30)",
    ),
    "a computation that fails": (
        PLT + "import numpy as np\nx = np.linalg.inv([[0, 0], [0, 0]])\nplt.imshow(x)\n"
        "plt.title('inverse')\n",
        "plt.imshow(x)",
    ),
}


@pytest.mark.parametrize(("text", "line"), MENDED.values(), ids=MENDED)
def test_an_error_is_mended(extract, text, line):
    found = extract(text)
    assert [line in block.code for block in found.blocks] == [True]
    assert found.runs <= MOST_RUNS


NAMED = {
    "its variable": (
        "from lib import load\n\ndef f(a):\n    return load(a)\n\nlosses = f(1)\n"
        "plt.plot(losses)\n",
        ["losses"],
    ),
    "its variable in a loop": (
        "from lib import load\nfor k in range(3):\n    losses = load(k).sum()\n"
        "    plt.plot([k, 1], [losses, 2])\n",
        ["losses"],
    ),
    "one of its own where the variable is bound again": (
        "from lib import load\nx = 3\nplt.plot([x, 1])\nx = load(2).sum()\nplt.plot([x, 2])\n",
        ["x_data"],
    ),
}


@pytest.mark.parametrize(("text", "names"), NAMED.values(), ids=NAMED)
def test_a_value_has_the_name_of(extract, text, names):
    block = extract(PLT + text + "plt.title('t')\n").blocks[0]
    told = [edit.removeprefix("supplied ") for edit in block.edits if "supplied" in edit]
    assert told == names


NONE = {
    "no Python": ("def (:\n", "syntax_error"),
    "nothing drawn": (PLT + "plt.figure()\n", "only_defines"),
    "all made up": (PLT + "def show(x):\n    plt.plot(x)\n", "says_nothing"),
    "values that nothing fills in": (
        PLT + "import numpy as np\nfrom lib import load\ny = np.zeros(load(1).size)\n"
        "plt.plot(y)\nplt.title('t')\n",
        "flat",
    ),
    "an array in a label": (
        PLT + "from lib import load\ny = load()\nplt.plot(y)\nplt.title(f'Speed of {y}')\n",
        "unreadable",
    ),
    "the same value in each turn": (
        PLT + "from lib import load\nfor k in range(3):\n    y = load(k)\n    plt.plot(y)\n"
        "plt.title('t')\n",
        "repeated",
    ),
    "values far from what the axes show": (
        PLT + "from lib import load\nplt.scatter([1, 2, 3], load())\nplt.title('t')\n"
        "lim = 4e6 / 4\nplt.xlim(-lim, lim)\n",
        "out_of_limits",
    ),
    "an empty figure": (PLT + "plt.plot([])\n", "blank"),
    "a library that is not there": ("import bokeh.plotting as b\nb.figure().line([1], [2])\n",
                                    "needs_module"),
}  # fmt: skip


@pytest.mark.parametrize(("text", "reason"), NONE.values(), ids=NONE)
def test_a_file_without_a_block_has_a_reason(extract, text, reason):
    found = extract(text)
    assert (found.blocks, found.reason) == ((), reason)


SAYING = {
    "a title of its own": (PLT + "def f(x):\n    plt.plot(x)\n    plt.title('Sales')\n", True),
    "a column that it names": (READ + "df.plot(x='time', y='speed')\nplt.show()\n", True),
    "an attribute that it names": (
        READ + "df.speed.plot()\nplt.legend()\nplt.show()\n", True,
    ),
    "a text filled in": (PLT + "def f(x, n):\n    plt.plot(x)\n    plt.title(f'Run {n}')\n", True),
    "data of its own": (PLT + "def f(n):\n    plt.plot([1, 4, 9])\n    plt.axhline(n)\n", True),
    "columns of supplied lines alone": (READ + "df.plot()\nplt.show()\n", False),
    "a text that was supplied": (PLT + "def f(x, t):\n    plt.plot(x)\n    plt.title(t)\n", False),
    "a word of the library": (READ + "df.plot.hist(legend=False)\nplt.show()\n", False),
    "what is computed of supplied values": (
        PLT + "def f(x):\n    y = []\n    for n in x:\n        y.append(2 * n)\n    plt.plot(y)\n",
        False,
    ),
}  # fmt: skip


@pytest.mark.parametrize(("text", "says"), SAYING.values(), ids=SAYING)
def test_what_is_all_supplied_has_to_say_something_of_its_source(extract, text, says):
    found = extract(text)
    assert bool(found.blocks) is says
    assert says or found.reason == "says_nothing"


def test_the_same_file_gives_the_same_blocks(extract):
    assert extract(COURSEWORK).blocks == extract(COURSEWORK).blocks
