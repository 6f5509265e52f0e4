"""Scripts in, executions out: the one interface to running code that nobody trusts.

`run` is unordered, streams, and holds at most a few scripts per worker in memory. Each script
gets a fresh kernel in a sandbox (notebook.py). Verdicts are kept in the work store under all that
determines them; failures of the machinery are not verdicts: they are tried once more and then end
the run with an error, never stored.
"""

import json
import time
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import cached_property
from itertools import islice
from threading import Lock

from viscode.errors import UserError
from viscode.execution import images, verdict
from viscode.execution.fonts import font_list
from viscode.execution.notebook import KernelStartError, run_cell
from viscode.execution.render import Renderer, RendererDown
from viscode.execution.sandbox import Launched, Sandbox, open_sandbox, sweep
from viscode.execution.watch import Limits
from viscode.hashing import canonical_json, digest, file_digest
from viscode.records import Execution, Script
from viscode.settings.validate import RunOptions
from viscode.workstore import WorkStore

__all__ = ["Crew", "RunOptions", "pack", "run", "unpack"]
KIND = "execution"
ENGINE = "notebook"
ENGINE_VERSION = 4  # raise it with any change that can change a verdict, an image or facts
ATTEMPTS = 2
AHEAD = 2  # scripts per worker taken from the input before a result is handed out


def run(
    scripts: Iterable[Script], options: RunOptions, store: WorkStore | None = None
) -> Iterator[Execution]:
    """Execute scripts, or serve their stored verdicts, in the order in which they finish.

    Raises:
        UserError: no interpreter, no lock file, or a kernel that could not be started twice.
    """
    crew = Crew(options, store)
    waiting = iter(scripts)
    running: set[Future[Execution]] = set()
    pool = ThreadPoolExecutor(options.workers, thread_name_prefix="script")
    try:
        running = {pool.submit(crew.judge, s) for s in islice(waiting, AHEAD * options.workers)}
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            running |= {pool.submit(crew.judge, s) for s in islice(waiting, len(done))}
            yield from _results(done)
    finally:
        crew.cancelled = True
        pool.shutdown(wait=False, cancel_futures=True)
        while any(not future.done() for future in running):
            crew.launched.stop()
            wait(running, timeout=0.2)
        crew.close()


def _results(done: "set[Future[Execution]]") -> Iterator[Execution]:
    for future in done:
        yield future.result()


class Crew:
    """What the workers of one `run` share. Nothing is started before the first unknown script."""

    def __init__(self, options: RunOptions, store: WorkStore | None) -> None:
        self.options = options
        self.store = store
        self.cancelled = False
        self.launched = Launched()
        self.limits = Limits(options.timeout_s, options.memory_mb)
        self._lock = Lock()
        try:
            self.lock_digest = file_digest(options.lock)
        except OSError as error:
            raise UserError(
                "no lock file of the scripts' environment",
                where=str(options.lock),
                todo="git checkout envs",
            ) from error

    def key(self, script: Script) -> str:
        """Hash of exactly what determines the verdict."""
        files = {name: digest(content) for name, content in script.files.items()}
        limits = [self.options.timeout_s, self.options.memory_mb, self.options.saved_files]
        return digest(
            script.code,
            canonical_json(files),
            self.lock_digest,
            ENGINE,
            str(ENGINE_VERSION),
            canonical_json(limits),
        )

    def judge(self, script: Script) -> Execution:
        """One script's verdict, from the store if it is known."""
        key = self.key(script)
        known = self.store.get(KIND, key) if self.store else None
        if known is not None:
            return unpack(known, script.id)
        judged = self._run(script)
        if self.store is not None:
            self.store.put(KIND, key, pack(judged))
        return judged

    def _run(self, script: Script) -> Execution:
        for attempt in range(1, ATTEMPTS + 1):
            self._check_cancelled()
            try:
                return self._run_once(script)
            except (KernelStartError, RendererDown) as error:
                self._check_cancelled()
                if attempt == ATTEMPTS:
                    raise UserError(
                        f"script {script.id}: {error}",
                        where=str(self.options.python),
                        todo="make .venv-plots, free memory, or try validate.isolation: none",
                    ) from error
        raise AssertionError("unreachable")

    def _run_once(self, script: Script) -> Execution:
        with self._lock:
            sandbox, fonts, renderer = self.sandbox, self.fonts, self.renderer
        read_saved = images.read_saved if self.options.saved_files else images.read_nothing
        began = time.monotonic()
        cell = run_cell(script, sandbox, self.limits, fonts, read_saved, self.launched)
        self._check_cancelled()
        return verdict.execution(
            script.id,
            cell,
            interpreter=sandbox.interpreter,
            renderer=renderer,
            isolation=sandbox.isolation,
            engine=ENGINE,
            timeout_s=self.options.timeout_s,
            duration_s=time.monotonic() - began,
        )

    def _check_cancelled(self) -> None:
        """Our own shutdown kills kernels; what that looks like is no verdict."""
        if self.cancelled:
            raise KernelStartError("the run was cancelled")

    @cached_property
    def sandbox(self) -> Sandbox:
        sweep()
        return open_sandbox(self.options.python, self.options.isolation)

    @cached_property
    def fonts(self) -> bytes | None:
        return font_list(self.sandbox, self.lock_digest)

    @cached_property
    def renderer(self) -> Renderer:
        return Renderer(self.sandbox)

    def close(self) -> None:
        if "renderer" in self.__dict__:
            self.renderer.close()


def pack(execution: Execution) -> bytes:
    """One line of JSON without the images, then the images' bytes."""
    head = execution.model_dump(exclude={"images", "id"})
    head["image_bytes"] = [len(image) for image in execution.images]
    return (
        canonical_json(head).encode("utf-8", "surrogatepass") + b"\n" + b"".join(execution.images)
    )


def unpack(stored: bytes, script_id: str) -> Execution:
    """`pack` read back under the id of whoever asks."""
    line, _, body = stored.partition(b"\n")
    head = json.loads(line.decode("utf-8", "surrogatepass"))
    cut, found = 0, []
    for size in head.pop("image_bytes"):
        found.append(body[cut : cut + size])
        cut += size
    return Execution(id=script_id, images=tuple(found), blank=tuple(head.pop("blank")), **head)
