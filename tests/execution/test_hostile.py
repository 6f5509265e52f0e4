"""Hostile scripts against the warm engine, one attack per test.

Each attack has a verdict that is known beforehand. After it nothing outside has changed (`World`)
and no process of it is left; after those that are aimed at the next script or at the machine, and
after every few of the others, an innocent script on the same warm process draws the same image, to
the byte, as before all attacks.
"""

import time
from base64 import b64encode
from dataclasses import replace

import pytest
from hostile_world import CANARY, PLOT, cases, png, together

from viscode.core.records import Script
from viscode.execution.engine import run as run_scripts

pytestmark = pytest.mark.sandbox

# Against what is outside ------------------------------------------------------------------------

DATAGRAMS = (
    "for kind in (socket.SOCK_DGRAM, socket.SOCK_RAW):\n"
    "    try: ends = socket.socketpair(socket.AF_UNIX, kind)\n    except OSError: continue\n"
)
OUTSIDE = {  # each ends well: it asserts that it was refused
    # the first: some of the others leave descriptors open
    "inherited descriptors": "for number in os.listdir('/proc/self/fd'):\n"
    "    try: target = os.readlink('/proc/self/fd/' + number)\n    except OSError: continue\n"
    "    assert target.startswith(('socket:', 'pipe:', 'anon_inode:[event', '/dev/null',"
    " f'/proc/{os.getpid()}/fd')), target",
    "environment": "assert 'canary' not in str(os.environ)\nimport glob\n"
    "found = b''\n"
    "for place in [*glob.glob('/proc/[0-9]*/environ'), f'/proc/{PID}/environ']:\n"
    "    try: found += open(place, 'rb').read()\n    except OSError: pass\n"
    "assert b'canary' not in found",
    "environment in memory": "import ctypes, re\n"
    "for line in open('/proc/self/maps'):\n"
    "    start, end = (int(x, 16) for x in line.split()[0].split('-'))\n"
    "    if 'r' in line.split()[1] and '[v' not in line and 'hostile' not in line:\n"
    "        try: f = open('/proc/self/mem', 'rb'); f.seek(start); text = f.read(end - start)"
    "\n        except (OSError, OverflowError, ValueError): continue\n"
    "        assert not re.search(b'sk-hostile[-]canary', text), line",
    "proc of others": "for pid in PARENTS:\n"
    "    for name in ('maps', 'mem', 'environ', 'stack', 'syscall', 'pagemap', 'root/etc/group'):\n"
    "        refused(lambda: open(f'/proc/{pid}/{name}', 'rb').read(1))\n"
    "    for name in ('fd', 'root', 'cwd/.', 'map_files'): refused(os.listdir,"
    " f'/proc/{pid}/{name}')",
    "write to proc of others": "for pid in PARENTS:\n"
    "    for name in ('oom_score_adj', 'comm', 'clear_refs', 'coredump_filter', 'timerslack_ns'):\n"
    "        refused(lambda: open(f'/proc/{pid}/{name}', 'w').write('1'))",
    "ptrace": "for pid in PARENTS:\n"
    "    for request in (16, 0x4206): assert libc.ptrace(request, pid, None, None) == -1",
    "read and write memory of others": "buffer = ctypes.create_string_buffer(8)\n"
    "record = (ctypes.c_size_t * 2)(ctypes.addressof(buffer), 8)\n"
    "for pid in PARENTS:\n"
    "    for call in (libc.process_vm_readv, libc.process_vm_writev):\n"
    "        assert call(pid, record, 1, record, 1, 0) == -1",
    "kill": "for pid in PARENTS: refused(os.kill, pid, signal.SIGKILL)",
    "kill by descriptor": "for pid in PARENTS:\n"
    "    refused(lambda: signal.pidfd_send_signal(os.pidfd_open(pid), signal.SIGKILL))",
    "descriptors of others": "for pid in PARENTS:\n    try: number = os.pidfd_open(pid)\n"
    "    except OSError: continue\n"
    "    assert libc.syscall(438, number, 1, 0) == -1",
    "kill all (A)": "refused(os.kill, -1, signal.SIGKILL)",
    "stop others": "for pid in PARENTS: refused(os.kill, pid, signal.SIGSTOP)",
    "signal by ownership of a descriptor": "import fcntl\na, b = socket.socketpair()\n"
    "for pid in PARENTS:\n"
    "    try:\n"
    "        fcntl.fcntl(a, fcntl.F_SETOWN, pid); fcntl.fcntl(a, 10, signal.SIGKILL)\n"
    "        fcntl.fcntl(a, fcntl.F_SETFL, os.O_ASYNC)\n    except OSError: continue\n"
    "    b.send(b'x')",
    "limits of others": "import resource\n"
    "for pid in PARENTS: refused(resource.prlimit, pid, resource.RLIMIT_NOFILE, (0, 0))",
    "priority of others": "for pid in PARENTS: refused(os.setpriority, os.PRIO_PROCESS, pid, 19)",
    "processors of others": "for pid in PARENTS: refused(os.sched_setaffinity, pid, {0})",
    "own limits": "import resource\n"
    "for name in ('AS', 'FSIZE', 'CPU', 'NOFILE'):\n"
    "    number = getattr(resource, 'RLIMIT_' + name)\n"
    "    soft, hard = resource.getrlimit(number)\n"
    "    assert hard != resource.RLIM_INFINITY\n"
    "    refused(resource.setrlimit, number, (hard + 1, hard + 1))",
    "shared memory of others": "libc.shmat.restype = ctypes.c_void_p\n"
    "place = libc.shmat(MEMORY, None, 0)\n"
    "assert place == ctypes.c_void_p(-1).value, ctypes.string_at(place, 17)",
    "removal of shared memory": "assert libc.shmctl(MEMORY, 0, None) == -1",
    "files": "for place in (FOLDER + '/secret.txt', ROOT + '/pyproject.toml', '/etc/shadow'):\n"
    "    refused(open, place)",
    "folders": "for place in (FOLDER, ROOT, HOME, '/root', '/var', '/home'):\n"
    "    try: found = os.listdir(place)\n    except OSError: continue\n"
    "    assert set(found) <= {'.venv-plots', '.pyenv'}, (place, found)",
    "writing": "for mode in ('w', 'a', 'r+', 'x'):\n"
    "    refused(open, FOLDER + '/secret.txt', mode)\n    refused(open, FOLDER + '/new', mode)",
    "truncation": "refused(os.truncate, FOLDER + '/secret.txt', 0)",
    "deletion": "import shutil\nfor f in (os.unlink, os.remove, shutil.rmtree):\n"
    "    refused(f, FOLDER + '/secret.txt')\nrefused(shutil.rmtree, FOLDER)",
    "renaming": "refused(os.rename, FOLDER + '/secret.txt', 'mine')\n"
    "refused(os.rename, FOLDER + '/inner', FOLDER + '/outer')\n"
    "open('x', 'w').close(); refused(os.replace, 'x', FOLDER + '/secret.txt')",
    "folder made": "refused(os.mkdir, FOLDER + '/new')\nrefused(os.rmdir, FOLDER + '/inner')",
    "chmod": "tried(os.chmod, FOLDER + '/secret.txt', 0o777)\ntried(os.chmod, FOLDER, 0)",
    "chmod of an open file": "tried(lambda: os.fchmod(os.open(FOLDER, os.O_PATH), 0))\n"
    "tried(lambda: os.chmod(f'/proc/self/fd/{os.open(FOLDER, os.O_PATH)}', 0))",
    "chown": "tried(os.chown, FOLDER + '/secret.txt', 12345, 12345)",
    "times": "tried(os.utime, FOLDER + '/secret.txt', (0, 0))",
    "attributes": "tried(os.setxattr, FOLDER + '/secret.txt', 'user.x', b'1')",
    "hard link out": "open('x', 'w').close(); refused(os.link, 'x', FOLDER + '/new')",
    "hard link in": "refused(os.link, FOLDER + '/secret.txt', 'mine')",
    "symbolic link out": "refused(os.symlink, 'x', FOLDER + '/new')",
    "symbolic link in": "os.symlink(FOLDER, 'link')\nrefused(open, 'link/secret.txt')\n"
    "refused(open, 'link/new', 'w')",
    "fifo": "refused(os.mkfifo, FOLDER + '/new')",
    "the environment's packages": "import numpy\n"
    "refused(open, numpy.__file__, 'a')\n"
    "refused(open, os.path.dirname(numpy.__file__) + '/evil.py', 'w')",
    "devices": "for place in ('/dev/mem', '/dev/kmsg', '/proc/kcore', '/dev/tty', '/dev/sda',"
    " '/dev/fuse', '/dev/kvm'):\n    refused(open, place, 'rb')",
    "TCP": "refused(socket.create_connection, TCP, 1)",
    "UDP": "refused(lambda: socket.socket(socket.AF_INET, socket.SOCK_DGRAM).sendto(b'x', UDP))",
    "HTTP": "import urllib.request\n"
    "refused(urllib.request.urlopen, 'http://%s:%d/' % TCP, None, 1)",
    "HTTP from a subprocess": "import subprocess\n"
    "code = f'import socket; socket.create_connection({TCP}, 1)'\n"
    "assert subprocess.run([sys.executable, '-S', '-c', code], capture_output=True).returncode",
    "unix socket": "refused(lambda: socket.socket(socket.AF_UNIX).connect(FOLDER + '/s-stream'))",
    "abstract unix socket": "refused(lambda: socket.socket(socket.AF_UNIX)"
    ".connect(ABSTRACT + 'stream'))",
    "netlink and raw sockets": "for family, kind in ((16, 3), (17, 3), (2, 3), (38, 5), (40, 1)):\n"
    "    refused(socket.socket, family, kind)",
    "pair to a unix socket": DATAGRAMS
    + "    refused(ends[0].sendto, b'x', FOLDER + '/s-datagram')",
    "pair to an abstract socket": DATAGRAMS
    + "    refused(ends[0].sendto, b'x', ABSTRACT + 'datagram')",
    "pair reconnected": "a, b = socket.socketpair()\n"
    "refused(a.connect, FOLDER + '/s-stream')\nrefused(a.connect, ABSTRACT + 'stream')",
    "namespaces": "for flag in (0x10000000, 0x20000, 0x20000000, 0x40000000):\n"
    "    assert libc.unshare(flag) == -1\n"
    "assert libc.syscall(56, ctypes.c_ulong(0x10000000 | 17), 0, 0, 0, 0) == -1",
    "mounts": "assert libc.mount(b'none', b'/tmp', b'tmpfs', 0, None) == -1\n"
    "assert libc.umount2(b'/proc', 2) == -1\nassert libc.chroot(b'/tmp') == -1\n"
    "assert libc.syscall(430, b'tmpfs', 0) == -1",
    "rare system calls": "for number in (425, 323, 321, 298, 304, 250, 248, 246, 175, 169, 103,"
    " 310, 312, 447):\n    assert libc.syscall(number, 0, 0, 0, 0, 0) == -1 and"
    " ctypes.get_errno() in (1, 38), number",
    "32-bit system calls": "assert libc.syscall(0x40000000 + 41, 2, 1, 0) == -1",
    "privileges": "for f in (os.setuid, os.setgid): refused(f, 1)\nrefused(os.setgroups, [0])\n"
    "status = dict(line.split(':\\t', 1) for line in open('/proc/self/status'))\n"
    "names = ['CapEff', 'CapPrm', 'CapAmb']\n"
    "if os.getuid() == 65534: names += ['CapBnd']  # who never was root cannot drop it\n"
    "held = {int(status[name], 16) for name in names}\n"
    # reading what Landlock allows, where nobody could not (launch.py)
    "assert held == {0} or held == {4} and os.getppid(), held\n"
    "assert status['NoNewPrivs'] == '1\\n' and status['Seccomp'] == '2\\n'",
    "inherited shared memory": "shared = [line for line in open('/proc/self/maps')"
    " if 'ws' in line.split()[1].replace('w-s', 'ws')]\nassert not shared, shared",
    "file of a plotly image": "import plotly.graph_objects as go\n"
    "fig = go.Figure(go.Bar(y=[1]))\n"
    "fig.add_layout_image(source='file://' + FOLDER + '/inner/secret.png')\n"
    "try: fig.to_image(format='png')\nexcept ValueError: pass\nelse: raise AssertionError",
    "address of a plotly image": "import plotly.graph_objects as go\n"
    "fig = go.Figure(go.Bar(y=[1]))\nfig.add_layout_image(source='http://%s:%d/x.png' % TCP)\n"
    "try: fig.to_image(format='png')\nexcept ValueError: pass\nelse: raise AssertionError",
}


@pytest.mark.parametrize("attack", "AB", indirect=True)
def test_everything_outside(attack):
    attacks = {n: c for n, c in OUTSIDE.items() if attack.setting == "A" or "(A)" not in n}
    execution = attack(together(attacks), timeout_s=120.0)
    assert (execution.status, execution.error_type) == ("ok", ""), execution.error
    assert CANARY not in repr(execution)


@cases(OUTSIDE, marks=pytest.mark.slow)
def test_outside(attack, name):
    """Each alone: the fixture then says which one changed something."""
    execution = attack(OUTSIDE[name])
    assert (execution.status, execution.error_type) == ("ok", ""), execution.error
    assert CANARY not in repr(execution)


# Against the machine ----------------------------------------------------------------------------

RESOURCES = {  # name: (code, changed options, status, error types)
    "fork bomb": (
        "while True:\n  try: os.fork()\n  except OSError: pass",
        {"timeout_s": 8.0},
        "killed",
        {"ProcessLimit", "TimeLimit"},  # the latter where others of the machine use up its limit
    ),
    "memory": (
        "kept = []\nwhile True: kept.append(b'x' * 20_000_000)",
        {"memory_mb": 600},
        "killed",
        {"MemoryLimit"},
    ),
    "address space": (
        "import mmap\nkept = [mmap.mmap(-1, 1 << 30) for _ in range(99)]",
        {"memory_mb": 600},
        "error",
        {"OSError", "MemoryError"},
    ),
    "memory of many": (
        "for _ in range(4):\n  if os.fork() == 0:\n    kept = b'x' * 250_000_000\n"
        "    time.sleep(60)\ntime.sleep(60)",
        {"memory_mb": 600},
        "killed",
        {"MemoryLimit"},
    ),
    "disk": (
        "for n in range(8):\n  with open(f'{n}', 'wb') as f:\n"
        "    for _ in range(25): f.write(b'x' * 10_000_000)\ntime.sleep(2)",
        {},
        None,
        {"OSError", "DiskLimit"},
    ),
    "one large file": (
        "with open('x', 'wb') as f:\n  while True: f.write(b'x' * 10_000_000)",
        {},
        "error",
        {"OSError"},
    ),
    "shared memory (A)": (
        "with open('/dev/shm/x', 'wb') as f:\n  while True: f.write(b'x' * 10_000_000)",
        {},
        "error",
        {"OSError"},
    ),
    "descriptors": ("kept = [os.dup(0) for _ in range(9999)]", {}, "error", {"OSError"}),
    "threads": (
        "import threading\n"
        "while True: threading.Thread(target=time.sleep, args=(9,), daemon=True).start()",
        {"timeout_s": 3.0},
        None,
        {"RuntimeError", "ProcessLimit", "MemoryLimit", "KeyboardInterrupt"},
    ),
    "interrupt ignored": (
        "signal.signal(signal.SIGINT, signal.SIG_IGN)\ntime.sleep(99)",
        {"timeout_s": 1.0},
        "killed",
        {"TimeLimit"},
    ),
    "interrupt swallowed": (
        "while True:\n  try: time.sleep(99)\n  except KeyboardInterrupt: pass",
        {"timeout_s": 1.0},
        "killed",
        {"TimeLimit"},
    ),
    "waiting for ever (A)": (
        "import asyncio\nawait asyncio.sleep(1000)",
        {"timeout_s": 1.0},
        "killed",
        {"TimeLimit"},
    ),
    "waiting again and again (A)": (
        "import asyncio\nwhile True:\n  try: await asyncio.sleep(1000)\n"
        "  except BaseException: pass",
        {"timeout_s": 1.0},
        "killed",
        {"TimeLimit"},
    ),
    "signals blocked": (
        "signal.pthread_sigmask(signal.SIG_BLOCK, range(1, 65))\nwhile True: pass",
        {"timeout_s": 1.0},
        "killed",
        {"TimeLimit"},
    ),
    "stopped": (
        "os.kill(os.getpid(), signal.SIGSTOP)",
        {"timeout_s": 1.0},
        "killed",
        {"TimeLimit"},
    ),
    "a child that burns": (
        "if os.fork() == 0:\n  signal.signal(signal.SIGINT, signal.SIG_IGN)\n  while True: pass\n"
        "os.wait()",
        {"timeout_s": 1.0},
        "timeout",
        {"KeyboardInterrupt"},
    ),
    "recursion": (
        "sys.setrecursionlimit(10**9)\ndef f(): return f()\nf()",
        {"memory_mb": 600, "timeout_s": 20.0},
        None,
        {"MemoryLimit", "KernelDied", "MemoryError"},
    ),
    "recursion in C": (
        "sys.setrecursionlimit(10**9)\nx = []\nfor _ in range(10**6): x = [x]\nrepr(x)",
        {},
        None,
        {"KernelDied", "RecursionError"},
    ),
    "segmentation fault": ("ctypes.string_at(0)", {}, "died", {"KernelDied"}),
    "abort": ("os.abort()", {}, "died", {"KernelDied"}),
    "own group": ("os.killpg(0, signal.SIGKILL)", {}, "died", {"KernelDied"}),
    "exit": ("os._exit(0)", {}, "died", {"KernelDied"}),
    "descriptors closed": ("os.closerange(0, 1024)", {}, "died", {"KernelDied"}),
    "execve": ("os.execv('/bin/sleep', ['sleep', '0'])", {}, "died", {"KernelDied"}),
    "daemon": (
        "for _ in range(5):\n  if os.fork() == 0:\n    os.setsid()\n    if os.fork() == 0:\n"
        "      signal.signal(signal.SIGTERM, signal.SIG_IGN)\n      while True: time.sleep(9)\n"
        "    os._exit(0)",
        {},
        "ok",
        {""},
    ),
    "threads left": (
        "import threading\n"
        "def f():\n  while True: print('x')\nthreading.Thread(target=f).start()",
        {},
        "ok",
        {""},
    ),
    "pool left (A)": (
        "import multiprocessing\npool = multiprocessing.Pool(3)\npool.map_async(time.sleep, [99])",
        {},
        "ok",
        {""},
    ),
    "joblib (A)": (
        "from joblib import Parallel, delayed\n"
        "assert Parallel(2)(delayed(abs)(n) for n in (-1, -2)) == [1, 2]",
        {},
        "ok",
        {""},
    ),
    "exit handlers": (
        "import atexit\natexit.register(time.sleep, 99)",
        {"timeout_s": 20.0},
        "ok",
        {""},
    ),
}  # fmt: skip


@cases(RESOURCES)
def test_resources(attack, name):
    code, changes, status, error_types = RESOURCES[name]
    began = time.monotonic()
    execution = attack(code, **changes)
    assert time.monotonic() - began < 90  # on a machine that others use; alone a third of it
    found = (execution.status, execution.error_type, execution.images)
    assert found[0] == status or (status is None and found[0] in ("killed", "error", "died")), found
    assert found[1] in error_types and not found[2], (found, execution.error_message)
    attack.next_is_well()


def test_disk_of_all_files_is_bounded(attack):
    execution = attack(
        "total = 0\ntry:\n  for n in range(9):\n    with open(f'{n}', 'wb') as f:\n"
        "      for _ in range(25): total += f.write(b'x' * 10_000_000)\n"
        "except OSError: print(total)"
    )
    assert 400e6 < int(execution.stdout_head) < 600e6


# Against who listens ----------------------------------------------------------------------------

FAKE = {
    "text": lambda: b"hello",
    "magic": lambda: b"\x89PNG\r\n\x1a\n",
    "truncated": lambda: png(300, 300, b"\0" * 901 * 300)[:60],
    "bomb": lambda: png(100_000, 100_000, b"\0" * 999),
    "large bomb": lambda: png(9000, 9000, b"\0" * (27_001 * 9000)),
    "too few rows": lambda: png(1000, 1000, b"\0" * 999),
}
SHOW = "from IPython.display import publish_display_data as p; p({'image/png': encoded})"
SAVE = "import base64; open('a.png', 'wb').write(base64.b64decode(encoded))"


@pytest.mark.parametrize("name", FAKE)
def test_image_that_is_none(attack, name):
    encoded = f"encoded = {b64encode(FAKE[name]()).decode()!r}\n"
    for code, saved_files in ((SHOW, False), (SAVE, True)):
        execution = attack(encoded + code, saved_files=saved_files)
        found = (execution.status, execution.error_type, execution.images)
        assert found == ("ok", "BadImage", ())


SAVED = {
    "link to a file": "os.symlink(FOLDER + '/inner/secret.png', 'a.png')",
    "link to a folder": "os.symlink(FOLDER + '/inner', 'a')",
    "work folder is a link": "os.chdir('..')\nos.rename('work', 'away')\n"
    "os.symlink(FOLDER + '/inner', 'work')",
    "box full of links": "os.chdir('..')\nfor name in ('home', 'tmp', 'run', 'config'):\n"
    "  try: os.rename(name, 'x' + name)\n  except OSError: continue\n"
    "  os.symlink(FOLDER, name)",
    "pipe": "os.mkfifo('a.png')",
    "device": "os.symlink('/dev/zero', 'a.png')",
    "sparse": "open('a.png', 'wb').truncate(200 << 20)",
    "unreadable folder": "os.makedirs('a/b')\nos.chmod('a/b', 0)\nos.chmod('a', 0)",
    "deep folders": "for _ in range(3000): os.mkdir('d'); os.chdir('d')",
    "many files": "for n in range(5000): open(f'{n}.png', 'wb').write(b'x')",
    "strange names": "for name in (b'\\xff.png', b'a\\nb.png', b'\\x1b[2J.png'):\n"
    "  open(name, 'wb').write(b'x')",
}


@pytest.mark.parametrize("attack", "AB", indirect=True)
@pytest.mark.parametrize("name", SAVED)
def test_folder_that_is_left_behind(attack, name):
    execution = attack(SAVED[name], saved_files=True)
    assert execution.status == "ok", execution.error
    assert execution.images == ()


REPORTS = {  # name: (code, status, error type); no image counts
    # who shares the script's process can report for it: it is believed of itself, and ended
    "done, then an error": ("forge(b'D', {'status': 'ok'})\n1 / 0", "ok", ""),
    "done, then exit": ("forge(b'D', {'status': 'ok'})\nos._exit(1)", "ok", ""),
    "done, then on and on": ("forge(b'D', {'status': 'ok'})\nwhile True: pass", "ok", ""),
    "done, then a drawing": (
        "import matplotlib.pyplot as plt\nforge(b'D', {'status': 'ok'})\nplt.plot([1])",
        "ok",
        "",
    ),
    "done with an image that is none": (
        "forge(b'M', shown('aGVsbG8='))\nforge(b'D', {'status': 'ok'})\nos._exit(0)",
        "ok",
        "BadImage",
    ),
    "image of no base64": ("forge(b'M', shown('\\u00e9'))", "ok", "BadImage"),
    "image of no text": ("forge(b'M', shown({'a': [1]}))", "ok", "BadImage"),
    "messages of no shape": (
        "for body in ([], 1, None, {}, {'type': 5}, {'type': []}, {'type': 'stream'},\n"
        "             {'type': 'stream', 'content': {'name': [], 'text': 5}},\n"
        "             {'type': 'error', 'content': {'traceback': 5}},\n"
        "             {'type': 'display_data', 'content': {'data': [], 'transient': 5}},\n"
        "             {'type': 'update_display_data', 'content': {'transient': {'display_id': 5}}},"
        "\n             {'type': 'clear_output', 'content': {'wait': {}}}):\n"
        "  forge(b'M', body)",
        "ok",
        "",
    ),
    "done of no shape": ("forge(b'D', [])\nos._exit(0)", "died", "KernelDied"),
    "frames of unknown kinds": (
        "for kind in b'QFPHSxyz\\0\\xff': forge(bytes([kind]), b'x')",
        "ok",
        "",
    ),
    "no JSON": ("forge(b'M', b'\\xff{')\nforge(b'M', b'[' * 100_000)", "ok", ""),
    "deep message": (
        "sys.setrecursionlimit(10**6)\n"
        "for depth in (300, 450, 900):\n"
        "  forge(b'M', {'type': 'display_data', 'content': {'data': {'x': deep(depth)}}})",
        "ok",
        "",
    ),
    "deep figure": (
        "sys.setrecursionlimit(10**6)\nfrom IPython.display import publish_display_data as p\n"
        "p({'application/vnd.plotly.v1+json': {'data': deep(400), 'layout': {}}})",
        "ok",
        "RenderError",
    ),
    "deep facts": (
        "sys.setrecursionlimit(10**6)\n"
        "forge(b'M', {'type': 'display_data', 'content': {'data': {\n"
        "  'application/vnd.viscode.facts+json': {'saved': [{'plotly': deep(300)}]}}}})",
        "ok",
        "",
    ),
    "half a frame": (
        "for number in sockets(): os.write(number, struct.pack('=cQ', b'M', 9999) + b'x')\n"
        "os._exit(0)",
        "died",
        "KernelDied",
    ),
    "endless frame": (
        "for number in sockets(): os.write(number, struct.pack('=cQ', b'M', 2**64 - 1))",
        "died",
        "KernelDied",
    ),
    "clock again and again": ("for _ in range(999): forge(b'C')", "ok", ""),
    "renderings of nothing": ("for _ in range(99): forge(b'R', b'{}')", "ok", ""),
    "error of no text": ("forge(b'D', {'status': 'error', 'ename': [], 'evalue': {}})\n"
                         "os._exit(0)", "error", "_"),
    "surrogates in an error": ("raise ValueError('\\ud800')", "error", "ValueError"),
    "surrogates in print": ("print('\\ud800')", "ok", ""),
    "surrogates in a report": (
        "forge(b'D', {'status': 'error', 'ename': '\\ud800', 'evalue': '\\udfff'})\nos._exit(0)",
        "error",
        None,
    ),
    "terminal codes": ("print('\\x1b[2J\\x1b]0;x\\x07')", "ok", ""),
}  # fmt: skip


@cases(dict.fromkeys(f"{name} (A)" for name in REPORTS))
def test_forged_report(attack, name):
    code, status, error_type = REPORTS[name.removesuffix(" (A)")]
    execution = attack(code)
    found = (execution.status, execution.error_type)
    assert found == (status, found[1] if error_type is None else error_type), execution.error
    assert execution.images == ()


FLOODS = {  # name: (code, status, error type)
    "print": ("for _ in range(300): print('x' * 10**6)\n1 / 0", "error", "ZeroDivisionError"),
    "descriptor": (
        "for _ in range(150): os.write(1, b'x' * 10**6); os.write(2, b'x' * 10**6)\n1 / 0",
        "error",
        "ZeroDivisionError",
    ),
    "sockets": (
        "for number in sockets():\n"
        "  try:\n    for _ in range(100): os.write(number, os.urandom(10**6))\n"
        "  except OSError: pass",
        "died",
        "KernelDied",
    ),
    "displays": (
        "from IPython.display import publish_display_data as p\n"
        "for _ in range(150): p({'text/plain': 'x' * 10**6})\n1 / 0",
        "error",
        "ZeroDivisionError",
    ),
    "small messages": (
        "for _ in range(5000): forge(b'M', b'{}')\n1 / 0",
        "error",
        "ZeroDivisionError",
    ),
}


@cases(dict.fromkeys(f"{name} (A)" for name in FLOODS))
def test_flood(attack, name):
    code, status, error_type = FLOODS[name.removesuffix(" (A)")]
    execution = attack(code)
    assert (execution.status, execution.error_type) == (status, error_type)
    assert len(execution.stdout_head) <= 2000


def test_who_does_not_take_its_rendering_is_watched_all_the_same(attack):
    """The answer does not fit into the socket; meanwhile limits hold."""
    code = (
        "import random\n"
        "z = [[random.random() for _ in range(300)] for _ in range(300)]\n"
        "figure = {'data': [{'type': 'heatmap', 'z': z}], 'layout': {}}\n"
        "forge(b'R', {'figure': figure, 'format': 'png', 'width': 3000, 'height': 3000,"
        " 'scale': 1})\n"
        "while True: time.sleep(1)"
    )
    began = time.monotonic()
    execution = attack(code, timeout_s=8.0)
    assert (execution.status, execution.error_type) == ("timeout", "KeyboardInterrupt")
    assert time.monotonic() - began < 60


@pytest.mark.parametrize("size", ["(10_000, 10_000)", "(300, 300)"])
def test_canvas_of_no_size_shows_nothing(attack, size):
    execution = attack(PLOT + f"plt.figure(figsize={size})\nplt.plot([1, 2])")
    assert execution.images == ()
    assert (execution.status, execution.error_type) in {
        ("error", "ValueError"),
        ("error", "MemoryError"),
        ("killed", "MemoryLimit"),
    }


def test_drawn_before_an_exit(attack):
    execution = attack(PLOT + "plt.plot([1, 2])\nplt.show()\nos._exit(0)")
    assert (execution.status, execution.error_type) == ("died", "KernelDied")


LONG = {  # each in a text that is cleaned with regular expressions (verdict.py)
    "data in the source": ("data = '" + "A" * 60_000 + "'; 1 / 0", "ZeroDivisionError"),
    "a long word": ("raise ValueError('x' * 60_000)", "ValueError"),
    "empty lines": ("raise ValueError('\\n' * 60_000)", "ValueError"),
    "a name": ("raise type('E' * 60_000, (Exception,), {})()", "E" * 100),
}


@cases(dict.fromkeys(f"{name} (A)" for name in LONG))
def test_long_texts_do_not_stop_the_program(attack, name):
    code, error_type = LONG[name.removesuffix(" (A)")]
    began = time.process_time()
    execution = attack(code)
    assert (execution.status, execution.error_type) == ("error", error_type)
    assert time.process_time() - began < 4


# Against the next script ------------------------------------------------------------------------

NEXT = {
    "patched classes": "import matplotlib.axes, matplotlib.figure\n"
    "matplotlib.axes.Axes.plot = matplotlib.figure.Figure.savefig = lambda *a, **k: 1 / 0",
    "settings": "import matplotlib\nmatplotlib.rcParams.update({'axes.facecolor': 'red',"
    " 'figure.dpi': 30, 'font.size': 40})\nmatplotlib.rcParamsDefault.clear()",
    "modules deleted": "import numpy, matplotlib, json\nsys.modules.clear()",
    "modules replaced": "import types\n"
    "for name in ('numpy', 'matplotlib', 'matplotlib.pyplot', 'json', 'io'):\n"
    "  sys.modules[name] = types.ModuleType(name)",
    "builtins": "import builtins\nbuiltins.print = builtins.sorted = builtins.len = None",
    "finders": "sys.meta_path.clear(); sys.path.clear(); sys.path_hooks.clear()",
    "numpy in place": "import numpy\nnumpy.linspace = None",
    "shell": "get_ipython().run_cell = None\nget_ipython().display_formatter.formatters.clear()\n"
    "get_ipython().events.callbacks.clear()",
    "environment": "os.environ.clear(); os.umask(0o777); os.nice(5)",
    "working folder gone": "import shutil\nos.chdir('/')\nshutil.rmtree(os.path.expanduser('~'))",
    "start-up files": "import site\n"
    "for folder in (os.path.expanduser('~/.local/lib/python3.11/site-packages'), '.',\n"
    "               os.path.expanduser('~/.ipython/profile_default/startup'), '/tmp',\n"
    "               os.environ['IPYTHONDIR'] + '/profile_default/startup'):\n"
    "  try:\n    os.makedirs(folder, exist_ok=True)\n"
    "    for name in ('sitecustomize', 'usercustomize', 'numpy', 'json', 'matplotlib', '00'):\n"
    "      open(f'{folder}/{name}.py', 'w').write('1 / 0')\n  except OSError: pass",
    "settings on disk": "text = 'axes.facecolor: red\\nfigure.dpi: 30\\n'\n"
    "for place in (os.environ['MPLCONFIGDIR'] + '/matplotlibrc', 'matplotlibrc',\n"
    "              os.environ['XDG_CONFIG_HOME'] + '/matplotlib/matplotlibrc'):\n"
    "  os.makedirs(os.path.dirname(place) or '.', exist_ok=True)\n  open(place, 'w').write(text)",
    "font list": "folder = os.environ['MPLCONFIGDIR']\n"
    "for name in os.listdir(folder): open(f'{folder}/{name}', 'w').write('{}')",
    "signal handlers": "for number in range(1, 32):\n"
    "  try: signal.signal(number, signal.SIG_IGN)\n  except (OSError, ValueError): pass",
    "alarm": "signal.alarm(1); signal.setitimer(signal.ITIMER_REAL, 0.01)\ntime.sleep(5)",
    "collector": "import gc\ngc.disable(); gc.unfreeze(); gc.set_threshold(1)",
    "random generators": "import numpy, random\nnumpy.random.seed(1); random.seed(1)",
}


@pytest.mark.parametrize("attack", "AB", indirect=True)
@pytest.mark.parametrize("name", NEXT)
def test_the_next_script_meets_a_fresh_process(attack, name):
    execution = attack(NEXT[name])
    assert execution.status in ("ok", "error", "died")
    assert execution.images == ()
    attack.next_is_well()


PLACES = """
names = ('HOME', 'TMPDIR', 'MPLCONFIGDIR')
places = ['.', *(os.environ[name] for name in names), '/dev/shm']
"""
LEAVE = """
for place in places:
    try: open(place + '/left-behind', 'w').write('x')
    except OSError: assert place == '/dev/shm'
"""
LOOK = """
for place in places[:-1]: assert 'left-behind' not in os.listdir(place), place
assert not os.path.exists('/dev/shm/left-behind')
"""


@pytest.mark.parametrize("attack", "AB", indirect=True)
def test_nothing_of_a_script_is_left_on_its_disk(attack):
    assert attack(PLACES + LEAVE).status == "ok"
    found = attack(PLACES + LOOK)
    assert found.status == "ok", found.error


SLOW = "open('note-of-other', 'w').write('x')\nimport time\ntime.sleep(3)"
SPY = """
import os, time, glob
time.sleep(1)
found = []
for place in ('/tmp', '/sandbox', '/dev/shm', *glob.glob('/proc/[0-9]*/cwd')):
    for folder, _, names in os.walk(place): found += names
print('note-of-other' in found)
"""


def test_a_script_does_not_see_another_that_runs(attack, options):
    scripts = [Script(id="slow", code=SLOW), Script(id="spy", code=SPY)]
    both = replace(options, isolation=attack.isolation, workers=2)
    found = {e.id: e for e in run_scripts(scripts, both)}
    assert (found["slow"].status, found["spy"].stdout_head) == ("ok", "False\n")
