"""Items through a model, lazily: some need no asking, equal requests are asked once.

What is held is what is under way, whatever the number of items, because clients take requests no
faster than they ask. Items that need no asking cannot be handed on while a client takes them in;
so after `ready_limit` of them in a row the client is given no more, which ends its round, and a new
one begins.
"""

from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator
from typing import TypeVar

from viscode.llm.outcome import ModelOutcome
from viscode.llm.request import Request

STREAMS, WANTS_MANY = 1000, 1_000_000  # for clients' `ready_limit`
T = TypeVar("T")
V = TypeVar("V")
Ask = Callable[[Iterable[Request]], Iterator[tuple[Request, ModelOutcome]]]


def answered(
    items: Iterable[T], plan: Callable[[T], Request | V], ask: Ask, ready_limit: int
) -> Iterator[tuple[T, V | ModelOutcome]]:
    """Each item once, in any order: with what `plan` has for it, or with the outcome of the
    request that `plan` makes of it."""
    stream = iter(items)
    owners: dict[str, list[T]] = {}
    ready: deque[tuple[T, V]] = deque()
    more = True

    def requests() -> Iterator[Request]:
        nonlocal more
        for item in stream:
            planned = plan(item)
            if not isinstance(planned, Request):
                ready.append((item, planned))
                if len(ready) >= ready_limit:
                    return
            elif planned.key in owners:
                owners[planned.key].append(item)
            else:
                owners[planned.key] = [item]
                yield planned
        more = False

    while more:
        outcomes = ask(requests())
        try:
            for request, outcome in outcomes:
                for item in owners.pop(request.key):
                    yield item, outcome
                while ready:
                    yield ready.popleft()
        finally:
            if isinstance(outcomes, Generator):  # nobody may take the rest: it ends now, not later
                outcomes.close()
        while ready:
            yield ready.popleft()
