"""How long `dvc repro` takes when there is nothing to do, here and in another checkout, by turns.

    python bench/no_op.py --before REVISION_OR_FOLDER [--runs 5]

A revision is checked out into a temporary folder with its data linked from this project's DVC
cache, which must hold them; a folder is a checkout where `dvc repro` has run to its end. Both use
the DVC of this environment, without the compiled YAML parser where a checkout's lock has none. The
clock is that of the processor, so that a busy machine gives the same figures. Prints the median of
each and their ratio as JSON.
"""

import argparse
import json
import resource
import statistics
import subprocess
import sys
import tempfile
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).parents[1]
DVC = [sys.executable, "-m", "dvc"]
PLAIN = "import sys; sys.modules['_ruamel_yaml'] = None; from dvc.cli import main; sys.exit(main())"


def run(folder: Path, *command: str) -> str:
    done = subprocess.run(command, cwd=folder, capture_output=True, text=True, check=False)
    if done.returncode != 0:
        sys.exit(f"{' '.join(command)} in {folder}:\n{done.stdout}{done.stderr}")
    return done.stdout


def processor_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def no_op_s(folder: Path) -> float:
    compiled = "ruamel.yaml.clib" in (folder / "envs/tool.lock").read_text()
    command = DVC if compiled else [sys.executable, "-c", PLAIN]
    began = processor_s()
    said = run(folder, *command, "repro")
    if "Running stage" in said:
        sys.exit(f"{folder} was not up to date, and is now: run this again\n{said[-500:]}")
    return processor_s() - began


@contextmanager
def checkout(before: str):
    if Path(before).is_dir():
        yield Path(before)
        return
    with tempfile.TemporaryDirectory() as folder:
        other = Path(folder) / "before"
        run(ROOT, "git", "worktree", "add", "--detach", str(other), before)
        try:
            cache = run(ROOT, *DVC, "cache", "dir").strip()
            run(other, *DVC, "cache", "dir", "--local", str((ROOT / cache).resolve()))
            run(other, *DVC, "checkout", "-q")
            yield other
        finally:
            run(ROOT, "git", "worktree", "remove", "--force", str(other))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--before", required=True, help="a git revision, or a finished checkout")
    parser.add_argument("--runs", type=int, default=5)
    given = parser.parse_args()
    with checkout(given.before) as before:
        seconds: dict[Path, list[float]] = {before: [], ROOT: []}
        for number in range(given.runs + 1):
            for folder, found in seconds.items():
                took = no_op_s(folder)
                if number:  # the first fills DVC's own index
                    found.append(took)
    old, new = (statistics.median(found) for found in seconds.values())
    figures = {"before_s": round(old, 2), "now_s": round(new, 2), "ratio": round(new / old, 2)}
    print(json.dumps(figures))


if __name__ == "__main__":
    main()
