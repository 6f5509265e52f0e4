"""Algorithm 1 of the paper (section 4): answers, executed; what fails is asked again with why.

Round 0 asks every task. Each later round asks only the tasks that still fail, with the whole
dialogue so far: the task, the model's answer, what went wrong. Every turn stands in it once. After
the last round a task counts by its latest attempt. `bench.protocol` says how answers are judged;
first answers are judged under the other protocol too. Where several first answers are drawn
(pass@k), self-debug goes on with the first of them.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

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
from viscode.settings.bench import BenchSettings, Library, Protocol


@dataclass(frozen=True)
class Examination:
    """What every round of one model and library has in common. `limits`: seconds that answers have
    under `isolated`, by task id, where that is more than usual."""

    examinee: Examinee
    library: Library
    words: Wording
    settings: BenchSettings
    options: RunOptions
    store: WorkStore
    limits: Mapping[str, float]

    def scored(self, answers: Sequence[Answered], protocol: Protocol) -> list[Scored]:
        if protocol == "isolated":
            return score_isolated(answers, self.options, self.store, self.limits)
        published = replace(self.options, timeout_s=self.settings.paper_timeout_s)
        return score_paper(answers, self.library, published, self.store)


Dialogues = dict[str, tuple[Message, ...]]  # by task id
Outcomes = dict[str, ModelOutcome]  # by task id


def attempts(tasks: Sequence[Task], exam: Examination) -> Iterator[Attempt]:
    """Every attempt, round by round, within a round in the order of `tasks`.

    Raises:
        UserError: calls that the model's server lost; what arrived is kept.
    """
    settings = exam.settings
    dialogues = {
        task.id: messages(task, exam.library, settings.descriptor, exam.words) for task in tasks
    }
    drawn = _answers(tasks, dialogues, exam, exam.examinee.samples)
    for sample, outcomes in enumerate(drawn[1:], start=1):
        yield from _judged(tasks, outcomes, exam, sample=sample)
    made = _judged(tasks, drawn[0], exam)
    yield from _under_both(tasks, made, exam)
    failing = list(tasks)
    for number in range(1, settings.rounds + 1):
        failed = {attempt.task_id: attempt for attempt in made if attempt.verdict != "pass"}
        failing = [task for task in failing if task.id in failed]
        for task in failing:
            told = follow_up(dialogues[task.id], failed[task.id], task, settings)
            dialogues[task.id] = told
        (outcomes,) = _answers(failing, dialogues, exam, samples=1)
        made = _judged(failing, outcomes, exam, number)
        yield from made


def _answers(
    tasks: Sequence[Task], dialogues: Dialogues, exam: Examination, samples: int
) -> list[Outcomes]:
    """What the model says to each task, once for each sample."""
    examinee = exam.examinee
    limit = examinee.context - examinee.sampling.max_new_tokens
    fitted = {
        task.id: fit(dialogues[task.id], limit, examinee.client.prompt_tokens) for task in tasks
    }
    requests = [
        {
            task_id: Request(
                model=examinee.identity,
                sampling=examinee.sampling,
                purpose="bench",
                messages=dialogue,
                template=examinee.template,
                sample=sample,
            )
            for task_id, dialogue in fitted.items()
        }
        for sample in range(samples)
    ]
    unique = {request.key: request for drawn in requests for request in drawn.values()}
    answers = examinee.client.complete(list(unique.values()))
    part, note = f"{examinee.name}-{exam.library}", examinee.client.under_way
    line = stage_line("answers", len(unique), part, note)
    outcomes = {request.key: outcome for request, outcome in watched(answers, line)}
    refuse_lost(outcomes.values(), "answers", f"model {examinee.name}")
    return [
        {task_id: outcomes[request.key] for task_id, request in drawn.items()} for drawn in requests
    ]


def _judged(
    tasks: Sequence[Task], outcomes: Outcomes, exam: Examination, number: int = 0, sample: int = 0
) -> list[Attempt]:
    """An attempt for each task; a refusal is an empty answer."""
    said = [
        (one.text, str(one.finish)) if isinstance(one, Answer) else ("", str(one.kind))
        for one in (outcomes[task.id] for task in tasks)
    ]
    answered = [Answered(task, text) for task, (text, _) in zip(tasks, said, strict=True)]
    scored = exam.scored(answered, exam.settings.protocol)
    return [
        Attempt(
            id=f"{task.id}-{number}" + (f"-{sample}" if sample else ""),
            task_id=task.id,
            task_number=task.number,
            model=exam.examinee.name,
            library=exam.library,
            round=number,
            protocol=exam.settings.protocol,
            answer=text,
            finish=finish,
            facts=one.execution.facts,
            sample=sample,
            **one.fields(),
        )
        for task, (text, finish), one in zip(tasks, said, scored, strict=True)
    ]


def _under_both(tasks: Sequence[Task], made: Sequence[Attempt], exam: Examination) -> list[Attempt]:
    """First answers with the verdict of the protocol that does not drive self-debug."""
    other: Protocol = "paper" if exam.settings.protocol == "isolated" else "isolated"
    answered = [Answered(task, attempt.answer) for task, attempt in zip(tasks, made, strict=True)]
    return [
        attempt.model_copy(update={"other": (OtherVerdict(protocol=other, **one.fields()),)})
        for attempt, one in zip(made, exam.scored(answered, other), strict=True)
    ]
