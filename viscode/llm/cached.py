"""Answers kept in the work store: no request is asked twice.

Each outcome is stored the moment it arrives, so a kill loses what was being generated and no
more. Only answers are final; failures are recorded, never served, and asked again.
"""

from collections.abc import Iterator, Sequence

from viscode.llm.client import Client
from viscode.llm.outcome import Answer, ModelOutcome, from_bytes, settled, to_bytes
from viscode.llm.request import Request
from viscode.records import Message
from viscode.workstore import WorkStore

KIND = "model_call"


class CachedClient:
    """A client that asks another one only for what the store does not hold."""

    def __init__(self, inner: Client, store: WorkStore) -> None:
        self.inner = inner
        self.store = store

    def prompt_tokens(self, messages: Sequence[Message]) -> int:
        return self.inner.prompt_tokens(messages)

    def complete(self, requests: Sequence[Request]) -> Iterator[tuple[Request, ModelOutcome]]:
        missing: dict[str, list[Request]] = {}
        for request in requests:
            outcome = self._stored(request)
            if outcome is None:
                missing.setdefault(request.key, []).append(request)
            else:
                yield request, outcome
        for request, outcome in self.inner.complete([same[0] for same in missing.values()]):
            final = isinstance(outcome, Answer)
            self.store.put(KIND, request.key, to_bytes(outcome), final=final)
            for same in missing[request.key]:
                yield same, outcome

    def _stored(self, request: Request) -> ModelOutcome | None:
        value = self.store.get(KIND, request.key)
        if value is None:
            return None
        outcome = from_bytes(value)
        return settled(request, outcome) if isinstance(outcome, Answer) else outcome
