"""seccomp: which system calls a process may make. Standard library only.

A filter is a program for the kernel's virtual machine: it needs no privileges and cannot be undone
by whatever the process becomes.
"""

from __future__ import annotations

import ctypes
import os
import struct
from errno import EACCES, EAFNOSUPPORT, ENOSYS, ENOTSUP, ENOTTY, EPERM

from . import linux
from .linux import ARCH, check, libc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    Calls = Mapping[str, tuple[int | None, int | None]]  # name: number on x86_64, on aarch64

AUDIT_ARCH = (0xC000003E, 0xC00000B7)[ARCH]
DENIED: Calls = {  # to everyone; None: the machine has no such call
    "ptrace": (101, 117), "process_vm_readv": (310, 270), "process_vm_writev": (311, 271),
    "process_madvise": (440, 440), "process_mrelease": (448, 448), "pidfd_getfd": (438, 438),
    "kcmp": (312, 272), "mount": (165, 40), "umount2": (166, 39), "pivot_root": (155, 41),
    "chroot": (161, 51), "setns": (308, 268), "unshare": (272, 97), "mount_setattr": (442, 442),
    "open_tree": (428, 428), "move_mount": (429, 429), "fsopen": (430, 430),
    "fsconfig": (431, 431), "fsmount": (432, 432), "fspick": (433, 433), "bpf": (321, 280),
    "perf_event_open": (298, 241), "userfaultfd": (323, 282), "keyctl": (250, 219),
    "add_key": (248, 217), "request_key": (249, 218), "io_uring_setup": (425, 425),
    "io_uring_enter": (426, 426), "io_uring_register": (427, 427), "kexec_load": (246, 104),
    "kexec_file_load": (320, 294), "init_module": (175, 105), "finit_module": (313, 273),
    "delete_module": (176, 106), "reboot": (169, 142), "swapon": (167, 224),
    "swapoff": (168, 225), "settimeofday": (164, 170), "clock_settime": (227, 112),
    "clock_adjtime": (305, 266), "adjtimex": (159, 171), "acct": (163, 89),
    "quotactl": (179, 60), "quotactl_fd": (443, 443), "name_to_handle_at": (303, 264),
    "open_by_handle_at": (304, 265), "fanotify_init": (300, 262), "fanotify_mark": (301, 263),
    "lookup_dcookie": (212, 18), "nfsservctl": (180, 42), "vhangup": (153, 58),
    "iopl": (172, None), "ioperm": (173, None), "modify_ldt": (154, None), "syslog": (103, 116),
    "sethostname": (170, 161), "setdomainname": (171, 162), "migrate_pages": (256, 238),
    "move_pages": (279, 239), "mbind": (237, 235), "set_mempolicy": (238, 237),
    "memfd_secret": (447, 447), "uselib": (134, None), "_sysctl": (156, None),
    "ustat": (136, None), "sysfs": (139, None),
}  # fmt: skip
UNREACHABLE: Calls = {  # without sockets: what would reach others all the same
    "connect": (42, 203), "bind": (49, 200), "listen": (50, 201), "shmget": (29, 194),
    "shmat": (30, 196), "shmctl": (31, 195), "semget": (64, 190), "semop": (65, 193),
    "semctl": (66, 191), "msgget": (68, 186), "msgsnd": (69, 189), "msgrcv": (70, 188),
    "msgctl": (71, 187), "mq_unlink": (241, 181),
}  # fmt: skip
HOARDS: Calls = {  # memory that no process and no descriptor is charged with (usage.py)
    "memfd_create": (319, 279), "vmsplice": (278, 75), "splice": (275, 76), "tee": (276, 77),
    "sendmsg": (46, 211), "sendmmsg": (307, 269), "mq_open": (240, 180), "io_setup": (206, 0),
    "inotify_init": (253, None), "inotify_init1": (294, 26),
}  # fmt: skip
SET_PIPE_SIZE, SETSOCKOPT, SEND_BUFFERS = 1031, (54, 208)[ARCH], (7, 32)
CLOSE_RANGE, UNSHARE_DESCRIPTORS, SAME_DESCRIPTORS, THREAD = 436, 2, 0x400, 0x10000
ATTRIBUTES: Calls = {  # of files, which Landlock does not bound: mode, owner, times
    "chmod": (90, None), "fchmod": (91, 52), "fchmodat": (268, 53), "fchmodat2": (452, 452),
    "chown": (92, None), "fchown": (93, 55), "lchown": (94, None), "fchownat": (260, 54),
    "utime": (132, None), "utimes": (235, None), "futimesat": (261, None), "utimensat": (280, 88),
    "setxattr": (188, 5), "lsetxattr": (189, 6), "fsetxattr": (190, 7), "setxattrat": (463, 463),
    "removexattr": (197, 14), "lremovexattr": (198, 15), "fremovexattr": (199, 16),
    "removexattrat": (466, 466), "file_setattr": (469, 469),
}  # fmt: skip
LEAVING: Calls = {"setsid": (112, 157), "setpgid": (109, 154)}  # a process group
UNSUPPORTED: Calls = {  # out of Landlock's reach too: reading attributes
    "getxattr": (191, 8), "lgetxattr": (192, 9), "fgetxattr": (193, 10), "getxattrat": (464, 464),
    "listxattr": (194, 11), "llistxattr": (195, 12), "flistxattr": (196, 13),
    "listxattrat": (465, 465), "file_getattr": (468, 468),
}  # fmt: skip
ASKED = (  # of files and pipes; what else ioctl does to them, Landlock does not bound
    *(0x5401, 0x802C542A, 0x5413),  # TCGETS, TCGETS2, TIOCGWINSZ: is it a terminal
    *(0x541B, 0x5421, 0x5450, 0x5451),  # FIONREAD, FIONBIO, FIONCLEX, FIOCLEX
)
OPEN, OPENAT, OPENAT2 = (2, None)[ARCH], (257, 56)[ARCH], 437
TRUNCATE_PATH = (76, 45)[ARCH]
FCNTL, LEASES = (72, 25)[ARCH], (1024, 1026, 1039, 1040)  # F_SETLEASE, F_NOTIFY, delegations
OWNERS = (8, 15)  # F_SETOWN, F_SETOWN_EX: who gets a descriptor's signals
PRCTL = (157, 167)[ARCH]
SCHED_SETSCHEDULER, ORDINARY = (144, 119)[ARCH], 0  # libzmq sets it for its own threads
SOCKETPAIR, STREAM_SOCKET, TYPE_MASK = (53, 199)[ARCH], 1, 0xF
OF_A_PROCESS = {  # call: its number, and where its argument names a process
    "prlimit64": ((302, 261), 16), "sched_setaffinity": ((203, 122), 16),
    "sched_setparam": ((142, 118), 16), "sched_setattr": ((314, 274), 16),
    "setpriority": ((141, 140), 24), "ioprio_set": ((251, 30), 24),
}  # fmt: skip
OF_A_KIND = {"setpriority": 0, "ioprio_set": 1}  # the first argument that says "a process"
SIGNALLED = {  # calls whose first argument names the process that gets a signal
    "kill": (62, 129), "tgkill": (234, 131), "rt_sigqueueinfo": (129, 138),
    "rt_tgsigqueueinfo": (297, 240),
}  # fmt: skip
TKILL, PIDFD_SEND_SIGNAL = (200, 130)[ARCH], 424  # name a thread, a descriptor
SOCKET, CLONE, CLONE3, AF_UNIX = (41, 198)[ARCH], (56, 220)[ARCH], 435, 1
IOCTL, TERMINAL_INPUT = (16, 29)[ARCH], (0x5412, 0x541C)
OWNER = (0x8901, 0x8902)  # FIOSETOWN, SIOCSPGRP: as OWNERS
NEW_NAMESPACES, SAME_PARENT = 0x7E020000 | 0x80, 0x8000
LOAD, JEQ, JGE, JSET, RETURN, AND = 0x20, 0x15, 0x35, 0x45, 0x06, 0x54
ALLOW, REFUSE, KILL_PROCESS = 0x7FFF0000, 0x00050000, 0x80000000
X32 = 0x40000000
TSYNC, SPEC_ALLOW = 1, 4
NUMBER_AT, ARCH_AT, FIRST_AT, SECOND_AT, THIRD_AT = 0, 4, 16, 24, 32


def restrict(*, sockets: bool, alone: bool = True, abi: int = linux.SIGNALS) -> None:
    """Refuse the calls of DENIED, new namespaces, children that are the caller's siblings, and
    leases. Without `sockets`, every new socket (pairs of stream sockets stay), what else would
    reach others, limits and priorities of other processes, and the calls of HOARDS; leaving the
    process group has no effect and reports success, so that one signal ends all of a script.
    Not `alone`, without namespaces: also sockets that are not local, and what Landlock of version
    `abi` leaves open; changes of files' modes, owners, times and attributes are ignored and report
    success, so that programs which copy files still do. Binds all threads."""
    program = [*_beginning(), *_refuse_all(DENIED, EPERM)]
    program += _refuse(CLONE3, ENOSYS)  # its flags lie in memory: make callers fall back to clone
    siblings = [_op(JSET, NEW_NAMESPACES | SAME_PARENT, 0, 1)]
    program += _refuse_if(CLONE, FIRST_AT, siblings, EPERM)
    program += _refuse_one_of(IOCTL, TERMINAL_INPUT, EPERM) + _refuse_one_of(FCNTL, LEASES, EPERM)
    program += [] if sockets else [*_unreachable(), *_no_hoards()]
    if not alone:
        program += _beside_landlock(sockets=sockets)
        if abi < linux.TRUNCATES:
            program += _refuse(TRUNCATE_PATH, EACCES)
        if abi < linux.SIGNALS:
            program += _own_signals_only()
    program += [_op(RETURN, ALLOW)]
    _install(b"".join(program))


def no_network() -> None:
    """Refuse new sockets but those of the machine itself (unix), for programs that need these."""
    program = _beginning()
    program += _refuse_if(SOCKET, FIRST_AT, [_op(JEQ, AF_UNIX, 1, 0)], EAFNOSUPPORT)
    _install(b"".join([*program, _op(RETURN, ALLOW)]))


def _beginning() -> list[bytes]:
    """What every filter begins with: other architectures are out, the call's number is loaded."""
    program = [_op(LOAD, ARCH_AT), _op(JEQ, AUDIT_ARCH, 1, 0), _op(RETURN, KILL_PROCESS)]
    program += [_op(LOAD, NUMBER_AT)]
    if ARCH == 0:
        program += [_op(JGE, X32, 0, 1), _op(RETURN, REFUSE | ENOSYS)]
    return program


def _no_hoards() -> list[bytes]:
    """Callers fall back to something else where a call is not there. A thread has the descriptors
    of its process: nobody would see any others."""
    program = _refuse_all(HOARDS, ENOSYS) + _refuse_one_of(FCNTL, (SET_PIPE_SIZE,), EPERM)
    for option in SEND_BUFFERS:
        program += _refuse_if(SETSOCKOPT, THIRD_AT, [_op(JEQ, option, 0, 1)], EPERM)
    program += _refuse_if(CLOSE_RANGE, THIRD_AT, [_op(JSET, UNSHARE_DESCRIPTORS, 0, 1)], EPERM)
    version = [_op(JEQ, 1, 1, 0)]  # which may be asked for
    program += _refuse_if(linux.SYS_LANDLOCK, THIRD_AT, version, ENOSYS)
    apart = [_op(AND, THREAD | SAME_DESCRIPTORS), _op(JEQ, THREAD, 0, 1)]
    return program + _refuse_if(CLONE, FIRST_AT, apart, EPERM)


def _unreachable() -> list[bytes]:
    """No sockets, and nothing else that reaches another process."""
    program = _refuse(SOCKET, EACCES) + _refuse_all(UNREACHABLE, EACCES) + _refuse_all(LEAVING, 0)
    # a pair of datagram sockets could send to any address
    stream = [_op(AND, TYPE_MASK), _op(JEQ, STREAM_SOCKET, 1, 0)]
    program += _refuse_if(SOCKETPAIR, SECOND_AT, stream, EACCES)
    # Which thread it names cannot be told: the ordinary policy is the one that all have.
    ordinary = [_op(JEQ, ORDINARY, 1, 0)]
    program += _refuse_if(SCHED_SETSCHEDULER, SECOND_AT, ordinary, EPERM)
    program += _refuse(SCHED_SETSCHEDULER, 0)
    own = [_op(JEQ, 0, 2, 0), _op(JEQ, os.getpid(), 1, 0)]
    for name, (numbers, argument_at) in OF_A_PROCESS.items():
        program += _refuse_if(numbers[ARCH], argument_at, own, EPERM)
        if name in OF_A_KIND:
            one = [_op(JEQ, OF_A_KIND[name], 1, 0)]
            program += _refuse_if(numbers[ARCH], FIRST_AT, one, EPERM)
    return program


def _beside_landlock(*, sockets: bool) -> list[bytes]:
    """What reaches files past every version of Landlock. A file opened to neither read nor write
    (access mode 3) is not looked at; older versions look at none that is emptied while it is
    opened for reading."""
    program = _refuse_all(ATTRIBUTES, 0) + _refuse(OPENAT2, ENOSYS)  # its flags lie in memory
    for number, flags_at in ((OPEN, SECOND_AT), (OPENAT, THIRD_AT)):
        if number is not None:
            program += _refuse_if(number, flags_at, _hidden_access(flags_at), EACCES)
    if sockets:  # local ones; libzmq looks for networks, and takes this for an answer
        return program + _refuse_if(SOCKET, FIRST_AT, [_op(JEQ, AF_UNIX, 1, 0)], ENOTSUP)
    program += _refuse_all(UNSUPPORTED, ENOTSUP)
    asked = [_op(JEQ, request, len(ASKED) - at, 0) for at, request in enumerate(ASKED)]
    program += _refuse_if(IOCTL, SECOND_AT, asked, ENOTTY)
    # who hides its descriptors could hide what it has on disk (disk.py)
    return program + _refuse_if(PRCTL, FIRST_AT, [_op(JEQ, linux.PR_SET_DUMPABLE, 0, 1)], 0)


def _hidden_access(flags_at: int) -> list[bytes]:
    return [
        _op(AND, os.O_ACCMODE),
        _op(JEQ, os.O_ACCMODE, 3, 0),
        _op(JEQ, os.O_RDONLY, 0, 3),
        _op(LOAD, flags_at),
        _op(JSET, os.O_TRUNC, 0, 1),
    ]


def _own_signals_only() -> list[bytes]:
    """Signals go to this process alone, by whatever way."""
    program = _refuse(TKILL, EPERM) + _refuse(PIDFD_SEND_SIGNAL, EPERM)
    for numbers in SIGNALLED.values():
        program += _refuse_if(numbers[ARCH], FIRST_AT, [_op(JEQ, os.getpid(), 1, 0)], EPERM)
    return program + _refuse_one_of(FCNTL, OWNERS, EPERM) + _refuse_one_of(IOCTL, OWNER, EPERM)


def _op(code: int, value: int, if_true: int = 0, if_false: int = 0) -> bytes:
    return struct.pack("=HBBI", code, if_true, if_false, value)


def _refuse(number: int, errno: int) -> list[bytes]:
    return [_op(JEQ, number, 0, 1), _op(RETURN, REFUSE | errno)]


def _refuse_all(calls: Calls, errno: int) -> list[bytes]:
    numbers = (one[ARCH] for one in calls.values())
    return [step for number in numbers if number is not None for step in _refuse(number, errno)]


def _refuse_one_of(number: int, values: Iterable[int], errno: int) -> list[bytes]:
    """Refuse a call whose second argument is one of `values`."""
    tests = [[_op(JEQ, value, 0, 1)] for value in values]
    return [step for test in tests for step in _refuse_if(number, SECOND_AT, test, errno)]


def _refuse_if(number: int, argument_at: int, test: list[bytes], errno: int) -> list[bytes]:
    """Refuse a call whose argument passes `test`, a jump over the refusal otherwise."""
    body = [_op(LOAD, argument_at), *test, _op(RETURN, REFUSE | errno), _op(LOAD, NUMBER_AT)]
    return [_op(JEQ, number, 0, len(body)), *body]


def _install(program: bytes) -> None:
    buffer = ctypes.create_string_buffer(program, len(program))
    record = struct.pack("@HP", len(program) // 8, ctypes.addressof(buffer))
    linux.no_new_privileges()
    check(libc.syscall(linux.SYS_SECCOMP, 1, TSYNC | SPEC_ALLOW, record), "seccomp")
