import pytest

from viscode.mining.libraries import may_plot, usage
from viscode.mining.syntax import ParseFailure, parse

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
    "assigned over": ("import matplotlib.pyplot as plt\nplt = None", ["matplotlib"]),
}


@pytest.mark.parametrize(("code", "libraries"), DRAWN.values(), ids=DRAWN)
def test_use_is_seen(code: str, libraries: list[str]) -> None:
    tree = parse(code)
    assert not isinstance(tree, ParseFailure)
    assert list(usage(tree).drawn) == libraries
    assert may_plot(code)


@pytest.mark.parametrize(("code", "imported"), NOT_DRAWN.values(), ids=NOT_DRAWN)
def test_import_and_set_up_are_not_use(code: str, imported: list[str]) -> None:
    tree = parse(code)
    assert not isinstance(tree, ParseFailure)
    assert usage(tree).drawn == ()
    assert list(usage(tree).imported) == imported


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
    assert failure.python2 == python2
    assert failure.message


def test_a_byte_order_mark_parses() -> None:
    assert not isinstance(parse("\ufeffx = 1"), ParseFailure)
