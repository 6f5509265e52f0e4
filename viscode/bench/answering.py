"""The answer stage: one model, all plotting libraries; tasks in, executed attempts and figures out.

The model is loaded once, and the tasks' own programs run once, whatever the number of libraries.
"""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from viscode.bench.examinee import Examinee
from viscode.bench.metrics import Figures, bench_details, bench_metrics, latest
from viscode.bench.prompts import wording
from viscode.bench.protocols import references, time_limits
from viscode.bench.self_debug import Examination, attempts
from viscode.bench.tasks import choose
from viscode.bench.verdicts import error_name
from viscode.core.errors import UserError
from viscode.core.outcomes import Kept
from viscode.core.records import Attempt, Task
from viscode.core.replacing import write_json, write_text
from viscode.core.tables import read_table
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
    exam = Examination(who, words, bench, options, store, limits)
    by_library: dict[Library, list[Attempt]] = {library: [] for library in bench.libraries}
    for attempt in attempts(tasks, bench.libraries, exam):
        by_library[attempt.library].append(attempt)
    found: dict[Library, Results] = {}
    for library, made in by_library.items():
        outcomes = (
            (task.id, Kept([one for one in made if one.task_id == task.id])) for task in tasks
        )
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


def task_rows(attempts: Sequence[Attempt], rounds: int) -> str:
    """LIBRARY.tasks.tsv, for spreadsheets: tab-separated text with a header; by task number, the
    task, its verdict and error after each round, the final verdict, and what the other protocol
    says of the first answer."""
    by_round = [latest(attempts, number) for number in range(rounds + 1)]
    parts = [f"round_{n}_{part}" for n in range(rounds + 1) for part in ("verdict", "error")]
    other = [f"other_{part}" for part in ("protocol", "verdict", "error")]
    text = io.StringIO()
    writer = csv.writer(text, delimiter="\t", lineterminator="\n")
    writer.writerow(["task_id", "number", *parts, "final_verdict", *other])
    tasks = zip(*by_round, strict=True)
    for tries in sorted(tasks, key=lambda tries: (tries[0].task_number, tries[0].task_id)):
        first, last = tries[0], tries[-1]
        verdicts = [cell for one in tries for cell in (one.verdict, error_name(one))]
        others = [
            cell for one in first.other for cell in (one.protocol, one.verdict, error_name(one))
        ]
        cells = [first.task_id, first.task_number, *verdicts, last.verdict]
        writer.writerow([*cells, *(others or [""] * 3)])
    return text.getvalue()
