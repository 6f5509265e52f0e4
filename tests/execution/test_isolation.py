"""What a sandbox shows and keeps to itself, and what is left of it. Attacks on it are in
test_hostile.py and test_attack_*.py."""

import os
import signal
import subprocess
import sys
import textwrap
import time
from pathlib import Path

import pytest

from viscode.execution.sandbox import open_sandbox
from viscode.execution.scratch import sweep

pytestmark = pytest.mark.sandbox
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def walls(options):
    if open_sandbox(options.python, "auto").isolation != "A":
        pytest.skip("no namespaces on this machine")


def test_isolation_is_recorded(execute, walls):
    assert execute("1").isolation == "A"
    assert execute("1", isolation="B").isolation == "B"
    assert execute("1", isolation="none").isolation == "none"


WRITE = """
import errno, os
for place in {!r}:
    try: os.makedirs(place, exist_ok=True); open(place + '/left', 'w')
    except OSError as error: assert error.errno in (errno.EACCES, errno.EROFS), error
    else: raise AssertionError(place)
"""


def test_no_write_outside_of_scratch(execute, walls):
    places = [str(ROOT), "/opt/viscode", "/usr", "/etc", "/"]
    execution = execute(WRITE.format(places))
    assert execution.status == "ok", execution.error
    assert not any(Path(place, "left").exists() for place in places)


def test_project_and_system_secrets_cannot_be_read(execute, walls):
    places = [str(ROOT / "pyproject.toml"), __file__, "/etc/shadow"]
    assert all(Path(place).exists() for place in places)
    code = f"import os\nprint([place for place in {places} if os.path.lexists(place)])"
    assert execute(code).stdout_head == "[]\n"


def test_home_and_tmp_are_hidden(execute, walls, tmp_path):
    (tmp_path / "secret").write_text("x")
    execution = execute(f"import os\nprint(os.path.exists({str(tmp_path)!r}), os.listdir('/tmp'))")
    assert execution.stdout_head.startswith("False [")
    assert "secret" not in execution.stdout_head and "vsc-" not in execution.stdout_head


def test_no_other_process_is_visible(execute, walls):
    code = "import os\nprint(sorted(int(p) for p in os.listdir('/proc') if p.isdigit()))"
    assert execute(code).stdout_head == "[1, 2]\n"


@pytest.mark.parametrize("isolation", ["auto", "B", "none"])
def test_daemon_does_not_outlive_its_script(execute, isolation):
    code = (
        "import subprocess\nsubprocess.Popen(['sleep', '43210'], start_new_session=True)\n"
        "subprocess.Popen(['sh', '-c', 'sleep 43210 & exit'])"
    )
    assert execute(code, isolation=isolation).status == "ok"
    assert not alive("43210")


def test_scratch_is_gone_even_when_write_protected(execute, tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    execute(
        "import os\nos.makedirs('a/b')\nopen('a/b/c', 'w')\nos.chmod('a/b', 0)\nos.chmod('a', 0)"
    )
    assert list(tmp_path.iterdir()) == []


def test_kill_9_of_the_supervisor_leaves_no_process(tmp_path, options, monkeypatch):
    program = textwrap.dedent(f"""
        from pathlib import Path
        from viscode.execution.engine import RunOptions, run
        from viscode.core.records import Script
        code = "import subprocess\\nprint(subprocess.run(['sleep', '43211']))"
        options = RunOptions(Path({str(options.python)!r}), Path({str(options.lock)!r}), 60, 1000,
                             1, "auto", False)
        list(run([Script(id="x", code=code)], options))
    """)
    child = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, env={**os.environ, "TMPDIR": str(tmp_path)}
    )
    try:
        assert wait_until(lambda: alive("43211"), 60)
    finally:
        os.kill(child.pid, signal.SIGKILL)
        child.wait()
    assert wait_until(lambda: not alive("43211"), 10)
    assert list(tmp_path.glob("vsc-*"))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    sweep()
    assert not list(tmp_path.glob("vsc-*"))


def alive(mark: str) -> bool:
    """Whether a process has `mark` among its arguments."""
    for path in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if f"sleep\0{mark}\0" in path.read_text(errors="replace"):
                return True
        except OSError:
            continue
    return False


def wait_until(condition, seconds: float) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.1)
    return condition()


def test_a_project_below_tmp_gets_the_same_walls(options, walls, tmp_path):
    python = tmp_path / "environment" / "bin" / "python"
    command = [options.python, "-m", "venv", "--without-pip", python.parents[1]]
    subprocess.run(command, check=True, capture_output=True)
    assert open_sandbox(python, "auto").isolation == "A"
