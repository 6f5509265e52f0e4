"""What attacks on the sandbox share: the world outside that must not change, the names that hostile
scripts use, and the `attack` fixture (conftest.py has it for all tests of this folder).
"""

import ctypes
import os
import resource
import select
import socket
import struct
import subprocess
import zlib
from pathlib import Path
from typing import NamedTuple

import pytest

from viscode.core.errors import UserError
from viscode.execution.sandbox import open_sandbox

ROOT = Path(__file__).parents[2]
CANARY = "sk-hostile-canary"
os.environ["VISCODE_HOSTILE_KEY"] = CANARY  # at collection: before any process is warm
NAME = f"hostile{os.getpid()}"  # of a process, inherited by its forks
PLOT = "import matplotlib.pyplot as plt\n"
INNOCENT = (
    PLOT + "import numpy as np, io, json\nplt.plot(np.linspace(0, 1, 5), label='a')\n"
    "plt.title('T'); plt.legend(); plt.savefig(io.BytesIO())\nprint(sorted(json.loads('[2, 1]')))"
)
PRELUDE = f"""
import ctypes, os, socket, stat, struct, signal, json, sys, time
libc = ctypes.CDLL(None, use_errno=True)
libc.prctl(15, b'{NAME}', 0, 0, 0)
def refused(function, *arguments):
    try: function(*arguments)
    except (OSError, ValueError): return
    raise AssertionError('not refused')
def tried(function, *arguments):
    '''Refused in mode A. In mode B it may look like success; the fixture sees what changed.'''
    if os.path.isdir('/sandbox'): return refused(function, *arguments)
    try: function(*arguments)
    except (OSError, ValueError): pass
def sockets():
    found = []
    for number in range(3, 256):
        try:
            if stat.S_ISSOCK(os.fstat(number).st_mode): found.append(number)
        except OSError: pass
    return found
def forge(kind, body=b''):
    if not isinstance(body, bytes): body = json.dumps(body).encode()
    for number in sockets():
        try: os.write(number, struct.pack('=cQ', kind, len(body)) + body)
        except OSError: pass
def shown(png):
    return {{'type': 'display_data', 'content': {{'data': {{'image/png': png}}, 'metadata': {{}}}}}}
def deep(depth):
    value = []
    for _ in range(depth): value = [value]
    return value
"""


class World:
    """Files, a process, listeners and shared memory of the user who runs the program."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        (folder / "inner").mkdir()
        (folder / "secret.txt").write_text(CANARY)
        (folder / "inner/secret.png").write_bytes(png(3, 3, b"\0\xff\0\0" * 30))
        environment = {"SECRET_KEY": CANARY, "PATH": os.environ["PATH"]}
        self.process = subprocess.Popen(["sleep", "infinity"], env=environment)
        self.libc = ctypes.CDLL(None, use_errno=True)
        self.memory = self.libc.shmget(0, 4096, 0o1600)  # IPC_PRIVATE, IPC_CREAT
        self.libc.shmat.restype = ctypes.c_void_p
        self.address = self.libc.shmat(self.memory, None, 0)
        ctypes.memmove(self.address, CANARY.encode(), len(CANARY))
        self.tcp = socket.create_server(("127.0.0.1", 0))
        self.udp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self.udp.bind(("127.0.0.1", 0))
        self.listeners = [self.tcp, self.udp]
        for kind, name in ((socket.SOCK_STREAM, "stream"), (socket.SOCK_DGRAM, "datagram")):
            for address in (str(folder / f"s-{name}"), f"\0viscode-{os.getpid()}-{name}"):
                listener = socket.socket(socket.AF_UNIX, kind)
                listener.bind(address)
                if kind == socket.SOCK_STREAM:
                    listener.listen()
                self.listeners.append(listener)
        self.before = self.state()

    @property
    def names(self) -> str:
        """The world as the attacks name it."""
        return (
            f"FOLDER, PID, MEMORY = {str(self.folder)!r}, {self.process.pid}, {self.memory}\n"
            f"TCP, UDP = {self.tcp.getsockname()}, {self.udp.getsockname()}\n"
            f"ABSTRACT = '\\0viscode-{os.getpid()}-'\nPARENTS = {{PID, os.getppid(), 1}} - {{0}}\n"
            f"ROOT, HOME = {str(ROOT)!r}, {str(Path.home())!r}\n"
        )

    def state(self) -> dict[str, object]:
        """All of it, comparable."""
        pid = self.process.pid
        status = Path(f"/proc/{pid}/status").read_text().splitlines()
        places = [self.folder, *sorted(self.folder.rglob("*"))]
        return {
            "ended": self.process.poll(),
            "process": [one for one in status if one.startswith(("State:\tT", "TracerPid"))],
            "limits": [resource.prlimit(pid, number) for number in range(16)],
            "priority": os.getpriority(os.PRIO_PROCESS, pid),
            "processors": os.sched_getaffinity(pid),
            "files": [(str(p), tuple(p.stat())[:7], p.stat().st_mtime_ns) for p in places],
            "attributes": [os.listxattr(p) for p in places],
            "contents": [p.read_bytes() for p in places if p.is_file()],
            "heard": select.select(self.listeners, [], [], 0)[0],
            "memory": ctypes.string_at(self.address, len(CANARY)),
            "attached": self.libc.shmctl(self.memory, 2, ctypes.create_string_buffer(256)),
        }

    def close(self) -> None:
        self.libc.shmctl(self.memory, 0, None)
        self.libc.shmdt(ctypes.c_void_p(self.address))
        for listener in self.listeners:
            listener.close()
        self.process.kill()
        self.process.wait()


def png(width: int, height: int, pixels: bytes) -> bytes:
    """A PNG whose header and pixels need not fit each other."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(pixels)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )


def survivors() -> list[int]:
    """Processes with the name that attacks give themselves and their forks. One in state X has
    ended and been reaped; on a busy machine its entry stands in /proc for a moment longer."""
    found = []
    for path in Path("/proc").glob("[0-9]*/stat"):
        try:
            name, rest = path.read_text().split("(", 1)[1].rsplit(")", 1)
        except OSError:
            continue
        if name == NAME and rest.split()[0] != "X":
            found.append(int(path.parent.name))
    return found


class Setting(NamedTuple):
    """How attacks run: the mode that a test names, as a Sandbox names it, and the engine."""

    mode: str
    isolation: str
    engine: str


def setting(python: Path, name: str) -> Setting:
    """ "A" and "B" are modes of the warm engine; "notebook" is the strongest mode of the other one,
    "notebook B" its mode B. A mode that this machine does not offer skips the test."""
    try:
        best = open_sandbox(python, "auto").isolation[0]
        if name == "notebook":
            return Setting(best, "auto", "notebook")
        if name == "notebook B":
            return Setting("B", open_sandbox(python, "B").isolation, "notebook")
        isolation = "auto" if best == name else open_sandbox(python, name).isolation[0]
    except UserError as error:
        pytest.skip(str(error))
    return Setting(name, isolation, "warm")


class Peak:
    """The most memory that this process held at once since `start`, in bytes beyond what it had."""

    def start(self) -> None:
        Path("/proc/self/clear_refs").write_text("5")
        self.before = resident()

    def growth(self) -> int:
        lines = Path("/proc/self/status").read_text().splitlines()
        peak = next(int(line.split()[1]) << 10 for line in lines if line.startswith("VmHWM:"))
        return peak - self.before


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * resource.getpagesize()


def cases(table, marks=()):
    """One test per attack and mode; an attack is in both modes unless its name says "(A)"."""
    return pytest.mark.parametrize(
        ("attack", "name"),
        [
            pytest.param(mode, name, id=f"{name}-{mode}", marks=marks)
            for name in table
            for mode in ("A" if name.endswith("(A)") else "AB")
        ],
        indirect=["attack"],
    )


def together(attacks: dict[str, str]) -> str:
    """One script that tries each attack; its error names those that were not refused."""
    return (
        f"ATTACKS, passed = {attacks!r}, []\n"
        "for name, code in ATTACKS.items():\n"
        "    try: exec(code, dict(globals()))\n"
        "    except BaseException as error: passed.append(f'{name}: {error!r}')\n"
        "assert not passed, passed"
    )
