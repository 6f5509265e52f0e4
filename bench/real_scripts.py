"""Real scripts for measurements: docstring examples, rebuilt chart samples, and failing ones.

They go the way of the pipeline (collect, select, extract; collect, rebuild) into a temporary
folder, nothing is executed. The failing ones are the same scripts broken as models break code: an
import left out, a method misspelt, a column that does not exist, the end cut off.
"""

import re
import tempfile
from collections.abc import Iterator
from functools import partial
from pathlib import Path

from viscode.charts.rebuilt import rebuild_chart
from viscode.core.hashing import hash_rank
from viscode.core.records import Block, ChartSample, Script, SelectedFile, SourceFile
from viscode.core.tables import read_table
from viscode.core.transform import transform
from viscode.corpora.cosyn import collect_charts
from viscode.corpora.files import collect_files
from viscode.extract.static import extract_static, importable_modules
from viscode.libraries.selection import select_file
from viscode.settings.base import load
from viscode.settings.collect import CollectChartsSettings, CollectFilesSettings
from viscode.settings.rebuild import RebuildSettings
from viscode.settings.select import SelectSettings
from viscode.validate.blocks import script_of

BREAKS = {
    "no import": (r"^import .*$", ""),
    "no such method": (r"\.(plot|bar|scatter|hist|show|imshow)\(", r".\1_all("),
    "cut off": (r"\)\s*\Z", ""),
    "no such column": (r"^(?!import|from|#|\s|$)", "__import__('pandas').DataFrame()['Sales']\n"),
}


def real_scripts(python: Path, count: int) -> list[Script]:
    """`count` scripts by hash rank. 38 % are sound, as in the paper (3.1: of 412 K scripts 155 K
    were kept), a third of them charts as far as there are any; the rest is broken."""
    with tempfile.TemporaryDirectory() as folder:
        examples = _ranked(_examples(python, Path(folder)))
        charts = _ranked(_charts(Path(folder)))
    charts = charts[: count * 38 // 300]
    sound = [*charts, *examples[: count * 38 // 100 - len(charts)]]
    broken = [b for b in map(_broken, range(len(examples)), examples[::-1]) if b is not None]
    return [*sound, *broken[: count - len(sound)]]


def _ranked(scripts: Iterator[Script]) -> list[Script]:
    return sorted(scripts, key=lambda script: hash_rank(script.id, 1))


def _examples(python: Path, folder: Path) -> Iterator[Script]:
    settings = load(CollectFilesSettings).model_copy(update={"take": 0})
    collect_files(settings, python, folder / "files")
    select = partial(select_file, **load(SelectSettings).model_dump())
    files = read_table(folder / "files", SourceFile)
    transform(files, select, SelectedFile, folder / "selected")
    extract = partial(extract_static, importable=importable_modules(python))
    selected = read_table(folder / "selected", SelectedFile)
    transform(selected, extract, Block, folder / "blocks")
    yield from map(script_of, read_table(folder / "blocks", Block))


def _charts(folder: Path) -> Iterator[Script]:
    collect_charts(load(CollectChartsSettings), folder / "charts")
    rebuild = partial(rebuild_chart, settings=load(RebuildSettings))
    charts = read_table(folder / "charts", ChartSample)
    transform(charts, rebuild, Block, folder / "rebuilt")
    yield from map(script_of, read_table(folder / "rebuilt", Block))


def _broken(index: int, script: Script) -> Script | None:
    name, (pattern, replacement) = list(BREAKS.items())[index % len(BREAKS)]
    code = re.sub(pattern, replacement, script.code, count=1, flags=re.MULTILINE)
    if code == script.code:
        return None
    return Script(id=f"{script.id} ({name})", code=code, files=script.files)
