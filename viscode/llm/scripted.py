"""A client for tests: answers come from a function, and every request is remembered."""

from collections.abc import Callable, Iterable

from viscode.llm.client import Client, Outcomes
from viscode.llm.outcome import Answer, Failure, settled
from viscode.llm.request import Request


class ScriptedClient(Client):
    """Answers each request with `reply(request)`: a text, or a whole outcome."""

    def __init__(self, reply: Callable[[Request], str | Answer | Failure]) -> None:
        self.reply = reply
        self.asked: list[Request] = []

    def complete(self, requests: Iterable[Request]) -> Outcomes:
        self.stopped = False
        for request in requests:
            if self.stopped:
                return
            self.asked.append(request)
            reply = self.reply(request)
            if isinstance(reply, str):
                reply = Answer(text=reply, finish="stop", prompt_tokens=0, new_tokens=0)
            yield request, settled(request, reply) if isinstance(reply, Answer) else reply
