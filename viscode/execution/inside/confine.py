"""Walls around the calling process: capabilities, Landlock, seccomp, limits. Standard library only.

Each layer stands for itself, so that one that fails to hold leaves the others. Landlock says where
a process may read and write; it needs no privileges and cannot be undone by whatever the process
becomes. What this does not do: namespaces and mounts (launch.py, cells.py), totals over several
processes (the supervisor).
"""

# ruff: noqa: PTH112
from __future__ import annotations

import ctypes
import os
import resource
import signal
import struct
from errno import ENOSYS

from . import linux, seccomp
from .linux import NOBODY, check, libc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping, Sequence
    from typing import Any

CAP_DAC_READ_SEARCH = 2
EXECUTE, WRITE_FILE, READ_FILE, READ_DIR = 1, 2, 4, 8
TRUNCATE, REFER = 1 << 14, 1 << 13
EVERYTHING = (1 << 15) - 1
FILE_RIGHTS = EXECUTE | WRITE_FILE | READ_FILE | TRUNCATE
READ = EXECUTE | READ_FILE | READ_DIR
NET_TCP, SCOPES = 3, 3  # bind and connect; abstract sockets and signals


def set_capabilities(kept: Collection[int]) -> None:
    """This process has these capabilities and no others, after execve too."""
    mask = sum(1 << number for number in kept)
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    halves = 3 * [mask & 0xFFFFFFFF] + 3 * [mask >> 32]  # effective, permitted, inheritable
    data = (ctypes.c_uint32 * 6)(*halves)
    check(libc.syscall(linux.SYS_CAPSET, ctypes.byref(header), ctypes.byref(data)), "capset")
    for number in kept:
        check(libc.prctl(linux.PR_CAP_AMBIENT, 2, number, 0, 0), "ambient capability")


def keep_capabilities() -> None:
    """Let a process keep its namespace's capabilities over execve, an ordinary user's too."""
    set_capabilities([n for n in range(64) if libc.prctl(linux.PR_CAPBSET_READ, n, 0, 0, 0) == 1])


def drop_privileges(user: int | None, kept: Collection[int] = ()) -> None:
    """No capability is left but those `kept`, none can be gained; root becomes `user` (None: stays
    who it is)."""
    libc.prctl(linux.PR_CAP_AMBIENT, 4, 0, 0, 0)
    for number in range(64):
        if number not in kept:
            libc.prctl(linux.PR_CAPBSET_DROP, number, 0, 0, 0)
    if user is not None and os.getuid() == 0:
        libc.prctl(linux.PR_SET_KEEPCAPS, 1, 0, 0, 0)
        become(user)
    set_capabilities(kept)
    linux.no_new_privileges()


def become(user: int) -> None:
    """Root becomes `user`, without any group but nobody's."""
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(user, user, user)


def die_with_parent(parent: int | None = None, number: int = signal.SIGKILL) -> None:
    """Get signal `number` when the parent ends. Where it may have ended already, `parent` is its
    process id."""
    libc.prctl(linux.PR_SET_PDEATHSIG, number, 0, 0, 0)
    if parent is not None and os.getppid() != parent:
        os._exit(1)


def limit(limits: Mapping[str, int]) -> None:
    """Set resource limits by name, never above what is allowed; "AS" is a margin in bytes above
    what the process has mapped now."""
    for name, value in limits.items():
        number = getattr(resource, f"RLIMIT_{name}")
        if name == "AS":
            value += mapped_bytes()
        hard = resource.getrlimit(number)[1]
        value = value if hard == resource.RLIM_INFINITY else min(value, hard)
        resource.setrlimit(number, (value, value))


def mapped_bytes() -> int:
    try:
        with open("/proc/self/statm") as stream:  # noqa: PTH123
            return int(stream.read().split()[0]) * resource.getpagesize()
    except OSError:
        return 1 << 30


def landlock_version() -> int:
    """The kernel's Landlock version, 0 where there is none."""
    return max(0, int(libc.syscall(linux.SYS_LANDLOCK, None, ctypes.c_size_t(0), 1)))


def landlock(readable: Sequence[str], writable: Sequence[str], abi: int, *, required: bool) -> None:
    """From here on: read and execute below `readable`, everything below `writable`, nothing
    elsewhere; no TCP, no signals and no abstract sockets to processes outside, as far as version
    `abi` goes. Paths that do not exist are left out. Where there is no Landlock and it is not
    `required`, nothing happens."""
    if not abi:
        if required:
            raise OSError(ENOSYS, "no Landlock")
        return
    handled = EVERYTHING & ~(0 if abi >= linux.TRUNCATES else TRUNCATE)
    handled &= ~(0 if abi >= linux.REFERS else REFER)
    size = 24 if abi >= linux.SIGNALS else 16 if abi >= linux.CONNECTS else 8
    record = struct.pack("=QQQ", handled, NET_TCP, SCOPES)[:size]
    ruleset = libc.syscall(linux.SYS_LANDLOCK, record, ctypes.c_size_t(len(record)), 0)
    check(ruleset, "landlock ruleset")
    for paths, rights in ((readable, READ), (writable, EVERYTHING)):
        for path in paths:
            allow(ruleset, path, rights & handled)
    check(libc.syscall(linux.SYS_LANDLOCK + 2, ruleset, 0), "landlock restrict")
    os.close(ruleset)


def allow(ruleset: int, path: str, rights: int) -> None:
    try:
        place = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    if not os.path.isdir(path):
        rights &= FILE_RIGHTS
    rule = struct.pack("=Qi", rights, place)
    result = libc.syscall(linux.SYS_LANDLOCK + 1, ruleset, 1, rule, 0)
    os.close(place)
    check(result, f"landlock rule {path}")


def walls(config: Mapping[str, Any], *, sockets: bool) -> None:
    """Landlock and seccomp as the configuration says: "readable", "writable", "namespaces",
    "landlock_at_most" (a newer version is used as if it were this one)."""
    abi = min(landlock_version(), config["landlock_at_most"])
    alone = config["namespaces"]
    landlock(config["readable"], config["writable"], abi, required=not alone)
    seccomp.restrict(sockets=sockets, alone=alone, abi=abi)


def kill_below(root: int) -> None:
    """End everything below `root`. First all are stopped, until no new one appears: a fork bomb
    would outrun being killed one by one."""
    stopped: set[int] = set()
    while fresh := {child for _, child in linux.below(root)} - stopped:
        send(fresh, signal.SIGSTOP)
        stopped |= fresh
    send(stopped, signal.SIGKILL)


def end_all() -> None:
    """End everything below this process, to which orphans come, and wait for it."""
    while True:
        kill_below(os.getpid())
        try:
            os.wait()
            while os.waitpid(-1, os.WNOHANG)[0]:  # a look takes long while there are many
                pass
        except ChildProcessError:
            return


def send(pids: Iterable[int], number: int) -> None:
    for pid in pids:
        try:
            os.kill(pid, number)
        except ProcessLookupError:
            continue


def main() -> None:
    """How the program asks what a sandbox on this machine has."""
    print(landlock_version())  # noqa: T201
