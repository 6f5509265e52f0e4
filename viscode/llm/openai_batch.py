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

Key and base URL come from the SDK's own environment variables, as in `openai_client`.
"""

import json
import tempfile
import time
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import click
from openai.types import Batch
from tenacity.wait import wait_base

from viscode.core.errors import UserError
from viscode.core.records import Message
from viscode.llm.batch_api import BatchApi
from viscode.llm.batch_ledger import BatchEntry, Ledger, new_token
from viscode.llm.batch_open import OpenRequests, Outcomes
from viscode.llm.batch_results import ENDED, complaint, is_invalid, queue_is_full, result_lines
from viscode.llm.budget import Budget
from viscode.llm.client import estimated_tokens
from viscode.llm.policy import RETRY_WAIT
from viscode.llm.replies import body
from viscode.llm.request import Request
from viscode.llm.streaming import WANTS_MANY

MAX_REQUESTS = 49_000  # the provider's limits are 50,000 requests
MAX_BYTES = 190_000_000  # and 200 MB a file
MIN_REQUESTS = 16  # batches that find no room shrink to this
WAVE = 200_000
WAVE_BYTES = 1_000_000_000
POLL_S = 60.0
ROOM_POLLS = 10  # polling intervals until a batch that found no room is sent again


class OpenAIBatchClient:
    """Chat completions of one model through batches. `folder` holds the ledger and, while they
    are uploaded, the request files. `attempts` counts batches a request may be part of. `wave`
    bounds the requests, and `wave_bytes` the text and images, that are held at a time."""

    ready_limit = WANTS_MANY

    def __init__(
        self,
        model: str,
        folder: Path,
        *,
        budget: Budget | None = None,
        attempts: int = 3,
        wave: int = WAVE,
        wave_bytes: int = WAVE_BYTES,
        poll_s: float = POLL_S,
        max_requests: int = MAX_REQUESTS,
        max_bytes: int = MAX_BYTES,
        wait: wait_base = RETRY_WAIT,
        base_url: str = "",
    ) -> None:
        self.model = model
        self.ledger = Ledger(folder)
        self.budget = budget
        self.attempts = attempts
        self.wave, self.wave_bytes = wave, wave_bytes
        self.poll_s = poll_s
        self.max_requests = max_requests
        self.max_bytes = max_bytes
        self._stopped = False
        self.api = BatchApi(model, self.ledger, poll_s, wait, base_url)

    def stop(self) -> None:
        """Wait for no batch and submit none. What a batch under way answers is for the next run;
        what one that is being read has answered is still handed on."""
        self._stopped = True

    def under_way(self) -> str:
        return ""

    def prompt_tokens(self, messages: Sequence[Message]) -> int:
        return estimated_tokens(messages)

    def complete(self, requests: Iterable[Request]) -> Outcomes:
        """Outcomes as batches end. A key leaves the ledger only after its outcome was taken and
        the next one asked for, so a caller that stores each one first loses none."""
        self._stopped = False
        stream = iter(requests)
        try:
            while not self._stopped and (wave := self._wave(stream)):
                yield from self._in_rounds(OpenRequests(wave, self.budget))
        except KeyboardInterrupt:
            click.echo(
                "viscode: batches under way go on at the provider -> run the same command again"
                " to take up their answers",
                err=True,
            )
            raise

    def _wave(self, stream: Iterator[Request]) -> list[Request]:
        """The next requests, as many as may be held."""
        taken: list[Request] = []
        size = 0
        while len(taken) < self.wave and size < self.wave_bytes:
            request = next(stream, None)
            if request is None:
                break
            taken.append(request)
            size += sum(len(message.content) for message in request.messages)
            size += sum(map(len, request.images))
        return taken

    def _in_rounds(self, open_: OpenRequests) -> Outcomes:
        while open_.requests and not self._stopped:
            batches = self._under_way(open_)
            if open_.over_budget is not None:
                open_.keep_only(key for entry in batches for key in entry.keys)
            turned_away = 0
            for entry, batch in self._ended(batches):
                if queue_is_full(batch):
                    self.ledger.release(entry, entry.keys)
                    turned_away += 1
                else:
                    yield from self._handed_on(entry, batch, open_)
            yield from open_.give_up(self.attempts)
            if turned_away and not self._stopped:
                self._wait_for_room(batches, turned_away)
        if open_.over_budget is not None and not self._stopped:
            raise open_.over_budget

    def _under_way(self, open_: OpenRequests) -> list[BatchEntry]:
        """The batches that hold the open requests: those of earlier runs, and new ones for all
        that these leave out. Under the lock, so that two runs never submit the same request."""
        with self.ledger.lock():
            self.ledger.clear_request_files()
            found = [entry for entry in self.ledger.entries() if self._is_wanted(entry, open_)]
            batches = [entry for entry in map(self._cleared_up, found) if entry.state != "done"]
            covered = {key for entry in batches for key in entry.keys}
            open_.hold(covered)
            for path, keys in self._request_files(open_, covered):
                batches.append(self._submitted(path, keys))
        if batches:
            click.echo(
                f"viscode: {len(open_.requests)} requests in {len(batches)} batches at the"
                f" provider, which may take a day; looked at every {self.poll_s:g} s",
                err=True,
            )
        return batches

    def _is_wanted(self, entry: BatchEntry, open_: OpenRequests) -> bool:
        """Another model's or server's entries are left alone, and those with nothing open."""
        ours = (entry.model, entry.base_url) == (self.model, self.api.base_url)
        return ours and any(key in open_.requests for key in entry.keys)

    def _cleared_up(self, entry: BatchEntry) -> BatchEntry:
        """An entry of which we know whether the provider has it; "done" and forgotten if not."""
        if entry.state != "uploaded":
            return entry
        batch = self.api.find(entry)
        if batch is not None:
            return self._noted(entry, batch)
        self.ledger.forget(entry)
        return entry.model_copy(update={"state": "done"})

    def _request_files(
        self, open_: OpenRequests, covered: set[str]
    ) -> Iterator[tuple[Path, tuple[str, ...]]]:
        """Write the requests that no batch covers, file by file, each within the limits and gone
        before the next: one request and one file's keys are in memory, one file on the disk."""
        path = self.ledger.folder / "requests.jsonl"
        lines = self._lines(open_, covered)
        held = next(lines, None)
        while held is not None:
            keys: list[str] = []
            size = 0
            with path.open("wb") as stream:
                while held is not None and len(keys) < self.max_requests:
                    key, line = held
                    if size + len(line) > self.max_bytes:
                        break
                    stream.write(line)
                    size += len(line)
                    keys.append(key)
                    held = next(lines, None)
            yield path, tuple(keys)
            path.unlink()

    def _lines(self, open_: OpenRequests, covered: set[str]) -> Iterator[tuple[str, bytes]]:
        """(key, line) of each request to send, up to the budget. One that no file can hold is given
        up."""
        for key, same in open_.requests.items():
            if key in covered:
                continue
            asked = {
                "custom_id": key,
                "method": "POST",
                "url": "/v1/chat/completions",
                "body": body(same[0], self.model),
            }
            line = json.dumps(asked).encode("ascii") + b"\n"
            if len(line) > self.max_bytes:
                open_.trouble[key] = f"{len(line)} bytes are too many for a batch"
                open_.rounds[key] = self.attempts
            elif open_.reserve(key):
                yield key, line
            else:
                return

    def _submitted(self, path: Path, keys: tuple[str, ...]) -> BatchEntry:
        """Make a batch of a file. Its entry is on the disk before the provider is asked."""
        entry = BatchEntry(
            token=new_token(),
            model=self.model,
            base_url=self.api.base_url,
            state="uploaded",
            file_id=self.api.upload(path),
            keys=keys,
        )
        self.ledger.write(entry)
        return self._noted(entry, self.api.create(entry))

    def _noted(self, entry: BatchEntry, batch: Batch) -> BatchEntry:
        submitted = entry.model_copy(update={"state": "submitted", "batch_id": batch.id})
        self.ledger.write(submitted)
        return submitted

    def _ended(self, entries: list[BatchEntry]) -> Iterator[tuple[BatchEntry, Batch]]:
        """Each entry with its batch as it ends."""
        pending = list(entries)
        while pending and not self._stopped:
            for entry in list(pending):
                if self._stopped:
                    return
                batch = self.api.retrieve(entry)
                if batch.status in ENDED:
                    pending.remove(entry)
                    yield entry, batch
            if pending and not self._stopped:
                time.sleep(self.poll_s)

    def _handed_on(self, entry: BatchEntry, batch: Batch, open_: OpenRequests) -> Outcomes:
        """All that the batch says about open requests. What it leaves open has spent a round."""
        if is_invalid(batch):
            self.ledger.release(entry, entry.keys)
            raise UserError(
                f"the provider rejected the batch file: {complaint(batch)}",
                where=f"model {self.model}, batch {batch.id}",
                todo="correct model name or settings, then run again",
            )
        asked = {key for key in entry.keys if key in open_.requests}
        for file_id in filter(None, (batch.output_file_id, batch.error_file_id)):
            with tempfile.TemporaryFile(dir=self.ledger.folder) as stream:
                self.api.download(file_id, stream, entry)
                for line in result_lines(stream):
                    if line.custom_id in asked and line.custom_id in open_.requests:
                        yield from open_.settle(line)
        for key in asked & open_.requests.keys():
            open_.rounds[key] += 1
            open_.trouble.setdefault(key, f"batch {batch.status} {complaint(batch)}".strip())
        self.ledger.release(entry, asked)

    def _wait_for_room(self, batches: list[BatchEntry], turned_away: int) -> None:
        """Pause before batches that found no room are sent again. Where none found any, even one
        may be more than the account's queue holds, so the next ones are half as large."""
        if turned_away == len(batches):
            largest = max(len(entry.keys) for entry in batches)
            self.max_requests = min(self.max_requests, max(MIN_REQUESTS, largest // 2))
        pause_s = ROOM_POLLS * self.poll_s
        click.echo(
            f"viscode: the provider's queue has no room for {turned_away} batches; they are sent"
            f" again in {pause_s:g} s",
            err=True,
        )
        time.sleep(pause_s)
