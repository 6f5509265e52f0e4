"""What forks: the warm process, its workers, and the process of one script; see warm.py.

The script's process reads what to run from its line itself and reports on it (frames.py), so that
no byte of a script passes through a process that other scripts come from. It raises its walls
(confine.py) before it reads; the worker's own descriptors are closed by then.
"""

# ruff: noqa: PTH119, PTH123
from __future__ import annotations

import contextlib
import gc
import itertools
import json
import os
import select
import signal
import socket
import sys
import threading
import warnings
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NoReturn

from . import (
    cells,
    confine,
    frames,
    kernel,
    launch,
    linux,
    pages,
    probe,
    program,
    rehearse,
    shell,
    vault,
)
from .linux import libc
from .start import PACKAGE

REAP_EVERY_MS = 50
SENT = {"stream", "display_data", "execute_result", "error", "update_display_data", "clear_output"}


class Server:
    """What is there before a script comes: the kernel, the probe, and, if `warm`, the hidden
    modules."""

    def __init__(self, connection_file: str, *, warm: bool = True) -> None:
        self.warm = warm
        self.hot: list[list[int]] = []  # runs of pages (pages.py)
        self.app = shell.start_blind(connection_file)
        self.probe = probe.Probe(self.app.shell, warm=True)
        if warm:
            self.warm_up()
        for name in [name for name in sys.modules if name.split(".")[0] == PACKAGE]:
            del sys.modules[name]  # in a fresh process they are not there

    def warm_up(self) -> None:
        """Import and rehearse, then hide all of it. No collection meanwhile: what is imported stays
        for good, and looking for garbage among it takes a third of the time."""
        visible, filters = set(sys.modules), list(warnings.filters)
        hidden = vault.Vault()
        gc.disable()
        with hidden.record():
            rehearse.rehearse(self.app.shell)
        hidden.hide(visible, filters)
        gc.enable()


class ReportLine:
    """The script's end of its line to the program. Other processes of the script stay silent on
    it, as they do in a notebook."""

    def __init__(self, sock: socket.socket, read: Collection[str]) -> None:
        self.sock, self.owner, self.read = sock, os.getpid(), read
        self.lock, self.exports = threading.Lock(), kernel.RenderLine(sock, self.send)

    def send(self, kind: bytes, body: bytes = b"") -> None:
        if os.getpid() == self.owner:
            with self.lock:
                frames.send(self.sock, kind, body)

    def deliver(self, kind: str, content: dict[str, Any]) -> None:
        """One message of the kernel, without what no one will look at."""
        if kind not in SENT:
            return
        content = kernel.trimmed(content, self.read)
        message = shell.as_json({"type": kind, "content": content})
        if len(message) <= frames.FRAME_BYTES:
            self.send(frames.MESSAGE, message)


class ScriptForker:
    """Runs one script at a time, each in a fork."""

    def __init__(
        self,
        server: Server,
        config: dict[str, Any],
        control: socket.socket,
        orders: socket.socket | None,
        user: int | None,
    ) -> None:
        self.server, self.config, self.control, self.orders = server, config, control, orders
        self.user = user  # of its scripts; None: they are their starter's
        self.ordered: list[list[socket.socket]] = []  # of a script whose process is to be made
        self.next: tuple[int, cells.AnyCell] | None = None  # a process that waits for its script

    def new_cell(self) -> cells.AnyCell:
        if self.orders is not None:
            return cells.NamespaceCell(self.orders, self.user)
        return cells.FolderCell(self.config)

    def serve(self, parent: int) -> NoReturn:
        """Until the program closes the control socket. The first message tells it who this is."""
        confine.die_with_parent(parent)
        signal.signal(signal.SIGCHLD, signal.SIG_DFL)
        libc.prctl(linux.PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0)
        self.cell = self.new_cell()  # of the next script, being prepared
        self.control.send(b"hello")
        while True:
            message = self.receive()
            if not message:
                os._exit(0)
            name, *given = message.decode("utf-8", "surrogateescape").split("\0")
            if name == "run":  # anything else came after its script's end
                self.run(given)
            if self.ordered:
                self.prepare(*self.ordered.pop())

    def receive(self) -> bytes:
        """The next message; sockets that came with it are put aside until the script has ended."""
        message, descriptors, _, _ = socket.recv_fds(self.control, 1 << 16, 3)
        if descriptors:
            self.ordered.append([socket.socket(fileno=number) for number in descriptors])
        return message

    def prepare(self, line: socket.socket, raw: socket.socket, target: socket.socket) -> None:
        """Fork the next script's process. It waits for its script on `line`."""
        cell = self.cell
        cell.prepare(target)
        script = os.fork()
        if script == 0:
            launch.guarded(self.become_script, cell, line, raw)
        line.close()
        raw.close()
        self.next = script, cell
        self.cell = self.new_cell()

    def run(self, given: Sequence[str]) -> None:
        assert self.next is not None
        (script, cell), self.next = self.next, None
        status = self.wait(script)
        self.control.send(json.dumps({"ended": status}).encode())
        cell.finish(given)
        wait_for_all()

    def wait(self, script: int) -> int:
        """Pass on what the program wants, until the script has ended; its exit status. What comes
        to this process as to a parent is asked for meanwhile: else it would stay a zombie."""
        ended = os.pidfd_open(script)
        poll = select.poll()
        poll.register(ended, select.POLLIN)
        poll.register(self.control, select.POLLIN)
        status = None
        while status is None:
            ready = [number for number, _ in poll.poll(REAP_EVERY_MS)]
            if ended in ready:
                self.signal_group(script, signal.SIGKILL)  # at once, however many they are
            elif self.control.fileno() in ready:
                message = self.receive()
                if message == b"interrupt":
                    self.signal_group(script, signal.SIGINT)
                elif message in (b"kill", b""):
                    self.signal_group(script, signal.SIGKILL)
                if not message:
                    poll.unregister(self.control)
            status = reap(script)
        os.close(ended)
        return status

    @staticmethod
    def signal_group(script: int, number: int) -> None:
        try:
            os.killpg(script, number)
        except ProcessLookupError:  # it has not made its group yet
            os.kill(script, number)

    def become_script(
        self, cell: cells.AnyCell, line: socket.socket, raw: socket.socket
    ) -> NoReturn:
        """In the fork: enter the cell, raise the walls, only then read what to run."""
        confine.die_with_parent()
        os.setsid()
        cell.enter()
        self.control.close()
        if self.orders is not None:
            self.orders.close()
        quiet = os.open(os.devnull, os.O_RDONLY)
        os.dup2(quiet, 0)
        for number in (1, 2):
            os.dup2(raw.fileno(), number)
        raw.close()
        self.raise_walls()
        os.chdir(f"{self.config['box']}/work")
        pages.copy_ahead(self.server.hot, line)
        report = ReportLine(line, self.config["read"])
        request = json.loads(frames.receive(line)[1])
        confine.limit(request["limits"])
        if self.user is not None:
            confine.limit(self.config["limits_alone"])
        for name in request["files"]:
            with open(os.path.basename(name), "wb") as stream:
                stream.write(frames.receive(line)[1])
        self.server.probe.start(request["seed"], report.exports.ask)
        program.begin(self.server.app.shell, request["name"], request["code"])
        report.send(frames.CLOCK)
        reply = shell.execute(self.server.app, request["code"], report.deliver)
        report.send(frames.DONE, shell.as_json(kernel.trimmed(reply, report.read)))
        os._exit(0)

    def raise_walls(self) -> None:
        config = self.config
        if not config["walls"]:
            return
        if self.orders is not None:
            confine.drop_privileges(self.user)
            confine.die_with_parent()  # forgotten with the change of user
        libc.prctl(linux.PR_SET_DUMPABLE, 1, 0, 0, 0)  # as after an execve
        confine.walls(config, sockets=False)


def reap(script: int) -> int | None:
    """Ask for the children that have ended; the exit status of `script` if it is one of them."""
    while True:
        ended, raw = os.waitpid(-1, os.WNOHANG)
        if ended in (0, script):
            return os.waitstatus_to_exitcode(raw) if ended else None


def wait_for_all() -> None:
    """Until no child is left. The end of a script's cell ends what the script made beside it, which
    may take longer than the script."""
    with contextlib.suppress(ChildProcessError):
        while True:
            os.wait()


def serve(
    server: Server,
    config: dict[str, Any],
    control: socket.socket,
    orders: socket.socket | None,
    users: Iterable[int],
) -> None:
    """Fork a worker for each one that the program asks for, until it closes `control`. The scripts
    of each are another of the `users`, where there are any."""
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)
    gc.freeze()
    if server.warm:
        pages.use_large_pages()
        server.hot = hot_pages(server)
    control.send(b"ready")
    in_turn = itertools.cycle([*users] or [None])
    while True:
        message, descriptors, _, _ = socket.recv_fds(control, 16, 1)
        if not message:
            return
        line, parent, user = socket.socket(fileno=descriptors[0]), os.getpid(), next(in_turn)
        if os.fork() == 0:
            control.close()
            launch.guarded(ScriptForker(server, config, line, orders, user).serve, parent)
        line.close()


def hot_pages(server: Server) -> list[list[int]]:
    """The pages that a plotting script writes to, seen in a fork that runs one."""
    ours, theirs = socket.socketpair()
    if os.fork() == 0:
        launch.guarded(send_hot_pages, server, theirs)
    theirs.close()
    with ours:
        runs: list[list[int]] = json.loads(frames.receive(ours)[1])
        return runs


def send_hot_pages(server: Server, line: socket.socket) -> NoReturn:
    server.probe.start(0, bytes)
    shell.execute(server.app, rehearse.TYPICAL, lambda kind, content: None)
    frames.send(line, frames.MESSAGE, json.dumps(pages.written()).encode())
    os._exit(0)
