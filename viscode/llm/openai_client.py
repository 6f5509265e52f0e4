"""A model behind an OpenAI-compatible server: hosted, vLLM, llama.cpp; many requests at a time.

The key comes from OPENAI_API_KEY, never from parameters; the URL from OPENAI_BASE_URL, or where
several servers are asked from `base_url` of a model's entry. What follows an error stands in
servers.py. Requests are taken in as fast as they can be asked and no faster.

Ctrl-C takes no more requests, waits up to `DRAIN_S` for those under way, hands on what arrives and
then ends the run; a second Ctrl-C ends it at once. So does a server that stops the run.
"""

import asyncio
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from types import FrameType

import openai
from aiolimiter import AsyncLimiter

from viscode.core.errors import UserError
from viscode.llm.budget import Budget, prompt_estimate
from viscode.llm.client import Client, Outcomes
from viscode.llm.outcome import Failure, FailureKind, ModelOutcome
from viscode.llm.replies import body, read_reply, text_body
from viscode.llm.request import Request
from viscode.llm.servers import (
    FIRST_PAUSE_S,
    CallAction,
    action_for_error,
    advice_for,
    api_key,
    pause_s,
    seconds_to_wait,
)
from viscode.settings.llm import LlmSettings

DRAIN_S = 60.0
LOOK_S = 1.0  # between two looks at the clock while nothing arrives
HALVE_EVERY_S = 1.0


class OpenAIClient(Client):
    """Chat completions of one model."""

    def __init__(
        self,
        model: str,
        settings: LlmSettings,
        budget: Budget | None = None,
        base_url: str = "",
        first_pause_s: float = FIRST_PAUSE_S,
    ) -> None:
        self.model, self.settings, self.budget = model, settings, budget
        self.base_url, self.first_pause_s = base_url, first_pause_s
        self.throttle = _Throttle(settings)
        self._hopeless: UserError | None = None

    def complete(self, requests: Iterable[Request]) -> Outcomes:
        """As `Client.complete`. The event loop runs in the caller's thread, while it waits here;
        calls time out where it works for longer than `timeout_s` between two outcomes.

        Raises:
            UserError: the server or the budget ends the run; what was under way is handed on first.
        """
        sdk = openai.AsyncOpenAI(
            api_key=api_key(self.model, self.base_url),
            base_url=self.base_url or None,
            max_retries=0,
            timeout=self.settings.timeout_s,
        )
        self.stopped, self._hopeless = False, None
        with _stops_at_a_signal(self.stop), asyncio.Runner() as runner:
            try:
                yield from self._outcomes(sdk, iter(requests), runner)
            finally:
                runner.run(_closed(sdk))
            if self._hopeless is not None:
                raise self._hopeless

    def _outcomes(
        self, sdk: openai.AsyncOpenAI, requests: Iterator[Request], runner: asyncio.Runner
    ) -> Outcomes:
        under_way: dict[asyncio.Task[ModelOutcome], Request] = {}
        drain_until: float | None = None
        while True:
            while len(under_way) < int(self.throttle.allowed):
                request = self._next(requests)
                if request is None:
                    break
                under_way[runner.get_loop().create_task(self._outcome(sdk, request))] = request
            if self._ending() and drain_until is None:
                drain_until = time.monotonic() + DRAIN_S
            if not under_way or (drain_until is not None and time.monotonic() > drain_until):
                return
            for task in runner.run(_some_done(under_way)):
                request = under_way.pop(task)
                try:
                    outcome = task.result()
                except UserError as error:
                    self._hopeless = self._hopeless or error
                    continue
                if self.budget is not None:
                    self.budget.settle(request, outcome.prompt_tokens, outcome.new_tokens)
                yield request, outcome

    def _next(self, requests: Iterator[Request]) -> Request | None:
        """The next request to send; None where there is none, or no more may be sent."""
        if self._ending():
            return None
        try:
            request = next(requests, None)
            if request is not None and self.budget is not None:
                self.budget.reserve(request)
        except UserError as error:  # of the budget or the input: first keep what is under way
            self._hopeless = error
            return None
        return request

    def _ending(self) -> bool:
        return self.stopped or self._hopeless is not None

    async def _outcome(self, sdk: openai.AsyncOpenAI, request: Request) -> ModelOutcome:
        """Ask until there is an outcome. Being told to slow down is no attempt: where the server
        says for how long, all requests wait, else this one does.

        Raises:
            UserError: asking again would not help.
        """
        failures = refusals = 0
        while True:
            await self.throttle.admit(request)
            try:
                reply = await self._reply(sdk, request)
            except openai.APIError as error:
                action, told = action_for_error(error), seconds_to_wait(error)
                if action is CallAction.FILTERED:
                    return Failure(kind=FailureKind.FILTERED, detail=str(error))
                if action is CallAction.RETRY:
                    failures += 1
                    if failures == self.settings.attempts:
                        detail = f"{type(error).__name__}: {error}"
                        return Failure(kind=FailureKind.FAILED, detail=detail)
                    await asyncio.sleep(pause_s(failures, self.first_pause_s))
                elif action is CallAction.SLOW_DOWN and not self._ending():
                    refusals += 1
                    self.throttle.slow_down(told or 0.0)
                    if told is None:
                        await asyncio.sleep(pause_s(refusals, self.first_pause_s))
                else:
                    raise UserError(
                        f"the model server ends the run: {error}",
                        where=f"model {self.model}",
                        todo=advice_for(error),
                    ) from error
            else:
                self.throttle.went_well()
                return read_reply(request, reply)

    async def _reply(self, sdk: openai.AsyncOpenAI, request: Request) -> str:
        """The JSON text of a completion; of a chat, or of a text where the request has a template
        of its own."""
        if request.template == "native":
            chat = await sdk.chat.completions.with_raw_response.create(**body(request, self.model))
            return str(chat.text)
        text = await sdk.completions.with_raw_response.create(**text_body(request, self.model))
        return str(text.text)


async def _some_done(
    tasks: Iterable["asyncio.Task[ModelOutcome]"],
) -> "set[asyncio.Task[ModelOutcome]]":
    done, _ = await asyncio.wait(tasks, timeout=LOOK_S, return_when=asyncio.FIRST_COMPLETED)
    return done


async def _closed(sdk: openai.AsyncOpenAI) -> None:
    """End the calls that nobody waits for, then the connections."""
    rest = asyncio.all_tasks() - {asyncio.current_task()}
    for task in rest:
        task.cancel()
    await asyncio.gather(*rest, return_exceptions=True)
    await sdk.close()


@contextmanager
def _stops_at_a_signal(stop: Callable[[], None]) -> Iterator[None]:
    """The first Ctrl-C or SIGTERM calls `stop`, wherever it falls, and interrupts when the block
    has ended; the second one interrupts at once. Handlers belong to the main thread; in another
    one, and where signals are ignored, nothing is changed."""
    interrupted = False

    def take(number: int, frame: FrameType | None) -> None:
        nonlocal interrupted
        if interrupted:
            raise KeyboardInterrupt
        interrupted = True
        stop()

    numbers = [n for n in (signal.SIGINT, signal.SIGTERM) if callable(signal.getsignal(n))]
    if threading.current_thread() is not threading.main_thread():
        numbers = []
    before = {number: signal.signal(number, take) for number in numbers}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
    if interrupted:
        raise KeyboardInterrupt


class _Throttle:
    """How many requests may be under way, and not before when. Their number adapts: halved when
    the server says that it is too many, one more for each round that went well."""

    def __init__(self, settings: LlmSettings) -> None:
        self.most = float(settings.concurrency)
        self.allowed = self.most
        self._resume_at, self._halved_at = 0.0, -HALVE_EVERY_S
        per_minute = settings.requests_per_minute, settings.tokens_per_minute
        self._requests, self._tokens = (AsyncLimiter(n, 60) if n else None for n in per_minute)

    async def admit(self, request: Request) -> None:
        """Wait until this request may be sent."""
        while (left := self._resume_at - time.monotonic()) > 0:
            await asyncio.sleep(left)
        if self._requests is not None:
            await self._requests.acquire()
        if self._tokens is not None:
            amount = prompt_estimate(request) + request.sampling.max_new_tokens
            await self._tokens.acquire(min(float(amount), self._tokens.max_rate))

    def slow_down(self, everyone_waits_s: float) -> None:
        """The server said so. Warnings close together count as one."""
        now = time.monotonic()
        if now >= self._halved_at + HALVE_EVERY_S:
            self.allowed, self._halved_at = max(1.0, self.allowed / 2), now
        self._resume_at = max(self._resume_at, now + everyone_waits_s)

    def went_well(self) -> None:
        self.allowed = min(self.most, self.allowed + 1 / self.allowed)
