"""The answer stage: one model, one library; tasks in, executed attempts and their figures out."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from viscode.bench.examinee import Examinee
from viscode.bench.metrics import bench_details, bench_metrics
from viscode.bench.prompts import wording
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
class Results:
    """What is said of one model and library: figures, what they are made of, a row per task."""

    metrics: dict[str, float | None]
    details: dict[str, object]
    rows: str

    def write(self, folder: Path, library: str) -> None:
        """LIBRARY.json, LIBRARY.details.json and LIBRARY.tasks.tsv."""
        write_text(folder / f"{library}.tasks.tsv", self.rows)
        write_json(folder / f"{library}.details.json", self.details)
        write_json(folder / f"{library}.json", self.metrics)


def answer(
    who: Examinee,
    library: Library,
    bench: BenchSettings,
    options: RunOptions,
    store: WorkStore,
    tasks: Path,
    out: Path,
) -> Results:
    """Ask the first `bench.tasks` tasks; writes the table `out`."""
    chosen = choose(read_table(tasks, Task), bench.tasks)
    if not chosen:
        raise UserError(
            "no benchmark tasks",
            where=str(tasks),
            todo="look at metrics/collect_tasks.json for why they were rejected",
        )
    exam = Examination(who, library, wording(bench.instructs), bench, options, store)
    made = list(attempts(chosen, exam))
    write_outcomes(((task.id, _of(task, made)) for task in chosen), Attempt, out)
    return Results(
        bench_metrics(made, bench.rounds, who.samples),
        bench_details(made, bench.rounds),
        task_rows(made, bench.rounds),
    )


def _of(task: Task, made: Sequence[Attempt]) -> Kept[Attempt]:
    return Kept([attempt for attempt in made if attempt.task_id == task.id])
