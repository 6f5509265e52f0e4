"""Scoring stored answers: `isolated` against the published way: python bench/harness.py

150 answers to the sample tasks, 50 each for matplotlib, seaborn and plotly, are scored twice in
turns of ten on the same cores: under protocol `isolated`, each in a sandboxed process of its own,
on `run.workers` workers; and as the public harness does it, a cell each in one plain kernel per
library of the scripts' environment, no sandbox, one after the other (nbconvert's
ExecutePreprocessor, errors allowed). What starts once is not timed: the three kernels with the
imports of their first cell, and the warm processes. The work store is not used.

What runs without a sandbox here are our own programs: those of the sample tasks and the templates
below. One in five is broken on purpose, about as many as models of some size get wrong. No answer
of a model may ever be run so.

The last line is one JSON object: {"answers", "speedup_over_notebook"}.
"""

import json
import sys
import tempfile
import time
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import nbformat
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from nbconvert.preprocessors import ExecutePreprocessor

from viscode.bench.paper_code import cell, extracted, rewritten
from viscode.bench.protocols import Answered, Scored, run_options, score_isolated
from viscode.bench.scoring import read_tasks
from viscode.core.progress import Progress
from viscode.core.records import Task
from viscode.execution.engine import RunOptions, warm_up
from viscode.execution.session import WORK_AT
from viscode.libraries.registry import BENCHMARKED
from viscode.settings.base import load
from viscode.settings.bench import BenchSettings, Library
from viscode.settings.run import RunSettings
from viscode.settings.validate import ValidateSettings

PER_LIBRARY = 50
TURN = 10
BROKEN_EVERY = 5
TIMEOUT_S = 60
LOAD = 'import pandas as pd\ndf = pd.read_csv("data.csv")\n'
COLUMNS = 'x, y = df.columns[0], df.select_dtypes("number").columns[-1]\n'
SNS = f"import matplotlib.pyplot as plt\nimport seaborn as sns\n{LOAD}{COLUMNS}"
SNS_END = 'plt.title("{title}")\nplt.xticks(rotation=45)\nplt.tight_layout()\nplt.show()\n'
PX = f"import plotly.express as px\n{LOAD}{COLUMNS}"
PX_END = 'fig.update_layout(title="{title}")\nfig.show()\n'
DRAWN = {
    "seaborn": [
        "sns.lineplot(data=df, x=x, y=y)\n",
        "sns.barplot(data=df, x=x, y=y)\n",
        "sns.histplot(data=df, x=y, kde=True)\n",
        "sns.boxplot(data=df.select_dtypes('number'))\n",
        "sns.scatterplot(data=df, x=x, y=y)\n",
    ],
    "plotly": [
        "fig = px.line(df, x=x, y=y)\n",
        "fig = px.bar(df, x=x, y=y)\n",
        "fig = px.histogram(df, x=y)\n",
        "fig = px.box(df, y=y)\n",
        "fig = px.scatter(df, x=x, y=y)\n",
    ],
}


def answers(tasks: list[Task], library: Library) -> list[Answered]:
    """`PER_LIBRARY` answers, the tasks in turn."""
    chosen = [tasks[index % len(tasks)] for index in range(PER_LIBRARY)]
    return [Answered(task, _answer(task, library, i)) for i, task in enumerate(chosen)]


def _answer(task: Task, library: Library, index: int) -> str:
    title = f"Task {task.number}, number {index}"
    if library == "matplotlib":
        style = f"import matplotlib.pyplot as plt\nplt.rcParams['font.size'] = {8 + index % 5}\n"
        code = f"{style}{LOAD}{task.code_plot}\n"
    else:
        start, end = (SNS, SNS_END) if library == "seaborn" else (PX, PX_END)
        drawn = DRAWN[library][index % len(DRAWN[library])]
        code = start + drawn + end.replace("{title}", title)
    if index % BROKEN_EVERY == BROKEN_EVERY - 1:
        code = code.replace(LOAD, f"{LOAD}df['no such column']\n")
    return f"Here is the code:\n```python\n{code}```\n"


class PublicHarness:
    """One plain kernel for one library, which executes cells one by one."""

    def __init__(self, library: Library, python: Path, tasks: list[Task], resources: ExitStack):
        self.library = library
        self.folder = Path(resources.enter_context(tempfile.TemporaryDirectory()))
        for task in tasks:
            (self.folder / f"data-{task.number}.csv").write_text(task.data_csv)
        manager = AsyncKernelManager()
        argv = [str(python.absolute()), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
        manager._kernel_spec = KernelSpec(argv=argv, display_name="public", language="python")
        self.runner = ExecutePreprocessor(timeout=TIMEOUT_S, allow_errors=True)
        self.runner.nb = nbformat.v4.new_notebook()
        self.runner.km = manager
        self.runner.resources = {"metadata": {"path": str(self.folder)}}
        resources.enter_context(self.runner.setup_kernel())

    def passed(self, answered: Answered) -> bool:
        made = cell(answered.task, rewritten(extracted(answered.text)), self.library)
        self.runner.nb.cells.append(
            nbformat.v4.new_code_cell(made.source.replace(WORK_AT, str(self.folder)))
        )
        index = len(self.runner.nb.cells) - 1
        outputs = self.runner.execute_cell(self.runner.nb.cells[index], index).outputs
        kinds = [(one.output_type, "image/png" in one.get("data", {})) for one in outputs]
        return ("display_data", True) in kinds and ("error", False) not in kinds


def compare(
    library: Library, public: PublicHarness, tasks: list[Task], options: RunOptions
) -> tuple[float, float]:
    """Seconds of `isolated` and of the public way for one library, in turns."""
    together = answers(tasks, library)
    public.passed(together[0])
    warm_up(options)
    score_isolated(together[: options.workers], options, None)
    spent = [0.0, 0.0]
    differing = 0
    for start in range(0, len(together), TURN):
        turn = together[start : start + TURN]
        began = time.monotonic()
        ours: list[Scored] = score_isolated(turn, options, None)
        between = time.monotonic()
        theirs = [public.passed(answered) for answered in turn]
        spent[0] += between - began
        spent[1] += time.monotonic() - between
        differing += sum(a.passed != b for a, b in zip(ours, theirs, strict=True))
    print(
        f"{library}: isolated {spent[0]:.1f} s, public {spent[1]:.1f} s, "
        f"ratio {spent[1] / spent[0]:.2f}, verdicts that differ: {differing}",
        file=sys.stderr,
    )
    return spent[0], spent[1]


def main() -> None:
    tasks = read_tasks(Path("samples/tasks.jsonl"))
    bench, validate = load(BenchSettings), load(ValidateSettings)
    options = replace(run_options(bench, validate, load(RunSettings)), timeout_s=TIMEOUT_S)
    libraries = tuple(BENCHMARKED)
    spent = []
    with ExitStack() as resources, Progress("bench", "libraries", len(libraries)) as line:
        for library in libraries:
            public = PublicHarness(library, options.python, tasks, resources)
            spent.append(compare(library, public, tasks, options))
            line.add()
    ours, theirs = (sum(column) for column in zip(*spent, strict=True))
    print(
        json.dumps(
            {
                "answers": len(spent) * PER_LIBRARY,
                "speedup_over_notebook": round(theirs / ours, 2),
            }
        )
    )


if __name__ == "__main__":
    main()
