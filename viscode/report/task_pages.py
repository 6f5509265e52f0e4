"""Benchmark tasks for the pages: the ground truth beside every model's attempts, round by round."""

import difflib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path

from viscode.bench.metrics import PASS
from viscode.core.records import Attempt, JudgedAttempt, Task
from viscode.report.listings import visible
from viscode.report.loading import ModelLibrary, table
from viscode.report.pictures import Picture
from viscode.text.lines import split_lines

DESCRIPTION_HEADING = "Plot Description:"  # how every description of the benchmark begins
DIFF_KINDS = {"+": "added", "-": "removed", "@": "place"}
Draw = Callable[[bytes], Picture]


@dataclass(frozen=True)
class AttemptView:
    """An attempt, without its images and facts; its first image as the page shows it; its scores,
    None where it was not judged."""

    attempt: Attempt
    image: Picture | None
    scores: JudgedAttempt | None


Views = dict[ModelLibrary, dict[str, list[AttemptView]]]  # by task, round after round


@dataclass(frozen=True)
class TaskView:
    """A task that some model was asked, without its images, and the attempts at it."""

    task: Task
    truth: Picture | None
    attempts: Mapping[ModelLibrary, list[AttemptView]]

    @property
    def title(self) -> str:
        """The description without the data set's heading."""
        return visible(self.task.plot_description).strip().removeprefix(DESCRIPTION_HEADING).strip()

    @property
    def file(self) -> str:
        """Name of its page; numbers alone may occur twice."""
        return f"{self.task.number}-{self.task.id[:8]}.html"

    @property
    def marks(self) -> list[str]:
        """What the list of tasks can be filtered by."""
        passes = {
            key: [view.attempt.verdict == PASS for view in views]
            for key, views in self.attempts.items()
        }
        ends: dict[str, set[bool]] = {}
        for (_, library), rounds in passes.items():
            ends.setdefault(library, set()).add(rounds[-1])
        found = {
            "differ": any(len(finals) > 1 for finals in ends.values()),
            "repaired": any(rounds[-1] and not rounds[0] for rounds in passes.values()),
            "failing": not all(rounds[-1] for rounds in passes.values()),
            "protocols": any(
                (view.attempt.verdict == PASS) != (other.verdict == PASS)
                for views in self.attempts.values()
                for view in views
                for other in view.attempt.other
            ),
        }
        return [name for name, holds in found.items() if holds]


def attempt_views(data: Path, key: ModelLibrary, draw: Draw) -> dict[str, list[AttemptView]]:
    """Task id -> the attempts of a model with a library; further samples of a first answer are
    left out."""
    scores = {one.id: one for one in table(data.joinpath("judged", *key), JudgedAttempt)}
    found: dict[str, list[AttemptView]] = {}
    for attempt in table(data.joinpath("bench", *key), Attempt):
        if not attempt.sample:
            image = draw(attempt.images[0]) if attempt.images else None
            other = tuple(one.model_copy(update={"images": ()}) for one in attempt.other)
            slim = attempt.model_copy(update={"images": (), "facts": "", "other": other})
            view = AttemptView(slim, image, scores.get(attempt.id))
            found.setdefault(attempt.task_id, []).append(view)
    for views in found.values():
        views.sort(key=lambda view: view.attempt.round)
    return found


def task_views(data: Path, views: Views, draw: Draw) -> list[TaskView]:
    """Each task that any model was asked, by number."""
    found = []
    for task in table(data / "raw" / "tasks", Task):
        attempts = {key: tasks[task.id] for key, tasks in views.items() if task.id in tasks}
        if attempts:
            truth = draw(task.plots_gt[0]) if task.plots_gt else None
            found.append(TaskView(task.model_copy(update={"plots_gt": ()}), truth, attempts))
    return sorted(found, key=lambda view: (view.task.number, view.task.id))


def diff(before: str, after: str) -> Iterable[tuple[str, str]]:
    """Changed lines with three around them, as (kind, line) with a kind of `DIFF_KINDS` or "same";
    none where the code is the same."""
    old, new = (split_lines(visible(code)) for code in (before, after))
    lines = difflib.unified_diff(old, new, lineterm="")
    return [
        (DIFF_KINDS.get(line[:1], "same"), line)
        for line in lines
        if not line.startswith(("---", "+++"))
    ]
