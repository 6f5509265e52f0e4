"""The two protocols: stored answers in, scored answers out; neither asks a model.

`isolated`: one fresh, sandboxed process per answer. The answer's program runs as it is
(answer_code.py); data.csv lies beside it, and files that it saves count as images; what it did not
draw does not (image_origins.py). It passes when it runs to its end and shows something, whatever
the other answers are and in whatever order they come. The time limit is scaled to the task: an
answer may take `timeout_factor` times as long as the task's own program, and `timeout_s` at least.
These programs run as answers do; plots are judged against what they draw.

`paper`: the verdicts of the published harness, so that a number of ours can stand beside its
tables. One kernel for all answers of a model, library and round; a cell each, in the order given,
which is the data set's. So a verdict depends on the other answers: an error leaves its names to the
next task, and a dead kernel ends the run. Whether an image is blank or shows the right library
plays no part. What the harness gets wrong is kept (paper_code.py, session.py); what differs is the
sandbox, an end to cells that swallow their interrupt, and that only images which decode count.
"""

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from viscode.bench.answer_code import answer_code
from viscode.bench.paper_code import cell, extracted, rewritten
from viscode.bench.tasks import code_data, data_files
from viscode.bench.verdicts import isolated_verdict, paper_verdict
from viscode.core.progress import stage_line, watched
from viscode.core.records import Execution, Script, Task, Verdict
from viscode.core.workstore import WorkStore
from viscode.execution.engine import RunOptions, run
from viscode.execution.image_origins import drawn
from viscode.execution.session import run_session
from viscode.settings.bench import BenchSettings, Library
from viscode.settings.run import RunSettings
from viscode.settings.validate import ValidateSettings

PATIENCE = 10.0  # times the limit of answers, so that a slow task's own program still ends


@dataclass(frozen=True)
class Answered:
    """A model's answer, as it came, to one task."""

    task: Task
    text: str


@dataclass(frozen=True)
class Scored:
    """How a protocol judged an answer: the code that it took from it, what became of it when it
    ran, and the verdict by the protocol's rules."""

    code: str
    execution: Execution
    verdict: Verdict

    @property
    def passed(self) -> bool:
        return self.verdict == "pass"

    def fields(self) -> dict[str, Any]:
        """What an Attempt and an OtherVerdict record of it."""
        done = self.execution
        return {
            "code": self.code,
            "verdict": self.verdict,
            "status": done.status,
            "error_type": done.error_type,
            "error": done.error or done.error_message,
            "images": done.images,
        }


def run_options(bench: BenchSettings, validate: ValidateSettings, run: RunSettings) -> RunOptions:
    """How answers and the tasks' own programs run: once, in the environment and under the memory
    limit that validation uses; files that they save count as images."""
    options = validate.run_options(run)
    return replace(options, timeout_s=bench.timeout_s, saved_files=True, twice=False)


def references(
    tasks: Iterable[Task], options: RunOptions, store: WorkStore | None
) -> dict[str, Execution]:
    """The executions of the programs of those tasks that have one, by the task's id. From the
    second run on they come from the work store."""
    patient = replace(options, timeout_s=PATIENCE * options.timeout_s)
    scripts = (
        Script(id=task.id, code=f"{code_data(task)}\n\n{task.code_plot}", files=data_files(task))
        for task in tasks
        if task.code_plot
    )
    line = stage_line("programs", part="ground truths")
    found = {done.id: done for done in watched(run(scripts, patient, store), line)}
    return dict(sorted(found.items()))


def time_limits(
    known: Mapping[str, Execution], timeout_s: float, factor: float
) -> dict[str, float]:
    """Seconds for the answers to those tasks (by id) whose own program takes so long that `factor`
    times as much is more than `timeout_s`.

    Limits are `timeout_s` times a power of two: a limit is part of a stored verdict's key and must
    not move with every measurement.
    """
    wanted = {
        task_id: factor * done.duration_s / timeout_s
        for task_id, done in known.items()
        if done.status == "ok" and factor * done.duration_s > timeout_s
    }
    return {task_id: timeout_s * 2 ** math.ceil(math.log2(n)) for task_id, n in wanted.items()}


def score_isolated(
    answers: Sequence[Answered],
    options: RunOptions,
    store: WorkStore | None,
    limits: Mapping[str, float] | None = None,
) -> list[Scored]:
    """The answers' verdicts, in their order; `limits` gives the seconds of tasks (by id) that need
    more than `options.timeout_s`."""
    codes = [answer_code(answered.text) for answered in answers]
    found: dict[str, Execution] = {}
    by_limit: dict[float, list[Script]] = {}
    for number, (answered, code) in enumerate(zip(answers, codes, strict=True)):
        limit = max(options.timeout_s, (limits or {}).get(answered.task.id, 0.0))
        script = Script(id=str(number), code=code, files=data_files(answered.task))
        by_limit.setdefault(limit, []).append(script)
    for limit, scripts in sorted(by_limit.items()):
        done = run(scripts, replace(options, timeout_s=limit), store)
        line = stage_line("answers", len(scripts), "run alone")
        found.update((execution.id, execution) for execution in watched(done, line))
    executions = [drawn(found[str(number)]) for number in range(len(answers))]
    return [
        Scored(code, execution, isolated_verdict(execution))
        for code, execution in zip(codes, executions, strict=True)
    ]


def score_paper(
    answers: Sequence[Answered], library: Library, options: RunOptions, store: WorkStore | None
) -> list[Scored]:
    """The answers' verdicts, in their order; `options.timeout_s` holds for each cell.

    Raises:
        UserError: the sandboxed kernel could not be started.
    """
    codes = [rewritten(extracted(answered.text)) for answered in answers]
    cells = [
        cell(answered.task, code, library) for answered, code in zip(answers, codes, strict=True)
    ]
    with stage_line("answers", len(cells), "run in one kernel") as line:
        found = run_session(cells, options, store)
        line.add(len(found))
    return [
        Scored(code, execution, paper_verdict(execution))
        for code, execution in zip(codes, found, strict=True)
    ]
