import pytest

from viscode.instruct.mockdata import data_lines

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
    assert data_lines(HEAD + body) == text


def test_form_feed_and_crlf_do_not_shift_the_pieces() -> None:
    code = "import matplotlib.pyplot as plt\r\n# a\x0cb\r\nx = [1,\r\n     2]\r\nplt.plot(x)\r\n"
    assert data_lines(code) == "x = [1,\r\n     2]"
