"""Attacks on the walls themselves: on what belongs to the same user as the scripts do, on every
version of Landlock, for root and an ordinary user, where there are no namespaces; and on the disk.

Everything that the attacks name belongs to the user that scripts run as (neighbour.py), so that
file permissions and user ids refuse nothing.
"""

import json
import os
import shutil
import subprocess
import sys
from functools import partial
from pathlib import Path

import pytest
from hostile_world import PRELUDE, together
from neighbour import NOBODY, Neighbour
from neighbour import PRELUDE as MORE
from ordinary_user import CONTAINED, USER, OrdinaryUser

from viscode.execution import pool, sandbox, services
from viscode.execution.watch import ScriptLimits

pytestmark = pytest.mark.sandbox
ROOT = Path(__file__).parents[2]

REFUSED = {  # each ends well: it asserts that it was refused, or the neighbour has not changed
    "priority of all the user's": (
        "for who in (0, os.getuid()): refused(os.setpriority, os.PRIO_USER, who, 15)"
    ),
    "priority of a group": (
        "for who in (0, os.getpgrp(), NPID): refused(os.setpriority, os.PRIO_PGRP, who, 15)"
    ),
    "priority of a process": "refused(os.setpriority, os.PRIO_PROCESS, NPID, 15)",
    "I/O priority of all the user's": (
        "for who in (0, os.getuid()): call(251, 3, who, 2 << 13 | 7)"
    ),
    "I/O priority of a group": (
        "for who in (0, os.getpgrp(), NPID): call(251, 2, who, 2 << 13 | 7)"
    ),
    "I/O priority of a process": "call(251, 1, NPID, 2 << 13 | 7)",
    "policy": (
        "for policy in (os.SCHED_BATCH, os.SCHED_IDLE, os.SCHED_OTHER | 0x40000000):\n"
        "    refused(os.sched_setscheduler, NPID, policy, os.sched_param(0))"
    ),
    "ordinary policy": (
        "try: os.sched_setscheduler(NPID, os.SCHED_OTHER, os.sched_param(0))\nexcept OSError: pass"
    ),
    "policy by attributes": "call(314, NPID, struct.pack('IIQiIQQQ', 48, 0, 0, 9, 0, 0, 0, 0), 0)",
    "parameters of the policy": "refused(os.sched_setparam, NPID, os.sched_param(0))",
    "processors": "refused(os.sched_setaffinity, NPID, {0})",
    "limits": (
        "import resource\nrefused(resource.prlimit, NPID, resource.RLIMIT_NOFILE, (0, 0))\n"
        "refused(resource.prlimit, NPID, resource.RLIMIT_CPU)"
    ),
    "signal": "refused(os.kill, NPID, signal.SIGSTOP)",
    "signal to a group": "refused(os.kill, -NPID, signal.SIGSTOP)",
    "signal to all": "try: os.kill(-1, signal.SIGSTOP)\nexcept OSError: pass",
    "signal to a thread": "call(200, NPID, 19)\ncall(234, NPID, NPID, 19)",
    "signal by descriptor": (
        "refused(lambda: signal.pidfd_send_signal(os.pidfd_open(NPID), signal.SIGSTOP))"
    ),
    "queued signal": (
        "info = struct.pack('iii', 19, 0, -1) + bytes(116)\ncall(129, NPID, 19, info)"
    ),
    "queued signal to a thread": (
        "info = struct.pack('iii', 19, 0, -1) + bytes(116)\ncall(297, NPID, NPID, 19, info)"
    ),
    "owner of a descriptor": (
        "for give in (lambda: fcntl.fcntl(a, fcntl.F_SETOWN, NPID),\n"
        "             lambda: fcntl.fcntl(a, 15, struct.pack('ii', 1, NPID)),\n"
        "             lambda: fcntl.fcntl(a, 15, struct.pack('ii', 2, NPID)),\n"
        "             lambda: fcntl.fcntl(a, fcntl.F_SETOWN, -NPID),\n"
        "             lambda: fcntl.ioctl(a, 0x8901, struct.pack('i', NPID)),\n"
        "             lambda: fcntl.ioctl(a, 0x8902, struct.pack('i', NPID))):\n"
        "    a, b = socket.socketpair()\n"
        "    try:\n"
        "        give()\n        fcntl.fcntl(a, 10, signal.SIGSTOP)\n"
        "        fcntl.fcntl(a, fcntl.F_SETFL, os.O_ASYNC)\n    except OSError: continue\n"
        "    b.send(b'x')"
    ),
    "timer of a thread": (
        "event = struct.pack('qiii', 0, 19, 4, NPID) + bytes(44)\n"
        "call(222, 1, event, ctypes.create_string_buffer(8))"
    ),
    "message queues": (
        "call(240, b'viscode', os.O_CREAT | os.O_RDWR, 0o600, None)\ncall(241, b'viscode')"
    ),
    "opened neither to read nor to write": (
        "refused(os.open, NNOTE, 3)\nrefused(os.open, NNOTE, 3 | os.O_TRUNC)\n"
        "call(2, NNOTE.encode(), 3, 0)"
    ),
    "opened by its folder": (
        "folder = None\n"
        "try: folder = os.open(NFOLDER, os.O_PATH)\nexcept OSError: pass\n"
        "if folder is not None: refused(lambda: os.open('note.txt', 3, dir_fd=folder))"
    ),
    "opened by a newer call": (
        "call(437, -100, NNOTE.encode(), struct.pack('QQQ', 3, 0, 0), 24)"
    ),
    "emptied while it is read": (
        "refused(os.open, NREAD, os.O_RDONLY | os.O_TRUNC)\n"
        "refused(os.open, NREAD, os.O_RDONLY | os.O_TRUNC | os.O_CREAT)\n"
        "call(437, -100, NREAD.encode(), struct.pack('QQQ', os.O_TRUNC, 0, 0), 24)"
    ),
    "emptied by its path": "for file in (NNOTE, NREAD): refused(os.truncate, file, 0)",
    "leases": (
        "own = os.open('own', os.O_CREAT | os.O_RDWR)\n"
        "for kind in (fcntl.F_RDLCK, fcntl.F_WRLCK): refused(fcntl.fcntl, own, 1024, kind)\n"
        "refused(fcntl.fcntl, os.open('own', os.O_RDONLY), 1024, fcntl.F_RDLCK)"
    ),
    "leases on the environment's files": (
        "import numpy\nfor place in (NREAD, numpy.__file__):\n"
        "    file = os.open(place, os.O_RDONLY)\n"
        "    for kind in (fcntl.F_RDLCK, fcntl.F_WRLCK): refused(fcntl.fcntl, file, 1024, kind)"
    ),
    "notice of changes": "refused(fcntl.fcntl, os.open('.', os.O_RDONLY), 1026, 0x3f)",
    "reading attributes": (
        "refused(os.getxattr, NNOTE, 'user.note')\nrefused(os.listxattr, NNOTE)"
    ),
    "hearing what others do": (
        "heard = libc.inotify_init()\n"
        "assert libc.inotify_add_watch(heard, NFOLDER.encode(), 0xfff) == -1"
    ),
    "flags of a file": (
        "file = os.open(NREAD, os.O_RDONLY)\n"
        "refused(fcntl.ioctl, file, 0x40086602, struct.pack('l', 0x40))\n"
        "refused(fcntl.ioctl, file, 0x401c5820, bytes(28))"
    ),
    "descriptors sent": "a, b = socket.socketpair()\nrefused(socket.send_fds, a, [b'x'], [0])",
    "hidden descriptors": (
        "libc.prctl(4, 0, 0, 0, 0)\n"
        "assert os.path.isdir('/sandbox') or libc.prctl(3, 0, 0, 0, 0) == 1"
    ),
}  # fmt: skip
ORDINARY = """
signal.signal(signal.SIGUSR1, lambda *_: heard.append(1))
heard = []
import threading
os.kill(os.getpid(), signal.SIGUSR1)
signal.raise_signal(signal.SIGUSR1)
signal.pthread_kill(threading.get_ident(), signal.SIGUSR1)
assert heard == [1, 1, 1]
os.setpriority(os.PRIO_PROCESS, 0, 1)
os.sched_setscheduler(0, os.SCHED_OTHER, os.sched_param(0))
a, b = socket.socketpair()
b.send(b'x')
assert a.recv(1) == b'x'
import tempfile, shutil
with tempfile.TemporaryFile() as stream: stream.write(b'x'); stream.truncate(0)
with open('own', 'w') as stream: stream.write('x')
fcntl.flock(os.open('own', os.O_RDONLY), fcntl.LOCK_SH)
shutil.copy2('own', 'copy'); os.replace('copy', 'copied'); assert os.path.getsize('copied') == 1
with open('own', 'w') as stream: assert not stream.isatty()
"""


@pytest.fixture
def neighbour():
    found = Neighbour(NOBODY)
    yield found
    after = found.state()
    found.close()
    assert after == found.before


@pytest.mark.slow
@pytest.mark.parametrize("attack", "B", indirect=True)
@pytest.mark.parametrize("name", REFUSED)
def test_refused(attack, neighbour, name):
    """Each alone, in mode B; all together, in all modes and versions, below."""
    execution = attack(MORE + neighbour.names + REFUSED[name])
    assert (execution.status, execution.error_type) == ("ok", ""), execution.error


@pytest.mark.parametrize("attack", ["A", "B", "notebook"], indirect=True)
def test_what_ordinary_scripts_do_is_allowed(attack):
    execution = attack(MORE + ORDINARY)
    assert (execution.status, execution.error_type) == ("ok", ""), execution.error


STATE = """
libc = __import__('ctypes').CDLL(None)
import os, resource
print(os.getpriority(os.PRIO_PROCESS, 0), libc.syscall(252, 1, 0), os.sched_getscheduler(0),
      os.sched_getaffinity(0), os.sched_getparam(0).sched_priority, os.umask(0),
      [resource.getrlimit(n) for n in range(16)], libc.prctl(30, 0, 0, 0, 0))
"""
CHANGE = """
import resource
for kind in (os.PRIO_PROCESS, os.PRIO_PGRP, os.PRIO_USER):
    for who in (0, os.getpid(), os.getpgrp(), os.getuid(), os.getppid()):
        try: os.setpriority(kind, who, 15)
        except OSError: pass
        for _ in range(2): libc.syscall(251, kind + 1, who, 3 << 13)
for pid in (0, os.getppid()):
    for change in (lambda: os.sched_setscheduler(pid, os.SCHED_BATCH, os.sched_param(0)),
                   lambda: os.sched_setaffinity(pid, {max(os.sched_getaffinity(0))}),
                   lambda: resource.prlimit(pid, resource.RLIMIT_CORE, (0, 0)),
                   lambda: resource.prlimit(pid, resource.RLIMIT_NOFILE, (64, 64))):
        try: change()
        except OSError: pass
libc.prctl(29, 10**9, 0, 0, 0)
os.umask(0o777)
"""


@pytest.mark.parametrize("attack", "AB", indirect=True)
def test_the_next_script_inherits_no_priority_policy_or_limit(attack):
    before = attack(STATE)
    assert attack(CHANGE).status == "ok"
    after = attack(STATE)
    assert before.stdout_head.startswith(f"{os.getpriority(os.PRIO_PROCESS, 0)} "), before.error
    assert after.stdout_head == before.stdout_head


# Every version of Landlock, every user ----------------------------------------------------------


def all_of_them(names: str) -> str:
    """One script that tries each attack; an error names those that were not refused."""
    return PRELUDE + MORE + names + together({**REFUSED, "what ordinary scripts do": ORDINARY})


@pytest.fixture
def landlock(request, monkeypatch):
    """As if the kernel's version were the parameter."""
    monkeypatch.setattr(sandbox, "LANDLOCK_AT_MOST", request.param)
    monkeypatch.setattr(services, "_opened", opened := {})
    yield request.param
    for one in opened.values():
        if id(one) in pool._opened:
            pool._opened.pop(id(one)).close()
        one.close()


SHORT = {(1, "B"), (3, "B"), (5, "B"), (7, "A"), (7, "notebook"), (1, "notebook B")}
LONG = [
    pytest.param(version, mode, id=f"{version}-{mode}", marks=marks)
    for version in range(1, 8)
    for mode in ("A", "B", "notebook", "notebook B")
    for marks in ([] if (version, mode) in SHORT else [pytest.mark.slow],)
]


@pytest.mark.parametrize(("landlock", "attack"), LONG, indirect=True)
def test_refused_on_every_version_of_landlock(landlock, attack, neighbour):
    execution = attack(all_of_them(neighbour.names))
    assert (execution.status, execution.error_type) == ("ok", ""), execution.error
    attack.next_is_well()


ADDRESSES = {
    "shapes": "go.Choropleth(geojson=URL, locations=['a'], z=[1])",
    "style of a map": "go.Figure(go.Scattermapbox(lat=[1]), {'mapbox': {'style': URL}})",
    "topojson": "go.Figure(go.Scattergeo(lat=[1], lon=[1]))",
}


@pytest.mark.parametrize(
    ("landlock", "attack"), [(1, "B"), pytest.param(3, "B", marks=pytest.mark.slow)], indirect=True
)
def test_the_renderer_reaches_no_network_on_an_old_version(landlock, attack):
    """That nobody was heard is the fixture's assertion."""
    tried = "".join(
        f"try: go.Figure({figure}).to_image(format='png')\nexcept ValueError: pass\n"
        for figure in ADDRESSES.values()
    )
    code = "import plotly.graph_objects as go\nURL = 'http://%s:%d/x.json' % TCP\n"
    assert attack(code + tried, timeout_s=120.0).status == "ok"
    attack.next_is_well()


# The disk, where no tmpfs bounds it -------------------------------------------------------------

FILL = """
def fill(name, megabytes=15):
    file = os.open(name, os.O_CREAT | os.O_RDWR)
    for _ in range(megabytes): os.write(file, bytes(1 << 20))
    return file
"""
TOO_MUCH = {  # more than 32 MB or 2000 entries each
    "deleted and open": (
        "kept = []\nfor n in range(4): kept.append(fill('x')); os.unlink('x')\ntime.sleep(9)"
    ),
    "without a name from the start": (
        "import tempfile\nkept = [tempfile.TemporaryFile() for _ in range(4)]\n"
        "for stream in kept: stream.write(bytes(15 << 20)); stream.flush()\ntime.sleep(9)"
    ),
    "deleted and open in many": (
        "for n in range(4):\n"
        "    if os.fork() == 0: file = fill(f'{n}'); os.unlink(f'{n}'); time.sleep(9)\n"
        "time.sleep(9)"
    ),
    "deleted and mapped": (
        "import mmap\nkept = []\nfor n in range(4):\n"
        "    file = fill('x'); kept.append(mmap.mmap(file, 4096)); os.close(file); os.unlink('x')\n"
        "time.sleep(9)"
    ),
    "deleted and run": (
        "import subprocess\nprogram = open('/bin/sleep', 'rb').read() + bytes(15 << 20)\n"
        "for n in range(4):\n"
        "    file = os.open('x', os.O_CREAT | os.O_WRONLY, 0o755)\n"
        "    os.write(file, program); os.close(file)\n"
        "    subprocess.Popen(['./x', '9']); time.sleep(0.1); os.unlink('x')\n"
        "time.sleep(9)"
    ),
    "paths beyond PATH_MAX": (
        "for _ in range(30): os.mkdir('d' * 200); os.chdir('d' * 200)\n"
        "for n in range(4): os.close(fill(f'{n}'))\ntime.sleep(9)"
    ),
    "many levels": (
        "for _ in range(1500): os.mkdir('d'); os.chdir('d')\n"
        "for n in range(4): os.close(fill(f'{n}'))\ntime.sleep(9)"
    ),
    "empty files": (
        "for n in range(3000): os.close(os.open(f'{n}', os.O_CREAT | os.O_WRONLY))\ntime.sleep(9)"
    ),
    "empty folders": "for n in range(3000): os.mkdir(f'{n}')\ntime.sleep(9)",
    "links": "for n in range(3000): os.symlink('x', f'{n}')\ntime.sleep(9)",
    "a folder that is moved to and fro": (
        "os.makedirs('a/b/c/d')\nfor n in range(200): os.mkdir(f'a/b/c/d/{n}')\n"
        "os.mkdir('away')\n"
        "for n in range(4): os.close(fill(f'a/b/c/d/{n}/x'))\n"
        "while True:\n"
        "    os.rename('a/b/c', 'away/c')\n    os.rename('away/c', 'a/b/c')"
    ),
    "a folder that is shut": (
        "os.mkdir('shut', 0o300)\nfor n in range(4): os.close(fill(f'shut/{n}'))\ntime.sleep(9)"
    ),
    "elsewhere in the box": (
        "for name in ('HOME', 'TMPDIR', 'MPLCONFIGDIR', 'XDG_RUNTIME_DIR'):\n"
        "    os.close(fill(os.environ[name] + '/x'))\ntime.sleep(9)"
    ),
}  # fmt: skip
NOT_MUCH = {
    "hard links": "os.close(fill('x', 10))\nfor n in range(40): os.link('x', f'{n}')",
    "holes": "for n in range(9): open(f'{n}', 'wb').truncate(100 << 20)",
    "files written again": "for n in range(9): os.close(fill('x'))",
    "files deleted": "for n in range(9): os.close(fill('x')); os.unlink('x')",
    "one file open many times": (
        "fill('x')\nkept = [os.open('x', os.O_RDONLY) for _ in range(20)]\nos.unlink('x')"
    ),
}  # fmt: skip


@pytest.fixture
def little_disk(monkeypatch):
    """A limit that is soon reached. A tmpfs that is there already keeps its size."""
    limits = partial(ScriptLimits, grace_s=1.0, disk_mb=32)
    monkeypatch.setattr("viscode.execution.engine.ScriptLimits", limits)
    monkeypatch.setattr("viscode.execution.disk.ENTRIES", 2000)


FEW = ("deleted and open", "paths beyond PATH_MAX", "a folder that is shut")


@pytest.mark.parametrize(
    ("attack", "name"),
    [
        pytest.param(mode, name, id=f"{name}-{mode}", marks=marks)
        for name in TOO_MUCH
        for mode in ("B", "notebook", "notebook B")
        for marks in (
            [] if mode == "B" or (mode == "notebook" and name in FEW) else [pytest.mark.slow],
        )
    ],
    indirect=["attack"],
)
def test_too_much_on_the_disk(attack, little_disk, name):
    execution = attack(FILL + TOO_MUCH[name], timeout_s=8.0)
    assert (execution.status, execution.error_type) == ("killed", "DiskLimit"), execution.error


@pytest.mark.parametrize("attack", "B", indirect=True)
@pytest.mark.parametrize("name", NOT_MUCH)
def test_not_much_on_the_disk(attack, little_disk, name):
    execution = attack(f"{FILL}{NOT_MUCH[name]}\ntime.sleep(0.3)")
    assert (execution.status, execution.error_type) == ("ok", ""), execution.error


# Users and machines -----------------------------------------------------------------------------

SHUT = """
os.mkdir('shut', 0o300)
for n in range(5): os.close(fill(f'shut/{n}', 150))
time.sleep(9)
"""
HIDDEN = """
libc.prctl(4, 0, 0, 0, 0)
kept = []
for n in range(5): kept.append(fill('x', 150)); os.unlink('x')
time.sleep(9)
"""
UNREADABLE = """
import shutil, subprocess
with open('/bin/sleep', 'rb') as stream: program = stream.read()
file = os.open('sleep', os.O_CREAT | os.O_WRONLY, 0o111)
os.write(file, program); os.close(file)
kept = []
for n in range(5): kept.append(fill('x', 150)); os.unlink('x')
for file in kept: os.set_inheritable(file, True)
subprocess.Popen(['./sleep', '30'], close_fds=False)
for file in kept: os.close(file)
time.sleep(20)
"""
LATER = "\nimport time\ntime.sleep(3)"  # it is looked at for a while
ASK = """
import sys
from pathlib import Path
from viscode.execution.sandbox import open_sandbox
found = open_sandbox(Path(sys.argv[1]), "auto")
print(found.isolation, found.why)
"""
EVERYWHERE = """
import json, os, sys
from pathlib import Path
from viscode.execution.sandbox import open_sandbox
for name, place in json.loads(sys.argv[1]).items():
    if os.fork() == 0:
        os.umask(place.pop("umask", 0o022))
        os.chdir(place.pop("cwd"))
        os.environ.update(place)
        found = open_sandbox(Path(sys.argv[2]), "auto")
        print(f"{name}: {found.isolation} {found.why}", flush=True)
        os._exit(0)
    os.wait()
"""
PYTHON = ROOT / ".venv-plots/bin/python"
PLACES = {  # what may be odd about the place that the program starts from
    "home is the root": {"HOME": "/"},
    "home is a system folder": {"HOME": "/usr"},
    "home holds the programs": {"HOME": "/usr/local"},
    "home is a folder of programs": {"HOME": "/usr/sbin"},
    "home is not there": {"HOME": "/nonexistent"},
    "home is empty": {"HOME": ""},
    "home is no path": {"HOME": "somewhere"},
    "home is the temporary folder": {"HOME": "/tmp"},
    "home is below it": {"HOME": "/tmp/some/where"},
    "works in the root": {"cwd": "/"},
    "works in a system folder": {"cwd": "/usr/lib"},
    "works in the temporary folder": {"cwd": "/tmp"},
    "umask": {"umask": 0o077},
    "umask, home is the root": {"umask": 0o077, "HOME": "/"},
    "temporary folder by a relative path": {"TMPDIR": "below"},
    "temporary folder by a link": {"TMPDIR": "link"},
}


@pytest.fixture
def places(tmp_path):
    (tmp_path / "below").mkdir()
    (tmp_path / "link").symlink_to("below")
    return tmp_path


def in_place(odd, places, code, *arguments):
    """Run code of ours there; what it printed and what it complained of."""
    settings = {name: value for name, value in odd.items() if name.isupper()}
    if settings.get("TMPDIR") == "link":
        settings["TMPDIR"] = str(places / "link")
    done = subprocess.run(
        [sys.executable, "-c", code, *map(str, arguments)], capture_output=True, text=True,
        cwd=odd.get("cwd", places), umask=odd.get("umask", -1), env={**os.environ, **settings},
        check=False,
    )  # fmt: skip
    return done.stdout, done.stderr


def test_the_strongest_mode_is_taken_wherever_the_program_starts(places):
    """Each place in a fork of one program, which has asked for nothing yet."""
    odd = {name: {"cwd": str(places), **place} for name, place in PLACES.items()}
    odd["temporary folder by a link"]["TMPDIR"] = str(places / "link")
    out, err = in_place({}, places, EVERYWHERE, json.dumps(odd), PYTHON)
    assert (out.splitlines(), err) == ([f"{name}: A " for name in PLACES], "")


RUN = "import sys\nfrom viscode.cli.main import main\nmain(sys.argv[1:])"
PLOT = "import matplotlib.pyplot as plt\nplt.plot([1, 2])\nplt.show()"
ODD = [
    ({"cwd": ROOT, "HOME": "/", "umask": 0o077}, "auto"),
    ({"cwd": ROOT, "HOME": "/", "umask": 0o077}, "B"),
    ({"cwd": ROOT, "TMPDIR": "link"}, "B"),
]


@pytest.mark.parametrize(("odd", "isolation"), ODD)
@pytest.mark.parametrize("engine", ["warm", pytest.param("notebook", marks=pytest.mark.slow)])
def test_scripts_draw_wherever_the_program_starts(attack, places, odd, isolation, engine):
    (places / "plot.py").write_text(PLOT)
    settings = ("--no-store", "--isolation", isolation, "--engine", engine)
    out, err = in_place(
        odd, places, RUN, "run", *settings, "--out", places / "out", places / "plot.py"
    )
    found = json.loads(out)
    assert (found["status"], len(found["images"]), found["isolation"]) == (
        "ok", 1, "A" if isolation == "auto" else "B",
    ), (found, err)  # fmt: skip


CONTAINER = f"""
import os, sys
sys.path.insert(0, {str(ROOT)!r})
from viscode.execution.inside import seccomp
seccomp.restrict(sockets=True)  # as usual containers: no namespaces, no mounts, no tracing
os.execv(sys.executable, [sys.executable, "-c", *sys.argv[1:]])
"""


@pytest.mark.parametrize("engine", ["warm", pytest.param("notebook", marks=pytest.mark.slow)])
def test_where_there_are_no_namespaces(attack, places, neighbour, engine):
    """`auto` gives B and says why in one line; no attack passes."""
    (places / "a.py").write_text(all_of_them(neighbour.names))
    (places / "b.py").write_text(PLOT)
    settings = ("--no-store", "--engine", engine, "--out", places / "out")
    files = (places / "a.py", places / "b.py")
    out, err = in_place({"cwd": ROOT}, places, CONTAINER, RUN, "run", *settings, *files)
    assert len(out.splitlines()) == 2, err
    tried, drawn = map(json.loads, out.splitlines())
    assert (tried["isolation"], tried["status"], drawn["status"]) == ("B", "ok", "ok"), tried
    assert len(drawn["images"]) == 1
    warned = [line for line in err.splitlines() if "isolation" in line]
    assert warned == [
        "viscode: warning: isolation B: no mode A on this machine (clone: Operation not permitted)"
    ]


@pytest.mark.parametrize("engine", ["warm", pytest.param("notebook", marks=pytest.mark.slow)])
def test_root_in_a_container(tmp_path, neighbour, engine):
    """It may trace no process, so it does not see by itself what scripts keep on the disk."""
    container = OrdinaryUser(tmp_path, CONTAINED)
    codes = (all_of_them(neighbour.names), PLOT + LATER, PRELUDE + FILL + HIDDEN)
    files = [tmp_path / f"{n}.py" for n in range(len(codes))]
    for file, code in zip(files, codes, strict=True):
        file.write_text(code)
    settings = ("--no-store", "--engine", engine, "--out", container.home / "out")
    done = container.python(CONTAINER, RUN, "run", *settings, *files)
    tried, drawn, filled = map(json.loads, done.stdout.splitlines())
    assert (tried["isolation"], tried["status"]) == ("B", "ok"), tried
    assert (drawn["status"], len(drawn["images"])) == ("ok", 1)
    assert (filled["status"], filled["error_type"]) == ("killed", "DiskLimit")


def test_neither_namespaces_nor_landlock_is_one_line(places):
    code = f"from viscode.execution import sandbox\nsandbox.LANDLOCK_AT_MOST = 0\n{ASK}"
    _, err = in_place({}, places, CONTAINER, code, PYTHON)
    assert "no mode A on this machine (clone: Operation not permitted)" in err.splitlines()[-1]
    assert "no mode B on this machine (no Landlock)" in err.splitlines()[-1]


def test_the_doctor_says_why(places):
    code = "from viscode.cli import doctor\nfor one in doctor.scripts(): print(one.name, one.found)"
    out, _ = in_place({"cwd": ROOT}, places, CONTAINER, code)
    assert out.splitlines()[0] == (
        "sandbox isolation B: no mode A on this machine (clone: Operation not permitted)"
    )


def test_a_user_without_name_and_home(as_user):
    done = as_user.python(ASK, PYTHON, HOME=None)
    assert (done.stdout, done.stderr) == ("A \n", "")


BEFORE = "import viscode.execution.sandbox as s\ns.LANDLOCK_AT_MOST = {}"
USERS = [
    pytest.param(version, mode, engine, id=f"{version}-{mode}-{engine}", marks=marks)
    for version in (1, 3, 5, 99)
    for mode in "AB"
    for engine in ("warm", "notebook")
    for marks in (
        [] if (version, engine) in ((1, "warm"), (99, "notebook")) else [pytest.mark.slow],
    )
]


@pytest.mark.parametrize(("version", "mode", "engine"), USERS)
def test_refused_to_an_ordinary_user(as_user, tmp_path, version, mode, engine):
    """Whoever is not root owns more of what could be attacked: here the files that mode B reads."""
    theirs = Neighbour(USER)
    try:
        secret = tmp_path / "home/secret.txt"
        secret.write_text("mine")
        shutil.chown(secret, USER, USER)
        spy = f"from pathlib import Path\nprint(Path({str(secret)!r}).read_text())"
        codes = (all_of_them(theirs.names), PLOT + LATER, spy)
        files = [tmp_path / f"{n}.py" for n in range(len(codes))]
        for file, code in zip(files, codes, strict=True):
            file.write_text(code)
        settings = ("--isolation", mode, "--engine", engine, "--out", tmp_path / "home/out")
        tried, drawn, spied = as_user(*settings, *files, before=BEFORE.format(version))
        assert tried["status"] == "ok", tried
        assert (drawn["status"], len(drawn["images"])) == ("ok", 1), drawn
        assert tried["isolation"] == drawn["isolation"] == spied["isolation"] == mode
        assert spied["error_type"] in ("FileNotFoundError", "PermissionError")
        assert theirs.state() == theirs.before
    finally:
        theirs.close()


@pytest.mark.slow
@pytest.mark.parametrize("engine", ["warm", "notebook"])
@pytest.mark.parametrize("code", [SHUT, HIDDEN, UNREADABLE])
def test_too_much_on_the_disk_of_an_ordinary_user(as_user, tmp_path, engine, code):
    (tmp_path / "a.py").write_text(PRELUDE + FILL + code)
    settings = ("--isolation", "B", "--engine", engine, "--out", tmp_path / "home/out")
    (found,) = as_user(*settings, tmp_path / "a.py")
    assert (found["status"], found["error_type"]) == ("killed", "DiskLimit"), found
