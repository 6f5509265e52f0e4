"""Attacks on the walls themselves: on what belongs to the same user as the scripts do, on every
version of Landlock, for root and an ordinary user, where there are no namespaces; and on the disk.

Everything that the attacks name belongs to the user that scripts run as (neighbour.py), so that
file permissions and user ids refuse nothing.
"""

import json
import os
import subprocess
import sys
import textwrap
import time
from functools import partial
from pathlib import Path

import pytest
from hostile_world import PRELUDE, cases
from neighbour import NOBODY, Neighbour
from neighbour import PRELUDE as MORE
from ordinary_user import USER

from viscode.execution import pool, sandbox, services
from viscode.execution.disk import Usage
from viscode.execution.watch import Limits

pytestmark = pytest.mark.sandbox
ROOT = Path(__file__).parents[2]
INSIDE = ROOT / "viscode/execution/inside"

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
    assert found.state() == found.before
    found.close()


@cases(REFUSED)
def test_refused(attack, neighbour, name):
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
    assert before.status == "ok" and after.stdout_head == before.stdout_head


# Every version of Landlock, every user ----------------------------------------------------------


def all_of_them(names: str) -> str:
    """One script that tries each attack and prints the names of those that were not refused."""
    own = {**REFUSED, "what ordinary scripts do": ORDINARY}
    return (
        f"{PRELUDE}{MORE}{names}ATTACKS = {own!r}\n"
        "for name, code in ATTACKS.items():\n"
        "    try: exec(code, dict(globals()))\n"
        "    except BaseException as error: print(name, repr(error))\n"
        "print('all tried')"
    )


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


LONG = [
    pytest.param(version, mode, id=f"{version}-{mode}", marks=marks)
    for version in range(1, 8)
    for mode in ("A", "B", "notebook", "notebook B")
    for marks in ([] if mode == "B" and version in (1, 3, 5) else [pytest.mark.slow],)
]


@pytest.mark.parametrize(("landlock", "attack"), LONG, indirect=True)
def test_refused_on_every_version_of_landlock(landlock, attack, neighbour):
    execution = attack(all_of_them(neighbour.names))
    assert (execution.status, execution.stdout_head) == ("ok", "all tried\n"), execution.error


ADDRESSES = {
    "shapes": "go.Choropleth(geojson=URL, locations=['a'], z=[1])",
    "style of a map": "go.Figure(go.Scattermapbox(lat=[1], lon=[1])).update_layout(mapbox_style=URL)",
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
