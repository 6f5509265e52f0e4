"""Algorithm 1 of the paper (section 4): answers, executed; what fails is asked again with why.

Round 0 asks every task for every plotting library, all in one call of the model's client, so that
a local model makes full batches. Each later round asks only what still fails, with the whole
dialogue so far: the task, the model's answer, what went wrong. Every turn stands in it once. After
the last round a task counts by its latest attempt. `bench.protocol` says how answers are judged;
first answers are judged under the other protocol too. Where several first answers are drawn
(pass@k), self-debug goes on with the first of them.
"""

import itertools
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
class Question:
    """A task that is to be solved with a library."""

    library: Library
    task: Task

    @property
    def key(self) -> tuple[Library, str]:
        return self.library, self.task.id


Key = tuple[Library, str]
Dialogues = dict[Key, tuple[Message, ...]]
Outcomes = dict[Key, ModelOutcome]


@dataclass(frozen=True)
class Examination:
    """What every round of one model has in common. `limits`: seconds that answers have under
    `isolated`, by task id, where that is more than usual."""

    examinee: Examinee
    words: Wording
    settings: BenchSettings
    options: RunOptions
    store: WorkStore
    limits: Mapping[str, float]

    def scored(
        self, questions: Sequence[Question], texts: Sequence[str], protocol: Protocol
    ) -> list[Scored]:
        """Each answer's verdict; questions for one library stand together."""
        answers = [Answered(one.task, text) for one, text in zip(questions, texts, strict=True)]
        if protocol == "isolated":
            return score_isolated(answers, self.options, self.store, self.limits)
        published = replace(self.options, timeout_s=self.settings.paper_timeout_s)
        pairs = zip(questions, answers, strict=True)
        return [
            scored
            for library, group in itertools.groupby(pairs, key=lambda pair: pair[0].library)
            for scored in score_paper([one for _, one in group], library, published, self.store)
        ]


def attempts(
    tasks: Sequence[Task], libraries: Sequence[Library], exam: Examination
) -> Iterator[Attempt]:
    """Every attempt, round by round, within a round by library and in the order of `tasks`.

    Raises:
        UserError: calls that the model's server lost; what arrived is kept.
    """
    settings = exam.settings
    questions = [Question(library, task) for library in libraries for task in tasks]
    dialogues = {
        one.key: messages(one.task, one.library, settings.descriptor, exam.words)
        for one in questions
    }
    drawn = _answers(questions, dialogues, exam, exam.examinee.samples)
    for sample, outcomes in enumerate(drawn[1:], start=1):
        yield from _judged(questions, outcomes, exam, sample=sample)
    made = _judged(questions, drawn[0], exam)
    yield from _under_both(questions, made, exam)
    failing = questions
    for number in range(1, settings.rounds + 1):
        failed = {(one.library, one.task_id): one for one in made if one.verdict != "pass"}
        failing = [one for one in failing if one.key in failed]
        for one in failing:
            told = follow_up(dialogues[one.key], failed[one.key], one.task, settings)
            dialogues[one.key] = told
        (outcomes,) = _answers(failing, dialogues, exam, samples=1)
        made = _judged(failing, outcomes, exam, number)
        yield from made


def _answers(
    questions: Sequence[Question], dialogues: Dialogues, exam: Examination, samples: int
) -> list[Outcomes]:
    """What the model says to each question, once for each sample."""
    examinee = exam.examinee
    limit = examinee.context - examinee.sampling.max_new_tokens
    fitted = {
        one.key: fit(dialogues[one.key], limit, examinee.client.prompt_tokens) for one in questions
    }
    requests = [
        {
            key: Request(
                model=examinee.identity,
                sampling=examinee.sampling,
                purpose="bench",
                messages=dialogue,
                template=examinee.template,
                sample=sample,
            )
            for key, dialogue in fitted.items()
        }
        for sample in range(samples)
    ]
    unique = {request.key: request for drawn in requests for request in drawn.values()}
    answers = examinee.client.complete(list(unique.values()))
    line = stage_line("answers", len(unique), examinee.name, examinee.client.under_way)
    outcomes = {request.key: outcome for request, outcome in watched(answers, line)}
    refuse_lost(outcomes.values(), "answers", f"model {examinee.name}")
    return [{key: outcomes[request.key] for key, request in drawn.items()} for drawn in requests]


def _judged(
    questions: Sequence[Question],
    outcomes: Outcomes,
    exam: Examination,
    number: int = 0,
    sample: int = 0,
) -> list[Attempt]:
    """An attempt for each question; a refusal is an empty answer."""
    said = [
        (one.text, str(one.finish)) if isinstance(one, Answer) else ("", str(one.kind))
        for one in (outcomes[question.key] for question in questions)
    ]
    scored = exam.scored(questions, [text for text, _ in said], exam.settings.protocol)
    return [
        Attempt(
            id=f"{question.task.id}-{number}" + (f"-{sample}" if sample else ""),
            task_id=question.task.id,
            task_number=question.task.number,
            model=exam.examinee.name,
            library=question.library,
            round=number,
            protocol=exam.settings.protocol,
            answer=text,
            finish=finish,
            facts=one.execution.facts,
            sample=sample,
            **one.fields(),
        )
        for question, (text, finish), one in zip(questions, said, scored, strict=True)
    ]


def _under_both(
    questions: Sequence[Question], made: Sequence[Attempt], exam: Examination
) -> list[Attempt]:
    """First answers with the verdict of the protocol that does not drive self-debug."""
    other: Protocol = "paper" if exam.settings.protocol == "isolated" else "isolated"
    scored = exam.scored(questions, [attempt.answer for attempt in made], other)
    return [
        attempt.model_copy(update={"other": (OtherVerdict(protocol=other, **one.fields()),)})
        for attempt, one in zip(made, scored, strict=True)
    ]
