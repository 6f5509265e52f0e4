"""Protocol `isolated`: one fresh, sandboxed process per answer.

The answer's last complete block runs as it is; data.csv lies beside it, and files that it saves
count as images; what it did not draw does not (image_origins.py). It passes when it runs to its end
and shows something, whatever the other answers are and in whatever order they come. The time limit
is scaled to the task: an answer may take `timeout_factor` times as long as the task's own program,
and `timeout_s` at least.
"""

from collections.abc import Mapping, Sequence
from dataclasses import replace

from viscode.bench.answer_code import answer_code
from viscode.bench.protocols import Answered, Scored
from viscode.bench.tasks import data_files
from viscode.bench.verdicts import verdict
from viscode.core.progress import stage_line, watched
from viscode.core.records import Execution, Script
from viscode.core.workstore import WorkStore
from viscode.execution.engine import RunOptions, run
from viscode.execution.image_origins import drawn


def score(
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
        Scored(code, execution, verdict(execution))
        for code, execution in zip(codes, executions, strict=True)
    ]
