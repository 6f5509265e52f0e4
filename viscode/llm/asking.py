"""Records -> requests -> outcomes -> verdicts on records, for stages that ask a model.

The stage says how a record becomes a request and how an answer is read. Records stream through:
what is held is what is under way, and the records that are to be asked about once more.
"""

import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import TypeVar

from viscode.core.errors import UserError
from viscode.core.outcomes import Kept, Rejected
from viscode.core.progress import Progress
from viscode.core.records import Identified
from viscode.llm.budget import Budget
from viscode.llm.client import Client, answered
from viscode.llm.outcome import Answer, FailureKind
from viscode.llm.request import Request

In = TypeVar("In", bound=Identified)
Out = TypeVar("Out", bound=Identified)


class ModelReason(StrEnum):
    """Why a record is rejected for lack of an answer."""

    REFUSED = "model_refused"
    CUT_OFF = "model_cut_off"
    FILTERED = "model_filtered"
    MALFORMED = "model_malformed"


@dataclass(frozen=True)
class AskAgain:
    """The answer is no use. `reason` is what becomes of the record if it was the last one."""

    reason: Rejected


def verdicts(
    records: Iterable[In],
    client: Client,
    request: Callable[[In, int], Request | Rejected],
    read: Callable[[In, Answer], Kept[Out] | Rejected | AskAgain],
    samples: int,
) -> Iterator[tuple[str, Kept[Out] | Rejected]]:
    """Each record's id with what became of it, in any order.

    `request(record, sample)` asks, or rejects at once; `read(record, answer)` judges the answer.
    After `AskAgain` the record is asked about once more with the next sample's number in the key,
    so that the model may say something else and both answers stay in the store: `samples` times at
    most. A refusal, a cut-off or a filtered answer is a verdict on the record. A request that
    failed (the server was down to the last attempt) is not.

    Raises:
        UserError: at the end, when requests failed. The store has all that was answered, and
            running the stage again asks just the rest.
    """
    failed: list[str] = []
    waiting = records
    for sample in range(samples):
        again: list[In] = []

        def plan(record: In, sample: int = sample) -> Request | Rejected:
            return request(record, sample)

        for record, found in answered(waiting, plan, client.complete, client.ready_limit):
            verdict: Kept[Out] | Rejected | AskAgain
            if isinstance(found, Rejected):
                verdict = found
            elif isinstance(found, Answer):
                verdict = read(record, found)
            elif found.kind is FailureKind.FAILED:
                failed.append(found.detail)
                continue
            else:
                verdict = Rejected(ModelReason[found.kind.name], found.detail)
                if found.kind is FailureKind.MALFORMED:
                    verdict = AskAgain(verdict)
            if not isinstance(verdict, AskAgain):
                yield record.id, verdict
            elif sample + 1 == samples:
                yield record.id, verdict.reason
            else:
                again.append(record)
        waiting = again
    if failed:
        raise UserError(
            f"{len(failed)} model calls failed: {failed[-1][:300]}",
            where="llm in params.yaml",
            todo="run again: answers are kept, only what failed is asked",
        )


def model_line(name: str, total: int | None, budget: Budget | None, client: Client) -> Progress:
    """The progress line for records whose verdicts a model's answers decide."""
    began = time.monotonic()

    def note() -> str:
        return spent(budget, time.monotonic() - began) or client.under_way()

    return Progress(name, "records", total, note=note)


def spent(budget: Budget | None, seconds: float) -> str:
    """E.g. "12.0 calls/s, 8,400 tokens/s, $0.31"; "" without a budget's count."""
    if budget is None or seconds <= 0:
        return ""
    return (
        f"{budget.calls / seconds:,.1f} calls/s, {budget.tokens / seconds:,.0f} tokens/s, "
        f"${budget.usd:,.2f}"
    )
