"""Builds the sandbox around one command and runs it: `python -I -S start.py launch CONFIG.json`.
Standard library only.

Threat model: the command is hostile Python. In `namespaces` mode it gets user, mount, pid,
network, ipc and uts namespaces of its own and a root folder that holds nothing but the system's
programs, the interpreter's environment (all read-only) and the box (writable). There is no
network, no other process, no home, no project, no secret in the environment. In both modes the
walls of confine.py (no privileges, Landlock, seccomp, limits) follow, unless the configuration
leaves them out: the fork server (warm.py) raises them around each script instead.

What it does not do: memory, disk and process totals are the supervisor's (watch.py).

Processes: A (this one) waits and ends with the supervisor; B is pid 1 of the new namespace, reaps
orphans and takes everything with it when it ends; C becomes the command. SIGTERM to A ends B and
all below it before A itself returns. Status 125 says that the sandbox could not be built.
"""

# pathlib takes as long to import as the sandbox takes to build:
# ruff: noqa: PTH101, PTH103, PTH110, PTH112, PTH114, PTH115, PTH118, PTH120, PTH123, PTH211
from __future__ import annotations

import ctypes
import json
import os
import signal
import struct
import sys
import traceback
from contextlib import suppress

from . import confine, linux
from .linux import NOBODY, check, libc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Sequence
    from typing import Any, NoReturn

    Config = dict[str, Any]  # what Sandbox.command writes

SETUP_FAILED = 125
USERS = 15  # 65534 and the ids before it that belong to nobody
TMPFS_INODES = 50_000  # they lie in memory too, about 1 kB each
MS_RDONLY, MS_NOSUID, MS_NODEV, MS_NOEXEC, MS_REMOUNT = 1, 2, 4, 8, 32
MS_BIND, MS_REC, MS_PRIVATE, MNT_DETACH = 4096, 16384, 1 << 18, 2
ATTR_RDONLY, ATTR_NOSUID, ATTR_NODEV = 1, 2, 4
READ_ONLY = ATTR_RDONLY | ATTR_NOSUID | ATTR_NODEV
AT_FDCWD, AT_RECURSIVE = -100, 0x8000
ADDR_NO_RANDOMIZE = 0x0040000
DEVICES = ("null", "zero", "full", "random", "urandom")
ETC = {
    "passwd": "".join(
        f"user:x:{NOBODY - n}:{NOBODY}::/sandbox/home:/bin/sh\n" for n in range(USERS)
    ),
    "group": "user:x:65534:\n",
    "hosts": "127.0.0.1 localhost\n",
}


def mount(
    source: str, target: str, kind: str | None, flags: int, options: str | None = None
) -> None:
    encoded = [None if v is None else os.fsencode(v) for v in (source, target, kind, options)]
    result = libc.mount(encoded[0], encoded[1], encoded[2], ctypes.c_ulong(flags), encoded[3])
    check(result, f"mount {target}")


def restrict(path: str, attributes: int, flags: int = AT_RECURSIVE) -> None:
    """Set mount attributes on a mount and, by default, all mounts below it."""
    record = struct.pack("=QQQQ", attributes, 0, 0, 0)
    where, size = os.fsencode(path), ctypes.c_size_t(len(record))
    result = libc.syscall(linux.SYS_MOUNT_SETATTR, AT_FDCWD, where, flags, record, size)
    check(result, f"mount_setattr {path}")


def bind(source: str, target: str, attributes: int) -> None:
    if os.path.isdir(source):
        os.makedirs(target, exist_ok=True)
    elif not os.path.exists(target):
        os.makedirs(os.path.dirname(target), exist_ok=True)
        os.close(os.open(target, os.O_CREAT | os.O_WRONLY, 0o644))
    mount(source, target, None, MS_BIND | MS_REC)
    if attributes:
        restrict(target, attributes)


def build_root(config: Config) -> None:
    """Mount the new root under config["root"] and make it `/`."""
    root = config["root"]
    mount("none", "/", None, MS_REC | MS_PRIVATE)
    mount("tmpfs", root, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=1m")
    for path in config["system"]:
        if os.path.islink(path):
            os.symlink(os.readlink(path), root + path)
        elif os.path.exists(path):
            bind(path, root + path, READ_ONLY)
    for path in config["hidden"]:
        if os.path.isdir(root + path) and not os.path.islink(root + path):
            mount("tmpfs", root + path, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755,size=1m")
    bind(config["box"] + "/tmp", root + "/tmp", ATTR_NOSUID | ATTR_NODEV)
    for source, target in config["read"]:  # after /tmp: the project may lie below it
        bind(source, root + target, READ_ONLY)
    bind(config["box"], root + "/sandbox", ATTR_NOSUID | ATTR_NODEV)
    os.makedirs(root + "/etc", exist_ok=True)
    for name, text in ETC.items():
        write(f"{root}/etc/{name}", text)
    build_dev(root, config["shm_mb"])
    build_proc(root)
    os.chdir(root)
    check(libc.syscall(linux.SYS_PIVOT_ROOT, b".", b"."), "pivot_root")
    check(libc.umount2(b".", MNT_DETACH), "umount old root")
    os.chdir("/")
    restrict("/", ATTR_RDONLY, 0)


def build_dev(root: str, shm_mb: int) -> None:
    os.makedirs(root + "/dev/shm")
    for name in DEVICES:
        bind(f"/dev/{name}", f"{root}/dev/{name}", 0)
    os.symlink("/proc/self/fd", root + "/dev/fd")
    mount_shm(root + "/dev/shm", shm_mb)


def mount_shm(target: str, megabytes: int) -> None:
    options = f"mode=1777,size={megabytes}m,nr_inodes={TMPFS_INODES}"
    mount("tmpfs", target, "tmpfs", MS_NOSUID | MS_NODEV | MS_NOEXEC, options)


def build_proc(root: str) -> None:
    """A /proc of the new pid namespace, read-only. Containers that mask parts of theirs forbid
    a new one: then there is none, and scripts do without."""
    os.makedirs(root + "/proc")
    try:
        mount("proc", root + "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
    except OSError:
        return
    for name, value in (("sys/user/max_user_namespaces", "0"), ("self/oom_score_adj", "1000")):
        with suppress(OSError):
            write(f"{root}/proc/{name}", value)
    restrict(root + "/proc", ATTR_RDONLY)


def become(
    config: Config,
    cwd: str,
    user: int | None,
    kept: Collection[int] = (),
    users: Sequence[int] = (),
) -> None:
    """Turn this process into the command, behind the walls that the configuration names. `users`:
    whom the command may become."""
    signal.signal(signal.SIGINT, signal.SIG_DFL)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    libc.personality(ctypes.c_ulong(ADDR_NO_RANDOMIZE))  # forbidden in some containers
    confine.limit(config["limits"])
    os.chdir(cwd)
    argv = config["argv"]
    if config["walls"] == "later" and config["namespaces"]:
        confine.keep_capabilities()
        argv = [*argv, " ".join(map(str, users))]
    elif config["walls"] != "none":
        confine.drop_privileges(user, kept)
    if config["walls"] in ("sockets", "no_sockets"):
        confine.walls(config, sockets=config["walls"] == "sockets")
    os.execve(argv[0], argv, config["env"])


def guarded(body: Callable[..., object], *arguments: object) -> NoReturn:
    """Run a child's body; it never returns into the parent's code."""
    try:
        body(*arguments)
    except BaseException:  # noqa: BLE001 - the child of a fork: whatever it is, report and end here
        traceback.print_exc()
    os._exit(SETUP_FAILED)


def exit_status(raw: int) -> int:
    code = os.waitstatus_to_exitcode(raw)
    return code if code >= 0 else 128 - code


def init(config: Config, go: int) -> NoReturn:
    """B: pid 1. Builds the root, starts C, reaps until C ends."""
    confine.die_with_parent()
    mapped = [int(part) for part in os.read(go, 1000).split()]
    if not mapped:
        os._exit(SETUP_FAILED)
    libc.sethostname(b"sandbox", 7)
    build_root(config)
    users = [user for user in mapped if 0 in mapped and user]
    command = os.fork()
    if command == 0:
        guarded(become, config, "/sandbox/work", NOBODY if users else None, (), users)
    while True:
        ended, raw = os.wait()
        if ended == command:
            os._exit(exit_status(raw))


def map_users(pid: int) -> list[int]:
    """Give the namespace its users; returns the ids that exist in it. Root's has several: the
    kernel counts what it limits by user apart for each."""
    if os.geteuid() == 0:
        first = NOBODY - USERS + 1
        with suppress(OSError):  # in a container that has no such users
            write(f"/proc/{pid}/uid_map", f"0 0 1\n{first} {first} {USERS}\n")
            write(f"/proc/{pid}/gid_map", f"0 0 1\n{NOBODY} {NOBODY} 1\n")
            return [0, *range(NOBODY, first - 1, -1)]
    write(f"/proc/{pid}/setgroups", "deny")
    write(f"/proc/{pid}/gid_map", f"{os.getegid()} {os.getegid()} 1\n")
    write(f"/proc/{pid}/uid_map", f"{os.geteuid()} {os.geteuid()} 1\n")
    return [os.geteuid()]


def write(path: str, text: str) -> None:
    with open(path, "w") as stream:
        stream.write(text)


def give_box_away(box: str, user: int = NOBODY) -> None:
    """The script runs as another user when root started us; the box has to be that user's then."""
    os.chown(box, user, NOBODY)
    for folder, folders, files in os.walk(box):
        for name in folders + files:
            os.chown(os.path.join(folder, name), user, NOBODY, follow_symlinks=False)


def run_in_namespaces(config: Config) -> int:
    if os.geteuid() == 0:
        give_box_away(config["box"])
    go, signal_go = os.pipe()
    flags = linux.NEW_NAMESPACES | signal.SIGCHLD
    child = check(libc.syscall(linux.SYS_CLONE, ctypes.c_ulong(flags), 0, 0, 0, 0), "clone")
    if child == 0:
        os.close(signal_go)
        guarded(init, config, go)
    signal.signal(signal.SIGTERM, lambda *_: os.kill(child, signal.SIGKILL))
    os.write(signal_go, " ".join(map(str, map_users(child))).encode())
    return exit_status(os.waitpid(child, 0)[1])


def run_as_process(config: Config) -> int:
    libc.prctl(linux.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
    signal.signal(signal.SIGTERM, lambda *_: confine.kill_below(os.getpid()))
    user, kept = become_nobody(config)
    child = os.fork()
    if child == 0:
        confine.die_with_parent()
        guarded(become, config, os.path.join(config["box"], "work"), user, kept)
    status = None
    while status is None:
        ended, raw = os.wait()
        status = exit_status(raw) if ended == child else None
    confine.end_all()
    return status


def become_nobody(config: Config) -> tuple[int | None, tuple[int, ...]]:
    """(user, capabilities to keep) where root started us: limits on processes do not hold for
    root. The box is given away. An interpreter or a box below a private folder can be reached by
    `nobody` only with the right to read whatever Landlock lets it."""
    if os.geteuid() != 0 or config["walls"] == "none":
        return None, ()
    os.chmod(os.path.dirname(config["box"]), 0o711)
    give_box_away(config["box"])
    probe = os.fork()
    if probe == 0:
        confine.become(NOBODY)
        paths = [config["argv"][0], config["box"], *(source for source, _ in config["read"])]
        os._exit(0 if all(os.access(path, os.R_OK | os.X_OK) for path in paths) else 1)
    if os.waitpid(probe, 0)[1] == 0:
        return NOBODY, ()
    if libc.prctl(linux.PR_CAPBSET_READ, confine.CAP_DAC_READ_SEARCH, 0, 0, 0) != 1:
        raise PermissionError("the interpreter or TMPDIR lies in a folder that only root may enter")
    return NOBODY, (confine.CAP_DAC_READ_SEARCH,)


def main() -> NoReturn:
    guarded(launch)


def launch() -> NoReturn:
    with open(sys.argv[1]) as stream:
        config = json.load(stream)
    os.umask(0o022)  # the user's may shut out `nobody`
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    # Without namespaces this process ends all below it itself, so it must not be killed outright.
    number = signal.SIGKILL if config["namespaces"] else signal.SIGTERM
    confine.die_with_parent(config["supervisor"], number)
    run = run_in_namespaces if config["namespaces"] else run_as_process
    os._exit(run(config))
