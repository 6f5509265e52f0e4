"""Every script under bench/ still finds what it imports: nobody runs them all before a release."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
INSIDE = "limit_process.py"  # runs beside the engine's own modules, in a process that it walls
SCRIPTS = sorted(p.name for p in (ROOT / "bench").glob("*.py") if p.name != INSIDE)


@pytest.mark.parametrize("name", SCRIPTS)
def test_it_can_be_imported(name: str) -> None:
    code = (
        "import importlib.util, sys; sys.path.insert(0, 'bench'); "
        f"spec = importlib.util.spec_from_file_location('script', 'bench/{name}'); "
        "module = sys.modules['script'] = importlib.util.module_from_spec(spec); "
        "spec.loader.exec_module(module); print('imported')"
    )
    done = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, timeout=120
    )
    assert (done.returncode, done.stdout.strip()) == (0, "imported"), done.stderr


def test_all_were_found() -> None:
    assert len(SCRIPTS) >= 10
