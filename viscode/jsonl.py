"""JSON lines and local data-set files in their published schemas, row by row."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from viscode.errors import UserError

SUFFIXES = (".jsonl", ".parquet")


def read_rows(path: Path) -> Iterator[tuple[str, dict[str, Any]]]:
    """Stream (place, row) of a .jsonl or .parquet file, or of a folder of them in name order.

    `place` names file and row, for error messages and origins.

    Raises:
        UserError: nothing there, or a line that is not a JSON object.
    """
    for file in _files(path):
        rows = _jsonl(file) if file.suffix == ".jsonl" else _parquet(file)
        for number, row in rows:
            yield f"{file.name}:{number}", row


def _files(path: Path) -> list[Path]:
    if path.is_dir():
        found = sorted(p for p in path.rglob("*") if p.suffix in SUFFIXES)
    else:
        found = [path] if path.is_file() and path.suffix in SUFFIXES else []
    if not found:
        raise UserError(
            "no .jsonl or .parquet file",
            where=str(path),
            todo="correct the path in params.yaml, or: git checkout samples",
        )
    return found


def _jsonl(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    with path.open("rb") as stream:
        for number, line in enumerate(stream, start=1):
            if not line.strip():
                continue
            try:
                row = json.loads(line)
            except ValueError as error:
                raise UserError(
                    f"line {number} is not JSON: {error}",
                    where=str(path),
                    todo="mend or remove that line",
                ) from error
            if not isinstance(row, dict):
                raise UserError(
                    f"line {number} is not a JSON object",
                    where=str(path),
                    todo="mend or remove that line",
                )
            yield number, row


def _parquet(path: Path) -> Iterator[tuple[int, dict[str, Any]]]:
    number = 0
    try:
        for batch in pq.ParquetFile(path).iter_batches(batch_size=256):
            for row in batch.to_pylist():
                number += 1
                yield number, row
    except (pa.ArrowException, OSError) as error:
        raise UserError(
            f"corrupt parquet after row {number}: {error}",
            where=str(path),
            todo="fetch the file again",
        ) from error
