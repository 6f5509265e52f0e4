"""Which batches were sent to the provider: what keeps a crash from paying for a request twice.

One small JSON file per batch, written before the provider is asked to create it: from then on a
batch that carries the entry's token may exist. Its id is noted when it is known. Keys leave the
entry as their results are handed on, and with the last one the file goes. Before that there is
nothing to remember: requests that were uploaded and never became a batch cost nothing, so they are
sent anew with those that are wanted then.
"""

from collections.abc import Iterable
from pathlib import Path

from filelock import FileLock
from pydantic import ConfigDict, ValidationError

from viscode.core.errors import UserError
from viscode.core.records import Record
from viscode.core.replacing import write_text


class BatchEntry(Record):
    """A batch of ours. `token` stands in the provider's metadata of the batch as well, so that it
    is found there when its id, until then "", never reached us."""

    model_config = ConfigDict(extra="ignore")  # entries of earlier versions say more

    token: str
    model: str
    base_url: str
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
        """All entries in the order of their tokens."""
        return [_read(path) for path in sorted(self.folder.glob("*.json"))]

    def write(self, entry: BatchEntry) -> None:
        write_text(self.path(entry), entry.model_dump_json())

    def release(self, entry: BatchEntry, keys: Iterable[str]) -> None:
        """Take `keys` out of the entry: their results are handed on, or there are none. Reads the
        file again, because another process may have released others, or all, meanwhile."""
        with self.lock():
            if not self.path(entry).exists():
                return
            current, released = _read(self.path(entry)), set(keys)
            left = tuple(key for key in current.keys if key not in released)
            if left:
                self.write(current.model_copy(update={"keys": left}))
            else:
                self.forget(entry)

    def forget(self, entry: BatchEntry) -> None:
        self.path(entry).unlink(missing_ok=True)

    def path(self, entry: BatchEntry) -> Path:
        return self.folder / f"{entry.token}.json"


def _read(path: Path) -> BatchEntry:
    try:
        return BatchEntry.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise UserError(
            f"unreadable record of a batch: {str(error).splitlines()[0]}",
            where=str(path),
            todo="put it back, or delete it and pay again for what the batch holds",
        ) from error
