"""The source `files` from a directory: every .py and .ipynb file in it, under one stated licence.

Read as text, never imported or run; core/walk.py says what is left out. A notebook is measured
by its code, since its images are not read. A file in which DVC sees no change is an error, because
the stage would not run again when it changes.

The files stream. In memory lie one folder's names and 16 bytes for each text seen; a sample
(`take`) reads the folder twice.
"""

import os
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from viscode.core.errors import UserError
from viscode.core.hashing import content_id
from viscode.core.outcomes import Kept, Rejected
from viscode.core.records import Origin, SourceFile
from viscode.core.tables import read_table
from viscode.core.textfile import readable
from viscode.core.transform import write_outcomes
from viscode.core.walk import Found, walk
from viscode.core.watched import Watch
from viscode.corpora.sampling import CollectReason, take_sample
from viscode.settings.collect import CollectFilesSettings
from viscode.text.notebooks import BadNotebook, CodeTooLarge, NotebookScript, notebook_script
from viscode.text.source_text import Undecodable, decode_python

Result = Kept[SourceFile] | Rejected

SCRIPT, NOTEBOOK = ".py", ".ipynb"
NOTEBOOK_BYTES = 64 << 20  # with its outputs; its code has the limit of every file


def collect_folder(settings: CollectFilesSettings, out: Path) -> dict[str, object]:
    """Write the Python files of `settings.path`, each with its outcome; returns the metrics, with
    the number of cells that notebooks were taken without.

    Raises:
        UserError: no licence stated, no such folder, a file in which DVC sees no change, or not one
            usable file.
    """
    if not settings.licence.strip():
        raise UserError(
            "the licence of the folder's files is not stated",
            where=settings.path,
            todo="set collect.files.licence in params.yaml, e.g. Apache-2.0 or proprietary",
        )
    folder = Path(settings.path)
    if not folder.is_dir():
        raise UserError("no such folder", where=settings.path, todo="correct collect.files.path")
    results = take_sample(partial(examine_files, folder, settings), settings.take, settings.seed)
    tally = write_outcomes(results, SourceFile, out)
    if not tally.kept:
        raise tally.refusal(
            f"none of {tally.inputs} .py and .ipynb files is usable",
            where=settings.path,
            todo=f"see the reasons in {out}/outcome-*.parquet"
            if tally.inputs
            else "set collect.files.path in params.yaml to a folder that holds some",
        )
    left_out = sum(record.cells_left_out for record in read_table(out, SourceFile))
    return {**tally.as_metrics(), "cells_left_out": left_out}


def examine_files(folder: Path, settings: CollectFilesSettings) -> Iterator[tuple[str, Result]]:
    """(input id, result) of every file, in path order; of equal texts the first path stays.

    The id of a good file is its record's, that of any other comes from its path.
    """
    seen: set[bytes] = set()
    for found in find(folder):
        place_id = content_id("folder", os.fsencode("/".join(found.parts)))
        script = _script_of(folder, found, settings.max_bytes)
        if isinstance(script, Rejected):
            yield place_id, script
        elif (key := bytes.fromhex(content_id(script.code))) in seen:
            yield place_id, Rejected(CollectReason.DUPLICATE, found.path)
        else:
            seen.add(key)
            record = SourceFile(
                id=content_id("files", found.path, script.code),
                source="files",
                origin=Origin(kind="folder", name=readable(folder.resolve().name), path=found.path),
                licence=settings.licence.strip(),
                text=script.code,
                cells_left_out=script.meant_to_fail,
            )
            yield record.id, Kept([record])


def find(folder: Path) -> Iterator[Found]:
    """The .py and .ipynb files below the folder, and the folders that do not open.

    Raises:
        UserError: a file in which DVC sees no change.
    """
    watch = Watch()
    for found in walk(folder):
        if found.kind == "file" and found.suffix in (SCRIPT, NOTEBOOK):
            watch.check(folder.joinpath(*found.parts))
            yield found
        elif found.kind == "unreadable":
            yield found


def _script_of(folder: Path, found: Found, max_bytes: int) -> NotebookScript | Rejected:
    """The code of a regular file, of which no more is read than the limit."""
    if found.problem:
        return Rejected(CollectReason.UNREADABLE, f"{found.path or '.'}: {found.problem}")
    notebook = found.suffix == NOTEBOOK
    limit = max(NOTEBOOK_BYTES, max_bytes) if notebook else max_bytes
    try:
        descriptor = os.open(folder.joinpath(*found.parts), os.O_RDONLY | os.O_NOFOLLOW)
        with os.fdopen(descriptor, "rb") as stream:
            data = stream.read(limit + 1)
        if len(data) > limit:
            return Rejected(CollectReason.TOO_LARGE, f"{found.path}: above {limit} bytes")
        script = (
            notebook_script(data, max_bytes) if notebook else NotebookScript(decode_python(data), 0)
        )
    except OSError as error:
        return Rejected(CollectReason.UNREADABLE, f"{found.path}: {error.strerror}")
    except CodeTooLarge as error:
        return Rejected(CollectReason.TOO_LARGE, f"{found.path}: {error}")
    except BadNotebook as error:
        return Rejected(CollectReason.BAD_NOTEBOOK, f"{found.path}: {error}")
    except Undecodable as error:
        return Rejected(CollectReason.UNDECODABLE, f"{found.path}: {error}")
    return script if script.code.strip() else Rejected(CollectReason.EMPTY, found.path)
