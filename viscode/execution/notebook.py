"""Runs one script as a notebook of one cell, in a fresh kernel inside a sandbox.

nbconvert's ExecutePreprocessor executes it as the paper does (3.1): errors are not allowed, a
script over its time is interrupted. What is ours: the interrupt, the kill after a grace period
and the totals of memory, disk and processes come from a watcher (watch.py), because the
reference hangs on a script that swallows the interrupt; outputs are capped as they arrive.
"""

import asyncio
import json
import logging
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path
from queue import Empty
from typing import Any

import nbformat
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import run_sync
from nbclient.client import CellExecutionComplete
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbconvert.preprocessors import ExecutePreprocessor

from viscode.core.records import Script
from viscode.execution import forms, untrusted
from viscode.execution.cell_run import CellOutputs, CellRun, EngineFailure
from viscode.execution.inside import frames
from viscode.execution.inside.saved import images_in
from viscode.execution.render import FigureRenderer, Renders, Unwanted, refused
from viscode.execution.sandbox import Launched, Sandbox, stop
from viscode.execution.scratch import Scratch
from viscode.execution.services import Services
from viscode.execution.watch import ScriptLimits, TreeWatch
from viscode.execution.zmtp import HEADER_BYTES, Channel, KernelMessage

START_TIMEOUT_S = 90.0
OUTPUT_TIMEOUT_S = 30  # after a cell's end, for what it has shown; nbclient's 4 s lose images
ALIVE_INTERVAL_S, CONNECT_INTERVAL_S = 0.1, 0.02


class KernelClient(AsyncKernelClient):  # type: ignore[misc]
    """A client without heartbeat and stdin, whose channels are ours (zmtp.py), and that is ready
    with the first reply; the stock one waits 0.2 s for silence."""

    def start_channels(self, *_: Any, **__: Any) -> None:
        self._shell_channel = Channel(f"{self.ip}-{self.shell_port}", "DEALER", self.session)
        self._iopub_channel = Channel(f"{self.ip}-{self.iopub_port}", "SUB", self.session)

    def stop_channels(self) -> None:
        self.shell_channel.stop()
        self.iopub_channel.stop()

    @property
    def broken(self) -> str:
        """What is wrong with a channel, or ""."""
        return str(self.shell_channel.broken or self.iopub_channel.broken)

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        deadline = time.monotonic() + (timeout or START_TIMEOUT_S)
        while time.monotonic() < deadline and not self.broken:
            if not (await self.shell_channel.open() and await self.iopub_channel.open()):
                await asyncio.sleep(CONNECT_INTERVAL_S)
            else:
                self.kernel_info()
                if await self._replied():
                    return
            if not await self.is_alive():
                raise RuntimeError("the kernel ended before it was ready")
        raise RuntimeError(self.broken or "the kernel did not answer in time")

    async def _replied(self) -> bool:
        """Whether shell and iopub both answer: iopub loses messages until it is subscribed."""
        try:
            await self.shell_channel.get_msg(timeout=1)
            await self.iopub_channel.get_msg(timeout=0.2)
        except Empty:
            return False
        return True


class Runner(ExecutePreprocessor):  # type: ignore[misc]
    """ExecutePreprocessor with capped outputs and a quick eye on a dead kernel."""

    def __init__(self, kernel: "Kernel", **traits: Any) -> None:
        super().__init__(
            log=quiet_log(),
            timeout=None,
            record_timing=False,
            startup_timeout=int(START_TIMEOUT_S),
            iopub_timeout=OUTPUT_TIMEOUT_S,
            store_widget_state=False,
            **traits,
        )
        self.kernel, self.watch = kernel, kernel.watch
        self.outputs = CellOutputs()
        self.began = False  # whether code of the script has begun

    def run_cells(self, cells: list[Any]) -> bool:
        """Run them in order. Whether the kernel has lived through all of them.

        Raises:
            CellExecutionError: a cell failed, and errors are not allowed.
            EngineFailure: the kernel ended before the first of them began.
        """
        notebook = nbformat.v4.new_notebook(cells=cells)
        try:
            self.preprocess(notebook, {"metadata": {}}, km=self.kernel.manager)
        except (DeadKernelError, RuntimeError) as error:
            if not self.began:
                raise EngineFailure(f"{error}: {self.kernel.scratch.log_tail()}") from error
            return False
        finally:
            if self.kc is not None:
                self.kc.stop_channels()
        return True

    async def _async_poll_kernel_alive(self) -> None:
        self.watch.start_clock()
        self.began = True
        while await self.km.is_alive() and not self.kc.broken:
            await asyncio.sleep(ALIVE_INTERVAL_S)
        self.task_poll_for_reply.cancel()

    def process_message(self, msg: KernelMessage, cell: Any, cell_index: int) -> None:
        """Outputs are collected as those of the other engine are (cell_run.py)."""
        if msg["msg_type"] != "status":
            self.outputs.add(msg["content"], msg["msg_type"])
        elif ends(msg["content"]):
            raise CellExecutionComplete


def ends(status: bytes) -> bool:
    """Whether a kernel's status says that its cell is over."""
    try:
        state = untrusted.parsed(status, HEADER_BYTES).get("execution_state")
    except untrusted.Unreadable:
        return False
    return bool(state == "idle")


class RenderDesk:
    """Serves the image exports of one kernel while it runs (render.py)."""

    def __init__(self, renderer: FigureRenderer) -> None:
        self._renders = Renders(renderer)
        self.failure: EngineFailure | None = None
        self._line, self.theirs = socket.socketpair()
        self._reader = frames.Reader(frames.FRAME_BYTES)
        self._thread = threading.Thread(target=self._serve, name="render desk", daemon=True)

    def __enter__(self) -> "RenderDesk":
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.theirs.close()
        self._renders.end()
        self._line.shutdown(socket.SHUT_RDWR)
        self._thread.join()
        self._line.close()

    def waited_s(self) -> float:
        """The seconds for which the clock of the code that runs stands still."""
        return self._renders.waited_s

    def _serve(self) -> None:
        with suppress(OSError):
            while data := self._line.recv(1 << 20):
                for kind, body in self._reader.feed(data):
                    if kind == frames.RENDER:
                        self._answer(body or b"")

    def _answer(self, body: bytes) -> None:
        try:
            answer = self._renders.export(body)
        except Unwanted:  # a kernel that goes on drops this answer
            answer = refused("its code has ended").body
        except EngineFailure as error:
            self.failure = error
            self._line.shutdown(socket.SHUT_RDWR)
            return
        frames.send(self._line, frames.PICTURE, answer)


@dataclass(frozen=True)
class Kernel:
    """A kernel that runs in a sandbox, and who watches it. `box`: its folder as it sees it."""

    manager: AsyncKernelManager
    process: "subprocess.Popen[bytes]"
    watch: TreeWatch
    scratch: Scratch
    box: str


def run_cell(
    script: Script,
    services: Services,
    limits: ScriptLimits,
    launched: Launched,
    *,
    saved_files: bool,
) -> CellRun:
    """Run one script to its end; nothing of it is left afterwards. `launched` lets another thread
    end it.

    Raises:
        EngineFailure: the kernel did not come up, or the renderer failed.
    """
    began = time.monotonic()
    with running_kernel(script, services, limits, launched) as kernel:
        run = _execute(script, kernel)
        stop(kernel.process)
        if saved_files:
            folder = kernel.scratch.box / "work"
            run.saved = list(images_in(str(folder), script.files.keys()))
        run.box, run.seconds = kernel.box, time.monotonic() - began
    return run


@contextmanager
def running_kernel(
    script: Script,
    services: Services,
    limits: ScriptLimits,
    launched: Launched,
    *,
    cells: int = 0,
) -> Iterator[Kernel]:
    """A kernel in a folder with the script's files. Its sockets lie there, so that no network is
    needed. It will run the script (inside/program.py), and plotly figures are shown to the program
    whatever renderer is chosen (inside/showing.py); or so many `cells` of a session, as published,
    each within the limits.

    Raises:
        EngineFailure: the renderer failed.
    """
    with Scratch() as scratch, RenderDesk(services.renderer) as desk:
        services.place_fonts(scratch)
        for name, content in script.files.items():
            (scratch.box / "work" / Path(name).name).write_bytes(content)
        lasting = replace(limits, timeout_s=limits.timeout_s * max(1, cells))
        manager = _manager(services.sandbox, scratch, lasting)
        render_fd = desk.theirs.fileno()
        program = None if cells else {"name": script.name, "code": script.code}
        given = {
            "seed": script.seed,
            "render_fd": render_fd,
            "read": sorted(forms.READ),
            "program": program,
        }
        _hand_over(services.sandbox, scratch, given)
        with scratch.log.open("wb") as log:
            run_sync(manager.start_kernel)(
                env={}, stdout=subprocess.DEVNULL, stderr=log, pass_fds=(render_fd,)
            )
        process = manager.provisioner.process
        launched.add(process)
        try:
            with TreeWatch(process, scratch.path, limits, desk.waited_s) as watch:
                desk.theirs.close()
                yield Kernel(manager, process, watch, scratch, services.sandbox.box_path(scratch))
        finally:
            stop(process)
            run_sync(manager.shutdown_kernel)(now=True)
        if desk.failure is not None:
            raise desk.failure


def _manager(sandbox: Sandbox, scratch: Scratch, limits: ScriptLimits) -> AsyncKernelManager:
    manager = AsyncKernelManager(
        transport="ipc",
        ip=str(scratch.box / "run" / "k"),
        log=quiet_log(),
        connection_file=str(scratch.path / "kernel.json"),
    )
    manager.client_factory = KernelClient
    argv = sandbox.program("kernel", f"{sandbox.box_path(scratch)}/run/spec.json")
    command = sandbox.command(scratch, argv, limits.of_process(sandbox), "sockets")
    manager._kernel_spec = KernelSpec(argv=command, display_name="viscode", language="python")
    manager.write_connection_file()
    return manager


def _hand_over(sandbox: Sandbox, scratch: Scratch, given: Mapping[str, object]) -> None:
    """Write what the kernel reads: the connection as it sees it, and `given`."""
    box = sandbox.box_path(scratch)
    connection = json.loads((scratch.path / "kernel.json").read_text())
    connection["ip"] = f"{box}/run/k"
    (scratch.box / "run" / "kernel.json").write_text(json.dumps(connection))
    walls = {"walls": sandbox.isolation != "none", "alone": sandbox.namespaces}
    spec = {**given, "connection_file": f"{box}/run/kernel.json", **walls}
    (scratch.box / "run" / "spec.json").write_text(json.dumps(spec))


def quiet_log() -> logging.Logger:
    """nbclient logs each dead kernel as an error; here that is a verdict, not news."""
    log = logging.getLogger("viscode.notebook")
    log.setLevel(logging.CRITICAL)
    return log


def _execute(script: Script, kernel: Kernel) -> CellRun:
    runner, run = Runner(kernel, allow_errors=False), CellRun()
    try:
        if not runner.run_cells([nbformat.v4.new_code_cell(script.code)]):
            run.unreadable, run.died = runner.kc.broken, stop(kernel.process)
    except CellExecutionError as error:
        run.failure = (error.ename, error.evalue)
    run.outputs = runner.outputs.collected
    run.interrupted, run.killed_for = kernel.watch.interrupted, kernel.watch.killed_for
    return run
