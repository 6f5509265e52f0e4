"""What `viscode bench score` does: stored answers in, verdicts out; no model is asked.

Tasks are a file in the hub's columns, answers JSON lines {"id", "response"} with the data set's own
ids. Tasks keep the file's order, which `paper` depends on. A task without an answer is scored as an
empty answer, as the pipeline does with a refusal; an answer without a task is left out; both are
counted. All that would make a verdict doubtful is an error: lines that are no answers, two answers
for a task, two tasks with an id.

The time limit is the same for every answer. The pipeline gives answers to slow tasks more of it
under `isolated` (protocols.py), for which it runs the tasks' own programs first.
"""

import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import click

from viscode.bench.dialogue import UNEXPECTED
from viscode.bench.metrics import rate_of
from viscode.bench.protocols import Answered, Scored, run_options, score_isolated, score_paper
from viscode.bench.score_folder import write_scores
from viscode.bench.verdicts import error_name
from viscode.core.errors import UserError
from viscode.core.jsonl import MalformedRow, read_rows
from viscode.core.records import Origin, OtherVerdict, Task
from viscode.core.replacing import write_bytes
from viscode.core.textfile import MARK
from viscode.core.workstore import WorkStore, default_path
from viscode.corpora.benchmark_tasks import TASK_COLUMNS, task_of
from viscode.corpora.corpus import Corpus, licence_of
from viscode.corpora.fields import BadField
from viscode.execution.engine import RunOptions
from viscode.settings.base import load
from viscode.settings.bench import BenchSettings, Library, Protocol
from viscode.settings.place import find_place
from viscode.settings.run import RunSettings
from viscode.settings.validate import ValidateSettings

NAMED = 5  # ids that are named where more are meant


def score_command(
    tasks_file: Path,
    answers_file: Path,
    library: Library,
    protocol: Protocol,
    out: Path,
    *,
    no_store: bool,
    **changes: Any,
) -> None:
    """Print a JSON line per task, and a summary to stderr; write OUT/scores.jsonl and the images;
    `viscode bench compare` reads that folder.

    `changes` are fields of RunOptions, None where params.yaml decides.

    Raises:
        UserError: tasks or answers that cannot be read or do not fit, or no sandbox.
    """
    tasks, answers = read_tasks(tasks_file), read_answers(answers_file)
    if not any(str(task.number) in answers for task in tasks):
        raise UserError(
            f"none of its {len(answers)} answers belongs to one of the {len(tasks)} tasks",
            where=str(answers_file),
            todo="take the ids of the tasks' own file",
        )
    options = _options(protocol, changes)
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(
            f"cannot make the folder: {error.strerror}", where=str(out), todo="name another --out"
        ) from error
    answered = [Answered(task, answers.get(str(task.number), "")) for task in tasks]
    with nullcontext() if no_store else WorkStore(default_path()) as store:
        if protocol == "paper":
            scores = score_paper(answered, library, options, store)
        else:
            scores = score_isolated(answered, options, store)
    lines = [_line(task, one, protocol) for task, one in zip(tasks, scores, strict=True)]
    for task, one in zip(tasks, scores, strict=True):
        for old in out.glob(f"{task.number}-*.png"):  # of an earlier run
            old.unlink()
        for index, image in enumerate(one.execution.images):
            write_bytes(out / f"{task.number}-{index}.png", image)
    write_scores(out, lines, library, protocol, {task.number: task.id for task in tasks})
    sys.stdout.write("".join(lines))
    passed = sum(one.passed for one in scores)
    rate = rate_of(passed, len(tasks))
    interval = f"{rate.percent} % [{rate.low}, {rate.high}]"
    said = [f"{passed} of {len(tasks)} tasks passed ({interval})", *_unmatched(tasks, answers)]
    click.echo(f"{library}, {protocol}: {'; '.join(said)}", err=True)


def read_tasks(path: Path) -> list[Task]:
    """The tasks of a .jsonl or .parquet file, or a folder of them, in its order.

    Raises:
        UserError: nothing there, a row that is no task, or two with one id.
    """
    rows = partial(read_rows, path, TASK_COLUMNS)
    corpus = Corpus(rows, Origin(kind="folder", name=path.name), licence_of(str(path)), str(path))
    found: dict[int, Task] = {}
    for place, row in rows():
        if isinstance(row, MalformedRow):
            raise UserError(row.problem, where=place, todo="mend the file of tasks")
        try:
            task = task_of(row, corpus, place)[1]
        except BadField as error:
            columns = ", ".join(TASK_COLUMNS)
            raise UserError(
                f"not a task: {error}", where=place, todo=f"a task has the columns {columns}"
            ) from error
        if task.number in found:
            raise UserError(
                f"two tasks with the id {task.number}", where=place, todo="leave one of them out"
            )
        found[task.number] = task
    if not found:
        raise UserError("no tasks in it", where=str(path), todo="name the data set's own file")
    return list(found.values())


def read_answers(path: Path) -> dict[str, str]:
    """Responses by the task's id as text, so that 7 and "7" are the same task; null, for a model
    that said nothing, is the empty response.

    Raises:
        UserError: no file, a line that is no answer, or two for one task.
    """
    found: dict[str, str] = {}
    for place, row in read_rows(path):
        task_id, response = _answer(row, place)
        if task_id in found:
            raise UserError(
                f"two answers to task {task_id}", where=place, todo="leave one of them out"
            )
        found[task_id] = response
    return found


def _answer(row: dict[str, Any] | MalformedRow, place: str) -> tuple[str, str]:
    todo = 'write a line {"id": ..., "response": ...} for each task'
    if isinstance(row, MalformedRow):
        raise UserError(row.problem, where=place, todo=todo)
    for field in ("id", "response"):
        if field not in row:
            raise UserError(f"no field {field!r}", where=place, todo=todo)
    task_id, response = row["id"], row["response"]
    if isinstance(task_id, float) and task_id.is_integer():  # pandas writes 7.0 for 7
        task_id = int(task_id)
    if isinstance(task_id, bool) or not isinstance(task_id, int | str):
        raise UserError(f"an id is a number or text, not {task_id!r}", where=place, todo=todo)
    if response is not None and not isinstance(response, str):
        kind = type(response).__name__
        raise UserError(f"the response is no text but a {kind}", where=place, todo=todo)
    return str(task_id), (response or "").removeprefix(MARK)


def _options(protocol: Protocol, changes: Mapping[str, Any]) -> RunOptions:
    """Those of params.yaml, as find_place() finds it, with what was asked."""
    here = find_place()
    bench = load(BenchSettings, here.params)
    validate, run = load(ValidateSettings, here.params), load(RunSettings, here.params)
    options = here.options(run_options(bench, validate, run))
    if protocol == "paper":
        options = replace(options, timeout_s=bench.paper_timeout_s)
    return replace(options, **{name: value for name, value in changes.items() if value is not None})


def _line(task: Task, one: Scored, protocol: Protocol) -> str:
    said = OtherVerdict(protocol=protocol, **one.fields())
    error_type = error_name(said)
    unexpected = one.verdict == "no_image" and protocol == "paper"
    error = UNEXPECTED if unexpected else said.error or error_type
    entry = {
        "id": task.number,
        "passed": one.passed,
        "has_image": bool(said.images),
        "error_type": error_type,
        "error": "" if one.passed else error,
    }
    return json.dumps(entry, ensure_ascii=True) + "\n"


def _unmatched(tasks: Sequence[Task], answers: Mapping[str, str]) -> Iterator[str]:
    ids = [str(task.number) for task in tasks]
    known = set(ids)
    for what, missing in (
        ("tasks without an answer, scored as empty answers", [i for i in ids if i not in answers]),
        ("answers without a task, left out", [i for i in answers if i not in known]),
    ):
        if missing:
            named = ", ".join(missing[:NAMED]) + (", ..." if len(missing) > NAMED else "")
            yield f"{len(missing)} {what} ({named})"
