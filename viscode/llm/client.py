"""The one interface to every model: requests in, outcomes out, in any order."""

from collections.abc import Iterable, Iterator, Sequence
from typing import Protocol

from viscode.llm.outcome import ModelOutcome
from viscode.llm.request import Request
from viscode.records import Message


class Client(Protocol):
    """A model. `complete` yields each request once with its outcome, as soon as it is there, and
    takes from `requests` no faster than it can ask."""

    def complete(self, requests: Iterable[Request]) -> Iterator[tuple[Request, ModelOutcome]]: ...

    def prompt_tokens(self, messages: Sequence[Message]) -> int:
        """Length of the rendered prompt in tokens; an estimate where the model is far away."""
        ...


def estimated_tokens(messages: Sequence[Message]) -> int:
    """About 3 characters a token (code and digits take more tokens than prose), 8 a message."""
    return sum(len(message.content) // 3 + 8 for message in messages)
