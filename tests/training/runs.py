"""Training runs as a person starts them: `python -m stages.train` in a project of its own."""

import json
import os
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import yaml
from tiny_runs import SETTINGS, chat, write_rows

ROOT = Path(__file__).resolve().parents[2]
DEADLINE_S = 150
TRAIN: dict[str, Any] = {**SETTINGS, "lora_rank": 8, "weight_decay": 0.01, "packing": True}
RUN = {"workers": 1, "fetches": 1, "devices": 1, "torch_threads": 1, "batch_size": 1}


def project(folder: Path, base: Path, *, rows: int = 14, devices: int = 1, **train: Any) -> Path:
    """A project folder with rows, base model and parameters."""
    (folder / "data").mkdir(parents=True)
    shutil.copytree(base, folder / "data" / "base_model")
    write_rows(folder / "data" / "viscode.jsonl", [chat(i) for i in range(rows)])
    validation = [chat(100 + i) for i in range(3)]
    write_rows(folder / "data" / "viscode_validation.jsonl", validation)
    return set_params(folder, devices=devices, **train)


def set_params(folder: Path, *, devices: int = 1, **train: Any) -> Path:
    params = {"train": {**TRAIN, **train}, "run": {**RUN, "devices": devices}}
    (folder / "params.yaml").write_text(yaml.safe_dump(params), encoding="utf-8")
    return folder


def environment() -> dict[str, str]:
    """Without what an outer torchrun or DVC may have set."""
    names = ("DVC_ROOT", "RANK", "LOCAL_RANK", "WORLD_SIZE")
    outer = {name: value for name, value in os.environ.items() if name not in names}
    return outer | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "HF_HUB_OFFLINE": "1"}


def begin(folder: Path) -> "subprocess.Popen[str]":
    """Start a run and leave it to the caller."""
    return subprocess.Popen(
        [sys.executable, "-m", "stages.train"],
        cwd=folder,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=(folder / "stderr").open("w"),
        text=True,
    )


def run(folder: Path, status: int = 0) -> str:
    """A run to its end; what it wrote on stderr."""
    process = begin(folder)
    try:
        process.wait(DEADLINE_S)
    finally:
        process.kill()
    said = stderr(folder)
    assert process.returncode == status, said
    return said


def stderr(folder: Path) -> str:
    return (folder / "stderr").read_text(encoding="utf-8")


def table(path: Path) -> list[dict[str, float]]:
    """Lines of log.tsv or eval.tsv."""
    head, *lines = path.read_text(encoding="utf-8").splitlines()
    names = head.split("\t")
    return [dict(zip(names, map(float, line.split("\t")), strict=True)) for line in lines]


def history(work: Path) -> list[dict[str, float]]:
    """What the one run of a work area has logged, in full precision."""
    (path,) = (work / "logs").glob("*.json")
    found: list[dict[str, float]] = json.loads(path.read_text(encoding="utf-8"))
    return found


def logged(work: Path, name: str) -> list[float]:
    """The values of "loss", "eval_loss" or "grad_norm" in that history."""
    return [entry[name] for entry in history(work) if name in entry]


def losses(folder: Path) -> list[float]:
    return logged(folder / ".viscode" / "train", "loss")


def weights(folder: Path) -> bytes:
    return (folder / "data" / "model" / "model.safetensors").read_bytes()


def workers(process: "subprocess.Popen[str]") -> list[int]:
    """Processes that a launcher has started."""
    found = []
    for stat in Path("/proc").glob("[0-9]*/stat"):
        try:
            parent = int(stat.read_text().rpartition(")")[2].split()[1])
            command = (stat.parent / "cmdline").read_bytes()
        except OSError:
            continue
        if parent == process.pid and b"--worker-of" in command:
            found.append(int(stat.parent.name))
    return sorted(found)


def is_alive(pid: int) -> bool:
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except OSError:
        return False


def wait_until(condition: Any, process: "subprocess.Popen[str]", folder: Path) -> Any:
    """Poll every millisecond until the condition holds while the run is going on."""
    end = time.monotonic() + DEADLINE_S
    while not (found := condition()):
        assert process.poll() is None, stderr(folder)
        assert time.monotonic() < end, stderr(folder)
        time.sleep(0.001)
    return found


def kill(process: "subprocess.Popen[str]", number: int = signal.SIGKILL) -> int:
    process.send_signal(number)
    return process.wait(60)


def wait_for_end(pids: list[int]) -> None:
    """Processes must end by themselves soon after their launcher."""
    end = time.monotonic() + 10
    while any(is_alive(pid) for pid in pids):
        assert time.monotonic() < end, "left over after the launcher's end"
        time.sleep(0.01)
