import pickle
from textwrap import indent
from typing import Any

import pytest
from sample_examples import TASK_CODE, dialogue, sample, task

from viscode.dataset.card import EXAMPLES, contamination_report
from viscode.dataset.chat import Sample
from viscode.dataset.decontaminate import Contamination, Rule, TaskIndex, column_set
from viscode.settings.dataset import DatasetSettings


def index(**changes: Any) -> TaskIndex:
    plain: dict[str, Any] = {
        "sources": ["files"],
        "validation_share": 0.0,
        "seed": 1,
        "near_duplicates": 0.0,
        "decontaminate_ngram": 8,
        "decontaminate_share": 0.5,
        "decontaminate_text_share": 0.5,
    }
    wordy = task(9, code=None, data="").model_copy(update={"plot_description": WISH})
    settings = DatasetSettings(**(plain | changes))
    return TaskIndex([task(), task(8, code=None, data=""), wordy], settings)


WISH = """Plot Description: Draw a scatter plot of the penguins on three islands. The flipper length
stands on the horizontal axis and the body mass on the vertical one, the colour names the island."""
REWORDED = """On the horizontal axis stands the flipper length, on the vertical one the body mass.
Show penguins of three islands as a scatter chart and let colours name their island."""
RENAMED = TASK_CODE.replace("group", "part").replace("ax", "axis").replace("part by", "groupby")
RENAMED = RENAMED.replace("df.partby", "df.groupby").replace("fig, ", "figure, ")
OTHER = """import numpy as np
import matplotlib.pyplot as plt

x = np.linspace(0, 5, 30)
plt.plot(x, np.exp(x))
plt.title("Growth of a colony")
plt.xlabel("Hours")
plt.ylabel("Cells")
plt.yscale("log")
plt.grid(True)
"""
HALF = "".join(TASK_CODE.splitlines(keepends=True)[:5]) + OTHER
LONGER = OTHER + TASK_CODE + OTHER.replace("Growth", "Death") * 2
SHOWN = "Data below:\nspecies,length,width\nadelie,39.1,18.7\nPlot it."
HEADED = "# data.csv\n# species,length,width\n# rook,1,2\n" + OTHER
ROWS = "species,length,width\nadelie,39.1,18.7\n"
FENCED = f"```python\n{RENAMED}```\n"
PROSE = "Here is what I have so far. It's slow, and the legend is in the wrong place."
FRAMED = (
    'import pandas as pd\npd.DataFrame({"Width ": [1], "species": ["a"], "length": [2]}).plot()\n'
)
LISTED = 'import pandas as pd\npd.DataFrame(v, columns=["width", "species", "length"]).plot()\n'


@pytest.mark.parametrize(
    ("name", "candidate", "rule"),
    [
        ("same code", sample(TASK_CODE), Rule.CODE_NGRAMS),
        (
            "other layout",
            sample("# a comment\n" + TASK_CODE.replace("(7, 4)", "( 7,4 )")),
            Rule.CODE_NGRAMS,
        ),
        ("renamed", sample(RENAMED), Rule.CODE_NGRAMS),
        ("without show", sample(TASK_CODE.replace("plt.show()\n", "")), Rule.CODE_NGRAMS),
        ("one constant differs", sample(TASK_CODE.replace("0.6", "0.7")), Rule.CODE_NGRAMS),
        ("inside of a longer code", sample(LONGER), Rule.CODE_NGRAMS),
        ("no longer Python", sample(TASK_CODE + "print 'done'\n"), Rule.CODE_NGRAMS),
        (
            "in a dialogue",
            dialogue("d", "Plot", f"Sure:\n```python\n{TASK_CODE}```\n"),
            Rule.CODE_NGRAMS,
        ),
        (
            "in one block of several",
            dialogue("d", "Plot", f"```py\n{OTHER}```\nor\n```\n{TASK_CODE}```\n"),
            Rule.CODE_NGRAMS,
        ),
        *(
            (f"fence {label}", dialogue("d", "Plot", f"So:\n```{label}\n{RENAMED}```\n"),
             Rule.CODE_NGRAMS)
            for label in ("py3", "python2", "python3.9", "ipython", "jupyter", "text", "plaintext")
        ),
        ("in a list", dialogue("d", "Plot", f"1. So:\n{indent(FENCED, '   ')}"), Rule.CODE_NGRAMS),
        ("in a quotation", dialogue("d", "Plot", indent(FENCED, "> ", lambda _: True)),
         Rule.CODE_NGRAMS),
        ("in an open fence", dialogue("d", "Plot", f"```py\n{RENAMED}"), Rule.CODE_NGRAMS),
        ("quoted outside of a fence", dialogue("d", "Plot", f"So: {TASK_CODE}"), Rule.CODE_NGRAMS),
        ("renamed outside of a fence", dialogue("d", f"{PROSE}\n{RENAMED}\n{PROSE}", "Yes"),
         Rule.CODE_NGRAMS),
        ("indented outside of a fence", dialogue("d", "Plot", f"So:\n{indent(RENAMED, '    ')}"),
         Rule.CODE_NGRAMS),
        ("in an instruction", sample(OTHER, instruction=f"{PROSE}\n{TASK_CODE}"),
         Rule.CODE_NGRAMS),
        ("fenced in an instruction", sample(OTHER, instruction=f"Mend this:\n{FENCED}"),
         Rule.CODE_NGRAMS),
        ("prompts", sample("".join(f"In [{i}]: {line}\n" for i, line in
                                   enumerate(RENAMED.splitlines()))), Rule.CODE_NGRAMS),
        ("prose behind it", sample(RENAMED + "This code draws it.\n"), Rule.CODE_NGRAMS),
        ("prints in it", sample(RENAMED.replace("axis.set", "print('ok', df)\naxis.set")),
         Rule.CODE_NGRAMS),
        ("keywords in another order",
         sample(RENAMED.replace('title="Species", loc="upper left"',
                                'loc="upper left", title="Species"')), Rule.CODE_NGRAMS),
        ("texts as f-strings", sample(RENAMED.replace('("', '(f"')), Rule.CODE_NGRAMS),
        ("same data", sample(OTHER, instruction=SHOWN), Rule.SAME_DATA),
        ("same data in a text", sample(f"data = StringIO(\"\"\"{ROWS}\"\"\")\n{OTHER}"),
         Rule.SAME_DATA),
        ("same data in a short text", sample(f"data = {ROWS!r}\n{OTHER}"), Rule.SAME_DATA),
        ("same data in an answer", dialogue("d", "Make up data", f"```csv\n{ROWS}```"),
         Rule.SAME_DATA),
        (
            "same data, other spaces",
            sample(OTHER, instruction=SHOWN.replace("\n", "\r\n")),
            Rule.SAME_DATA,
        ),
        ("same data in comments", sample(HEADED.replace("rook,1,2", "adelie,39.1,18.7")),
         Rule.SAME_DATA),
        ("columns above a chart", sample(HEADED), Rule.SAME_COLUMNS),
        ("columns of a frame", sample(FRAMED), Rule.SAME_COLUMNS),
        ("columns in a list", sample(LISTED), Rule.SAME_COLUMNS),
        ("columns in a tuple", sample(LISTED.replace("[", "(").replace("]", ")")),
         Rule.SAME_COLUMNS),
        ("columns of from_dict", sample(FRAMED.replace("DataFrame(", "DataFrame.from_dict(")),
         Rule.SAME_COLUMNS),
        ("columns of from_records", sample(LISTED.replace("DataFrame(", "DataFrame.from_records(")),
         Rule.SAME_COLUMNS),
        ("names of read_csv",
         sample(LISTED.replace("DataFrame(", "read_csv(").replace("columns=", "names=")),
         Rule.SAME_COLUMNS),
        ("columns in any list", sample(LISTED.replace("pd.DataFrame", "show")), Rule.SAME_COLUMNS),
        ("columns in any dictionary", sample(FRAMED.replace("pd.DataFrame", "print")),
         Rule.SAME_COLUMNS),
        ("header alone", sample(OTHER, instruction="Width, Length, Species\n"), Rule.SAME_COLUMNS),
        ("reworded", sample(OTHER, instruction=REWORDED), Rule.INSTRUCTION_WORDS),
        ("quoted", sample(OTHER, instruction=f"Task:\n{WISH[18:]}\nThanks."),
         Rule.INSTRUCTION_WORDS),
    ],
)  # fmt: skip
def test_found(name: str, candidate: Sample, rule: Rule) -> None:
    found = index().contaminated_by(candidate)
    assert found is not None and found.rule == rule
    assert found.task == ("t9" if rule == Rule.INSTRUCTION_WORDS else "t7")
    assert found.detail == f"task {found.task}: {rule}"
    assert 0 < found.share <= 1


@pytest.mark.parametrize(
    ("name", "candidate"),
    [
        ("other code", sample(OTHER)),
        ("the imports alone", sample("import matplotlib.pyplot as plt\nplt.show()\n")),
        ("less than the share", sample(HALF)),
        ("other code outside of a fence", dialogue("d", "Plot", f"So: {OTHER}")),
        ("part of it outside of a fence", dialogue("d", "Plot", f"So: {HALF}")),
        ("more columns", sample(HEADED.replace("width", "width,age"))),
        ("two of the columns", sample(OTHER, instruction="species,length\n")),
        ("another wish", sample(OTHER, instruction="Draw a scatter plot with coloured islands.")),
        ("hostile", sample("(" * 5000, instruction='\ud800,\0,",a\n' * 50_000)),
    ],
)
def test_near_misses_stay(name: str, candidate: Sample) -> None:
    assert index().contaminated_by(candidate) is None


def test_the_shares_decide() -> None:
    strict = index(decontaminate_share=0.2).contaminated_by(sample(HALF))
    assert strict is not None and strict.rule == Rule.CODE_NGRAMS
    reworded = sample(OTHER, instruction=REWORDED)
    assert index(decontaminate_text_share=1.0).contaminated_by(reworded) is None


def test_text_rule_off() -> None:
    without = index(decontaminate_text_share=0.0)
    assert without.contaminated_by(sample(OTHER, instruction=WISH)) is None
    assert without.contaminated_by(sample(TASK_CODE)) is not None


def test_a_pickled_index_finds_the_same() -> None:
    copy = pickle.loads(pickle.dumps(index()))
    for candidate in (sample(RENAMED), sample(LONGER), sample(FRAMED), sample(OTHER)):
        assert copy.contaminated_by(candidate) == index().contaminated_by(candidate)


@pytest.mark.parametrize(
    ("names", "proves"),
    [
        (["x", "y", "z"], False),
        (["A", "B", "C", "D"], False),
        (["0", "1", "2", "3"], False),
        (["x", "y", "color", "scale"], False),
        (["", "Morning", "Noon"], False),
        (["labels", "sizes", "explode"], True),
        (["Unnamed: 0", "x", "Fibonacci", "Evens", "Odds"], True),
    ],
)
def test_which_columns_prove_something(names: list[str], proves: bool) -> None:
    assert bool(column_set(names)) is proves


def finding(number: int, rule: Rule = Rule.CODE_NGRAMS) -> tuple[str, str, Contamination]:
    return f"s{number:04}", "files", Contamination("t|1", rule)


def test_report() -> None:
    findings = [*map(finding, range(300)), finding(300, Rule.SAME_COLUMNS)]
    report = contamination_report(findings)
    assert report == contamination_report(reversed(findings))
    assert "| code_ngrams | 300 | 300 |" in report
    assert "| all | 301 | 301 |" in report
    assert "| t/1 | 301 |" in report
    assert report.count("\n| s0") == EXAMPLES + 1
    assert "| s0300 | files | t/1 | same_columns | 1.00 |" in report


def test_report_of_nothing() -> None:
    assert "None." in contamination_report([])
