"""The scan of the text: odd spellings that pass, names in the wrong place that fall."""

import random
import re
import time

import pytest

from viscode.libraries import scan
from viscode.libraries.detect import SCAN_VERSION, library_use, may_plot
from viscode.text.python_text import ParseFailure, parse

ODD = {
    "continuation after import": "import \\\n matplotlib.pyplot as plt\nplt.plot()",
    "continuation in a list": "import os, \\\n  matplotlib.pyplot as plt\nplt.plot()",
    "continuation after from": "from \\\n matplotlib \\\n import pyplot\npyplot.plot()",
    "continuation, CRLF": "import os, \\\r\n pylab\r\npylab.plot()\r\n",
    "second in a list": "import a, matplotlib.pyplot as plt\nplt.plot()",
    "second, with alias before": "import a as b , pylab\npylab.plot()",
    "semicolon": "x = '#'; import pylab; pylab.plot()",
    "after a docstring": '"""doc"""; import pylab\npylab.plot()',
    "one-line body": "try: import pylab\nexcept ImportError: pass\npylab.plot()",
    "one-line body, from": "if x:from pylab import plot;plot()",
    "class body": "class A:\n\timport pylab\n\tf = pylab.plot([1])",
    "old Mac lines": "import os\rimport pylab\rpylab.plot()\r",
    "form feed": "x = 1\n\fimport pylab\npylab.plot()",
    "byte order mark": "\ufeffimport pylab\npylab.plot()",
    "compatibility letters": "import ｐylab\npylab.plot()",
    "compatibility letters, from": "from 𝐬eaborn import barplot\nbarplot(d)",
    "compatibility letters in use": "import pandas as pd\npd.Series(x).ｐlot()",
    "letters beside": "import café, pylab\npylab.plot()",
    "deep module of letters": "from matplotlib.ñ import plot\nplot()",
    "spaced dots": "import matplotlib . pyplot as plt\nplt.plot()",
    "no space": "from matplotlib.pyplot import(plot)\nplot()",
    "star, no space": "from pylab import*\nplot()",
    "parentheses": "from matplotlib.pyplot import ( # all\n  plot,\n)\nplot()",
    "comment with a continuation before": "# import os \\\nimport pylab\npylab.plot()",
    "comment with a continuation, from": "# from os \\\nfrom pylab import plot\nplot()",
    "comment after": "import pylab # draws\npylab.plot()",
    "quotes in a comment": "# it's\nimport pandas as pd\npd.Series(x).plot() # it's",
    "in an f-string": "import pandas as pd\nprint(f'{pd.Series(x).plot()}')",
    "braces in an f-string": "import pandas as pd\nf'{{'\npd.Series(x).plot()",
    "after a raw string": "import pandas as pd\nx = r'\\''\npd.Series(x).plot()",
    "quote after a keyword": "import pandas as pd\nz = 1 if'a' else pd.Series(x).plot()",
    "triple in triple": "import pandas as pd\n'''a\"\"\"'''\npd.Series(x).plot()\n\"\"\"'''\"\"\"",
    "dot at the end of a line": "import pandas as pd\n(pd.Series(x). # now\n  plot())",
    "broken after the dot": "import pandas as pd\npd.Series(x). \\\n  hist()",
    "networkx": "import networkx as nx\nnx.draw(g)",
    "networkx function": "from networkx.drawing import nx_pylab as p\np.draw_networkx(g)",
}
REFUSED = {
    "comment": "# import matplotlib\nx = 1",
    "doctest": '"""\n>>> import matplotlib.pyplot as plt\n"""',
    "prose": "'we import matplotlib here, from seaborn import nothing'",
    "another module": "import _plotly_utils\nfrom matplotlib_like import x",
    "address": "import os\nu = 'https://plotly.com/import'",
    "relative": "from .matplotlib import x\nfrom . import seaborn",
    "member of another": "from vendored import plotly",
    "pandas alone": "import pandas as pd\nprint(pd.read_csv(f))",
    "pandas and axes' words in a docstring": "import pandas as pd\n'''Like df.plot().'''\nx = 1",
    "scipy alone": "from scipy import stats\nstats.norm(0)  # plot it",
    "sklearn with a docstring": 'import sklearn\n"""plot_tree draws"""\n"dendrogram"',
    "networkx, drawn": "import networkx as nx\nnx.withdraw()",
}


@pytest.mark.parametrize("code", ODD.values(), ids=ODD)
def test_odd_spellings_pass(code: str) -> None:
    tree = parse(code)
    assert not isinstance(tree, ParseFailure)
    assert library_use(tree).drawn
    assert may_plot(code)


@pytest.mark.parametrize("code", REFUSED.values(), ids=REFUSED)
def test_names_outside_import_statements_fall(code: str) -> None:
    assert not may_plot(code)


def test_version_says_when_to_look_again() -> None:
    assert SCAN_VERSION >= 2


@pytest.mark.parametrize(
    "text",
    [
        "import " * 40_000,
        "from " * 60_000,
        "from a." * 40_000,
        "import a, \\\n" * 20_000,
        "import pandas\nx." + "#\n" * 100_000,
        "import pandas\n.plot" + "f'" * 100_000,
        "import pandas\n.plot" + "'''\\" * 60_000,
        "import scipy\nplot" + '"' * 200_001,
    ],
)
def test_hostile_text_costs_linear_time(text: str) -> None:
    started = time.process_time()
    may_plot(text)
    assert time.process_time() - started < 2


def cpu_s(text: str) -> float:
    started = time.process_time()
    assert not may_plot(text)
    return time.process_time() - started


def test_blocks_of_comments_cost_linear_time() -> None:
    def block(lines: int) -> str:
        return "import pandas as pd\nx = 'hist'\n" + "# A sentence.\n" * lines

    times = [min(cpu_s(block(lines)) for _ in range(3)) for lines in (4_000, 40_000)]
    assert times[1] < 30 * max(times[0], 0.001)


def test_comments_are_read_as_by_one_plain_pattern() -> None:
    plain = re.compile(r"\.(?:[\s\\]++|#[^\r\n]*+)*+(?:plot|hist|boxplot)(?!\w)|plotting")
    parts = (".", "#", " ", "\n", "\r", "\\", "plot", "hist", "x", "(", "boxplot", "ting", "\f")
    draw = random.Random(1)
    texts = ["".join(draw.choices(parts, k=draw.randint(1, 14))) for _ in range(50_000)]
    expected = [bool(plain.search(text)) for text in texts]
    assert [scan.calls_frame(text) for text in texts] == expected
    assert 5_000 < sum(expected) < 45_000
