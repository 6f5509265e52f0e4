"""The answer stage: one model, all plotting libraries; tasks in, executed attempts and figures out.

The model is loaded once, and the tasks' own programs run once, whatever the number of libraries.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from viscode.bench.examinee import Examinee
from viscode.bench.metrics import Figures, bench_details, bench_metrics
from viscode.bench.prompts import wording
from viscode.bench.references import references, time_limits
from viscode.bench.self_debug import Examination, attempts
from viscode.bench.task_rows import task_rows
from viscode.bench.tasks import choose
from viscode.core.errors import UserError
from viscode.core.outcomes import Kept
from viscode.core.records import Attempt, Task
from viscode.core.tables import read_table, write_json, write_text
from viscode.core.transform import write_outcomes
from viscode.core.workstore import WorkStore
from viscode.execution.engine import RunOptions
from viscode.settings.bench import BenchSettings, Library


@dataclass(frozen=True)
class Places:
    """Where the stage reads the tasks, and where it writes what a model did: a table LIBRARY of
    attempts; LIBRARY.json with the figures; LIBRARY.details.json with what these are made of, and
    LIBRARY.tasks.tsv with a row per task."""

    tasks: Path
    attempts: Path
    metrics: Path
    details: Path


@dataclass(frozen=True)
class Results:
    """What is said of one model and library: figures, what they are made of, a row per task."""

    metrics: Figures
    details: dict[str, object]
    rows: str


def answer(
    who: Examinee, bench: BenchSettings, options: RunOptions, store: WorkStore, places: Places
) -> dict[Library, Results]:
    """Ask the first `bench.tasks` tasks for each of `bench.libraries`; writes all of `places`."""
    tasks = choose(read_table(places.tasks, Task), bench.tasks)
    if not tasks:
        raise UserError(
            "no benchmark tasks",
            where=str(places.tasks),
            todo="look at metrics/collect_tasks.json for why they were rejected",
        )
    known = references(tasks, options, store)
    limits = time_limits(known, bench.timeout_s, bench.timeout_factor)
    words = wording(bench.instructs)
    found: dict[Library, Results] = {}
    for library in bench.libraries:
        exam = Examination(who, library, words, bench, options, store, limits)
        made = list(attempts(tasks, exam))
        outcomes = ((task.id, _of(task, made)) for task in tasks)
        write_outcomes(outcomes, Attempt, places.attempts / library)
        found[library] = Results(
            bench_metrics(made, bench.rounds, who.samples),
            bench_details(made, bench.rounds),
            task_rows(made, bench.rounds),
        )
    for library, results in found.items():
        write_text(places.details / f"{library}.tasks.tsv", results.rows)
        write_json(places.details / f"{library}.details.json", results.details)
        write_json(places.metrics / f"{library}.json", results.metrics)
    return found


def _of(task: Task, made: Sequence[Attempt]) -> Kept[Attempt]:
    return Kept([attempt for attempt in made if attempt.task_id == task.id])
