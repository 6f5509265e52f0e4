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
from viscode.bench.paper_code import Cell, cell, extracted, rewritten
from viscode.bench.protocols import (
    Answered,
    Scored,
    run_options,
    score_isolated,
    score_paper,
)
from viscode.bench.references import references, time_limits
from viscode.bench.tasks import attempt_tables, data_files
from viscode.bench.verdicts import isolated_verdict, paper_verdict
from viscode.core.errors import UserError
from viscode.core.records import Attempt, Execution, Script, Task
from viscode.core.tables import read_table
from viscode.core.workstore import WorkStore, default_path
from viscode.execution.engine import RunOptions, run
from viscode.execution.image_origins import drawn
from viscode.execution.session import WORK_AT, run_session
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
class _Pair:
    """An answer on which the protocols differ."""

    number: int
    answered: Answered
    isolated: Scored
    paper: Scored


def explain_command(folder: Path, tasks_table: Path) -> None:
    """Print a line for each first answer in `folder` that only one protocol passes, and why.

    The answers are scored again under both, from the work store where their verdicts lie there.

    Raises:
        UserError: no answers there, or tasks that are not in the table.
    """
    bench, run_settings = load(BenchSettings), load(RunSettings)
    options = run_options(bench, load(ValidateSettings), run_settings)
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
            answered = [Answered(tasks[one.task_id], one.answer) for one in first]
            for line in _explained(answered, first[0].library, bench, options, store):
                click.echo(f"{table}: {line}")
                differing += 1
    click.echo(f"{differing} answers on which the protocols differ", err=True)


def _explained(
    answered: Sequence[Answered],
    library: Library,
    bench: BenchSettings,
    options: RunOptions,
    store: WorkStore,
) -> Iterator[str]:
    known = references([one.task for one in answered], options, store)
    limits = time_limits(known, bench.timeout_s, bench.timeout_factor)
    published = replace(options, timeout_s=bench.paper_timeout_s)
    ours = score_isolated(answered, options, store, limits)
    theirs = score_paper(answered, library, published, store)
    why = causes(answered, ours, theirs, library, options, bench.paper_timeout_s, store, limits)
    for one, a, b, cause in zip(answered, ours, theirs, why, strict=True):
        if cause:
            verdicts = f"isolated {a.verdict}, paper {b.verdict} {b.execution.error_type}".rstrip()
            yield f"task {one.task.number}: {verdicts}: {cause}: {CAUSES[cause]}"


def causes(
    answers: Sequence[Answered],
    isolated: Sequence[Scored],
    paper: Sequence[Scored],
    library: Library,
    options: RunOptions,
    paper_timeout_s: float,
    store: WorkStore | None,
    limits: Mapping[str, float] | None = None,
) -> list[str]:
    """The cause for each answer, "" where both protocols agree whether it passed. `options` and
    `limits` are those of `score_isolated`."""
    found = [""] * len(answers)
    open_: list[_Pair] = []
    for number, pair in enumerate(zip(answers, isolated, paper, strict=True)):
        one = _Pair(number, *pair)
        if one.isolated.passed != one.paper.passed:
            found[number] = _plain(one)
            open_ += [] if found[number] else [one]
    ran = _run(open_, library, options, limits or {}, paper_timeout_s, store)
    for one in open_:
        found[one.number] = _cause(one, ran)
    return found


def _plain(one: _Pair) -> str:
    if one.isolated.verdict == "blank":
        return "blank"
    if one.paper.passed and not drawn(one.paper.execution).images:
        return "not_drawn"
    return {DEAD: "dead_kernel", "SystemExit": "exit_status"}.get(
        one.paper.execution.error_type, ""
    )


def _run(
    pairs: Sequence[_Pair],
    library: Library,
    options: RunOptions,
    limits: Mapping[str, float],
    paper_timeout_s: float,
    store: WorkStore | None,
) -> dict[str, Execution]:
    """All changed runs, by "NUMBER CHANGE"."""
    by_limit: dict[float, list[Script]] = {}
    for one in pairs:
        own = max(options.timeout_s, limits.get(one.answered.task.id, 0.0))
        for change, script in _scripts(one, library):
            limit = own if change in LONGER else paper_timeout_s
            named = Script(id=f"{one.number} {change}", code=script.code, files=script.files)
            by_limit.setdefault(limit, []).append(named)
    found: dict[str, Execution] = {}
    published = replace(options, timeout_s=paper_timeout_s)
    for one in pairs:
        (done,) = run_session([_alone(one, library)], published, store)
        found[f"{one.number} {ALONE}"] = done
    for limit, scripts in sorted(by_limit.items()):
        under = replace(options, saved_files=False, timeout_s=limit)
        found |= {done.id: done for done in run(scripts, under, store)}
    return found


def _alone(one: _Pair, library: Library) -> Cell:
    """The answer's cell as the published harness runs it."""
    return cell(one.answered.task, rewritten(extracted(one.answered.text)), library)


def _scripts(one: _Pair, library: Library) -> Iterator[tuple[str, Script]]:
    task, text = one.answered.task, one.answered.text
    first, beside = extracted(text), data_files(task)
    alone = _alone(one, library)
    own = "\n".join([*BENCHMARKED[library].before, first])
    if one.paper.execution.status == "timeout":  # each change would take as long again
        yield TIME, _script(alone)
        return
    yield FORM, _script(alone)
    yield RESET, _script(cell(task, rewritten(first), library, reset=False))
    yield "block", _script(cell(task, rewritten(answer_code(text)), library))
    yield "data_file", _script(Cell(alone.source, {**alone.files, **beside}))
    raw = cell(task, first, library)
    yield "rewriting", _script(Cell(raw.source, {**raw.files, **beside}))
    yield "data_loading", _script(Cell(own, beside))
    yield FILES, Script(id="changed", code=one.isolated.code, files=beside)
    last = cell(task, answer_code(text), library, reset=False)
    yield "several", _script(Cell(last.source, {**last.files, **beside}))


def _script(one: Cell) -> Script:
    return Script(id="changed", code=one.source.replace(WORK_AT, "."), files=dict(one.files))


def _cause(one: _Pair, ran: dict[str, Execution]) -> str:
    for change in CHANGES:
        done = ran.get(f"{one.number} {change}")
        if done is None:
            continue
        if change == FILES:
            if one.isolated.passed and isolated_verdict(done) != "pass":
                return FILES
        elif (paper_verdict(done) == "pass") == one.isolated.passed:
            unseen = change == RESET and one.paper.verdict == "no_image"
            return "last_expression" if unseen else change
    return "unknown"
