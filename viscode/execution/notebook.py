"""Runs one script as a notebook of one cell, in a fresh kernel inside a sandbox.

nbconvert's ExecutePreprocessor executes it as the paper does (3.1): errors are not allowed, a
script over its time is interrupted. What is ours: the interrupt, the kill after a grace period
and the totals of memory, disk and processes come from a watcher (watch.py), because the
reference hangs on a script that swallows the interrupt; outputs are capped as they arrive.
"""

import asyncio
import json
import logging
import subprocess
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from queue import Empty
from typing import Any

import nbformat
from jupyter_client.asynchronous.client import AsyncKernelClient
from jupyter_client.kernelspec import KernelSpec
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import run_sync
from nbclient.exceptions import CellExecutionError, DeadKernelError
from nbconvert.preprocessors import ExecutePreprocessor

from viscode.execution.sandbox import Launched, Sandbox, Scratch, stop
from viscode.execution.watch import Limits, Watch, watching
from viscode.hashing import digest
from viscode.records import Script

RESOURCES = ("inside/kernel.py", "inside/probe.py", "inside/mpl_facts.py")
START_TIMEOUT_S = 90.0
ALIVE_INTERVAL_S = 0.1
OUTPUT_CHARS = 96 << 20  # of all displays of a script together; what comes later is dropped
STREAM_CHARS = 1 << 20
CPU_FACTOR = 4  # processor seconds per wall second: a backstop behind the watcher


class KernelStartError(Exception):
    """The kernel did not come up: a failure of ours, never a verdict."""


@dataclass
class CellRun:
    """What came out of one cell. `failure` is the exception's (name, message), `died`
    the exit status of a kernel that ended on its own, `saved` the images in its folder."""

    outputs: list[dict[str, Any]] = field(default_factory=list)
    failure: tuple[str, str] | None = None
    died: int | None = None
    interrupted: bool = False
    killed_for: str = ""
    saved: list[bytes] = field(default_factory=list)
    box: str = ""


class Client(AsyncKernelClient):  # type: ignore[misc]
    """A client without heartbeat and stdin that is ready with the first reply; the stock one
    waits 0.2 s for silence."""

    def start_channels(self, *_: Any, **__: Any) -> None:
        super().start_channels(shell=True, iopub=True, stdin=False, hb=False, control=False)

    async def wait_for_ready(self, timeout: float | None = None) -> None:
        deadline = time.monotonic() + (timeout or START_TIMEOUT_S)
        while time.monotonic() < deadline:
            self.kernel_info()
            if await self._replied():
                return
            if not await self.is_alive():
                raise RuntimeError("the kernel ended before it was ready")
        raise RuntimeError("the kernel did not answer in time")

    async def _replied(self) -> bool:
        """Whether shell and iopub both answer: iopub loses messages until it is subscribed."""
        try:
            reply = await self.shell_channel.get_msg(timeout=1)
            await self.iopub_channel.get_msg(timeout=0.2)
        except Empty:
            return False
        self._handle_kernel_info_reply(reply)
        return True


class Runner(ExecutePreprocessor):  # type: ignore[misc]
    """ExecutePreprocessor with capped outputs and a quick eye on a dead kernel."""

    def __init__(self, watch: Watch, **traits: Any) -> None:
        super().__init__(**traits)
        self.watch = watch
        self.collected: list[dict[str, Any]] = []
        self.seen = {"stream": 0, "rest": 0}

    async def _async_poll_kernel_alive(self) -> None:
        self.watch.start_clock()
        while await self.km.is_alive():
            await asyncio.sleep(ALIVE_INTERVAL_S)
        self.task_poll_for_reply.cancel()

    def output(self, outs: list[Any], msg: dict[str, Any], display_id: Any, cell_index: int) -> Any:
        content = msg["content"]
        if msg["msg_type"] == "stream":
            content["text"] = content["text"][: max(0, STREAM_CHARS - self.seen["stream"])]
            self.seen["stream"] += len(content["text"])
        else:
            self.seen["rest"] += _weight(content)
            if self.seen["rest"] > OUTPUT_CHARS:
                return None
        made = super().output(outs, msg, display_id, cell_index)
        self.collected = outs
        return made


def _weight(value: Any) -> int:
    if isinstance(value, dict):
        return sum(_weight(item) for item in value.values())
    if isinstance(value, list):
        return 8 + sum(_weight(item) for item in value)
    return len(value) if isinstance(value, str) else 8


def run_cell(
    script: Script,
    sandbox: Sandbox,
    limits: Limits,
    fonts: bytes | None,
    read_saved: Callable[[Path, Script], list[bytes]],
    launched: Launched,
) -> CellRun:
    """Run one script to its end; nothing of it is left afterwards. `read_saved` reads the images
    out of its box once all its processes are gone; `launched` lets another thread end it.

    Raises:
        KernelStartError: the kernel did not come up.
    """
    with Scratch() as scratch:
        _fill_box(scratch, script, fonts)
        with (
            _kernel(script, sandbox, scratch, limits) as (manager, process),
            watching(process, scratch.path, limits) as watch,
        ):
            launched.add(process)
            run = _execute(script, manager, process, watch, scratch)
            stop(process)
            run.saved = read_saved(scratch.box, script)
            run.box = sandbox.box_path(scratch)
        return run


def _fill_box(scratch: Scratch, script: Script, fonts: bytes | None) -> None:
    for name, content in script.files.items():
        (scratch.box / "work" / Path(name).name).write_bytes(content)
    if fonts is not None:
        font_file, _, text = fonts.partition(b"\n")
        (scratch.box / "config" / font_file.decode()).write_bytes(text)


@contextmanager
def _kernel(
    script: Script, sandbox: Sandbox, scratch: Scratch, limits: Limits
) -> Iterator[tuple[AsyncKernelManager, "subprocess.Popen[bytes]"]]:
    """Start the kernel; its sockets lie in the box, so that no network is needed."""
    manager = AsyncKernelManager(
        transport="ipc",
        ip=str(scratch.box / "run" / "k"),
        log=_log(),
        connection_file=str(scratch.path / "kernel.json"),
    )
    manager.client_factory = Client
    cpu_s = (limits.timeout_s + limits.grace_s) * CPU_FACTOR
    argv = [sandbox.inside_path("kernel.py"), f"{sandbox.box_path(scratch)}/run/spec.json"]
    command = sandbox.command(scratch, argv, cpu_s)
    manager._kernel_spec = KernelSpec(argv=command, display_name="viscode", language="python")
    manager.write_connection_file()
    _hand_over(sandbox, scratch, script)
    with scratch.log.open("wb") as log:
        run_sync(manager.start_kernel)(env={}, stdout=subprocess.DEVNULL, stderr=log)
    process = manager.provisioner.process
    try:
        yield manager, process
    finally:
        stop(process)
        run_sync(manager.shutdown_kernel)(now=True)


def _hand_over(sandbox: Sandbox, scratch: Scratch, script: Script) -> None:
    """Write what the kernel reads: the connection as it sees it, and the seed."""
    box = sandbox.box_path(scratch)
    connection = json.loads((scratch.path / "kernel.json").read_text())
    connection["ip"] = f"{box}/run/k"
    (scratch.box / "run" / "kernel.json").write_text(json.dumps(connection))
    given = {"connection_file": f"{box}/run/kernel.json", "seed": int(digest(script.code)[:16], 16)}
    (scratch.box / "run" / "spec.json").write_text(json.dumps(given))


def _log() -> logging.Logger:
    """nbclient logs each dead kernel as an error; here that is a verdict, not news."""
    log = logging.getLogger("viscode.notebook")
    log.setLevel(logging.CRITICAL)
    return log


def _execute(
    script: Script,
    manager: AsyncKernelManager,
    process: "subprocess.Popen[bytes]",
    watch: Watch,
    scratch: Scratch,
) -> CellRun:
    cell = nbformat.v4.new_code_cell(script.code)
    notebook = nbformat.v4.new_notebook(cells=[cell])
    runner = Runner(
        watch,
        log=_log(),
        timeout=None,
        allow_errors=False,
        record_timing=False,
        startup_timeout=int(START_TIMEOUT_S),
        store_widget_state=False,
    )
    run = CellRun()
    try:
        runner.preprocess(notebook, {"metadata": {}}, km=manager)
    except CellExecutionError as error:
        run.failure = (error.ename, error.evalue)
    except (DeadKernelError, RuntimeError) as error:
        if watch.started is None:
            raise KernelStartError(f"{error}: {scratch.log_tail()}") from error
        run.died = stop(process)
    finally:
        if runner.kc is not None:
            runner.kc.stop_channels()
    run.outputs = runner.collected
    run.interrupted, run.killed_for = watch.interrupted, watch.killed_for
    return run
