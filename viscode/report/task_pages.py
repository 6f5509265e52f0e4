"""Benchmark tasks for the pages: the ground truth beside every model's attempts, round by round."""

import difflib
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import pairwise

from markupsafe import Markup

from viscode.bench.metrics import PASS
from viscode.bench.verdicts import error_name
from viscode.core.records import Attempt, JudgedAttempt, OtherVerdict, Task
from viscode.report.listings import cut, listing, visible
from viscode.text.lines import split_lines

ERROR_CHARS = 4_000
DESCRIPTION_HEADING = "Plot Description:"  # how every description of the benchmark begins
DIFF_KINDS = {"+": "added", "-": "removed", "@": "place"}
VERDICT_WORDS = {"pass": "passes", "error": "error", "no_image": "no image", "blank": "blank"}


@dataclass(frozen=True)
class Shown:
    """A picture as a page shows it: `file` below site/, "" where the bytes are no image."""

    file: str
    width: int
    height: int


Save = Callable[[bytes], Shown]


@dataclass(frozen=True)
class VerdictView:
    """What a protocol says of an answer, with the verdict in words."""

    protocol: str
    verdict: str
    word: str
    error_type: str


@dataclass(frozen=True)
class AttemptView(VerdictView):
    """One answer as the page shows it; `score` is the structural score, None where unknown,
    `model_scores` a vision model's, by kind, where it was asked. `diff` is from the code of the
    round before, as (kind, line) with a kind of `DIFF_KINDS` or "same"; `other` is what the
    protocol that does not drive self-debug says."""

    round: int
    error: str
    source: str
    code: Markup
    finish: str
    image: Shown | None
    score: float | None
    model_scores: tuple[tuple[str, str], ...]
    other: tuple[VerdictView, ...]
    diff: tuple[tuple[str, str], ...] = ()


@dataclass(frozen=True)
class TaskCell:
    """A model's attempts at a task with one library; none where it was not run."""

    model: str
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
    truth: Shown | None
    cells: tuple[tuple[str, tuple[TaskCell, ...]], ...]

    @property
    def title(self) -> str:
        """The description without the data set's heading."""
        return self.description.removeprefix(DESCRIPTION_HEADING).strip()

    @property
    def file(self) -> str:
        """Name of its page; numbers alone may occur twice."""
        return f"{self.number}-{self.id[:8]}.html"

    @property
    def marks(self) -> list[str]:
        """What the list of tasks can be filtered by."""
        by_library = [[c.attempts for c in cells if c.attempts] for _, cells in self.cells]
        attempts = [views for library in by_library for views in library]

        def passes(view: VerdictView) -> bool:
            return view.verdict == PASS

        found = {
            "differ": any(len({passes(views[-1]) for views in one}) > 1 for one in by_library),
            "repaired": any(not passes(views[0]) and passes(views[-1]) for views in attempts),
            "failing": any(not passes(views[-1]) for views in attempts),
            "protocols": any(
                passes(view) != passes(other)
                for views in attempts
                for view in views
                for other in view.other
            ),
        }
        return [name for name, holds in found.items() if holds]


Views = Mapping[tuple[str, str], Mapping[str, list[AttemptView]]]


def attempt_views(
    attempts: Iterable[Attempt], judged: Iterable[JudgedAttempt], save: Save
) -> dict[str, list[AttemptView]]:
    """Task id -> its attempts by round; further samples of a first answer are left out. Pictures
    go through `save` as they come."""
    scores = {j.id: j for j in judged}
    found: dict[str, list[AttemptView]] = {}
    for attempt in attempts:
        if not attempt.sample:
            view = _view(attempt, scores.get(attempt.id), save)
            found.setdefault(attempt.task_id, []).append(view)
    for task, views in found.items():
        ordered = sorted(views, key=lambda view: view.round)
        changes = (diff(before.source, view.source) for before, view in pairwise(ordered))
        found[task] = [
            replace(view, diff=lines) for view, lines in zip(ordered, ((), *changes), strict=True)
        ]
    return found


def diff(before: str, after: str) -> tuple[tuple[str, str], ...]:
    """Changed lines with three around them; none where the code is the same."""
    lines = difflib.unified_diff(split_lines(before), split_lines(after), lineterm="")
    return tuple(
        (DIFF_KINDS.get(line[:1], "same"), line)
        for line in lines
        if not line.startswith(("---", "+++"))
    )


def _view(attempt: Attempt, judged: JudgedAttempt | None, save: Save) -> AttemptView:
    return AttemptView(
        *_verdict(attempt),
        round=attempt.round,
        error=visible(cut(attempt.error, ERROR_CHARS)),
        source=visible(cut(attempt.code)),
        code=listing(attempt.code),
        finish=attempt.finish,
        image=save(attempt.images[0]) if attempt.images else None,
        score=judged.structural if judged else None,
        model_scores=tuple(_model_scores(judged)) if judged else (),
        other=tuple(VerdictView(*_verdict(one)) for one in attempt.other),
    )


def _verdict(said: Attempt | OtherVerdict) -> tuple[str, str, str, str]:
    """The fields of a `VerdictView`."""
    return said.protocol, said.verdict, VERDICT_WORDS[said.verdict], error_name(said)


def _model_scores(judged: JudgedAttempt) -> Iterator[tuple[str, str]]:
    for kind, score in (("visual", judged.visual), ("task", judged.task)):
        if score.state != "unavailable":
            value = "–" if score.value is None else f"{score.value:.0f}"
            yield kind, value if score.state == "score" else score.state.replace("_", " ")


def task_views(
    tasks: Iterable[Task], views: Views, models: list[str], libraries: list[str], save: Save
) -> list[TaskView]:
    """Each task that any model was asked, by number, with a cell per library and model."""
    asked = {task for found in views.values() for task in found}

    def cell(model: str, library: str, task: Task) -> TaskCell:
        attempts = views.get((model, library), {}).get(task.id, ())
        return TaskCell(model, tuple(attempts))

    found = [
        TaskView(
            id=task.id,
            number=task.number,
            description=visible(cut(task.plot_description, ERROR_CHARS)),
            style=visible(cut(task.plot_style, ERROR_CHARS)),
            truth=save(task.plots_gt[0]) if task.plots_gt else None,
            cells=tuple(
                (library, tuple(cell(model, library, task) for model in models))
                for library in libraries
            ),
        )
        for task in tasks
        if task.id in asked
    ]
    return sorted(found, key=lambda view: (view.number, view.id))
