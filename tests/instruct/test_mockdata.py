import ast
import time

import pytest

from viscode.instruct.computed_words import Words
from viscode.instruct.mockdata import data_lines, mock_data
from viscode.libraries.origins import Origins

HEAD = "import numpy as np\nimport pandas as pd\nimport matplotlib.pyplot as plt\n"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("x = [1, 2]\nplt.plot(x)\n", "x = [1, 2]"),
        ("x = [1, 2]; y = x * 2\nplt.plot(y)\n", "x = [1, 2]"),
        ("fig, ax = plt.subplots()\nx = [1, 2]\nax.plot(x)\n", "x = [1, 2]"),
        ("x = [1, 2]\nplt.plot(x)\ny = [3]\nplt.bar(y, y)\n", "x = [1, 2]\ny = [3]"),
        ("x = [1]\nx.append(2)\nplt.plot(x)\nx.append(3)\n", "x = [1]\nx.append(2)"),
        ("n, bins, _ = plt.hist([1, 2])\nm = n * 2\nplt.plot(m)\n", "[1, 2]"),
        (
            "x = [1]\ncolors = ['r']\ntitle = 'a'\nplt.plot(x, c=colors)\nplt.title(title)\n",
            "x = [1]",
        ),
        ("width = 2\nx = [width]\nplt.plot(x)\n", "width = 2\nx = [width]"),
        ("unused = 3\nx = [1]\nprint(x)\nplt.plot(x)\n", "x = [1]"),
        ("def f(t):\n    return t\nx = f(3)\nplt.plot(x)\n", ""),
        (
            "x = []\nfor i in range(3):\n    x.append(i)\nplt.plot(x)\n",
            "x = []\nfor i in range(3):\n    x.append(i)",
        ),
        (
            "np.random.seed(0)\nx = np.random.rand(3)\nplt.plot(x)\n",
            "np.random.seed(0)\nx = np.random.rand(3)",
        ),
        ("é = 'ü' * 2; x = [é]  # ñ\nplt.plot(x)\n", "é = 'ü' * 2; x = [é]  # ñ"),
        (
            "df = pd.DataFrame({'a': [1]})\ndf['b'] = 2\ndf.head()\ndf.plot()\n",
            "df = pd.DataFrame({'a': [1]})\ndf['b'] = 2",
        ),
        (
            "import seaborn as sns\ndf = sns.load_dataset('tips')\nsns.scatterplot(df)\n",
            "df = sns.load_dataset('tips')",
        ),
        ("plt.plot([1, 2], [3, 4])\nplt.xlim([0, 9])\n", "[1, 2]\n[3, 4]"),
        ("x = [1]\nx = [2]\nplt.plot(x)\n", "x = [2]"),
        ("x = [1]\nx = x * 2\nplt.plot(x)\n", "x = [1]"),
        ("def draw(x):\n    plt.plot(x, k)\nk = [3]\ndraw([1, 2])\n", "k = [3]\n[1, 2]"),
        ("import networkx as nx\nnx.draw(nx.path_graph(4))\n", "nx.path_graph(4)"),
        ("plt.plot(range)\n", ""),
        ("%matplotlib inline\nx = [1]\nplt.plot(x)\n", ""),
    ],
)
def test_data_lines(body: str, text: str) -> None:
    assert data_lines(HEAD + body) == text


SOLUTIONS = {  # body -> lines that give values, phrases for what is computed from them
    "elementwise": (
        "x = np.linspace(0, 1)\ny = np.sin(x)",
        "x = np.linspace(0, 1)",
        ["the sine of `x`"],
    ),
    "formula": (
        "x = [1, 2]\nk = 3\ny = k * np.exp(x) + 1",
        "x = [1, 2]\nk = 3",
        ["`k * exp(x) + 1`"],
    ),
    "noisy": ("x = np.arange(9)\ny = 2 * x + np.random.randn(9)", None, []),
    "noise by name": (
        "x = np.arange(9)\ne = np.random.randn(9)\ny = 2 * x + e",
        "x = np.arange(9)\ne = np.random.randn(9)",
        ["`y` as `2 * x + e`"],
    ),
    "generator": ("rng = np.random.default_rng(1)\ny = rng.normal(size=9).cumsum()", None, []),
    "function": (
        "def f(t):\n    return np.exp(-t)\nx = np.arange(5)\ny = f(x)",
        "x = np.arange(5)",
        ["`f(t)` as `exp(-t)`", "`y` as `f(x)`"],
    ),
    "groups": (
        "df = pd.DataFrame({'a': [1, 1], 'b': [2, 3]})\ny = df.groupby('a')['b'].mean()",
        "df = pd.DataFrame({'a': [1, 1], 'b': [2, 3]})",
        ["`y` as the mean of `b` for each `a`"],
    ),
    "counts": (
        "s = pd.Series(list('aab'))\ny = s.value_counts()",
        "s = pd.Series(list('aab'))",
        ["how often each value of `s` occurs"],
    ),
    "column": (
        "df = pd.DataFrame({'a': [1, 2]})\ndf['b'] = df['a'] ** 2 + 1\ny = df",
        "df = pd.DataFrame({'a': [1, 2]})\ny = df",
        ['the column "b" of `df`'],
    ),
    "rows": (
        "df = pd.read_csv('data.csv')\ny = df[df['a'] > 3]",
        "df = pd.read_csv('data.csv')",
        ["the rows of `df` where"],
    ),
    "in a loop": (
        "x = np.arange(9)\nfor k in (1, 2, 3):\n    z = x ** k + 1\n    plt.plot(x, z)\ny = x",
        "x = np.arange(9)\ny = x\nk in (1, 2, 3)",
        ["`z` as `x ** k + 1`"],
    ),
    "in a function": (
        "def draw(a, power=2):\n    z = np.exp(a) * power\n    plt.plot(a, z)\nx = [1, 2]\n"
        "draw(x)\ny = x",
        "x = [1, 2]\ny = x",
        ["`z` as `exp(a) * power`", "`power` as 2"],
    ),
    "made up": (
        "def make(n):\n    a = np.random.rand(n)\n    return a + 1\nn = 5\ny = make(n)",
        "n = 5",
        ["`y` as made-up values (make)"],
    ),
    "with settings": (
        "from scipy.signal import savgol_filter\nx = np.arange(9)\n"
        "y = savgol_filter(x, window_length=5, polyorder=2)",
        "x = np.arange(9)",
        ["`y` from `x` (savgol filter with window_length = 5 and polyorder = 2)"],
    ),
    "filled": (
        "x = np.arange(9) * 1.0\nn = len(x)\ny = np.empty(n) + x\ny = np.zeros(len(y))\n"
        "for i in range(n):\n    y[i] = np.sort(x)[i]",
        "x = np.arange(9) * 1.0\nn = len(x)",
        ["`y` from `n` and `x`"],
    ),
    "lambda": (
        "df = pd.DataFrame({'a': [1, 2]})\ny = df['a'].apply(lambda v: np.log(v))",
        "df = pd.DataFrame({'a': [1, 2]})",
        ['`y` as the natural logarithm of "a" of `df`'],
    ),
    "along": (
        "x = np.eye(3)\ny = np.median(x, axis=0)",
        "x = np.eye(3)",
        ["`y` as the median of `x` along axis 0"],
    ),
    "drawn colours": ("color = np.random.rand(9)\ny = color", None, []),
    "dates": (
        "import datetime\nt = datetime.date(2024, 1, 1)\n"
        "y = [t + datetime.timedelta(days=i) for i in range(9)]",
        "t = datetime.date(2024, 1, 1)\ny = [t + datetime.timedelta(days=i) for i in range(9)]",
        [],
    ),
    "picked": ("df = pd.read_csv('data.csv')\ny = df['a']", None, []),
    "fit": (
        "x, z = [1, 2, 3], [2, 4, 7]\nc = np.polyfit(x, z, 1)\ny = np.polyval(c, x)",
        "x, z = [1, 2, 3], [2, 4, 7]",
        ["a polynomial of degree 1 fitted to `z` over `x`", "the coefficients `c` at `x`"],
    ),
    "model": (
        "from sklearn.linear_model import LinearRegression\nX, z = np.eye(3), [1, 2, 3]\n"
        "model = LinearRegression().fit(X, z)\ny = model.predict(X)",
        "X, z = np.eye(3), [1, 2, 3]",
        ["linear regression", "the predictions of", "for `X`"],
    ),
    "library": (
        "from scipy.cluster.hierarchy import linkage, fcluster\nX = np.eye(3)\n"
        "y = fcluster(linkage(X), t=1)",
        "X = np.eye(3)",
        ["`y` from `X`"],
    ),
    "grid": (
        "x = np.arange(3)\nX, Y = np.meshgrid(x, x)\ny = X * Y",
        "x = np.arange(3)\nX, Y = np.meshgrid(x, x)",
        ["`X * Y`"],
    ),
    "loop": (
        "x = [1, 2]\ny = []\nfor v in x:\n    y.append(v ** 3)",
        "x = [1, 2]",
        ["`y` from `x`"],
    ),
    "each": (
        "x = [1, 2]\ny = [v ** 2 for v in x]",
        "x = [1, 2]",
        ["the square of `v` for each `v` in `x`"],
    ),
    "main": (
        "def main():\n    y = [1, 2]\n    plt.plot(y)\nif __name__ == '__main__':\n"
        "    main()\ny = [3]",
        "y = [1, 2]\ny = [3]",
        [],
    ),
    "supplied": (
        "sales = pd.DataFrame({\n    'day': pd.date_range('2024-01-01', periods=3),\n"
        "    'n': [4, 5, 6],\n})\n"
        "y = sales['n'].rolling(2).mean()",
        "sales = pd.DataFrame({\n    'day': pd.date_range('2024-01-01', periods=3),\n"
        "    'n': [4, 5, 6],\n})",
        ['the mean of "n" of `sales` over a moving window of 2'],
    ),
}


@pytest.mark.parametrize(("body", "lines", "phrases"), SOLUTIONS.values(), ids=SOLUTIONS)
def test_what_is_computed_is_told_and_not_given(body: str, lines, phrases: list[str]) -> None:
    """`lines`: None where the whole body gives values."""
    code = f"{HEAD}{body}\nplt.plot(y)\n"
    tree = ast.parse(code)
    made = mock_data(code, tree)
    told = " ".join(Words(tree, Origins(tree)).entries(made.computed, made.drawn))
    assert made.lines == (body if lines is None else lines)
    assert [phrase for phrase in phrases if phrase not in told] == [], told
    assert bool(told) == bool(phrases), told


@pytest.mark.parametrize(
    ("call", "lines", "phrase"),
    [
        ("plt.plot(x, np.cos(x))", "x = [1, 2]", "the cosine of `x`"),
        ("plt.bar(['a', 'b'], x)", "x = [1, 2]\n['a', 'b']", ""),
        ("plt.annotate('a', (1, 2))\nplt.plot(x)", "x = [1, 2]", ""),
        ("for i in range(3):\n    plt.plot(x, [i, 2])", "x = [1, 2]", ""),
        ("plt.hist(np.random.randn(9), bins=x)", "np.random.randn(9)", ""),
    ],
)
def test_what_stands_in_plotting_calls(call: str, lines: str, phrase: str) -> None:
    code = f"{HEAD}x = [1, 2]\n{call}\n"
    tree = ast.parse(code)
    made = mock_data(code, tree)
    assert lines in made.lines
    assert ", ".join(Words(tree, Origins(tree)).entries(made.computed, made.drawn)) == phrase


def test_form_feed_and_crlf_do_not_shift_the_pieces() -> None:
    code = "import matplotlib.pyplot as plt\r\n# a\x0cb\r\nx = [1,\r\n     2]\r\nplt.plot(x)\r\n"
    assert data_lines(code) == "x = [1,\r\n     2]"


NESTED = (
    "".join(f"{' ' * n}for i{n} in range(2):\n" for n in range(50)) + " " * 50 + "x.append(1)\n"
)
HOSTILE = {
    "function that calls itself": "def f(t):\n    return f(t - 1)\nx = [1]\ny = f(x)",
    "two that call each other": "def f(t):\n    return g(t)\ndef g(t):\n    return f(t)\n"
    "y = f([1])",
    "loops in loops": f"x = []\n{NESTED}y = x",
    "main that calls main": "def main():\n    main()\nmain()\ny = [1]",
    "long sum": "x = [1]\ny = " + " + ".join(["x"] * 90),
    "long list": "y = [" + "1, " * 60_000 + "]",
    "many names": "\n".join(f"x{n} = x{n - 1} * 2" for n in range(1, 3000)) + "\ny = x2999",
}


@pytest.mark.parametrize("body", HOSTILE.values(), ids=HOSTILE)
def test_strange_code_ends_in_time(body: str) -> None:
    code = f"{HEAD}{body}\nplt.plot(y)\n"
    tree = ast.parse(code)
    start = time.process_time()
    made = mock_data(code, tree)
    Words(tree, Origins(tree)).entries(made.computed, made.drawn)
    assert time.process_time() - start < 2.0
