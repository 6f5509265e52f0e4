"""Engine against engine on the same scripts: python bench/execution.py [--scripts N]

For each script in turn, on one worker: the notebook engine (a fresh kernel, isolated), the warm
engine (a fork of a warm process, isolated), and the limit: the same warm process without a fork
and without walls around the script. Engines are timed from the script to its verdict, images
rendered and decoded; the comparison with the limit takes the cell alone, without that, and leaves
out scripts that export plotly images themselves, for which the limit has no renderer. Scripts are
those of bench/real_scripts.py. The work store is not used. Each script runs once (no
validate.repeat).

A warm process makes ready for its next script while it waits for it, which the turns above let it
do. So then each engine runs all scripts again without a pause on `validate.workers` workers, and
the ratio of the two times is printed. The last line is one JSON object:
{"scripts", "equal_share", "speedup_geomean", "speedup_total", "over_warm_limit"}.
"""

import argparse
import json
import math
import socket
import time
from collections import Counter
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from real_scripts import real_scripts

from viscode.core.progress import Progress
from viscode.core.records import Execution, Script
from viscode.execution.engine import Crew, run, warm_up
from viscode.execution.inside import frames
from viscode.execution.sandbox import stop
from viscode.execution.scratch import Scratch
from viscode.execution.service import start_lasting
from viscode.settings.base import load
from viscode.settings.run import RunSettings
from viscode.settings.validate import RunOptions, ValidateSettings

LIMIT_TIMEOUT_S = 120.0


class Limit:
    """The process of bench/limit_process.py, in a sandbox as a whole."""

    def __init__(self, options: RunOptions, resources: ExitStack) -> None:
        services = Crew(options, None).services
        sandbox = services.sandbox
        scratch = resources.enter_context(Scratch())
        self.line, theirs = socket.socketpair()
        program = Path(__file__).with_name("limit_process.py").read_text()
        (scratch.box / "run" / "limit_process.py").write_text(program)
        if services.fonts is not None:
            (scratch.box / "config" / services.fonts.name).write_bytes(services.fonts.content)
        box = sandbox.box_path(scratch)
        argv = [f"{box}/run/limit_process.py", sandbox.inside, str(theirs.fileno()), box]
        command = sandbox.command(scratch, argv, sandbox.limits(3600), "sockets")
        with scratch.log.open("wb") as log:
            resources.callback(stop, start_lasting(command, log, theirs.fileno()))
        theirs.close()
        self.line.settimeout(LIMIT_TIMEOUT_S)

    def seconds(self, script: Script) -> float:
        files = {name: content.decode() for name, content in script.files.items()}
        request = {"code": script.code, "seed": script.seed, "files": files}
        frames.send(self.line, frames.REQUEST, json.dumps(request).encode())
        return float(json.loads(frames.receive(self.line)[1])["seconds"])


def verdict(execution: Execution) -> tuple[str, str, int]:
    return execution.status, execution.error_type, len(execution.images)


def timed(script: Script, options: RunOptions) -> tuple[Execution, float]:
    began = time.monotonic()
    executions = run([script], options)
    execution, spent = next(executions), time.monotonic() - began
    assert list(executions) == []
    return execution, spent


def geomean(values: list[float]) -> float:
    return math.exp(sum(map(math.log, values)) / len(values))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--scripts", type=int, default=200)
    parser.add_argument("--rows", type=Path, help="write a JSON line for each script here")
    arguments = parser.parse_args()
    settings = load(ValidateSettings)
    options = settings.run_options(load(RunSettings))
    warm = replace(options, workers=1, engine="warm", twice=False)
    notebook = replace(warm, engine="notebook")
    scripts = real_scripts(Path(settings.python), arguments.scripts)
    rows = []
    with ExitStack() as resources, Progress("bench", "scripts", len(scripts)) as line:
        limit = Limit(warm, resources)
        warm_up(warm)
        for first in scripts[:3]:  # what starts once is not what a script costs
            timed(first, warm), timed(first, notebook), limit.seconds(first)
        for script in scripts:
            slow, slow_s = timed(script, notebook)
            fast, fast_s = timed(script, warm)
            rows.append(
                {
                    "id": script.id,
                    "notebook": verdict(slow),
                    "warm": verdict(fast),
                    "notebook_s": slow_s,
                    "warm_s": fast_s,
                    "warm_cell_s": fast.duration_s,
                    "limit_cell_s": limit.seconds(script),
                    "same_images": slow.images == fast.images,
                    "code": script.code,
                }
            )
            line.add()
    print(f"without a pause, {options.workers} workers: {without_pause(scripts, options)}")
    report(rows, arguments.rows)


def without_pause(scripts: list[Script], options: RunOptions) -> dict[str, float]:
    """Seconds of each engine for all scripts on all workers, and their ratio."""
    spent = {}
    for engine in ("warm", "notebook"):
        chosen = replace(options, engine=engine, twice=False)
        if engine == "warm":
            warm_up(chosen)
        list(run(scripts[: options.workers], chosen))
        began = time.monotonic()
        assert len(list(run(scripts, chosen))) == len(scripts)
        spent[engine] = round(time.monotonic() - began, 1)
    return {**spent, "ratio": round(spent["notebook"] / spent["warm"], 2)}


def report(rows: list[dict], target: Path | None) -> None:
    if target is not None:
        target.write_text("".join(json.dumps(row) + "\n" for row in rows))
    for row in rows:
        if row["notebook"] != row["warm"]:
            print(f"differs: {row['id']} notebook {row['notebook']} warm {row['warm']}")
    statuses = Counter(row["notebook"][0] for row in rows)
    same = sum(row["same_images"] for row in rows)
    print(f"mix by the notebook's status: {dict(sorted(statuses.items()))}; same images: {same}")
    plain = [row for row in rows if "to_image" not in row["code"]]
    cells = [sum(row[key] for row in plain) for key in ("warm_cell_s", "limit_cell_s")]
    total = {key: sum(row[key] for row in rows) for key in ("notebook_s", "warm_s")}
    summary = {
        "scripts": len(rows),
        "equal_share": round(sum(r["notebook"] == r["warm"] for r in rows) / len(rows), 4),
        "speedup_geomean": round(geomean([r["notebook_s"] / r["warm_s"] for r in rows]), 2),
        "speedup_total": round(total["notebook_s"] / total["warm_s"], 2),
        "over_warm_limit": round(cells[0] / cells[1], 3),
    }
    print(json.dumps(summary))


if __name__ == "__main__":
    main()
