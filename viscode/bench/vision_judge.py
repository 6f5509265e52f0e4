"""A vision model's scores of plots, 0-100, as published: `visual` against the ground truth's image,
`task` against the task's text.

Published and kept: the generated image comes first, the truth second; the answer is an integer, or
the number behind the last [FINAL SCORE]; a plot that is not there, or whose code does not name the
library, counts as 0. Faults of the published judge that are not here: its task prompt grows by
every task before it, a failed call repeats the score before it, and an answer that cannot be read
counts as 0 while none is reported. Ours has states (records.ModelScore) and asks each question
afresh.

Beyond that: several votes per score, whose median counts, and a visual score asked for with the
images in the other order, to see what the order does.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from viscode.bench.examinee import refuse_lost
from viscode.bench.prompts import fixed_texts
from viscode.bench.verdicts import uses_library
from viscode.core.progress import stage_line, watched
from viscode.core.records import SCORE_KINDS, Attempt, Message, ModelScore, ScoreKind, Task
from viscode.llm.clients import OpenedModel
from viscode.llm.outcome import Answer, ModelOutcome
from viscode.llm.request import Request, Sampling
from viscode.settings.bench import JudgeSettings

OURS = {
    "system_prompt": "",
    "judge_instruct_vis": "bench/judge_visual",
    "judge_instruct_task": "bench/judge_task",
}
TASK_MARK = "[PLOT TASK]:"
FINAL = re.compile(r"\[FINAL SCORE\][\s:*]*+(\d+)")
WHOLE = re.compile(r"\s*(\d{1,3})\s*")
Questions = dict[int | str, Request]
"""What is asked about one score, by the number of the vote or "swapped"."""


@dataclass(frozen=True)
class JudgeWording:
    """The system prompt ("" for none) and the instruction for each kind of score."""

    system: str
    visual: str
    task: str


def judge_wording(instructs: str) -> JudgeWording:
    """Our wording for "builtin", else the texts of the official file at that path.

    Raises:
        UserError: no such file, or not the official file's keys.
    """
    return JudgeWording(*fixed_texts(instructs, OURS, "judge.instructs"))


def read_score(answer: str) -> float | None:
    """The score in a judge's answer; None where there is none from 0 to 100."""
    whole = WHOLE.fullmatch(answer)
    found = whole.group(1) if whole else (FINAL.findall(answer) or [""])[-1]
    return float(found) if found and len(found) <= 3 and int(found) <= 100 else None


@dataclass(frozen=True)
class VisionJudge:
    """The model that is asked."""

    model: OpenedModel
    words: JudgeWording
    settings: JudgeSettings

    def scores(
        self, attempts: Sequence[Attempt], tasks: Mapping[str, Task], truths: Mapping[str, bytes]
    ) -> dict[str, dict[ScoreKind, ModelScore]]:
        """Both scores of each attempt, by its id; `truths` are ground-truth images by task id.

        Raises:
            UserError: calls that the server lost (what came is kept), or a budget that is too low.
        """
        plans = {
            (one.id, kind): self._plan(one, kind, tasks[one.task_id], truths.get(one.task_id))
            for one in attempts
            for kind in SCORE_KINDS
        }
        asked = [plan for plan in plans.values() if not isinstance(plan, ModelScore)]
        requests = {request.key: request for plan in asked for request in plan.values()}
        self.model.refuse_if_over_budget(requests.values())
        replies = self.model.client.complete(list(requests.values()))
        line = stage_line("questions", len(requests), "asked", self.model.client.under_way)
        outcomes = {request.key: outcome for request, outcome in watched(replies, line)}
        refuse_lost(outcomes.values(), "judge calls", f"judge.model {self.settings.model}")
        found: dict[str, dict[ScoreKind, ModelScore]] = {}
        for (name, kind), plan in plans.items():
            score = plan if isinstance(plan, ModelScore) else _score(plan, outcomes)
            found.setdefault(name, {})[kind] = score
        return found

    def _plan(
        self, attempt: Attempt, kind: ScoreKind, task: Task, truth: bytes | None
    ) -> Questions | ModelScore:
        """What to ask, or the score where there is nothing to ask."""
        if kind == "visual" and truth is None:  # nothing to compare with is not a score of 0
            return ModelScore(state="unavailable")
        if not attempt.images:
            return ModelScore(state="no_image")
        if not uses_library(attempt):
            return ModelScore(state="wrong_library")
        parts = [self.words.task, TASK_MARK, task.plot_description, task.plot_style]
        text, shown = "\n".join(parts), attempt.images
        if kind == "visual" and truth is not None:
            text, shown = self.words.visual, (attempt.images[0], truth)
        votes = range(self.settings.votes)
        questions: Questions = {vote: self._request(text, shown, vote) for vote in votes}
        if kind == "visual" and self.settings.swapped:
            questions["swapped"] = self._request(text, shown[::-1], 0)
        return questions

    def _request(self, text: str, images: tuple[bytes, ...], vote: int) -> Request:
        messages = (
            Message(role="system", content=self.words.system),
            Message(role="user", content=text),
        )
        return Request(
            model=self.model.identity,
            messages=messages if self.words.system else messages[1:],
            sampling=Sampling(
                temperature=self.settings.temperature,
                max_new_tokens=self.settings.max_new_tokens,
                stop="end",
            ),
            purpose="judge",
            sample=vote,
            images=images,
        )


def _score(questions: Questions, outcomes: Mapping[str, ModelOutcome]) -> ModelScore:
    """The median of the votes. A refusal, a cut-off or an answer without a score is no vote."""
    votes: dict[int | str, float | None] = {}
    for name, request in questions.items():
        outcome = outcomes[request.key]
        votes[name] = read_score(outcome.text) if isinstance(outcome, Answer) else None
    swapped = votes.pop("swapped", None)
    known = [vote for vote in votes.values() if vote is not None]
    return ModelScore(
        state="score" if known else "unparsed",
        value=float(median(known)) if known else None,
        votes=tuple(votes.values()),
        swapped=swapped,
    )
