"""The outer half of the sandbox: what a script may see, and how it is ended.

`inside/launch.py` and `inside/confine.py` build the walls; this module writes their configuration
and asks once per process which mode the machine allows:

- "A": user, mount, pid, network, ipc and uts namespaces with a root folder of the little that
  scripts need, no privileges, Landlock, seccomp, limits.
- "B", without namespaces: no privileges, Landlock, seccomp, limits. Scripts see each other's and
  the user's processes, but cannot signal, trace or read them; they have no /dev/shm.
- "none", only where the user asked for it: limits. Scripts have the user's rights.

`auto` takes A, else B, else refuses. The mode stands in every execution.
"""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from viscode.core.errors import UserError
from viscode.execution.inside.launch import DEVICES
from viscode.execution.inside.linux import NOBODY
from viscode.execution.interpreter import Interpreter, interpreter
from viscode.execution.scratch import Scratch
from viscode.libraries.registry import ENVIRONMENT

INSIDE = Path(__file__).parent / "inside"
INSIDE_AT = "/opt/viscode"  # where the sandbox sees `inside/`
BOX_AT = "/sandbox"  # where the sandbox sees its writable folder
SYSTEM = (
    *("/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/libx32"),
    *("/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime"),
)
READABLE_B = (  # what mode B may read besides the interpreter; no fonts, as in mode A
    *("/usr/bin", "/usr/sbin", "/usr/lib", "/usr/lib32", "/usr/lib64", "/usr/libexec"),
    *("/usr/local/bin", "/usr/local/lib", "/usr/share/zoneinfo", "/bin", "/sbin", "/lib"),
    *("/lib32", "/lib64", "/libx32", "/etc/ld.so.cache", "/etc/alternatives", "/etc/localtime"),
    *("/etc/passwd", "/etc/group", "/etc/hosts", "/sys/devices/system/cpu", "/proc/self"),
    *("/proc/cpuinfo", "/proc/meminfo", "/proc/stat", "/proc/loadavg", "/proc/sys/kernel"),
)
FONTS = ("/usr/share/fonts", "/usr/local/share/fonts")  # hidden: images must not depend on them
STOP_GRACE_S = 5.0
SHM_MB = 256
FILE_BYTES = 256 << 20
PROCESSES = 384  # threads included; a script is seen to be over its own limit before (watch.py)
OWN_THREADS = 64  # of helper processes that run as the same user
OPEN_FILES = 1024
LANDLOCK_AT_MOST = 99  # versions above it are used as if they were this one; lower in tests alone
Walls = Literal["none", "later", "sockets", "no_sockets"]
_modes: dict[tuple[Path, str], tuple[str, str]] = {}
_lock = threading.Lock()


@dataclass(frozen=True)
class Sandbox:
    """How commands are confined: the interpreter they may see, and the kind of walls."""

    interpreter: Interpreter
    isolation: str  # "A", "B" or "none"
    why: str = ""  # no stronger one was taken; "" where this is the strongest, or was asked for
    landlock_at_most: int = field(default_factory=lambda: LANDLOCK_AT_MOST)

    @property
    def namespaces(self) -> bool:
        return self.isolation.startswith("A")

    def box_path(self, scratch: Scratch) -> str:
        """The path of the writable folder as the script sees it."""
        return BOX_AT if self.namespaces else str(scratch.box)

    @property
    def inside(self) -> str:
        """The folder `inside/` as the sandbox sees it."""
        return INSIDE_AT if self.namespaces else str(INSIDE)

    def program(self, name: str, *arguments: str) -> list[str]:
        """What the interpreter is to be given to run a module of `inside/`."""
        return [f"{self.inside}/start.py", name, *arguments]

    def limits(self, cpu_s: float) -> dict[str, int]:
        """Limits of one process by the names of `resource`; AS is a margin (confine.py)."""
        limits = {"CPU": max(1, int(cpu_s)), "FSIZE": FILE_BYTES, "NOFILE": OPEN_FILES, "CORE": 0}
        if self.isolation != "none":
            alone = self.namespaces and _kernel_version() >= (5, 14)  # before: not per namespace
            limits["NPROC"] = PROCESSES if alone else processes_beside(1)
        return limits

    def readable(self) -> list[str]:
        """Where Landlock lets a script read and execute."""
        if self.namespaces:
            return ["/"]
        return [*READABLE_B, *map(str, self.interpreter.prefixes), str(INSIDE)]

    def writable(self, scratch: Scratch) -> list[str]:
        """Where Landlock lets a script do anything."""
        shared = ["/tmp", "/dev/shm"] if self.namespaces else []
        return [self.box_path(scratch), *shared, *(f"/dev/{name}" for name in DEVICES)]

    def command(
        self,
        scratch: Scratch,
        argv: list[str],
        limits: dict[str, int],
        walls: Walls,
        opened_in_b: tuple[str, ...] = (),
    ) -> list[str]:
        """Write the launcher's configuration; returns the command that starts it.

        `argv` holds paths as the sandbox sees them and runs in the box's work folder. `walls`:
        whether the command may open sockets, or, "later", raises the walls itself.
        `opened_in_b`: where it may do anything in mode B besides.
        """
        python = str(self.interpreter.python)
        config = {
            "argv": [python, *argv],
            "env": environment(self.box_path(scratch), python),
            "namespaces": self.namespaces,
            "walls": "none" if self.isolation == "none" else walls,
            "readable": self.readable(),
            "writable": [*self.writable(scratch), *(() if self.namespaces else opened_in_b)],
            "box": str(scratch.box),
            "root": str(scratch.path / "root"),
            "system": SYSTEM,
            "hidden": hidden(),
            "landlock_at_most": self.landlock_at_most,
            "read": [[str(p), str(p)] for p in self.interpreter.prefixes if str(p) != "/usr"]
            + [[str(INSIDE), INSIDE_AT]],
            "limits": limits,
            "shm_mb": SHM_MB,
            "supervisor": os.getpid(),
        }
        target = scratch.path / "launch.json"
        target.write_text(json.dumps(config))
        return [python, "-I", "-S", str(INSIDE / "start.py"), "launch", str(target)]


def hidden() -> list[str]:
    """What mode A hides where it lies among the system's folders: fonts, the project, the home.
    Where one of them holds the programs themselves (`/`, `/usr`), nothing can be hidden."""
    places = [Path(place).resolve() for place in (*FONTS, Path.cwd(), os.path.expanduser("~"))]  # noqa: PTH111 - where there is no home it stays "~"
    return [
        str(place)
        for place in places
        if not any(Path(needed).is_relative_to(place) for needed in READABLE_B)
    ]


# The plainest kernels of BLAS and numpy. An ill-conditioned fit (scipy's AAA example) drew another
# image in 37 of 168 runs without this and in none of 168 with it, runs interleaved; which of the
# two settings does it, and why, was not isolated (array alignment is a guess).
PLAIN_ARITHMETIC = {
    "OPENBLAS_CORETYPE": "Nehalem",
    "NPY_DISABLE_CPU_FEATURES": "AVX F16C FMA3 AVX2 AVX512F AVX512CD AVX512_KNL AVX512_KNM"
    " AVX512_SKX AVX512_CLX AVX512_CNL AVX512_ICL",
}


def environment(box: str, python: str) -> dict[str, str]:
    """Every variable that a script sees; nothing of the caller's environment passes."""
    threads = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "NUMEXPR_NUM_THREADS")
    return {
        "PATH": f"{Path(python).parent}:/usr/bin:/bin",
        "HOME": f"{box}/home",
        "TMPDIR": f"{box}/tmp",
        "XDG_CACHE_HOME": f"{box}/home/.cache",
        "XDG_CONFIG_HOME": f"{box}/home/.config",
        "XDG_RUNTIME_DIR": f"{box}/run",
        "MPLCONFIGDIR": f"{box}/config",
        "IPYTHONDIR": f"{box}/home/.ipython",
        "JUPYTER_RUNTIME_DIR": f"{box}/run",
        **ENVIRONMENT,
        "PYTHONHASHSEED": "0",
        "PYTHONDONTWRITEBYTECODE": "1",
        "PYDEVD_DISABLE_FILE_VALIDATION": "1",
        "LANG": "C.UTF-8",
        "TZ": "UTC",
        **dict.fromkeys(threads, "1"),
        **(PLAIN_ARITHMETIC if os.uname().machine == "x86_64" else {}),
    }


def processes_beside(scripts: int) -> int:
    """The limit where the kernel counts `scripts` that run at the same time, and all else that
    their user runs, together: high enough that none of them gets there alone."""
    return PROCESSES * scripts + OWN_THREADS + _others()


def _others() -> int:
    """Threads of the user that scripts run as in mode B."""
    user, found = os.geteuid() or NOBODY, 0
    for process in Path("/proc").glob("[0-9]*"):
        with suppress(OSError):
            if process.stat().st_uid == user:
                found += (process / "task").stat().st_nlink - 2
    return found


def _kernel_version() -> tuple[int, int]:
    major, minor = os.uname().release.split(".")[:2]
    return int(major), int("".join(c for c in minor if c.isdigit()) or 0)


def open_sandbox(python: Path, isolation: str) -> Sandbox:
    """The sandbox of mode `isolation`: "A", "B", "none", or the strongest one ("auto").

    Raises:
        UserError: this machine does not offer it.
    """
    home = interpreter(python)
    if isolation == "none":
        return Sandbox(home, "none")
    with _lock:
        key = home.python, isolation
        if key not in _modes:
            _modes[key] = _strongest(home, ["A", "B"] if isolation == "auto" else [isolation])
    return Sandbox(home, *_modes[key])


def _strongest(home: Interpreter, modes: list[str]) -> tuple[str, str]:
    """(mode, why no stronger one). Says so on stderr, once."""
    missing: list[str] = []
    for mode in modes:
        found, reason = _probe(Sandbox(home, mode))
        if found:
            why = "; ".join([*missing, reason] if reason else missing)
            if why:
                sys.stderr.write(f"viscode: warning: isolation {found}: {why}\n")
            return found, why
        missing.append(f"no mode {mode} on this machine ({reason})")
    raise UserError(
        f"scripts cannot be isolated: {'; '.join(missing)}",
        where=str(home.python),
        todo="allow user namespaces or Landlock, or set validate.isolation: none to run scripts "
        "with your own rights",
    )


def _probe(sandbox: Sandbox) -> tuple[str, str]:
    """(mode, what it lacks) if a sandbox of this mode can be built, else ("", reason)."""
    with Scratch() as scratch:
        argv = ["-I", "-S", *sandbox.program("confine")]
        command = sandbox.command(scratch, argv, sandbox.limits(20), "no_sockets")
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, env={})
    if done.returncode != 0:
        said = (done.stderr.strip().splitlines() or ["no reason given"])[-1]
        return "", re.sub(r"^\w*Error: (\[Errno \d+\] )?", "", said)
    if min(int(done.stdout), sandbox.landlock_at_most) > 0:
        return sandbox.isolation, ""
    return f"{sandbox.isolation} without Landlock", "the kernel has no Landlock"


def stop(process: "subprocess.Popen[bytes]") -> int:
    """End a launcher and everything below it; returns when nothing of it is left."""
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(STOP_GRACE_S)
        except subprocess.TimeoutExpired:
            process.kill()
    return process.wait()


class Launched:
    """The launchers of one run, so that they can be ended when it is given up."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._processes: set[subprocess.Popen[bytes]] = set()

    def add(self, process: "subprocess.Popen[bytes]") -> None:
        with self._lock:
            self._processes = {p for p in self._processes if p.returncode is None} | {process}

    def stop(self) -> None:
        """End all that still run."""
        with self._lock:
            processes = list(self._processes)
        for process in processes:
            stop(process)
