"""Where a run keeps what lets it go on after a kill: `.viscode/train/KEY/checkpoint-STEP`.

KEY hashes what determines the run (parameters, rows, base model, number of processes), so a run
with anything changed starts anew and never continues from a stranger; `run.json` beside the
checkpoints says what the run was, for the message that tells a person so. A checkpoint counts only
with its MARKER, which is written when the whole folder is on the disk and lists its files: the
folder of a run killed while saving has a number but no marker, and is removed. Folders of other
runs are named and left alone.

With several nodes the work area must be on a shared file system.
"""

import json
import os
import shutil
from collections.abc import Iterable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from viscode.core.hashing import canonical_json, digest, file_digest
from viscode.core.replacing import write_json

MARKER = "complete.json"
RUN_CARD = "run.json"
RECIPE_VERSION = "2"  # raised when a change of the code makes old checkpoints wrong to continue
WITHOUT_EFFECT = ("log_to", "gguf")  # parameters that do not change the weights


@dataclass(frozen=True)
class Run:
    """What determines the weights that come out."""

    settings: dict[str, Any]
    data: dict[str, str]
    """Name and hash of the files of rows."""
    base: dict[str, str]
    """Name and hash of the files of the base model."""
    devices: int

    @property
    def key(self) -> str:
        """Name of the run's folder: 16 hex digits."""
        return digest(RECIPE_VERSION, canonical_json(asdict(self)))[:16]

    def write(self, folder: Path) -> None:
        write_json(folder / RUN_CARD, asdict(self))

    def differences(self, other: dict[str, Any]) -> str:
        """What another run's card has otherwise, in words."""
        settings, devices = other["settings"], other["devices"]
        words = {
            f"train.{name} was {settings.get(name)}, is {value}": settings.get(name) != value
            for name, value in self.settings.items()
        } | {
            "other rows": other["data"] != self.data,
            "another base model": other["base"] != self.base,
            f"{devices} process(es), now {self.devices}": devices != self.devices,
        }
        found = [text for text, differs in words.items() if differs]
        return "; ".join(found) or "another version of this program"


def describe(
    settings: dict[str, Any], data: Iterable[Path], base: Iterable[Path], devices: int
) -> Run:
    """The run of these parameters and files."""
    return Run(
        settings={name: v for name, v in settings.items() if name not in WITHOUT_EFFECT},
        data={path.name: file_digest(path) for path in data},
        base={path.name: file_digest(path) for path in sorted(base)},
        devices=devices,
    )


def other_runs(work: Path, run: Run) -> list[str]:
    """A line for each other run that has left checkpoints in `work`."""
    lines = []
    for path in sorted(work.glob(f"*/{RUN_CARD}")):
        folder = path.parent
        if folder.name == run.key or newest_complete(folder) is None:
            continue
        try:
            reasons = run.differences(json.loads(path.read_text(encoding="utf-8")))
        except (ValueError, TypeError, KeyError, AttributeError):
            continue  # no card of a run
        size = sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())
        lines.append(
            f"checkpoints of another run do not fit ({reasons}): starting anew; they stay in "
            f"{folder} ({-(-size // 1_000_000)} MB), delete them if not needed"
        )
    return lines


def mark_complete(checkpoint: Path) -> None:
    """Sync a saved checkpoint to the disk, then mark it."""
    sizes = _sizes(checkpoint)
    for name in sizes:
        with (checkpoint / name).open("rb") as file:
            os.fsync(file.fileno())
    write_json(checkpoint / MARKER, sizes)


def _sizes(checkpoint: Path) -> dict[str, int]:
    files = (path for path in sorted(checkpoint.rglob("*")) if path.is_file())
    return {str(path.relative_to(checkpoint)): path.stat().st_size for path in files}


def is_complete(checkpoint: Path) -> bool:
    """Whether every file is there that was there when the checkpoint was marked."""
    try:
        listed = json.loads((checkpoint / MARKER).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return False
    found = _sizes(checkpoint)
    return all(found.get(name) == size for name, size in listed.items())


def checkpoints(folder: Path) -> list[Path]:
    """All checkpoint folders of a run, oldest step first."""
    return sorted(folder.glob("checkpoint-*"), key=lambda path: int(path.name.split("-")[1]))


def newest_complete(folder: Path) -> Path | None:
    """The checkpoint to continue from, or None to begin at the beginning."""
    complete = [path for path in checkpoints(folder) if is_complete(path)]
    return complete[-1] if complete else None


def remove_incomplete(folder: Path) -> list[str]:
    """Remove what a run killed while saving has left; returns the names removed."""
    broken = [path for path in checkpoints(folder) if not is_complete(path)]
    for path in broken:
        shutil.rmtree(path)
    return [path.name for path in broken]
