"""Rows of local data-set files (.jsonl, .parquet), one at a time.

A line that is no JSON object is a value, `MalformedRow`, so that it becomes a counted rejection
and never ends a run. Only what concerns a whole file is an error.
"""

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from viscode.errors import UserError

Row = dict[str, Any]

SUFFIXES = (".jsonl", ".parquet")
LINE_BYTES = 128 << 20  # a longer line is malformed: it is skipped without being held in memory
BATCH_ROWS = 64


@dataclass(frozen=True)
class MalformedRow:
    """A line that is no row, and why."""

    problem: str


def read_rows(
    path: Path, columns: Sequence[str] | None = None
) -> Iterator[tuple[str, Row | MalformedRow]]:
    """Stream (place, row) of a .jsonl or .parquet file, or of a folder of them in name order.

    `place` is "FILE:NUMBER", FILE relative to `path`'s folder and NUMBER from 1: a line or a row.
    `columns` spares parquet the reading of other columns; a missing one is missing in the row.

    Raises:
        UserError: nothing there, an unreadable file or corrupt parquet.
    """
    folder = path if path.is_dir() else path.parent
    for file in _files(path):
        rows = _jsonl(file) if file.suffix == ".jsonl" else _parquet(file, columns)
        for number, row in rows:
            yield f"{file.relative_to(folder).as_posix()}:{number}", row


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        found = sorted(p for p in path.rglob("*") if p.suffix in SUFFIXES and p.is_file())
    else:
        found = [path] if path.is_file() and path.suffix in SUFFIXES else []
    if not found:
        what = "no .jsonl or .parquet file" if path.exists() else "no such file or folder"
        raise UserError(
            what, where=str(path), todo="correct the path in params.yaml, or: git checkout samples"
        )
    return found


def _jsonl(path: Path) -> Iterator[tuple[int, Row | MalformedRow]]:
    number = 0
    try:
        with path.open("rb") as stream:
            while line := stream.readline(LINE_BYTES):
                number += 1
                if _is_cut(line) and _skip_line(stream):
                    yield number, MalformedRow(f"line above {LINE_BYTES >> 20} MiB")
                elif line.strip():
                    yield number, _object(line)
    except OSError as error:
        raise UserError(
            f"not readable after line {number}: {error.strerror}",
            where=str(path),
            todo="check the file and its permissions",
        ) from error


def _is_cut(line: bytes) -> bool:
    return len(line) == LINE_BYTES and not line.endswith(b"\n")


def _skip_line(stream: IO[bytes]) -> int:
    skipped = 0
    while part := stream.readline(LINE_BYTES):
        skipped += len(part)
        if part.endswith(b"\n"):
            break
    return skipped


def _object(line: bytes) -> Row | MalformedRow:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        return MalformedRow(f"not JSON: {error}")
    return row if isinstance(row, dict) else MalformedRow("not a JSON object")


def _parquet(path: Path, columns: Sequence[str] | None) -> Iterator[tuple[int, Row | MalformedRow]]:
    number = 0
    try:
        with pq.ParquetFile(path) as file:
            present = (
                None
                if columns is None
                else [name for name in columns if name in file.schema_arrow.names]
            )
            for batch in file.iter_batches(batch_size=BATCH_ROWS, columns=present):
                for row in _batch_rows(batch):
                    number += 1
                    yield number, row
    except (pa.ArrowException, OSError) as error:
        raise UserError(
            f"corrupt parquet after row {number}: {error}",
            where=str(path),
            todo="fetch the file again",
        ) from error


def _batch_rows(batch: pa.RecordBatch) -> list[Row | MalformedRow]:
    try:
        rows: list[Row | MalformedRow] = batch.to_pylist()
        return rows
    except UnicodeDecodeError:  # some writers put other bytes into string columns
        return [_row_alone(batch.slice(index, 1)) for index in range(batch.num_rows)]


def _row_alone(batch: pa.RecordBatch) -> Row | MalformedRow:
    try:
        row: Row = batch.to_pylist()[0]
        return row
    except UnicodeDecodeError as error:
        return MalformedRow(f"not UTF-8: {error}")
