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
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from viscode.bench.examinee import refuse_lost
from viscode.bench.prompts import official_texts
from viscode.bench.verdicts import uses_library
from viscode.core.progress import stage_line, watched
from viscode.core.prompting import read_prompt
from viscode.core.records import SCORE_KINDS, Attempt, Message, ModelScore, ScoreKind, Task
from viscode.llm.clients import OpenedModel
from viscode.llm.outcome import Answer, ModelOutcome
from viscode.llm.request import Request, Sampling
from viscode.settings.bench import JudgeSettings

KEYS = ("system_prompt", "judge_instruct_vis", "judge_instruct_task")  # of instructs.json
TASK_MARK = "[PLOT TASK]:"
FINAL = re.compile(r"\[FINAL SCORE\][\s:*]*+(\d+)")
WHOLE = re.compile(r"\s*(\d{1,3})\s*")
UNAVAILABLE = ModelScore(state="unavailable")


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
    if instructs == "builtin":
        return JudgeWording(
            "", read_prompt("bench/judge_visual").text, read_prompt("bench/judge_task").text
        )
    return JudgeWording(*official_texts(instructs, KEYS, "judge.instructs"))


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
    ) -> dict[str, dict[str, ModelScore]]:
        """Both scores of each attempt, by its id; `truths` are ground-truth images by task id.

        Raises:
            UserError: calls that the server lost (what came is kept), or a budget that is too low.
        """
        plans = [
            _Plan(attempt, kind, self._questions(attempt, kind, tasks[attempt.task_id], truths))
            for attempt in attempts
            for kind in SCORE_KINDS
        ]
        requests = {r.key: r for plan in plans for r in plan.questions.values()}
        self.model.refuse_if_over_budget(requests.values())
        replies = self.model.client.complete(list(requests.values()))
        line = stage_line("questions", len(requests), "asked", self.model.client.under_way)
        outcomes = {request.key: outcome for request, outcome in watched(replies, line)}
        refuse_lost(outcomes.values(), "judge calls", f"judge.model {self.settings.model}")
        found: dict[str, dict[str, ModelScore]] = {}
        for plan in plans:
            truth = truths.get(plan.attempt.task_id)
            score = plan.score(outcomes, truth)
            found.setdefault(plan.attempt.id, {})[plan.kind] = score
        return found

    def _questions(
        self, attempt: Attempt, kind: ScoreKind, task: Task, truths: Mapping[str, bytes]
    ) -> dict[int | str, Request]:
        """What to ask of an attempt, by the number of the vote or "swapped"; {} for nothing."""
        truth = truths.get(task.id)
        if not attempt.images or not uses_library(attempt):
            return {}
        if kind == "task":
            shown, text = attempt.images, _task_text(self.words.task, task)
        elif truth is None:
            return {}
        else:
            shown, text = (attempt.images[0], truth), self.words.visual
        found: dict[int | str, Request] = {
            vote: self._request(text, shown, vote) for vote in range(self.settings.votes)
        }
        if kind == "visual" and self.settings.swapped:
            found["swapped"] = self._request(text, shown[::-1], 0)
        return found

    def _request(self, text: str, images: tuple[bytes, ...], vote: int) -> Request:
        return Request(
            model=self.model.identity,
            messages=tuple(self._messages(text)),
            sampling=Sampling(
                temperature=self.settings.temperature,
                max_new_tokens=self.settings.max_new_tokens,
                stop="end",
            ),
            purpose="judge",
            sample=vote,
            images=images,
        )

    def _messages(self, text: str) -> Iterator[Message]:
        if self.words.system:
            yield Message(role="system", content=self.words.system)
        yield Message(role="user", content=text)


def _task_text(instruction: str, task: Task) -> str:
    return "\n".join([instruction, TASK_MARK, task.plot_description, task.plot_style])


@dataclass(frozen=True)
class _Plan:
    """The questions about one score of one attempt."""

    attempt: Attempt
    kind: ScoreKind
    questions: dict[int | str, Request]

    def score(self, outcomes: Mapping[str, ModelOutcome], truth: bytes | None) -> ModelScore:
        if self.kind == "visual" and truth is None:  # nothing to compare with is not a score of 0
            return UNAVAILABLE
        if not self.attempt.images:
            return ModelScore(state="no_image")
        if not uses_library(self.attempt):
            return ModelScore(state="wrong_library")
        answers = {name: _vote(outcomes[r.key]) for name, r in self.questions.items()}
        swapped = answers.pop("swapped", None)
        known = [vote for vote in answers.values() if vote is not None]
        return ModelScore(
            state="score" if known else "unparsed",
            value=float(median(known)) if known else None,
            votes=tuple(answers.values()),
            swapped=swapped,
        )


def _vote(outcome: ModelOutcome) -> float | None:
    """None for a refusal, a cut-off and whatever else has no score in it."""
    return read_score(outcome.text) if isinstance(outcome, Answer) else None
