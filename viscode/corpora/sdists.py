"""The source `files` from source distributions: examples, galleries, documentation and tests of
projects on a package index.

A list pins the projects. Their archives are read as streams: nothing is unpacked onto the disk,
built, imported or run. In memory lie one file and 16 bytes for each text seen; a sample (`take`)
reads the archives twice.
"""

import csv
import re
import tarfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path, PurePosixPath

from viscode.core.errors import UserError
from viscode.core.hashing import content_id
from viscode.core.outcomes import Kept, Rejected
from viscode.core.progress import stage_line, watched
from viscode.core.records import Origin, SourceFile
from viscode.core.tables import read_table
from viscode.core.textfile import read_text, readable
from viscode.core.transform import write_outcomes
from viscode.corpora.folder import NOTEBOOK, SCRIPT, longest, script_in
from viscode.corpora.package_index import PackageIndex, Project
from viscode.corpora.sampling import CollectReason, take_sample
from viscode.settings.collect import CollectFilesSettings

Result = Kept[SourceFile] | Rejected

COLUMNS = ("name", "version", "sha256", "licence")
SHOWN = re.compile(r"example|galler|tutorial|doc|demo|test|notebook|lecture|bench")
"""What a folder is called whose files show how the project is used, unless its line in the list
names folders of its own."""
EVERYWHERE = "*"
UNPACKED_BYTES = 8 << 30
MEMBERS = 500_000


def collect_sdists(
    settings: CollectFilesSettings, index: PackageIndex, out: Path
) -> dict[str, object]:
    """Write the Python files that show how the listed projects are used, each with its outcome;
    returns the metrics.

    Raises:
        UserError: a list that does not read, an archive that the index does not give, or not one
            usable file.
    """
    projects = listed(Path(settings.path))
    with index:
        line = stage_line("archives", len(projects), "fetch")
        archives = [(one, index.archive(one)) for one in watched(projects, line)]
    examine = partial(examine_archives, archives, settings.max_bytes)
    tally = write_outcomes(take_sample(examine, settings.take, settings.seed), SourceFile, out)
    if not tally.kept:
        raise tally.refusal(
            "no usable file in any archive",
            where=settings.path,
            todo="list projects whose examples or tests are in their source distributions",
        )
    left_out = sum(record.cells_left_out for record in read_table(out, SourceFile))
    return {**tally.as_metrics(), "cells_left_out": left_out}


def listed(path: Path) -> list[Project]:
    """The projects of a .csv file, or of all those in a folder, by name.

    Raises:
        UserError: no such file, or a line that lacks something.
    """
    files = sorted(path.glob("*.csv")) if path.is_dir() else [path]
    if not all(file.is_file() for file in files) or not files:
        raise UserError("no list of projects", where=str(path), todo="correct collect.files.path")
    found: dict[str, Project] = {}
    for file in files:
        for number, row in enumerate(csv.DictReader(read_text(file).splitlines()), start=2):
            values = [(row.get(column) or "").strip() for column in COLUMNS]
            name, version, sha256, licence = values
            folders = frozenset((row.get("folders") or "").split())
            project = Project(name, version, sha256, licence, folders)
            if not all(values) or not re.fullmatch(r"[0-9a-f]{64}", project.sha256):
                raise UserError(
                    f"a line without {', '.join(COLUMNS)}",
                    where=f"{file}, line {number}",
                    todo="write all four, the sha256 with 64 digits",
                )
            found[project.sha256] = project
    return sorted(found.values(), key=lambda one: (one.name.lower(), one.version))


def examine_archives(
    archives: list[tuple[Project, Path]], max_bytes: int
) -> Iterator[tuple[str, Result]]:
    """(input id, result) of each file, in the order of the archives; of equal texts the first one
    stays."""
    seen: set[bytes] = set()
    for project, archive in archives:
        for path, data in _files(archive, project, max_bytes):
            yield _examined(project, path, data, max_bytes, seen)


def _examined(
    project: Project, path: str, data: bytes | Rejected, max_bytes: int, seen: set[bytes]
) -> tuple[str, Result]:
    input_id = content_id("sdists", project.sha256, path)
    if isinstance(data, Rejected):
        return input_id, data
    script = script_in(data, path, PurePosixPath(path).suffix.lower(), max_bytes)
    if isinstance(script, Rejected):
        return input_id, script
    key = bytes.fromhex(content_id(script.code))
    if key in seen:
        return input_id, Rejected(CollectReason.DUPLICATE, path)
    seen.add(key)
    record = SourceFile(
        id=content_id("files", project.name, project.version, path, script.code),
        source="files",
        origin=Origin(kind="package", name=project.name, version=project.version, path=path),
        licence=project.licence,
        text=script.code,
        cells_left_out=script.meant_to_fail,
    )
    return record.id, Kept([record])


def _files(
    archive: Path, project: Project, max_bytes: int
) -> Iterator[tuple[str, bytes | Rejected]]:
    """Path and content of what an archive shows; "" is the archive, where it does not read."""
    unpacked, path = 0, ""
    try:
        with tarfile.open(archive, "r|*") as stream:
            for count, member in enumerate(stream):
                unpacked += member.size
                if unpacked > UNPACKED_BYTES or count >= MEMBERS:
                    yield "", Rejected(CollectReason.TOO_LARGE, f"{project.name}: too much in it")
                    return
                path = readable("/".join(PurePosixPath(member.name).parts[1:]))
                if member.isreg() and _is_shown(PurePosixPath(path), project.folders):
                    limit = longest(PurePosixPath(path).suffix.lower(), max_bytes)
                    content = stream.extractfile(member) if member.size <= limit else None
                    too_large = Rejected(CollectReason.TOO_LARGE, f"{path}: {member.size} bytes")
                    yield path, content.read() if content else too_large
                stream.members.clear()  # type: ignore[attr-defined]  # or it keeps all
    except (tarfile.TarError, OSError, EOFError, ValueError) as error:
        yield "", Rejected(CollectReason.UNREADABLE, f"{project.name}, after {path!r}: {error}")


def _is_shown(path: PurePosixPath, named: frozenset[str]) -> bool:
    if path.suffix.lower() not in (SCRIPT, NOTEBOOK):
        return False
    if named:
        return not named.isdisjoint((EVERYWHERE, *path.parts[:-1]))
    return any(SHOWN.search(folder.lower()) for folder in path.parts[:-1])
