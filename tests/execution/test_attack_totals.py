"""Attacks on what a script may hold in all: processes, threads, memory that no process shows, and
what its neighbours and the next script share with it. Layers that stand behind each other are
tested apart."""

import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from functools import partial

import pytest
from hostile_world import cases, together

from viscode.core.records import Script
from viscode.core.workstore import WorkStore
from viscode.execution import fork_server
from viscode.execution.cell_run import EngineFailure
from viscode.execution.engine import Crew, warm_up
from viscode.execution.engine import run as run_scripts
from viscode.execution.fork_server import START_TIMEOUT_S, ForkServer
from viscode.execution.usage import (
    BUFFER_BYTES,
    at_most_bytes,
    descendants,
    exact_bytes,
    processes_below,
)
from viscode.execution.watch import Guard, ScriptLimits
from viscode.execution.worker import Worker

pytestmark = pytest.mark.sandbox
MODES = pytest.mark.parametrize("attack", ["A", "B"], indirect=True)
HELP = """
def failed(result): assert result == -1 and ctypes.get_errno() in (1, 13, 38), (result,
    ctypes.get_errno())
def cloned(flags):
    child = libc.syscall(56, ctypes.c_ulong(flags), 0, 0, 0, 0)
    if child == 0: os._exit(0)
    return child
def hoard(make, processes=0):
    '''Until nothing more can be made; then likewise in so many forks.'''
    kept = []
    def fill():
        try:
            while True: kept.append(make())
        except OSError: pass
    fill()
    for _ in range(processes):
        if os.fork() == 0:
            os.closerange(3, 1024); fill(); time.sleep(9); os._exit(0)
    time.sleep(9)
"""

# What would hold memory out of sight ------------------------------------------------------------

REFUSED = {  # each ends well: it asserts that it was refused
    "a file in memory": "refused(os.memfd_create, 'x')",
    "a file in memory, of large pages": "refused(os.memfd_create, 'x', 4)",
    "a secret file in memory": "failed(libc.syscall(447, 0))",
    "descriptors on their way": "a, b = socket.socketpair()\n"
    "refused(socket.send_fds, a, [b'x'], [0])",
    "many messages at once": "a, b = socket.socketpair()\n"
    "failed(libc.sendmmsg(a.fileno(), ctypes.create_string_buffer(64), 1, 0))",
    "larger buffers of sockets": "a, b = socket.socketpair()\n"
    "for option in (7, 32): refused(a.setsockopt, socket.SOL_SOCKET, option, 1 << 22)\n"
    "assert a.getsockopt(socket.SOL_SOCKET, 7) <= 1 << 19",
    "larger pipes": "import fcntl\nr, w = os.pipe()\nrefused(fcntl.fcntl, w, 1031, 1 << 20)",
    "pages given to a pipe": "r, w = os.pipe()\nroom = ctypes.create_string_buffer(4096)\n"
    "failed(libc.vmsplice(w, (ctypes.c_size_t * 2)(ctypes.addressof(room), 4096), 1, 0))",
    "a pipe poured into another": "r, w = os.pipe(); s, v = os.pipe()\nos.write(w, b'x')\n"
    "failed(libc.tee(r, v, 1, 0)); failed(libc.splice(r, None, v, None, 1, 0))",
    "message queues": "failed(libc.mq_open(b'/x', os.O_CREAT | os.O_RDWR, 0o600, None))",
    "shared memory of System V": "failed(libc.shmget(0, 1 << 20, 0o1600))",
    "queues of System V": "failed(libc.msgget(0, 0o1600)); failed(libc.semget(0, 1, 0o1600))",
    "watches on files": "failed(libc.inotify_init()); failed(libc.inotify_init1(0))",
    "rings of requests": "failed(libc.syscall(206, 1000, ctypes.byref(ctypes.c_void_p())))\n"
    "failed(libc.syscall(425, 8, ctypes.create_string_buffer(120)))",
    "rules of Landlock": "failed(libc.syscall(444, ctypes.create_string_buffer(b'\\1', 8), 8, 0))",
    "keys": "failed(libc.syscall(248, b'user', b'x', b'y', 1, -2))",
    "a thread with descriptors of its own": "failed(libc.syscall(56, ctypes.c_ulong(0x10900), 0,"
    " 0, 0, 0))",
    "descriptors parted from those of other threads": "failed(libc.syscall(436, 999, 1000, 2))\n"
    "failed(libc.unshare(0x400))",
    "siblings": "failed(cloned(0x8000 | signal.SIGCHLD))",
    "siblings in the same memory": "failed(cloned(0x8000 | 0x100 | 0x4000 | signal.SIGCHLD))",
    "siblings that signal nothing": "failed(cloned(0x8000))",
    "siblings by the new call": "args = (ctypes.c_uint64 * 11)(0x8000, 0, 0, 0, 17)\n"
    "failed(libc.syscall(435, ctypes.byref(args), 88))",
    "siblings from a thread": "import threading\n"
    "t = threading.Thread(target=lambda: failed(cloned(0x8000 | signal.SIGCHLD)))\n"
    "t.start(); t.join()",
}


@pytest.mark.parametrize("attack", ["A", "B", "notebook"], indirect=True)
def test_everything_outside_of_sight(attack):
    execution = attack(HELP + together(REFUSED))
    assert (execution.status, execution.error_type) == ("ok", ""), execution.error


@MODES
@pytest.mark.slow
@pytest.mark.parametrize("name", REFUSED)
def test_what_nobody_would_see_is_refused(attack, name):
    """Each alone."""
    execution = attack(HELP + REFUSED[name])
    assert (execution.status, execution.error_type) == ("ok", ""), execution.error


HELD = {  # under a limit of 600 MB
    "sockets": "def make():\n    a, b = socket.socketpair()\n    for end in (a, b):\n"
    "        end.setblocking(False)\n        try:\n"
    "            while True: end.send(bytes(100_000))\n        except OSError: pass\n"
    "    return a, b\nhoard(make, 20)",
    "small messages in sockets": "def make():\n    a, b = socket.socketpair()\n"
    "    a.setblocking(False)\n    try:\n        while True: a.send(b'x')\n"
    "    except OSError: pass\n    return a, b\nhoard(make, 20)",
    "pipes": "def make():\n    r, w = os.pipe()\n    os.set_blocking(w, False)\n    try:\n"
    "        while True: os.write(w, bytes(65536))\n    except OSError: pass\n"
    "    return r, w\nhoard(make, 20)",
    "interest in events": "import select\nevents = [os.eventfd(0) for _ in range(100)]\n"
    "def make():\n    one = select.epoll()\n    for event in events:\n"
    "        try: one.register(event)\n        except OSError: pass\n    return one\n"
    "hoard(make, 20)",
    "memory without its first thread": "import threading\n"
    "if os.fork() == 0:\n"
    "    def hold():\n        kept = [b'x' * 50_000_000 for _ in range(20)]; time.sleep(9)\n"
    "    threading.Thread(target=hold).start()\n    libc.syscall(60, 0)\ntime.sleep(9)",
    "shared memory without a name": "import mmap\n"
    "kept = [mmap.mmap(-1, 100_000_000) for _ in range(9)]\n"
    "for one in kept: one.write(bytes(100_000_000))\ntime.sleep(9)",
    "memory of two": "if os.fork() == 0:\n    kept = b'x' * 400_000_000; time.sleep(9)\n"
    "kept = b'x' * 400_000_000\ntime.sleep(9)",
}


@MODES
@pytest.mark.parametrize("name", HELD)
def test_what_a_script_holds_counts_as_memory(attack, name):
    execution = attack(HELP + HELD[name], memory_mb=600)
    assert (execution.status, execution.error_type) == ("killed", "MemoryLimit")


@pytest.mark.parametrize("attack", ["notebook"], indirect=True)
@pytest.mark.parametrize("name", ["sockets", "memory without its first thread"])
def test_in_a_notebook_as_well(attack, name):
    execution = attack(HELP + HELD[name], memory_mb=600)
    assert (execution.status, execution.error_type) == ("killed", "MemoryLimit")


FILES = {
    "files": "os.close(os.open(f'{place}/{n}', os.O_CREAT))",
    "folders": "os.mkdir(f'{place}/{n}')",
    "links": "os.symlink('x' * 100, f'{place}/{n}')",
    "hard links": "(n or os.close(os.open(f'{place}/x', os.O_CREAT)),"
    " os.link(f'{place}/x', f'{place}/{n}'))",
}


@pytest.mark.parametrize("attack", ["A"], indirect=True)
@pytest.mark.parametrize(
    ("name", "place"), [*((name, ".") for name in FILES), ("files", "/dev/shm")]
)
def test_names_in_memory_are_bounded(attack, name, place):
    code = f"place = {place!r}\nfor n in range(200_000): {FILES[name]}"
    execution = attack(code, memory_mb=600)
    assert (execution.status, execution.error_type) == ("error", "OSError")
    assert "No space left" in execution.error


@pytest.mark.parametrize("attack", ["notebook"], indirect=True)
def test_names_in_shared_memory_of_a_notebook_are_bounded(attack):
    if attack.isolation.startswith("B"):
        pytest.skip("no /dev/shm")
    code = f"place = '/dev/shm'\nfor n in range(200_000): {FILES['files']}"
    assert attack(code).error_type == "OSError"


ORDINARY = {  # what looks alike and is a script's good right
    "pools (A)": "from multiprocessing import Pool\n"
    "with Pool(3) as pool: assert pool.map(abs, [-1, -2]) == [1, 2]",
    "threads": "from concurrent.futures import ThreadPoolExecutor as T\n"
    "with T(64) as pool: assert sum(pool.map(abs, range(-99, 0))) == 4950",
    "subprocesses": "import subprocess\n"
    "for _ in range(9): assert subprocess.run(['echo', 'x'], capture_output=True).stdout",
    "subprocess in a session of its own": "import subprocess\n"
    "assert subprocess.run(['true'], start_new_session=True).returncode == 0",
    "children that nobody asks for": "for _ in range(150):\n"
    "    os.posix_spawn('/bin/true', ['true'], {})",
    "copies of files": "import shutil\nopen('a', 'wb').write(bytes(10**6))\n"
    "shutil.copy('a', 'b')\nassert os.path.getsize('b') == 10**6",
    "shared memory (A)": "from multiprocessing.shared_memory import SharedMemory\n"
    "one = SharedMemory(create=True, size=10**6); one.close(); one.unlink()",
    "asyncio": "import asyncio, threading\nasync def f():\n"
    "    done = await asyncio.create_subprocess_exec('echo', 'x', stdout=-1)\n"
    "    return (await done.communicate())[0]\nfound = []\n"
    "t = threading.Thread(target=lambda: found.append(asyncio.run(f())))\nt.start(); t.join()\n"
    "assert found == [b'x\\n']",
}


@MODES
def test_what_scripts_need_is_there(attack):
    needed = {n: code for n, code in ORDINARY.items() if attack.setting == "A" or "(A)" not in n}
    execution = attack(together(needed))
    assert (execution.status, execution.error_type) == ("ok", ""), execution.error


@pytest.mark.slow
@cases(ORDINARY)
def test_each_thing_that_scripts_need_is_there(attack, name):
    execution = attack(ORDINARY[name])
    assert (execution.status, execution.error_type) == ("ok", ""), execution.error


# Processes and threads --------------------------------------------------------------------------

NATIVE = """
attributes, thread = ctypes.create_string_buffer(64), ctypes.c_ulong()
libc.pthread_attr_init(attributes)
libc.pthread_attr_setstacksize(attributes, ctypes.c_size_t(16384))
pause = ctypes.cast(libc.pause, ctypes.c_void_p)
def native(): return libc.pthread_create(ctypes.byref(thread), attributes, pause, None) == 0
"""
MANY = {
    "threads": "import threading\nthreading.stack_size(32768)\ntry:\n"
    "    while True: threading.Thread(target=time.sleep, args=(9,), daemon=True).start()\n"
    "except RuntimeError: time.sleep(9)",
    "threads made in C": NATIVE + "while native(): pass\ntime.sleep(9)",
    "processes": "try:\n    while True: os.posix_spawn('/bin/sleep', ['sleep', '9'], {})\n"
    "except OSError: time.sleep(9)",
    "children that have ended": "try:\n"
    "    while True: os.posix_spawn('/bin/true', ['true'], {})\nexcept OSError: time.sleep(9)",
    "threads of several": NATIVE + "for _ in range(6):\n    if os.fork() == 0: break\n"
    "for _ in range(60): native()\ntime.sleep(9)",
    "a bomb of the shell": "import subprocess\n"
    "subprocess.run(['/bin/sh', '-c', 'f() { f | f & }; f; sleep 9'])",
    "a bomb whose parents end": "import subprocess\n"
    "subprocess.run(['/bin/sh', '-c', 'f() { (f &) ; (f &) ; sleep 1; }; f & sleep 9'])",
    "a bomb of sessions": "import subprocess\n"
    'code = \'f() { setsid sh -c "$F" & setsid sh -c "$F" & sleep 9; }; f\'\n'
    "subprocess.run(['/bin/sh', '-c', code], env={**os.environ, 'F': code})",
}


@MODES
@pytest.mark.parametrize("name", MANY)
def test_processes_and_threads_are_bounded(attack, name):
    began = time.monotonic()
    execution = attack(HELP + MANY[name], timeout_s=15.0)
    assert (execution.status, execution.error_type) == ("killed", "ProcessLimit")
    assert time.monotonic() - began < 60


@pytest.mark.parametrize("attack", ["notebook"], indirect=True)
@pytest.mark.parametrize("name", ["threads made in C", "children that have ended"])
def test_those_of_a_notebook_too(attack, name):
    execution = attack(HELP + MANY[name], timeout_s=15.0)
    assert (execution.status, execution.error_type) == ("killed", "ProcessLimit")


# Side by side -----------------------------------------------------------------------------------

INNOCENT = """
import time
from concurrent.futures import ThreadPoolExecutor
for _ in range(20):
    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(lambda x: (time.sleep(.02), x)[1], range(8))) == 28
import subprocess
assert subprocess.run(['true']).returncode == 0
"""
START = "import ctypes, os, time\nlibc = ctypes.CDLL(None, use_errno=True)\n"
HOGS = {
    "as many threads as it may": NATIVE + "for _ in range(240): native()\ntime.sleep(1.5)",
    "more threads than it may": MANY["threads made in C"],
    "children that have ended": MANY["children that have ended"],
    "processes": MANY["processes"],
}


_two_are_warm = {"notebook"}


def beside(attack, options, hog, store=None, **changes):
    """The verdicts of a hog and of an innocent script on two workers."""
    engine = "notebook" if attack.setting == "notebook" else "warm"
    both = replace(options, isolation=attack.isolation, workers=2, engine=engine, **changes)
    if attack.setting not in _two_are_warm:
        _two_are_warm.add(attack.setting)
        warm_up(both)
    scripts = [Script(id="hog", code=START + hog), Script(id="innocent", code=INNOCENT)]
    return {execution.id: execution for execution in run_scripts(scripts, both, store)}


@pytest.mark.parametrize(
    ("attack", "name"),
    [*((mode, name) for mode in "AB" for name in HOGS), ("notebook", "more threads than it may")],
    indirect=["attack"],
)
def test_a_neighbour_has_what_it_is_promised(attack, options, name, tmp_path):
    """In mode B the kernel counts both as one user's: a hog may come first for a moment. Then the
    verdict is not stored at once."""
    with WorkStore(tmp_path / "store") as store:
        found = beside(attack, options, HOGS[name], store)
    assert (found["innocent"].status, found["innocent"].error_type) == ("ok", "")
    assert found["hog"].error_type == ("" if name.startswith("as many") else "ProcessLimit")


@pytest.mark.skipif(os.geteuid() != 0, reason="an ordinary user has one user id")
@pytest.mark.parametrize("attack", ["A"], indirect=True)
@pytest.mark.parametrize("name", ["more threads than it may", "children that have ended"])
def test_so_it_has_where_nobody_watches(attack, options, name, monkeypatch):
    """The kernel counts for each worker apart."""
    unwatched = partial(ScriptLimits, grace_s=1.0, tasks=1 << 20, processes=1 << 20)
    monkeypatch.setattr("viscode.execution.engine.ScriptLimits", unwatched)
    found = beside(attack, options, HOGS[name].replace("sleep(9)", "sleep(1.5)"))
    assert (found["innocent"].status, found["innocent"].error_type) == ("ok", "")
    assert found["hog"].error_type == ""


# A worker and its children, layer by layer ------------------------------------------------------

SIBLINGS = """
import ctypes, os
libc = ctypes.CDLL(None)
for _ in range(150):
    if libc.syscall(56, ctypes.c_ulong(0x8000 | 17), 0, 0, 0, 0) == 0: os._exit(0)
"""


@pytest.fixture
def children():
    """Start processes below a fresh one; its process id."""
    started = []

    def below(code):
        parent = subprocess.Popen(
            [sys.executable, "-c", code + "\nprint(flush=True)\nimport time; time.sleep(60)"],
            stdout=subprocess.PIPE,
            start_new_session=True,
        )
        started.append(parent)
        assert parent.stdout is not None and parent.stdout.readline() == b"\n"
        return parent.pid

    yield below
    for parent in started:
        os.killpg(parent.pid, signal.SIGKILL)
        parent.wait()
        parent.stdout.close()


CHILD = "import os\nr, w = os.pipe()\nif os.fork() == 0:\n"
TELL = "    os.write(w, b'x')\nelse: os.read(r, 1)"
ZOMBIES = (
    "import os\nfor _ in range({}):\n    if (pid := os.fork()) == 0: os._exit(0)\n"
    "    os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)\n"
)


def broken_limit(worker):
    guard = Guard(ScriptLimits(60, 600), [worker], None, lambda: 0.0, lambda: None)
    return guard.broken()


def test_zombies_of_the_worker_do_not_count(children):
    worker = children(ZOMBIES.format(300))
    assert len(descendants(worker)) == 300
    assert broken_limit(worker) == ""


@pytest.mark.parametrize(("number", "broken"), [(150, ""), (300, "ProcessLimit")])
def test_zombies_of_a_script_count_as_tasks_not_as_processes(children, number, broken):
    ended = "    for _ in range({}):\n        if (pid := os.fork()) == 0: os._exit(0)\n"
    ended += "        os.waitid(os.P_PID, pid, os.WEXITED | os.WNOWAIT)\n"
    worker = children(CHILD + ended.format(number) + TELL)
    assert len(descendants(worker)) == number + 1
    assert broken_limit(worker) == broken


@pytest.fixture
def worker(options, request):
    """A worker whose scripts have no walls but a cell of namespaces."""
    crew = Crew(replace(options, isolation="A"), None)
    server = ForkServer(crew.services, crew.limits, warm=False)
    assert server.ready(START_TIMEOUT_S)
    found = Worker(server, crew.services, own_server=True)
    found.limits = crew.limits
    yield found
    found.close()


def result(worker, code):
    script = Script(id="one", code=code)
    return worker.run(script, worker.limits, lambda: False, saved_files=False)


@pytest.fixture
def no_walls(monkeypatch):
    """Scripts of ours alone run so."""
    config = fork_server._server_config
    monkeypatch.setattr(
        fork_server,
        "_server_config",
        lambda *arguments, **named: {**config(*arguments, **named), "walls": False},
    )


def test_a_worker_asks_for_all_its_children(no_walls, worker):
    assert result(worker, SIBLINGS).died is None
    worker.settle()
    worker._stand_alone()
    assert result(worker, "1 / 0").failure == ("ZeroDivisionError", "division by zero")


def test_a_worker_asks_for_them_while_a_script_runs(no_walls, worker):
    seen = "time.sleep(.3)\nassert len(list(filter(str.isdigit, os.listdir('/proc')))) < 10"
    found = result(worker, "import time\n" + SIBLINGS + seen)
    assert (found.killed_for, found.failure) == ("", None)


def test_a_worker_that_holds_something_runs_no_script(worker, children, monkeypatch):
    assert result(worker, "1 / 0").failure is not None
    worker.settle()
    held = "import subprocess\nkept = [subprocess.Popen(['sleep', '60']) for _ in range(2)]"
    worker.pid = children(held)
    monkeypatch.setattr("viscode.execution.worker.END_TIMEOUT_S", 0.1)
    with pytest.raises(EngineFailure, match="holds processes"):
        result(worker, "1 / 0")


# What is read from /proc ------------------------------------------------------------------------


@pytest.mark.parametrize("forks", [0, 3])
def test_a_pipe_counts_once_however_many_have_it_open(children, forks):
    pipes = "    kept = [os.pipe() for _ in range(100)]\n"
    fork = f"    for _ in range({forks}):\n        if os.fork() == 0: break\n"
    tree = processes_below(children(CHILD + pipes + fork + TELL), at_most=9)
    assert 100 * BUFFER_BYTES < exact_bytes(tree) < 200 * BUFFER_BYTES


def test_other_descriptors_count_little_once_they_are_looked_at(children):
    many = "    kept = [os.dup(0) for _ in range(900)]\n"
    tree = processes_below(children(CHILD + many + TELL), at_most=9)
    assert at_most_bytes(tree) > 900 * BUFFER_BYTES
    assert exact_bytes(tree) < 100 * BUFFER_BYTES
