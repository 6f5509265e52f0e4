import pytest

from viscode.instruct.describe_data import describe_mock_data
from viscode.instruct.mockdata import find_mock_data

HEAD = "import numpy as np\nimport pandas as pd\nimport matplotlib.pyplot as plt\n"


@pytest.mark.parametrize(
    ("body", "text"),
    [
        ("x = [1, 2]\nplt.plot(x)\n", "x = [1, 2]"),
        ("x = [1, 2]; y = x * 2\nplt.plot(y)\n", "x = [1, 2]; y = x * 2"),
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
        ("def f(t):\n    return t\nx = f(3)\nplt.plot(x)\n", "def f(t):\n    return t\nx = f(3)"),
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
        ("x = [1]\nx = x * 2\nplt.plot(x)\n", "x = [1]\nx = x * 2"),
        ("def draw(x):\n    plt.plot(x, k)\nk = [3]\ndraw([1, 2])\n", "k = [3]"),
        ("import networkx as nx\nnx.draw(nx.path_graph(4))\n", "nx.path_graph(4)"),
        ("plt.plot(range)\n", ""),
        ("%matplotlib inline\nx = [1]\nplt.plot(x)\n", ""),
    ],
)
def test_data_lines(body: str, text: str) -> None:
    assert find_mock_data(HEAD + body).text == text


def test_form_feed_and_crlf_do_not_shift_the_pieces() -> None:
    code = "import matplotlib.pyplot as plt\r\n# a\x0cb\r\nx = [1,\r\n     2]\r\nplt.plot(x)\r\n"
    assert find_mock_data(code).text == "x = [1,\r\n     2]"


@pytest.mark.parametrize(
    ("line", "phrase"),
    [
        ("x = np.linspace(0, 2 * np.pi)", "x (50 evenly spaced values from 0 to 2 * np.pi)"),
        ("x = np.arange(5)", "x (the integers from 0 to 4)"),
        ("x = np.arange(0, 1, 0.1)", "x (values from 0 up to 1 in steps of 0.1)"),
        (
            "x = np.random.randn(10, 2)",
            "x (a 10 by 2 array of normally distributed random numbers)",
        ),
        ("n = 7\nx = np.random.normal(0, 1, n)", "x (7 normally distributed random numbers)"),
        ("x = [1, -2, 3.5]", "x (a list of three numbers)"),
        ("x = ['a', 'b']", "x (a list of two texts)"),
        ("x = [[1, 2], [3, 4]]", "x (a list of two rows of two values each)"),
        ("x = np.array([1])", "x (an array of one number)"),
        ("x = {'a': 1, 'b': 2}", "x (a dictionary with the keys a and b)"),
        (
            "x = pd.DataFrame({'a': [1, 2], 'b': [3, 4]})",
            "x (a table with 2 rows and the columns a and b)",
        ),
        ("x = pd.date_range('2020-01-01', periods=9)", "x (9 daily dates from 2020-01-01)"),
        ("x, y = np.meshgrid([1], [2])", "coordinate grids"),
        ("z = [1]\ny = [2]\nx = z[0] + y[0]", "x (computed from z and y)"),
        ("def x(a, b):\n    return a", "x (a function of a and b)"),
        ("x, y = [1], 'a'\nplt.plot(y)", "x (a list of one number) and y (a text)"),
        ("x = [1]\nplt.plot(x)\nx = [2]", "Between the plots x gets new values."),
        ("x = np.eye(3)", "x (given by np.eye(3))"),
        ("x = np.arange(3)\nx = x * 2", "x (the integers from 0 to 2, then transformed)"),
        ("x = np.random.rand(unknown)", "x (uniformly distributed random numbers)"),
    ],
)
def test_description(line: str, phrase: str) -> None:
    data = find_mock_data(f"{HEAD}{line}\nplt.plot(x)\n")
    assert phrase in describe_mock_data("key", data)
