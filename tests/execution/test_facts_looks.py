"""Forms, arrangements, line styles and markers, read off figures of both libraries."""

import json

import pytest

from viscode.execution import plotly_facts

SETUP = (
    "import numpy as np, pandas as pd, matplotlib.pyplot as plt\nx = np.arange(4.)\n"
    "a = np.array([1., 2, 3, 4])\nb = np.array([2., 1, 2, 1])\nfig, ax = plt.subplots()\n"
)
NETWORK = "import networkx as nx\ng = nx.path_graph(4)\np = {n: (n, n % 2) for n in g}\n"
TREE = "from scipy.cluster.hierarchy import dendrogram, linkage\nz = linkage(np.eye(4))\n"
LOOKS = {  # code -> (form, horizontal, arrangement) of each series
    "plain": ("ax.bar(x, a)", [("", False, "")]),
    "limit called bottom": ("ax.bar(x, a)\nax.set_ylim(bottom=0.5)", [("", False, "")]),
    "bottom of one set": ("ax.bar(x, a, bottom=b)", [("", False, "")]),
    "comment": ("ax.bar(x, a)  # not barh(x, stacked=True)", [("", False, "")]),
    "lying": ("ax.barh(x, a)", [("", True, "")]),
    "waterfall of one set": ("ax.bar(x, a, bottom=np.cumsum(a) - a)", [("", False, "")]),
    "bar beside lying": ("ax.bar(x, a)\nax.barh(x, a)", [("", False, ""), ("", True, "")]),
    "stacked": ("ax.bar(x, a)\nax.bar(x, b, bottom=a)", [("", False, "stacked")] * 2),
    "stacked, lying": ("ax.barh(x, a)\nax.barh(x, b, left=a)", [("", True, "stacked")] * 2),
    "pandas, stacked": (
        "pd.DataFrame({'a': a, 'b': b}).plot.bar(stacked=True, ax=ax)",
        [("", False, "stacked")] * 2,
    ),
    "pandas, grouped": (
        "pd.DataFrame({'a': a, 'b': b}).plot.bar(ax=ax)",
        [("", False, "grouped")] * 2,
    ),
    "grouped": ("ax.bar(x, a, .3)\nax.bar(x + .3, b, .3)", [("", False, "grouped")] * 2),
    "grouped, lying": ("ax.barh(x, a, .3)\nax.barh(x + .3, b, .3)", [("", True, "grouped")] * 2),
    "in front of each other": ("ax.bar(x, a)\nax.bar(x, b)", [("", False, "")] * 2),
    "one by one": ("ax.bar(0, 1)\nax.bar(1, 2)", [("", False, "")] * 2),
    "both ways from the middle": ("ax.barh(x, a)\nax.barh(x, -b)", [("", True, "")] * 2),
    "one behind the other": ("ax.bar(x, a)\nax.bar(x + 10, b)", [("", False, "")] * 2),
    "stacked histogram": (
        "ax.hist([a, b], bins=2, stacked=True)",
        [("", False, "stacked")] * 2,
    ),
    "stacked at some places": (
        "ax.bar(x, a)\nax.bar(x, b * [0, 1, 0, 0], bottom=a)",
        [("", False, "stacked")] * 2,
    ),
    "stacked histogram, few bins in common": (
        "ax.hist([[0, 0, 1, 9], [1, 4, 5, 8]], bins=9, stacked=True)",
        [("", False, "stacked")] * 2,
    ),
    "one above the other, in one place of many": (
        "ax.bar(x, a)\nax.bar(x, b, bottom=[1, 9, 9, 9])",
        [("", False, "")] * 2,
    ),
    "lying boxes": ("ax.boxplot([a, b], orientation='horizontal')", [("", True, "")]),
    "lying boxes of pandas": (
        "pd.DataFrame({'a': a}).plot.box(vert=False, ax=ax)",
        [("", True, "")],
    ),
    "boxes": ("ax.boxplot([a, b], tick_labels=['horizontal', 'vert'])", [("", False, "")]),
    "lying violins": ("ax.violinplot([a, b], orientation='horizontal')", [("", True, "")]),
    "lying boxes of seaborn": (
        "import seaborn as sns\nsns.boxplot(x=a, y=list('ppqq'), ax=ax)",
        [("", True, "")],
    ),
    "lying violins of seaborn": (
        "import seaborn as sns\nsns.violinplot(x=a, y=list('ppqq'), ax=ax)",
        [("", True, "")],
    ),
    "lying pieces": ("ax.broken_barh([(1, 2), (4, 1)], (0, 1))", [("", True, "")]),
    "lying outline": (
        "ax.hist(a, histtype='step', orientation='horizontal')",
        [("", True, "")],
    ),
    "lying histogram": ("ax.hist(a, orientation='horizontal')", [("", True, "")]),
    "stacked areas": ("ax.stackplot(x, a, b)", [("", False, "stacked")] * 2),
    "areas of pandas": (
        "pd.DataFrame({'a': a, 'b': b}).plot.area(ax=ax, linewidth=0)",
        [("", False, ""), ("", False, "stacked")] * 2,
    ),
    "two bands": ("ax.fill_between(x, a)\nax.fill_between(x, b)", [("", False, "")] * 2),
    "donut": ("ax.pie(a, wedgeprops={'width': .4})", [("donut", False, "")]),
    "pie": ("hole = .4\nax.pie(a)", [("", False, "")]),
    "network": (NETWORK + "nx.draw_networkx(g, p, ax=ax)", [("network", False, "")] * 2),
    "network, current axes": (NETWORK + "nx.draw(g, p)", [("network", False, "")] * 2),
    "no network": (NETWORK + "ax.scatter(*zip(*p.values()))", [("", False, "")]),
    "dendrogram": (TREE + "dendrogram(z, ax=ax)", [("dendrogram", False, "")]),
    "dendrogram, lying": (TREE + "dendrogram(z, orientation='left')", [("dendrogram", False, "")]),
    "no dendrogram": (TREE + "dendrogram(z, no_plot=True)\nax.plot(x)", [("", False, "")]),
}
STYLES = {  # code -> (dash, marker) of each series
    "dashed": ("ax.plot(x, '--')", [("dashed", "")]),
    "dotted, square": ("ax.plot(x, ls=':', marker='s')", [("dotted", "squares")]),
    "by rule": ("plt.rc('lines', linestyle='-.')\nax.plot(x)", [("dash-dotted", "")]),
    "points": ("ax.plot(x, 'o')", [("", "circles")]),
    "scatter": ("ax.scatter(x, a)", [("", "")]),
    "crosses": ("ax.scatter(x, a, marker='x')", [("", "crosses")]),
    "diamonds": ("ax.scatter(x, a, marker='D', s=9)", [("", "diamonds")]),
    "error bars": ("ax.errorbar(x, a, yerr=1, fmt='--s')", [("dashed", "squares")]),
    "dashed grid": ("ax.plot(x)\nax.grid(ls='--')", [("", "")]),
}
BAR, HIST, LINE = {"type": "bar"}, {"type": "histogram"}, {"type": "scatter", "mode": "lines"}
PLOTLY = {  # traces, layout -> (form, horizontal, arrangement) of each series
    "plain": ([BAR | {"x": ["a"], "y": [1]}], {"barmode": "relative"}, [("", False, "")]),
    "stacked": (
        [BAR | {"x": ["a"], "y": [1]}, BAR | {"x": ["a"], "y": [2]}],
        {"barmode": "relative"},
        [("", False, "stacked")] * 2,
    ),
    "a colour for each place": (
        [BAR | {"x": ["a"], "y": [1]}, BAR | {"x": ["b"], "y": [2]}],
        {"barmode": "relative"},
        [("", False, "")] * 2,
    ),
    "grouped, lying": (
        [BAR | {"x": [1], "y": ["a"], "orientation": "h"}] * 1
        + [BAR | {"x": [3], "y": ["a"], "orientation": "h"}],
        {},
        [("", True, "grouped")] * 2,
    ),
    "in front of each other": (
        [BAR | {"y": [1, 2]}, BAR | {"y": [2, 3]}],
        {"barmode": "overlay"},
        [("", False, "")] * 2,
    ),
    "histograms": (
        [HIST | {"x": [1, 2]}, HIST | {"x": [2, 3]}],
        {"barmode": "stack"},
        [("", False, "stacked")] * 2,
    ),
    "donut": ([{"type": "pie", "values": [1, 2], "hole": 0.4}], {}, [("donut", False, "")]),
    "pie": ([{"type": "pie", "values": [1, 2], "hole": 0}], {}, [("", False, "")]),
    "flow": ([{"type": "sankey", "link": {"value": [1]}}], {}, [("flow", False, "")]),
    "gauge": (
        [{"type": "indicator", "value": 3, "mode": "gauge+number"}],
        {},
        [("gauge", False, "")],
    ),
    "number": ([{"type": "indicator", "value": 3, "mode": "number"}], {}, [("", False, "")]),
    "waterfall": ([{"type": "waterfall", "y": [1, 2]}], {}, [("waterfall", False, "")]),
    "areas": (
        [LINE | {"y": [1], "stackgroup": "1"}, LINE | {"y": [2], "stackgroup": "1"}],
        {},
        [("", False, "stacked")] * 2,
    ),
    "treemap": ([{"type": "treemap", "labels": ["a"]}], {}, [("treemap", False, "")]),
}


SEEN = {  # code -> (series, its fields) or (None, fields of the axes)
    "bar colours": (
        "ax.bar(x, a, color=['r', 'b', 'r', 'b'])",
        0,
        {"color": "", "colors": ["#ff0000", "#0000ff"], "marks": 4},
    ),
    "one colour": ("ax.bar(x, a, color='r')", 0, {"color": "#ff0000", "colors": ["#ff0000"]}),
    "map of points": (
        "ax.scatter(x, a, c=a, cmap='hot')",
        0,
        {"color": "", "colors": [], "colormap": "hot"},
    ),
    "map of an image": (
        "ax.imshow(np.eye(3), cmap='bone_r')",
        0,
        {"colormap": "bone_r", "marks": 1},
    ),
    "rising": ("ax.bar(x, np.sort(b))", 0, {"order": "ascending"}),
    "falling": ("ax.barh(x, np.sort(b)[::-1])", 0, {"order": "descending"}),
    "one by one": ("for i in range(4):\n    ax.bar(i, i)", 2, {"order": "ascending", "marks": 1}),
    "unordered": ("ax.bar(x, b + x % 3)", 0, {"order": ""}),
    "all equal": ("ax.bar(x, x * 0 + 1)", 0, {"order": ""}),
    "sizes": ("ax.scatter(x, a, s=a * 9)", 0, {"sized": True}),
    "one size": ("ax.scatter(x, a, s=9)", 0, {"sized": False}),
    "translucent": ("ax.fill_between(x, a, alpha=.3)", 0, {"translucent": True}),
    "outlined": (
        "ax.add_patch(plt.Rectangle((0, 0), 1, 1, fill=False))",
        0,
        {"outlined": True, "form": "rectangle"},
    ),
    "boxes": ("ax.boxplot([a, b, a])", 0, {"marks": 3}),
    "line across": ("ax.axhline(2)", 0, {"form": "horizontal line", "x": None, "y": [2.0, 2.0]}),
    "band across": ("ax.axvspan(1, 2)", 0, {"form": "vertical band", "x": [1.0, 2.0], "y": None}),
    "segments": ("ax.vlines(x, 0, a)", 0, {"kind": "line", "marks": 4}),
    "filled contours": ("ax.contourf(np.outer(x, x))", 0, {"form": "filled"}),
    "streams": (
        "ax.streamplot(x, x, np.outer(x, x), np.outer(a, x))",
        0,
        {"kind": "quiver", "form": "streamlines"},
    ),
    "hexagons": ("ax.hexbin(x, a)", 0, {"kind": "heatmap", "form": "hexagons"}),
    "wedge that is no pie": (
        "from matplotlib.patches import Wedge\nax.add_patch(Wedge((0, 0), 1, 0, 90))",
        0,
        {"kind": "polygon", "form": "wedge"},
    ),
    "single mark": ("ax.plot([1], [2], 'o')", 0, {"kind": "scatter", "marks": 1}),
    "axis off": ("ax.plot(x)\nax.axis('off')", None, {"hidden": "xy"}),
    "no ticks": ("ax.plot(x)\nax.set_xticks([])", None, {"tickless": "x", "hidden": ""}),
    "sides": (
        "ax.plot(x)\nax.spines[['top', 'right']].set_visible(False)",
        None,
        {"open_sides": ["top", "right"]},
    ),
    "categories": ("ax.bar(['p', 'q'], [1, 2])", None, {"xnames": ["p", "q"], "ynames": []}),
    "named ticks": (
        "ax.plot(x)\nax.set_yticks([0, 2], ['low', 'mid'], rotation=9)",
        None,
        {"ynames": ["low", "mid"]},
    ),
    "numbers": ("ax.plot(x)\nax.set_xticks([0, 2])", None, {"xnames": []}),
    "turned": (
        "ax.bar(['p', 'q'], [1, 2])\nax.tick_params(axis='x', labelrotation=30)",
        None,
        {"rotation": 30.0},
    ),
    "background": ("ax.plot(x)\nax.set_facecolor('#eeeeee')", None, {"background": "#eeeeee"}),
    "arrow": ("ax.plot(x)\nax.annotate('a', (1, 1), (2, 2), arrowprops={})", None, {"arrows": 1}),
    "legend's title": ("ax.plot(x, label='a')\nax.legend(title='T')", None, {"legend_title": "T"}),
    "equal": ("ax.plot(x)\nax.set_aspect('equal')", None, {"equal_scales": True}),
    "bar's label": (
        "plt.colorbar(ax.imshow(np.eye(3)), label='depth')",
        None,
        {"colorbar": True, "colorbar_label": "depth"},
    ),
    "second scale": ("ax.plot(x)\nax.secondary_yaxis('right')", None, {"second": "y"}),
    "contours with values": ("ax.clabel(ax.contour(np.outer(x, x)))", None, {"annotations": []}),
}


def looks(axes) -> list[tuple[str, bool, str]]:
    return [(one["form"], one["horizontal"], one["arrangement"]) for one in axes["series"]]


@pytest.mark.sandbox
@pytest.mark.parametrize("engine", ["warm", pytest.param("notebook", marks=pytest.mark.slow)])
def test_forms_and_arrangements(execute, engine):
    """A figure each, as many in one script as are kept of it."""
    every = list(LOOKS.items())
    for cases in (every[start : start + 20] for start in range(0, len(every), 20)):
        code = "\n".join(f"{SETUP}{body}\nplt.show()\n" for _, (body, _) in cases)
        execution = execute("from IPython.display import display\n" + code, engine=engine)
        assert execution.status == "ok", execution.error
        found = [looks(entry["axes"][0]) for entry in json.loads(execution.facts)]
        expected = {name: wanted for name, (_, wanted) in cases}
        assert dict(zip(expected, found, strict=True)) == expected


@pytest.mark.sandbox
def test_what_is_seen_first(execute):
    every = list(SEEN.items())
    for cases in (every[start : start + 20] for start in range(0, len(every), 20)):
        code = "\n".join(f"{SETUP}{body}\nplt.show()\n" for _, (body, _, _) in cases)
        execution = execute(code)
        assert execution.status == "ok", execution.error
        for (name, (_, index, wanted)), entry in zip(
            cases, json.loads(execution.facts), strict=True
        ):
            axes = entry["axes"][0]
            found = axes if index is None else axes["series"][index]
            assert {field: found[field] for field in wanted} == wanted, name


@pytest.mark.sandbox
def test_what_belongs_to_the_whole_figure(execute):
    code = (
        "import matplotlib.pyplot as plt, numpy as np\n"
        "fig, axs = plt.subplots(1, 2, sharex=True)\n"
        "for ax in axs:\n    image = ax.imshow(np.eye(3))\n    ax.plot([1], label='a')\n"
        "fig.colorbar(image, ax=axs)\nfig.supxlabel('X')\nfig.text(.1, .1, 'note')\n"
        "fig.legend(['a'])\nfig.patch.set_facecolor('black')\n"
        "axs[0].inset_axes([.5, .5, .2, .2]).plot([1, 2])\nplt.show()\n"
    )
    (facts,) = json.loads(execute(code).facts)
    assert (facts["xlabel"], facts["ylabel"], facts["texts"]) == ("X", "", ["note"])
    assert (facts["legend"], facts["background"], facts["colorbars"]) == (["a"], "#000000", 1)
    told = [(axes["colorbar"], axes["shared"]) for axes in facts["axes"]]
    assert told == [(True, "x"), (True, "x"), (False, "")]


@pytest.mark.sandbox
def test_line_styles_and_markers(execute):
    code = "\n".join(f"plt.rcdefaults()\n{SETUP}{b}\nplt.show()\n" for b, _ in STYLES.values())
    execution = execute("import matplotlib.pyplot as plt\n" + code)
    assert execution.status == "ok", execution.error
    found = [
        [(one["dash"], one["marker"]) for one in entry["axes"][0]["series"]]
        for entry in json.loads(execution.facts)
    ]
    expected = {name: wanted for name, (_, wanted) in STYLES.items()}
    assert dict(zip(STYLES, found, strict=True)) == expected


@pytest.mark.sandbox
def test_twins_and_insets(execute):
    code = (
        "import matplotlib.pyplot as plt\n"
        "fig, ax = plt.subplots()\nax.plot([1, 2])\nax.twinx().plot([2, 1])\nplt.show()\n"
        "fig, ax = plt.subplots()\nax.plot([1, 2])\nax.twiny().plot([2, 1])\nplt.show()\n"
        "fig, axs = plt.subplots(2, sharex=True)\naxs[0].plot([1])\naxs[1].plot([1])\nplt.show()\n"
    )
    execution = execute(code)
    twins = [[axes["twin"] for axes in one["axes"]] for one in json.loads(execution.facts)]
    assert twins == [["", "x"], ["", "y"], ["", ""]]


@pytest.mark.sandbox
def test_limits_that_are_set_and_axes_of_numbers(execute):
    code = (
        "import datetime, matplotlib.pyplot as plt\n"
        "plt.plot([1, 2])\nplt.show()\n"
        "plt.figure(figsize=(5, 2.5))\nplt.plot([1, 2])\nplt.xlim(0, 3)\nplt.show()\n"
        "plt.bar(['a', 'b'], [1, 2])\nplt.xlim(-1, 2)\nplt.ylim(0, 3)\nplt.show()\n"
        "plt.plot([datetime.date(2020, 1, i) for i in (1, 2)], [1, 2])\nplt.show()\n"
    )
    found = json.loads(execute(code).facts)
    told = [(one["size_in"], one["axes"][0]["fixed"], one["axes"][0]["numeric"]) for one in found]
    assert told == [
        ([6.4, 4.8], "", "xy"),
        ([5.0, 2.5], "x", "xy"),
        ([6.4, 4.8], "y", "y"),
        ([6.4, 4.8], "", "y"),
    ]


def test_limits_that_are_set_of_plotly():
    traces, layout = [{"type": "scatter", "x": [1], "y": [2]}], {"xaxis": {"range": [0, 3]}}
    facts = plotly_facts.read({"data": traces, "layout": layout})
    assert facts is not None and facts.axes[0].fixed == "x"


@pytest.mark.parametrize(("traces", "layout", "expected"), PLOTLY.values(), ids=PLOTLY)
def test_forms_and_arrangements_of_plotly(traces, layout, expected):
    facts = plotly_facts.read({"data": traces, "layout": layout})
    assert facts is not None
    assert looks(facts.model_dump()["axes"][0]) == expected


def test_styles_and_twins_of_plotly():
    dashed = LINE | {"y": list(range(30)), "line": {"dash": "dash"}}
    unmarked = LINE | {"y": [1], "marker": {"symbol": "star"}}
    marked = LINE | {
        "y": [1],
        "mode": "lines+markers",
        "marker": {"symbol": "diamond-open"},
        "yaxis": "y2",
    }
    layout = {"yaxis2": {"overlaying": "y", "side": "right"}}
    facts = plotly_facts.read({"data": [dashed, unmarked, marked], "layout": layout})
    assert facts is not None
    assert [axes.twin for axes in facts.axes] == ["", "x"]
    assert [axes.series[0].dash for axes in facts.axes] == ["dashed", ""]
    assert [one.marker for axes in facts.axes for one in axes.series] == ["", "", "diamonds"]


PLOTLY_SEEN = {  # trace, layout -> fields of its series, fields of its axes
    "order": (
        BAR | {"x": ["a", "b", "c"], "y": [3, 2, 1]},
        {},
        {"order": "descending", "marks": 3},
        {"xnames": ["a", "b", "c"]},
    ),
    "colours": (
        BAR | {"y": [1, 3, 2], "marker": {"color": ["red", "blue", "red"]}},
        {},
        {"color": "", "colors": ["#ff0000", "#0000ff"]},
        {},
    ),
    "by number": (
        {
            "type": "scatter",
            "mode": "markers",
            "y": [1, 2],
            "marker": {"color": [1, 2], "colorscale": "Viridis"},
        },
        {},
        {"color": "", "colormap": "Viridis"},
        {},
    ),
    "scale": (
        {"type": "heatmap", "z": [[1, 2]], "colorscale": [[0, "#440154"], [1, "#fde725"]]},
        {},
        {"colormap": "viridis"},
        {},
    ),
    "hidden": (LINE | {"y": [1, 2]}, {"xaxis": {"visible": False}}, {"marks": 1}, {"hidden": "x"}),
    "background": (
        LINE | {"y": [1]},
        {"template": {"layout": {"plot_bgcolor": "#E5ECF6"}}},
        {},
        {"background": "#e5ecf6"},
    ),
    "bubbles": (
        LINE | {"mode": "markers", "y": [1, 2], "marker": {"size": [3, 9]}},
        {},
        {"sized": True, "marks": 2},
        {},
    ),
    "dates": (BAR | {"x": ["2024-01-01", "2024-01-02"], "y": [1, 2]}, {}, {}, {"xnames": []}),
}


@pytest.mark.parametrize(
    ("trace", "layout", "series", "around"), PLOTLY_SEEN.values(), ids=PLOTLY_SEEN
)
def test_what_is_seen_first_of_plotly(trace, layout, series, around):
    facts = plotly_facts.read({"data": [trace], "layout": layout})
    assert facts is not None
    axes = json.loads(facts.model_dump_json())["axes"][0]
    assert {name: axes["series"][0][name] for name in series} == series
    assert {name: axes[name] for name in around} == around


def test_a_line_across_of_plotly():
    shape = {"type": "line", "xref": "x domain", "yref": "y", "x0": 0, "x1": 1, "y0": 3, "y1": 3}
    facts = plotly_facts.read({"data": [LINE | {"y": [1, 2]}], "layout": {"shapes": [shape]}})
    assert facts is not None
    line = facts.axes[0].series[1]
    assert (line.form, line.x, line.y) == ("horizontal line", None, (3.0, 3.0))


SLICES = {
    "one each": ({"labels": ["a", "b"], "values": [1, 2]}, 2),
    "of one label": ({"labels": ["a", "b", "a"], "values": [1, 2, 3]}, 2),
    "numbers as labels": ({"labels": [1, 1, 2, 2], "values": [1, 2, 3, 4]}, 2),
    "no labels": ({"values": [1, 1, 1]}, 3),
}


@pytest.mark.parametrize(("pie", "slices"), SLICES.values(), ids=SLICES)
def test_values_of_one_label_are_one_slice(pie, slices):
    facts = plotly_facts.read({"data": [{"type": "pie", **pie}], "layout": {}})
    assert facts is not None
    assert facts.axes[0].series[0].points == slices
