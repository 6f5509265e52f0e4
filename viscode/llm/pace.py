"""How fast a local model writes, in words for the progress line.

Answers of a batch end together, minutes apart on a laptop. What is seen meanwhile are its tokens.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class _Batch:
    """One batch at one moment. `steps` of at most `most` are done, `tokens` written in them; the
    last one ended at `now`."""

    prompts: int
    most: int
    began: float
    now: float
    steps: int = 0
    tokens: int = 0


class Pace:
    """Counts the tokens of the batch under way. One thread counts, another one may read."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._batch: _Batch | None = None

    def begin(self, prompts: int, most: int) -> None:
        """A batch of so many prompts begins, of at most `most` tokens an answer."""
        now = self._clock()
        self._batch = _Batch(prompts, most, now, now)

    def step(self, tokens: int) -> None:
        """Each answer that has not ended has one token more, which makes `tokens`."""
        last = self._batch
        if last is not None:
            self._batch = _Batch(
                last.prompts,
                last.most,
                last.began,
                self._clock(),
                last.steps + 1,
                last.tokens + tokens,
            )

    def end(self) -> None:
        self._batch = None

    def text(self) -> str:
        """E.g. "42.1 tokens/s, token 96 of 160"; "" between batches."""
        batch = self._batch
        if batch is None:
            return ""
        if batch.now <= batch.began:
            return f"reading {batch.prompts} prompt{'s' * (batch.prompts != 1)}"
        rate = batch.tokens / (batch.now - batch.began)
        return f"{rate:.1f} tokens/s, token {batch.steps} of {batch.most}"
