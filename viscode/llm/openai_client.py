"""A model behind an OpenAI-compatible server: hosted, vLLM, llama.cpp; many requests at a time.

Key and base URL come from the SDK's own environment variables (OPENAI_API_KEY, OPENAI_BASE_URL),
never from parameters. What follows an error stands in one table (policy.py). How many requests are
under way adapts: halved when the server says that it is too many, one more for each round that
went well. Requests are taken in as fast as they can be asked and no faster.

Ctrl-C takes no more requests, waits up to `DRAIN_S` for those under way, hands on what arrives and
then ends the run; a second Ctrl-C ends it at once. So does a server that stops the run.
"""

import asyncio
import functools
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import openai
import tenacity
from aiolimiter import AsyncLimiter
from tenacity.wait import wait_base

from viscode.errors import UserError
from viscode.llm.budget import Budget, prompt_estimate
from viscode.llm.client import estimated_tokens
from viscode.llm.outcome import Failure, FailureKind, ModelOutcome
from viscode.llm.policy import Action, action_for, advice_for, seconds_to_wait
from viscode.llm.replies import body, read_reply
from viscode.llm.request import Request
from viscode.llm.streaming import STREAMS
from viscode.records import Message
from viscode.settings.llm import LlmSettings

DRAIN_S = 60.0
WAIT = tenacity.wait_random_exponential(multiplier=1, max=60)
NO_KEY = (
    "set OPENAI_API_KEY (and OPENAI_BASE_URL for a server of your own); extract.method: static,"
    " instruct.method: facts and a model with client: transformers need none"
)


@dataclass(frozen=True)
class Limits:
    """How fast to ask. Rates are per minute; 0 means no limit."""

    concurrency: int
    attempts: int = 6
    timeout_s: float = 300.0
    requests_per_minute: int = 0
    tokens_per_minute: int = 0

    @classmethod
    def of(cls, settings: LlmSettings) -> "Limits":
        return cls(
            settings.concurrency,
            settings.attempts,
            settings.timeout_s,
            settings.requests_per_minute,
            settings.tokens_per_minute,
        )


class Pace:
    """How many requests may be under way, and not before when. `throttled` counts the times that
    the server said to slow down."""

    def __init__(self, limits: Limits) -> None:
        self.most = float(limits.concurrency)
        self.allowed = self.most
        self.throttled = 0
        self._resume_at = 0.0
        self._requests = _limiter(limits.requests_per_minute)
        self._tokens = _limiter(limits.tokens_per_minute)

    async def admit(self, request: Request) -> None:
        """Wait until this request may be sent."""
        loop = asyncio.get_running_loop()
        while (left := self._resume_at - loop.time()) > 0:
            await asyncio.sleep(left)
        if self._requests is not None:
            await self._requests.acquire()
        if self._tokens is not None:
            amount = prompt_estimate(request) + request.sampling.max_new_tokens
            await self._tokens.acquire(min(float(amount), self._tokens.max_rate))

    def slow_down(self, seconds: float) -> None:
        """The server said so. Requests that were under way together count as one warning."""
        now = asyncio.get_running_loop().time()
        self.throttled += 1
        if now >= self._resume_at:
            self.allowed = max(1.0, self.allowed / 2)
        self._resume_at = max(self._resume_at, now + seconds)

    def went_well(self) -> None:
        self.allowed = min(self.most, self.allowed + 1 / self.allowed)


def _limiter(per_minute: int) -> AsyncLimiter | None:
    return AsyncLimiter(per_minute, 60) if per_minute else None


class OpenAIClient:
    """Chat completions of one model."""

    ready_limit = STREAMS

    def __init__(
        self, model: str, limits: Limits, budget: Budget | None = None, wait: wait_base = WAIT
    ) -> None:
        self.model, self.limits, self.budget = model, limits, budget
        self.pace = Pace(limits)
        self._wait = wait
        self._stopped = False

    def prompt_tokens(self, messages: Sequence[Message]) -> int:
        return estimated_tokens(messages)

    def stop(self) -> None:
        """Take no more requests; what is under way is still handed on."""
        self._stopped = True

    def complete(self, requests: Iterable[Request]) -> Iterator[tuple[Request, ModelOutcome]]:
        sdk, stream = self._sdk(), iter(requests)
        first = next(stream, None)
        if first is None:
            return
        self._stopped = False
        with asyncio.Runner() as runner:
            run = _Run(self, sdk, first, stream)
            interrupted = False
            while not run.over:
                try:
                    runner.run(run.wait())
                except KeyboardInterrupt:
                    if interrupted:
                        raise
                    interrupted = True
                    self.stop()
                while run.arrived:
                    yield run.arrived.popleft()
            runner.run(run.close())
        if run.hopeless is not None:
            raise run.hopeless
        if interrupted:
            raise KeyboardInterrupt

    def _sdk(self) -> openai.AsyncOpenAI:
        try:
            return openai.AsyncOpenAI(max_retries=0, timeout=self.limits.timeout_s)
        except openai.OpenAIError as error:
            raise UserError(
                f"no API key for model {self.model}", where="params.yaml", todo=NO_KEY
            ) from error


class _Run:
    """One call of `complete`: the requests under way and their outcomes."""

    def __init__(
        self, client: OpenAIClient, sdk: openai.AsyncOpenAI, first: Request, rest: Iterator[Request]
    ) -> None:
        self.client, self.sdk, self.pace = client, sdk, client.pace
        self.hopeless: UserError | None = None
        self.arrived: deque[tuple[Request, ModelOutcome]] = deque()
        self.over = False
        self._next: Request | None = first
        self._rest = rest
        self._under_way: dict[asyncio.Task[ModelOutcome], Request] = {}
        self._drain_until: float | None = None

    async def wait(self) -> None:
        """Until outcomes have `arrived`, or all is `over`."""
        while not self.arrived:
            self._start_more()
            if not self._under_way or self._drained():
                self.over = True
                return
            finished, _ = await asyncio.wait(
                self._under_way, timeout=1.0, return_when=asyncio.FIRST_COMPLETED
            )
            for task in finished:
                self._take(task)

    def _start_more(self) -> None:
        while len(self._under_way) < int(self.pace.allowed) and not self._ending():
            request = self._next
            if request is None:
                return
            if self.client.budget is not None:
                try:
                    self.client.budget.reserve(request)
                except UserError as error:
                    self.hopeless = error
                    return
            self._under_way[asyncio.create_task(self._outcome(request))] = request
            self._next = next(self._rest, None)

    def _ending(self) -> bool:
        return self.client._stopped or self.hopeless is not None

    def _drained(self) -> bool:
        """Whether the wait for requests under way, after a stop, has been long enough."""
        if not self._ending():
            return False
        now = asyncio.get_running_loop().time()
        if self._drain_until is None:
            self._drain_until = now + DRAIN_S
        return now > self._drain_until

    def _take(self, task: "asyncio.Task[ModelOutcome]") -> None:
        request = self._under_way.pop(task)
        try:
            outcome = task.result()
        except UserError as error:
            self.hopeless = self.hopeless or error
            return
        if self.client.budget is not None:
            self.client.budget.settle(request, outcome.prompt_tokens, outcome.new_tokens)
        self.arrived.append((request, outcome))

    async def _outcome(self, request: Request) -> ModelOutcome:
        """Ask until there is an outcome.

        Raises:
            UserError: no repetition mends it.
        """
        attempts = tenacity.AsyncRetrying(
            retry=tenacity.retry_if_exception(
                lambda error: (
                    isinstance(error, openai.APIError) and action_for(error) is Action.RETRY
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
        self.pace.went_well()
        return read_reply(request, reply)

    def _verdict(self, error: openai.APIError) -> ModelOutcome:
        match action_for(error):
            case Action.FILTERED:
                return Failure(kind=FailureKind.FILTERED, detail=str(error))
            case Action.RETRY:
                return Failure(kind=FailureKind.FAILED, detail=f"{type(error).__name__}: {error}")
        raise UserError(
            f"the model server ends the run: {error}",
            where=f"model {self.client.model}",
            todo=advice_for(error),
        ) from error

    async def _unthrottled(self, request: Request) -> str:
        """One attempt; being told to slow down is none."""
        while True:
            await self.pace.admit(request)
            try:
                response = await self.sdk.chat.completions.with_raw_response.create(
                    **body(request, self.client.model)
                )
                return str(response.text)
            except openai.RateLimitError as error:
                if action_for(error) is not Action.SLOW_DOWN or self._ending():
                    raise
                self.pace.slow_down(seconds_to_wait(error))

    async def close(self) -> None:
        for task in self._under_way:
            task.cancel()
        await asyncio.gather(*self._under_way, return_exceptions=True)
        await self.sdk.close()
