"""Waiting threads sleep in every process that computes, and how many processors there are."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from viscode.core.compute import OF_USERS, WAITING, cores, wait_passively

ROOT = Path(__file__).parents[2]
STAGES = sorted(path.stem for path in (ROOT / "stages").glob("[a-z]*.py"))
ALLOWED = len(os.sched_getaffinity(0))


@pytest.mark.parametrize(
    "given",
    [
        {"OMP_WAIT_POLICY": "ACTIVE"},
        {"GOMP_SPINCOUNT": "7"},
        {"KMP_BLOCKTIME": "200"},
        {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": "infinity"},
    ],
)
def test_who_has_set_one_of_them_has_decided(given: dict[str, str]) -> None:
    environment = dict(given)
    wait_passively(environment)
    assert environment == given


def test_otherwise_they_are_set_and_nothing_else_changes() -> None:
    environment = {"OMP_NUM_THREADS": "3"}
    wait_passively(environment)
    assert environment == {"OMP_NUM_THREADS": "3", **WAITING}


def started(code: str, tmp_path: Path, **given: str) -> str:
    """What a program prints that is started without any of the variables but `given`."""
    outer = {name: value for name, value in os.environ.items() if name not in OF_USERS}
    done = subprocess.run(
        [sys.executable, "-c", code],
        cwd=tmp_path,
        env={**outer, "PYTHONPATH": str(ROOT), "DVC_ROOT": str(tmp_path), **given},
        capture_output=True,
        text=True,
        check=True,
    )
    return done.stdout.strip()


# What the OpenMP of this very process has read when it was loaded (its spin count is 0 or little
# where waiting is passive); ICVs are shown on stderr when OMP_DISPLAY_ENV is set.
SEEN_BY_TORCH = """
import os, sys
from viscode.core.stage import stage
@stage("one")
def main():
    os.environ["OMP_DISPLAY_ENV"] = "verbose"
    os.dup2(1, 2)
    import torch
main()
"""


@pytest.mark.parametrize(
    ("given", "policy", "spins"),
    [
        ({}, "PASSIVE", WAITING["GOMP_SPINCOUNT"]),
        pytest.param(
            {"OMP_WAIT_POLICY": "ACTIVE", "GOMP_SPINCOUNT": "12"},
            "ACTIVE",
            "12",
            marks=pytest.mark.slow,
        ),
        pytest.param(  # PASSIVE: the word that OpenMP has for "not set"
            {"GOMP_SPINCOUNT": "34"},
            "PASSIVE",
            "34",
            marks=pytest.mark.slow,
        ),
    ],
)
def test_torch_reads_them_in_a_stage(
    tmp_path: Path, given: dict[str, str], policy: str, spins: str
) -> None:
    shown = started(SEEN_BY_TORCH, tmp_path, **given)
    if "GOMP_SPINCOUNT" not in shown:
        pytest.skip("torch is not built with GNU OpenMP here")
    assert f"OMP_WAIT_POLICY = '{policy}'" in shown
    assert f"GOMP_SPINCOUNT = '{spins}'" in shown


def test_processes_that_a_stage_starts_have_them_too(tmp_path: Path) -> None:
    code = (
        "import subprocess, sys\nfrom viscode.core.stage import stage\n"
        "@stage('one')\ndef main():\n"
        "    names = 'import os; print(os.environ[\"OMP_WAIT_POLICY\"])'\n"
        "    subprocess.run([sys.executable, '-c', names], check=True)\nmain()"
    )
    assert started(code, tmp_path) == "PASSIVE"


def test_nothing_loads_torch_before_they_are_set(tmp_path: Path) -> None:
    """All in one process: the first module that loads it is named."""
    code = (
        "import importlib, sys\n"
        f"for name in ['viscode.cli.main', *(f'stages.{{n}}' for n in {STAGES})]:\n"
        "    importlib.import_module(name)\n"
        "    assert 'torch' not in sys.modules, name\n"
        "print(len(sys.modules) > 100)"
    )
    assert len(STAGES) > 15
    assert started(code, tmp_path) == "True"


def test_the_command_line_sets_them(tmp_path: Path) -> None:
    code = (
        "import os\nfrom viscode.cli.main import main\n"
        "try:\n    main(['params', '--help'])\nexcept SystemExit:\n    pass\n"
        "print(os.environ.get('OMP_WAIT_POLICY'))"
    )
    assert started(code, tmp_path).splitlines()[-1] == "PASSIVE"


V1, V2 = "4:cpu,cpuacct:/box\n1:name=systemd:/box\n0::/\n", "0::/box/inner\n"
WIDE = {"cpu.max": f"{100 * ALLOWED}00000 100000"}


@pytest.mark.parametrize(
    ("membership", "files", "expected"),
    [
        (V2, {}, ALLOWED),
        (V2, {"box/inner/cpu.max": "max 100000"}, ALLOWED),
        (V2, {"box/inner/cpu.max": "100000 100000"}, 1),
        (V2, {"box/inner/cpu.max": "50000 100000"}, 1),
        (V2, {"box/cpu.max": "100000 100000", "box/inner/cpu.max": "max 100000"}, 1),
        (V2, {"box/inner/cpu.max": "150000 100000"}, min(2, ALLOWED)),
        (V2, {f"box/inner/{name}": text for name, text in WIDE.items()}, ALLOWED),
        ("0::/host/path/of/a/container\n", {"cpu.max": "100000 100000"}, 1),
        ("0::/../../outside\n", {"cpu.max": "100000 100000"}, 1),
        (
            V1,
            {
                "cpu,cpuacct/box/cpu.cfs_quota_us": "80000",
                "cpu,cpuacct/box/cpu.cfs_period_us": "100000",
            },
            1,
        ),
        (
            V1,
            {
                "cpu,cpuacct/box/cpu.cfs_quota_us": "-1",
                "cpu,cpuacct/box/cpu.cfs_period_us": "100000",
            },
            ALLOWED,
        ),
        (V1, {"memory/box/cpu.max": "100000 100000"}, ALLOWED),
        ("", {"cpu.max": "100000 100000"}, ALLOWED),
    ],
)
def test_a_quota_bounds_the_processors(
    tmp_path: Path, membership: str, files: dict[str, str], expected: int
) -> None:
    process, groups = tmp_path / "process", tmp_path / "groups"
    process.mkdir()
    (process / "cgroup").write_text(membership)
    for name, text in files.items():
        (groups / name).parent.mkdir(parents=True, exist_ok=True)
        (groups / name).write_text(f"{text}\n")
    assert cores(process, groups) == expected


def test_affinity_bounds_them_and_a_missing_proc_is_no_limit(tmp_path: Path) -> None:
    assert cores(tmp_path / "none", tmp_path) == ALLOWED
    code = (
        "import os; os.sched_setaffinity(0, {min(os.sched_getaffinity(0))})\n"
        "from viscode.core.compute import cores; print(cores())"
    )
    assert started(code, tmp_path) == "1"
