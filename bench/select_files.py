"""Selecting files that plot, against `ast.parse` of every file: `python -m bench.select_files`.

The corpus is real Python: the standard library and the packages of both environments, in an order
by hash, each text once and then again under changed names until --mib are reached. Files that
plot are left out where they would make more than 6 % of the files, as in stack-edu (25 M files,
1.7 M plot). Left out as well: package markers below 200 characters, of which stack-edu has none,
and files above `select.max_chars`, which no stage parses.

On each text, in changing order and in one process: `ast.parse`, the scan alone, and the whole
`select_file`, by the processor's time. `ast.parse` runs as anybody would call it, with the garbage
collector on, which looks at nothing but the tree here. A text is read, measured and forgotten:
nothing is remembered between repeats. The same tree tells whether select was right. The last line
is JSON: {"mib", "speedup_over_ast", "scan_speedup", "missed"}.
"""

import ast
import gc
import itertools
import json
import sysconfig
import time
import warnings
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import click

from viscode.core.hashing import content_id, digest
from viscode.core.outcomes import Kept
from viscode.core.records import Origin, SourceFile
from viscode.libraries.detect import library_use, may_plot
from viscode.libraries.selection import select_file
from viscode.settings.base import load
from viscode.settings.select import SelectSettings

ROOTS = (Path(sysconfig.get_paths()["stdlib"]), Path(".venv/lib"), Path(".venv-plots/lib"))
PLOTTING_SHARE = 0.06
SHORTEST = 200  # characters
MIB = 2**20


@dataclass
class Sums:
    """Of the files that were counted: seconds by what ran, files and bytes by outcome."""

    seconds: Counter[str] = field(default_factory=Counter)
    files: Counter[str] = field(default_factory=Counter)
    size: Counter[str] = field(default_factory=Counter)
    missed: int = 0
    wrong: int = 0


def real_texts(longest: int) -> Iterator[str]:
    """Texts without end: every distinct one, then all again with another first line."""
    found = {path for root in ROOTS if root.is_dir() for path in root.rglob("*.py")}
    paths = sorted(found, key=lambda path: digest(*path.parts[-4:]))
    for copy in itertools.count():
        seen: set[str] = set()
        for path in paths:
            text = path.read_bytes().decode("utf-8", "replace")
            key = content_id(text)
            if SHORTEST <= len(text) <= longest and key not in seen:
                seen.add(key)
                yield f"# copy {copy} of {path.name}\n{text}" if copy else text


def measure(text: str, turn: int, settings: SelectSettings) -> tuple[dict[str, float], Any, Any]:
    """Seconds by what ran, the tree (or None), and what select made of the file."""
    origin = Origin(kind="folder", name="bench")
    file = SourceFile(id=content_id(text), source="files", licence="", text=text, origin=origin)
    steps: list[tuple[str, Callable[[], Any]]] = [
        ("ast", lambda: _parsed(text)),
        ("scan", lambda: may_plot(text)),
        ("select", lambda: select_file(file, **settings.model_dump())),
    ]
    seconds, results = {}, {}
    for name, step in steps[turn % 3 :] + steps[: turn % 3]:
        started = time.process_time()
        results[name] = step()
        seconds[name] = time.process_time() - started
    return seconds, results["ast"], results["select"]


def _parsed(text: str) -> ast.Module | None:
    try:
        return ast.parse(text)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return None


def run(mib: int, settings: SelectSettings) -> Sums:
    """Measure texts until those that count make `mib`."""
    sums = Sums()
    for turn, text in enumerate(real_texts(settings.max_chars)):
        if sum(sums.size.values()) >= mib * MIB:
            return sums
        seconds, tree, result = measure(text, turn, settings)
        drawn = library_use(tree).drawn if tree else ()
        started = time.process_time()
        del tree
        seconds["ast"] += time.process_time() - started  # select frees its tree in its own time
        if drawn and sums.files["plots"] >= PLOTTING_SHARE * sum(sums.files.values()) + 1:
            continue
        kept = result.records[0].libraries if isinstance(result, Kept) else ()
        name = "plots" if drawn else "other"
        sums.seconds.update(seconds)
        sums.files[name] += 1
        sums.size[name] += len(text.encode("utf-8", "replace"))
        sums.missed += bool(drawn) and not kept
        sums.wrong += kept != drawn
    return sums


@click.command()
@click.option("--mib", default=200, show_default=True, help="Size of the corpus.")
def main(mib: int) -> None:
    """Measure and print; the last line is JSON."""
    warnings.simplefilter("ignore")
    gc.collect()
    gc.freeze()  # this program's own objects shall not burden the collector under `ast.parse`
    sums = run(mib, load(SelectSettings))
    size, files = sum(sums.size.values()), sum(sums.files.values())
    print(f"{files} files, {size / MIB:.0f} MiB")
    print(
        f"plot: {sums.files['plots'] / files:.2%} of the files, {sums.size['plots'] / size:.2%}"
        f" of the bytes; selected otherwise than by a full parse: {sums.wrong}"
    )
    for name, seconds in sums.seconds.items():
        print(f"{name}: {seconds:.2f} s, {size / MIB / seconds:.1f} MiB/s")
    spent = sums.seconds
    row = {
        "mib": round(size / MIB, 1),
        "speedup_over_ast": round(spent["ast"] / spent["select"], 2),
        "scan_speedup": round(spent["ast"] / spent["scan"], 1),
        "missed": sums.missed,
    }
    print(json.dumps(row))


if __name__ == "__main__":
    main()
