"""Which batches were sent to the provider: what keeps a crash from paying for a request twice.

One small JSON file per batch. An entry begins as "uploaded", written before the provider is asked
to create the batch: from then on a batch that carries the entry's token may exist. "submitted"
adds the batch's id. Keys leave the entry as their results are handed on; "done" has none left.
There is no state before "uploaded": a file that was written or uploaded and never became a batch
costs nothing, so it is thrown away and planned anew with the requests that are wanted then.
"""

import os
import secrets
from collections.abc import Iterable
from pathlib import Path
from typing import Literal

from filelock import FileLock
from pydantic import ValidationError

from viscode.core.errors import UserError
from viscode.core.records import Record

BatchState = Literal["uploaded", "submitted", "done"]


class BatchEntry(Record):
    """A batch of ours. `token` stands in the provider's metadata of the batch as well, so that it
    is found there when its id never reached us."""

    token: str
    model: str
    base_url: str
    state: BatchState
    file_id: str
    batch_id: str = ""
    keys: tuple[str, ...]


class Ledger:
    """The entries in one folder. Whoever changes what is to be sent holds `lock` from reading the
    entries to writing them; the system gives it back when a process dies."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def lock(self) -> FileLock:
        """A lock of its own for each call, so that threads exclude each other too."""
        self.folder.mkdir(parents=True, exist_ok=True)
        return FileLock(self.folder / "lock", thread_local=False)

    def entries(self) -> list[BatchEntry]:
        """All entries, done ones too, in the order of their tokens."""
        return [_read(path) for path in sorted(self.folder.glob("*.json"))]

    def write(self, entry: BatchEntry) -> None:
        """Durable when the call returns: the file is synced, renamed, and its folder synced."""
        path = self.path(entry)
        partial = path.with_name(f".{path.name}.partial")
        with partial.open("w", encoding="utf-8") as stream:
            stream.write(entry.model_dump_json())
            stream.flush()
            os.fsync(stream.fileno())
        partial.rename(path)
        _sync_folder(self.folder)

    def forget(self, entry: BatchEntry) -> None:
        """Remove an entry that never became a batch."""
        self.path(entry).unlink(missing_ok=True)

    def release(self, entry: BatchEntry, keys: Iterable[str]) -> None:
        """Take `keys` out of the entry: their results are handed on, or there are none. Reads the
        file again, because another process may have released others meanwhile."""
        released = set(keys)
        with self.lock():
            current = _read(self.path(entry))
            left = tuple(key for key in current.keys if key not in released)
            state = current.state if left else "done"
            self.write(current.model_copy(update={"keys": left, "state": state}))

    def path(self, entry: BatchEntry) -> Path:
        return self.folder / f"{entry.token}.json"

    def clear_request_files(self) -> None:
        """Remove what a killed run left half-way. Only under `lock`."""
        for path in self.folder.glob("*.jsonl"):
            path.unlink()


def new_token() -> str:
    return secrets.token_hex(16)


def _read(path: Path) -> BatchEntry:
    try:
        return BatchEntry.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise UserError(
            f"unreadable record of a batch: {str(error).splitlines()[0]}",
            where=str(path),
            todo="put it back, or delete it and pay again for what the batch holds",
        ) from error


def _sync_folder(folder: Path) -> None:
    descriptor = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
