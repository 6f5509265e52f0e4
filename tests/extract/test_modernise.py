"""Code for older releases runs on those of the lock, and only what has to change does."""

import ast
import time
from pathlib import Path

import pytest

from viscode.core.records import Script
from viscode.execution.engine import RunOptions, run
from viscode.extract.mend_names import mend_by_rename
from viscode.extract.modernise import modernise

IMPORTS = """
import matplotlib
import matplotlib.mlab as mlab
import matplotlib.pyplot as plt
import networkx as nx
import numpy as np
import pandas as pd
import plotly.graph_objs as go
import scipy
import seaborn as sns
import statsmodels.api as sm
"""
DATA = """
fig, ax = plt.subplots()
df = pd.DataFrame({"a": list("xyxyxy"), "b": [1.0, 2, 3, 4, 5, 7], "c": [3, 4, 5, 1, 2, 8]})
num = pd.DataFrame({"b": [1.0, 2, 3, 4, 5, 7], "c": [3, 4, 5, 1, 2, 8]})
ts = pd.Series(np.arange(60.0), index=pd.date_range("2020-01-01", periods=60))
x = np.linspace(0.1, 3, 20)
y = np.sin(x)
G = nx.path_graph(4)
D, lab = num.values, [0, 1, 0, 1, 0, 1]
"""
CASES = {
    "numpy": [
        ("np.zeros(3, dtype=np.float)", "np.zeros(3, dtype=float)"),
        ("np.array(['a'], dtype=np.object)", "np.array(['a'], dtype=object)"),
        ("np.product([1]) + np.NaN - np.NINF", "np.prod([1]) + np.nan - -np.inf"),
        ("np.in1d([1], [1, 2])", "np.isin([1], [1, 2])"),
        ("np.msort([2, 1])", "np.sort([2, 1], axis=0)"),
        ("np.asscalar(np.array([3]))", "np.array([3]).item()"),
        ("np.random.random_integers(1, 6, 9)", "np.random.randint(1, 6 + 1, 9)"),
        ("np.histogram(x, bins=2, normed=True)", "np.histogram(x, bins=2, density=True)"),
        ("scipy.linspace(0, scipy.pi, 3)", "np.linspace(0, np.pi, 3)"),
        ("scipy.randn(3)", "np.random.randn(3)"),
        ("scipy.fft([1, 2, 3])", "np.fft.fft([1, 2, 3])"),
        ("scipy.signal.hann(5)", "hann(5)"),
        ("scipy.stats.binom_test(3, 10)", "binomtest(3, 10, 0.5).pvalue"),
        ("scipy.integrate.simps(y, x)", "scipy.integrate.simpson(y, x=x)"),
        ("scipy.interpolate.spline(x, y, x)", "make_interp_spline(x, y)(x)"),
        ("scipy.ndimage.filters.gaussian_filter(x, 2)", "scipy.ndimage.gaussian_filter(x, 2)"),
        ("scipy.misc.comb(4, 2)", "comb(4, 2)"),
    ],
    "matplotlib": [
        ("plt.hist(x, normed=True)", "plt.hist(x, density=True)"),
        ("df.b.hist(normed=1)", "df.b.hist(density=1)"),
        ("plt.bar(left=[1], height=[2])", "plt.bar(x=[1], height=[2])"),
        ("plt.plot(x, y, hold=True)", "plt.plot(x, y)"),
        ("plt.stem(x, y, use_line_collection=True)", "plt.stem(x, y)"),
        ("ax.annotate(s='x', xy=(0, 0))", "ax.annotate(text='x', xy=(0, 0))"),
        ("plt.grid(b=True)", "plt.grid(visible=True)"),
        ("plt.grid('off')", "plt.grid(False)"),
        ("fig.add_subplot(111, axisbg='y')", "fig.add_subplot(111, facecolor='y')"),
        ("ax.set_xscale('log', basex=2)", "ax.set_xscale('log', base=2)"),
        ("plt.yscale('log', nonposy='clip')", "plt.yscale('log', nonpositive='clip')"),
        ("plt.legend([], [], 'upper right')", "plt.legend([], [], loc='upper right')"),
        ("plt.xticks([0], ['a'], 'vertical')", "plt.xticks([0], ['a'], rotation='vertical')"),
        ("plt.tight_layout(1.5)", "plt.tight_layout(pad=1.5)"),
        ("plt.tick_params(top='off')", "plt.tick_params(top=False)"),
        ("ax.set_axis_bgcolor('r')", "ax.set_facecolor('r')"),
        ("ax.set_color_cycle(['r'])", "ax.set_prop_cycle(color=['r'])"),
        ("ax.get_axes()", "ax.axes"),
        ("fig.gca(projection='3d')", "fig.add_subplot(projection='3d')"),
        ("plt.gca(projection='3d')", "plt.subplot(projection='3d')"),
        ("plt.gca().legend(['a']).legendHandles", "plt.gca().legend(['a']).legend_handles"),
        ("plt.imshow([[1]], cmap='spectral')", "plt.imshow([[1]], cmap='nipy_spectral')"),
        ("plt.cm.get_cmap('jet', 3)", "plt.get_cmap('jet', 3)"),
        ("plt.cm.Vega20(3)", "plt.cm.tab20(3)"),
        ("plt.style.use('seaborn-dark')", "plt.style.use('seaborn-v0_8-dark')"),
        (
            "plt.rcParams['axes.color_cycle'] = ['r']",
            "plt.rcParams['axes.prop_cycle'] = plt.cycler(color=['r'])",
        ),
        ("plt.rcParams.update({'text.latex.unicode': True})", "plt.rcParams.update({})"),
        ("plt.plot(x, mlab.normpdf(x, 0, 1))", "plt.plot(x, norm.pdf(x, 0, 1))"),
        ("plt.subplot(ax)", "plt.sca(ax)"),
        ("plt.subplots(2, 2, True)", "plt.subplots(2, 2, sharex=True)"),
        ("plt.Rectangle((0, 0), 1, 2, 30)", "plt.Rectangle((0, 0), 1, 2, angle=30)"),
        (
            "[t.label for t in ax.xaxis.get_major_ticks()]",
            "[t.label1 for t in ax.xaxis.get_major_ticks()]",
        ),
        ("for c in plt.contour([[1, 2], [3, 4]]).collections: c.set_lw(1)", None),
        (
            "plt.colorbar(plt.imshow([[1]])).set_clim(0, 1)",
            "plt.colorbar(plt.imshow([[1]])).mappable.set_clim(0, 1)",
        ),
        ("ax.lines.remove(ax.plot(x)[0])", "ax.plot(x)[0].remove()"),
        ("ax.get_shared_x_axes().join(ax, plt.figure().gca())", "plt.figure().gca().sharex(ax)"),
        ("plt.errorbar(x, y, y, fmt=None)", "plt.errorbar(x, y, y, fmt='none')"),
        ("mlab.movavg(x, 3)", "np.convolve(x, np.ones(3) / 3, mode='valid')"),
    ],
    "seaborn": [
        ("sns.countplot('a', data=df)", "sns.countplot(x='a', data=df)"),
        ("sns.barplot(df.a, df.b)", "sns.barplot(x=df.a, y=df.b)"),
        ("sns.lineplot(df.b, df.c, df.a)", "sns.lineplot(x=df.b, y=df.c, hue=df.a)"),
        ("sns.lmplot('b', 'c', df, size=3)", "sns.lmplot(x='b', y='c', data=df, height=3)"),
        ("sns.jointplot(df.b, df.c, stat_func=None)", "sns.jointplot(x=df.b, y=df.c)"),
        ("sns.kdeplot(df.b, df.c)", "sns.kdeplot(x=df.b, y=df.c)"),
        ("sns.pairplot(df, 'a', size=2)", "sns.pairplot(df, hue='a', height=2)"),
        ("sns.distplot(df.b)", "sns.histplot(df.b, kde=True, stat='density')"),
        ("sns.distplot(df.b, bins=3)", "sns.histplot(df.b, bins=3, kde=True, stat='density')"),
        ("sns.distplot(df.b, hist=False)", "sns.kdeplot(df.b)"),
        (
            "sns.factorplot('a', 'b', data=df, kind='bar', size=3)",
            "sns.catplot(x='a', y='b', data=df, kind='bar', height=3)",
        ),
        ("sns.factorplot('a', 'b', data=df)", "sns.catplot(x='a', y='b', data=df, kind='point')"),
        ("sns.tsplot(y)", "sns.lineplot(data=y)"),
        ("sns.plt.title('x')", "plt.title('x')"),
    ],
    "pandas": [
        (
            "df = df.append({'a': 'x'}, ignore_index=True)",
            "df = pd.concat([df, pd.DataFrame([{'a': 'x'}])], ignore_index=True)",
        ),
        ("v = df.append([num, num])", "v = pd.concat([df, num, num])"),
        ("v = df.b.append(df.c)", "v = pd.concat([df.b, df.c])"),
        ("df.ix[0:2, 'a']", "df.loc[0:2, 'a']"),
        ("df.ix[:, 1:3]", "df.iloc[:, 1:3]"),
        ("df.as_matrix()", "df.values"),
        ("num.as_matrix(['b'])", "num[['b']].values"),
        ("df.b.reshape(-1, 1)", "df.b.values.reshape(-1, 1)"),
        ("df.sort('b', ascending=False)", "df.sort_values('b', ascending=False)"),
        ("df.sort_index(by='b')", "df.sort_values('b')"),
        ("df.drop('a', 1)", "df.drop('a', axis=1)"),
        ("df.isnull().any(1)", "df.isnull().any(axis=1)"),
        ("df.pivot('b', 'a', 'c')", "df.pivot(index='b', columns='a', values='c')"),
        ("pd.concat([df, df], 1)", "pd.concat([df, df], axis=1)"),
        ("df.a.str.split('x', 1)", "df.a.str.split('x', n=1)"),
        ("df.groupby('a')['b', 'c'].mean()", "df.groupby('a')[['b', 'c']].mean()"),
        ("num.b.sum(level=0)", "num.b.groupby(level=0).sum()"),
        ("num.mad()", "(num - num.mean()).abs().mean()"),
        ("pd.rolling_mean(ts, window=3)", "ts.rolling(3).mean()"),
        ("pd.ewma(ts, span=3)", "ts.ewm(span=3).mean()"),
        ("ts.resample('M', how='mean')", "ts.resample('ME').mean()"),
        ("ts.asfreq('2H')", "ts.asfreq('2h')"),
        ("pd.date_range('2020', periods=3, freq='A-JAN')", None),
        ("ts.to_period('M')", "ts.to_period('M')"),
        ("ts.fillna(method='bfill', limit=1)", "ts.bfill(limit=1)"),
        ("pd.scatter_matrix(num)", "pd.plotting.scatter_matrix(num)"),
        ("pd.tools.plotting.scatter_matrix(num)", "pd.plotting.scatter_matrix(num)"),
        ("pd.np.nan", "np.nan"),
        ("pd.set_option('max_columns', 9)", "pd.set_option('display.max_columns', 9)"),
        (
            "pd.DatetimeIndex(start='2020', periods=3, freq='M')",
            "pd.date_range('2020', periods=3, freq='ME')",
        ),
        ("ts.index.to_series().dt.weekday_name", "ts.index.to_series().dt.day_name()"),
        ("[k for k, v in df.iteritems()]", "[k for k, v in df.items()]"),
    ],
    "others": [
        ("nx.to_numpy_matrix(G)", "nx.to_numpy_array(G)"),
        ("nx.info(G)", "str(G)"),
        ("G.add_path([5, 6])", "nx.add_path(G, [5, 6])"),
        ("G.node[1]", "G.nodes[1]"),
        ("[n for n in G.nodes_iter(data=True)]", "[n for n in G.nodes(data=True)]"),
        ("G.nodes()[0]", "list(G.nodes())[0]"),
        ("sorted(G.degree().values())", "sorted(dict(G.degree()).values())"),
        ("nx.set_node_attributes(G, 'w', {1: 3})", "nx.set_node_attributes(G, {1: 3}, 'w')"),
        (
            "max(nx.connected_component_subgraphs(G), key=len)",
            "max([G.subgraph(part).copy() for part in nx.connected_components(G)], key=len)",
        ),
        (
            "sm.tsa.seasonal_decompose(ts, freq=7)",
            "sm.tsa.seasonal_decompose(ts, period=7)",
        ),
        ("sm.tsa.ARMA(ts, (1, 0)).fit(disp=0)", "sm.tsa.ARIMA(ts, order=(1, 0, 0)).fit()"),
        ("go.Layout(xaxis=go.XAxis(title='x'))", "go.Layout(xaxis=go.layout.XAxis(title='x'))"),
        ("[i for i in xrange(3)]", "[i for i in range(3)]"),
        ("{'a': 1}.has_key('a')", "'a' in {'a': 1}"),
    ],
}
IMPORTING = [
    (
        "from sklearn.cross_validation import train_test_split\ntrain_test_split(D)",
        "from sklearn.model_selection import train_test_split\ntrain_test_split(D)",
    ),
    (
        "from sklearn import cross_validation\ncross_validation.train_test_split(D)",
        "from sklearn import model_selection\nmodel_selection.train_test_split(D)",
    ),
    (
        "from sklearn.datasets.samples_generator import make_blobs\nmake_blobs(9, 2, 3)",
        "from sklearn.datasets import make_blobs\nmake_blobs(9, 2, centers=3)",
    ),
    (
        "from sklearn.externals import joblib\njoblib.hash(1)",
        "import joblib\njoblib.hash(1)",
    ),
    (
        "from sklearn.svm import SVC\nfrom sklearn.metrics import plot_roc_curve, auc\n"
        "plot_roc_curve(SVC().fit(D, lab), D, lab)\nauc([0, 1], [0, 1])",
        "from sklearn.svm import SVC\nfrom sklearn.metrics import RocCurveDisplay, auc\n"
        "RocCurveDisplay.from_estimator(SVC().fit(D, lab), D, lab)\nauc([0, 1], [0, 1])",
    ),
    (
        "from sklearn.cluster import KMeans, AgglomerativeClustering\nKMeans(2, n_jobs=1).fit(D)\n"
        "AgglomerativeClustering(affinity='euclidean').fit(D)",
        "from sklearn.cluster import KMeans, AgglomerativeClustering\nKMeans(2).fit(D)\n"
        "AgglomerativeClustering(metric='euclidean').fit(D)",
    ),
    (
        "from sklearn.cross_validation import StratifiedKFold\n"
        "[i for i, j in StratifiedKFold(lab, n_folds=2, shuffle=True)]",
        "from sklearn.model_selection import StratifiedKFold\n"
        "[i for i, j in list(StratifiedKFold(2, shuffle=True).split(lab, lab))]",
    ),
    (
        "from io import StringIO\npd.read_csv(StringIO('a\\n1'), header=0, squeeze=True)",
        "from io import StringIO\npd.read_csv(StringIO('a\\n1'), header=0).squeeze('columns')",
    ),
    (
        "from sklearn.preprocessing import Imputer\nImputer(missing_values='NaN', axis=0).fit(D)",
        "from sklearn.impute import SimpleImputer\nSimpleImputer().fit(D)",
    ),
    (
        "from sklearn.ensemble import RandomForestRegressor as R\nR(criterion='mse').fit(D, lab)",
        "from sklearn.ensemble import RandomForestRegressor as R\n"
        "R(criterion='squared_error').fit(D, lab)",
    ),
    (
        "from scipy import linspace, stats\nlinspace(0, 1, 3), stats.nanmean(x)",
        "from numpy import linspace\nfrom scipy import stats\n(linspace(0, 1, 3), np.nanmean(x))",
    ),
    (
        "from mpl_toolkits.mplot3d import Axes3D\nax3 = Axes3D(fig, elev=3)\nax3.w_xaxis.line",
        "ax3 = fig.add_subplot(projection='3d', elev=3)\nax3.xaxis.line",
    ),
    (
        "from plotly.offline import iplot\niplot([go.Bar(y=[1])], filename='q')",
        "from plotly.offline import iplot\ngo.Figure([go.Bar(y=[1])]).show()",
    ),
    (
        "import plotly.plotly as py\nf = go.Figure()\npy.iplot(f)",
        "import plotly.offline as py\nf = go.Figure()\nf.show()",
    ),
    (
        "from itertools import izip\nfrom StringIO import StringIO\nlist(izip([1], StringIO('a')))",
        "from io import StringIO\nlist(zip([1], StringIO('a')))",
    ),
    ("import cPickle\ncPickle.dumps(1)", "import pickle\npickle.dumps(1)"),
]
SAME = """
np.float64(1); np.bool_(1)
plt.hist(x, density=True); ax.set_title("normed"); plt.axis("off")
sns.boxplot(df.b); sns.heatmap(num); sns.distplot(df.b, fit=None, kde_kws={"lw": 1})
values = []; values.append(df); df.columns.append(df.columns)
def hist(x, normed): return normed
hist(x, normed=True)
class Bag:
    def has_key(self, key): return self.append(key)
    def append(self, key): return self
bag = Bag(); bag = bag.append(3); bag.has_key(3)
def draw(float, node): return node.node[float]
df.drop("a", axis=1); df.resample("D").mean(); df.loc[0]; nx.degree(G); "a b".replace("a", "b", 1)
"""
FLAT = [pair for pairs in CASES.values() for pair in pairs if pair[1] is not None]


def modernised(code: str, before: str = IMPORTS + DATA) -> str:
    """The code as it is after what comes before it, without that."""
    tree = ast.parse(before + code)
    known = {ast.unparse(statement) for statement in ast.parse(before).body}
    modernise(tree)
    return "\n".join(text for one in tree.body if (text := ast.unparse(one)) not in known)


@pytest.mark.parametrize(("old", "new"), FLAT)
def test_old_calls_have_their_documented_successors(old: str, new: str) -> None:
    assert modernised(old).splitlines()[-1] == new


@pytest.mark.parametrize(("old", "new"), IMPORTING)
def test_imports_follow_their_names(old: str, new: str) -> None:
    assert modernised(old) == new


def test_what_is_new_or_of_the_script_itself_stays() -> None:
    tree = ast.parse(IMPORTS + DATA + SAME)
    before = ast.dump(tree)
    assert modernise(tree) == ()
    assert ast.dump(tree) == before


def test_edits_are_named_once() -> None:
    tree = ast.parse(
        "import numpy as np\nfor i in [1]:\n    a = np.float(i)\n    b = np.float(a)\nc = 1"
    )
    assert modernise(tree) == ("numpy.float -> float",)
    assert ast.unparse(tree.body[1]) == "for i in [1]:\n    a = float(i)\n    b = float(a)"


def test_a_new_import_stands_after_the_docstring_and_takes_no_used_name() -> None:
    lines = (
        '"""Text."""',
        "from __future__ import division",
        "from matplotlib.mlab import normpdf",
        "norm = 3",
        "normpdf(1, 0, norm)",
    )
    tree = ast.parse("\n".join(lines))
    modernise(tree)
    assert ast.unparse(tree).splitlines() == [
        *(lines[0], lines[1], "import scipy.stats", lines[3]),
        "scipy.stats.norm.pdf(1, 0, norm)",
    ]


def test_what_does_nothing_any_more_is_dropped() -> None:
    code = (
        "import matplotlib\nmatplotlib.use('Agg')\n"
        "import matplotlib.pyplot as plt\nplt.hold(True)\nif x:\n    plt.hold(False)\nplt.plot(x)"
    )
    tree = ast.parse(code)
    assert modernise(tree) == ("dropped matplotlib.use", "dropped matplotlib.pyplot.hold")
    assert ast.unparse(tree).splitlines()[2:] == ["if x:", "    pass", "plt.plot(x)"]


@pytest.mark.parametrize(
    "code",
    [
        "x = " + "-" * 90 + "np.float(1)",
        "\n".join(f"x{n} = np.float({n})" for n in range(4000)),
        "x = [" + "np.product(1)," * 9000 + "]",
        "\n".join("    " * n + "if x:" for n in range(90)) + "\n" + " " * 400 + "np.NaN",
    ],
)
def test_large_code_takes_a_bounded_time(code: str) -> None:
    tree = ast.parse("import numpy as np\n" + code)
    start = time.process_time()
    assert len(modernise(tree)) == 1
    assert time.process_time() - start < 5


def test_a_tree_too_deep_to_walk_is_left() -> None:
    node: ast.expr = ast.Constant(1)
    for _ in range(3000):
        node = ast.UnaryOp(ast.Not(), node)
    assert modernise(ast.Module([ast.Expr(node)], [])) == ()


def test_each_text_gives_the_same_edits() -> None:
    code = IMPORTS + DATA + "\n".join(old for old, _ in FLAT)
    first, second = ast.parse(code), ast.parse(code)
    assert modernise(first) == modernise(second)
    assert ast.unparse(first) == ast.unparse(second)


MENDED = [
    (
        "plt.style.use(['science', 'ggplot'])",
        "OSError",
        "'science' is not a valid package style, path of style file",
        "plt.style.use(['ggplot'])",
        "dropped style science",
    ),
    (
        "plt.pcolor(x, y, z, shading='flat')",
        "TypeError",
        "Dimensions of C (2, 2) should be one smaller than X(2) while using shading='flat'",
        "plt.pcolor(x, y, z, shading='auto')",
        "shading='flat' -> 'auto'",
    ),
    (
        "m = LogisticRegression(penalty='l1')\nm.fit(x, y)",
        "ValueError",
        "Solver lbfgs supports only 'l2' or None penalties, got l1 penalty.",
        "m = LogisticRegression(penalty='l1', solver='liblinear')\nm.fit(x, y)",
        "LogisticRegression: solver='liblinear'",
    ),
    (
        "parts = nx.connected_components(G)\nparts[0]",
        "TypeError",
        "'generator' object is not subscriptable",
        "parts = list(nx.connected_components(G))\nparts[0]",
        "connected_components() -> list(connected_components())",
    ),
    (
        "sns.lmplot(x='a', foo=3)",
        "TypeError",
        "lmplot() got an unexpected keyword argument 'foo'",
        "sns.lmplot(x='a')",
        "dropped keyword foo",
    ),
    (
        "ax.plot(x, lw=1, linewidth=2)",
        "TypeError",
        "Got both 'lw' and 'linewidth', which are aliases of one another",
        "ax.plot(x, linewidth=2)",
        "dropped keyword lw",
    ),
    (
        "q = stuff.append(other)",
        "AttributeError",
        "'DataFrame' object has no attribute 'append'",
        "q = pd.concat([stuff, other])",
        "pandas.DataFrame.append -> pandas.concat",
    ),
    (
        "q = stuff.any(1)",
        "TypeError",
        "DataFrame.any() takes 1 positional argument but 2 were given",
        "q = stuff.any(axis=1)",
        "pandas.DataFrame.any: axis by keyword",
    ),
    (
        "q = stuff.node[1]",
        "AttributeError",
        "'DiGraph' object has no attribute 'node'",
        "q = stuff.nodes[1]",
        "networkx.Graph.node -> networkx.Graph.nodes",
    ),
    (
        "n = len(x) / 2\nnp.zeros(n)",
        "TypeError",
        "'float' object cannot be interpreted as an integer",
        "n = len(x) // 2\nnp.zeros(n)",
        "/ -> //",
    ),
    (
        "np.linspace(0, 1, 50.0)",
        "TypeError",
        "'float' object cannot be interpreted as an integer",
        "np.linspace(0, 1, 50)",
        "float -> int",
    ),
    (
        "k = d.keys()\nk[0]",
        "TypeError",
        "'dict_keys' object is not subscriptable",
        "k = list(d.keys())\nk[0]",
        "keys() -> list(keys())",
    ),
    (
        "plt.plot(map(f, x))",
        "TypeError",
        "float() argument must be a string or a real number, not 'map'",
        "plt.plot(list(map(f, x)))",
        "map() -> list(map())",
    ),
    (
        "stuff.corr()",
        "ValueError",
        "could not convert string to float: 'a'",
        "stuff.corr(numeric_only=True)",
        "corr: numeric_only=True",
    ),
    (
        "plt.colorbar(m)",
        "ValueError",
        "Unable to determine Axes to steal space for Colorbar.",
        "plt.colorbar(m, ax=plt.gca())",
        "colorbar: ax=gca()",
    ),
    (
        "np.array([[1], [1, 2]])",
        "ValueError",
        "setting an array element with a sequence. The requested array has an inhomogeneous shape",
        "np.array([[1], [1, 2]], dtype=object)",
        "numpy.array: dtype=object",
    ),
    (
        "s[:, None]",
        "ValueError",
        "Multi-dimensional indexing (e.g. `obj[:, None]`) is no longer supported.",
        "s.to_numpy()[:, None]",
        "pandas.Series[:, None] -> to_numpy()[:, None]",
    ),
    (
        "name = 'seaborn-dark'\nplt.style.use(name)",
        "OSError",
        "'seaborn-dark' is not a valid package style, path of style file",
        "name = 'seaborn-v0_8-dark'\nplt.style.use(name)",
        "style seaborn-dark -> seaborn-v0_8-dark",
    ),
    (
        "plt.rcParams['a.b'] = 3\nplt.plot(x)",
        "KeyError",
        "'a.b is not a valid rc parameter (see rcParams.keys() for a list of valid parameters)'",
        "plt.plot(x)",
        "rcParams: dropped a.b",
    ),
    (
        "plt.rc('text', usetex=True)",
        "RuntimeError",
        "Failed to process string with tex because latex could not be found",
        "plt.rc('text', usetex=False)",
        "text.usetex -> False",
    ),
]
LINES = len(IMPORTS.splitlines())


@pytest.mark.parametrize(("code", "kind", "message", "mended", "edit"), MENDED)
def test_a_message_mends_what_it_names(
    code: str, kind: str, message: str, mended: str, edit: str
) -> None:
    tree = ast.parse(IMPORTS + code)
    line = (
        0
        if "usetex" in edit
        else LINES + (1 if "rc parameter" in message else code.count("\n") + 1)
    )
    assert mend_by_rename(tree, kind, message, line) == (edit,)
    assert ast.unparse(tree) == ast.unparse(ast.parse(IMPORTS + mended))


@pytest.mark.parametrize(
    ("code", "kind", "message"),
    [
        ("x", "NameError", "name 'x' is not defined"),
        ("def f(a): pass\nf(b=1)", "TypeError", "f() got an unexpected keyword argument 'b'"),
        ("plt.plot(x, cmap='parula')", "ValueError", "'parula' is not a valid value for cmap"),
        ("df.foo()", "AttributeError", "'DataFrame' object has no attribute 'foo'"),
    ],
)
def test_other_errors_are_not_mended(code: str, kind: str, message: str) -> None:
    tree = ast.parse(IMPORTS + code)
    before = ast.dump(tree)
    assert mend_by_rename(tree, kind, message, LINES + code.count("\n") + 1) is None
    assert ast.dump(tree) == before


@pytest.mark.sandbox
@pytest.mark.parametrize("group", [*CASES, "imports"])
def test_old_code_runs_on_the_releases_of_the_lock(group: str) -> None:
    lines = [old for old, _ in CASES.get(group, IMPORTING)]
    tree = ast.parse(IMPORTS + DATA + "\n".join(lines))
    modernise(tree)
    options = RunOptions(
        python=Path(".venv-plots/bin/python"),
        lock=Path("envs/plots.lock"),
        timeout_s=240,
        memory_mb=4096,
        workers=1,
        isolation="auto",
        saved_files=False,
    )
    script = Script(id=group, code=ast.unparse(tree))
    assert [(one.status, one.error) for one in run([script], options)] == [("ok", "")]
