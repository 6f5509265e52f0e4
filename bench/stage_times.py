"""Where the time of `dvc repro` goes in a fresh clone, stage by stage.

    python bench/stage_times.py [STAGE ...]

Clones HEAD into a temporary folder with an empty cache and work store, uses this project's
environments, and runs the pipeline, or the stages given and what they need. Prints a table in
Markdown: wall-clock seconds of each stage, what of them importing its script takes (in a process of
its own, processor time), and as the last line JSON. Run it on an idle machine.
"""

import json
import os
import re
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
STARTS = re.compile(r"Running stage '([^']+)'")


def clone(folder: Path) -> Path:
    target = folder / "clone"
    subprocess.run(["git", "clone", "-q", str(ROOT), str(target)], check=True)
    for name in (".venv", ".venv-plots"):
        (target / name).symlink_to(ROOT / name)
    return target


def repro(project: Path, stages: list[str]) -> dict[str, float]:
    """Seconds of each stage; DVC's own, before and between them, counts as "dvc"."""
    path = f"{ROOT / '.venv/bin'}:{os.environ['PATH']}"
    environment = {**os.environ, "PATH": path, "PYTHONUNBUFFERED": "1"}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # as the Makefile does
    found, name, began = {"dvc": 0.0}, "dvc", time.monotonic()
    command = [sys.executable, "-m", "dvc", "repro", "--force", *stages]
    with subprocess.Popen(
        command, cwd=project, env=environment, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdout is not None
        for line in running.stdout:
            start = STARTS.match(line)
            ended = line.startswith(("Updating lock file", "Generating lock file"))
            if start or ended:
                now = time.monotonic()
                found[name] = found.get(name, 0.0) + now - began
                name, began = start[1] if start else "dvc", now
    if running.returncode != 0:
        sys.exit(f"dvc repro ended with status {running.returncode}")
    found[name] = found.get(name, 0.0) + time.monotonic() - began
    return found


def imports_s(stage: str) -> float:
    """The second time: the first writes the compiled modules."""
    for _ in range(2):
        began = _processor_s()
        code = f"import stages.{stage.partition('@')[0]}"
        subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
    return _processor_s() - began


def _processor_s() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        seconds = repro(clone(Path(folder)), sys.argv[1:])
    total = sum(seconds.values())
    print("| stage | s | share | imports (s) |\n|---|---|---|---|")
    for name, took in sorted(seconds.items(), key=lambda item: -item[1]):
        imports = "" if name == "dvc" else f"{imports_s(name):.1f}"
        print(f"| {name} | {took:.1f} | {took / total:.0%} | {imports} |")
    rounded = {name: round(took, 1) for name, took in seconds.items()}
    print(json.dumps({"total_s": round(total, 1), "stages": rounded}))


if __name__ == "__main__":
    main()
