"""Facts off plotly JSON, and what the check does with facts from a process that nobody trusts."""

import pytest

from viscode.execution import facts, plotly_facts


def trace(kind="scatter", **more):
    return {"type": kind, "x": [1, 2], "y": [3, 4], **more}


TRACES = {
    "few points": (trace(), ["line"]),
    "markers": (trace(mode="markers"), ["scatter"]),
    "filled": (trace(fill="tozeroy", mode="lines"), ["area"]),
    "step": (trace(mode="lines", line={"shape": "hv"}), ["step"]),
    "text": (trace(mode="text"), ["text"]),
    "errors": (trace(mode="markers", error_y={"array": [1]}), ["errorbar", "scatter"]),
    "bar": (trace("bar"), ["bar"]),
    "histogram": (trace("histogram"), ["hist"]),
    "pie": ({"type": "pie", "values": [1], "labels": ["a"]}, ["pie"]),
    "surface": ({"type": "surface", "z": [[1, 2], [3, 4]]}, ["surface"]),
    "unknown type": (trace("spiral"), ["other"]),
    "sankey": ({"type": "sankey", "link": {"source": [0], "target": [1], "value": [2]}}, ["other"]),
    "sankey without links": ({"type": "sankey", "node": {"label": ["a"]}}, []),
    "indicator": ({"type": "indicator", "value": 3}, ["other"]),
    "parallel": ({"type": "parcoords", "dimensions": [{"values": [1, 2]}]}, ["line"]),
    "no data": ({"type": "bar"}, []),
    "encoded arrays": ({"type": "bar", "y": {"dtype": "i1", "bdata": "AQI="}}, ["bar"]),
}


@pytest.mark.parametrize("name", TRACES)
def test_trace_kinds(name):
    given, kinds = TRACES[name]
    found = plotly_facts.read({"data": [given], "layout": {}})
    assert list(found.axes[0].kinds) == kinds


def test_plotly_layout():
    layout = {
        "title": {"text": "All"},
        "width": 300,
        "xaxis": {"title": {"text": "X"}, "domain": [0, 0.4]},
        "yaxis": {"type": "log", "domain": [0, 1]},
        "xaxis2": {"domain": [0.6, 1]},
        "yaxis2": {"domain": [0, 1]},
        "annotations": [{"text": "L", "xref": "paper"}, {"text": "R", "xref": "paper"}],
    }
    data = [
        trace(name="a", marker={"color": "rgba(255, 0, 0, 0.5)"}),
        trace("bar", name="b", xaxis="x2", yaxis="y2"),
    ]
    found = plotly_facts.read({"data": data, "layout": layout})
    left, right = found.axes
    assert (found.suptitle, found.layout, found.size_px) == ("All", (1, 2), (300, 500))
    assert (left.title, right.title, left.xlabel, left.yscale) == ("L", "R", "X", "log")
    assert (left.legend, left.series[0].color) == (("a",), "#ff0000")
    assert right.series[0].color == "#ef553b"


@pytest.mark.parametrize(
    "value",
    [None, [], {}, {"data": 1}, {"data": [1], "layout": []}, {"data": [{"type": 5, "x": "abc"}]}],
)
def test_strange_figures_do_not_break_the_reader(value):
    plotly_facts.read(value)


@pytest.mark.parametrize("value", [1e999, -1e999, float("nan"), 10**400])
def test_numbers_that_are_no_sizes(value):
    figure = {
        "data": [],
        "layout": {"width": value, "height": value, "xaxis": {"range": [0, value]}},
    }
    found = plotly_facts.read(figure)
    assert found.size_px == (700, 500) and found.axes[0].xlim == (0.0, None)


def good():
    return {
        "version": 4,
        "library": "matplotlib",
        "size_px": [640, 480],
        "suptitle": "",
        "layout": [1, 1],
        "axes": [
            {
                "kinds": ["line"],
                "title": "T",
                "xlabel": "",
                "ylabel": "",
                "zlabel": "",
                "xscale": "linear",
                "yscale": "linear",
                "projection": "rectilinear",
                "xlim": [0, 1.23456789],
                "ylim": None,
                "legend": [],
                "grid": False,
                "series": [{"kind": "line", "label": "", "points": 2, "color": "#000000"}],
                "colorbar": False,
                "annotations": [],
            }
        ],
    }


def test_good_facts_survive_rounded_and_cut():
    value = good()
    value["axes"][0]["title"] = "x" * 1000
    value["axes"][0]["kinds"] = ["line", "no such kind"]
    value["axes"][0]["series"] *= 70
    (axes,) = facts.checked(value).axes
    assert (len(axes.title), axes.xlim, axes.kinds, len(axes.series)) == (
        200,
        (0.0, 1.23457),
        ("line", "other"),
        50,
    )
    text = facts.as_text([facts.checked(value), None])
    assert facts.as_list(text) == [facts.checked(value), None]


BROKEN = {
    "version": 1,
    "library": "excel",
    "size_px": [1, -1],
    "layout": "11",
    "axes": [{}],
    "suptitle": 5,
    "extra": 1,
}


@pytest.mark.parametrize("key", BROKEN)
def test_wrong_shapes_become_null(key):
    assert facts.checked({**good(), key: BROKEN[key]}) is None


def test_shows_nothing():
    value = good()
    value["axes"][0]["kinds"] = []
    assert facts.checked(value).shows_nothing()
    assert not facts.checked(good()).shows_nothing()
