"""Benchmark tasks for the page: the ground truth beside every model's attempts, round by round."""

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from markupsafe import Markup

from viscode.bench.verdicts import error_name
from viscode.records import Attempt, JudgedAttempt, Task
from viscode.report.images import Thumbnail, thumbnail
from viscode.report.listings import cut, listing

SHOWN = 24  # tasks on the page; at 175 tasks it would grow past what a browser opens gladly
ERROR_CHARS = 4_000
VERDICT_WORDS = {"pass": "passes", "error": "error", "no_image": "no image", "blank": "blank"}


@dataclass(frozen=True)
class OtherView:
    """What the protocol that does not drive self-debug says of a first answer."""

    protocol: str
    word: str
    error_type: str
    cause: str


@dataclass(frozen=True)
class AttemptView:
    """One answer as the page shows it; `score` is the structural score, None where unknown,
    `model_scores` a vision model's, by kind, where it was asked."""

    round: int
    verdict: str
    word: str
    error_type: str
    error: str
    code: Markup
    finish: str
    image: Thumbnail | None
    score: float | None
    model_scores: tuple[tuple[str, str], ...]
    other: tuple[OtherView, ...]


@dataclass(frozen=True)
class Cell:
    """A model's attempts at a task with one library; none where it was not run."""

    model: str
    library: str
    attempts: tuple[AttemptView, ...]

    @property
    def last(self) -> AttemptView | None:
        return self.attempts[-1] if self.attempts else None


@dataclass(frozen=True)
class TaskView:
    id: str
    number: int
    description: str
    style: str
    truth: Thumbnail | None
    cells: tuple[tuple[str, tuple[Cell, ...]], ...]

    @property
    def row(self) -> list[Cell]:
        """All cells, library by library."""
        return [cell for _, cells in self.cells for cell in cells]


Views = Mapping[tuple[str, str], Mapping[str, list[AttemptView]]]


def attempt_views(
    attempts: Iterable[Attempt], judged: Iterable[JudgedAttempt], shown: set[str]
) -> dict[str, list[AttemptView]]:
    """Task id -> its attempts by round, for the tasks in `shown`."""
    scores = {j.id: j for j in judged}
    found: dict[str, list[AttemptView]] = {}
    for attempt in attempts:
        if attempt.task_id in shown and not attempt.sample:
            score = scores.get(attempt.id)
            found.setdefault(attempt.task_id, []).append(_view(attempt, score))
    return {task: sorted(views, key=lambda view: view.round) for task, views in found.items()}


def _view(attempt: Attempt, judged: JudgedAttempt | None) -> AttemptView:
    return AttemptView(
        round=attempt.round,
        verdict=attempt.verdict,
        word=VERDICT_WORDS[attempt.verdict],
        error_type=error_name(attempt),
        error=cut(attempt.error, ERROR_CHARS),
        code=listing(attempt.code),
        finish=attempt.finish,
        image=thumbnail(attempt.images[0]) if attempt.images else None,
        score=judged.structural if judged else None,
        model_scores=tuple(_model_scores(judged)) if judged else (),
        other=tuple(
            OtherView(one.protocol, VERDICT_WORDS[one.verdict], error_name(one), one.cause)
            for one in attempt.other
        ),
    )


def _model_scores(judged: JudgedAttempt) -> Iterator[tuple[str, str]]:
    for kind, score in (("visual", judged.visual), ("task", judged.task)):
        if score.state != "unavailable":
            value = "–" if score.value is None else f"{score.value:.0f}"
            yield kind, value if score.state == "score" else score.state.replace("_", " ")


def shown_tasks(tasks: Iterable[Task], answered: set[str]) -> list[Task]:
    """The first `SHOWN` tasks, by number, that any model was asked."""
    asked = (task for task in tasks if task.id in answered)
    return sorted(asked, key=lambda task: (task.number, task.id))[:SHOWN]


def task_views(
    tasks: list[Task], views: Views, models: list[str], libraries: list[str]
) -> list[TaskView]:
    """Each task with a cell per library and model."""
    return [
        TaskView(
            id=task.id,
            number=task.number,
            description=cut(task.plot_description, ERROR_CHARS),
            style=cut(task.plot_style, ERROR_CHARS),
            truth=thumbnail(task.plots_gt[0]) if task.plots_gt else None,
            cells=tuple(
                (library, tuple(_cell(model, library, task.id, views) for model in models))
                for library in libraries
            ),
        )
        for task in tasks
    ]


def _cell(model: str, library: str, task_id: str, views: Views) -> Cell:
    return Cell(model, library, tuple(views.get((model, library), {}).get(task_id, ())))
