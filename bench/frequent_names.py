"""Which kind of value a name usually has: python bench/frequent_names.py TABLE... [--files N]

Makes viscode/supply/frequent.json anew. TABLE: selected files (data/selected). Those that stand
alone are run in the sandbox with the settings of params.yaml, at most N in all, of each project in
turn; a probe at their end prints the kind, shape and kind of items of each of their names. A name
gets an entry where at least three files of at least two projects have it, no import binds it and
most of its values are of one kind. Verdicts are stored, so that another run only adds what is new.
The last line is one JSON object: {"files", "ran", "names"}.
"""

import argparse
import ast
import json
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import replace
from operator import itemgetter
from pathlib import Path
from typing import NamedTuple

from viscode.core.hashing import hash_rank
from viscode.core.outcomes import Kept
from viscode.core.records import Script, SelectedFile
from viscode.core.tables import read_table
from viscode.core.workstore import WorkStore, default_path
from viscode.execution.engine import run
from viscode.extract.static import extract_static, importable_modules
from viscode.libraries.names import aliases
from viscode.settings.base import load
from viscode.settings.run import RunSettings
from viscode.settings.validate import ValidateSettings
from viscode.supply.frequent import TABLE

MARK = "@names "
REPORT = """


_shown.write("@names " + ";".join(_names_seen({**globals()})) + ";")  # noqa: F821
"""
PROBE = Path(__file__).with_name("names_probe.py").read_text("utf-8").rstrip() + REPORT
MUTED = "import io, sys; _shown = sys.stdout; sys.stdout = io.StringIO()\n"
SHELL = ("In", "Out")  # bound by IPython
LEAST_FILES, LEAST_PROJECTS = 3, 2
LARGEST = 4  # of a size that stands in the table: columns of points, channels of an image


class Seen(NamedTuple):
    """What a name was in one script: the kind of its items, "", and its sizes."""

    kind: str
    item: str
    shape: tuple[int, ...]
    project: str


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tables", type=Path, nargs="+")
    parser.add_argument("--files", type=int, default=150)
    arguments = parser.parse_args()
    settings = load(ValidateSettings).run_options(load(RunSettings))
    options = replace(settings, workers=1, twice=False)
    importable = importable_modules(options.python)
    chosen = standing_alone(arguments.tables, importable, arguments.files)
    project_of = {script.id: project for project, script in chosen}
    imported = {script.id: aliases(ast.walk(ast.parse(script.code))) for _, script in chosen}
    found: dict[str, list[Seen]] = defaultdict(list)
    ran = 0
    with WorkStore(default_path()) as store:
        for execution in run([script for _, script in chosen], options, store):
            _, mark, names = execution.stdout_head.rpartition(MARK)
            ran += bool(mark)
            for name, seen in read_names(names, project_of[execution.id]):
                if name not in imported[execution.id]:
                    found[name].append(seen)
    table = {name: entry for name in sorted(found) if (entry := entry_of(found[name]))}
    lines = (f" {json.dumps(name)}: {json.dumps(entry)}" for name, entry in table.items())
    TABLE.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")
    print(json.dumps({"files": len(chosen), "ran": ran, "names": len(table)}))


def standing_alone(
    tables: list[Path], importable: frozenset[str], count: int
) -> list[tuple[str, Script]]:
    """`count` scripts that need nothing, with their projects, of each project in turn."""
    ranked: dict[str, list[tuple[str, SelectedFile]]] = defaultdict(list)
    for table in tables:
        for file in read_table(table, SelectedFile):
            ranked[file.origin.name].append((hash_rank(file.id, 1), file))
    places = [
        (place, project, file)
        for project, files in ranked.items()
        for place, (_, file) in enumerate(sorted(files, key=itemgetter(0)))
    ]
    chosen: list[tuple[str, Script]] = []
    for _, project, file in sorted(places, key=itemgetter(0, 1)):
        found = extract_static(file, importable)
        if isinstance(found, Kept):
            code = f"{MUTED}{found.records[0].code}\n{PROBE}"
            chosen.append((project, Script(id=found.records[0].id, code=code)))
        if len(chosen) == count:
            break
    return chosen


def read_names(printed: str, project: str) -> Iterator[tuple[str, Seen]]:
    """The names that a probe printed; the last may be cut off, and the script may have printed
    anything."""
    for line in printed.split(";")[:-1]:
        fields = line.split(" ")
        if len(fields) == 4 and fields[0].isidentifier() and fields[0] not in SHELL:
            name, kind, item, shape = fields
            sizes = tuple(int(size) for size in shape.split(",") if size.isdecimal())
            yield name, Seen(kind, item.strip("-"), sizes, project)


def entry_of(seen: list[Seen]) -> dict[str, object] | None:
    """What a name mostly is, None where that is not clear."""
    kind = usual(Counter(one.kind for one in seen))
    alike = [one for one in seen if one.kind == kind]
    projects = {one.project for one in alike}
    if kind is None or len(alike) < LEAST_FILES or len(projects) < LEAST_PROJECTS:
        return None
    entry: dict[str, object] = {"kind": kind}
    item = usual(Counter(one.item for one in alike))
    if item:
        entry["item"] = item
    depth = usual(Counter(str(len(one.shape)) for one in alike))
    if kind in ("array", "axes") and depth and int(depth) > 1:
        shapes = [one.shape for one in alike if len(one.shape) == int(depth)]
        entry["shape"] = [common(sizes) for sizes in zip(*shapes, strict=True)]
    return {**entry, "count": len(alike)}


def usual(counts: Counter[str]) -> str | None:
    """What more than half are, None where there is no such thing."""
    kind, times = min(counts.items(), key=lambda pair: (-pair[1], pair[0]))
    return kind if 2 * times > counts.total() else None


def common(sizes: tuple[int, ...]) -> int | None:
    """The size that more than half have, where it is a small one."""
    found = usual(Counter(str(size) for size in sizes))
    return int(found) if found and int(found) <= LARGEST else None


if __name__ == "__main__":
    main()
