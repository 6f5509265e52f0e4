"""Walls around the calling process: capabilities, Landlock, seccomp, limits. Standard library only.

Each layer stands for itself, so that one that fails to hold leaves the others. What this does not
do: namespaces and mounts (launch.py, cells.py), totals over several processes (the supervisor).
"""

from __future__ import annotations

import ctypes
import os
import resource
import signal

from . import landlock, seccomp
from .linux import (
    NOBODY,
    PR_CAP_AMBIENT,
    PR_CAPBSET_DROP,
    PR_CAPBSET_READ,
    PR_SET_KEEPCAPS,
    PR_SET_PDEATHSIG,
    SYS_CAPSET,
    below,
    check,
    libc,
    no_new_privileges,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping
    from typing import Any

CAP_DAC_READ_SEARCH = 2


def set_capabilities(effective: int, inheritable: int) -> None:
    """The same sets for permitted and effective; 64-bit masks."""
    header = (ctypes.c_uint32 * 2)(0x20080522, 0)
    masks = (effective, effective, inheritable)
    halves = [m & 0xFFFFFFFF for m in masks] + [m >> 32 for m in masks]
    data = (ctypes.c_uint32 * 6)(*halves)
    check(libc.syscall(SYS_CAPSET, ctypes.byref(header), ctypes.byref(data)), "capset")


def keep_capabilities() -> None:
    """Let a process keep its namespace's capabilities over execve, an ordinary user's too."""
    held = [number for number in range(64) if libc.prctl(PR_CAPBSET_READ, number, 0, 0, 0) == 1]
    every = sum(1 << number for number in held)
    set_capabilities(every, every)
    for number in held:
        check(libc.prctl(PR_CAP_AMBIENT, 2, number, 0, 0), "ambient capability")


def drop_privileges(user: int | None, kept: Collection[int] = ()) -> None:
    """No capability is left but those `kept`, none can be gained; root becomes `user` (None: stays
    who it is)."""
    mask = sum(1 << number for number in kept)
    libc.prctl(PR_CAP_AMBIENT, 4, 0, 0, 0)
    for number in range(64):
        if number not in kept:
            libc.prctl(PR_CAPBSET_DROP, number, 0, 0, 0)
    if user is not None and os.getuid() == 0:
        libc.prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0)
        become(user)
    set_capabilities(mask, mask)
    for number in kept:
        check(libc.prctl(PR_CAP_AMBIENT, 2, number, 0, 0), "ambient capability")
    no_new_privileges()


def become(user: int) -> None:
    """Root becomes `user`, without any group but nobody's."""
    os.setgroups([])
    os.setresgid(NOBODY, NOBODY, NOBODY)
    os.setresuid(user, user, user)


def die_with_parent(number: int = signal.SIGKILL) -> None:
    libc.prctl(PR_SET_PDEATHSIG, number, 0, 0, 0)


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


def walls(config: Mapping[str, Any], *, sockets: bool) -> None:
    """Landlock and seccomp as the configuration says: "readable", "writable", "namespaces",
    "landlock_at_most" (a newer version is used as if it were this one)."""
    abi = min(landlock.version(), config["landlock_at_most"])
    alone = config["namespaces"]
    landlock.restrict(config["readable"], config["writable"], abi, required=not alone)
    seccomp.restrict(sockets=sockets, alone=alone, abi=abi)


def kill_below(root: int) -> None:
    """End everything below `root`. First all are stopped, until no new one appears: a fork bomb
    would outrun being killed one by one."""
    stopped: set[int] = set()
    while fresh := {child for _, child in below(root)} - stopped:
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
    print(landlock.version())  # noqa: T201
