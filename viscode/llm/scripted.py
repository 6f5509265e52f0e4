"""A client for tests: answers come from a function, and every request is remembered."""

from collections.abc import Callable, Iterable, Iterator, Sequence

from viscode.core.records import Message
from viscode.llm.client import estimated_tokens
from viscode.llm.outcome import Answer, Failure, ModelOutcome, settled
from viscode.llm.request import Request
from viscode.llm.streaming import STREAMS


class ScriptedClient:
    """Answers each request with `reply(request)`: a text, or a whole outcome."""

    ready_limit = STREAMS

    def __init__(self, reply: Callable[[Request], str | Answer | Failure]) -> None:
        self.reply = reply
        self.asked: list[Request] = []
        self.stopped = False

    def stop(self) -> None:
        self.stopped = True

    def under_way(self) -> str:
        return ""

    def prompt_tokens(self, messages: Sequence[Message]) -> int:
        return estimated_tokens(messages)

    def complete(self, requests: Iterable[Request]) -> Iterator[tuple[Request, ModelOutcome]]:
        self.stopped = False
        for request in requests:
            if self.stopped:
                return
            self.asked.append(request)
            reply = self.reply(request)
            if isinstance(reply, str):
                reply = Answer(text=reply, finish="stop", prompt_tokens=0, new_tokens=0)
            yield request, settled(request, reply) if isinstance(reply, Answer) else reply
