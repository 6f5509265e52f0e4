"""The judge stage: scores of a model's attempts, structural ones always, a vision model's where one
is set.

The ground truth is the task's own program (code_data and code_plot), run through the execution
engine like any answer; from the second run on its facts come from the work store. Its image is the
data set's, where that has one. A task without such a program, or whose program shows nothing, has
no structural score (None), which is not a score of 0.
"""

from collections.abc import Mapping
from pathlib import Path

from viscode.bench.judge_metrics import judge_metrics
from viscode.bench.metrics import Figures, latest
from viscode.bench.protocols import references
from viscode.bench.structural import Facts, content, first_figure, structural_score
from viscode.bench.vision_judge import VisionJudge, judge_wording
from viscode.core.outcomes import Kept
from viscode.core.records import Attempt, Execution, JudgedAttempt, ModelScore, ScoreKind, Task
from viscode.core.tables import read_table
from viscode.core.transform import transform
from viscode.core.workstore import WorkStore
from viscode.execution.engine import RunOptions
from viscode.llm.clients import opened
from viscode.settings.bench import JudgeSettings
from viscode.settings.llm import LlmSettings
from viscode.settings.run import RunSettings


def vision_judge(
    settings: JudgeSettings, run: RunSettings, llm: LlmSettings, store: WorkStore
) -> VisionJudge | None:
    """The model of section `judge`; None for `client: none`.

    Raises:
        UserError: no key, no price where there is a budget, or no wording.
    """
    if settings.client == "none":
        return None
    model = opened(
        settings.client, settings.model, "judge", llm, run, store, base_url=settings.base_url
    )
    return VisionJudge(model, judge_wording(settings.instructs), settings)


def judge(
    answers: Path,
    tasks: Path,
    out: Path,
    options: RunOptions,
    store: WorkStore,
    vision: VisionJudge | None,
    *,
    rounds: int,
) -> Figures:
    """Judge the attempts of one model and library after so many rounds of self-debug; writes the
    table `out`, returns the metrics."""
    attempts = [attempt for attempt in read_table(answers, Attempt) if not attempt.sample]
    asked = {attempt.task_id for attempt in attempts}
    chosen = [task for task in read_table(tasks, Task) if task.id in asked]
    known = references(chosen, options, store)
    truths = ground_truths(known)
    scores: dict[str, dict[ScoreKind, ModelScore]] = {}
    if vision is not None:
        ends = {one.id: one for n in (0, rounds) for one in latest(attempts, n)}
        by_id = {task.id: task for task in chosen}
        scores = vision.scores(list(ends.values()), by_id, truth_images(chosen, known))
    judged = {
        one.id: JudgedAttempt(
            id=one.id,
            task_id=one.task_id,
            round=one.round,
            verdict=one.verdict,
            structural=_structural(one, truths.get(one.task_id)),
            **scores.get(one.id, {}),
        )
        for one in attempts
    }
    transform(attempts, lambda attempt: Kept([judged[attempt.id]]), JudgedAttempt, out)
    return judge_metrics(attempts, judged, rounds)


def ground_truths(known: Mapping[str, Execution]) -> dict[str, Facts]:
    """Facts of the figure that each task's own program draws, by task id; those that show nothing
    are left out."""
    found = {}
    for task_id, done in sorted(known.items()):
        figure = first_figure(done.facts) if done.status == "ok" else None
        if figure is not None and content(figure):
            found[task_id] = figure
    return found


def truth_images(tasks: list[Task], known: Mapping[str, Execution]) -> dict[str, bytes]:
    """The image of each task's ground truth, by its id: the data set's, else its program's."""
    found: dict[str, bytes] = {}
    for task in tasks:
        images = task.plots_gt or (known[task.id].images if task.id in known else ())
        if images:
            found[task.id] = images[0]
    return found


def _structural(attempt: Attempt, truth: Facts | None) -> float | None:
    """0 where nothing was drawn, None where there is no truth or nothing is known of the image."""
    if truth is None:
        return None
    if not attempt.images or attempt.verdict == "blank":
        return 0.0
    figure = first_figure(attempt.facts)
    return None if figure is None else structural_score(figure, truth)
