"""A model behind an OpenAI-compatible server: hosted, vLLM, llama.cpp; many requests at a time.

The key comes from the SDK's own environment variable (OPENAI_API_KEY), never from parameters; the
URL from OPENAI_BASE_URL, or where several servers are asked from `base_url` of a model's entry.
What follows an error stands in one table (policy.py), how fast to ask in throttle.py. Requests are
taken in as fast as they can be asked and no faster.

Ctrl-C takes no more requests, waits up to `DRAIN_S` for those under way, hands on what arrives and
then ends the run; a second Ctrl-C ends it at once. So does a server that stops the run.
"""

import asyncio
import functools
import itertools
import signal
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from types import FrameType
from typing import Any

import openai
import tenacity
from tenacity.wait import wait_base

from viscode.core.errors import UserError
from viscode.core.records import Message
from viscode.llm.budget import Budget
from viscode.llm.client import estimated_tokens
from viscode.llm.outcome import Failure, FailureKind, ModelOutcome
from viscode.llm.policy import (
    RETRY_WAIT,
    CallAction,
    action_for,
    advice_for,
    own_pause_s,
    seconds_to_wait,
)
from viscode.llm.replies import body, read_reply, text_body
from viscode.llm.request import Request
from viscode.llm.servers import require_key, server
from viscode.llm.streaming import STREAMS
from viscode.llm.throttle import CallLimits, Throttle

DRAIN_S = 60.0
LOOK_S = 1.0  # between two looks at the clock while nothing arrives


class OpenAIClient:
    """Chat completions of one model."""

    ready_limit = STREAMS

    def __init__(
        self,
        model: str,
        limits: CallLimits,
        budget: Budget | None = None,
        wait: wait_base = RETRY_WAIT,
        base_url: str = "",
    ) -> None:
        self.model, self.limits, self.budget = model, limits, budget
        self.base_url = base_url
        self.throttle = Throttle(limits)
        self._wait = wait
        self._stopped = False

    def prompt_tokens(self, messages: Sequence[Message]) -> int:
        return estimated_tokens(messages)

    def stop(self) -> None:
        """Take no more requests; what is under way is still handed on."""
        self._stopped = True

    def under_way(self) -> str:
        return ""

    def complete(self, requests: Iterable[Request]) -> Iterator[tuple[Request, ModelOutcome]]:
        sdk, stream = self._sdk(), iter(requests)
        first = next(stream, None)
        if first is None:
            return
        self._stopped = False
        with (
            _Patience(self.stop) as patience,
            _Run(self, sdk, itertools.chain([first], stream)) as run,
        ):
            while arrived := run.wait():
                yield from arrived
        if run.hopeless is not None:
            raise run.hopeless
        if patience.interrupted:
            raise KeyboardInterrupt

    def _sdk(self) -> openai.AsyncOpenAI:
        require_key(self.model, self.base_url)
        return openai.AsyncOpenAI(
            max_retries=0, timeout=self.limits.timeout_s, **server(self.base_url)
        )


class _Patience:
    """The first Ctrl-C or SIGTERM calls `stop`, wherever it falls; the second one interrupts.
    Handlers belong to the main thread; in another one, and where signals are ignored, nothing is
    changed."""

    def __init__(self, stop: Callable[[], None]) -> None:
        self.interrupted = False
        self._stop = stop
        self._before: dict[int, Any] = {}

    def __enter__(self) -> "_Patience":
        if threading.current_thread() is threading.main_thread():
            for number in (signal.SIGINT, signal.SIGTERM):
                if callable(before := signal.getsignal(number)):
                    self._before[number] = before
                    signal.signal(number, self._take)
        return self

    def __exit__(self, *_: object) -> None:
        if threading.current_thread() is threading.main_thread():
            for number, before in self._before.items():
                signal.signal(number, before)

    def _take(self, number: int, frame: FrameType | None) -> None:
        if self.interrupted:
            raise KeyboardInterrupt
        self.interrupted = True
        self._stop()


class _Run:
    """One call of `complete`. Requests are taken and outcomes handed on in the caller's thread; a
    thread of its own carries them, so that Ctrl-C never falls into the middle of a call."""

    def __init__(
        self, client: OpenAIClient, sdk: openai.AsyncOpenAI, requests: Iterator[Request]
    ) -> None:
        self.client, self.sdk, self.throttle = client, sdk, client.throttle
        self.hopeless: UserError | None = None
        self._requests = requests
        self._loop = asyncio.new_event_loop()
        self._thread = threading.Thread(target=self._loop.run_forever, name="model calls")
        self._under_way = 0
        self._done: SimpleQueue[tuple[Request, Future[ModelOutcome]]] = SimpleQueue()
        self._drain_until: float | None = None

    def __enter__(self) -> "_Run":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        asyncio.run_coroutine_threadsafe(self._close(), self._loop).result()
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join()
        self._loop.close()

    async def _close(self) -> None:
        rest = asyncio.all_tasks() - {asyncio.current_task()}
        for task in rest:
            task.cancel()
        await asyncio.gather(*rest, return_exceptions=True)
        await self.sdk.close()

    def wait(self) -> list[tuple[Request, ModelOutcome]]:
        """Outcomes that have arrived, at least one; none when all is over."""
        arrived: list[tuple[Request, ModelOutcome]] = []
        while not arrived:
            self._start_more()
            if not self._under_way or self._drained():
                break
            with suppress(Empty):
                arrived += self._settled(*self._done.get(timeout=LOOK_S))
                while True:
                    arrived += self._settled(*self._done.get_nowait())
        return arrived

    def _start_more(self) -> None:
        while self._under_way < int(self.throttle.allowed) and not self._ending():
            try:
                request = next(self._requests, None)
                if request is None:
                    return
                if self.client.budget is not None:
                    self.client.budget.reserve(request)
            except UserError as error:  # of the budget or the input: first keep what is under way
                self.hopeless = error
                return
            future = asyncio.run_coroutine_threadsafe(self._outcome(request), self._loop)
            self._under_way += 1
            future.add_done_callback(functools.partial(self._arrive, request))

    def _arrive(self, request: Request, future: "Future[ModelOutcome]") -> None:
        self._done.put((request, future))

    def _ending(self) -> bool:
        return self.client._stopped or self.hopeless is not None

    def _drained(self) -> bool:
        """Whether the wait for requests under way, after a stop, has been long enough."""
        if not self._ending():
            return False
        if self._drain_until is None:
            self._drain_until = time.monotonic() + DRAIN_S
        return time.monotonic() > self._drain_until

    def _settled(
        self, request: Request, future: "Future[ModelOutcome]"
    ) -> list[tuple[Request, ModelOutcome]]:
        self._under_way -= 1
        try:
            outcome = future.result()
        except UserError as error:
            self.hopeless = self.hopeless or error
            return []
        if self.client.budget is not None:
            self.client.budget.settle(request, outcome.prompt_tokens, outcome.new_tokens)
        return [(request, outcome)]

    async def _outcome(self, request: Request) -> ModelOutcome:
        """Ask until there is an outcome.

        Raises:
            UserError: asking again would not help.
        """
        attempts = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception(
                lambda error: (
                    isinstance(error, openai.APIError) and action_for(error) is CallAction.RETRY
                )
            ),
            wait=self.client._wait,
            stop=tenacity.stop_after_attempt(self.client.limits.attempts),
            reraise=True,
        )
        try:
            reply: str = await attempts(functools.partial(self._unthrottled, request))
        except openai.APIError as error:
            return self._verdict(error)
        self.throttle.went_well()
        return read_reply(request, reply)

    def _verdict(self, error: openai.APIError) -> ModelOutcome:
        match action_for(error):
            case CallAction.FILTERED:
                return Failure(kind=FailureKind.FILTERED, detail=str(error))
            case CallAction.RETRY:
                return Failure(kind=FailureKind.FAILED, detail=f"{type(error).__name__}: {error}")
        raise UserError(
            f"the model server ends the run: {error}",
            where=f"model {self.client.model}",
            todo=advice_for(error),
        ) from error

    async def _unthrottled(self, request: Request) -> str:
        """One attempt; being told to slow down is none. Where the server says for how long, all
        wait; else this request does, each time longer."""
        for refusals in itertools.count():
            await self.throttle.admit(request)
            try:
                return await self._reply(request)
            except openai.RateLimitError as error:
                if action_for(error) is not CallAction.SLOW_DOWN or self._ending():
                    raise
                told = seconds_to_wait(error)
                self.throttle.slow_down(told or 0.0)
                if told is None:
                    await asyncio.sleep(own_pause_s(refusals))
        raise AssertionError("unreachable")

    async def _reply(self, request: Request) -> str:
        """The JSON text of a completion; of a chat, or of a text where the request has a template
        of its own."""
        asked, model = self.sdk, self.client.model
        if request.template == "native":
            chat = await asked.chat.completions.with_raw_response.create(**body(request, model))
            return str(chat.text)
        text = await asked.completions.with_raw_response.create(**text_body(request, model))
        return str(text.text)
