import gc
from functools import partial
from pathlib import Path

import pytest

from viscode.core.hashing import content_id
from viscode.core.outcomes import Kept, Rejected
from viscode.core.records import Origin, SelectedFile, SourceFile
from viscode.core.tables import read_table
from viscode.core.transform import read_outcomes, transform
from viscode.libraries.counting import library_metrics
from viscode.libraries.registry import BY_NAME
from viscode.libraries.selection import SelectReason, select_file

LIMITS = {"libraries": tuple(BY_NAME), "max_chars": 200}
PLOT = "import matplotlib.pyplot as plt\nplt.plot([1])\n"


def source_file(text: str) -> SourceFile:
    return SourceFile(
        id=content_id(text),
        source="files",
        licence="MIT",
        text=text,
        origin=Origin(kind="sample", name="test", path="a.py"),
    )


def test_a_file_that_draws_is_kept_as_it_is() -> None:
    file = source_file(PLOT)
    result = select_file(file, **LIMITS)
    assert isinstance(result, Kept)
    (kept,) = result.records
    assert kept == SelectedFile(
        **file.model_dump(exclude={"cells_left_out"}), libraries=("matplotlib",)
    )


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("x = 1", SelectReason.NO_PLOTTING),
        ("import networkx as nx\nnx.withdraw()", SelectReason.NO_PLOTTING),
        ("import seaborn", SelectReason.IMPORTED_ONLY),
        ("import seaborn\nseaborn.barplot(", SelectReason.SYNTAX_ERROR),
        ("import seaborn\nprint 'x'", SelectReason.PYTHON2),
        (PLOT + "#" * 200, SelectReason.TOO_LONG),
    ],
)
def test_each_reason(text: str, reason: SelectReason) -> None:
    result = select_file(source_file(text), **LIMITS)
    assert isinstance(result, Rejected)
    assert result.reason is reason


@pytest.mark.parametrize(
    ("code", "kept"),
    [
        ("import seaborn as s\ns.barplot(d)", True),
        (PLOT, False),
        (PLOT + "import seaborn as s\ns.barplot(d)", True),
    ],
)
def test_only_the_chosen_libraries_count(code: str, kept: bool) -> None:
    settings = LIMITS | {"libraries": ["seaborn", "plotly"]}
    result = select_file(source_file(code), **settings)
    if kept:
        assert isinstance(result, Kept)
        assert "seaborn" in result.records[0].libraries
    else:
        assert result == Rejected(SelectReason.OTHER_LIBRARY, "matplotlib")


@pytest.mark.parametrize("text", [PLOT, "import seaborn\nseaborn.barplot("])
def test_the_garbage_collector_is_left_as_it_was(text: str) -> None:
    assert gc.isenabled()
    select_file(source_file(text), **LIMITS)
    assert gc.isenabled()


def test_outcomes_and_metrics_add_up(tmp_path: Path) -> None:
    texts = [PLOT, "x = 1", "import seaborn", "import seaborn as s\ns.barplot(d)", PLOT + "#\n"]
    files = [source_file(text) for text in texts]
    out = tmp_path / "selected"
    tally = transform(files, partial(select_file, **LIMITS), SelectedFile, out)
    assert library_metrics(tally, out) == {
        "in": 5,
        "kept": 3,
        "records": 3,
        "rejected": {"imported_only": 1, "no_plotting": 1},
        "libraries": {"matplotlib": 2, "seaborn": 1},
    }
    assert {outcome.id for outcome in read_outcomes(out)} == {file.id for file in files}
    assert len(list(read_table(out, SelectedFile))) == 3
