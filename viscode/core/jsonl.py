"""Rows of local data-set files (.jsonl, .parquet), one at a time.

A line that is no JSON object is a value, `MalformedRow`, so that it becomes a counted rejection
and never ends a run, and so is a row of parquet that Python cannot hold. Only what concerns a whole
file or folder is an error. No row needs more memory than its own size and that of the page of
parquet which it lies in.
"""

import json
import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from viscode.core.errors import UserError
from viscode.core.textfile import lines, readable
from viscode.core.watched import Watch

Row = dict[str, Any]

SUFFIXES = (".jsonl", ".parquet")
LINE_BYTES = 128 << 20  # a longer line is malformed: it is skipped without being held in memory
CELL_BYTES = 50 << 20  # of text or bytes: no field of a row may be longer
OFFSET_BYTES = 64  # what Arrow may hold for a cell besides its content
BEGINNING_BYTES = 400  # of a line that is no row, to be shown
BATCH_ROWS = 64
BUFFER_BYTES = 1 << 20  # without it a whole column of a row group is read
BATCH_BYTES = 16 << 20  # of parquet, roughly: large rows come one by one
NOT_HELD = (ValueError, ArithmeticError, LookupError, pa.ArrowException)
"""What pyarrow raises for values without a counterpart in Python: bytes in a string column that are
no UTF-8, dates outside the calendar, unknown time zones, structs that name a field twice."""


@dataclass(frozen=True)
class MalformedRow:
    """A line that is no row, why, and how it begins (where it is text)."""

    problem: str
    text: str = ""


def read_rows(
    path: Path, columns: Sequence[str] | None = None
) -> Iterator[tuple[str, Row | MalformedRow]]:
    """Stream (place, row) of a .jsonl or .parquet file, or of a folder of them in name order.

    Of a folder all files with these suffixes (in any case) below it count, but for hidden ones
    and what lies in hidden folders; other files are passed over. `place` is "FILE:NUMBER", FILE
    relative to `path`'s folder and NUMBER from 1: a line or a row. `columns` spares parquet the
    reading of other columns; a missing one is missing in the row.

    Raises:
        UserError: nothing there, an unreadable file or folder, a linked folder, a link that leads
            nowhere, a file in which DVC sees no change, or corrupt parquet.
    """
    folder = path if path.is_dir() else path.parent
    for file in _files(path):
        rows = _jsonl(file) if file.suffix.lower() == ".jsonl" else _parquet(file, columns)
        name = readable(file.relative_to(folder).as_posix())
        for number, row in rows:
            yield f"{name}:{number}", row


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        found = sorted(_below(path))
    else:
        found = [path] if path.is_file() and _is_wanted(path.name) else []
    if not found:
        what = "no .jsonl or .parquet file" if path.exists() else "no such file or folder"
        raise UserError(
            what,
            where=str(path),
            todo="correct the path (of our samples: git checkout samples)",
        )
    return found


def _is_wanted(name: str) -> bool:
    return name.lower().endswith(SUFFIXES)


def _below(folder: Path) -> Iterator[Path]:
    watch = Watch()
    for place, folders, names in os.walk(folder, onerror=_refuse_folder):
        folders[:] = [name for name in folders if not name.startswith(".")]
        linked = [path for name in folders if (path := Path(place, name)).is_symlink()]
        if linked:
            raise UserError(
                "a linked folder, in which DVC sees no change",
                where=str(linked[0]),
                todo="put the files themselves here, or name that folder in params.yaml",
            )
        for name in names:
            path = Path(place, name)
            if name.startswith(".") or not _is_wanted(name):
                continue
            if not path.is_file():
                raise UserError(
                    "neither a file nor a link to one",
                    where=str(path),
                    todo="remove it or repair the link",
                )
            watch.check(path)
            yield path


def _refuse_folder(error: OSError) -> None:
    raise UserError(
        f"folder not readable: {error.strerror}",
        where=str(error.filename),
        todo="check its permissions",
    ) from error


def _jsonl(path: Path) -> Iterator[tuple[int, Row | MalformedRow]]:
    number = 0
    try:
        with path.open("rb") as stream:
            for number, line in enumerate(lines(stream, LINE_BYTES), start=1):
                if line is None:
                    yield number, MalformedRow(f"line above {LINE_BYTES >> 20} MiB")
                elif line:
                    yield number, _object(line)
    except OSError as error:
        raise _unreadable(path, number, str(error.strerror)) from error
    except UnicodeDecodeError as error:
        raise _unreadable(path, number, str(error)) from error


def _unreadable(path: Path, number: int, why: str) -> UserError:
    return UserError(
        f"not readable after line {number}: {why}",
        where=str(path),
        todo="check the file and its permissions",
    )


def _object(line: bytes) -> Row | MalformedRow:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        return MalformedRow(f"not JSON: {error}", _beginning(line))
    return row if isinstance(row, dict) else MalformedRow("not a JSON object", _beginning(line))


def _beginning(line: bytes) -> str:
    return line[:BEGINNING_BYTES].decode("utf-8", "replace")


def _parquet(path: Path, columns: Sequence[str] | None) -> Iterator[tuple[int, Row | MalformedRow]]:
    number = 0
    try:
        with pq.ParquetFile(path, buffer_size=BUFFER_BYTES) as file:
            present = (
                None
                if columns is None
                else [name for name in columns if name in file.schema_arrow.names]
            )
            for group in range(file.num_row_groups):
                rows = _rows_at_once(file.metadata.row_group(group), present)
                for batch in file.iter_batches(rows, row_groups=[group], columns=present):
                    for row in _batch_rows(batch):
                        number += 1
                        yield number, row
    except (pa.ArrowException, OSError) as error:
        raise UserError(
            f"corrupt parquet after row {number}: {error}",
            where=str(path),
            todo="fetch the file again",
        ) from error


def _rows_at_once(group: pq.RowGroupMetaData, columns: Sequence[str] | None) -> int:
    """How many rows of a row group make about BATCH_BYTES in these columns, 1 to BATCH_ROWS."""
    parts = (group.column(index) for index in range(group.num_columns))
    size: int = sum(
        part.total_uncompressed_size
        for part in parts
        if columns is None or part.path_in_schema.partition(".")[0] in columns
    )
    rows: int = group.num_rows
    return max(1, min(BATCH_ROWS, BATCH_BYTES * rows // max(1, size)))


def _batch_rows(batch: pa.RecordBatch) -> Iterator[Row | MalformedRow]:
    if batch.nbytes <= BATCH_BYTES:
        try:
            rows: list[Row | MalformedRow] = batch.to_pylist()
        except NOT_HELD:
            rows = [_row_alone(batch.slice(index, 1)) for index in range(batch.num_rows)]
        yield from rows
        return
    for index in range(batch.num_rows):
        yield _row_alone(batch.slice(index, 1))


def _row_alone(batch: pa.RecordBatch) -> Row | MalformedRow:
    try:
        if problem := _too_large(batch):
            return MalformedRow(problem)
        row: Row = batch.to_pylist()[0]
        return row
    except UnicodeDecodeError as error:
        return MalformedRow(f"not UTF-8: {error}")
    except NOT_HELD as error:
        return MalformedRow(f"a value that cannot be held: {error}")


def _too_large(batch: pa.RecordBatch) -> str:
    """What is too large in a row, "" if nothing is; told before Python makes a copy of it."""
    if batch.nbytes > LINE_BYTES:
        return f"row above {LINE_BYTES >> 20} MiB"
    for name, column in zip(batch.schema.names, batch.columns, strict=True):
        if not pa.types.is_nested(column.type) and column.nbytes > CELL_BYTES + OFFSET_BYTES:
            return f"column {name} above {CELL_BYTES >> 20} MiB"
    return ""
