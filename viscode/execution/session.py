"""Runs many cells in ONE kernel, in a sandbox, as nbconvert runs a notebook that may have errors.

This is what the published benchmark does with all answers of a model, and nothing else should want
it: names, imports and settings of a cell are there in the next one. Each cell is interrupted after
its time, again and again as nbclient does; one that will not end is killed, and the kernel with it.
When the kernel ends, so does the session: the cells behind it did not run.
"""

import os
import signal
import subprocess
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import nbformat
from nbclient.exceptions import DeadKernelError

from viscode.execution.cell_run import CellRun, EngineFailure, Outputs
from viscode.execution.notebook import RenderDesk, Runner, fill_box, kernel, kernel_log
from viscode.execution.sandbox import Launched, Scratch, stop
from viscode.execution.services import Services
from viscode.execution.watch import Limits, Watch
from viscode.records import Script

FOLDER = "/session-folder"  # in a cell's source: where its files lie
INTERRUPTS = 3  # of one cell, before it is killed
START_TIMEOUT_S = 90


@dataclass(frozen=True)
class Cell:
    """The source of one cell, and files that lie in the session's folder from its beginning, which
    the source calls FOLDER."""

    source: str
    files: dict[str, bytes] = field(default_factory=dict)

    @property
    def readable(self) -> bool:
        """Whether the source is text that can be handed to a kernel (no lone surrogates)."""
        try:
            self.source.encode()
        except UnicodeEncodeError:
            return False
        return True


def run_session(
    cells: Sequence[Cell], services: Services, limits: Limits, launched: Launched
) -> list[CellRun | None]:
    """What came out of each cell; None for those that no longer ran, and for unreadable ones.

    Raises:
        EngineFailure: the kernel did not come up, or the renderer failed.
    """
    files = {name: content for cell in cells for name, content in cell.files.items()}
    script = Script(
        id="session", code="\n".join(c.source for c in cells if c.readable), files=files
    )
    with Scratch() as scratch, RenderDesk(services.renderer) as desk:
        fill_box(scratch, script, services.fonts)
        with (
            kernel(script, services.sandbox, scratch, limits, desk.theirs.fileno()) as started,
            _watching(started[1], scratch.path, limits) as watch,
        ):
            manager, process = started
            desk.theirs.close()
            launched.add(process)
            box = services.sandbox.box_path(scratch)
            placed = [
                replace(one, source=one.source.replace(FOLDER, f"{box}/work")) for one in cells
            ]
            runs = _execute(placed, manager, process, watch, scratch)
            stop(process)
        for run in runs:
            if run is not None:
                run.box = box
        if desk.failure is not None:
            raise desk.failure
    return runs


class _SessionWatch(Watch):
    """A watch whose clock begins anew with each cell, and stands still between them."""

    def __init__(self, process: "subprocess.Popen[bytes]", scratch: Path, limits: Limits) -> None:
        super().__init__(process, scratch, limits)
        self.interrupts = 0

    def begin(self) -> None:
        self.interrupts, self.started = 0, time.monotonic()

    def pause(self) -> None:
        self.started = None

    def start_clock(self) -> None:
        """`begin` has done it."""

    def _time(self) -> str:
        started = self.started
        used = 0.0 if started is None else time.monotonic() - started
        if used <= self.limits.timeout_s * (self.interrupts + 1):
            return ""
        if self.interrupts == INTERRUPTS:
            return "TimeLimit"
        self.interrupts += 1
        try:
            os.killpg(self.process.pid, signal.SIGINT)
        except ProcessLookupError:
            return ""
        return ""


@contextmanager
def _watching(
    process: "subprocess.Popen[bytes]", scratch: Path, limits: Limits
) -> Iterator[_SessionWatch]:
    watch = _SessionWatch(process, scratch, limits)
    watch.start()
    try:
        yield watch
    finally:
        watch.end()


class _SessionRunner(Runner):
    """Collects what each cell gives."""

    watch: _SessionWatch

    def __init__(self, watch: _SessionWatch, **traits: Any) -> None:
        super().__init__(watch, **traits)
        self.runs: dict[int, CellRun] = {}
        self.current = CellRun()

    def preprocess_cell(self, cell: Any, resources: Any, index: int) -> Any:
        """Run one cell; what it gives is there also when the kernel ends under it."""
        began = time.monotonic()
        self.outputs, self.current = Outputs(), CellRun()
        self.runs[cell.metadata["number"]] = self.current
        self.watch.begin()
        try:
            return super().preprocess_cell(cell, resources, index)
        finally:
            self.watch.pause()
            run = self.current
            run.outputs, run.seconds = self.outputs.collected, time.monotonic() - began
            run.interrupted = self.watch.interrupts > 0

    def process_message(self, msg: dict[str, Any], cell: Any, cell_index: int) -> Any:
        content = msg["content"]
        if msg["msg_type"] == "error" and isinstance(content, dict):
            self.current.failure = str(content.get("ename")), str(content.get("evalue"))
        return super().process_message(msg, cell, cell_index)


def _execute(
    cells: Sequence[Cell],
    manager: Any,
    process: "subprocess.Popen[bytes]",
    watch: _SessionWatch,
    scratch: Scratch,
) -> list[CellRun | None]:
    readable = [
        nbformat.v4.new_code_cell(cell.source, metadata={"number": number})
        for number, cell in enumerate(cells)
        if cell.readable
    ]
    runner = _SessionRunner(
        watch,
        log=kernel_log(),
        timeout=None,
        allow_errors=True,
        record_timing=False,
        startup_timeout=START_TIMEOUT_S,
        store_widget_state=False,
    )
    try:
        runner.preprocess(nbformat.v4.new_notebook(cells=readable), {"metadata": {}}, km=manager)
    except (DeadKernelError, RuntimeError) as error:
        if not runner.runs:
            raise EngineFailure(f"{error}: {scratch.log_tail()}") from error
        runner.current.died = stop(process)
        runner.current.killed_for = watch.killed_for
    finally:
        if runner.kc is not None:
            runner.kc.stop_channels()
    return [runner.runs.get(number) for number in range(len(cells))]
