"""What the shards of a table must hold: a list beside them, against which every reading checks.

The list `PREFIX-checksums.json` names the shards in order, each with its size, its rows and the
XXH3 hash of every block of 128 KiB. A reader checks the blocks that it touches before anything
parses them, so reading two columns of ten costs what two columns cost, and page headers and footers
are covered as well. This finds damage and shards of other tables; it is no signature.

A file of JSON lines has its SHA-256 in a file beside it, as `sha256sum -c` reads it.
"""

import io
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import xxhash

from viscode.core.errors import UserError
from viscode.core.hashing import file_digest
from viscode.core.replacing import recover

BLOCK_BYTES = 1 << 17
HEX_DIGITS = 16  # of a block's hash
RESTORE = "delete it, then: dvc checkout, or dvc repro"


@dataclass(frozen=True)
class Shard:
    """A shard as the list names it. `sums`: 16 hex digits for each block of BLOCK_BYTES."""

    path: Path
    size: int
    rows: int
    sums: str


def damaged(what: str, path: Path) -> UserError:
    """The error of a table that is not as it was written."""
    return UserError(what, where=str(path), todo=f"the table: {RESTORE}")


def listed(path: Path, rows: int) -> Shard:
    """The entry of a shard that was just written."""
    sums = []
    with path.open("rb") as stream:
        while block := stream.read(BLOCK_BYTES):
            sums.append(xxhash.xxh3_64_hexdigest(block))
    return Shard(path, path.stat().st_size, rows, "".join(sums))


def list_path(folder: Path, prefix: str) -> Path:
    return folder / f"{prefix}-checksums.json"


def list_text(shards: list[Shard]) -> str:
    """The list of a table; the same shards give the same text."""
    entries = [
        {"name": s.path.name, "bytes": s.size, "rows": s.rows, "sums": s.sums} for s in shards
    ]
    return json.dumps({"block_bytes": BLOCK_BYTES, "shards": entries}, indent=1) + "\n"


def read_list(folder: Path, prefix: str) -> list[Shard]:
    """The shards that a table must have.

    Raises:
        UserError: no list, or one that is damaged.
    """
    path = list_path(folder, prefix)
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
        if held.keys() != {"block_bytes", "shards"} or held["block_bytes"] != BLOCK_BYTES:
            raise ValueError("another form")
        return [_entry(folder, **entry) for entry in held["shards"]]
    except FileNotFoundError as error:
        raise damaged("a table without its list of shards", path) from error
    except (OSError, ValueError, TypeError, AttributeError, RecursionError) as error:
        raise damaged(f"damaged list of shards: {error}", path) from error


def _entry(folder: Path, *, name: str, bytes: int, rows: int, sums: str) -> Shard:
    blocks = -(-bytes // BLOCK_BYTES)
    if Path(name).name != name or len(sums) != blocks * HEX_DIGITS or rows < 0:
        raise ValueError(f"shard {name!r}")
    return Shard(folder / name, bytes, rows, sums)


class CheckedFile(io.RawIOBase):
    """A shard for reading: no byte leaves it whose block is not as it was written.

    Raises:
        UserError: the file is damaged, from here or from `read`.
    """

    def __init__(self, shard: Shard) -> None:
        self._shard = shard
        self._place = 0
        self._file = shard.path.open("rb", buffering=0)
        found = os.fstat(self._file.fileno()).st_size
        if found != shard.size:
            self._file.close()
            raise self._corrupt(f"{found} bytes, {shard.size} were written")

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def tell(self) -> int:
        return self._place

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        base = {os.SEEK_SET: 0, os.SEEK_CUR: self._place, os.SEEK_END: self._shard.size}[whence]
        self._place = base + offset
        return self._place

    def read(self, size: int = -1) -> memoryview:
        end = self._shard.size if size < 0 else min(self._place + size, self._shard.size)
        start, self._place = self._place, max(self._place, end)
        if start >= end:
            return memoryview(b"")
        first, last = start // BLOCK_BYTES, (end - 1) // BLOCK_BYTES
        blocks = self._blocks(first, last)
        return blocks[start - first * BLOCK_BYTES : end - first * BLOCK_BYTES]

    def _blocks(self, first: int, last: int) -> memoryview:
        """Blocks, each checked while it is still in the processor's cache."""
        self._file.seek(first * BLOCK_BYTES)
        wanted = min((last + 1) * BLOCK_BYTES, self._shard.size) - first * BLOCK_BYTES
        data = memoryview(bytearray(wanted))
        for number in range(first, last + 1):
            begin = (number - first) * BLOCK_BYTES
            block = data[begin : begin + BLOCK_BYTES]
            known = self._shard.sums[number * HEX_DIGITS : (number + 1) * HEX_DIGITS]
            read = self._file.readinto(block)
            if read != len(block) or known != xxhash.xxh3_64_hexdigest(block):
                raise self._corrupt(f"block {number} of {BLOCK_BYTES >> 10} KiB")
        return data

    def close(self) -> None:
        self._file.close()
        super().close()

    def _corrupt(self, what: str) -> UserError:
        return damaged(f"corrupt shard, not as it was written: {what}", self._shard.path)


def shards(folder: Path, prefix: str = "part") -> list[Shard]:
    """The shards of a table, in order.

    Raises:
        UserError: there is no table, or its shards are not those that it was written with.
    """
    recover(folder)
    present = {path.name for path in folder.glob(f"{prefix}-*.parquet")}
    if not present and not list_path(folder, prefix).exists():
        raise UserError(
            f"no {prefix}-*.parquet shards",
            where=str(folder),
            todo="run the stage that writes it: dvc repro",
        )
    named = read_list(folder, prefix)
    for name in sorted(present.symmetric_difference(shard.path.name for shard in named)):
        what = "does not belong to this table" if name in present else "is missing"
        raise damaged(f"shard {name} {what}", folder)
    return named


def check_table(folder: Path, prefix: str = "part") -> None:
    """Read all bytes of a table.

    Raises:
        UserError: one is not as it was written.
    """
    for shard in shards(folder, prefix):
        with CheckedFile(shard) as stream:
            while stream.read(BLOCK_BYTES << 4):
                pass


@contextmanager
def open_shard(shard: Shard) -> Iterator[pq.ParquetFile]:
    """A shard for reading, its content checked as it is read.

    Raises:
        UserError: a damaged shard.
    """
    try:
        with CheckedFile(shard) as stream, pq.ParquetFile(stream) as file:
            if file.metadata.num_rows != shard.rows:
                found = file.metadata.num_rows
                raise damaged(f"{found} rows, {shard.rows} were written", shard.path)
            yield file
    except (pa.ArrowException, OSError) as error:
        raise damaged(f"corrupt shard: {error}", shard.path) from error


def digest_path(path: Path) -> Path:
    """Where the SHA-256 of a file of JSON lines stands."""
    return path.with_name(f"{path.name}.sha256")


def digest_line(path: Path, name: str) -> str:
    """What stands there, for a file that lies at `path` and will be called `name`."""
    return f"{file_digest(path)}  {name}\n"


def check_digest(path: Path) -> None:
    """Check a file of JSON lines against the digest beside it; one without is taken as it is.

    Raises:
        UserError: not the content that was written.
    """
    beside = digest_path(path)
    if beside.exists() and beside.read_bytes() != digest_line(path, path.name).encode():
        raise UserError(
            f"not the content that {beside.name} names",
            where=str(path),
            todo=f"{RESTORE}; delete {beside.name} if you have changed the file yourself",
        )
