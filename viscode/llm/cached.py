"""Answers kept in the work store: no request is asked twice.

Each outcome is stored the moment it arrives, so a kill loses what was under way and no more. Only
answers are final. What ended without one is recorded and never served as an answer; `asked_again`
says which kinds of it are asked again, the others come back as what they were.

A stored row says for what and whom it was (purpose, model) and what it has cost in tokens and
dollars, all attempts at it together; `usage` adds that up.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from viscode.core.records import Message
from viscode.core.workstore import WorkStore
from viscode.llm.budget import Tariff
from viscode.llm.client import Client
from viscode.llm.outcome import Answer, FailureKind, ModelOutcome, from_bytes, settled, to_bytes
from viscode.llm.request import Request
from viscode.llm.streaming import answered

CALL_KIND = "model_call"
EVERY_KIND = frozenset(FailureKind)


class CachedClient:
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

    def complete(self, requests: Iterable[Request]) -> Iterator[tuple[Request, ModelOutcome]]:
        found: Iterator[tuple[Request, ModelOutcome]] = answered(
            requests, self._plan, self._ask, self.ready_limit
        )
        yield from found

    def _plan(self, request: Request) -> Request | ModelOutcome:
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

    def _ask(self, requests: Iterable[Request]) -> Iterator[tuple[Request, ModelOutcome]]:
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
        spent = before.value if before is not None else Spent()
        dollars = 0.0
        if self.price is not None:
            dollars = self.price.dollars(outcome.prompt_tokens, outcome.new_tokens)
        record = {
            **json.loads(to_bytes(outcome)),
            "purpose": request.purpose,
            "model": request.model,
            "spent": [
                spent.prompt_tokens + outcome.prompt_tokens,
                spent.new_tokens + outcome.new_tokens,
                spent.dollars + dollars,
            ],
        }
        final = isinstance(outcome, Answer)
        self.store.put(CALL_KIND, request.key, json.dumps(record).encode(), final=final)


@dataclass(frozen=True)
class Spent:
    """What calls have cost: tokens of prompts and answers, dollars at the time's prices."""

    prompt_tokens: int = 0
    new_tokens: int = 0
    dollars: float = 0.0


@dataclass(frozen=True)
class CallUsage:
    """The calls of one purpose to one model that a store holds, by what they ended as."""

    purpose: str
    model: str
    ended: str
    calls: int
    spent: Spent


def usage(store: WorkStore) -> list[CallUsage]:
    """All that the store knows of, by purpose, model and outcome; rows of before this was kept
    have no purpose."""
    rows = store.query(
        "SELECT coalesce(value ->> 'purpose', ''), coalesce(value ->> 'model', ''),"
        " coalesce(value ->> 'kind', 'answer'), count(*), total(value ->> '$.spent[0]'),"
        " total(value ->> '$.spent[1]'), total(value ->> '$.spent[2]')"
        " FROM (SELECT CAST(value AS TEXT) AS value FROM work WHERE kind = ?)"
        " WHERE json_valid(value) AND json_type(value) = 'object'"
        " GROUP BY 1, 2, 3 ORDER BY 1, 2, 3",
        (CALL_KIND,),
    )
    return [
        CallUsage(purpose, model, ended, calls, Spent(int(prompt), int(new), dollars))
        for purpose, model, ended, calls, prompt, new, dollars in rows
    ]


def _spent(value: bytes) -> Spent:
    return Spent(*json.loads(value).get("spent", ()))
