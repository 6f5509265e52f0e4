"""A model behind the OpenAI Batch API: half the price, answers within a day, any interruption.

Requests go out as files of many; `viscode.llm.batch_ledger` remembers what was sent. A run that
is killed at any point and started again takes up the batches under way: it pays for no request
that a batch of ours holds already. The one window in which our memory may lag behind the
provider's, between asking for a batch and noting its id, is closed by a token in the batch's
metadata: before a batch is created again, the provider's list is searched for it.

Work goes in rounds. All that no batch covers is submitted, all batches are waited for, and what
came back without an outcome goes into the next round, at most `attempts` times. It is not tried
one by one: a batch has retried each request for a day already. The requests of a wave are held in
memory until it is over; more are taken then.
"""

import json
import secrets
import time
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

import click
from openai.types import Batch

from viscode.core.errors import UserError
from viscode.llm.batch_api import CALL_RETRIES, BatchApi
from viscode.llm.batch_ledger import BatchEntry, Ledger
from viscode.llm.batch_results import (
    ENDED,
    Passing,
    complaint,
    is_invalid,
    queue_is_full,
    read_line,
    result_lines,
)
from viscode.llm.budget import Budget, BudgetSpent
from viscode.llm.client import WANTS_MANY, Client, Outcomes
from viscode.llm.outcome import Failure, FailureKind, ModelOutcome
from viscode.llm.replies import body
from viscode.llm.request import Request

MAX_REQUESTS = 49_000  # the provider's limits are 50,000 requests
MAX_BYTES = 190_000_000  # and 200 MB a file
MIN_REQUESTS = 16  # batches that find no room shrink to this
WAVE = 200_000
WAVE_BYTES = 1_000_000_000
POLL_S = 60.0
ROOM_POLLS = 10  # polling intervals until a batch that found no room is sent again


@dataclass
class _Wave:
    """The requests that have no outcome yet, by key; how many rounds each has spent, and what was
    the trouble. `over_budget` is set when the budget left some of them out."""

    open: dict[str, Request]
    rounds: Counter[str] = field(default_factory=Counter)
    trouble: dict[str, str] = field(default_factory=dict)
    over_budget: BudgetSpent | None = None


class OpenAIBatchClient(Client):
    """Chat completions of one model through batches. `folder` holds the ledger. `attempts` counts
    batches a request may be part of. `wave` bounds the requests, and `wave_bytes` the text and
    images, that are held at a time. No two requests at a time may be equal."""

    ready_limit = WANTS_MANY

    def __init__(
        self,
        model: str,
        folder: Path,
        budget: Budget | None = None,
        attempts: int = 3,
        *,
        wave: int = WAVE,
        wave_bytes: int = WAVE_BYTES,
        poll_s: float = POLL_S,
        max_requests: int = MAX_REQUESTS,
        max_bytes: int = MAX_BYTES,
        retries: int = CALL_RETRIES,
        base_url: str = "",
    ) -> None:
        self.model, self.budget, self.attempts = model, budget, attempts
        self.ledger = Ledger(folder)
        self.wave, self.wave_bytes = wave, wave_bytes
        self.poll_s = poll_s
        self.max_requests, self.max_bytes = max_requests, max_bytes
        self.api = BatchApi(model, base_url, poll_s, retries)

    def complete(self, requests: Iterable[Request]) -> Outcomes:
        """Outcomes as batches end. A key leaves the ledger only after its outcome was taken and
        the next one asked for, so a caller that stores each one first loses none.

        After `stop` no batch is waited for and none submitted. What a batch under way answers is
        for the next run; what one that is being read has answered is still handed on.
        """
        self.stopped = False
        stream = iter(requests)
        try:
            while not self.stopped and (taken := self._taken(stream)):
                yield from self._in_rounds(_Wave(taken))
        except KeyboardInterrupt:
            click.echo(
                "viscode: batches under way go on at the provider -> run the same command again"
                " to take up their answers",
                err=True,
            )
            raise

    def _taken(self, stream: Iterator[Request]) -> dict[str, Request]:
        """The next requests by key, as many as may be held."""
        taken: dict[str, Request] = {}
        size = 0
        while len(taken) < self.wave and size < self.wave_bytes:
            request = next(stream, None)
            if request is None:
                break
            taken[request.key] = request
            size += sum(len(message.content) for message in request.messages)
            size += sum(map(len, request.images))
        return taken

    def _in_rounds(self, wave: _Wave) -> Outcomes:
        while wave.open and not self.stopped:
            entries = self._under_way(wave)
            if wave.over_budget is not None:
                sent = {key for entry in entries for key in entry.keys}
                wave.open = {key: one for key, one in wave.open.items() if key in sent}
            turned_away = 0
            for entry, batch in self._ended(entries):
                if queue_is_full(batch):
                    self.ledger.release(entry, entry.keys)
                    turned_away += 1
                else:
                    yield from self._handed_on(entry, batch, wave)
            for key in [key for key in wave.open if wave.rounds[key] >= self.attempts]:
                detail = wave.trouble.get(key, "no result in any batch")
                failure = Failure(kind=FailureKind.FAILED, detail=detail)
                yield self._settled(wave.open.pop(key), failure)
            if turned_away and not self.stopped:
                self._wait_for_room(entries, turned_away)
        if wave.over_budget is not None and not self.stopped:
            raise wave.over_budget

    def _under_way(self, wave: _Wave) -> list[BatchEntry]:
        """The batches that hold the open requests: those of earlier runs, and new ones for all
        that these leave out. Under the lock, so that two runs never submit the same request.
        Another model's or server's entries are left alone, and those with nothing open."""
        ours = self.model, self.api.base_url
        entries: list[BatchEntry] = []
        with self.ledger.lock():
            for entry in self.ledger.entries():
                wanted = any(key in wave.open for key in entry.keys)
                if not wanted or (entry.model, entry.base_url) != ours:
                    continue
                if entry.batch_id:
                    entries.append(entry)
                elif (batch := self.api.find(entry)) is not None:
                    entries.append(self._noted(entry, batch))
                else:
                    self.ledger.forget(entry)
            covered = {key for entry in entries for key in entry.keys}
            if self.budget is not None:
                for key in covered & wave.open.keys():
                    self.budget.hold(wave.open[key])
            entries += self._submitted(wave, covered)
        if entries:
            click.echo(
                f"viscode: {len(wave.open)} requests in {len(entries)} batches at the"
                f" provider, which may take a day; looked at every {self.poll_s:g} s",
                err=True,
            )
        return entries

    def _submitted(self, wave: _Wave, covered: set[str]) -> Iterator[BatchEntry]:
        """New batches for the requests that none covers, each within the provider's limits."""
        part: dict[str, bytes] = {}
        size = 0
        for key, line in self._lines(wave, covered):
            if len(part) == self.max_requests or size + len(line) > self.max_bytes:
                yield self._created(part)
                part, size = {}, 0
            part[key] = line
            size += len(line)
        if part:
            yield self._created(part)

    def _lines(self, wave: _Wave, covered: set[str]) -> Iterator[tuple[str, bytes]]:
        """(key, line) of each request to send, up to the budget. One that no file can hold is given
        up."""
        for key, request in wave.open.items():
            if key in covered:
                continue
            asked = {
                "custom_id": key,
                "method": "POST",
                "url": "/v1/chat/completions",
                "body": body(request, self.model),
            }
            line = json.dumps(asked).encode("ascii") + b"\n"
            if len(line) > self.max_bytes:
                wave.trouble[key] = f"{len(line)} bytes are too many for a batch"
                wave.rounds[key] = self.attempts
                continue
            try:
                if self.budget is not None:
                    self.budget.reserve(request)
            except BudgetSpent as error:
                wave.over_budget = error
                return
            yield key, line

    def _created(self, part: dict[str, bytes]) -> BatchEntry:
        """Make a batch of lines by key. Its entry is on the disk before the provider is asked."""
        entry = BatchEntry(
            token=secrets.token_hex(16),
            model=self.model,
            base_url=self.api.base_url,
            file_id=self.api.upload(b"".join(part.values())),
            keys=tuple(part),
        )
        self.ledger.write(entry)
        return self._noted(entry, self.api.create(entry))

    def _noted(self, entry: BatchEntry, batch: Batch) -> BatchEntry:
        noted = entry.model_copy(update={"batch_id": batch.id})
        self.ledger.write(noted)
        return noted

    def _ended(self, entries: list[BatchEntry]) -> Iterator[tuple[BatchEntry, Batch]]:
        """Each entry with its batch as it ends."""
        pending = list(entries)
        while pending and not self.stopped:
            for entry in list(pending):
                if self.stopped:
                    return
                batch = self.api.retrieve(entry.batch_id, self.ledger.path(entry))
                if batch.status in ENDED:
                    pending.remove(entry)
                    yield entry, batch
            if pending and not self.stopped:
                time.sleep(self.poll_s)

    def _handed_on(self, entry: BatchEntry, batch: Batch, wave: _Wave) -> Outcomes:
        """All that the batch says about open requests. What it leaves open has spent a round."""
        if is_invalid(batch):
            self.ledger.release(entry, entry.keys)
            raise UserError(
                f"the provider rejected the batch file: {complaint(batch)}",
                where=f"model {self.model}, batch {batch.id}",
                todo="correct model name or settings, then run again",
            )
        asked = wave.open.keys() & set(entry.keys)
        for file_id in filter(None, (batch.output_file_id, batch.error_file_id)):
            content = self.api.content(file_id, self.ledger.path(entry))
            for line in result_lines(content):
                key = line.custom_id
                if key not in asked or key not in wave.open:
                    continue
                outcome = read_line(wave.open[key], line)
                if isinstance(outcome, Passing):
                    wave.trouble[key] = outcome.detail
                else:
                    yield self._settled(wave.open.pop(key), outcome)
        for key in asked & wave.open.keys():
            wave.rounds[key] += 1
            wave.trouble.setdefault(key, f"batch {batch.status} {complaint(batch)}".strip())
        self.ledger.release(entry, asked)

    def _settled(self, request: Request, outcome: ModelOutcome) -> tuple[Request, ModelOutcome]:
        if self.budget is not None:
            self.budget.settle(request, outcome.prompt_tokens, outcome.new_tokens)
        return request, outcome

    def _wait_for_room(self, entries: list[BatchEntry], turned_away: int) -> None:
        """Pause before batches that found no room are sent again. Where none found any, even one
        may be more than the account's queue holds, so the next ones are half as large."""
        if turned_away == len(entries):
            largest = max(len(entry.keys) for entry in entries)
            self.max_requests = min(self.max_requests, max(MIN_REQUESTS, largest // 2))
        pause_s = ROOM_POLLS * self.poll_s
        click.echo(
            f"viscode: the provider's queue has no room for {turned_away} batches; they are sent"
            f" again in {pause_s:g} s",
            err=True,
        )
        time.sleep(pause_s)
