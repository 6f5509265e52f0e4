"""Descriptions say what the facts of the figure and the origins of names show, nothing else."""

import pytest
from figure_examples import axes, figure, series

from viscode.execution.facts import FigureFacts, checked
from viscode.instruct.axes_phrases import chart_phrase
from viscode.instruct.bindings import shown_data
from viscode.instruct.describe_data import describe_mock_data
from viscode.instruct.layout import describe_layout
from viscode.instruct.mockdata import find_mock_data
from viscode.instruct.reading import read_code
from viscode.instruct.setup import describe_setup
from viscode.instruct.style import describe_style
from viscode.instruct.words import a

HEAD = "import matplotlib.pyplot as plt\nimport numpy as np\nx = np.linspace(0, 1, 20)\n"


def facts_of(*all_axes, **changes) -> FigureFacts:
    facts = checked(figure(*all_axes, **changes))
    assert facts is not None
    return facts


RANDOM = {
    "numpy": ("y = np.random.gamma(2, 1, 9)", "9 gamma-distributed random numbers"),
    "by name": (
        "from numpy.random import beta as b\ny = b(1, 2, 30)",
        "30 beta-distributed random numbers",
    ),
    "generator": (
        "rng = np.random.default_rng(3)\ny = rng.normal(0, 1, 12)",
        "12 normally distributed random numbers",
    ),
    "old generator": (
        "state = np.random.RandomState(3)\ny = state.poisson(4, 7)",
        "7 Poisson-distributed random numbers",
    ),
    "module": ("import random\ny = random.random()", "a uniformly distributed random number"),
    "star": ("from pylab import *\ny = randn(5)", "5 normally distributed random numbers"),
    "of the standard library": (
        "import random\ny = random.gauss(0, 1)",
        "a normally distributed random number",
    ),
    "one that is not listed": ("y = np.random.rayleigh(2, size=6)", "6 random values"),
    "in a list": (
        "import random\ny = [random.triangular(0, 1) for _ in x]",
        "computed from x with random noise",
    ),
    "before another of its name": (
        "from numpy.random import gamma\ny = gamma(2, 1, 9)\nfrom scipy.special import gamma",
        "9 gamma-distributed random numbers",
    ),
    "an 8": ("y = np.random.rand(8, 8)", "an 8 by 8 array of uniformly distributed"),
    "an 11": ("y = np.zeros((11, 2))", "an 11 by 2 array of zeros"),
    "an 80": ("y = np.ones((80, 80))", "an 80 by 80 array of ones"),
}
NOT_RANDOM = {
    "scipy, gamma": "from scipy.special import gamma\ny = gamma(x)",
    "scipy, beta": "from scipy import special\ny = special.beta(x, 2)",
    "math, gamma": "import math\ny = [math.gamma(v) for v in x]",
    "math, by name": "from math import gamma\ny = gamma(2.5)",
    "own function": "def normal(v):\n    return v / 2\ny = normal(x)",
    "own method": "class M:\n    def choice(self, v): return v\nm = M()\ny = m.choice(x)",
    "own after import": "from numpy.random import rand\ndef rand(n): return n\ny = rand(x)",
    "before numpy's": "from math import gamma\ny = gamma(x)\nfrom numpy.random import gamma",
    "binomial coefficient": "from scipy.special import binom as binomial\ny = binomial(x, 2)",
}


@pytest.mark.parametrize(("code", "phrase"), RANDOM.values(), ids=RANDOM)
def test_random_numbers_are_told_by_their_origin(code: str, phrase: str) -> None:
    text = describe_mock_data("k", find_mock_data(f"{HEAD}{code}\nplt.plot(y)\n"))
    assert phrase in text


@pytest.mark.parametrize("code", NOT_RANDOM.values(), ids=NOT_RANDOM)
def test_functions_of_the_same_name_are_not_random(code: str) -> None:
    text = describe_mock_data("k", find_mock_data(f"{HEAD}{code}\nplt.plot(x, y)\n"))
    assert "y (" in text or "y is" in text
    assert "random" not in text and "distributed" not in text


BARS = {
    "plain": ([series("bar", points=3)], "a bar chart with three bars"),
    "stacked": (
        [series("bar", arrangement="stacked")] * 2,
        "a stacked bar chart with two sets of bars",
    ),
    "stacked, lying": (
        [series("bar", arrangement="stacked", horizontal=True)] * 3,
        "a stacked horizontal bar chart with three sets of bars",
    ),
    "grouped": (
        [series("bar", arrangement="grouped")] * 2,
        "a grouped bar chart with two sets of bars",
    ),
    "lying": ([series("bar", horizontal=True, points=2)], "a horizontal bar chart with two bars"),
    "both directions": (
        [series("bar"), series("bar", horizontal=True)],
        "a bar chart with two sets of bars",
    ),
    "stacked histogram": (
        [series("hist", arrangement="stacked")] * 2,
        "a stacked histogram with two histograms",
    ),
    "bars one by one": ([series("bar", points=1)] * 5, "a bar chart with five bars"),
    "stacked one by one": (
        [series("bar", points=1, arrangement="stacked")] * 6,
        "a stacked bar chart with six bars",
    ),
    "points one by one": (
        [*[series("scatter", points=1)] * 3, series("line")],
        "a plot that combines one line and three points",
    ),
    "polygons": (
        [series("polygon", points=2), series("line")],
        "a plot that combines one line and two filled polygons",
    ),
    "one polygon": (
        [series("polygon", points=1), series("bar", points=3)],
        "a plot that combines one set of bars and one filled polygon",
    ),
    "counted bins": (
        [series("hist", points=9, x=[0.0, 1.0], y=[0.0, 5.0])],
        "a histogram with nine bins",
    ),
    "values not yet counted": ([series("hist", points=900, x=[0.0, 1.0])], "a histogram"),
    "funnel": (
        [series("bar", form="funnel", points=3, horizontal=True)],
        "a funnel chart with three bars",
    ),
    "donut": ([series("pie", form="donut", points=3)], "a donut chart with three slices"),
    "treemap": ([series("other", form="treemap")], "a treemap"),
    "stacked areas with edges": (
        [series("area", arrangement="stacked"), series("line")] * 2,
        "a stacked area plot with two filled areas",
    ),
    "network": (
        [series("scatter", form="network", points=4), series("line", form="network")],
        "a network diagram with four nodes",
    ),
    "dendrogram": ([series("line", form="dendrogram")] * 3, "a dendrogram"),
}


@pytest.mark.parametrize(("drawn", "phrase"), BARS.values(), ids=BARS)
def test_kinds_are_those_of_the_facts(drawn, phrase: str) -> None:
    assert chart_phrase(facts_of(axes(*drawn)).axes[0]) == phrase


MISLEADING = {
    "limit called bottom": "lo = 1\nplt.bar(x, x)\nplt.gca().set_ylim(bottom=lo)",
    "comment": "plt.bar(x, x)  # not a stacked barh(x, left=x), no Treemap, no hole=0.4",
    "text": "plt.bar(x, x)\nplt.title('nx.draw twinx() Sankey .area( dendrogram(')",
    "other method": "class Tree:\n    def dendrogram(self): pass\nplt.bar(x, x)",
}


@pytest.mark.parametrize("code", MISLEADING.values(), ids=MISLEADING)
def test_words_in_the_code_change_nothing(code: str) -> None:
    facts = [facts_of(axes(series("bar", points=4)))]
    text = describe_layout("k", facts, read_code(HEAD + code))
    assert text.endswith("a bar chart with four bars.")
    assert "grid of" not in describe_style("k", facts, read_code(HEAD + code))


SHOWN = {
    "axes": ("fig, ax = plt.subplots()\nax.step(x, y)", "Show y against x"),
    "array of axes": ("_, axs = plt.subplots(2)\naxs[1].scatter(x, y)", "Show y against x"),
    "loop": (
        "_, axs = plt.subplots(2)\nfor one in axs.flat:\n    one.bar(x, y)",
        "Show y against x",
    ),
    "twin": ("ax = plt.gca().twinx()\nax.plot(x, y)", "Show y against x"),
    "seaborn": (
        "import seaborn as sns\nsns.lineplot(x=x, y=y)",
        "Show y against x",
    ),
    "own step": ("class S:\n    def step(self, a, b): pass\ns = S()\ns.step(x, y)", ""),
    "parameter": ("def go(system):\n    system.step(x, y)\ngo(3)", ""),
    "foreign object": ("import gym\nenv = gym.make('a')\nenv.step(x, y)", ""),
    "foreign function": ("from control import bode as plot\nplot(x, y)", ""),
    "own function": ("def bar(a, b): pass\nbar(x, y)", ""),
    "how boxes are drawn": ("plt.boxplot(x, y)", "Show the distribution of x"),
}


@pytest.mark.parametrize(("code", "sentence"), SHOWN.values(), ids=SHOWN)
def test_only_calls_that_draw_tell_which_data_are_shown(code: str, sentence: str) -> None:
    reading = read_code(f"{HEAD}y = x ** 2\n{code}\n")
    assert shown_data(reading, frozenset({"x", "y"}), frozenset()) == sentence


LIMITS = {
    "axes": ("ax = plt.gca()\nax.set_xlim(0, 5)", (0.0, 5.0), "x-axis runs from 0 to 5"),
    "negative": ("plt.xlim(-2, 2)", (-2.0, 2.0), "x-axis runs from -2 to 2"),
    "set": ("plt.gca().set(xlim=(1, 9.5))", (1.0, 9.5), "x-axis runs from 1 to 9.5"),
    "axis": ("plt.axis([0, 4, 0, 1])", (0.0, 4.0), "x-axis runs from 0 to 4"),
    "plotly": (
        "import plotly.express as px\nf = px.line(x=x, y=x, range_x=[0, 3])",
        (0.0, 3.0),
        "x-axis runs from 0 to 3",
    ),
    "numbers of something else": ("plt.text(0, 5, 'xlim')", (0.0, 5.0), ""),
    "limits of y": ("plt.ylim(0, 5)", (0.0, 5.0), ""),
    "in a comment": ("plt.plot(x)  # xlim(0, 5)", (0.0, 5.0), ""),
    "another sign": ("plt.xlim(0, 5)", (-5.0, 0.0), ""),
}


@pytest.mark.parametrize(("code", "limits", "sentence"), LIMITS.values(), ids=LIMITS)
def test_limits_are_named_that_the_code_sets_and_the_figure_has(code, limits, sentence) -> None:
    facts = [facts_of(axes(series("line"), xlim=limits, ylim=None))]
    text = describe_layout("k", facts, read_code(HEAD + code))
    assert sentence in text
    assert bool(sentence) == ("runs from" in text)


PLACED = {
    "twin": ([{}, {"twin": "x"}], [1, 1], "share the x-axis and have their own y-axes"),
    "twin of y": ([{}, {"twin": "y"}], [1, 1], "share the y-axis and have their own x-axes"),
    "inset": (
        [{"area": (0.1, 0.1, 0.9, 0.9)}, {"area": (0.6, 0.6, 0.8, 0.8)}],
        [1, 1],
        "two sets of axes",
    ),
    "column": (
        [{"area": (0.1, 0.1, 0.9, 0.4)}, {"area": (0.1, 0.6, 0.9, 0.9)}],
        [2, 1],
        "two subplots stacked in one column",
    ),
    "placed by hand": (
        [{"area": (0.1, 0.1, 0.4, 0.9)}, {"area": (0.6, 0.1, 0.9, 0.9)}],
        [2, 1],
        "a figure with two subplots.",
    ),
    "grid": ([{}, {}], [1, 2], "two subplots side by side in one row"),
}


@pytest.mark.parametrize(("changes", "layout", "phrase"), PLACED.values(), ids=PLACED)
def test_places_of_axes_are_those_of_the_facts(changes, layout, phrase: str) -> None:
    drawn = [axes(series("line"), title=str(i), **one) for i, one in enumerate(changes)]
    text = describe_layout("k", [facts_of(*drawn, layout=layout)], read_code(HEAD + "# twinx grid"))
    assert phrase in text


STYLES = {
    "one dashed line": ([series("line", dash="dashed")], "The line is dashed"),
    "all dotted": ([series("line", dash="dotted")] * 2, "The lines are dotted"),
    "some": (
        [series("line", dash="dashed"), series("line")],
        "Some of the lines are dashed.",
    ),
    "markers": ([series("scatter", marker="crosses")], "The points are marked with crosses"),
    "none": ([series("line")], ""),
}


@pytest.mark.parametrize(("drawn", "sentence"), STYLES.values(), ids=STYLES)
def test_line_styles_are_those_of_the_facts(drawn, sentence: str) -> None:
    code = read_code(HEAD + "plt.grid(ls='--')\nplt.axvline(0, ls=':', marker='s')")
    text = describe_style("k", [facts_of(axes(*drawn))], code)
    assert sentence in text
    assert bool(sentence) == any(word in text for word in ("dashed", "dotted", "marked"))


SIZES = {
    "asked": ("plt.figure(figsize=(8, 6))", [800, 600], "8 inches wide and 6 inches high"),
    "of a frame": (
        "import pandas as pd\npd.Series(x).plot(figsize=[4, 2])",
        [400, 200],
        "4 inches wide and 2 inches high",
    ),
    "another figure": ("plt.figure(figsize=(8, 6))", [640, 640], ""),
    "own function's": ("def f(figsize): pass\nf(figsize=(8, 6))", [800, 600], ""),
    "two sizes": ("plt.figure(figsize=(8, 6))\nplt.figure(figsize=(4, 3))", [800, 600], ""),
    "in a comment": ("plt.figure()  # figsize=(8, 6)", [800, 600], ""),
}


@pytest.mark.parametrize(("code", "pixels", "sentence"), SIZES.values(), ids=SIZES)
def test_a_size_is_named_that_the_code_asks_for_and_the_figure_has(code, pixels, sentence) -> None:
    text = describe_style("k", [facts_of(axes(series("line")), size_px=pixels)], read_code(code))
    assert sentence in text
    assert bool(sentence) == ("inches" in text)


SETS = {
    "loaded": ("from sklearn.datasets import load_iris\ny = load_iris()", "the data set iris"),
    "by name": ("import seaborn as sns\ny = sns.load_dataset('tips')", "the data set tips"),
    "statsmodels": (
        "import statsmodels.api as sm\ny = sm.datasets.macrodata.load_pandas()",
        "the data set macrodata",
    ),
    "own function": (
        "def load_model(v): return v\ny = load_model(x)",
        "computed from load_model and x",
    ),
    "made of a set": (
        "import statsmodels.api as sm\nd = sm.datasets.sunspots.load_pandas().data\n"
        "y = d.dropna(x)",
        "computed from d",
    ),
}


@pytest.mark.parametrize(("code", "phrase"), SETS.values(), ids=SETS)
def test_data_sets_are_told_by_their_origin(code: str, phrase: str) -> None:
    text = describe_mock_data("k", find_mock_data(f"{HEAD}{code}\nplt.plot(y)\n"))
    assert phrase in text


STEPS = {
    "floats": ("y = np.arange(5.)", "y (the whole numbers from 0 to 4)"),
    "integers": ("y = np.arange(2, 9)", "y (the integers from 2 to 8)"),
    "not whole": ("y = np.arange(0.5, 3)", "y (values from 0.5 up to 3 in steps of 1)"),
    "up to a fraction": ("y = np.arange(2.5)", "y (the whole numbers from 0 to 2)"),
    "unknown end": ("y = range(len(x))", "y (the integers from 0 up to, but without, len(x))"),
    "unknown start": ("y = range(len(x), 30)", "y (values from len(x) up to 30 in steps of 1)"),
    "under with": ("with np.errstate(all='ignore'):\n    y = np.log(x)", "y (computed from x)"),
    "filled": ("y = []\nfor v in x:\n    y.append(v)", "y (filled step by step)"),
    "filled in two ways": (
        "y = {}\nwith np.errstate(all='ignore'):\n    for v in x:\n        y[v] = v",
        "y (filled step by step)",
    ),
}


@pytest.mark.parametrize(("code", "phrase"), STEPS.values(), ids=STEPS)
def test_values_are_described_as_they_are(code: str, phrase: str) -> None:
    text = describe_mock_data("k", find_mock_data(f"{HEAD}{code}\nplt.plot(y)\n"))
    assert phrase in text


PILLOW = "from PIL import Image\nimport io\nbuffer = io.BytesIO()\n"


@pytest.mark.parametrize(
    ("code", "named"),
    [
        (PILLOW + "Image.open(buffer)", False),
        (PILLOW + "with io.BytesIO() as b:\n    Image.open(b).show()", False),
        (PILLOW + "Image.open('BytesIO.png')", True),
        (PILLOW + "Image.open(buffer)\nImage.open('a.png')", True),
        ("from PIL import Image\nImage.new('RGB', (3, 3))  # no BytesIO", True),
    ],
)
def test_pillow_is_named_unless_it_only_hands_the_picture_on(code: str, named: bool) -> None:
    assert ("Pillow" in describe_setup("k", read_code(code), ("matplotlib",))) == named


@pytest.mark.parametrize(
    ("noun", "phrase"),
    [
        ("8 by 8 array", "an 8 by 8 array"),
        ("11 values", "an 11 values"),
        ("18 by 2 array", "an 18 by 2 array"),
        ("80 values", "an 80 values"),
        ("88,000 points", "an 88,000 points"),
        ("11,500 points", "an 11,500 points"),
        ("1 by 8 array", "a 1 by 8 array"),
        ("110 values", "a 110 values"),
        ("180 values", "a 180 values"),
        ("1800 values", "a 1800 values"),
        ("area plot", "an area plot"),
        ("hour", "an hour"),
        ("x-axis", "an x-axis"),
        ("uniform grid", "a uniform grid"),
        ("unusual value", "an unusual value"),
        ("one-sided plot", "a one-sided plot"),
        ("y-axis", "a y-axis"),
    ],
)
def test_articles_follow_the_sound(noun: str, phrase: str) -> None:
    assert a(noun) == phrase
