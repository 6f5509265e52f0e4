"""The structural score: its anchors, what it must not see, and what lowers it."""

import json

import pytest

from viscode.bench.structural import first_figure, normalised, structural_score


def series(kind="line", label="a", points=20, color="#1f77b4", x=(0.0, 4.0), y=(1.0, 9.0)):
    known = {"x": x and list(x), "y": y and list(y)}
    return {"kind": kind, "label": label, "points": points, "color": color, **known}


def axes(kinds=("line",), **changes):
    base = {
        "kinds": list(kinds),
        "title": "Sales per year",
        "xlabel": "year",
        "ylabel": "sales",
        "zlabel": "",
        "xscale": "linear",
        "yscale": "linear",
        "projection": "rectilinear",
        "xlim": [0, 1],
        "ylim": [0, 1],
        "legend": ["a", "b"],
        "grid": False,
        "colorbar": False,
        "series": [series(kind) for kind in kinds],
        "annotations": [],
    }
    return base | changes


def figure(*all_axes, **changes):
    base = {
        "version": 4,
        "library": "matplotlib",
        "size_px": [640, 480],
        "suptitle": "",
        "layout": [1, len(all_axes)],
        "axes": list(all_axes),
    }
    return base | changes


ONE = figure(axes())
TWO = figure(axes(["line"]), axes(["bar"], title="Share", legend=[]))
BARE = figure(axes(["scatter"], title="", xlabel="", ylabel="", legend=[]))


@pytest.mark.parametrize("truth", [ONE, TWO, BARE, figure(axes(), axes([]))])
def test_a_figure_against_itself_is_100(truth):
    assert structural_score(truth, truth) == 100.0


def test_restyling_does_not_count():
    restyled = figure(
        axes(grid=True, xlim=[-5, 9], series=[series(color="#ff0000")], colorbar=True),
        size_px=[900, 900],
    )
    assert structural_score(restyled, ONE) == 100.0


@pytest.mark.parametrize("kind", ["bar", "scatter", "pie", "heatmap"])
def test_a_wrong_chart_kind_is_at_most_50(kind):
    assert structural_score(figure(axes([kind])), ONE) <= 50.0


def test_the_same_picture_from_another_function_or_library_counts_as_the_same_kind():
    plotly = figure(axes(["heatmap"], title=""), library="plotly", suptitle="Sales per year")
    assert structural_score(plotly, figure(axes(["image"]))) == 100.0


@pytest.mark.parametrize("blank", [figure(), figure(axes([])), figure(axes([]), axes([]))])
def test_a_figure_without_content_is_0(blank):
    assert structural_score(blank, ONE) == 0.0


@pytest.mark.parametrize(
    "answer",
    [
        figure(axes(title="Something else entirely")),
        figure(axes(xlabel="")),
        figure(axes(yscale="log")),
        figure(axes(projection="polar")),
        figure(axes(legend=["a"])),
        figure(axes(series=[series(), series()])),
        figure(axes(series=[series(points=5)])),
        figure(axes(), axes()),
        figure(axes(["line", "bar"])),
    ],
)
def test_every_difference_lowers_the_score_a_little(answer):
    assert 50.0 < structural_score(answer, ONE) < 100.0


def test_more_labels_than_the_truth_has_are_no_fault():
    answer = figure(axes(["scatter"], title="A title", legend=["x"]))
    assert structural_score(answer, BARE) == 100.0


def test_axes_are_paired_by_likeness_not_by_order():
    swapped = figure(TWO["axes"][1], TWO["axes"][0])
    assert structural_score(swapped, TWO) == 100.0


def test_a_missing_subplot_costs_its_share():
    assert 40.0 < structural_score(figure(TWO["axes"][0]), TWO) < 60.0


def one(kind="line", **changes):
    return figure(axes([kind], series=[series(kind, **changes)]))


UNKNOWN = [{"x": None}, {"y": None}, {"x": None, "y": None}, {"points": None}]


@pytest.mark.parametrize("kind", ["line", "bar", "scatter", "image"])
@pytest.mark.parametrize("unknown", UNKNOWN)
def test_what_is_unknown_of_the_answer_earns_nothing(kind, unknown):
    known, worse = one(kind), one(kind, **{name: 1 if name == "points" else (50, 90)
                                           for name in unknown})  # fmt: skip
    score = structural_score(one(kind, **unknown), known)
    assert score <= structural_score(worse, known) < 100.0
    assert structural_score(known, known) == 100.0


@pytest.mark.parametrize("kind", ["line", "pie", "table", "other"])
@pytest.mark.parametrize("unknown", UNKNOWN)
def test_what_is_unknown_of_the_truth_is_left_out(kind, unknown):
    truth = one(kind, **unknown)
    assert structural_score(truth, truth) == 100.0
    assert structural_score(one(kind), truth) == 100.0


@pytest.mark.parametrize("changes", [{"title": ""}, {"legend": []}, {"yscale": "log"}])
def test_what_is_left_out_is_no_free_credit(changes):
    """Another fault weighs more, not less, where the data cannot be compared."""
    unknown = series(x=None, y=None)
    without = structural_score(
        figure(axes(series=[unknown], **changes)), figure(axes(series=[unknown]))
    )
    assert without < structural_score(figure(axes(**changes)), ONE) < 100.0


@pytest.mark.parametrize(
    ("answer", "truth", "score"),
    [
        (one("hist", y=None), one("hist"), 100.0),
        (one("box", x=None), one("box"), 100.0),
        (one("violin", x=None), one("violin", x=(9.0, 12.0)), 100.0),
    ],
)
def test_what_only_a_browser_works_out_costs_nothing(answer, truth, score):
    assert structural_score(answer, truth) == score


def test_a_histogram_of_which_nothing_is_known_earns_nothing_for_its_data():
    assert structural_score(one("hist", x=None, y=None), one("hist")) <= 75.0


def test_the_first_figure_is_the_first_one_that_shows_something():
    blank = figure(axes([]))
    assert first_figure(json.dumps([None, blank, ONE])) == ONE
    assert first_figure(json.dumps([blank, None])) == blank
    assert first_figure(json.dumps([None])) is None
    assert first_figure("[]") is None
    assert first_figure("") is None


def test_labels_are_compared_without_case_markup_and_spacing():
    assert normalised("  Sales ($ \\mathrm{USD} $)\n per_year") == "sales mathrm usd per year"
