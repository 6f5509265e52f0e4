"""Algorithm 1 of the paper (section 4): answers, executed; what fails is asked again with why.

Round 0 asks every task. Each later round asks only the tasks that still fail, with the whole
dialogue so far: the task, the model's answer, what went wrong. Every turn stands in it once. After
the last round a task counts by its latest attempt. Answers run through the execution engine
exactly as they are (protocol `isolated`): data.csv lies beside them and files they save count as
images.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from viscode.bench.answer_code import answer_code
from viscode.bench.dialogue import fit, follow_up
from viscode.bench.prompts import Wording, messages
from viscode.bench.tasks import data_files
from viscode.bench.verdicts import verdict
from viscode.errors import UserError
from viscode.execution.engine import RunOptions, run
from viscode.llm.client import Client
from viscode.llm.outcome import Answer, Failure, FailureKind, ModelOutcome
from viscode.llm.request import Request, Sampling
from viscode.records import Attempt, Execution, Message, Script, Task
from viscode.settings.bench import BenchSettings, Library
from viscode.workstore import WorkStore

Messages = tuple[Message, ...]
LOST = (FailureKind.FAILED, FailureKind.MALFORMED)  # no answer of the model's: nothing to score


@dataclass(frozen=True)
class Examinee:
    """A model under test: its name in params.yaml, its identity, and how it is asked."""

    name: str
    identity: str
    client: Client
    sampling: Sampling


@dataclass(frozen=True)
class Examination:
    """What every round of one model and library has in common."""

    examinee: Examinee
    library: Library
    words: Wording
    settings: BenchSettings
    options: RunOptions
    store: WorkStore


def attempts(tasks: Sequence[Task], exam: Examination) -> Iterator[Attempt]:
    """Every attempt, round by round, within a round in the order of `tasks`.

    Raises:
        UserError: calls that the model's server lost; what arrived is kept.
    """
    settings, words = exam.settings, exam.words
    dialogues = {
        task.id: messages(task, exam.library, settings.descriptor, words) for task in tasks
    }
    failing = list(tasks)
    for number in range(settings.rounds + 1):
        made = _round(failing, dialogues, number, exam)
        yield from made
        failed = {attempt.task_id: attempt for attempt in made if attempt.verdict != "pass"}
        failing = [task for task in failing if task.id in failed]
        for task in failing:
            told = follow_up(dialogues[task.id], failed[task.id], task, settings)
            dialogues[task.id] = told


def _round(
    tasks: Sequence[Task], dialogues: Mapping[str, Messages], number: int, exam: Examination
) -> list[Attempt]:
    answers = _answers(tasks, dialogues, exam)
    scripts = [
        Script(
            id=_id(task, number), code=answer_code(answers[task.id].text), files=data_files(task)
        )
        for task in tasks
    ]
    executions = {done.id: done for done in run(scripts, exam.options, exam.store)}
    return [
        _attempt(task, number, answers[task.id], script.code, executions[script.id], exam)
        for task, script in zip(tasks, scripts, strict=True)
    ]


def _id(task: Task, number: int) -> str:
    return f"{task.id}-{number}"


@dataclass(frozen=True)
class _Said:
    """What the model said: its text, "" for a refusal, and how that ended."""

    text: str
    finish: str


def _answers(
    tasks: Sequence[Task], dialogues: Mapping[str, Messages], exam: Examination
) -> dict[str, _Said]:
    examinee = exam.examinee
    limit = exam.settings.context - exam.settings.max_new_tokens
    requests = {
        task.id: Request(
            model=examinee.identity,
            sampling=examinee.sampling,
            purpose="bench",
            messages=fit(dialogues[task.id], limit, examinee.client.prompt_tokens),
        )
        for task in tasks
    }
    unique = {request.key: request for request in requests.values()}
    outcomes = {
        request.key: outcome for request, outcome in examinee.client.complete(list(unique.values()))
    }
    _check_lost(outcomes, examinee.name)
    return {task.id: _said(outcomes[requests[task.id].key]) for task in tasks}


def _check_lost(outcomes: Mapping[str, ModelOutcome], name: str) -> None:
    lost = [
        outcome
        for outcome in outcomes.values()
        if isinstance(outcome, Failure) and outcome.kind in LOST
    ]
    if lost:
        raise UserError(
            f"{len(lost)} of {len(outcomes)} answers were lost: {lost[0].detail}",
            where=f"model {name}",
            todo="run the stage again: what came is kept",
        )


def _said(outcome: ModelOutcome) -> _Said:
    if isinstance(outcome, Answer):
        return _Said(outcome.text, outcome.finish)
    return _Said("", str(outcome.kind))


def _attempt(
    task: Task, number: int, said: _Said, code: str, execution: Execution, exam: Examination
) -> Attempt:
    return Attempt(
        id=_id(task, number),
        task_id=task.id,
        task_number=task.number,
        model=exam.examinee.name,
        library=exam.library,
        round=number,
        protocol=exam.settings.protocol,
        answer=said.text,
        code=code,
        finish=said.finish,
        verdict=verdict(execution),
        status=execution.status,
        error_type=execution.error_type,
        error=execution.error or execution.error_message,
        images=execution.images,
        facts=execution.facts,
    )
