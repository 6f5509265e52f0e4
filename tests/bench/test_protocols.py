"""One table of answers, each with the verdict that either protocol must give.

The expectations follow from the rules of the two protocols, not from what they gave. Under
`paper`, answers of the first table stand alone: between two of them runs one that passes, so that
nothing of the one before is left. The second table holds answers that depend on their order.
"""

from dataclasses import dataclass, replace

import pytest
from bench_fixtures import GOOD, LOAD, fenced, needs_plots, options, task

from viscode.bench import isolated, paper
from viscode.bench.protocols import Answered

pytestmark = [pytest.mark.sandbox, needs_plots]

SLOW_S, PAPER_LIMIT_S = 9, 6.0
EITHER = "either"
PLT = "import matplotlib.pyplot as plt\n"
PD = "import pandas as pd\n"
READ = f'{PD}df = pd.read_csv("data.csv")\n'
PX = f"{READ}import plotly.express as px\nfig = px.line(df, x='x', y='y')\n"
SEABORN = f"{LOAD}import seaborn as sns\nsns.lineplot(df, x='x', y='y')\nplt.show()"
CLEAN = {
    "matplotlib": fenced(GOOD),
    "seaborn": fenced(SEABORN),
    "plotly": fenced(f"{PX}fig.show()"),
}
DRAFT = fenced(f"{LOAD}plt.plot(df['nothing'])")


@dataclass(frozen=True)
class Case:
    """An answer; the verdicts under `isolated` and `paper`, with the error's name where it has
    one."""

    name: str
    answer: str
    isolated: str
    paper: str
    library: str = "matplotlib"


M = [
    ("plain", fenced(GOOD), "pass", "pass"),
    ("several figures", fenced(f"{LOAD}df.plot()\nplt.show()\ndf.plot()\nplt.show()"), "pass",
     "pass"),
    ("bare code", GOOD, "pass", "pass"),
    ("prose around the block", f"Sure:\n{fenced(GOOD)}\nThat is it.", "pass", "pass"),
    ("fence not closed", f"```python\n{GOOD}", "pass", "pass"),
    ("label py", f"```py\n{GOOD}```", "pass", "error SyntaxError"),
    ("label in capitals", f"```Python\n{GOOD}```", "pass", "error SyntaxError"),
    ("no label", f"```\n{GOOD}```", "pass", "error SyntaxError"),
    ("draft before the answer", f"{DRAFT}\nBetter:\n{fenced(GOOD)}", "pass", "error KeyError"),
    ("draft behind the answer", f"{fenced(GOOD)}\nWrong would be:\n{DRAFT}", "error KeyError",
     "pass"),
    ("fence in a string", fenced(f'{LOAD}s = """\n```\n"""\nplt.plot(df["x"])\nplt.show()'), "pass",
     "error SyntaxError"),
    ("stop token behind bare code", f"{GOOD}<|eot_id|>", "no_image", "pass"),
    ("refusal", "I am sorry, but I cannot draw that.", "no_image", "error SyntaxError"),
    ("empty", "", "no_image", "error NameError"),
    ("no name plt", fenced(f"{READ}from matplotlib import pyplot\npyplot.plot(df['x'])"), "pass",
     "error NameError"),
    ("drawn by pandas", fenced(f"{READ}df.plot()"), "pass", "error NameError"),
    ("plt unbound at the end", fenced(f"{GOOD}plt = None"), "pass", "error AttributeError"),
    ("numpy not imported", fenced(f"{LOAD}plt.plot(np.sqrt(df['x']))\nplt.show()"),
     "error NameError", "pass"),
    ("future import", fenced(f"from __future__ import annotations\n{GOOD}"), "pass", "pass"),
    ("data not loaded", fenced(f"{PLT}plt.plot(df['x'])\nplt.show()"), "error NameError", "pass"),
    ("pandas not imported", fenced(f"{PLT}df = pd.read_csv('data.csv')\nplt.plot(df['x'])"),
     "error NameError", "pass"),
    ("loaded from ./data.csv", fenced(GOOD.replace("data.csv", "./data.csv")), "pass",
     "error FileNotFoundError"),
    ("loaded with an option", fenced(GOOD.replace('"data.csv"', '"data.csv", sep=","')), "pass",
     "error FileNotFoundError"),
    ("loaded under another name",
     fenced(f"{PLT}import pandas\ndf = pandas.read_csv('data.csv')\nplt.plot(df['x'])"), "pass",
     "error FileNotFoundError"),
    ("loaded without spaces", fenced(GOOD.replace("df = pd", "df=pd")), "pass", "pass"),
    ("loaded in a function",
     fenced(f"{LOAD}def load():\n    df = pd.read_csv('data.csv')\nload()\nplt.plot(df['x'])"),
     "pass", "error IndentationError"),
    ("saved and closed", fenced(f"{LOAD}plt.plot(df['x'])\nplt.savefig('a.png')\nplt.close()"),
     "pass", "pass"),
    ("saved at a joined path",
     fenced(f"import os\n{LOAD}plt.plot(df['x'])\nplt.savefig(os.path.join('.', 'a.png'), dpi=80)"),
     "pass", "error SyntaxError"),
    ("saved through an alias",
     fenced(f"{LOAD}plt.plot(df['x'])\nsave = plt.savefig\nsave('a.png')\nplt.close()"), "pass",
     "no_image"),
    ("saving named in a text", fenced(f"{LOAD}plt.plot(df['x'])\nplt.title('.savefig(x)')"),
     "pass", "pass"),
    ("show in a try", fenced(f"{LOAD}plt.plot(df['x'])\ntry:\n    plt.show()\nexcept OSError:\n"
                             "    pass"), "pass", "pass"),
    ("plot and show in a try",
     fenced(f"{LOAD}try:\n    plt.plot(df['x'])\n    plt.show()\nexcept OSError:\n    pass"),
     "pass", "error IndentationError"),
    ("nothing drawn", fenced(f"{LOAD}print(df)"), "no_image", "no_image"),
    ("figure closed", fenced(f"{LOAD}plt.plot(df['x'])\nplt.close()"), "no_image", "no_image"),
    ("another backend",
     fenced(f"{LOAD}import matplotlib\nmatplotlib.use('agg')\nplt.plot(df['x'])\nplt.show()"),
     "no_image", "no_image"),
    ("blank", fenced(f"{LOAD}fig, ax = plt.subplots()\nplt.show()"), "blank", "pass"),
    ("error after the plot", fenced(f"{GOOD}raise ValueError"), "error ValueError",
     "error ValueError"),
    ("sys.exit after the plot", fenced(f"{GOOD}import sys\nsys.exit(0)"), "error SystemExit",
     "error SystemExit"),
    ("magic", fenced(f"%matplotlib inline\n{GOOD}"), "pass", "pass"),
    ("working folder changed", fenced(f"{GOOD}import os\nos.chdir('/')"), "pass", "pass"),
]  # fmt: skip
S = [
    ("plain", CLEAN["seaborn"], "pass", "pass"),
    ("no name sns", fenced(f"{LOAD}from seaborn import lineplot\nlineplot(df, x='x', y='y')"),
     "pass", "error NameError"),
    ("no name plt",
     fenced(f"{READ}import seaborn as sns\nsns.lineplot(df, x='x', y='y')"), "pass",
     "error NameError"),
    ("empty", "", "no_image", "error NameError"),
]  # fmt: skip
P = [
    ("shown", CLEAN["plotly"], "pass", "pass"),
    ("never shown", fenced(PX), "no_image", "no_image"),
    ("last expression", fenced(f"{PX}fig"), "pass", "no_image"),
    ("written", fenced(f"{PX}fig.write_image('a.png')"), "pass", "pass"),
    ("written with a nested call", fenced(f"{PX}fig.write_image(str('a.png'), scale=1)"), "pass",
     "error SyntaxError"),
    ("empty", "", "no_image", "no_image"),
]  # fmt: skip
CASES = [
    Case(*row, library=library)
    for library, rows in (("matplotlib", M), ("seaborn", S), ("plotly", P))
    for row in rows
]

BREAKS = "raise RuntimeError"
ORDERED = {
    "a name is left behind by an error": (
        "matplotlib",
        [fenced(f"{PLT}value = [1, 2]\n{BREAKS}"), fenced(f"{PLT}plt.plot(value)\nplt.show()")],
        ["error", "error"],
        ["error", "pass"],
    ),
    "the same in the other order": (
        "matplotlib",
        [fenced(f"{PLT}plt.plot(value)\nplt.show()"), fenced(f"{PLT}value = [1, 2]\n{BREAKS}")],
        ["error", "error"],
        ["error", "error"],
    ),
    "an answer that passes leaves no name behind": (
        "matplotlib",
        [fenced(f"{GOOD}value = [1, 2]"), fenced(f"{PLT}plt.plot(value)\nplt.show()")],
        ["pass", "error"],
        ["pass", "error"],
    ),
    "a name that is left behind hides a builtin": (
        "matplotlib",
        [fenced(f"{PLT}list = 5\n{BREAKS}"), fenced(f"{LOAD}plt.plot(list(df['x']))\nplt.show()")],
        ["error", "pass"],
        ["error", "error"],
    ),
    "names left behind serve the reset lines": (
        "seaborn",
        [
            fenced(f"{PLT}import seaborn as sns\n{BREAKS}"),
            fenced(f"{READ}from seaborn import lineplot\nlineplot(df, x='x', y='y')"),
        ],
        ["error", "pass"],
        ["error", "pass"],
    ),
    "a module stays as it was left": (
        "matplotlib",
        [fenced(f"{GOOD}pd.read_csv = None"), fenced(GOOD)],
        ["pass", "pass"],
        ["pass", "error"],
    ),
    "exit() ends the kernel after its cell": (
        "matplotlib",
        [fenced(f"{GOOD}exit()"), fenced(GOOD), fenced(GOOD)],
        ["pass", "pass", "pass"],
        ["pass", EITHER, "error"],  # a tenth of a second after it: the next cell may get through
    ),
    "os._exit ends it at once": (
        "matplotlib",
        [fenced(GOOD), fenced("import os\nos._exit(0)"), fenced(GOOD)],
        ["pass", "error", "pass"],
        ["pass", "error", "error"],
    ),
    "slow code is interrupted, and an interrupt that is taken is no error": (
        "matplotlib",
        [
            fenced(GOOD),
            fenced(f"{LOAD}import time\ntime.sleep({SLOW_S})\ndf.plot()\nplt.show()"),
            fenced(f"import time\n{LOAD}try:\n    time.sleep({SLOW_S})\nexcept KeyboardInterrupt:\n"
                   "    print('gone on')\ndf.plot()\nplt.show()"),
            fenced(GOOD),
        ],
        ["pass", "pass", "pass", "pass"],
        [EITHER, "error", "pass", "pass"],  # the first one imports everything, which is slow too
    ),
}  # fmt: skip


def said(scored):
    error = scored.execution.error_type if scored.verdict == "error" else ""
    return f"{scored.verdict} {error}".strip()


def under_isolated(answers):
    return isolated.score([Answered(task(n), text) for n, text in answers], options(), None)


def under_paper(library, texts, timeout_s=60.0):
    answered = [Answered(task(number), text) for number, text in enumerate(texts)]
    return paper.score(answered, library, replace(options(), timeout_s=timeout_s), None)


@pytest.fixture(scope="module")
def alone():
    """(isolated, paper) verdicts of each case, by library and name."""
    found = {}
    for library, clean in CLEAN.items():
        cases = [case for case in CASES if case.library == library]
        texts = [text for case in cases for text in (clean, case.answer)]
        done = under_paper(library, texts)
        assert [one.verdict for one in done[::2]] == ["pass"] * len(cases)
        by_isolated = under_isolated([(n, case.answer) for n, case in enumerate(cases)])
        for case, one, other in zip(cases, by_isolated, done[1::2], strict=True):
            found[library, case.name] = (said(one), said(other))
    return found


def test_the_table_is_large_enough():
    assert len({(case.library, case.name) for case in CASES}) == len(CASES) >= 40


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case.library}: {case.name}")
def test_an_answer_alone(alone, case):
    assert alone[case.library, case.name] == (case.isolated, case.paper)


@pytest.mark.parametrize("name", ORDERED)
def test_answers_in_order(name):
    library, texts, by_isolated, by_paper = ORDERED[name]
    assert [one.verdict for one in under_isolated(list(enumerate(texts)))] == by_isolated
    done = under_paper(library, texts, PAPER_LIMIT_S if "slow" in name else 60.0)
    found = [one.verdict for one in done]
    assert [e if e == EITHER else v for v, e in zip(found, by_paper, strict=True)] == by_paper


def test_a_session_that_is_known_is_not_run_again(tmp_path):
    from viscode.workstore import WorkStore

    answers = [Answered(task(0), fenced(GOOD)), Answered(task(1), fenced("raise OSError"))]
    with WorkStore(tmp_path / "work.sqlite") as store:
        first = paper.score(answers, "matplotlib", options(), store)
        again = paper.score(answers, "matplotlib", options(), store)
        other_way = paper.score(answers[::-1], "matplotlib", options(), store)
    assert again == first  # durations included
    assert store.path.exists()
    assert [one.verdict for one in other_way] == ["error", "pass"]
