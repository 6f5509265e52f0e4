"""The one interface to every model: requests in, outcomes out, in any order."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from viscode.core.records import Message
from viscode.llm.outcome import ModelOutcome
from viscode.llm.request import Request


class Client(Protocol):
    """A model. `complete` yields each request once with its outcome, as soon as it is there, and
    takes from `requests` no faster than it can ask.

    `ready_limit`: how many items in a row that need no asking may pile up (streaming.py) before its
    intake is ended; low for clients that stream, high for those that want many at once.
    """

    ready_limit: int

    def complete(self, requests: Iterable[Request]) -> Iterator[tuple[Request, ModelOutcome]]: ...

    def prompt_tokens(self, messages: Sequence[Message]) -> int:
        """Length of the rendered prompt in tokens; an estimate where the model is far away."""
        ...

    def stop(self) -> None:
        """Take no more requests; what is under way is still handed on."""
        ...

    def under_way(self) -> str:
        """What goes on until the next outcome, for a progress line; "" for nothing to say."""
        ...


def estimated_tokens(messages: Sequence[Message]) -> int:
    """About 3 characters a token (code and digits take more tokens than prose), 8 a message."""
    return sum(len(message.content) // 3 + 8 for message in messages)
