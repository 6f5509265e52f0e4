"""`viscode extract`: what extraction makes of a file or folder, for a person to read.

Files are read and selected as the stages do it; code is run in the sandbox and nowhere else. How it
is told is in extract_told.py.
"""

from collections.abc import Callable, Iterator
from contextlib import nullcontext, suppress
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path

from viscode.cli.extract_told import Examined, Told
from viscode.core.errors import UserError
from viscode.core.hashing import content_id
from viscode.core.outcomes import Kept, Rejected
from viscode.core.progress import Progress, watched
from viscode.core.records import Block, Execution, Origin, Script, SourceFile
from viscode.core.workstore import WorkStore, default_path
from viscode.corpora.folder import examine_files, longest, script_in
from viscode.corpora.sampling import CollectReason
from viscode.execution.engine import Crew, side_by_side
from viscode.execution.script_files import read_bytes
from viscode.extract.extractor import Extractor
from viscode.extract.siblings import Siblings, siblings_of
from viscode.extract.static import importable_modules
from viscode.libraries.selection import select_file
from viscode.settings.base import load
from viscode.settings.collect import CollectFilesSettings
from viscode.settings.place import Place, find_place
from viscode.settings.select import SelectSettings
from viscode.validate.blocks import script_of

LOCAL = "local"  # licence of what is only looked at
BESIDE = 2000  # files looked at for modules of a file's own repository
Judge = Callable[[Script], Execution]


@dataclass
class Remembered:
    """Verdicts, so that what an extractor has run is not run again to show its images."""

    judge: Judge
    known: dict[tuple[str, str], Execution] = field(default_factory=dict)

    def __call__(self, script: Script) -> Execution:
        execution = self.judge(script)
        self.known[script.code, script.name] = execution
        return execution

    def of(self, block: Block) -> Execution:
        script = script_of(block)
        return self.known.get((script.code, script.name)) or self(script)


def extract_command(path: Path, *, explain: bool, out: Path | None, no_store: bool) -> bool:
    """Extract from the file or the files below the folder `path`, and print what came of it.
    Returns whether anything there plots.

    Raises:
        UserError: not readable, no environment to run scripts in, or no sandbox.
    """
    place, told = find_place(), Told(explain, out, whole=not path.is_dir())
    options = replace(place.run_options(), twice=False)
    files = list(_files(path, place))
    beside = _beside(path, place) if told.whole else (f for _, f in files)
    siblings = siblings_of(file for file in beside if isinstance(file, SourceFile))
    line = Progress("" if told.whole else "extract", "files", len(files))
    with nullcontext() if no_store else WorkStore(default_path()) as store:
        crew = Crew(options, store)
        extracting = Extracting(crew.judge, importable_modules(options.python), siblings, place)
        results = side_by_side(enumerate(files), extracting.numbered, crew)
        for one in watched(_in_order(results), line):
            told.add(one)
    told.end()
    return bool(told.plotting)


def _in_order(results: Iterator[tuple[int, Examined]]) -> Iterator[Examined]:
    waiting: dict[int, Examined] = {}
    following = 0
    for number, one in results:
        waiting[number] = one
        while following in waiting:
            yield waiting.pop(following)
            following += 1


def _files(path: Path, place: Place) -> Iterator[tuple[str, SourceFile | Rejected]]:
    settings = load(CollectFilesSettings, place.params).model_copy(update={"licence": LOCAL})
    if not path.is_dir():
        yield path.name, _file(path, settings.max_bytes)
        return
    for input_id, result in examine_files(path, settings):
        if isinstance(result, Kept):
            yield result.records[0].origin.path, result.records[0]
        else:
            yield result.detail.partition(":")[0] or input_id, result


def _file(path: Path, max_bytes: int) -> SourceFile | Rejected:
    data, suffix = read_bytes(path), path.suffix.lower()
    if len(data) > longest(suffix, max_bytes):
        return Rejected(CollectReason.TOO_LARGE, f"{len(data)} bytes")
    script = script_in(data, path.name, suffix, max_bytes)
    if isinstance(script, Rejected):
        return script
    origin = Origin(kind="folder", name=path.resolve().parent.name, path=path.name)
    name = content_id("files", path.name, script.code)
    return SourceFile(id=name, source="files", origin=origin, licence=LOCAL, text=script.code)


def _beside(path: Path, place: Place) -> Iterator[SourceFile]:
    """The first files of a file's folder and below: some may be its own modules."""
    settings = load(CollectFilesSettings, place.params).model_copy(update={"licence": LOCAL})
    with suppress(UserError):
        for _, result in islice(examine_files(path.resolve().parent, settings), BESIDE):
            if isinstance(result, Kept):
                yield from result.records


@dataclass(frozen=True)
class Extracting:
    """What all files are extracted with."""

    judge: Judge
    importable: frozenset[str]
    siblings: Siblings
    place: Place

    def numbered(self, file: tuple[int, tuple[str, SourceFile | Rejected]]) -> tuple[int, Examined]:
        number, (path, source) = file
        return number, self.examined(path, source)

    def examined(self, path: str, source: SourceFile | Rejected) -> Examined:
        if isinstance(source, Rejected):
            return Examined(path, source)
        selected = select_file(source, **load(SelectSettings, self.place.params).model_dump())
        if isinstance(selected, Rejected):
            return Examined(path, selected)
        remembered = Remembered(self.judge)
        found = Extractor(remembered, self.importable, self.siblings).extract(selected.records[0])
        shown = {block.id: remembered.of(block) for block in found.blocks}
        return Examined(path, found, source.text, shown)
