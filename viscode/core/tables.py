"""Records <-> parquet shards, in bounded memory, sorted by id, written whole or not at all.

A table is a folder of `part-NNNNN.parquet` files (zstd). Rows are sorted by id over the whole
table, and shards are cut by size, so the bytes depend on the rows alone, never on the order in
which they arrived. Writing sorts externally: buffers above `BUFFER_BYTES` are spilled as sorted
runs and merged when the writer closes. The folder is put in its place whole (replacing.py); a
writer that fails or is killed leaves the old table, and what the next one removes. Readers check
what they read against the list of shards (checksums.py), and that the ids ascend.
"""

import heapq
import types
import typing
from collections.abc import Collection, Iterable, Iterator
from functools import lru_cache
from itertools import groupby, islice
from pathlib import Path
from typing import Any, Generic, TypeVar

import pyarrow as pa
import pyarrow.parquet as pq
from pydantic import ValidationError

from viscode.core.checksums import damaged, list_path, list_text, listed, open_shard, shards
from viscode.core.errors import UserError
from viscode.core.records import Identified, Record
from viscode.core.replacing import partial_of, replace

R = TypeVar("R", bound=Identified)

SHARD_BYTES = 48 << 20  # uncompressed estimate of one shard; DVC moves 30-64 MB files best
BUFFER_BYTES = 128 << 20  # rows held in memory before a sorted run is spilled
ROW_GROUP_BYTES = 8 << 20
MERGE_BATCH_ROWS = 64
ROW_OVERHEAD_BYTES = 1 << 10  # of a row in memory beside its values: dictionaries and objects
SCALARS: dict[Any, pa.DataType] = {
    str: pa.string(),
    bytes: pa.binary(),
    int: pa.int64(),
    float: pa.float64(),
    bool: pa.bool_(),
}


def arrow_type(annotation: Any) -> pa.DataType:
    """Arrow type of a record field's annotation (scalars, X | None, tuples, nested records)."""
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if annotation in SCALARS:
        return SCALARS[annotation]
    if origin is typing.Annotated:
        return arrow_type(arguments[0])
    if origin is typing.Literal:
        return pa.string()
    if origin in (typing.Union, types.UnionType):
        return arrow_type(next(a for a in arguments if a is not type(None)))
    if origin is tuple:
        return pa.list_(arrow_type(arguments[0]))
    if isinstance(annotation, type) and issubclass(annotation, Record):
        return pa.struct(list(arrow_schema(annotation)))
    raise TypeError(f"no arrow type for {annotation!r}")


@lru_cache
def arrow_schema(record_type: type[Record]) -> pa.Schema:
    """Schema of a record type; every field in the order of its declaration."""
    fields = record_type.model_fields.items()
    return pa.schema([pa.field(name, arrow_type(field.annotation)) for name, field in fields])


def _size(value: Any) -> int:
    """About the bytes of a value, without compression: shards are cut by it."""
    if isinstance(value, str | bytes):
        return len(value)
    if isinstance(value, dict):
        return 64 + sum(map(_size, value.values()))
    if isinstance(value, list | tuple):
        return sum(map(_size, value))
    return 8


class TableWriter(Generic[R]):
    """Collects records in any order and writes them as a sorted, sharded table into `folder`.

    The caller owns `folder` (normally a partial folder that it renames). Use as a context
    manager; an id that occurs twice raises `UserError` at the end.
    """

    def __init__(self, folder: Path, record_type: type[R], prefix: str = "part") -> None:
        self.folder = folder
        self.prefix = prefix
        self.schema = arrow_schema(record_type)
        self._rows: list[dict[str, Any]] = []
        self._bytes = 0
        self._runs: list[Path] = []

    def __enter__(self) -> "TableWriter[R]":
        self.folder.mkdir(parents=True, exist_ok=True)
        return self

    def __exit__(self, error: type[BaseException] | None, *_: object) -> None:
        if error is None:
            self._finish()

    def add(self, record: R) -> None:
        row = record.model_dump()
        self._rows.append(row)
        self._bytes += _size(row) + ROW_OVERHEAD_BYTES
        if self._bytes >= BUFFER_BYTES:
            self._spill()

    def _spill(self) -> None:
        run = self.folder / f".{self.prefix}-run-{len(self._runs):05d}.parquet"
        rows = iter(self._sorted())
        self._write(run, iter(lambda: list(islice(rows, MERGE_BATCH_ROWS)), []))
        self._runs.append(run)
        self._rows, self._bytes = [], 0

    def _sorted(self) -> list[dict[str, Any]]:
        return sorted(self._rows, key=lambda row: str(row["id"]))

    def _finish(self) -> None:
        runs: list[Iterator[dict[str, Any]]] = [_rows_of(run) for run in self._runs]
        merged = heapq.merge(*runs, self._sorted(), key=lambda row: str(row["id"]))
        written = []
        placed = _placed(_unique(merged, self.folder))
        for number, in_shard in groupby(placed, lambda place: place[0]):
            groups = groupby(in_shard, lambda place: place[1])
            path = self.folder / f"{self.prefix}-{number:05d}.parquet"
            rows = self._write(path, ([row for _, _, row in group] for _, group in groups))
            written.append(listed(path, rows))
        if not written:
            path = self.folder / f"{self.prefix}-00000.parquet"
            written.append(listed(path, self._write(path, [])))
        text = list_text(written)
        list_path(self.folder, self.prefix).write_text(text, encoding="utf-8")
        for run in self._runs:
            run.unlink()

    def _write(self, path: Path, groups: Iterable[list[dict[str, Any]]]) -> int:
        """Write a file with these row groups; returns the number of rows."""
        count = 0
        with pq.ParquetWriter(path, self.schema, compression="zstd") as writer:
            for group in groups:
                writer.write_table(_arrow(group, self.schema, self.folder))
                count += len(group)
        return count


def _placed(rows: Iterable[dict[str, Any]]) -> Iterator[tuple[int, int, dict[str, Any]]]:
    """Each row with the numbers of its shard and its row group."""
    shard = group = shard_bytes = group_bytes = 0
    for row in rows:
        size = _size(row)
        if shard_bytes and shard_bytes + size > SHARD_BYTES:
            shard, shard_bytes, group_bytes = shard + 1, 0, 0
        yield shard, group, row
        shard_bytes, group_bytes = shard_bytes + size, group_bytes + size
        if group_bytes >= ROW_GROUP_BYTES:
            group, group_bytes = group + 1, 0


def _arrow(rows: list[dict[str, Any]], schema: pa.Schema, folder: Path) -> pa.Table:
    try:
        return pa.Table.from_pylist(rows, schema=schema)
    except UnicodeEncodeError as error:
        for row in rows:
            for field, value in row.items():
                if _has_surrogates(value):
                    raise UserError(
                        f"record {row['id']!r}: field {field} has characters that no file can hold",
                        where=str(folder),
                        todo="this is a fault of the stage that made it: report it",
                    ) from error
        raise


def _has_surrogates(value: Any) -> bool:
    if isinstance(value, dict):
        return any(map(_has_surrogates, value.values()))
    if isinstance(value, list | tuple):
        return any(map(_has_surrogates, value))
    return isinstance(value, str) and value != value.encode("utf-8", "replace").decode("utf-8")


def _rows_of(path: Path) -> Iterator[dict[str, Any]]:
    for batch in pq.ParquetFile(path).iter_batches(MERGE_BATCH_ROWS):
        yield from batch.to_pylist()


def _unique(rows: Iterable[dict[str, Any]], folder: Path) -> Iterator[dict[str, Any]]:
    previous = None
    for row in rows:
        if row["id"] == previous:
            raise UserError(
                f"record {previous} occurs twice",
                where=str(folder),
                todo="remove the duplicate row from the input of this stage",
            )
        previous = row["id"]
        yield row


def write_table(folder: Path, record_type: type[R], records: Iterable[R]) -> int:
    """Write `records` as the table `folder`, whole or not at all; returns their number."""
    partial, count = partial_of(folder), 0
    with TableWriter(partial, record_type) as writer:
        for record in records:
            writer.add(record)
            count += 1
    replace(partial, folder)
    return count


def count_rows(folder: Path, prefix: str = "part") -> int:
    """Number of rows of a table, from the shards' footers."""
    total = 0
    for shard in shards(folder, prefix):
        with open_shard(shard) as file:
            total += file.metadata.num_rows
    return total


def read_table(
    folder: Path,
    record_type: type[R],
    prefix: str = "part",
    columns: list[str] | None = None,
    ids: Collection[str] | None = None,
) -> Iterator[R]:
    """Stream the records of a table in id order: of all columns or only `columns`, all records or
    those with one of `ids`; no other becomes a Python object.

    Raises:
        UserError: a missing table or shard, a corrupt shard, ids that do not ascend, or a row that
            does not fit, naming the shard and the row.
    """
    previous = ""
    for shard in shards(folder, prefix):
        with open_shard(shard) as file:
            for batch in file.iter_batches(MERGE_BATCH_ROWS, columns=columns):
                names = list(map(str, batch["id"].to_pylist()))
                for name in names:
                    if name <= previous:
                        order = f"stands behind {previous}: ids must ascend"
                        what = "occurs twice" if name == previous else order
                        raise damaged(f"record {name} {what}", shard.path)
                    previous = name
                if ids is not None:
                    wanted = [i for i, name in enumerate(names) if name in ids]
                    batch = batch.take(pa.array(wanted, pa.int64()))
                for row in batch.to_pylist():
                    yield _record(row, record_type, shard.path)


def read_columns(folder: Path, record_type: type[R]) -> Iterator[R]:
    """Like `read_table`, for a record type that has only some of the table's columns: the others
    (images, say) are not read."""
    return read_table(folder, record_type, columns=list(record_type.model_fields))


def read_some(folder: Path, record_type: type[R], ids: Collection[str]) -> Iterator[R]:
    """Like `read_table`, for the records with one of `ids`."""
    return read_table(folder, record_type, ids=ids)


def _record(row: dict[str, Any], record_type: type[R], path: Path) -> R:
    try:
        return record_type.model_validate(_tuples(row))
    except ValidationError as error:
        first = error.errors()[0]
        field = ".".join(map(str, first["loc"]))
        raise damaged(f"row {row.get('id')}: field {field}: {first['msg']}", path) from error


def _tuples(value: Any) -> Any:
    if isinstance(value, list):
        return tuple(_tuples(item) for item in value)
    if isinstance(value, dict):
        return {key: _tuples(item) for key, item in value.items()}
    return value
