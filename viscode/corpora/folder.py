"""The source `files` from a directory: every .py and .ipynb file in it, under one stated licence.

Read as text, never imported or run. Links are not followed. Left out as not the owner's own text:
hidden folders, `node_modules`, `__pycache__` and environments (folders with a pyvenv.cfg or a
conda-meta). A notebook is measured by its code, since its images are not read.

The files stream, in the order of their paths' parts, which no file system changes. In memory lie
one folder's names and 16 bytes for each text seen; a sample (`take`) reads the folder twice.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from viscode.corpora.encodings import Undecodable, decode_python
from viscode.corpora.notebooks import BadNotebook, CodeTooLarge, script_of
from viscode.corpora.sampling import sample_ids
from viscode.errors import UserError
from viscode.hashing import content_id
from viscode.outcomes import Kept, Rejected, Tally
from viscode.records import Origin, SourceFile
from viscode.settings.collect import CollectFilesSettings
from viscode.transform import write_outcomes

Result = Kept[SourceFile] | Rejected

SCRIPT, NOTEBOOK = ".py", ".ipynb"
NOTEBOOK_BYTES = 64 << 20  # with its outputs; its code has the limit of every file
LEFT_OUT = frozenset({"node_modules", "__pycache__"})
ENVIRONMENT_MARKS = frozenset({"pyvenv.cfg", "conda-meta"})


class Reason(StrEnum):
    UNREADABLE = "unreadable"
    TOO_LARGE = "too_large"
    UNDECODABLE = "undecodable"
    BAD_NOTEBOOK = "bad_notebook"
    EMPTY = "empty"
    DUPLICATE = "duplicate"
    NOT_SAMPLED = "not_sampled"


@dataclass(frozen=True)
class Found:
    """A file below the folder, or a folder that does not open (`problem`). `parts` is its path as
    the file system has it, `path` the same as text."""

    parts: tuple[str, ...]
    problem: str = ""

    @property
    def path(self) -> str:
        return os.fsencode("/".join(self.parts)).decode("utf-8", "backslashreplace")

    @property
    def input_id(self) -> str:
        return content_id("folder", os.fsencode("/".join(self.parts)))


def collect_folder(settings: CollectFilesSettings, out: Path) -> Tally:
    """Write the Python files of `settings.path`, each with its outcome.

    Raises:
        UserError: no licence stated, no such folder, or not one usable file in it.
    """
    folder = _checked(settings)
    results = examine(folder, settings)
    if settings.take:
        kept = (i for i, result in examine(folder, settings) if isinstance(result, Kept))
        results = _sampled(results, sample_ids(kept, settings.take, settings.seed))
    tally = write_outcomes(results, SourceFile, out)
    if not tally.kept:
        raise tally.refusal(
            f"none of {tally.inputs} .py and .ipynb files is usable",
            where=settings.path,
            todo=f"see the reasons in {out}/outcome-*.parquet"
            if tally.inputs
            else "set collect.files.path in params.yaml to a folder that holds some",
        )
    return tally


def _checked(settings: CollectFilesSettings) -> Path:
    if not settings.licence.strip():
        raise UserError(
            "the licence of the folder's files is not stated",
            where=settings.path,
            todo="set collect.files.licence in params.yaml, e.g. Apache-2.0 or proprietary",
        )
    folder = Path(settings.path)
    if not folder.is_dir():
        raise UserError("no such folder", where=settings.path, todo="correct collect.files.path")
    return folder


def _sampled(
    results: Iterator[tuple[str, Result]], chosen: frozenset[str]
) -> Iterator[tuple[str, Result]]:
    for input_id, result in results:
        left_out = isinstance(result, Kept) and input_id not in chosen
        yield input_id, Rejected(Reason.NOT_SAMPLED) if left_out else result


def examine(folder: Path, settings: CollectFilesSettings) -> Iterator[tuple[str, Result]]:
    """(input id, result) of every file, in path order; of equal texts the first path stays.

    The id of a good file is its record's, that of any other comes from its path.
    """
    seen: set[bytes] = set()
    for found in find(folder):
        text = _text_of(folder, found, settings.max_bytes)
        if isinstance(text, Rejected):
            yield found.input_id, text
            continue
        key = bytes.fromhex(content_id(text))
        if key in seen:
            yield found.input_id, Rejected(Reason.DUPLICATE, found.path)
        else:
            seen.add(key)
            record = _record(folder, found, text, settings.licence.strip())
            yield record.id, Kept([record])


def _record(folder: Path, found: Found, text: str, licence: str) -> SourceFile:
    return SourceFile(
        id=content_id("files", found.path, text),
        source="files",
        origin=Origin(kind="folder", name=_name(folder), path=found.path),
        licence=licence,
        text=text,
    )


def _name(folder: Path) -> str:
    return os.fsencode(folder.resolve().name).decode("utf-8", "backslashreplace")


def find(folder: Path) -> Iterator[Found]:
    """The .py and .ipynb files below the folder, and the folders that do not open."""
    pending: list[tuple[tuple[str, ...], str]] = [((), "folder")]
    while pending:
        parts, kind = pending.pop()
        if kind == "file":
            yield Found(parts)
            continue
        try:
            held = _entries(folder.joinpath(*parts))
        except OSError as error:
            yield Found(parts, f"folder: {error.strerror}")
            continue
        if not parts or ENVIRONMENT_MARKS.isdisjoint(name for name, _ in held):
            wanted = [(name, kind) for name, kind in held if _is_wanted(name, kind)]
            pending.extend(((*parts, name), kind) for name, kind in reversed(wanted))


def _entries(folder: Path) -> list[tuple[str, str]]:
    with os.scandir(folder) as entries:
        return sorted((entry.name, _kind(entry)) for entry in entries)


def _kind(entry: os.DirEntry[str]) -> str:
    if entry.is_dir(follow_symlinks=False):
        return "folder"
    return "file" if entry.is_file(follow_symlinks=False) else "other"


def _is_wanted(name: str, kind: str) -> bool:
    if kind == "folder":
        return not name.startswith(".") and name not in LEFT_OUT
    return kind == "file" and name.lower().endswith((SCRIPT, NOTEBOOK))


def _text_of(folder: Path, found: Found, max_bytes: int) -> str | Rejected:
    notebook = bool(found.parts) and found.parts[-1].lower().endswith(NOTEBOOK)
    limit = max(NOTEBOOK_BYTES, max_bytes) if notebook else max_bytes
    data = _read(folder, found, limit)
    if isinstance(data, Rejected):
        return data
    try:
        text = script_of(data, max_bytes) if notebook else decode_python(data)
    except CodeTooLarge as error:
        return Rejected(Reason.TOO_LARGE, f"{found.path}: {error}")
    except BadNotebook as error:
        return Rejected(Reason.BAD_NOTEBOOK, f"{found.path}: {error}")
    except Undecodable as error:
        return Rejected(Reason.UNDECODABLE, f"{found.path}: {error}")
    return text if text.strip() else Rejected(Reason.EMPTY, found.path)


def _read(folder: Path, found: Found, limit: int) -> bytes | Rejected:
    """At most `limit` bytes of a regular file."""
    if found.problem:
        return Rejected(Reason.UNREADABLE, f"{found.path or '.'}: {found.problem}")
    try:
        descriptor = os.open(folder.joinpath(*found.parts), os.O_RDONLY | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb") as stream:
            data = stream.read(limit + 1)
    except OSError as error:
        return Rejected(Reason.UNREADABLE, f"{found.path}: {error.strerror}")
    if len(data) > limit:
        return Rejected(Reason.TOO_LARGE, f"{found.path}: above {limit} bytes")
    return data
