"""The calls of the OpenAI Batch API that we make, each tried again where that may help.

Which errors pass is decided by `policy`, as for single calls; the SDK's own retries are off.
"""

import functools
import time
from collections.abc import Callable
from pathlib import Path
from typing import IO, TypeVar

import httpx2
import openai
import tenacity
from openai.types import Batch
from tenacity.wait import wait_base

from viscode.core.errors import UserError
from viscode.llm.batch_ledger import BatchEntry, Ledger
from viscode.llm.policy import RETRY_WAIT, CallAction, action_for, advice_for, seconds_to_wait
from viscode.llm.servers import NO_KEY, server

CALL_TIMEOUT_S = 300.0
CALL_ATTEMPTS = 6
T = TypeVar("T")


class BatchApi:
    """Batches of one model at `base_url`, or the server that the SDK's environment variables name.
    `ledger` only serves to name an entry's file in messages.

    Every method raises UserError when no repetition helps; the ledger stays as it is then.
    """

    def __init__(
        self,
        model: str,
        ledger: Ledger,
        poll_s: float,
        wait: wait_base = RETRY_WAIT,
        base_url: str = "",
    ) -> None:
        self.model, self.ledger, self.poll_s = model, ledger, poll_s
        self.server = base_url
        self._retrying = tenacity.Retrying(
            retry=tenacity.retry_if_exception(_passes),
            wait=lambda state: max(wait(state), _asked_to_wait_s(state)),
            stop=tenacity.stop_after_attempt(CALL_ATTEMPTS),
            reraise=True,
        )

    @property
    def base_url(self) -> str:
        return str(self._sdk.base_url)

    def upload(self, path: Path) -> str:
        """Id of the file at the provider."""
        return self._call(lambda: self._upload_once(path))

    def _upload_once(self, path: Path) -> str:
        with path.open("rb") as stream:  # an open file is streamed, a path read as a whole
            return self._sdk.files.create(file=(path.name, stream), purpose="batch").id

    def create(self, entry: BatchEntry) -> Batch:
        """A new batch for an entry that is on the disk already."""
        asked = False

        def create_once() -> Batch:
            """Without an answer to the first try, there may be a batch all the same."""
            nonlocal asked
            found = self._find_once(entry) if asked else None
            asked = True
            return found or self._create_once(entry)

        return self._call(create_once)

    def _create_once(self, entry: BatchEntry) -> Batch:
        return self._sdk.batches.create(
            input_file_id=entry.file_id,
            endpoint="/v1/chat/completions",
            completion_window="24h",
            metadata={"viscode": entry.token},
        )

    def find(self, entry: BatchEntry) -> Batch | None:
        """The provider's batch with the entry's token. Looks twice, a polling interval apart,
        because a list may lag behind what was just created."""
        return self._call(lambda: self._find_once(entry))

    def _find_once(self, entry: BatchEntry) -> Batch | None:
        for pause_s in (0.0, self.poll_s):
            time.sleep(pause_s)
            for batch in self._sdk.batches.list(limit=100):
                if (batch.metadata or {}).get("viscode") == entry.token:
                    return batch
        return None

    def retrieve(self, entry: BatchEntry) -> Batch:
        return self._call(lambda: self._sdk.batches.retrieve(entry.batch_id), entry)

    def download(self, file_id: str, target: IO[bytes], entry: BatchEntry) -> None:
        """A result file of the entry's batch into `target`, which then stands at its start."""
        self._call(lambda: self._download_once(file_id, target), entry)

    def _download_once(self, file_id: str, target: IO[bytes]) -> None:
        target.seek(0)
        target.truncate()
        with self._sdk.files.with_streaming_response.content(file_id) as response:
            for chunk in response.iter_bytes():
                target.write(chunk)
        target.seek(0)

    @functools.cached_property
    def _sdk(self) -> openai.OpenAI:
        try:
            return openai.OpenAI(max_retries=0, timeout=CALL_TIMEOUT_S, **server(self.server))
        except openai.OpenAIError as error:
            raise UserError(
                f"no API key for model {self.model}", where="params.yaml", todo=NO_KEY
            ) from error

    def _call(self, ask: Callable[[], T], entry: BatchEntry | None = None) -> T:
        try:
            return self._retrying(ask)
        except (openai.APIError, httpx2.HTTPError) as error:
            if _passes(error):
                raise UserError(
                    f"no answer from the batch server: {type(error).__name__}: {error}",
                    where=f"model {self.model}",
                    todo="run again when it can be reached; batches under way are taken up",
                ) from error
            place = f", {self.ledger.path(entry)}" if entry else ""
            pay = "; or delete that file to pay again for what it holds" if entry else ""
            raise UserError(
                f"the batch server rejected the call: {error}",
                where=f"model {self.model}{place}",
                todo=f"{advice_for(error)}{pay}",
            ) from error


def _passes(error: BaseException) -> bool:
    """Whether the same call may succeed later. httpx2's own errors are what the SDK lets through
    while a download streams."""
    if isinstance(error, openai.APIError):
        return action_for(error) in (CallAction.RETRY, CallAction.SLOW_DOWN)
    return isinstance(error, httpx2.HTTPError)


def _asked_to_wait_s(state: tenacity.RetryCallState) -> float:
    error = state.outcome.exception() if state.outcome is not None else None
    told = seconds_to_wait(error) if isinstance(error, openai.RateLimitError) else None
    return told or 0.0
