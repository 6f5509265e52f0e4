"""What `viscode doctor` prints: whether this machine can run the pipeline, and what to do if not.

Each check looks at one thing and says what it found. "fail" means that `dvc repro` with the present
params.yaml will not come to its end here; "note" that something will be slower or is not set up.
Keys are looked for, never shown.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import click

from viscode.core.compute import cores
from viscode.core.errors import UserError
from viscode.core.hashing import file_digest
from viscode.core.project import home_of_ours
from viscode.core.workstore import default_path
from viscode.execution.render import RenderError
from viscode.execution.sandbox import open_sandbox
from viscode.execution.scratch import scratch_parent
from viscode.execution.services import services
from viscode.settings.base import load, read_params
from viscode.settings.train import TrainSettings
from viscode.settings.validate import ValidateSettings

State = Literal["ok", "note", "fail"]
MARKS: dict[State, str] = {"ok": "ok  ", "note": "note", "fail": "FAIL"}
GIB = 1 << 30
LEAST_MEMORY_GIB, LEAST_DISK_GIB, LEAST_TMP_GIB = 6, 5, 1
FIGURE = {"data": [{"type": "bar", "x": [1, 2], "y": [3, 1]}], "layout": {}}
HOSTED = ("openai", "openai_batch")


@dataclass(frozen=True)
class Finding:
    """What one check found; `todo` is what to do where it is not "ok"."""

    state: State
    name: str
    found: str
    todo: str = ""


def doctor_command() -> bool:
    """Print a line per check; whether none failed."""
    failed = False
    for check in CHECKS:
        for one in check():
            failed |= one.state == "fail"
            todo = f" -> {one.todo}" if one.state != "ok" and one.todo else ""
            click.echo(f"{MARKS[one.state]}  {one.name}: {one.found}{todo}")
    return not failed


def python() -> Iterator[Finding]:
    version = ".".join(map(str, sys.version_info[:3]))
    good = (3, 11) <= sys.version_info[:2] <= (3, 12)
    yield Finding("ok" if good else "fail", "Python", version, "make setup PYTHON=python3.11")


def machine() -> Iterator[Finding]:
    usable = cores()
    yield Finding("ok" if usable > 1 else "note", "cores", str(usable))
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / GIB
    todo = f"training on a CPU wants {LEAST_MEMORY_GIB} GiB; lower run.workers"
    state: State = "ok" if memory >= LEAST_MEMORY_GIB else "note"
    yield Finding(state, "memory", f"{memory:.1f} GiB", todo)
    for name, place, least in (
        ("disk of the project", Path(), LEAST_DISK_GIB),
        ("temporary folder", scratch_parent(), LEAST_TMP_GIB),
    ):
        free = shutil.disk_usage(place).free / GIB
        state = "ok" if free >= least else "fail"
        yield Finding(state, name, f"{free:.1f} GiB free", f"free {least} GiB, or set TMPDIR")


def home() -> Iterator[Finding]:
    if os.environ.get("HOME") == str(home_of_ours()):
        todo = "DVC does not start without one: export HOME=/SOME/FOLDER"
        yield Finding("fail", "home folder", "none", todo)


def scripts() -> Iterator[Finding]:
    """The environment of untrusted scripts, its walls, and a plotly image."""
    settings = load(ValidateSettings)
    interpreter, lock = settings.interpreter, Path(settings.lock)
    try:
        sandbox = open_sandbox(interpreter, settings.isolation)
    except UserError as error:
        yield Finding("fail", "sandbox", error.what, error.todo)
        return
    state: State = "ok" if sandbox.isolation.startswith("A") else "note"
    todo = "README, What is not safe: what this mode leaves out"
    why = sandbox.why or ("" if state == "ok" else "as validate.isolation asks")
    yield Finding(state, "sandbox", f"isolation {sandbox.isolation}{why and ': '}{why}", todo)
    try:
        png = services(interpreter, settings.isolation, file_digest(lock)).renderer.render(FIGURE)
        yield Finding("ok", "plotly images", f"rendered, {len(png):,} bytes")
    except (RenderError, OSError) as error:
        yield Finding("fail", "plotly images", str(error), "viscode env create")


def accelerator() -> Iterator[Finding]:
    try:
        import torch
    except ModuleNotFoundError:
        yield Finding("fail", "GPU", "torch is not installed", "pip install 'viscode[train]'")
        return
    if torch.cuda.is_available():
        names = {torch.cuda.get_device_name(n) for n in range(torch.cuda.device_count())}
        found = f"{torch.cuda.device_count()} x {', '.join(sorted(names))}"
        yield Finding("ok", "GPU", found)
        return
    model = load(TrainSettings).base_model
    small = model.startswith(("package:", "tiny:"))
    todo = f"training {model} on a CPU takes weeks: docs/full-size.md"
    yield Finding("ok" if small else "note", "GPU", "none; training runs on the CPU", todo)


def keys() -> Iterator[Finding]:
    """Whether models that are asked for can be asked."""
    params = read_params()
    asked = {f"models.{name}": entry for name, entry in params["models"].items()}
    asked["judge"] = params["judge"]
    wanted = [
        name
        for name, entry in asked.items()
        if entry["client"] in HOSTED and not entry.get("base_url")
    ]
    wanted += [
        f"{name}.method: model"
        for name in ("extract", "instruct")
        if params[name]["method"] == "model"
    ]
    there = bool(os.environ.get("OPENAI_API_KEY"))
    if wanted and not there:
        found = f"not set, wanted by {', '.join(wanted)}"
        yield Finding("fail", "OPENAI_API_KEY", found, "export it")
    else:
        yield Finding("ok", "OPENAI_API_KEY", "set" if there else "not set, and not needed")
    hub = "set" if os.environ.get("HF_TOKEN") else "not set (needed for gated data sets alone)"
    yield Finding("ok", "HF_TOKEN", hub)


def store() -> Iterator[Finding]:
    path = default_path()
    size = path.stat().st_size / GIB if path.exists() else 0.0
    yield Finding("ok", "work store", f"{path}, {size:.2f} GiB")
    if shutil.which("dvc") is None:
        yield Finding("fail", "DVC", "not installed", "pip install 'viscode[data]'")
        return
    done = subprocess.run(["dvc", "remote", "list"], capture_output=True, text=True, check=False)
    remotes = [line.split()[0] for line in done.stdout.splitlines() if line.split()]
    if done.returncode:
        yield Finding("fail", "DVC", done.stderr.strip()[-200:] or "does not run", "make setup")
    elif remotes:
        yield Finding("ok", "DVC remote", ", ".join(remotes))
    else:
        todo = "to share data: dvc remote add -d NAME s3://BUCKET/PATH"
        yield Finding("note", "DVC remote", "none", todo)


CHECKS: tuple[Callable[[], Iterator[Finding]], ...] = (
    python,
    machine,
    home,
    scripts,
    accelerator,
    keys,
    store,
)
