"""Where one script of the fork server lives, and how all of it ends. Standard library only.

`NamespaceCell` (mode A): a tiny process made before anything was imported, the keeper, is pid 1 of
new pid, mount and ipc namespaces with a size-limited tmpfs as the script's folder. A cell is
prepared while the script before it runs. When the script has ended, the keeper kills what is left,
hands over the saved images and ends; the kernel takes the namespaces, and the folder with them,
away.

`FolderCell` (modes B and none): a folder on disk, emptied between two scripts; whatever outlives
its script comes to the fork server as to a subreaper, and is killed there.
"""

# ruff: noqa: PTH108, PTH103, PTH110, PTH112, PTH114, PTH123, PTH208
from __future__ import annotations

import ctypes
import os
import signal
import socket
from contextlib import suppress

from . import confine, frames, launch, linux, saved
from .launch import MS_BIND, MS_NODEV, MS_NOEXEC, MS_NOSUID
from .linux import NOBODY, check, libc

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Collection, Iterable
    from typing import Any, NoReturn

    Config = dict[str, Any]  # what fork_server.py writes


def fill(box: str, config: Config) -> None:
    """The folders of a script's box, with matplotlib's font list."""
    for name in saved.BOX_FOLDERS:
        os.makedirs(f"{box}/{name}", exist_ok=True)
    if config["fonts"]:
        name, content = config["fonts"]
        with open(f"{box}/config/{name}", "wb") as stream:
            stream.write(bytes.fromhex(content))


def hand_over(target: socket.socket, work: str, given: Collection[str]) -> None:
    """Send the saved images of a finished script; `target` is the program's socket."""
    with target:
        try:
            for data in saved.images_in(work, given):
                frames.send(target, frames.SAVED, data)
        except OSError:  # the program has lost interest
            return


# Mode A -----------------------------------------------------------------------------------------


def start_nursery(config: Config) -> socket.socket:
    """Fork the process that makes keepers. Returns the socket on which cells are ordered."""
    ours, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
    parent = os.getpid()
    if os.fork() == 0:
        ours.close()
        launch.guarded(nurse, theirs, parent, config)
    theirs.close()
    return ours


def nurse(orders: socket.socket, parent: int, config: Config) -> NoReturn:
    confine.die_with_parent(parent)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    flags = ctypes.c_ulong(linux.NEWPID | linux.NEWNS | linux.NEWIPC | signal.SIGCHLD)
    while True:
        message, descriptors, _, _ = socket.recv_fds(orders, 16, 1)
        if not message:
            os._exit(0)
        line = socket.socket(fileno=descriptors[0])
        keeper = check(libc.syscall(linux.SYS_CLONE, flags, 0, 0, 0, 0), "clone")
        if keeper == 0:
            orders.close()
            launch.guarded(keep, line, config, *map(int, message.split()))
        with suppress(OSError):  # whoever ordered it has ended; so will the keeper
            line.send(b"%d" % keeper)
        line.close()


def keep(line: socket.socket, config: Config, user: int | None = None) -> NoReturn:
    """Pid 1 of a cell: prepare the folder, which is `user`'s, wait, clean up."""
    confine.die_with_parent()
    owner = f"uid={os.getuid()},gid={os.getgid()}" if user is None else f"uid={user},gid={NOBODY}"
    size = f"size={config['disk_mb']}m,nr_inodes={launch.TMPFS_INODES},mode=755,{owner}"
    launch.mount("tmpfs", "/sandbox", "tmpfs", MS_NOSUID | MS_NODEV, size)
    fill("/sandbox", config)
    if user is not None:
        launch.give_box_away("/sandbox", user)
    cover_tmp(config["below_tmp"])
    launch.mount_shm("/dev/shm", config["shm_mb"])
    if os.path.exists("/proc/self"):
        launch.mount("proc", "/proc", "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC)
        launch.restrict("/proc", launch.ATTR_RDONLY)
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    libc.prctl(linux.PR_SET_DUMPABLE, 0, 0, 0, 0)  # an ordinary user's script has its user id
    try:
        line.send(b"ready")
        message, descriptors, _, _ = socket.recv_fds(line, 16, 1)
    except OSError:  # whoever ordered it has ended
        os._exit(0)
    if not message:
        os._exit(0)
    target = socket.socket(fileno=descriptors[0])
    frames.send(target, frames.HELLO, b"")  # tells the program which process adopts orphans
    message = line.recv(1 << 16)
    with suppress(ProcessLookupError):
        os.kill(-1, signal.SIGKILL)
    with suppress(ChildProcessError):
        os.waitpid(-1, 0)  # SIGCHLD is ignored: returns when the last one is gone
    given = set(message.decode("utf-8", "surrogateescape").split("\0"))
    hand_over(target, "/sandbox/work", given)
    os._exit(0)


def cover_tmp(kept: Iterable[str]) -> None:
    """Put the script's own /tmp over the server's, except for the folders `kept` in it, which stay
    readable: the environment lies there where the project does."""
    opened = [(path, os.open(path, os.O_PATH | os.O_DIRECTORY)) for path in kept]
    launch.mount("/sandbox/tmp", "/tmp", None, MS_BIND)
    for path, folder in opened:
        os.makedirs(path, exist_ok=True)
        os.fchdir(folder)
        launch.mount(".", path, None, MS_BIND | launch.MS_REC)
        launch.restrict(path, launch.READ_ONLY)
        os.close(folder)
    os.chdir("/")


class NamespaceCell:
    def __init__(self, orders: socket.socket, user: int | None) -> None:
        self.line, theirs = socket.socketpair(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        order = b" " if user is None else b"%d" % user
        socket.send_fds(orders, [order], [theirs.fileno()])
        theirs.close()

    def prepare(self, target: socket.socket) -> None:
        """Wait until the keeper is ready and tell it where saved images go. The next fork's child
        is born into its pid namespace."""
        messages = {self.line.recv(16), self.line.recv(16)}
        if b"ready" not in messages:
            raise RuntimeError("the keeper of a cell did not come up")
        (pid,) = messages - {b"ready"}
        self.keeper = os.pidfd_open(int(pid))
        socket.send_fds(self.line, [b"target"], [target.fileno()])
        target.close()
        self._enter(linux.NEWPID)

    def enter(self) -> None:
        """In the script's process: its file system and ipc namespace."""
        self._enter(linux.NEWNS | linux.NEWIPC)
        self.line.close()
        os.close(self.keeper)

    def _enter(self, namespaces: int) -> None:
        check(libc.syscall(linux.SYS_SETNS, self.keeper, namespaces), "setns")

    def finish(self, given: Iterable[str]) -> None:
        """End all that is left of the script; the keeper sends its saved images, except those with
        the names `given`."""
        names = "\0".join(["end", *given]).encode("utf-8", "surrogateescape")
        self.line.send(names[: 1 << 15])
        self.line.close()
        os.close(self.keeper)


# Modes B and none -------------------------------------------------------------------------------


class FolderCell:
    def __init__(self, config: Config) -> None:
        self.box, self.config = config["box"], config

    def prepare(self, target: socket.socket) -> None:
        self.target = target
        empty(self.box)
        fill(self.box, self.config)

    def enter(self) -> None:
        self.target.close()

    def finish(self, given: Iterable[str]) -> None:
        confine.end_all()
        hand_over(self.target, f"{self.box}/work", set(given))
        empty(self.box)


AnyCell = NamespaceCell | FolderCell


def empty(box: str) -> None:
    """Remove what lies in a stranger's folder."""
    for name in os.listdir(box):
        path = f"{box}/{name}"
        if os.path.isdir(path) and not os.path.islink(path):
            saved.remove_tree(path)
        else:
            os.unlink(path)
