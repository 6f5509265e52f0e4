import ast

import pytest

from viscode.libraries.detect import draws, library_use, may_plot
from viscode.libraries.selection import PYTHON2
from viscode.text.python_text import ParseFailure, parse

DRAWN = {
    "alias": ("import matplotlib.pyplot as plt\nplt.plot([1])", ["matplotlib"]),
    "no alias": ("import matplotlib.pyplot\nmatplotlib.pyplot.plot([1])", ["matplotlib"]),
    "from import": ("from matplotlib.pyplot import plot as p\np([1])", ["matplotlib"]),
    "from package": ("from matplotlib import pyplot\npyplot.bar([1], [2])", ["matplotlib"]),
    "figure class": ("from matplotlib.figure import Figure\nf = Figure()", ["matplotlib"]),
    "inside a function": (
        "def f():\n    import matplotlib.pyplot as plt\n    plt.plot([1])",
        ["matplotlib"],
    ),
    "pylab": ("import pylab\npylab.plot([1])", ["matplotlib"]),
    "pylab star": ("from pylab import *\nplot([1])", ["matplotlib"]),
    "mplot3d": ("from mpl_toolkits.mplot3d import Axes3D\nax = Axes3D(fig)", ["matplotlib"]),
    "passed as a module": (
        "import matplotlib.pyplot as plt\nfrom scipy import stats\nstats.probplot(x, plot=plt)",
        ["matplotlib"],
    ),
    "show alone, after a drawing package": (
        "import statsmodels.api as sm\nimport matplotlib.pyplot as plt\nsm.qqplot(r)\nplt.show()",
        ["matplotlib"],
    ),
    "drawing package alone": ("import statsmodels.api as sm\nsm.qqplot(r)", ["matplotlib"]),
    "display class": (
        "from sklearn.metrics import RocCurveDisplay\nRocCurveDisplay.from_predictions(a, b)",
        ["matplotlib"],
    ),
    "result method": (
        "from scipy import stats\nr = stats.fit(d, x)\nr.plot_hist()",
        ["matplotlib"],
    ),
    "seaborn": ("import seaborn as sns\nsns.histplot([1])", ["seaborn"]),
    "seaborn style only": (
        "import seaborn as sns, matplotlib.pyplot as plt\nsns.set_theme()\nplt.plot([1])",
        ["matplotlib"],
    ),
    "plotly": ("import plotly.express as px\npx.bar(x=[1])", ["plotly"]),
    "plotly from import": (
        "from plotly.subplots import make_subplots\nmake_subplots()",
        ["plotly"],
    ),
    "bokeh star": ("from bokeh.plotting import *\np = figure()\nshow(p)", ["bokeh"]),
    "altair": ("import altair as alt\nalt.Chart(d).mark_bar()", ["altair"]),
    "plotnine star": ("from plotnine import *\nggplot(d)", ["plotnine"]),
    "holoviews": ("import holoviews as hv\nhv.Curve([1])", ["holoviews"]),
    "hvplot": ("import pandas as pd\nimport hvplot.pandas\npd.Series([1]).hvplot()", ["holoviews"]),
    "pygal": ("import pygal\npygal.Bar()", ["pygal"]),
    "networkx": ("import networkx as nx\nnx.draw_spring(g)", ["networkx"]),
    "frame from pandas": ("import pandas as pd\nx = pd.read_csv(f)\nx.plot()", ["pandas"]),
    "frame of a frame": (
        "import pandas as pd\na = pd.DataFrame(d)\nb = a.groupby('c').mean()\nb['x'].hist()",
        ["pandas"],
    ),
    "chained": ("import pandas as pd\npd.Series([1]).plot.bar()", ["pandas"]),
    "parameter, accessor": ("import pandas as pd\ndef f(t):\n    t.plot.bar()", ["pandas"]),
    "parameter, keyword": ("import pandas as pd\ndef f(t):\n    t.plot(kind='bar')", ["pandas"]),
    "parameter, name": ("import pandas\ndef f(df):\n    df['a'].plot()", ["pandas"]),
    "boxplot": ("import pandas as pd\ndf = pd.DataFrame(d)\ndf.boxplot(column='a')", ["pandas"]),
    "plotting module": ("import pandas as pd\npd.plotting.scatter_matrix(d)", ["pandas"]),
    "plotting function": (
        "from pandas.plotting import scatter_matrix\nscatter_matrix(d)",
        ["pandas"],
    ),
    "drawn by matplotlib": ("import mplfinance as mpf\nmpf.plot(d)", ["matplotlib"]),
    "frame method": ("import cufflinks\ndf.iplot()", ["plotly"]),
    "two libraries": (
        "import seaborn as sns\nimport matplotlib.pyplot as plt\nsns.boxplot(d)\nplt.title('x')",
        ["matplotlib", "seaborn"],
    ),
    "a function handed on": (
        "import pandas as pd\nimport matplotlib.pyplot as plt\nlist(map(plt.plot, rows))",
        ["matplotlib"],
    ),
    "a function under another name": (
        "import matplotlib.pyplot as plt\ndraw = plt.scatter\ndraw([1], [2])",
        ["matplotlib"],
    ),
    "axes by annotation": (
        "import matplotlib.pyplot as plt\ndef f(where: plt.Axes):\n    where.bar([1], [2])",
        ["matplotlib"],
    ),
    "axes by name": ("import matplotlib.pyplot\ndef f(ax):\n    ax.hist([1])", ["matplotlib"]),
    "axes kept on self": (
        "import matplotlib.pyplot as plt\nclass A:\n    def __init__(self):\n"
        "        self.where = plt.gca()\n    def go(self):\n        self.where.barh([1], [2])",
        ["matplotlib"],
    ),
    "optional import": (
        "try:\n    import seaborn as sns\nexcept ImportError:\n    sns = None\nsns.kdeplot([1])",
        ["seaborn"],
    ),
    "axes that a frame's plot gives": (
        "import pandas as pd\nax = pd.Series([1]).plot()\nax.hist([1])",
        ["pandas"],
    ),
    "axes, stacked": (
        "import pandas as pd\nimport matplotlib.pyplot as plt\nfig, ax = plt.subplots()\n"
        "ax.hist(x, stacked=True)",
        ["matplotlib"],
    ),
    "axes in an array, by=": (
        "import pandas as pd\nimport matplotlib.pyplot as plt\n_, cells = plt.subplots(2, 2)\n"
        "for cell, col in zip(cells.flat, cols):\n    cell.hist(d[col], by='a', layout=(1, 2))",
        ["matplotlib"],
    ),
    "pyplot, stacked": (
        "import pandas as pd\nimport matplotlib.pyplot as plt\nplt.hist(x, stacked=True)",
        ["matplotlib"],
    ),
    "axes of a figure, sharex": (
        "import pandas as pd\nfrom matplotlib.figure import Figure\nf = Figure()\n"
        "one = f.add_subplot()\none.boxplot(x, column='a', rot=90)\none.plot(x, subplots=True)",
        ["matplotlib"],
    ),
    "axes are no frame": (
        "import pandas as pd\nimport matplotlib.pyplot as plt\nfig, ax = plt.subplots()\n"
        "df = pd.DataFrame(d)\nax.plot(df.a, df.b)\nax.hist(df.a)",
        ["matplotlib"],
    ),
}
NOT_DRAWN = {
    "imported only": ("import matplotlib.pyplot as plt\nx = 1", ["matplotlib"]),
    "backend only": ("import matplotlib\nmatplotlib.use('Agg')", ["matplotlib"]),
    "parameters only": ("import matplotlib.pyplot as plt\nplt.rcParams['a'] = 1", ["matplotlib"]),
    "theme only": ("import seaborn as sns\nsns.set_theme()", ["seaborn"]),
    "data only": ("import plotly.express as px\nd = px.data.iris()", ["plotly"]),
    "colour maps only": ("from matplotlib import cm\nc = cm.viridis(0.5)", ["matplotlib"]),
    "star without a call": ("from pylab import *\nx = sin(1)", ["matplotlib"]),
    "converters only": (
        "import pandas as pd\npd.plotting.register_matplotlib_converters()",
        [],
    ),
    "relative star": ("from .pylab import *\nplot([1])", []),
    "offline mode only": ("import cufflinks as cf\ncf.go_offline()", ["plotly"]),
    "no library": ("import os\nprint('matplotlib')", []),
    "graph without a drawing": ("import networkx as nx\ng = nx.Graph()", []),
    "frame without a plot": ("import pandas as pd\npd.DataFrame(d).mean()", []),
    "another plot method": ("class A:\n    def plot(self): pass\nA().plot()", []),
    "printed": ("import matplotlib\nprint(matplotlib)", ["matplotlib"]),
    "version printed": ("import seaborn as sns\nprint(sns.__version__)", ["seaborn"]),
    "handed to help": ("import plotly.express as px\nhelp(px)", ["plotly"]),
    "a function printed": ("from bokeh.plotting import figure\nprint(figure)", ["bokeh"]),
    "reloaded": (
        "import importlib, matplotlib.pyplot as plt\nplt = importlib.reload(plt)",
        ["matplotlib"],
    ),
    "where it keeps its files": (
        "import matplotlib\nprint(matplotlib.get_cachedir(), matplotlib.get_data_path())",
        ["matplotlib"],
    ),
    "whether figures are open": (
        "import matplotlib.pyplot as plt\nprint(plt.get_fignums(), plt.isinteractive())",
        ["matplotlib"],
    ),
    "help on a function": ("import matplotlib.pyplot as plt\nhelp(plt.plot)", ["matplotlib"]),
    "asked for": (
        "import matplotlib.pyplot as plt\nprint(hasattr(plt, 'plot'), isinstance(f, plt.Figure))",
        ["matplotlib"],
    ),
    "named in an annotation": (
        "import matplotlib.pyplot as plt\ndef f(x: plt.Axes) -> plt.Figure:\n    return x.x",
        ["matplotlib"],
    ),
    "only pandas, stacked axes of somebody": (
        "import pandas as pd\ndef f(where):\n    where.hist(x, stacked=True)",
        [],
    ),
    "own class beside pandas": (
        "import pandas as pd\nclass Frame:\n    def plot(self, kind): pass\n"
        "df = Frame()\ndf.plot(kind='bar')",
        [],
    ),
    "another function's parameter": (
        "import matplotlib.pyplot as plt\ndef f(plt):\n    plt.update()",
        ["matplotlib"],
    ),
    "assigned over": ("import matplotlib.pyplot as plt\nplt = None", ["matplotlib"]),
}


@pytest.mark.parametrize(("code", "libraries"), DRAWN.values(), ids=DRAWN)
def test_use_is_seen(code: str, libraries: list[str]) -> None:
    tree = parse(code)
    assert not isinstance(tree, ParseFailure)
    assert list(library_use(tree).drawn) == libraries
    assert may_plot(code)


@pytest.mark.parametrize(("code", "imported"), NOT_DRAWN.values(), ids=NOT_DRAWN)
def test_import_and_set_up_are_not_use(code: str, imported: list[str]) -> None:
    tree = parse(code)
    assert not isinstance(tree, ParseFailure)
    assert library_use(tree).drawn == ()
    assert list(library_use(tree).imported) == imported


DRAWS = {
    "pyplot": "import matplotlib.pyplot as plt\nplt.plot([1])",
    "axes": "import matplotlib.pyplot as plt\nfig, ax = plt.subplots()\nax.bar([1], [2])",
    "through a function": (
        "import matplotlib.pyplot as plt\ndef draw(a):\n    plt.sca(a)\n    plt.pie([1])\ndraw(b)"
    ),
    "seaborn": "import seaborn as sns\nsns.boxplot(d)",
    "a patch": "import matplotlib.patches as m\nax.add_patch(m.Circle((0, 0), 1))",
    "mapped": "import matplotlib.pyplot as plt\nlist(map(plt.plot, [[1], [2]]))",
    "grid of plots": "import seaborn as sns\nsns.FacetGrid(d).map(sns.histplot, 'a')",
    "express": "import plotly.express as px\nfig = px.box(d)\nfig.show()",
    "traces": "import plotly.graph_objects as go\nfig = go.Figure()\nfig.add_trace(go.Bar(y=[1]))",
    "figure from dictionaries": "import plotly.graph_objects as go\ngo.Figure(data=[dict(y=[1])])",
    "frame": "import pandas as pd\npd.DataFrame(d).plot.bar()",
    "chart": "import altair as alt\nalt.Chart(d).mark_bar().save('a.html')",
    "fragment, frame": "df.plot(x='a', y='b')",
    "fragment, pyplot": "plt.scatter(df.a, df.b)\nplt.show()",
    "fragment, axes": "ax.barh(names, values)\nax.set_title('x')",
    "fragment, express": "fig = px.scatter(df, x='a', y='b')",
}
DRAWS_NOT = {
    "printed": "import matplotlib\nprint(matplotlib)",
    "empty figure": "import matplotlib.pyplot as plt\nplt.figure()\nplt.show()",
    "saving": "plt.savefig('plot.png', dpi=300)\nplt.close()",
    "saving a figure": "fig.savefig('plot.pdf')",
    "saving plotly's": "import plotly.io as pio\npio.write_image(fig, 'a')\nfig.write_html('b')",
    "showing offline": "import plotly.offline as py\npy.plot(fig, filename='a.html')",
    "labels": "plt.title('x')\nplt.xlabel('a')\nplt.legend()\nplt.tight_layout()",
    "layout": "fig.update_layout(title='x')\nfig.show()",
    "data": "import pandas as pd\ndf = pd.DataFrame({'a': [1]})\nprint(df.describe())",
    "style": "import seaborn as sns\nsns.set_theme(style='white')\nsns.despine()",
    "axes alone": "import matplotlib.pyplot as plt\nfig, ax = plt.subplots(2, 2)",
    "help on a function": "import matplotlib.pyplot as plt\nhelp(plt.plot)",
    "printed functions": "import seaborn as sns\nprint(sns.histplot, repr(sns.lineplot))",
    "a patch that is put nowhere": "import matplotlib.patches as m\nc = m.Circle((0, 0), 1)",
    "own step": "class Robot:\n    def step(self, x): pass\nRobot().step(3)",
    "installing": "import subprocess\nsubprocess.run(['pip', 'install', 'matplotlib'])",
}


@pytest.mark.parametrize("code", DRAWS.values(), ids=DRAWS)
def test_something_is_put_on_a_picture(code: str) -> None:
    tree = parse(code)
    assert not isinstance(tree, ParseFailure)
    assert draws(tree)


@pytest.mark.parametrize("code", DRAWS_NOT.values(), ids=DRAWS_NOT)
def test_to_mention_prepare_or_save_a_picture_is_not_to_draw(code: str) -> None:
    tree = parse(code)
    assert not isinstance(tree, ParseFailure)
    assert not draws(tree)


def test_a_part_is_judged_by_the_names_of_the_whole() -> None:
    whole = parse("import matplotlib.pyplot as p\n_, place = p.subplots()\nplace.step([1], [2])")
    assert not isinstance(whole, ParseFailure)
    assert draws(whole, list(ast.walk(whole.body[2])))
    assert not draws(whole, list(ast.walk(whole.body[1])))
    assert not draws(ast.Module([whole.body[2]], []))


@pytest.mark.parametrize("code", ["", "x = 1", "import os\nax.plot(x)", "import pandas as pd"])
def test_scan_lets_other_texts_fall(code: str) -> None:
    assert not may_plot(code)


@pytest.mark.parametrize(
    ("text", "python2"),
    [
        ("print 'a'", True),
        ("print x", True),
        ("exec 'a' in {}", True),
        ("try:\n    pass\nexcept IOError, e:\n    pass", True),
        ("raise ValueError, 'x'", True),
        ("if 1 <> 2: pass", True),
        ("def f(:", False),
        ("x = (1", False),
        ("x = 'a\0b'", False),
        ("x = '\ud800'\n", False),
        ("(" * 500 + ")" * 500, False),
        ("x = " + "-" * 100_000 + "1", False),
    ],
)
def test_unparsable_text_is_a_value(text: str, python2: bool) -> None:
    failure = parse(text)
    assert isinstance(failure, ParseFailure)
    assert bool(PYTHON2.search(text)) == python2
    assert failure.message


def test_a_byte_order_mark_parses() -> None:
    assert not isinstance(parse("\ufeffx = 1"), ParseFailure)
