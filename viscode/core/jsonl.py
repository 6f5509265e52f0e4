"""Rows of local data-set files (.jsonl, .parquet), one at a time.

A line that is no JSON object is a value, `MalformedRow`, so that it becomes a counted rejection
and never ends a run, and so is a row of parquet that Python cannot hold. Only what concerns a whole
file or folder is an error. No row needs more memory than its own size and that of the page of
parquet which it lies in.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from itertools import chain
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from viscode.core.errors import UserError
from viscode.core.textfile import lines, readable
from viscode.core.walk import Watch, walk

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
    and what lies in folders that `walk` leaves out; other files are passed over. `place` is
    "FILE:NUMBER", FILE relative to `path`'s folder and NUMBER from 1: a line or a row. `columns`
    spares parquet the reading of other columns; a missing one is missing in the row.

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
        found = list(_below(path))
    else:
        found = [path] if path.is_file() and path.name.lower().endswith(SUFFIXES) else []
    if not found:
        what = "no .jsonl or .parquet file" if path.exists() else "no such file or folder"
        raise UserError(
            what,
            where=str(path),
            todo="correct the path (of our samples: git checkout samples)",
        )
    return found


def _below(folder: Path) -> Iterator[Path]:
    watch = Watch()
    for found in walk(folder):
        path = folder.joinpath(*found.parts)
        if found.kind == "left out" or path.name.startswith("."):
            continue
        if found.kind == "unreadable":
            raise UserError(
                f"not readable: {found.problem}", where=str(path), todo="check its permissions"
            )
        if found.kind == "other" and path.is_dir():
            raise UserError(
                "a linked folder, in which DVC sees no change",
                where=str(path),
                todo="put the files themselves here, or name that folder in params.yaml",
            )
        if found.suffix not in SUFFIXES:
            continue
        if not path.is_file():
            raise UserError(
                "neither a file nor a link to one",
                where=str(path),
                todo="remove it or repair the link",
            )
        watch.check(path)
        yield path


def _jsonl(path: Path) -> Iterator[tuple[int, Row | MalformedRow]]:
    number = 0
    try:
        with path.open("rb") as stream:
            for number, line in enumerate(lines(stream, LINE_BYTES), start=1):
                if line is None:
                    yield number, MalformedRow(f"line above {LINE_BYTES >> 20} MiB")
                elif line:
                    yield number, _object(line)
    except (OSError, UnicodeDecodeError) as error:
        why = getattr(error, "strerror", None) or error
        raise UserError(
            f"not readable after line {number}: {why}",
            where=str(path),
            todo="check the file and its permissions",
        ) from error


def _object(line: bytes) -> Row | MalformedRow:
    try:
        row = json.loads(line)
        if isinstance(row, dict):
            return row
        problem = "not a JSON object"
    except (ValueError, RecursionError) as error:
        problem = f"not JSON: {error}"
    return MalformedRow(problem, line[:BEGINNING_BYTES].decode("utf-8", "replace"))


def _parquet(path: Path, columns: Sequence[str] | None) -> Iterator[tuple[int, Row | MalformedRow]]:
    number = 0
    try:
        with pq.ParquetFile(path, buffer_size=BUFFER_BYTES) as file:
            for index in range(file.num_row_groups):
                group = file.metadata.row_group(index)
                at_once = BATCH_BYTES * group.num_rows // max(1, group.total_byte_size)
                batches = file.iter_batches(
                    max(1, min(BATCH_ROWS, at_once)), row_groups=[index], columns=columns
                )
                for row in chain.from_iterable(map(_rows, batches)):
                    number += 1
                    yield number, row
    except (pa.ArrowException, OSError) as error:
        raise UserError(
            f"corrupt parquet after row {number}: {error}",
            where=str(path),
            todo="fetch the file again",
        ) from error


def _rows(batch: pa.RecordBatch) -> Iterable[Row | MalformedRow]:
    if batch.nbytes <= BATCH_BYTES:
        with suppress(*NOT_HELD):
            rows: list[Row | MalformedRow] = batch.to_pylist()
            return rows
    return (_row_alone(batch.slice(index, 1)) for index in range(batch.num_rows))


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
