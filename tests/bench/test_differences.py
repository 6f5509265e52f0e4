"""Why the protocols differ: answers made to differ for one known reason each."""

from dataclasses import replace

import pytest
from bench_fixtures import GOOD, LOAD, ROOT, fenced, needs_plots, options, task
from ruamel.yaml import YAML

from viscode.bench.differences import differences, explain_command
from viscode.bench.protocols import Answered
from viscode.core.errors import UserError
from viscode.core.records import Attempt, Task
from viscode.core.tables import write_table
from viscode.core.workstore import WorkStore

pytestmark = [pytest.mark.sandbox, needs_plots]
AMPLE_S = 60.0
SLOW_S, LIMIT_S, USUAL_S = 9, 6.0, 8.0  # the slow task alone has more than usual
PLT = "import matplotlib.pyplot as plt\n"
READ = 'import pandas as pd\ndf = pd.read_csv("data.csv")\n'
PX = f"{READ}import plotly.express as px\nfig = px.line(df, x='x', y='y')\n"
DRAFT = fenced(f"{LOAD}plt.plot(df['nothing'])")
BREAKS = "raise RuntimeError"
FOREIGN = (
    "from matplotlib import get_data_path\nfrom IPython.display import Image, display\n"
    "display(Image(get_data_path() + '/images/home_large.png'))"
)

MATPLOTLIB = [
    (GOOD, ""),
    (fenced(f"{LOAD}fig, ax = plt.subplots()\nplt.show()"), "blank"),
    (fenced(f"{PLT}{FOREIGN}"), "not_drawn"),
    (fenced(f"{PLT}value = [1, 2]\n{BREAKS}"), ""),
    (fenced(f"{PLT}plt.plot(value)\nplt.show()"), "leaked_names"),
    (fenced(f"{READ}df.plot()"), "reset_lines"),
    (f"{DRAFT}\n{fenced(GOOD)}", "block"),
    (fenced(GOOD.replace("data.csv", "./data.csv")), "data_file"),
    (fenced(f"{LOAD}plt.plot(np.sqrt(df['x']))\nplt.show()"), "rewriting"),
    (fenced(f"{PLT}plt.plot(df['x'])\nplt.show()"), "data_loading"),
    (fenced(f"{LOAD}plt.plot(df)\nsave = plt.savefig\nsave('a.png')\nplt.close()"), "saved_file"),
    (f"{DRAFT}\n{fenced(GOOD.replace('data.csv', './data.csv'))}", "several"),
    (fenced(f"{GOOD}import sys\nsys.exit(0)"), "exit_status"),
    (fenced(f"{GOOD}import sys\nsys.exit('no')"), ""),
    (fenced(f"%config InlineBackend.figure_format = 'svg'\n{LOAD}df.plot()\nplt.show()"), "form"),
    (fenced("import os\nos._exit(0)"), ""),
    (GOOD, "dead_kernel"),
]  # fmt: skip
SLOW = [(fenced(f"{LOAD}import time\ntime.sleep({SLOW_S})\ndf.plot()\nplt.show()"), "time")]
PLOTLY = [
    (fenced(f"{PX}fig.show()"), ""),
    (fenced(f"{PX}fig"), "last_expression"),
    (fenced(f"{PX}fig.show(renderer='notebook')"), "form"),
    (fenced(PX), ""),
]


@pytest.mark.parametrize(
    ("library", "cases", "usual_s", "brief_s"),
    [
        ("matplotlib", MATPLOTLIB, AMPLE_S, AMPLE_S),
        ("plotly", PLOTLY, AMPLE_S, AMPLE_S),
        ("matplotlib", SLOW, USUAL_S, LIMIT_S),
    ],
    ids=["m", "p", "slow"],
)
def test_each_cause_is_found(tmp_path, library, cases, usual_s, brief_s):
    answers = [Answered(task(number), text) for number, (text, _) in enumerate(cases)]
    limits = {
        task(number).id: AMPLE_S for number, (_, cause) in enumerate(cases) if cause == "time"
    }
    usual = replace(options(), timeout_s=usual_s)
    with WorkStore(tmp_path / "work.sqlite") as store:
        found = differences(answers, library, usual, brief_s, store, limits)
    assert [one.cause for one in found] == [cause for _, cause in cases]


def test_explain_names_the_cause_of_each_answer(tmp_path, monkeypatch, capsys):
    """Three answers, of which the second only passes by a name that the first left behind."""
    yaml = YAML()
    params = yaml.load(ROOT / "params.yaml")
    params["validate"] |= {
        "python": str(ROOT / ".venv-plots/bin/python"),
        "lock": str(ROOT / "envs/plots.lock"),
    }
    yaml.dump(params, tmp_path / "params.yaml")
    monkeypatch.chdir(tmp_path)
    texts = [fenced(f"{PLT}value = [1, 2]\n{BREAKS}"), fenced(f"{PLT}plt.plot(value)\nplt.show()"),
             fenced(GOOD)]  # fmt: skip
    write_table(tmp_path / "tasks", Task, [task(number) for number in range(3)])
    attempts = [attempt(number, text) for number, text in enumerate(texts)]
    write_table(tmp_path / "bench/matplotlib", Attempt, attempts)
    explain_command(tmp_path / "bench", tmp_path / "tasks")
    shown = capsys.readouterr()
    (line,) = shown.out.splitlines()
    assert "matplotlib: task 1: isolated error, paper pass: leaked_names: " in line
    assert shown.err.splitlines()[-1] == "1 answers on which the protocols differ"
    with pytest.raises(UserError, match="no answers here"):
        explain_command(ROOT / "samples", tmp_path / "tasks")


def attempt(number, text):
    return Attempt(
        id=f"task{number:02d}-0", task_id=f"task{number:02d}", task_number=number, model="base",
        library="matplotlib", round=0, protocol="isolated", answer=text, code="", finish="stop",
        verdict="error", status="ok", error_type="", error="", images=(), facts="",
    )  # fmt: skip
