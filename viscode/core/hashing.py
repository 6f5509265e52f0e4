"""Content hashes: record ids, work-store keys and ranks for deterministic sampling."""

import hashlib
import json
from collections.abc import Iterable
from pathlib import Path

ID_LENGTH = 32  # hex digits: 128 bits, no collisions to expect below 10^18 records


def digest(*parts: str | bytes) -> str:
    """SHA-256 (hex) over length-prefixed parts, so that ("ab", "c") and ("a", "bc") differ."""
    state = hashlib.sha256()
    for part in parts:
        raw = part.encode("utf-8", "surrogatepass") if isinstance(part, str) else part
        state.update(len(raw).to_bytes(8, "big"))
        state.update(raw)
    return state.hexdigest()


def content_id(*parts: str | bytes) -> str:
    """Id of a record: the first 32 hex digits of `digest` of what identifies it."""
    return digest(*parts)[:ID_LENGTH]


def hash_rank(record_id: str, seed: int) -> str:
    """Sort key for sampling: the k smallest ranks are a uniform sample that a new record
    changes by at most one member."""
    return digest(str(seed), record_id)


def canonical_json(value: object) -> str:
    """JSON with sorted keys and no spaces: the same value gives the same text."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def file_digest(path: Path) -> str:
    """SHA-256 (hex) of one file, read in blocks."""
    with path.open("rb") as stream:
        return hashlib.file_digest(stream, "sha256").hexdigest()


def files_digest(paths: Iterable[Path]) -> str:
    """One hash over the names and contents of several files, in any order given."""
    return digest(*(f"{path.name}:{file_digest(path)}" for path in sorted(paths)))
