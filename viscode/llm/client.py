"""The one interface to every model: requests in, outcomes out, in any order."""

from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from typing import TypeVar

from viscode.core.records import Message
from viscode.llm.outcome import ModelOutcome
from viscode.llm.request import Request

STREAMS, WANTS_MANY = 1000, 1_000_000  # for `ready_limit`
Outcomes = Iterator[tuple[Request, ModelOutcome]]
T = TypeVar("T")
V = TypeVar("V")


class Client(ABC):
    """A model. `ready_limit`: how many items in a row that need no asking may pile up before its
    intake is ended (see `answered`); low for clients that stream, high for those that want many
    requests at once."""

    ready_limit = STREAMS
    stopped = False

    @abstractmethod
    def complete(self, requests: Iterable[Request]) -> Outcomes:
        """Each request once with its outcome, as soon as it is there. Takes from `requests` no
        faster than it can ask."""

    def prompt_tokens(self, messages: Sequence[Message]) -> int:
        """Length of the rendered prompt in tokens; an estimate where the model is far away."""
        return estimated_tokens(messages)

    def stop(self) -> None:
        """Take no more requests until the next `complete`; what is under way is handed on."""
        self.stopped = True

    def under_way(self) -> str:
        """What goes on until the next outcome, for a progress line; "" for nothing to say."""
        return ""


def estimated_tokens(messages: Sequence[Message]) -> int:
    """About 3 characters a token (code and digits take more tokens than prose), 8 a message."""
    return sum(len(message.content) // 3 + 8 for message in messages)


def answered(
    items: Iterable[T],
    plan: Callable[[T], Request | V],
    ask: Callable[[Iterable[Request]], Outcomes],
    ready_limit: int,
) -> Iterator[tuple[T, V | ModelOutcome]]:
    """Each item once, in any order: with what `plan` has for it, or with the outcome of the
    request that `plan` makes of it. Equal requests are asked once.

    Lazy: what is held is what is under way, because clients take requests no faster than they ask.
    Items that need no asking cannot be handed on while a client takes them in; so after
    `ready_limit` of them in a row the client is given no more, and a new round begins.
    """
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
