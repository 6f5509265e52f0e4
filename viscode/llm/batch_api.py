"""The calls of the OpenAI Batch API that we make. The SDK tries each again where that may help, as
it likes, except for the one that makes a batch."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import openai
from openai.types import Batch

from viscode.core.errors import UserError
from viscode.llm.batch_ledger import BatchEntry
from viscode.llm.servers import CallAction, action_for_error, advice_for, api_key

CALL_TIMEOUT_S = 300.0
CALL_RETRIES = 5


class BatchApi:
    """Batches of one model at `base_url`; "" for OPENAI_BASE_URL, else OpenAI.

    Every method raises UserError when no repetition helps; the ledger stays as it is then. `file`
    is the ledger's of the batch, for that message.
    """

    def __init__(self, model: str, base_url: str, poll_s: float, retries: int) -> None:
        self.model, self.poll_s, self.retries = model, poll_s, retries
        self._sdk = openai.OpenAI(
            api_key=api_key(model, base_url),
            base_url=base_url or None,
            max_retries=retries,
            timeout=CALL_TIMEOUT_S,
        )
        self.base_url = str(self._sdk.base_url)

    def upload(self, requests: bytes) -> str:
        """Id of the file at the provider."""
        with self._told():
            file = ("requests.jsonl", requests)
            return self._sdk.files.create(file=file, purpose="batch").id

    def create(self, entry: BatchEntry) -> Batch:
        """A new batch for an entry that is on the disk already. Where no answer comes there may be
        a batch all the same, so it is looked for before the next try."""
        failures = 0
        while True:
            try:
                with self._told():
                    return self._sdk.with_options(max_retries=0).batches.create(
                        input_file_id=entry.file_id,
                        endpoint="/v1/chat/completions",
                        completion_window="24h",
                        metadata={"viscode": entry.token},
                    )
            except NoAnswer:
                failures += 1
                if failures > self.retries:
                    raise
            if found := self.find(entry):
                return found

    def find(self, entry: BatchEntry) -> Batch | None:
        """The provider's batch with the entry's token. Looks twice, a polling interval apart, as a
        list may lag behind what was created."""
        with self._told():
            for pause_s in (0.0, self.poll_s):
                time.sleep(pause_s)
                for batch in self._sdk.batches.list(limit=100):
                    if (batch.metadata or {}).get("viscode") == entry.token:
                        return batch
        return None

    def retrieve(self, batch_id: str, file: Path) -> Batch:
        with self._told(file):
            return self._sdk.batches.retrieve(batch_id)

    def content(self, file_id: str, file: Path) -> bytes:
        """A result file of a batch."""
        with self._told(file):
            return self._sdk.files.content(file_id).content

    @contextmanager
    def _told(self, file: Path | None = None) -> Iterator[None]:
        """The SDK's errors as one line."""
        try:
            yield
        except openai.APIError as error:
            if action_for_error(error) in (CallAction.RETRY, CallAction.SLOW_DOWN):
                raise NoAnswer(
                    f"no answer from the batch server: {type(error).__name__}: {error}",
                    where=f"model {self.model}",
                    todo="run again when it can be reached; batches under way are taken up",
                ) from error
            pay = "; or delete that file to pay again for what it holds" if file else ""
            raise UserError(
                f"the batch server rejected the call: {error}",
                where=f"model {self.model}" + (f", {file}" if file else ""),
                todo=f"{advice_for(error)}{pay}",
            ) from error


class NoAnswer(UserError):
    """The same call may succeed later."""
