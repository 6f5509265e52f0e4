"""Where a run keeps what lets it go on after a kill: `.viscode/train/KEY/checkpoint-STEP`.

KEY hashes what determines the run (parameters, rows, base model, number of processes), so a run
with anything changed starts anew and never continues from a stranger. A checkpoint counts only
with its MARKER, which is written when the whole folder is on the disk: the folder of a run killed
while saving has a number but no marker, and is removed.
"""

import os
import shutil
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from viscode.hashing import canonical_json, digest, file_digest

MARKER = "complete"
RECIPE_VERSION = "1"  # raised when a change of the code makes old checkpoints wrong to continue


def run_key(settings: dict[str, Any], inputs: Iterable[Path], devices: int) -> str:
    """Name of the run's folder: 16 hex digits over all that determines the result."""
    files = (f"{path.name}:{file_digest(path)}" for path in inputs)
    return digest(RECIPE_VERSION, canonical_json(settings), str(devices), *files)[:16]


def mark_complete(checkpoint: Path) -> None:
    """Sync a saved checkpoint to the disk, then mark it."""
    for path in sorted(checkpoint.rglob("*")):
        if path.is_file():
            _sync(path)
    (checkpoint / MARKER).touch()
    _sync(checkpoint / MARKER)
    _sync(checkpoint)


def _sync(path: Path) -> None:
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def checkpoints(folder: Path) -> list[Path]:
    """All checkpoint folders of a run, oldest step first."""
    return sorted(folder.glob("checkpoint-*"), key=lambda path: int(path.name.split("-")[1]))


def newest_complete(folder: Path) -> Path | None:
    """The checkpoint to continue from, or None to begin at the beginning."""
    complete = [path for path in checkpoints(folder) if (path / MARKER).is_file()]
    return complete[-1] if complete else None


def remove_incomplete(folder: Path) -> list[str]:
    """Remove what a run killed while saving has left; returns the names removed."""
    broken = [path for path in checkpoints(folder) if not (path / MARKER).is_file()]
    for path in broken:
        shutil.rmtree(path)
    return [path.name for path in broken]
