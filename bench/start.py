"""From nothing to a first verdict: python bench/start.py [--rounds N] [--before REV]

Three ratios, each of two things that take turns, medians over the rounds:

- over_notebook: `viscode run` of one small script, warm engine over notebook engine, no work store;
- server_over_imports: the start of a warm process until it can fork, over a plain interpreter in
  the same sandbox that imports the modules which the warm process imports first;
- program_imports_over_before: what `viscode run` imports until it knows its input, over the same at
  the git revision REV (a worktree of it is made in a temporary folder and removed).

Each is given in wall time and in processor time. On a machine that does other work the second is
the steadier one. The last line is one JSON object.
"""

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from viscode.core.progress import Progress
from viscode.execution.engine import Crew
from viscode.execution.fork_server import START_TIMEOUT_S, ForkServer
from viscode.execution.scratch import Scratch
from viscode.execution.usage import descendants
from viscode.settings.base import load
from viscode.settings.run import RunSettings
from viscode.settings.validate import ValidateSettings

ROOT = Path(__file__).parents[1]
BEFORE = "68b5992"
SCRIPT = "import matplotlib.pyplot as plt\nplt.plot([1, 2, 3], [2, 3, 5])\nplt.title('one')\n"
PROGRAM = "import viscode.cli.main, viscode.cli.run_scripts"
PLAIN = """
import importlib, os, sys
sys.path.insert(0, sys.argv[1])
import rehearse
for name in rehearse.IMPORTS:
    importlib.import_module(name)
os._exit(0)
"""
TICKS = os.sysconf("SC_CLK_TCK")
Seconds = tuple[float, float]  # of wall time, of processor time
Task = Callable[[], Seconds]


def used_by(pids: list[int]) -> float:
    """Processor seconds of processes that live, with those of their children that have ended."""
    texts = [Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split() for pid in pids]
    return sum(int(ticks) for fields in texts for ticks in fields[11:15]) / TICKS


def in_turns(first: Task, second: Task, rounds: int, line: Progress) -> tuple[Seconds, Seconds]:
    """Median seconds of each; one round before them is not counted."""
    spent: tuple[list[Seconds], list[Seconds]] = ([], [])
    for number in range(rounds + 1):
        for task, found in zip((first, second), spent, strict=True):
            seconds = task()
            found.extend([seconds] * (number > 0))
            line.add()
    one, other = ([statistics.median(column) for column in zip(*s, strict=True)] for s in spent)
    return (one[0], one[1]), (other[0], other[1])


def command(arguments: list[str], cwd: Path = ROOT, env: dict[str, str] | None = None) -> Task:
    def task() -> Seconds:
        before, began = resource.getrusage(resource.RUSAGE_CHILDREN), time.monotonic()
        subprocess.run(
            arguments, cwd=cwd, env=env, check=True, capture_output=True, stdin=subprocess.DEVNULL
        )
        spent, after = time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN)
        user, system = after.ru_utime - before.ru_utime, after.ru_stime - before.ru_stime
        return spent, user + system

    return task


def one_run(engine: str, folder: Path) -> Task:
    script = folder / "one.py"
    script.write_text(SCRIPT)
    options = ["--no-store", "--engine", engine, "--out", str(folder / "images")]
    return command([sys.executable, "-m", "viscode.cli.main", "run", *options, str(script)])


def server_and_imports() -> tuple[Task, Task]:
    options = load(ValidateSettings).run_options(load(RunSettings))
    crew = Crew(options, None)
    sandbox, fonts = crew.services.sandbox, crew.services.fonts

    def server() -> Seconds:
        began = time.monotonic()
        found = ForkServer(crew.services, crew.limits, warm=True)
        try:
            found.ready(START_TIMEOUT_S)
            spent = time.monotonic() - began
            return spent, used_by([found.process.pid, *descendants(found.process.pid)])
        finally:
            found.close()

    def imports() -> Seconds:
        with Scratch() as scratch:
            if fonts is not None:
                (scratch.box / "config" / fonts.name).write_bytes(fonts.content)
            argv = ["-P", "-c", PLAIN, sandbox.inside]
            started = sandbox.command(scratch, argv, {"CORE": 0}, "none")
            return command(started, env={})()

    return server, imports


@contextmanager
def worktree(revision: str) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as folder:
        place = Path(folder) / "before"
        git = ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*git, "add", "-q", "--detach", str(place), revision], check=True)
        try:
            yield place
        finally:
            subprocess.run([*git, "remove", "--force", str(place)], check=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--before", default=BEFORE, help="git revision to compare imports with")
    arguments = parser.parse_args()
    imports = [sys.executable, "-c", PROGRAM]
    with (
        tempfile.TemporaryDirectory() as folder,
        worktree(arguments.before) as before,
        Progress("bench", "starts", 6 * (arguments.rounds + 1)) as line,
    ):
        pairs = {
            "over_notebook": (one_run("warm", Path(folder)), one_run("notebook", Path(folder))),
            "server_over_imports": server_and_imports(),
            "program_imports_over_before": (command(imports), command(imports, before)),
        }
        found = {name: in_turns(*pair, arguments.rounds, line) for name, pair in pairs.items()}
    ratios: dict[str, float] = {}
    for name, (ours, theirs) in found.items():
        print(
            f"{name}: wall {ours[0]:.2f} / {theirs[0]:.2f} s, cpu {ours[1]:.2f} / {theirs[1]:.2f} s"
        )
        for kind, end in enumerate(("", "_cpu")):
            ratios[name + end] = round(ours[kind] / theirs[kind], 3)
    print(json.dumps(ratios))


if __name__ == "__main__":
    main()
