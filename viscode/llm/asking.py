"""Records -> requests -> outcomes -> verdicts on records, for stages that ask a model.

The stage says how a record becomes a request and how an outcome is read. An answer that is no use
(`AskAgain`) is asked for once more with the number of the sample in the key, so that the model may
say something else and both answers stay in the store. Records stream through: what is held is what
is under way, and the records that are to be asked about once more.

A refusal, a cut-off or a filtered answer is a verdict on the record. A request that failed (the
server was down to the last attempt) is not: the stage ends with an error when all else is done and
stored, so that running it again asks just those.
"""

import functools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Generic, TypeVar

from viscode.core.errors import UserError
from viscode.core.outcomes import Kept, Rejected
from viscode.core.records import Identified
from viscode.llm.client import Client
from viscode.llm.outcome import Answer, Failure, FailureKind, ModelOutcome
from viscode.llm.request import Request
from viscode.llm.streaming import answered

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


class Asker(Generic[In, Out]):
    """How a stage asks: `request(record, sample)`, or at once a rejection; `read(record, answer)`;
    at most `samples` answers a record."""

    def __init__(
        self,
        client: Client,
        request: Callable[[In, int], Request | Rejected],
        read: Callable[[In, Answer], Kept[Out] | Rejected | AskAgain],
        samples: int = 2,
    ) -> None:
        self.client, self.request, self.read, self.samples = client, request, read, samples

    def verdicts(self, records: Iterable[In]) -> Iterator[tuple[str, Kept[Out] | Rejected]]:
        """Each record's id with what became of it, in any order.

        Raises:
            UserError: at the end, when requests failed; the store holds all that was answered.
        """
        failed: list[str] = []
        waiting = records
        for sample in range(self.samples):
            again: list[In] = []
            for record, result in self._asked(waiting, sample):
                if isinstance(result, Failure):
                    failed.append(result.detail)
                elif not isinstance(result, AskAgain):
                    yield record.id, result
                elif sample + 1 == self.samples:
                    yield record.id, result.reason
                else:
                    again.append(record)
            waiting = again
        if failed:
            raise UserError(
                f"{len(failed)} model calls failed: {failed[-1][:300]}",
                where="llm in params.yaml",
                todo="run again: answers are kept, only what failed is asked",
            )

    def _asked(
        self, records: Iterable[In], sample: int
    ) -> Iterator[tuple[In, Kept[Out] | Rejected | AskAgain | Failure]]:
        plan, limit = functools.partial(self._plan, sample=sample), self.client.ready_limit
        for record, found in answered(records, plan, self.client.complete, limit):
            if isinstance(found, Rejected):
                yield record, found
            else:
                yield record, self._verdict(record, found)

    def _plan(self, record: In, sample: int) -> Request | Rejected:
        return self.request(record, sample)

    def _verdict(
        self, record: In, outcome: ModelOutcome
    ) -> Kept[Out] | Rejected | AskAgain | Failure:
        if isinstance(outcome, Answer):
            return self.read(record, outcome)
        if outcome.kind is FailureKind.FAILED:
            return outcome
        rejected = Rejected(ModelReason[outcome.kind.name], outcome.detail)
        return AskAgain(rejected) if outcome.kind is FailureKind.MALFORMED else rejected
