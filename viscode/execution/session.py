"""Runs many cells in order in ONE kernel inside a sandbox, as the published harness does.

nbconvert's ExecutePreprocessor executes them with errors allowed: what a cell leaves behind (names,
files, settings) is there for the next one, which is the point of it. The walls, the memory and disk
limits and the watcher are those of the notebook engine (notebook.py) and hold for the session as a
whole; each cell has its own time. A cell over it is interrupted; one that swallows the interrupt is
killed after a grace period, where the published harness would wait for ever.

A dead kernel ends the session: the cell that ended it and all later ones have DeadKernelError. A
cell that calls `exit()` itself ends well; IPython stops the kernel a tenth of a second later, so
that whether the next cell still starts is a race. Here it never does.

Only what nbconvert would keep as `display_data` with a PNG is an image. What a cell shows is judged
before the next one starts, so that one cell's outputs are held at a time.
"""

import json
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from typing import Any

import nbformat

from viscode.core.hashing import canonical_json, digest
from viscode.core.records import Execution, Script
from viscode.core.workstore import WorkStore
from viscode.execution import forms, verdict
from viscode.execution.cell_run import CellOutputs, CellRun, Output
from viscode.execution.engine import ENGINE_VERSION, Crew, RunOptions, pack, pieces, unpack
from viscode.execution.images import decoder_versions
from viscode.execution.notebook import Kernel, Runner, running_kernel
from viscode.execution.sandbox import BOX_AT

SESSION_KIND = "paper_session"
SESSION_VERSION = 1  # as ENGINE_VERSION, for what only sessions do
ENGINE = "session"
WORK_AT = f"{BOX_AT}/work"  # where cells find their files, by absolute path
EXIT_WAIT_S = 5.0
# Before the first cell: the sandbox has no terminals, which IPython runs `!command` in.
SETUP = "get_ipython().system = get_ipython().system_raw"


@dataclass(frozen=True)
class Cell:
    """A cell's text, and the files (name -> bytes) that lie in the session's folder for it. A path
    below `WORK_AT` in the text is right wherever that folder really is."""

    source: str
    files: dict[str, bytes] = field(default_factory=dict)


def run_session(
    cells: Sequence[Cell], options: RunOptions, store: WorkStore | None
) -> list[Execution]:
    """Execute the cells in one kernel, or serve what the store knows of exactly these cells.

    Raises:
        UserError: no interpreter, no lock file, or a kernel that could not be started.
    """
    if not cells:
        return []
    crew = Crew(options, store)
    key = session_key(cells, crew)
    known = store.read(SESSION_KIND, key, _unpacked) if store else None
    if known is not None:
        return known
    what = f"session of {len(cells)} cells"
    made = crew.attempted(what, lambda: _in_thread(cells, crew))
    if store is not None:
        store.put(SESSION_KIND, key, _packed(made))
    return made


def session_key(cells: Sequence[Cell], crew: Crew) -> str:
    """Hash of exactly what determines the verdicts: all cells in their order."""
    files = {name: digest(content) for name, content in _files(cells).items()}
    return digest(
        canonical_json([digest(cell.source) for cell in cells]),
        canonical_json(files),
        crew.environment,
        f"{ENGINE_VERSION}.{SESSION_VERSION}",
        *decoder_versions(),
        canonical_json([crew.options.timeout_s, crew.options.memory_mb]),
    )


def _files(cells: Sequence[Cell]) -> dict[str, bytes]:
    return {name: content for cell in cells for name, content in cell.files.items()}


def _packed(made: Sequence[Execution]) -> bytes:
    """A line with the sizes, then each execution as the engine packs it."""
    bodies = [pack(execution) for execution in made]
    return canonical_json([len(body) for body in bodies]).encode() + b"\n" + b"".join(bodies)


def _unpacked(stored: bytes) -> list[Execution]:
    line, _, body = stored.partition(b"\n")
    return [unpack(one, str(n)) for n, one in enumerate(pieces(body, json.loads(line)))]


def _in_thread(cells: Sequence[Cell], crew: Crew) -> list[Execution]:
    """Run them where no Ctrl-C can strike; one that strikes here ends the kernel."""
    with ThreadPoolExecutor(1, thread_name_prefix="session") as pool:
        running = pool.submit(_run, cells, crew)
        try:
            return running.result()
        finally:
            while not running.done():
                crew.launched.stop()
                wait([running], timeout=0.2)


def _run(cells: Sequence[Cell], crew: Crew) -> list[Execution]:
    """Cells that cannot be sent are judged without being run."""
    limits, services = crew.limits, crew.services
    whole = Script(id="session", code=session_key(cells, crew), files=_files(cells))
    made: dict[int, Execution] = {}
    with running_kernel(whole, services, limits, crew.launched, cells=len(cells)) as kernel:

        def judge(place: int, run: CellRun) -> None:
            run.box = kernel.box
            cell = cells[place]
            script = Script(id=str(place), code=cell.source, files=cell.files)
            made[place] = verdict.execution(
                script, run, services, engine=ENGINE, timeout_s=limits.timeout_s
            )

        sent = [nbformat.v4.new_code_cell(SETUP)]
        for place, cell in enumerate(cells):
            script = Script(id=str(place), code=cell.source)
            if (unreadable := verdict.unreadable(script, ENGINE)) is not None:
                made[place] = unreadable
            else:
                source = cell.source.replace(WORK_AT, f"{kernel.box}/work")
                sent.append(nbformat.v4.new_code_cell(source, metadata={"place": place}))
        runner = SessionRunner(kernel, judge)
        if not runner.run_cells(sent):
            for place in [place for place in range(len(cells)) if place not in made]:
                judge(place, dead(runner.leftover(), kernel.watch.killed_for))
    return [made[place] for place in range(len(cells))]


class SessionRunner(Runner):
    """The notebook engine's runner, cell after cell, each with its own clock and outputs. `judge`
    is told what came out of the cell at a place."""

    def __init__(self, kernel: Kernel, judge: Callable[[int, CellRun], None]) -> None:
        super().__init__(kernel, allow_errors=True, on_cell_executed=self._executed)
        self.judge = judge
        self._exits = False

    def preprocess_cell(self, cell: Any, resources: Any, index: int) -> tuple[Any, Any]:
        """Run one cell and, but for `SETUP`, have it judged. What comes before the kernel's death
        is `leftover`."""
        self.outputs, self._exits = CellOutputs(), False
        started = time.monotonic()
        try:
            cell, resources = super().preprocess_cell(cell, resources, index)
        finally:
            self.began = index > 0
            self.watch.stop_clock()
        run = ended(self.leftover(), interrupted=self.watch.interrupted)
        run.seconds = time.monotonic() - started
        if index > 0:
            self.judge(cell.metadata["place"], run)
        if self._exits:
            self._await_exit()
        return cell, resources

    def leftover(self) -> list[Output]:
        """The outputs of the cell that ran last; a second call gives none."""
        outputs, self.outputs = self.outputs.collected, CellOutputs()
        return outputs

    def _executed(self, execute_reply: dict[str, Any], **_: Any) -> None:
        payload = execute_reply["content"].get("payload", [])
        self._exits = any(
            one.get("source") == "ask_exit" and not one.get("keepkernel") for one in payload
        )

    def _await_exit(self) -> None:
        deadline = time.monotonic() + EXIT_WAIT_S
        while self.kernel.process.poll() is None and time.monotonic() < deadline:
            time.sleep(0.05)


def ended(outputs: Sequence[Output], *, interrupted: bool) -> CellRun:
    """A cell whose kernel lives. It failed when an error stands among its outputs, the last one
    counting; one that caught its interrupt and went on did not."""
    run = CellRun(outputs=as_published(outputs))
    errors = [output for output in outputs if output["output_type"] == "error"]
    if errors:
        run.failure = (errors[-1]["ename"], errors[-1]["evalue"])
        run.interrupted = interrupted and run.failure[0] == "KeyboardInterrupt"
    return run


def dead(outputs: Sequence[Output], killed_for: str) -> CellRun:
    """A cell without a kernel."""
    message = f"Kernel died ({killed_for})" if killed_for else "Kernel died"
    error = {"output_type": "error", "traceback": [f"DeadKernelError: {message}"]}
    return CellRun(outputs=[*as_published(outputs), error], failure=("DeadKernelError", message))


def as_published(outputs: Sequence[Output]) -> list[Output]:
    """Outputs without what the harness does not take for an image: results of expressions, and all
    forms of a figure but PNG."""
    others = set(forms.FORMS) - {forms.PNG}
    return [output for output in outputs if output["output_type"] in ("stream", "error")] + [
        {**output, "data": {k: v for k, v in output["data"].items() if k not in others}}
        for output in outputs
        if output["output_type"] == "display_data"
    ]
