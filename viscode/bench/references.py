"""The tasks' own programs, run as answers are: what `isolated` scales its time limits by and what
plots are judged against.

They run under a limit ten times that of answers, so that a slow task is still known. From the
second run on they come from the work store.
"""

import math
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace

from viscode.bench.tasks import code_data, data_files
from viscode.core.progress import stage_line, watched
from viscode.core.records import Execution, Script, Task
from viscode.core.workstore import WorkStore
from viscode.execution.engine import RunOptions, run

PATIENCE = 10.0


def references(
    tasks: Iterable[Task], options: RunOptions, store: WorkStore | None
) -> dict[str, Execution]:
    """The executions of the programs of those tasks that have one, by the task's id."""
    patient = replace(options, timeout_s=PATIENCE * options.timeout_s)
    programs = run(_programs(tasks), patient, store)
    line = stage_line("programs", part="ground truths")
    found = {done.id: done for done in watched(programs, line)}
    return dict(sorted(found.items()))


def _programs(tasks: Iterable[Task]) -> Iterator[Script]:
    for task in tasks:
        if task.code_plot:
            yield Script(
                id=task.id, code=f"{code_data(task)}\n\n{task.code_plot}", files=data_files(task)
            )


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
