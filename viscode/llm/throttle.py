"""How fast a model server may be asked: our own limits, and what it says to being asked too much.

How many requests are under way adapts: halved when the server says that it is too many, one more
for each round that went well.
"""

import asyncio
import time
from dataclasses import dataclass

from aiolimiter import AsyncLimiter

from viscode.llm.budget import prompt_estimate
from viscode.llm.request import Request
from viscode.settings.llm import LlmSettings

HALVE_EVERY_S = 1.0


@dataclass(frozen=True)
class CallLimits:
    """How fast to ask. Rates are per minute; 0 means no limit."""

    concurrency: int
    attempts: int = 6
    timeout_s: float = 300.0
    requests_per_minute: int = 0
    tokens_per_minute: int = 0

    @classmethod
    def of(cls, settings: LlmSettings) -> "CallLimits":
        return cls(
            settings.concurrency,
            settings.attempts,
            settings.timeout_s,
            settings.requests_per_minute,
            settings.tokens_per_minute,
        )


class Throttle:
    """How many requests may be under way, and not before when. `throttled` counts the times that
    the server said to slow down."""

    def __init__(self, limits: CallLimits) -> None:
        self.most = float(limits.concurrency)
        self.allowed = self.most
        self.throttled = 0
        self._resume_at, self._halved_at = 0.0, -HALVE_EVERY_S
        self._requests = _limiter(limits.requests_per_minute)
        self._tokens = _limiter(limits.tokens_per_minute)

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
        self.throttled += 1
        if now >= self._halved_at + HALVE_EVERY_S:
            self.allowed, self._halved_at = max(1.0, self.allowed / 2), now
        self._resume_at = max(self._resume_at, now + everyone_waits_s)

    def went_well(self) -> None:
        self.allowed = min(self.most, self.allowed + 1 / self.allowed)


def _limiter(per_minute: int) -> AsyncLimiter | None:
    return AsyncLimiter(per_minute, 60) if per_minute else None
