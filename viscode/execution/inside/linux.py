"""What the walls call the kernel with. Standard library only.

Numbers are those of the kernel's uapi headers, for x86_64 and aarch64.
"""

from __future__ import annotations

import ctypes
import os

TYPE_CHECKING = False  # importing typing takes as long as building a wall
if TYPE_CHECKING:
    from collections.abc import Iterator

ARCH = 0 if os.uname().machine == "x86_64" else 1
NOBODY = 65534
PR_SET_PDEATHSIG, PR_SET_DUMPABLE, PR_CAPBSET_READ, PR_CAPBSET_DROP = 1, 4, 23, 24
PR_SET_NO_NEW_PRIVS, PR_SET_CHILD_SUBREAPER, PR_CAP_AMBIENT, PR_SET_KEEPCAPS = 38, 36, 47, 8
SYS_CLONE, SYS_SETNS, SYS_PIVOT_ROOT = (56, 220)[ARCH], (308, 268)[ARCH], (155, 41)[ARCH]
SYS_CAPSET, SYS_SECCOMP, SYS_MOUNT_SETATTR = (126, 91)[ARCH], (317, 277)[ARCH], 442
SYS_LANDLOCK = 444  # create_ruleset, add_rule, restrict_self
REFERS, TRUNCATES, CONNECTS, SIGNALS = 2, 3, 4, 6  # Landlock's versions that bound these first
NEWNS, NEWUTS, NEWIPC, NEWUSER = 0x00020000, 0x04000000, 0x08000000, 0x10000000
NEWPID, NEWNET = 0x20000000, 0x40000000
NEW_NAMESPACES = NEWNS | NEWUTS | NEWIPC | NEWUSER | NEWPID | NEWNET

libc = ctypes.CDLL(None, use_errno=True)


def check(result: int, what: str) -> int:
    """
    Raises:
        OSError: the call failed, with its errno; `what` was tried.
    """
    if result < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
    return result


def no_new_privileges() -> None:
    check(libc.prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), "no_new_privs")


def below(*roots: int) -> Iterator[tuple[int, int]]:
    """(parent, child) for all processes below `roots`, as far as /proc shows them."""
    waiting = list(roots)
    while waiting:
        parent = waiting.pop()
        folder = f"/proc/{parent}/task"
        try:
            tasks = os.listdir(folder)  # noqa: PTH208 - pathlib takes long to import
        except OSError:
            continue
        for task in tasks:
            try:
                with open(f"{folder}/{task}/children") as stream:  # noqa: PTH123
                    children = [int(pid) for pid in stream.read().split()]
            except OSError:
                continue
            for child in children:
                waiting.append(child)
                yield parent, child
