"""The judge stage: structural scores of a model's attempts against the tasks' ground truth.

The ground truth is the task's own program (code_data and code_plot), run through the execution
engine like any answer; from the second run on its facts come from the work store. A task without
such a program, or whose program shows nothing, has no score (None), which is not a score of 0.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from viscode.bench.metrics import latest, percent
from viscode.bench.structural import Facts, content, first_figure, structural_score
from viscode.bench.tasks import code_data, data_files
from viscode.execution.engine import RunOptions, run
from viscode.outcomes import Kept
from viscode.records import Attempt, JudgedAttempt, Script, Task
from viscode.tables import read_table
from viscode.transform import transform
from viscode.workstore import WorkStore

GOOD = 75.0


def judge(
    answers: Path, tasks: Path, out: Path, options: RunOptions, store: WorkStore
) -> dict[str, object]:
    """Judge the attempts of one model and library; writes the table `out`, returns the metrics."""
    attempts = list(read_table(answers, Attempt))
    asked = {attempt.task_id for attempt in attempts}
    chosen = [task for task in read_table(tasks, Task) if task.id in asked]
    truths = ground_truths(chosen, options, store)
    judged = {attempt.id: judged_attempt(attempt, truths) for attempt in attempts}
    transform(attempts, lambda attempt: Kept([judged[attempt.id]]), JudgedAttempt, out)
    return judge_metrics(attempts, judged)


def ground_truths(tasks: Iterable[Task], options: RunOptions, store: WorkStore) -> dict[str, Facts]:
    """Facts of the figure that each task's own program draws, by task id; tasks without one are
    left out."""
    executions = run(_programs(tasks), options, store)
    facts = {done.id: first_figure(done.facts) for done in executions if done.status == "ok"}
    return {
        task_id: figure
        for task_id, figure in sorted(facts.items())
        if figure is not None and content(figure)
    }


def _programs(tasks: Iterable[Task]) -> Iterator[Script]:
    for task in tasks:
        if task.code_plot:
            yield Script(
                id=task.id, code=f"{code_data(task)}\n\n{task.code_plot}", files=data_files(task)
            )


def judged_attempt(attempt: Attempt, truths: Mapping[str, Facts]) -> JudgedAttempt:
    """0 where nothing was drawn, None where there is no truth or nothing is known of the image."""
    return JudgedAttempt(
        id=attempt.id,
        task_id=attempt.task_id,
        round=attempt.round,
        verdict=attempt.verdict,
        structural=_score(attempt, truths),
    )


def _score(attempt: Attempt, truths: Mapping[str, Facts]) -> float | None:
    truth = truths.get(attempt.task_id)
    if truth is None:
        return None
    if not attempt.images or attempt.verdict == "blank":
        return 0.0
    figure = first_figure(attempt.facts)
    return None if figure is None else structural_score(figure, truth)


def judge_metrics(
    attempts: Sequence[Attempt], judged: Mapping[str, JudgedAttempt]
) -> dict[str, object]:
    """metrics/judge/MODEL/LIBRARY.json. `scored` and `unscored` count tasks by their final
    attempt; the mean is null where no task has a score."""
    last = max((attempt.round for attempt in attempts), default=0)
    final = _scores(latest(attempts, last), judged)
    first = _scores(latest(attempts, 0), judged)
    scored = sum(score is not None for score in final)
    return {
        "scored": scored,
        "unscored": len(final) - scored,
        "rounds": {"0": _figures(first), "final": _figures(final)},
    }


def _scores(found: Iterable[Attempt], judged: Mapping[str, JudgedAttempt]) -> list[float | None]:
    return [judged[attempt.id].structural for attempt in found]


def _figures(scores: Iterable[float | None]) -> dict[str, float | None]:
    known = [score for score in scores if score is not None]
    if not known:
        return {"structural_mean": None, "structural_good": None}
    return {
        "structural_mean": round(sum(known) / len(known), 1),
        "structural_good": percent(sum(score >= GOOD for score in known) / len(known)),
    }
