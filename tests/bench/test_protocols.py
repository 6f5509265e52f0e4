"""Each quirk of the published harness beside what `isolated` makes of the same answer.

A row is an answer with its verdict under both protocols: `pass`, `no_image`, `blank`, or the type
of the error. Answers of one sequence follow each other in one kernel under `paper`; after one that
ends with an error stands a sound answer, after which no name is left (`%reset -f` ran).
"""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import pytest
from bench_fixtures import LOAD, fenced, needs_plots, options, task

from viscode.bench.protocols import Answered, score_isolated, score_paper

pytestmark = [pytest.mark.sandbox, needs_plots]

TIMEOUT_S = 6  # of `LOOPS`
PLOT = f'{LOAD}plt.plot(df["x"], df["y"])\n'
GOOD = f"{PLOT}plt.show()\n"
SNS = f"import seaborn as sns\n{LOAD}sns.lineplot(df, x='x', y='y')\nplt.show()\n"
PX = 'import plotly.express as px\nimport pandas as pd\ndf = pd.read_csv("data.csv")\n'
FIG = f"{PX}fig = px.line(df, x='x', y='y')\n"
SMALL = "import matplotlib.pyplot as plt\nplt.figure(figsize=(1, 1))\nplt.plot([1, 2])"
SOUND = {"matplotlib": fenced(SMALL), "seaborn": fenced(SNS), "plotly": fenced(f"{FIG}fig.show()")}
BROKEN = f"{LOAD}raise ValueError('no')"
BROKEN_PLOT = f"{BROKEN}\nplt.plot([1])"
NO_PLT = 'df.plot(x="x", y="y")'
READ = "import pandas as pd\nimport matplotlib.pyplot as plt\n"
FENCE_INSIDE = f'{LOAD}note = """\n```\n"""\nplt.plot(df["x"])\nplt.show()'
TRY_ONE = f"{PLOT}try:\n    plt.savefig('a.png')\nexcept Exception:\n    pass"
TRY_TWO = f"{LOAD}try:\n    plt.plot(df['x'])\n    plt.savefig('a.png')\nexcept OSError:\n    pass"
# Sleeps, because CPython 3.11 does not always let `try` catch what comes at a loop's jump.
CATCHES = f"""{LOAD}import time
try:
    time.sleep(99)
except KeyboardInterrupt:
    plt.plot([1, 2])"""
NEVER = """import time
while True:
    try:
        time.sleep(99)
    except KeyboardInterrupt:
        pass"""
TRY_TELLS = f"{PLOT}try:\n    plt.show()\nexcept Exception as error:\n    print(error)"

# library -> sequences of (name, answer, verdict under isolated, under paper)
SEQUENCES = {
    "matplotlib": [
        [("plain", fenced(GOOD), "pass", "pass")],
        [("no fence", GOOD, "pass", "pass")],
        [("broken draft first", f"{fenced(BROKEN)}\n{fenced(GOOD)}", "pass", "ValueError")],
        [("block without a plot last", f"{fenced(GOOD)}\n{fenced(BROKEN)}", "pass", "pass")],
        [("broken plot last", f"{fenced(GOOD)}\n{fenced(BROKEN_PLOT)}", "ValueError", "pass")],
        [("label py", f"```py\n{GOOD}```", "pass", "SyntaxError")],
        [("label python3", f"```python3\n{GOOD}```", "pass", "pass")],
        [("no label", f"```\n{GOOD}```", "pass", "SyntaxError")],
        [("fence never closed", f"Here:\n```python\n{GOOD}", "pass", "pass")],
        [("fence in a string", fenced(FENCE_INSIDE), "pass", "SyntaxError")],
        [("refusal", "I am sorry, I can't help with that.", "no_image", "SyntaxError")],
        [("empty", "", "no_image", "NameError")],
        [("stop token", f"{GOOD}<|eot_id|>", "pass", "pass")],
        [("saved only", fenced(f"{PLOT}plt.savefig('a.png')"), "pass", "pass")],
        [
            (
                "saved, then closed",
                fenced(f"{PLOT}plt.savefig('a.png')\nplt.close()"),
                "pass",
                "pass",
            )
        ],
        [
            (
                "call among savefig's arguments",
                fenced(f"import os\n{PLOT}plt.savefig(os.path.join('.', 'a.png'), dpi=50)"),
                "pass",
                "SyntaxError",
            )
        ],
        [("closed, never saved", fenced(f"{PLOT}plt.close()"), "no_image", "no_image")],
        [("try around saving", fenced(TRY_ONE), "pass", "pass")],
        [("try around two lines", fenced(TRY_TWO), "pass", "IndentationError")],
        [("try that tells", fenced(TRY_TELLS), "pass", "pass")],
        [
            (
                "reads with an option",
                fenced(f'{READ}df = pd.read_csv("data.csv", index_col=None)\nplt.plot(df["x"])'),
                "pass",
                "FileNotFoundError",
            )
        ],
        [
            (
                "reads into another name",
                fenced(f'{READ}data = pd.read_csv("data.csv")\nplt.plot(data["x"])'),
                "pass",
                "FileNotFoundError",
            )
        ],
        [
            (
                "name that ends in df",
                fenced(f'{READ}my_df = pd.read_csv("data.csv")\nplt.plot(my_df["x"])'),
                "pass",
                "NameError",
            )
        ],
        [
            (
                "reads in a block of its own",
                fenced(f'{READ}if True:\n    df = pd.read_csv("data.csv")\nplt.plot(df["x"])'),
                "pass",
                "IndentationError",
            )
        ],
        [("numpy not imported", fenced(f"{LOAD}plt.plot(np.arange(3))"), "NameError", "pass")],
        [
            (
                "data not loaded",
                fenced("import matplotlib.pyplot as plt\nplt.plot(df['x'])"),
                "NameError",
                "pass",
            )
        ],
        [
            (
                "future import",
                fenced(f"from __future__ import annotations\n{GOOD}"),
                "pass",
                "pass",  # IPython compiles statement by statement
            )
        ],
        [
            (
                "pyplot under another name",
                fenced("import matplotlib.pyplot as p\np.plot([1, 2])\np.show()"),
                "pass",
                "NameError",
            )
        ],
        [
            (
                "pandas' own plot",
                fenced(f'import pandas as pd\ndf = pd.read_csv("data.csv")\n{NO_PLT}'),
                "pass",
                "NameError",
            )
        ],
        [("plt bound anew", fenced(f"{PLOT}plt = plt.gcf()"), "pass", "AttributeError")],
        [
            (
                "figure as last expression",
                fenced(f"{LOAD}fig, ax = plt.subplots()\nax.plot([1, 2])\nplt.close(fig)\nfig"),
                "pass",
                "no_image",
            )
        ],
        [
            (
                "closed figure displayed",
                fenced(f"{PLOT}fig = plt.gcf()\nplt.close(fig)\ndisplay(fig)"),
                "pass",
                "pass",
            )
        ],
        [("empty axes", fenced(f"{LOAD}plt.subplots()\nplt.show()"), "blank", "pass")],
        [("other library", fenced(SNS), "pass", "pass")],
        [("fails after drawing", fenced(f"{GOOD}1 / 0"), "ZeroDivisionError", "ZeroDivisionError")],
        [("no Python", fenced(f"{LOAD}plt.plot(df['x']"), "SyntaxError", "SyntaxError")],
        [("prints only", fenced(f"{LOAD}print(df)"), "no_image", "no_image")],
        [
            (
                "ends by sys.exit",
                fenced(f"{GOOD}import sys\nsys.exit(0)"),
                "pass",
                "SystemExit",
            )
        ],
        [
            (
                "ends with status 1",
                fenced(f"{GOOD}import sys\nsys.exit(1)"),
                "SystemExit",
                "SystemExit",
            )
        ],
        [("magic", fenced(f"%matplotlib inline\n{GOOD}"), "pass", "pass")],
        [("unknown magic after drawing", fenced(f"{GOOD}%nonesuch"), "UsageError", "pass")],
        [("unknown magic before", fenced(f"%nonesuch\n{GOOD}"), "UsageError", "no_image")],
        [
            (
                "undrawable title",
                fenced(f"{PLOT}plt.title('$\\\\nonesuch$')"),
                "ValueError",
                "ValueError",
            )
        ],
        [
            (
                "asks",
                fenced(f"{PLOT}input()"),
                "StdinNotImplementedError",
                "StdinNotImplementedError",
            )
        ],
        [
            (
                "leaves a name, fails",
                fenced(f"{LOAD}half = df['x'] / 2\n1 / 0"),
                "ZeroDivisionError",
                "ZeroDivisionError",
            ),
            ("lives on that name", fenced(f"{LOAD}plt.plot(half)"), "NameError", "pass"),
            ("name gone after success", fenced(f"{LOAD}plt.plot(half)"), "NameError", "NameError"),
        ],
        [
            ("leaves plt, fails", fenced(BROKEN), "ValueError", "ValueError"),
            (
                "never binds plt, passes by it",
                fenced(f"import pandas as pd\n{NO_PLT}"),
                "NameError",
                "pass",
            ),
            (
                "never binds plt, fails",
                fenced(f"import pandas as pd\n{NO_PLT}"),
                "NameError",
                "NameError",
            ),
        ],
        [
            (
                "shadows list, fails",
                fenced(f"{LOAD}list = [1]\n1 / 0"),
                "ZeroDivisionError",
                "ZeroDivisionError",
            ),
            ("needs list", fenced(f"{LOAD}plt.plot(list(df['x']))"), "pass", "TypeError"),
        ],
        [
            (
                "leaves a builtin, passes",
                fenced(f"import builtins\nbuiltins.left = [1, 2]\n{GOOD}"),
                "pass",
                "pass",
            ),
            ("lives on that builtin", fenced(f"{LOAD}plt.plot(left)"), "NameError", "pass"),
        ],
        [
            (
                "leaves data.csv",
                fenced(f"{PLOT}df.to_csv('data.csv', index=False)"),
                "pass",
                "pass",
            ),
            (
                "finds that data.csv",
                fenced(f'{READ}data = pd.read_csv("data.csv")\nplt.plot(data["x"])'),
                "pass",
                "pass",
            ),
        ],
        [
            (
                "changes folder",
                fenced(f"{GOOD}import os\nos.makedirs('d')\nos.chdir('d')"),
                "pass",
                "pass",
            ),
            ("reads its data all the same", fenced(GOOD), "pass", "pass"),
        ],
        [
            ("spoils pyplot, passes", fenced(f"{PLOT}plt.bar = None"), "pass", "pass"),
            ("needs pyplot", fenced(f"{LOAD}plt.bar(df['x'], df['y'])"), "pass", "TypeError"),
        ],
    ],
    "seaborn": [
        [("both names bound", fenced(SNS), "pass", "pass")],
        [
            (
                "seaborn under its own name",
                fenced(f"import seaborn\n{LOAD}seaborn.lineplot(df, x='x', y='y')"),
                "pass",
                "NameError",
            )
        ],
        [
            (
                "plt never bound",
                fenced("import seaborn as sns\nsns.lineplot(x=[1, 2], y=[2, 1])"),
                "pass",
                "NameError",
            )
        ],
        [("matplotlib only", fenced(GOOD), "pass", "NameError")],
        [
            (
                "leaves both names, fails",
                fenced(f"{SNS}1 / 0"),
                "ZeroDivisionError",
                "ZeroDivisionError",
            ),
            (
                "binds neither, passes by them",
                fenced("import seaborn\nseaborn.lineplot(x=[1, 2], y=[2, 1])"),
                "pass",
                "pass",
            ),
        ],
    ],
    "plotly": [
        [("shown", fenced(f"{FIG}fig.show()"), "pass", "pass")],
        [("last expression", fenced(f"{FIG}fig"), "pass", "no_image")],
        [("never shown", fenced(FIG), "no_image", "no_image")],
        [("image written", fenced(f"{FIG}fig.write_image('a.png')"), "pass", "pass")],
        [
            (
                "call among write_image's arguments",
                fenced(f"import os\n{FIG}fig.write_image(os.path.join('.', 'a.png'))"),
                "pass",
                "SyntaxError",
            )
        ],
        [("page written", fenced(f"{FIG}fig.write_html('a.html')"), "no_image", "no_image")],
        [("image in memory", fenced(f"{FIG}fig.to_image('png')"), "no_image", "no_image")],
        [
            ("shown as JSON", fenced(f"{FIG}fig.show(renderer='json')"), "no_image", "no_image"),
            ("shown after that", fenced(f"{FIG}fig.show()"), "pass", "pass"),
        ],
        [("matplotlib instead", fenced(GOOD), "pass", "pass")],
        [("empty for plotly", "", "no_image", "no_image")],
        [
            ("leaves px, fails", fenced(f"{PX}1 / 0"), "ZeroDivisionError", "ZeroDivisionError"),
            ("lives on px", fenced("px.line(df, x='x', y='y').show()"), "NameError", "pass"),
        ],
    ],
}
# What ends the kernel has a session of its own; what never ends, a short time limit.
LOOPS = "loops"
ENDINGS = {
    LOOPS: [
        (
            "loops after drawing",
            fenced(f"{GOOD}while True: pass"),
            "KeyboardInterrupt",
            "KeyboardInterrupt",
        ),
        ("after the loop", fenced(GOOD), "pass", "pass"),
        ("catches its interrupt", fenced(CATCHES), "KeyboardInterrupt", "pass"),
        ("never ends", fenced(NEVER), "Killed", "DeadKernelError"),
        ("after that", fenced(GOOD), "pass", "DeadKernelError"),
    ],
    "exit": [
        ("calls exit()", fenced(f"{GOOD}exit()"), "pass", "pass"),
        ("after exit()", fenced(GOOD), "pass", "DeadKernelError"),
        ("two after exit()", "", "no_image", "DeadKernelError"),
    ],
    "os._exit": [
        ("before os._exit", fenced(GOOD), "pass", "pass"),
        (
            "calls os._exit",
            fenced(f"{GOOD}import os\nos._exit(0)"),
            "KernelDied",
            "DeadKernelError",
        ),
        ("after os._exit", fenced(GOOD), "pass", "DeadKernelError"),
    ],
}
SEPARATOR = "(separator)"
WITHOUT_ERROR = ("pass", "no_image")


def rows():
    """(library, session, row) of all that is scored."""
    for library, sequences in SEQUENCES.items():
        for sequence in sequences:
            for row in sequence:
                yield library, library, row
            if sequence[-1][3] not in WITHOUT_ERROR:
                yield library, library, (SEPARATOR, SOUND[library], "pass", "pass")
    for session, sequence in ENDINGS.items():
        for row in sequence:
            yield "matplotlib", session, row


def found(scored):
    """A verdict as the table has it."""
    named = {"timeout": "KeyboardInterrupt", "killed": "Killed", "died": "KernelDied"}
    if scored.verdict != "error":
        return scored.verdict
    return named.get(scored.execution.status, scored.execution.error_type)


@pytest.fixture(scope="module")
def verdicts():
    """(name, verdicts of the table, verdicts found), each session run once, two at a time."""
    together = list(rows())
    usual, brief = options(), replace(options(), timeout_s=TIMEOUT_S)
    answers = [Answered(task(i), row[1]) for i, (_, _, row) in enumerate(together)]
    once = list({answer.text: answer for answer in reversed(answers)}.values())
    limits = {
        task(i).id: usual.timeout_s for i, row in enumerate(together) if row[1] not in ENDINGS
    }
    with ThreadPoolExecutor(2) as pool:
        sessions = {
            tuple(places): pool.submit(
                score_paper,
                [answers[i] for i in places],
                library,
                brief if together[places[0]][1] == LOOPS else usual,
                None,
            )
            for library, places in grouped(together)
        }
        scores = score_isolated(once, brief, None, limits)
    alone = {answer.text: found(one) for answer, one in zip(once, scores, strict=True)}
    shared = {
        place: found(one)
        for places, run in sessions.items()
        for place, one in zip(places, run.result(), strict=True)
    }
    return [(row[0], row[2:], (alone[row[1]], shared[i])) for i, (_, _, row) in enumerate(together)]


def grouped(together):
    """(library, places) of each session, those that wait for time limits first."""
    for session in sorted({session for _, session, _ in together}, key=lambda s: s not in ENDINGS):
        places = [i for i, entry in enumerate(together) if entry[1] == session]
        yield together[places[0]][0], places


NAMES = [row[0] for _, _, row in rows() if row[0] != SEPARATOR]


@pytest.mark.parametrize("name", NAMES)
def test_verdicts_under_both_protocols(verdicts, name):
    ((expected, seen),) = [(wanted, seen) for own, wanted, seen in verdicts if own == name]
    assert seen == expected


def test_sound_answers_pass_whatever_came_before(verdicts):
    seen = [seen for name, _, seen in verdicts if name == SEPARATOR]
    assert len(seen) > 10 and set(seen) == {("pass", "pass")}


def test_the_table_is_large_and_its_protocols_disagree():
    differing = [row for _, _, row in rows() if row[2] != row[3]]
    assert len(NAMES) == len(set(NAMES)) >= 40 and len(differing) >= 20
