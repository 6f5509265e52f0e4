"""Scripts run for a user who is not root and has no rights over the project."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.sandbox
ROOT = Path(__file__).parents[2]
USER = 1500
PLOT = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\n"
SPY = "from pathlib import Path\nprint(Path({!r}).read_text())"
# In a mount namespace of its own: the folder that only root may enter gives way to one that holds
# nothing but the interpreter.
OPEN = """
set -e
mount --make-rprivate /
mkdir "$1/interpreter"
mount --bind "$2" "$1/interpreter"
mount -t tmpfs -o mode=755 closed "$3"
mkdir -p "$2"
mount --bind "$1/interpreter" "$2"
"""
BECOME = f'exec setpriv --reuid {USER} --regid {USER} --clear-groups env -i "${{@:4}}"'


def closed_above(path: Path) -> Path | None:
    """The outermost folder above `path` that others may not enter."""
    return next((p for p in reversed(path.parents) if not p.stat().st_mode & 0o001), None)


@pytest.fixture
def as_user(tmp_path):
    """Run `viscode run` as an ordinary user; returns the verdicts."""
    if os.getuid() != 0:
        pytest.skip("not root: every other test here runs as an ordinary user already")
    interpreter = Path(sys.base_prefix)
    closed = closed_above(interpreter)
    if closed is not None and ROOT.is_relative_to(closed):
        pytest.skip(f"the project lies in {closed}, which only root may enter")
    home = tmp_path / "home"
    home.mkdir()
    shutil.chown(home, USER, USER)
    for folder in (tmp_path, *tmp_path.parents[:2]):
        folder.chmod(0o755)

    def run(*arguments):
        settings = [f"HOME={home}", f"TMPDIR={home}", "PATH=/usr/bin:/bin"]
        program = [str(ROOT / ".venv/bin/viscode"), "run", "--no-store", *map(str, arguments)]
        script = (OPEN if closed else "") + BECOME
        names = ["bash", str(tmp_path), str(interpreter), str(closed)]
        done = subprocess.run(
            ["unshare", "-m", "bash", "-c", script, *names, *settings, *program],
            cwd=ROOT, capture_output=True, text=True,
        )  # fmt: skip
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]

    return run


@pytest.mark.parametrize("engine", ["warm", "notebook"])
@pytest.mark.parametrize("mode", ["A", "B"])
def test_an_ordinary_user_has_the_same_walls(as_user, tmp_path, mode, engine):
    secret = tmp_path / "home/secret.txt"
    secret.write_text("mine")
    shutil.chown(secret, USER, USER)
    (tmp_path / "plot.py").write_text(PLOT)
    (tmp_path / "spy.py").write_text(SPY.format(str(secret)))
    scripts = (tmp_path / "plot.py", tmp_path / "spy.py")
    out = tmp_path / "home/out"
    drawn, spied = as_user("--isolation", mode, "--engine", engine, "--out", out, *scripts)
    assert (drawn["status"], len(drawn["images"])) == ("ok", 1)
    assert drawn["isolation"][0] == spied["isolation"][0] == mode
    assert spied["status"] == "error"
    assert spied["error_type"] in ("FileNotFoundError", "PermissionError")
