"""Every script under bench/ still finds what it imports: nobody runs them all before a release."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
INSIDE = "limit_process.py"  # runs beside the engine's own modules, in a process that it walls
SCRIPTS = sorted(p.stem for p in (ROOT / "bench").glob("*.py") if p.name != INSIDE)
IMPORT = """
import importlib, sys
sys.path.insert(0, "bench")
for name in sys.argv[1:]:
    importlib.import_module(name)
    print(name)
"""


def test_all_can_be_imported() -> None:
    """In one process: what they import costs seconds."""
    done = subprocess.run(
        [sys.executable, "-c", IMPORT, *SCRIPTS],
        cwd=ROOT, capture_output=True, text=True, timeout=300,
    )  # fmt: skip
    assert len(SCRIPTS) >= 10
    assert (done.returncode, done.stdout.split()) == (0, SCRIPTS), done.stderr
