import pytest
from sample_examples import TASK_CODE, dialogue, sample, task

from viscode.dataset.chat import Sample
from viscode.dataset.decontaminate import TaskIndex
from viscode.settings.dataset import DatasetSettings


def index(ngram: int = 8, share: float = 0.5) -> TaskIndex:
    settings = DatasetSettings(
        sources=["files"],
        validation_share=0.0,
        seed=1,
        decontaminate_ngram=ngram,
        decontaminate_share=share,
    )
    return TaskIndex([task(), task(8, code=None, data="")], settings)


RENAMED = TASK_CODE.replace("group", "part").replace("ax", "axis").replace("part by", "groupby")
RENAMED = RENAMED.replace("df.partby", "df.groupby").replace("fig, ", "figure, ")
OTHER = """import numpy as np
import matplotlib.pyplot as plt

x = np.linspace(0, 5, 30)
plt.plot(x, np.exp(x))
plt.title("Growth of a colony")
plt.yscale("log")
plt.grid(True)
"""
HALF = "".join(TASK_CODE.splitlines(keepends=True)[:5]) + OTHER
SHOWN = "Data below:\nspecies,length,width\nadelie,39.1,18.7\nPlot it."


@pytest.mark.parametrize(
    ("name", "candidate", "detail"),
    [
        ("same code", sample(TASK_CODE), "task t7: same code"),
        (
            "other layout",
            sample("# a comment\n" + TASK_CODE.replace("(7, 4)", "( 7,4 )")),
            "task t7: same code",
        ),
        ("renamed", sample(RENAMED), "task t7: same code"),
        ("without show", sample(TASK_CODE.replace("plt.show()\n", "")), "task t7: same code"),
        ("one constant differs", sample(TASK_CODE.replace("0.6", "0.7")), "of the n-grams"),
        (
            "in a dialogue",
            dialogue("d", "Plot", f"Sure:\n```python\n{TASK_CODE}```\n"),
            "task t7: same code",
        ),
        (
            "in one block of several",
            dialogue("d", "Plot", f"```py\n{OTHER}```\nor\n```\n{TASK_CODE}```\n"),
            "task t7: same code",
        ),
        ("same data", sample(OTHER, instruction=SHOWN), "task t7: same data"),
        (
            "same data, other spaces",
            sample(OTHER, instruction=SHOWN.replace("\n", "\r\n")),
            "task t7: same data",
        ),
    ],
)
def test_found(name: str, candidate: Sample, detail: str) -> None:
    assert detail in index().contaminated_by(candidate)


@pytest.mark.parametrize(
    ("name", "candidate"),
    [
        ("other code", sample(OTHER)),
        ("the imports alone", sample("import matplotlib.pyplot as plt\nplt.show()\n")),
        ("less than the share", sample(HALF)),
        ("quoted outside of a fence", dialogue("d", "Plot", f"So: {TASK_CODE}")),
        ("same header, other rows", sample(OTHER, instruction=SHOWN.replace("39.1", "39.2"))),
        ("header alone", sample(OTHER, instruction="species,length,width\n")),
    ],
)
def test_near_misses_stay(name: str, candidate: Sample) -> None:
    assert index().contaminated_by(candidate) == ""


def test_the_share_decides() -> None:
    assert "of the n-grams" in index(share=0.2).contaminated_by(sample(HALF))


def test_a_task_without_code_and_data_matches_nothing() -> None:
    assert "t8" not in index(share=0.01).contaminated_by(sample(HALF))
