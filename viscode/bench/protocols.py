"""The two protocols: stored answers in, scored answers out; neither asks a model.

`isolated`: one fresh, sandboxed process per answer. The answer's program runs as it is
(answer_code.py); data.csv lies beside it, and files that it saves count as images; what it did not
draw does not (image_origins.py). It passes when it runs to its end and shows something, whatever
the other answers are and in whatever order they come. The time limit is scaled to the task: an
answer may take `timeout_factor` times as long as the task's own program, and `timeout_s` at least.

`paper`: the verdicts of the published harness, so that a number of ours can stand beside its
tables. One kernel for all answers of a model, library and round; a cell each, in the order given,
which is the data set's. So a verdict depends on the other answers: an error leaves its names to the
next task, and a dead kernel ends the run. Whether an image is blank or shows the right library
plays no part. What the harness gets wrong is kept (paper_code.py, session.py); what differs is the
sandbox, an end to cells that swallow their interrupt, and that only images which decode count.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from viscode.bench.answer_code import answer_code
from viscode.bench.paper_code import cell, extracted, rewritten
from viscode.bench.tasks import data_files
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
