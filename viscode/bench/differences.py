"""Why the two protocols differ on an answer: one cause each, found by running it again.

Four causes need no run: `blank`, `not_drawn`, `dead_kernel` and `exit_status`. For the others the
answer's cell runs alone in a process of its own with one thing changed at a time;
the first change that gives the verdict of `isolated` names the cause; CAUSES says it in words:

| cause | the change |
|---|---|
| leaked_names | nothing |
| form | all forms of a display count, not PNG alone |
| time | the time limit of `isolated` |
| reset_lines, last_expression | without the lines after the answer that reset the notebook |
| block | the answer's last block instead of its first |
| data_file | a data.csv that it can load itself |
| rewriting | its code as it was, with a data.csv |
| data_loading | only its code as it was, without the lines that load the data and import pandas |
| saved_file | none: `isolated` would not pass it either, did it not count saved files |
| several | all of these together |
| unknown | no change gives the other verdict |

The runs go through the work store like all others. `viscode bench explain` asks for them; no stage
does.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import click

from viscode.bench.answer_code import answer_code
from viscode.bench.paper_code import cell, extracted, rewritten
from viscode.bench.protocols import (
    Answered,
    Scored,
    references,
    run_options,
    score_isolated,
    score_paper,
    time_limits,
)
from viscode.bench.tasks import attempt_tables, data_files
from viscode.bench.verdicts import isolated_verdict, paper_verdict
from viscode.core.errors import UserError
from viscode.core.records import Attempt, Execution, Script, Task
from viscode.core.tables import read_table
from viscode.core.workstore import WorkStore, default_path
from viscode.execution.engine import RunOptions, run
from viscode.execution.image_origins import drawn
from viscode.execution.session import WORK_AT, Cell, run_session
from viscode.libraries.registry import BENCHMARKED
from viscode.settings.base import load
from viscode.settings.bench import BenchSettings, Library
from viscode.settings.run import RunSettings
from viscode.settings.validate import ValidateSettings

DEAD = "DeadKernelError"
ALONE, FORM, TIME = "leaked_names", "form", "time"
RESET, FILES = "reset_lines", "saved_file"
CHANGES = (
    ALONE,
    FORM,
    TIME,
    RESET,
    "block",
    "data_file",
    "rewriting",
    "data_loading",
    FILES,
    "several",
)
LONGER = (TIME, FILES, "several")  # run under the limit of `isolated`
CAUSES = {
    "blank": "the plot shows nothing; only isolated minds",
    "not_drawn": "what it shows was there before it ran; only isolated minds",
    "dead_kernel": "an answer before it ended the shared kernel",
    "exit_status": "it ends with exit status 0, which a kernel shows as an error",
    "leaked_names": "names or settings that earlier answers left",
    "form": "a figure that is not displayed as PNG",
    "time": "over the published time limit",
    "reset_lines": "the lines that reset the shared notebook use a name that it does not bind",
    "last_expression": "the figure only stands in its last line, which the notebook does not show",
    "block": "the first code block counts there, the last one here",
    "data_file": "it loads data.csv in another spelling, and there is no such file",
    "rewriting": "its code is rewritten before it runs",
    "data_loading": "the notebook loads the data and imports pandas for it",
    "saved_file": "it only saves its plot to a file",
    "several": "several of these together",
    "unknown": "none of the known causes",
}


@dataclass(frozen=True)
class Difference:
    """An answer's verdicts under both protocols, and why one of them passes it alone; "" where
    both pass it or neither does."""

    isolated: Scored
    paper: Scored
    cause: str = ""


def explain_command(folder: Path, tasks_table: Path) -> None:
    """Print a line for each first answer in `folder` that only one protocol passes, and why.

    The answers are scored again under both, from the work store where their verdicts lie there.

    Raises:
        UserError: no answers there, or tasks that are not in the table.
    """
    bench = load(BenchSettings)
    options = run_options(bench, load(ValidateSettings), load(RunSettings))
    tasks = {task.id: task for task in read_table(tasks_table, Task)}
    differing = 0
    with WorkStore(default_path()) as store:
        for table in attempt_tables(folder):
            first = [one for one in read_table(table, Attempt) if not (one.round or one.sample)]
            first.sort(key=lambda one: (one.task_number, one.task_id))
            missing = [one.task_id for one in first if one.task_id not in tasks]
            if missing:
                raise UserError(
                    f"{len(missing)} tasks are not there, {missing[0]} among them",
                    where=str(tasks_table),
                    todo="name the table of tasks that the answers belong to: --tasks",
                )
            answers = [Answered(tasks[one.task_id], one.answer) for one in first]
            known = references([one.task for one in answers], options, store)
            limits = time_limits(known, bench.timeout_s, bench.timeout_factor)
            library, brief_s = first[0].library, bench.paper_timeout_s
            found = differences(answers, library, options, brief_s, store, limits)
            for one, difference in zip(answers, found, strict=True):
                if difference.cause:
                    click.echo(f"{table}: task {one.task.number}: {_in_words(difference)}")
                    differing += 1
    click.echo(f"{differing} answers on which the protocols differ", err=True)


def _in_words(one: Difference) -> str:
    paper = f"{one.paper.verdict} {one.paper.execution.error_type}".rstrip()
    return f"isolated {one.isolated.verdict}, paper {paper}: {one.cause}: {CAUSES[one.cause]}"


def differences(
    answers: Sequence[Answered],
    library: Library,
    options: RunOptions,
    paper_timeout_s: float,
    store: WorkStore,
    limits: Mapping[str, float],
) -> list[Difference]:
    """Scores each answer under both protocols and finds the cause where they differ. `options` and
    `limits` are those of `score_isolated`."""
    published = replace(options, timeout_s=paper_timeout_s)
    isolated = score_isolated(answers, options, store, limits)
    paper = score_paper(answers, library, published, store)
    found = [Difference(*both) for both in zip(isolated, paper, strict=True)]
    ran: dict[str, Execution] = {}
    by_limit: dict[float, list[Script]] = {}
    for number, (answer, one) in enumerate(zip(answers, found, strict=True)):
        if one.isolated.passed == one.paper.passed:
            continue
        if cause := _plain(one):
            found[number] = replace(one, cause=cause)
            continue
        (ran[f"{number} {ALONE}"],) = run_session([_alone(answer, library)], published, store)
        own = max(options.timeout_s, limits.get(answer.task.id, 0.0))
        for change, changed in _changes(answer, one, library):
            code = changed.source.replace(WORK_AT, ".")
            script = Script(id=f"{number} {change}", code=code, files=dict(changed.files))
            limit = own if change in LONGER else paper_timeout_s
            by_limit.setdefault(limit, []).append(script)
    for limit, scripts in sorted(by_limit.items()):
        under = replace(options, saved_files=False, timeout_s=limit)
        ran |= {done.id: done for done in run(scripts, under, store)}
    return [
        replace(one, cause=_cause(number, one, ran)) if f"{number} {ALONE}" in ran else one
        for number, one in enumerate(found)
    ]


def _plain(one: Difference) -> str:
    if one.isolated.verdict == "blank":
        return "blank"
    if one.paper.passed and not drawn(one.paper.execution).images:
        return "not_drawn"
    return {DEAD: "dead_kernel", "SystemExit": "exit_status"}.get(
        one.paper.execution.error_type, ""
    )


def _alone(answer: Answered, library: Library) -> Cell:
    """The answer's cell as the published harness runs it."""
    return cell(answer.task, rewritten(extracted(answer.text)), library)


def _changes(answer: Answered, one: Difference, library: Library) -> Iterator[tuple[str, Cell]]:
    """What to run in a process of its own, by the change."""
    task, text = answer.task, answer.text
    first, last, beside = extracted(text), answer_code(text), data_files(task)
    alone = _alone(answer, library)
    if one.paper.execution.status == "timeout":  # each change would take as long again
        yield TIME, alone
        return
    yield FORM, alone
    yield RESET, cell(task, rewritten(first), library, reset=False)
    yield "block", cell(task, rewritten(last), library)
    yield "data_file", Cell(alone.source, {**alone.files, **beside})
    raw = cell(task, first, library)
    yield "rewriting", Cell(raw.source, {**raw.files, **beside})
    yield "data_loading", Cell("\n".join([*BENCHMARKED[library].before, first]), beside)
    yield FILES, Cell(one.isolated.code, beside)
    own = cell(task, last, library, reset=False)
    yield "several", Cell(own.source, {**own.files, **beside})


def _cause(number: int, one: Difference, ran: Mapping[str, Execution]) -> str:
    for change in CHANGES:
        done = ran.get(f"{number} {change}")
        if done is None:
            continue
        if change == FILES:
            if one.isolated.passed and isolated_verdict(done) != "pass":
                return FILES
        elif (paper_verdict(done) == "pass") == one.isolated.passed:
            unseen = change == RESET and one.paper.verdict == "no_image"
            return "last_expression" if unseen else change
    return "unknown"
