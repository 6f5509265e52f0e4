"""Algorithm 1 of the paper (section 4): answers, executed; what fails is asked again with why.

Round 0 asks every task. Each later round asks only the tasks that still fail, with the whole
dialogue so far: the task, the model's answer, what went wrong. Every turn stands in it once. After
the last round a task counts by its latest attempt. `bench.protocol` says how answers are judged;
first answers are judged under the other protocol too. Where several first answers are drawn
(pass@k), self-debug goes on with the first of them.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from viscode.bench.dialogue import fit, follow_up
from viscode.bench.examinee import Examinee, refuse_lost
from viscode.bench.prompts import Wording, messages
from viscode.bench.protocols import Answered, Scored, score_isolated, score_paper
from viscode.core.progress import stage_line, watched
from viscode.core.records import Attempt, Message, OtherVerdict, Task
from viscode.core.workstore import WorkStore
from viscode.execution.engine import RunOptions
from viscode.llm.outcome import Answer, ModelOutcome
from viscode.llm.request import Request
from viscode.settings.bench import BenchSettings, Library

Messages = tuple[Message, ...]
Score = Callable[[Sequence[Answered]], list[Scored]]


@dataclass(frozen=True)
class Examination:
    """What every round of one model and library has in common."""

    examinee: Examinee
    library: Library
    words: Wording
    settings: BenchSettings
    options: RunOptions
    store: WorkStore
    limits: Mapping[str, float]
    """Seconds that answers have under `isolated`, by task id, where that is more than usual."""

    @property
    def protocols(self) -> dict[str, Score]:
        """How each protocol scores answers."""
        published = replace(self.options, timeout_s=self.settings.paper_timeout_s)
        return {
            "isolated": partial(
                score_isolated, options=self.options, store=self.store, limits=self.limits
            ),
            "paper": partial(
                score_paper, library=self.library, options=published, store=self.store
            ),
        }


@dataclass(frozen=True)
class _Said:
    """What the model said: its text, "" for a refusal, and how that ended."""

    text: str
    finish: str


def attempts(tasks: Sequence[Task], exam: Examination) -> Iterator[Attempt]:
    """Every attempt, round by round, within a round in the order of `tasks`.

    Raises:
        UserError: calls that the model's server lost; what arrived is kept.
    """
    settings = exam.settings
    score = exam.protocols[settings.protocol]
    dialogues = {
        task.id: messages(task, exam.library, settings.descriptor, exam.words) for task in tasks
    }
    drawn = _answers(tasks, dialogues, exam, exam.examinee.samples)
    for sample, said in enumerate(drawn[1:], start=1):
        yield from _judged(tasks, said, exam, score, sample=sample)
    made = _judged(tasks, drawn[0], exam, score)
    yield from _under_both(tasks, made, exam)
    failing = list(tasks)
    for number in range(1, settings.rounds + 1):
        failed = {attempt.task_id: attempt for attempt in made if attempt.verdict != "pass"}
        failing = [task for task in failing if task.id in failed]
        for task in failing:
            told = follow_up(dialogues[task.id], failed[task.id], task, settings)
            dialogues[task.id] = told
        (said,) = _answers(failing, dialogues, exam, samples=1)
        made = _judged(failing, said, exam, score, number)
        yield from made


def _answers(
    tasks: Sequence[Task], dialogues: Mapping[str, Messages], exam: Examination, samples: int
) -> list[dict[str, _Said]]:
    """What the model says to each task (by id), once for each sample."""
    examinee = exam.examinee
    limit = examinee.context - examinee.sampling.max_new_tokens
    fitted = {
        task.id: fit(dialogues[task.id], limit, examinee.client.prompt_tokens) for task in tasks
    }
    requests = [
        {task_id: _request(examinee, dialogue, sample) for task_id, dialogue in fitted.items()}
        for sample in range(samples)
    ]
    unique = {request.key: request for drawn in requests for request in drawn.values()}
    answers = examinee.client.complete(list(unique.values()))
    part, note = f"{examinee.name}-{exam.library}", examinee.client.under_way
    line = stage_line("answers", len(unique), part, note)
    outcomes = {request.key: outcome for request, outcome in watched(answers, line)}
    refuse_lost(outcomes.values(), "answers", f"model {examinee.name}")
    return [
        {task_id: _said(outcomes[request.key]) for task_id, request in drawn.items()}
        for drawn in requests
    ]


def _request(examinee: Examinee, dialogue: Messages, sample: int) -> Request:
    return Request(
        model=examinee.identity,
        sampling=examinee.sampling,
        purpose="bench",
        messages=dialogue,
        template=examinee.template,
        sample=sample,
    )


def _said(outcome: ModelOutcome) -> _Said:
    if isinstance(outcome, Answer):
        return _Said(outcome.text, outcome.finish)
    return _Said("", str(outcome.kind))


def _judged(
    tasks: Sequence[Task],
    said: Mapping[str, _Said],
    exam: Examination,
    score: Score,
    number: int = 0,
    sample: int = 0,
) -> list[Attempt]:
    scored = score([Answered(task, said[task.id].text) for task in tasks])
    return [
        _attempt(task, said[task.id], one, exam, number, sample)
        for task, one in zip(tasks, scored, strict=True)
    ]


def _attempt(
    task: Task, said: _Said, scored: Scored, exam: Examination, number: int, sample: int
) -> Attempt:
    return Attempt(
        id=f"{task.id}-{number}" + (f"-{sample}" if sample else ""),
        task_id=task.id,
        task_number=task.number,
        model=exam.examinee.name,
        library=exam.library,
        round=number,
        protocol=exam.settings.protocol,
        answer=said.text,
        finish=said.finish,
        facts=scored.execution.facts,
        sample=sample,
        **scored.fields(),
    )


def _under_both(tasks: Sequence[Task], made: Sequence[Attempt], exam: Examination) -> list[Attempt]:
    """First answers with the verdict of the protocol that does not drive self-debug."""
    (other,) = exam.protocols.keys() - {exam.settings.protocol}
    answered = [Answered(task, attempt.answer) for task, attempt in zip(tasks, made, strict=True)]
    scored = exam.protocols[other](answered)
    return [
        attempt.model_copy(update={"other": (OtherVerdict(protocol=other, **one.fields()),)})
        for attempt, one in zip(made, scored, strict=True)
    ]
