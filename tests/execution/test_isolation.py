"""One attack per test. Where the machine has no namespaces, what they stop is skipped."""

import os
import signal
import socket
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


def test_no_network(execute, walls):
    with socket.create_server(("127.0.0.1", 0)) as listener:
        listener.settimeout(0.1)
        address = listener.getsockname()
        code = f"import socket\nsocket.create_connection({address})"
        execution = execute(code)
        with pytest.raises(TimeoutError):
            listener.accept()
    assert (execution.status, execution.error_type) == ("error", "PermissionError")


@pytest.mark.parametrize("place", [str(ROOT), "/opt/viscode", "/usr", "/etc", "/"])
def test_no_write_outside_of_scratch(execute, walls, place):
    execution = execute(
        f"import os\nos.makedirs({place!r}, exist_ok=True)\nopen({place + '/left'!r}, 'w')"
    )
    # below the temporary folder a mount point is root's; elsewhere the file system is read-only
    below = Path(place).is_relative_to("/tmp")
    refusal = "Permission denied" if below else "Read-only file system"
    assert execution.status == "error" and refusal in execution.error_message
    assert not Path(place, "left").exists()


@pytest.mark.parametrize("path", [ROOT / "pyproject.toml", Path(__file__), "/etc/shadow"])
def test_project_and_system_secrets_cannot_be_read(execute, walls, path):
    assert Path(path).exists()
    assert execute(f"open({str(path)!r})").error_type == "FileNotFoundError"


def test_home_and_tmp_are_hidden(execute, walls, tmp_path):
    (tmp_path / "secret").write_text("x")
    execution = execute(f"import os\nprint(os.path.exists({str(tmp_path)!r}), os.listdir('/tmp'))")
    assert execution.stdout_head.startswith("False [")
    assert "secret" not in execution.stdout_head and "vsc-" not in execution.stdout_head


def test_environment_secret_is_not_visible(execute, monkeypatch):
    monkeypatch.setenv("OPENAI_API_KEY", "sk-canary")
    code = (
        "import os, glob\nprint(os.environ)\n"
        "for path in glob.glob('/proc/[0-9]*/environ'):\n"
        "    try: print(open(path).read())\n    except OSError: pass"
    )
    execution = execute(code)
    assert execution.status == "ok" and "PYTHONHASHSEED" in execution.stdout_head
    assert "canary" not in execution.stdout_head


def test_no_other_process_is_visible(execute, walls):
    code = "import os\nprint(sorted(int(p) for p in os.listdir('/proc') if p.isdigit()))"
    assert execute(code).stdout_head == "[1, 2]\n"


def test_no_privileges_and_no_new_namespaces(execute, walls):
    code = (
        "import ctypes, os\nprint(os.getuid() != 0, 'CapEff:\\t0000000000000000' in "
        "open('/proc/self/status').read())\n"
        "print(ctypes.CDLL(None).unshare(0x10000000), ctypes.CDLL(None).mount(b'none', b'/tmp',"
        " b'tmpfs', 0, None))"
    )
    assert execute(code).stdout_head == "True True\n-1 -1\n"


@pytest.mark.parametrize("isolation", ["auto", "B", "none"])
def test_daemon_does_not_outlive_its_script(execute, isolation):
    code = (
        "import subprocess\nsubprocess.Popen(['sleep', '43210'], start_new_session=True)\n"
        "subprocess.Popen(['sh', '-c', 'sleep 43210 & exit'])"
    )
    assert execute(code, isolation=isolation).status == "ok"
    assert not alive("43210")


def test_memory_over_several_processes(execute, walls):
    code = (
        "import subprocess, sys, time\n"
        "hog = 'import time; b = bytearray(250_000_000); b[::4096] = b[::4096];'\n"
        "hog += 'time.sleep(60)'\n"
        "for _ in range(4): subprocess.Popen([sys.executable, '-S', '-c', hog])\n"
        "time.sleep(60)"
    )
    execution = execute(code, memory_mb=600)
    assert (execution.status, execution.error_type) == ("killed", "MemoryLimit")


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
