"""Descriptions say what the facts of the figure show, whatever stands in the code."""

import ast

import pytest
from figure_examples import axes, block, figure, series, settings

from viscode.core.outcomes import Kept
from viscode.execution.facts import FigureFacts, checked
from viscode.instruct.axes_phrases import chart_phrase
from viscode.instruct.csv_data import plotted_columns
from viscode.instruct.describe_data import describe_mock_data
from viscode.instruct.layout import describe_layout
from viscode.instruct.setup import describe_setup
from viscode.instruct.style import describe_style
from viscode.instruct.words import a
from viscode.instruct.write import step_of
from viscode.libraries.origins import Origins

STEP = step_of(settings())
HEAD = "import matplotlib.pyplot as plt\nimport numpy as np\nx = np.linspace(0, 1, 20)\n"


def facts_of(*all_axes, **changes) -> FigureFacts:
    facts = checked(figure(*all_axes, **changes))
    assert facts is not None
    return facts


BARS = {
    "plain": ([series("bar", points=3)], "a bar chart with three bars"),
    "stacked": (
        [series("bar", arrangement="stacked")] * 2,
        "a stacked bar chart with two sets of ten bars",
    ),
    "stacked, lying": (
        [series("bar", arrangement="stacked", horizontal=True)] * 3,
        "a stacked horizontal bar chart with three sets of ten bars",
    ),
    "grouped": (
        [series("bar", arrangement="grouped")] * 2,
        "a grouped bar chart with two sets of ten bars",
    ),
    "lying": ([series("bar", horizontal=True, points=2)], "a horizontal bar chart with two bars"),
    "both directions": (
        [series("bar"), series("bar", horizontal=True)],
        "a bar chart with two sets of ten bars",
    ),
    "stacked histogram": (
        [series("hist", arrangement="stacked")] * 2,
        "a stacked histogram with two sets of bars",
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
        "a bar chart with three bars and one filled polygon",
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
        "a network diagram with four nodes and one edge",
    ),
    "dendrogram": ([series("line", form="dendrogram")] * 3, "a dendrogram"),
}


@pytest.mark.parametrize(("drawn", "phrase"), BARS.values(), ids=BARS)
def test_kinds_are_those_of_the_facts(drawn, phrase: str) -> None:
    assert chart_phrase(facts_of(axes(*drawn)).axes[0]) == phrase


MISLEADING = {
    "comment": "plt.bar(x, x)  # not a stacked barh(x, left=x), no Treemap, no hole=0.4",
    "text": "plt.bar(x, x)\nplt.title('nx.draw twinx() Sankey .area( dendrogram(')",
    "other method": "class Tree:\n    def dendrogram(self): pass\nplt.bar(x, x)",
    "limits": "plt.bar(x, x)\nplt.xlim(0, 1)\nplt.ylim(0, 1)",
    "size": "plt.figure(figsize=(8, 6))\nplt.bar(x, x)",
    "random": "np.random.seed(3)\nplt.bar(x, np.random.rand(20))",
}


@pytest.mark.parametrize("code", MISLEADING.values(), ids=MISLEADING)
def test_words_in_the_code_change_nothing(code: str) -> None:
    facts = figure(axes(series("bar", points=4)))
    plain, other = (
        STEP(block(f"{HEAD}{text}\nplt.show()\n", facts)) for text in ("plt.bar(x, x)", code)
    )
    assert isinstance(plain, Kept) and isinstance(other, Kept)
    first, second = (one.records[0].instruction.split("\n") for one in (plain, other))
    assert (first[:3], first[-1]) == (second[:3], second[-1])


DATA = {
    "line": ([series("line", points=20)], {}, "one line of 20 points."),
    "lines of one length": ([series("line")] * 3, {}, "three lines of ten points each."),
    "lines of two lengths": ([series("line"), series("line", points=3)], {},
                             "two lines of three to ten points each."),
    "points": ([series("scatter", points=30)], {}, "30 points."),
    "groups of points": ([series("scatter")] * 2, {}, "20 points."),
    "slices": ([series("pie", points=4)], {}, "four slices."),
    "boxes": ([series("box", points=3, marks=3)], {}, "three boxes."),
    "boxes, not counted": ([series("box", marks=0)], {}, "boxes."),
    "values": (
        [series("line", x=[0.0, 12.345], y=[-1.0, 999.0])],
        {"numeric": "xy"},
        "with x from about 0 to 12 and y from about -1 to 1000.",
    ),
    "dates": ([series("line", x=[19000.0, 19365.0], y=[2.0, 3.0])], {"numeric": "y"},
              "with y from about 2 to 3."),
    "not known": ([series("line", x=[0.0, 1.0])], {"numeric": ""}, "of ten points."),
    "bars": ([series("bar", points=3, x=[0.0, 2.0], y=[0.0, 7.0])], {"numeric": "xy"},
             "three bars, with y from about 0 to 7."),
    "lying bars": (
        [series("bar", points=3, x=[0.0, 7.0], y=[0.0, 2.0], horizontal=True)],
        {"numeric": "xy"},
        "three bars, with x from about 0 to 7.",
    ),
    "a line across the plot": (
        [series("line", form="vertical line", x=[0.0, 0.0]), series("scatter", x=[3.0, 4.0])],
        {"numeric": "x"},
        "with x from about 3 to 4.",
    ),
    "network": ([series("scatter", form="network"), series("line", form="network")], {},
                "values are given."),
    "table": ([series("table")], {}, "values are given."),
}  # fmt: skip


@pytest.mark.parametrize(("drawn", "changes", "phrase"), DATA.values(), ids=DATA)
def test_data_are_those_of_the_facts(drawn, changes, phrase: str) -> None:
    facts = [facts_of(axes(*drawn, **changes))]
    text = describe_mock_data("k", facts, given=True)
    assert text.endswith(phrase)
    assert ("from about" in text) == ("from about" in phrase)


def test_several_axes_have_no_common_range() -> None:
    one = axes(series("line", x=[0.0, 1.0], y=[0.0, 1.0]), numeric="xy")
    text = describe_mock_data("k", [facts_of(one, one)], given=True)
    assert "two lines of ten points each" in text and "from" not in text


def test_data_that_are_not_given_are_to_be_made_up() -> None:
    text = describe_mock_data("k", [facts_of(axes(series("line", points=9)))], given=False)
    assert text.endswith("in the code, for one line of nine points.")


TABLE = "day,Rain,Temp,Wind\n1,0.5,-3,2\n2,4,9.25,2\n3,1,7,2\n4,2,0,2\n"
COLUMNS = {
    "a line": ([series("line", x=[1.0, 4.0], y=[-3.0, 9.25])], "Show day and Temp"),
    "bars reach from 0": ([series("bar", y=[0.0, 2.0])], "Show Wind"),
    "another value": ([series("line", y=[-3.0, 9.3])], ""),
    "bins": ([series("hist", x=[1.0, 4.0], y=[0.5, 4.0])], ""),
}


@pytest.mark.parametrize(("drawn", "sentence"), COLUMNS.values(), ids=COLUMNS)
def test_columns_are_shown_whose_values_the_figure_has(drawn, sentence: str) -> None:
    assert plotted_columns([facts_of(axes(*drawn))], TABLE) == sentence


def test_of_two_columns_with_the_same_ends_none_is_named() -> None:
    drawn = [facts_of(axes(series("line", y=[1.0, 4.0])))]
    assert plotted_columns(drawn, "a,b\n1,4\n4,1\n2,3\n") == ""


LIMITS = {
    "set": ("x", (0.0, 5.0), {}, "x-axis runs from 0 to 5"),
    "negative": ("xy", (-2.0, 2.0), {}, "x-axis runs from -2 to 2"),
    "another axis": ("y", (0.0, 5.0), {}, ""),
    "left to the data": ("", (0.0, 5.0), {}, ""),
    "worked out": ("x", (-0.62832, 13.1947), {}, ""),
    "not known": ("x", (None, 5.0), {}, ""),
    "of a circle": ("xy", (0.0, 5.0), {"projection": "polar"}, ""),
}


@pytest.mark.parametrize(("fixed", "limits", "changes", "sentence"), LIMITS.values(), ids=LIMITS)
def test_limits_are_named_that_are_set(fixed, limits, changes, sentence) -> None:
    drawn = axes(series("line"), xlim=limits, ylim=None, fixed=fixed, **changes)
    text = describe_layout("k", [facts_of(drawn)])
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
    "one above two": (
        [
            {"area": (0.1, 0.1, 0.9, 0.4)},
            {"area": (0.1, 0.6, 0.45, 0.9)},
            {"area": (0.55, 0.6, 0.9, 0.9)},
        ],
        [2, 2],
        "The first subplot stands at the top over the full width, the second at the bottom left "
        "and the third at the bottom right. Each of them shows a line plot.",
    ),
    "placed by hand": (
        [{"area": (0.1, 0.1, 0.4, 0.9)}, {"area": (0.6, 0.1, 0.9, 0.9)}],
        [2, 1],
        "two subplots side by side in one row.",
    ),
    "grid": ([{}, {}], [1, 2], "two subplots side by side in one row"),
}


@pytest.mark.parametrize(("changes", "layout", "phrase"), PLACED.values(), ids=PLACED)
def test_places_of_axes_are_those_of_the_facts(changes, layout, phrase: str) -> None:
    drawn = [axes(series("line"), title=str(i), **one) for i, one in enumerate(changes)]
    text = describe_layout("k", [facts_of(*drawn, layout=layout)])
    assert phrase in text


STYLES = {
    "one dashed line": ([series("line", dash="dashed")], "The line is dashed"),
    "all dotted": ([series("line", dash="dotted")] * 2, "The lines are dotted"),
    "some": (
        [series("line", dash="dashed"), series("line")],
        "Some of the lines are dashed.",
    ),
    "markers": ([series("scatter", marker="crosses")], "The points are crosses"),
    "none": ([series("line")], ""),
}


@pytest.mark.parametrize(("drawn", "sentence"), STYLES.values(), ids=STYLES)
def test_line_styles_are_those_of_the_facts(drawn, sentence: str) -> None:
    text = describe_style("k", [facts_of(axes(*drawn))])
    assert sentence in text
    assert bool(sentence) == any(word in text for word in ("dashed", "dotted", "are crosses"))


BARS_IN_ORDER = series("bar", points=4, order="ascending")
LYING_IN_ORDER = series("bar", points=4, order="ascending", horizontal=True)
SEEN = {  # series, changes of the axes -> a sentence of the plot description
    "order": ([BARS_IN_ORDER], {}, "in ascending order from left to right"),
    "order, turned": ([BARS_IN_ORDER], {"xlim": [4, 0]}, "in ascending order from right to left"),
    "order, lying": ([LYING_IN_ORDER], {}, "in ascending order from bottom to top"),
    "log": ([series("line")], {"yscale": "log"}, "The y-axis has a logarithmic scale"),
    "log twice": (
        [series("line")],
        {"xscale": "log", "yscale": "log"},
        "Both axes have a logarithmic scale",
    ),
    "names": ([series("bar")], {"xnames": ["a", "b"]}, 'The x-axis shows the names "a" and "b"'),
    "names from below": (
        [series("bar")],
        {"ynames": ["a", "b"]},
        'The y-axis shows the names "b" and "a" from top to bottom',
    ),
    "many names": (
        [series("bar")],
        {"xnames": [f"n{i}" for i in range(30)]},
        "The x-axis has a label for each of 30 places",
    ),
    "counted places": ([series("box")], {"xnames": ["1", "2"]}, ""),
    "across": (
        [series("line"), series("line", form="horizontal line", y=[2, 2], color="#ff0000")],
        {"numeric": "xy"},
        "a line plot. A red horizontal line crosses the plot at y = 2",
    ),
    "band": (
        [series("line"), series("polygon", form="vertical band", x=[1, 3], color="#008000")],
        {"numeric": "xy"},
        "A green vertical band covers x from 1 to 3",
    ),
    "hidden": ([series("line")], {"hidden": "xy"}, "The axes are not drawn"),
    "no ticks": ([series("line")], {"tickless": "x"}, "The x-axis has no ticks"),
    "downwards": (
        [series("line")],
        {"ylim": [1, 0], "numeric": "xy"},
        "The y-axis runs downwards",
    ),
    "equal": ([series("line")], {"equal_scales": True}, "A unit is equally long on both axes"),
    "annotated": (
        [series("line")],
        {"annotations": ["peak"], "arrows": 1},
        'The annotation "peak" stands on the plot, with an arrow',
    ),
    "titled legend": (
        [series("line", "a")],
        {"legend": ["a"], "legend_title": "kind"},
        'a legend titled "kind" with the entry "a"',
    ),
    "picture": ([series("heatmap", color="", colormap="gray")], {}, "an image."),
    "picture with a box": (
        [
            series("heatmap", color="", colormap="gray"),
            series("polygon", form="rectangle", points=1),
        ],
        {},
        "an image with one rectangle",
    ),
    "cloud of many calls": ([series("scatter", points=1)] * 21, {}, "with 21 points."),
    "clouds of one look": ([series("scatter", points=3)] * 4, {}, "with 12 points."),
    "named clouds": (
        [series("scatter", name, points=3) for name in "abc"],
        {},
        "three groups of three points",
    ),
}


@pytest.mark.parametrize(("drawn", "changes", "sentence"), SEEN.values(), ids=SEEN)
def test_what_is_seen_first_is_said(drawn, changes, sentence: str) -> None:
    text = describe_layout("k", [facts_of(axes(*drawn, **changes))])
    assert sentence in text, text


def test_order_of_some_bars_is_no_order_of_all() -> None:
    text = describe_layout("k", [facts_of(axes(BARS_IN_ORDER, series("bar", points=4)))])
    assert "order" not in text


MANY = ["#ff0000", "#ffa500", "#ffff00", "#008000", "#0000ff", "#800080", "#000000"]
COLOURS = {  # series -> a sentence of the style description, "" for none on colours
    "one": ([series("bar")], "The bars are blue"),
    "many": ([series("bar", color="", colors=MANY)], "in many different colours"),
    "three": (
        [series("bar", color="", colors=["#ff0000", "#008000", "#0000ff"])],
        "The bars are red, green and blue",
    ),
    "not known": ([series("bar", color="", colors=[])], ""),
    "one of two not known": ([series("bar"), series("bar", color="", colors=[])], ""),
    "map": (
        [series("scatter", color="", colormap="plasma_r")],
        "The points are coloured with the colour map plasma (reversed)",
    ),
    "translucent": ([series("area", translucent=True)], "The filled area is translucent blue"),
    "edges": ([series("bar", outlined=True)], "The bars are not filled, with edges in blue"),
    "across": ([series("line", form="vertical line", color="#ff0000")], ""),
    "fifty lines": ([series("line")] * 50, ""),
}


@pytest.mark.parametrize(("drawn", "sentence"), COLOURS.values(), ids=COLOURS)
def test_colours_are_those_of_all_marks(drawn, sentence: str) -> None:
    text = describe_style("k", [facts_of(axes(*drawn))])
    assert sentence in text, text
    assert bool(sentence) == any(word in text for word in ("blue", "red", "colour"))


SIZES = {
    "another": ((8.0, 6.0), "8 inches wide and 6 inches high"),
    "by default": ((6.4, 4.8), ""),
    "not known": (None, ""),
    "worked out": ((6.1237, 5.0), ""),
}


@pytest.mark.parametrize(("size", "sentence"), SIZES.values(), ids=SIZES)
def test_a_size_is_named_that_is_not_the_default(size, sentence: str) -> None:
    text = describe_style("k", [facts_of(axes(series("line")), size_in=size)])
    assert sentence in text
    assert bool(sentence) == ("inches" in text)


def test_figures_of_several_sizes_have_none() -> None:
    figures = [facts_of(axes(series("line")), size_in=size) for size in ((8, 6), (4, 4))]
    assert "inches" not in describe_style("k", figures)


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
    assert ("Pillow" in describe_setup("k", Origins(ast.parse(code)), ("matplotlib",))) == named


@pytest.mark.parametrize(
    "phrase",
    ["an area plot", "an image", "an icicle chart", "a heatmap", "a stacked area plot", "a gauge"],
)
def test_articles_of_charts(phrase: str) -> None:
    assert a(phrase.partition(" ")[2]) == phrase
