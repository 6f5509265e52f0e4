"""What a viewer sees first is said: empty axes, places, insets, arrows, titles in order."""

from figure_examples import axes, figure, series

from viscode.execution.facts import FigureFacts, checked
from viscode.instruct.colors import name_of
from viscode.instruct.layout import describe_layout
from viscode.instruct.style import describe_style

LINE = series("line", x=[0.0, 9.0], y=[0.0, 1.0])


def facts_of(*all_axes, **changes) -> FigureFacts:
    facts = checked(figure(*all_axes, **changes))
    assert facts is not None
    return facts


def layout(*all_axes, **changes) -> str:
    return describe_layout("k", [facts_of(*all_axes, **changes)])


def test_empty_axes_beside_others_are_seen() -> None:
    left, right = (0.1, 0.1, 0.4, 0.9), (0.6, 0.1, 0.9, 0.9)
    text = layout(axes(title="none", area=left), axes(LINE, area=right))
    assert "two subplots side by side" in text
    assert 'The first subplot shows empty axes, titled "none".' in text
    assert "empty" not in layout(axes(area=left, hidden="xy"), axes(LINE, area=right))
    assert "empty" not in layout(axes(area=right), axes(LINE, area=right))
    inset = layout(axes(LINE, area=right), axes(area=(0.62, 0.2, 0.7, 0.4)))
    assert "as an inset at the top left of the first, shows empty axes." in inset


def test_titles_of_subplots_that_are_alike_are_listed() -> None:
    text = layout(*(axes(LINE, title=f"run {i}") for i in range(3)))
    assert "Each of them shows a line plot. Their titles, in order, are" in text
    assert '"run 0", "run 1" and "run 2"' in text


def test_an_inset_is_placed() -> None:
    text = layout(axes(LINE, area=(0.1, 0.1, 0.9, 0.9)), axes(LINE, area=(0.6, 0.2, 0.8, 0.4)))
    assert "The second set of axes stands as an inset at the top right of the first." in text


def test_marginal_plots_stand_beside_the_first_and_have_no_labels() -> None:
    middle, above, right = (0.1, 0.3, 0.7, 0.9), (0.1, 0.1, 0.7, 0.28), (0.72, 0.3, 0.9, 0.9)
    points, bins = series("scatter"), series("hist", points=4, x=[0.0, 1.0], y=[0.0, 4.0])
    text = layout(
        axes(points, area=middle, xlabel="a"),
        axes(bins, area=above, xlabel="a", ylabel="Count"),
        axes(bins, LINE, area=right),
        layout=[6, 6],
    )
    assert "The second subplot, above the first, shows a histogram with four bins." in text
    assert "The third subplot, to the right of the first, shows" in text
    assert text.count("label") == 1


def test_labels_of_a_row_are_said() -> None:
    left, right = (0.1, 0.1, 0.4, 0.9), (0.6, 0.1, 0.9, 0.9)
    text = layout(axes(LINE, area=left, xlabel="a"), axes(LINE, area=right, xlabel="b"))
    assert '"a"' in text and '"b"' in text


def test_pairs_have_a_diagonal() -> None:
    def cell(row: int, column: int) -> dict:
        kind = series("hist", points=4, x=[0.0, 1.0], y=[0.0, 4.0])
        drawn = kind if row == column else series("scatter")
        area = (column / 3, row / 3, column / 3 + 0.3, row / 3 + 0.3)
        limits = {"xlim": [0.0, 1.0 + column], "ylim": [0.0, 1.0 + row]}
        return axes(drawn, area=area, xlabel=f"x{column}{row}", shared="xy", **limits)

    text = layout(*(cell(row, column) for row in range(3) for column in range(3)), layout=[3, 3])
    assert "Those on the diagonal each show a histogram with four bins, the others" in text
    assert "share" not in text


def test_arrows_and_outlines_are_called_so() -> None:
    arrow = series("other", points=1, marks=1, form="arrow")
    assert "a drawing of three arrows" in layout(axes(arrow, arrow, arrow))
    outline = series("polygon", points=1, outlined=True, color="#ff0000")
    facts = facts_of(axes(outline, LINE))
    assert "one outlined polygon" in describe_layout("k", [facts])
    assert "The outlined polygon is red." in describe_style("k", [facts])


def test_dates_are_limits_where_they_cut_the_data() -> None:
    dated = {"numeric": "y", "xlim": [12817.0, 12829.0]}
    drawn = series("line", x=[12815.0, 12874.0])
    assert "the x-axis runs from 2005-02-03 to 2005-02-15" in layout(axes(drawn, **dated)).replace(
        "The", "the"
    )
    assert "runs" not in layout(axes(series("line", x=[12818.0, 12828.0]), **dated))


def test_what_has_a_hue_is_not_gray() -> None:
    assert name_of("#6e4071") == "purple"
    assert name_of("#7f7f7f") == "gray"


def test_blank_entries_of_a_legend_are_not_said() -> None:
    assert "legend" not in layout(axes(LINE), legend=["", " "])
    entry = layout(axes(LINE, legend=["$\\mathdefault{0}$"]))
    assert 'the entry "0"' in entry
