"""The answer stage: one model, one library; tasks in, executed attempts and their figures out."""

from collections.abc import Sequence
from pathlib import Path

from viscode.bench.metrics import bench_metrics
from viscode.bench.prompts import wording
from viscode.bench.self_debug import Examination, Examinee, attempts
from viscode.bench.tasks import choose
from viscode.errors import UserError
from viscode.execution.engine import RunOptions
from viscode.llm.cached import CachedClient
from viscode.llm.client import Client
from viscode.llm.openai_client import Limits, OpenAIClient
from viscode.llm.request import Sampling, local_identity, served_identity
from viscode.llm.transformers_client import TransformersClient
from viscode.outcomes import Kept
from viscode.records import Attempt, Task
from viscode.settings.bench import BenchSettings, Library, ModelSettings
from viscode.settings.run import RunSettings
from viscode.tables import read_table
from viscode.transform import write_outcomes
from viscode.workstore import WorkStore


def examinee(
    name: str, model: ModelSettings, bench: BenchSettings, run: RunSettings, store: WorkStore
) -> Examinee:
    """The model `models.NAME`, asked through the work store. A local model's answers end with
    their first code block; a served one's where the model ends them, as drafts may come first."""
    client: Client
    if model.client == "transformers":
        folder = Path(model.model)
        identity, stop = local_identity(folder), "code_block"
        client = TransformersClient(folder, run.batch_size, run.thread_count())
    else:
        identity, stop = served_identity(model.model), "end"
        client = OpenAIClient(model.model, Limits(concurrency=run.batch_size))
    sampling = Sampling.model_validate(
        {"temperature": model.temperature, "stop": stop, "max_new_tokens": bench.max_new_tokens}
    )
    return Examinee(name, identity, CachedClient(client, store), sampling)


def answer(
    who: Examinee,
    library: Library,
    bench: BenchSettings,
    options: RunOptions,
    store: WorkStore,
    tasks: Path,
    out: Path,
) -> dict[str, object]:
    """Ask the first `bench.tasks` tasks; writes the table `out`, returns the metrics."""
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
    return bench_metrics(made, bench.rounds)


def _of(task: Task, made: Sequence[Attempt]) -> Kept[Attempt]:
    return Kept([attempt for attempt in made if attempt.task_id == task.id])
