"""What tidy takes away, what it leaves, and that the picture stays the same."""

import ast
from pathlib import Path

import pytest
from leftovers import findings, leftovers

from viscode.core.records import Script
from viscode.execution.engine import RunOptions, run
from viscode.extract.tidy import tidy
from viscode.text.source_text import decode_python

IMPORTS = "import matplotlib.pyplot as plt\nimport numpy as np\nimport pandas as pd\n"
DRAWN = """
df = pd.DataFrame({"a": [1, 2, 3]})
fig, ax = plt.subplots()
ax.plot(df["a"], np.arange(3))
plt.show()
"""
GONE = {
    "print": "print(df)\nprint('x %d' % len(df), file=None)",
    "looks": "df.head()\ndf\ndf.a.value_counts()\ndf.shape\n3\n'text'\ndf['a'] > 2\nax.get_xlim()",
    "more looks": "len(df)\ndf.isnull().sum()\nf'{df}'\n[x for x in df]\nnp.mean(df['a'])",
    "copies": "df.drop('a', axis=1)\ndf.rename(columns=str)\ny = df.drop_duplicates()",
    "labels": "labels = [line.get_label() for line in ax.lines]",
    "display of a table": "display(df.head())",
    "windows": "import matplotlib\nmatplotlib.use('Agg')\nplt.ion()\nplt.switch_backend('agg')",
    "warnings": "import warnings\nwarnings.filterwarnings('ignore')",
    "logging": "import logging\nlog = logging.getLogger('a')\nlog.info('n %s', len(df))",
    "options": "pd.set_option('display.width', 9)\npd.options.display.max_rows = 3",
    "magics": "%matplotlib inline\nget_ipython().run_line_magic('matplotlib', 'inline')",
    "unread name": "total = df['a'].sum()",
    "unread name beside one that is called evaluate": "a = 3\nevaluate = [4]\nz = evaluate",
    "names that only each other reads": "a = 3\nb = a + 1\nb += 1\nb",
    "unread names of a tuple": "r, c = df.shape",
    "overwritten name": "y = 3\ny = [4]\nz = y\ny = [5]\nz = y",
    "draw that nothing reads": "noise = np.random.rand(3)",
    "seed of nothing": "np.random.seed(3)",
    "unread function": "def helper(x):\n    return x",
    "loop that prints": "for i in range(3):\n    print(i)",
    "loops over one name": "for i in [1]:\n    print(i)\nfor i in [2]:\n    print(i)",
    "condition that prints": "if len(df) > 2:\n    print(df)\nelse:\n    pass",
    "timing": "import time\nstart = time.time()\nprint(time.time() - start)",
    "deleting": "n = 3\ndel n",
    "guarded import": "try:\n    import ujson as json\nexcept ImportError:\n    import json",
    "axes of three dimensions": "from mpl_toolkits.mplot3d import Axes3D",
    "import in a function": "def f():\n    import os\n    return os",
    "path of modules": "import sys\nsys.path.append('..')",
    "print of an own pure function": "def double(x):\n    return 2 * x\nprint(double(3))",
    "assertion": "assert len(df) == 3",
    "commented-out code": "# plt.plot(df)\n# print(3)",
}


@pytest.mark.parametrize("lines", GONE.values(), ids=GONE.keys())
def test_what_shows_nothing_goes(lines):
    top, _, rest = DRAWN.partition("\nfig")
    assert tidy(f"{IMPORTS}{top}\n{lines}\nfig{rest}") == tidy(IMPORTS + DRAWN)


STAYS = {
    "seed": "np.random.seed(0)\nax.plot(np.random.rand(3))",
    "call that changes": "df.drop('a', axis=1, inplace=True)",
    "method that changes": "rows = [1]\nrows.append(2)\nax.plot(rows)",
    "seed that may be of use": "import seaborn as sns\nnp.random.seed(0)\nsns.stripplot(x=[1])",
    "name that a branch binds": "y = [1]\nif len(df) > 3:\n    y = [2]\nax.plot(y)",
    "name that a function reads": "y = [1]\n\n\ndef f():\n    ax.plot(y)\n\n\nf()\ny = [2]\nf()",
    "name that it extends": "y = [1]\ny += [2]\nax.plot(y)",
    "own function that changes": "seen = []\n\n\ndef note(x):\n    seen.append(x)\n\n\n"
    "note(3)\nax.plot(seen)",
    "backend of plots": 'pd.set_option("plotting.backend", "plotly")',
    "read by a query": 'limit = 2\nax.plot(df.query("a > @limit"))',
    "looked up": "limit = 2\nax.plot(eval(input()))",
    "underscore": "_ = ax.set_title('x')",
    "global": "def count():\n    global n\n    n = 3\n\n\ncount()\nax.set_title(n)",
    "held": "from matplotlib import animation\n\nmoving = animation.FuncAnimation(fig, print)",
    "function of a module": "import os\n\nos.replace('a', 'b')",
    "style": 'plt.style.use("ggplot")',
    "loop variable": "for i in range(3):\n    pass\nax.set_title(i)",
    "generator": "steps = iter(df)\nnext(steps)\nax.plot(next(steps))",
    "class attribute": "class A:\n    size = 3\n\n\nax.plot(A().size)",
}


@pytest.mark.parametrize("lines", STAYS.values(), ids=STAYS.keys())
def test_what_may_change_the_picture_stays(lines):
    kept = tidy(f"{IMPORTS}{DRAWN}{lines}\nplt.show()\n")
    wanted = [line for line in lines.splitlines() if line.strip() and "import" not in line]
    assert [line for line in wanted if line.replace("'", '"') not in kept.replace("'", '"')] == []


CHANGED = {
    "l = ax.text(0, 1,  # here\n    'a')": 'ax.text(\n    0,\n    1,  # here\n    "a",\n)',
    "g = ax.plot([1])\ng = ax.plot([2])\ng[0].set_color('r')": (
        'ax.plot([1])\ng = ax.plot([2])\ng[0].set_color("r")'
    ),
    "a, b, c = 1, 2, 3\nax.plot([a, c])": "a, c = 1, 3\nax.plot([a, c])",
    "a, b = 1, 2\nax.plot([b])": "b = 2\nax.plot([b])",
    "line = ax.plot([1])[0]": "ax.plot([1])",
    "n, bins, p = ax.hist(df['a'])": 'ax.hist(df["a"])',
    "a = b = ax.plot([1])\nb[0].set_color('r')": 'b = ax.plot([1])\nb[0].set_color("r")',
    "print(ax.plot([1]))": "ax.plot([1])",
    "if len(df):\n    print(1)\nelse:\n    ax.plot([1])": "if not len(df):\n    ax.plot([1])",
    "try:\n    ax.plot([1])\nexcept ValueError as e:\n    print(e)": (
        "try:\n    ax.plot([1])\nexcept ValueError:\n    pass"
    ),
    "def f(x):\n    '''Draw x.\n\n    x : list\n    '''\n    ax.plot(x)\nf([1])": (
        'def f(x):\n    """Draw x."""\n    ax.plot(x)\n\n\nf([1])'
    ),
    "def f(x):\n    ax.plot(x)\n    return None\nf([1])": "def f(x):\n    ax.plot(x)\n\n\nf([1])",
    "y = [ax.axhline(v) for v in [1]]": "[ax.axhline(v) for v in [1]]",
    "# Draw it\n#plt.cla()\nax.plot( [1] ) # in blue": "# Draw it\nax.plot([1])  # in blue",
}


@pytest.mark.parametrize(("lines", "text"), CHANGED.items())
def test_what_is_written_more_simply(lines, text):
    head = "fig, ax = plt.subplots()\n"
    made = tidy(f"{IMPORTS}df = pd.DataFrame({{'a': [1, 2]}})\n{head}{lines}\nplt.show()\n")
    body = made.partition(head)[2].replace("\nplt.show()", "").strip()
    assert body == text


def test_imports_come_first_each_once_and_in_order():
    code = (
        "from numpy import log10, pi, array, ndarray as nd, log2, log, log1p, ALLOW_THREADS\n"
        "import seaborn as sns, os\n"
        "x = pi\nfrom matplotlib import pyplot as plt\nimport matplotlib.pyplot as plt\n"
        "from __future__ import print_function\nimport scipy.stats, scipy.optimize\n"
        "def f():\n    from math import tau\n    return tau\n"
        "plt.plot(array([x, f()]), nd, log, log1p, log2, log10, ALLOW_THREADS, os.sep)\n"
        "sns.rugplot(scipy.stats, scipy.optimize)\n"
    ).replace("from __future__ import print_function\n", "")
    head = tidy("from __future__ import print_function\n" + code).partition("\nx = ")[0]
    assert head == (
        "import os\nfrom math import tau\n\nimport matplotlib.pyplot as plt\n"
        "import scipy.optimize\nimport scipy.stats\n"
        "import seaborn as sns\n"
        "from numpy import ALLOW_THREADS, array, log, log1p, log2, log10, pi\n"
        "from numpy import ndarray as nd\n"
    )


@pytest.mark.parametrize(
    "code",
    [
        "from math import *\nimport random\nfrom pylab import *\nplot([random.random()])\n",
        "import time\nfrom time import time\nprint(x := time)\nplot(time())\n",
        "import json\nx = json\njson = 3\nplot(json, x)\n",
    ],
)
def test_imports_stay_where_their_order_may_matter(code):
    lines = [line for line in code.splitlines() if "import" in line]
    assert [line for line in tidy(code).splitlines() if "import" in line] == lines


@pytest.mark.parametrize(
    ("last", "stays"),
    [
        ("fig", False), ("ax", False), ("df", False), ("df['a'] > 2", False),
        ("alt.Chart(df).mark_bar()", True), ("chart", True), ("chart + chart", True),
        ("loaded", True), ("'done'", False), ("so.Plot(df, x='a')", True),
    ],
)  # fmt: skip
def test_the_last_expression_stays_where_it_may_be_a_figure(last, stays):
    code = (
        f"import altair as alt\nimport seaborn.objects as so\nfrom own import load\n{IMPORTS}"
        f"{DRAWN}loaded = load()\nchart = alt.Chart(df).mark_bar()\n{last}\n"
    )
    quoted = last.replace("'", '"')
    assert (tidy(code).splitlines()[-1] == quoted) is stays


@pytest.mark.parametrize("code", ["x = (", "print 'x'\n", "a" * 60_000, "", "\0", "x = '\ud800'"])
def test_what_is_no_python_or_too_long_stays_as_it_is(code):
    assert tidy(code) == code


@pytest.mark.timeout(30)
@pytest.mark.parametrize(
    "code",
    [
        "\n".join(f"x{i} = x{i + 1}" for i in range(2000)),
        "\n".join(" " * i + f"def f{i}(a):" for i in range(95)) + "\n" + " " * 95 + "print(a)",
        "f(" * 90 + ")" * 90,
        "for i in y:\n    print(i)\n" * 1500,
        "# f(x\n" * 8000,
    ],
)
def test_hostile_code_ends(code):
    assert isinstance(ast.parse(tidy(code)), ast.Module)


MESSY = "import os\nprint(1)\nx = 3\n\n\ndef f():\n    y = 3\n\n\nx == 3\nf().head()\n# f(x)\n%s"


def test_leftovers_are_found():
    found = leftovers(MESSY % "plt.ion()\n3\npass\n")
    rules = ["F401", "T201", "F841", "B015", "bare look", "ERA001", "windows", "B018"]
    assert [rule for rule in rules if not any(rule in one for one in found)] == []
    assert found == tuple(sorted(found, key=lambda one: int(one.partition(":")[0])))


SCRIPTS = Path(__file__).parents[2] / "samples/files"


def test_nothing_is_left_over_in_tidied_samples():
    for path in sorted(SCRIPTS.rglob("*.py")):
        made = tidy(decode_python(path.read_bytes()))
        assert leftovers(made) == (), path
        assert findings(made, ["I001", "E402"]) == []
        assert tidy(made) == made


NOTEBOOK = """
%matplotlib inline
import matplotlib.pyplot as plt, pandas as pd
import numpy as np
import warnings; warnings.filterwarnings('ignore')
np.random.seed(3)
df = pd.DataFrame({'year': range(2000, 2008), 'value': np.random.rand(8)})
df.head()
class Model:
    '''A model.

    n : steps
    '''
    def __init__(self, n):
        self.n, self.losses = n, []
    def train(self):
        for i in range(self.n):
            self.losses.append(1 / (i + 1))
            print('loss', self.losses[-1])
        return self.losses
model = Model(8)
print(model.train())
fig, axs = plt.subplots(1, 2)
line, = axs[0].plot(df['year'], df['value'])
axs[0].legend([line], ['value'])
note = axs[1].text(1, .5, 'text'); bars = axs[1].bar(range(8), model.losses)
for i, v in enumerate(model.losses):
    print(i, v)
    t = axs[1].text(i, v, round(v, 1))
plt.scatter(range(8), np.random.rand(8))
df.describe()
"""
EXAMPLES = {
    "notebook": NOTEBOOK,
    **{path.name: decode_python(path.read_bytes()) for path in sorted(SCRIPTS.glob("*.py"))},
}


@pytest.mark.sandbox
@pytest.mark.slow
def test_what_is_drawn_stays_the_same():
    pairs = {name: (before, tidy(before)) for name, before in EXAMPLES.items()}
    scripts = [
        Script(id=f"{name} {number}", code=code)
        for name, pair in pairs.items()
        for number, code in enumerate(pair)
    ]
    options = RunOptions(
        python=Path(".venv-plots/bin/python"), lock=Path("envs/plots.lock"), timeout_s=60,
        memory_mb=4096, workers=1, isolation="auto", saved_files=False,
    )  # fmt: skip
    done = {one.id: one for one in run(scripts, options)}
    for name in EXAMPLES:
        before, after = done[f"{name} 0"], done[f"{name} 1"]
        assert (before.status, after.status) == ("ok", "ok"), (before.error, after.error)
        assert before.images and before.images == after.images, name
        assert before.facts == after.facts
