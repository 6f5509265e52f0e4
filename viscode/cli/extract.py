"""`viscode extract`: what extraction makes of a file or folder, for a person to read.

Files are read and selected as the stages do it; code is run in the sandbox and nowhere else. How it
is told is in extract_told.py.
"""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from threading import Lock

from viscode.cli.extract_told import Examined, Told
from viscode.core.hashing import content_id
from viscode.core.outcomes import Kept, Rejected
from viscode.core.progress import Progress, watched
from viscode.core.records import Block, Execution, Origin, Script, SelectedFile, SourceFile
from viscode.core.workstore import WorkStore, default_path
from viscode.corpora.folder import examine_files, script_in
from viscode.execution.engine import Crew
from viscode.execution.script_files import read_bytes
from viscode.extract.standin import Extractor
from viscode.extract.static import importable_modules
from viscode.libraries.selection import select_file
from viscode.settings.base import load
from viscode.settings.collect import CollectFilesSettings
from viscode.settings.place import Place, find_place
from viscode.settings.select import SelectSettings
from viscode.validate.blocks import script_of

LOCAL = "local"  # licence of what is only looked at
Judge = Callable[[Script], Execution]


@dataclass
class Remembered:
    """Verdicts, so that what an extractor has run is not run again to show its images."""

    judge: Judge
    known: dict[tuple[str, str], Execution] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def __call__(self, script: Script) -> Execution:
        execution = self.judge(script)
        with self.lock:
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
    options = place.run_options()
    importable = importable_modules(options.python)
    files = list(_files(path, place))
    with (
        nullcontext() if no_store else WorkStore(default_path()) as store,
        ThreadPoolExecutor(options.workers) as pool,
    ):
        crew = Crew(options, store)
        step = partial(_examine, place=place, judge=crew.judge, importable=importable)
        line = Progress("extract" if path.is_dir() else "", "files", len(files))
        for one in watched(pool.map(step, files), line):
            told.add(one)
        crew.settle()
    told.end()
    return bool(told.plotting)


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
    script = script_in(read_bytes(path), path.name, path.suffix.lower(), max_bytes)
    if isinstance(script, Rejected):
        return script
    origin = Origin(kind="folder", name=path.resolve().parent.name, path=path.name)
    name = content_id("files", path.name, script.code)
    return SourceFile(id=name, source="files", origin=origin, licence=LOCAL, text=script.code)


def _examine(
    file: tuple[str, SourceFile | Rejected],
    place: Place,
    judge: Judge,
    importable: frozenset[str],
) -> Examined:
    path, source = file
    if isinstance(source, Rejected):
        return Examined(path, source)
    selected = select_file(source, **load(SelectSettings, place.params).model_dump())
    if isinstance(selected, Rejected):
        return Examined(path, selected)
    (record,) = selected.records
    return _extracted(path, record, judge, importable)


def _extracted(path: str, file: SelectedFile, judge: Judge, importable: frozenset[str]) -> Examined:
    remembered = Remembered(judge)
    found = Extractor(remembered, importable).extract(file)
    shown = {block.id: remembered.of(block) for block in found.blocks}
    return Examined(path, found, file.text, shown)
