"""What is told of figures without a block: as `--explain` says it, and never much."""

from viscode.core.outcomes import DETAIL_LIMIT
from viscode.core.records import UnmadeFigures
from viscode.core.tables import read_table, write_table
from viscode.extract.mending import Failed
from viscode.extract.unmade import CODE_CHARS, EDIT_CHARS, MOST_EDITS, MOST_TOLD, unmade

TEXT = "import matplotlib.pyplot as plt\nfor i in range(3):\n    plt.plot([i])\n"


def test_a_figure_is_told_with_its_statement():
    failed = Failed("show, line 3", "KeyError", "KeyError: 'a'", "plt.plot([1])\n", ("sliced",))
    (figure,) = unmade("f", TEXT, [(failed, "error")]).figures
    assert figure.model_dump() == {
        "place": "show, line 3", "statement": "plt.plot([i])", "reason": "error",
        "detail": "KeyError: 'a'", "edits": ("sliced",), "code": "plt.plot([1])\n",
    }  # fmt: skip
    assert unmade("f", TEXT, [(Failed("f", "broken", ""), "broken")]).figures[0].statement == ""


def test_no_file_is_told_of_at_length(tmp_path):
    code = "x = '\ud800 as no file holds it'\n" * CODE_CHARS
    failed = Failed("line 1 " * 99, "e", "d\udfff" * 9_999, code, ("e" * 9_999,) * 999)
    told = unmade("f", "y" * 99_999, [(failed, "error")] * 99)
    assert told.reasons == ("error",) * 99 and len(told.figures) == MOST_TOLD
    figure = told.figures[0]
    assert len(figure.code) < CODE_CHARS + 50 and len(figure.detail) <= DETAIL_LIMIT
    assert figure.code.splitlines()[-1].endswith("more characters")
    assert {len(line) for line in figure.code.splitlines()[:-1]} == {32}  # none is cut
    assert (
        len(figure.edits) == MOST_EDITS + 1 and figure.edits[-1] == f"... {999 - MOST_EDITS} more"
    )
    assert max(map(len, (figure.place, figure.statement, *figure.edits))) <= EDIT_CHARS
    write_table(tmp_path / "t", UnmadeFigures, [told])
    assert list(read_table(tmp_path / "t", UnmadeFigures)) == [told]
