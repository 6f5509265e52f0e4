"""Answers kept in the work store: no request is asked twice.

Each outcome is stored the moment it arrives, so a kill loses what was under way and no more. Only
answers are final. What ended without one is recorded and never served as an answer; `asked_again`
says which kinds of it are asked again, the others come back as what they were.

A stored row says for what and whom it was (purpose, model) and what it has cost in tokens and
dollars, all attempts at it together; `usage` adds that up. `estimate` says what is still to be
paid.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from viscode.core.outcomes import Rejected
from viscode.core.records import Message
from viscode.core.workstore import WorkStore
from viscode.llm.budget import Estimate, Tariff, prompt_estimate
from viscode.llm.client import Client, Outcomes, answered
from viscode.llm.outcome import Answer, FailureKind, ModelOutcome, from_bytes, settled
from viscode.llm.request import Request

CALL_KIND = "model_call"
EVERY_KIND = frozenset(FailureKind)
# A block of some 40 lines; four or five paragraphs. Assumptions, not measurements.
TYPICAL_NEW_TOKENS = {"extract": 350, "instruct": 300, "judge": 12}


class CachedClient(Client):
    """A client that asks another one only for what the store does not hold."""

    def __init__(
        self,
        inner: Client,
        store: WorkStore,
        *,
        asked_again: frozenset[FailureKind] = EVERY_KIND,
        price: Tariff | None = None,
    ) -> None:
        self.inner, self.store = inner, store
        self.asked_again, self.price = asked_again, price
        self.ready_limit = inner.ready_limit

    def prompt_tokens(self, messages: Sequence[Message]) -> int:
        return self.inner.prompt_tokens(messages)

    def stop(self) -> None:
        self.inner.stop()

    def under_way(self) -> str:
        return self.inner.under_way()

    def complete(self, requests: Iterable[Request]) -> Outcomes:
        found: Outcomes = answered(requests, self._stored_or_asked, self._ask, self.ready_limit)
        yield from found

    def _stored_or_asked(self, request: Request) -> Request | ModelOutcome:
        return self.stored(request) or request

    def stored(self, request: Request) -> ModelOutcome | None:
        """What the store has for a request; None where it is to be asked."""
        row = self.store.look(CALL_KIND, request.key, from_bytes)
        if row is None:
            return None
        outcome = row.value
        if isinstance(outcome, Answer):
            return settled(request, outcome)
        return None if outcome.kind in self.asked_again else outcome

    def _ask(self, requests: Iterable[Request]) -> Outcomes:
        outcomes = self.inner.complete(requests)
        try:
            for request, outcome in outcomes:
                self._keep(request, outcome)
                yield request, outcome
        finally:
            self.inner.stop()  # nobody may listen any more; what is under way is kept all the same
            for request, outcome in outcomes:
                self._keep(request, outcome)

    def _keep(self, request: Request, outcome: ModelOutcome) -> None:
        before = self.store.look(CALL_KIND, request.key, _spent)
        tokens, new_tokens, dollars = before.value if before is not None else (0, 0, 0.0)
        if self.price is not None:
            dollars += self.price.dollars(outcome.prompt_tokens, outcome.new_tokens)
        record = {
            **outcome.model_dump(mode="json"),
            "purpose": request.purpose,
            "model": request.model,
            "spent": [tokens + outcome.prompt_tokens, new_tokens + outcome.new_tokens, dollars],
        }
        final = isinstance(outcome, Answer)
        self.store.put(CALL_KIND, request.key, json.dumps(record).encode(), final=final)


def _spent(value: bytes) -> tuple[int, int, float]:
    """Tokens of prompts and answers, and dollars at the time's prices."""
    prompt_tokens, new_tokens, dollars = json.loads(value).get("spent", (0, 0, 0.0))
    return prompt_tokens, new_tokens, dollars


@dataclass(frozen=True)
class CallUsage:
    """The calls of one purpose to one model that a store holds, by what they ended as."""

    purpose: str
    model: str
    ended: str
    calls: int
    prompt_tokens: int
    new_tokens: int
    dollars: float


def usage(store: WorkStore) -> list[CallUsage]:
    """All that the store knows of, by purpose, model and outcome; rows of before this was kept
    have no purpose."""
    rows = store.query(
        "SELECT coalesce(value ->> 'purpose', ''), coalesce(value ->> 'model', ''),"
        " coalesce(value ->> 'kind', 'answer'), count(*),"
        " CAST(total(value ->> '$.spent[0]') AS INTEGER),"
        " CAST(total(value ->> '$.spent[1]') AS INTEGER), total(value ->> '$.spent[2]')"
        " FROM (SELECT CAST(value AS TEXT) AS value FROM work WHERE kind = ?)"
        " WHERE json_valid(value) AND json_type(value) = 'object'"
        " GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        (CALL_KIND,),
    )
    return [CallUsage(*row) for row in rows]


def estimate(planned: Iterable[Request | Rejected], client: CachedClient) -> Estimate:
    """What a stage's calls will take, by the first request for each record; streams, holds none.

    Prompts are counted from the requests themselves, answers by what is typical of their purpose.
    Answers that the store has cost nothing. Repeated answers, one or two in a hundred, are not
    counted.
    """
    known = calls = prompts = answers = 0
    for request in planned:
        if isinstance(request, Rejected):
            continue
        if client.stored(request) is not None:
            known += 1
            continue
        most = request.sampling.max_new_tokens
        calls += 1
        prompts += prompt_estimate(request)
        answers += min(most, TYPICAL_NEW_TOKENS.get(request.purpose, most))
    return Estimate(known, calls, prompts, answers)
