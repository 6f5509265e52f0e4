"""Scripts in, executions out: the one interface to running code that nobody trusts.

`run` is unordered, streams, and holds at most a few scripts per worker in memory. Two engines give
the same verdicts: `warm` forks a process in which everything is imported (worker.py), `notebook`
starts a Jupyter kernel for each script (notebook.py) and is the reference. Verdicts are kept in
the work store under all that determines them; failures of the machinery are not verdicts: they are
tried again and then end the run with an error, never stored.

A stored verdict is served for good, so one that may be another script's doing, or the machine's, is
reached a second time in a fresh worker before it is stored.
"""

import json
import sys
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from functools import cached_property, partial
from itertools import accumulate, islice
from threading import Lock
from typing import TypeVar

from viscode.core.errors import UserError
from viscode.core.hashing import canonical_json, digest, file_digest
from viscode.core.records import Execution, Script
from viscode.core.workstore import WorkStore
from viscode.execution import pool, verdict
from viscode.execution.cell_run import CellRun, EngineFailure
from viscode.execution.images import decoder_versions
from viscode.execution.interpreter import interpreter
from viscode.execution.sandbox import PROCESSES, Launched
from viscode.execution.services import Services, services
from viscode.execution.usage import threads_of_all
from viscode.execution.watch import ScriptLimits
from viscode.settings.validate import RunOptions

__all__ = ["Crew", "RunOptions", "pack", "run", "side_by_side", "unpack", "warm_up"]
T = TypeVar("T")
R = TypeVar("R")
EXECUTION_KIND = "execution"
ENGINE_VERSION = 13  # raise it with any change that can change a verdict, an image or facts
ATTEMPTS = 3
AHEAD = 2  # scripts per worker taken from the input before a result is handed out


def run(
    scripts: Iterable[Script], options: RunOptions, store: WorkStore | None = None
) -> Iterator[Execution]:
    """Execute scripts, or serve their stored verdicts, in the order in which they finish.

    Raises:
        UserError: no interpreter, no lock file, or a kernel that could not be started twice.
    """
    crew = Crew(options, store)
    yield from side_by_side(scripts, crew.judge, crew)


def side_by_side(items: Iterable[T], step: Callable[[T], R], crew: "Crew") -> Iterator[R]:
    """`step` of each item, which asks `crew` for verdicts, in the order in which they end: as many
    at once as it has workers. Whoever stops listening ends what is running.

    Raises:
        UserError: as `run`; and what `step` raises.
    """
    workers = crew.options.workers
    waiting = iter(items)
    running: set[Future[R]] = set()
    pool = ThreadPoolExecutor(workers, thread_name_prefix="script")
    try:
        running = {pool.submit(step, item) for item in islice(waiting, AHEAD * workers)}
        while running:
            done, running = wait(running, return_when=FIRST_COMPLETED)
            running |= {pool.submit(step, item) for item in islice(waiting, len(done))}
            for future in done:
                yield future.result()
    finally:
        crew.cancelled = True
        pool.shutdown(wait=False, cancel_futures=True)
        while any(not future.done() for future in running):
            crew.launched.stop()
            wait(running, timeout=0.2)
        crew.settle()


def warm_up(options: RunOptions) -> None:
    """Wait until the warm engine's process is ready. For measurements: `run` needs no warning."""
    crew = Crew(options, None)
    pool.workers(crew.services, crew.limits).warm_up(options.workers)


class Crew:
    """What the workers of one `run` share. Nothing is started before the first unknown script."""

    def __init__(self, options: RunOptions, store: WorkStore | None) -> None:
        self.options = options
        self.store = store
        self.cancelled = False
        self.launched = Launched()
        self.limits = ScriptLimits(options.timeout_s, options.memory_mb, beside=options.workers)
        self._lock = Lock()
        self._limits_broken = 0  # by how many scripts so far
        self._threads_before = threads_of_all()
        try:
            self.lock_digest = file_digest(options.lock)
        except OSError as error:
            raise UserError(
                "no lock file of the scripts' environment",
                where=str(options.lock),
                todo="git checkout envs",
            ) from error

    @cached_property
    def environment(self) -> str:
        """Hash of what scripts run in: the lock, and the Python that it is installed for."""
        return digest(self.lock_digest, interpreter(self.options.python).build)

    def key(self, script: Script, repetition: int = 0) -> str:
        """Hash of exactly what determines the verdict; a repetition has a key of its own."""
        options = self.options
        files = {name: digest(content) for name, content in script.files.items()}
        return digest(
            script.code,
            canonical_json([script.name, files]),
            self.environment,
            options.engine,
            str(ENGINE_VERSION),
            *decoder_versions(),
            canonical_json([options.timeout_s, options.memory_mb, options.saved_files]),
            *([str(repetition)] if repetition else []),
        )

    def judge(self, script: Script) -> Execution:
        """One script's verdict, from the store if it is known."""
        if (unreadable := verdict.unreadable(script, self.options.engine)) is not None:
            return unreadable
        judged = self._stored(script, 0)
        if not self.options.twice or not judged.drew:
            return judged
        again = self._stored(script, 1)
        return judged.model_copy(update={"repeatable": judged.images == again.images})

    def _stored(self, script: Script, repetition: int) -> Execution:
        key = self.key(script, repetition)
        read = partial(unpack, script_id=script.id)
        known: Execution | None = self.store.read(EXECUTION_KIND, key, read) if self.store else None
        if known is not None:
            return known
        judged, doubtful = self._run(script)
        if self.store is None:
            return judged
        if doubtful:
            judged = self._confirmed(script, judged)
        self.store.put(EXECUTION_KIND, key, pack(judged))
        return judged

    def _confirmed(self, script: Script, doubted: Execution) -> Execution:
        """The verdict of a worker that has run nothing else. It stands, whether or not it is the
        one that was doubted: what is stored is served for good."""
        judged, _ = self._run(script, fresh=True)
        if (judged.status, judged.error_type) != (doubted.status, doubted.error_type):
            sys.stderr.write(
                f"viscode: script {script.id}: {_brief(doubted)}, but {_brief(judged)} in a fresh "
                "worker, which stands\n"
            )
        return judged

    def _run(self, script: Script, *, fresh: bool = False) -> tuple[Execution, bool]:
        """A verdict, and whether it is to be confirmed before it is stored: it was reached at a
        limit, which may be the machine's doing, or it is a failure that another script may have
        caused. That one has been ended or has died in the same worker, or it broke a limit
        meanwhile beside this one, or has as many threads as the kernel lets all of them have."""
        return self.attempted(f"script {script.id}", lambda: self._run_once(script, fresh=fresh))

    def attempted(self, what: str, run: Callable[[], T]) -> T:
        """What `run` returns, tried again when the machinery fails.

        Raises:
            UserError: it failed `ATTEMPTS` times.
        """
        for left in reversed(range(ATTEMPTS)):
            self._check_cancelled()
            try:
                return run()
            except EngineFailure as error:
                self._check_cancelled()
                if not left:
                    raise UserError(
                        f"{what}: {error}",
                        where=str(self.options.python),
                        todo="viscode env create, free memory, or try validate.isolation: none",
                    ) from error
        raise AssertionError("unreachable")

    def _run_once(self, script: Script, *, fresh: bool) -> tuple[Execution, bool]:
        with self._lock:
            found = self.services
        broken_before = self._limits_broken
        cell = self._cell(script, found, fresh=fresh)
        with self._lock:
            self._limits_broken += cell.at_limit  # at once, for those beside it
        crowded = threads_of_all() - self._threads_before > PROCESSES * self.options.workers
        self._check_cancelled()
        judged = verdict.execution(
            script, cell, found, engine=self.options.engine, timeout_s=self.options.timeout_s
        )
        disturbed = cell.after_broken or crowded or self._limits_broken != broken_before
        return judged, cell.at_limit or (disturbed and judged.status != "ok")

    def _cell(self, script: Script, found: Services, *, fresh: bool) -> CellRun:
        saved = self.options.saved_files
        if self.options.engine == "notebook":
            from viscode.execution import notebook  # Jupyter, which takes a second to import

            return notebook.run_cell(script, found, self.limits, self.launched, saved_files=saved)
        workers = pool.workers(found, self.limits)
        return workers.run(
            script, self.limits, lambda: self.cancelled, saved_files=saved, fresh=fresh
        )

    def settle(self) -> None:
        """Wait until nothing is left of the scripts that ran."""
        if "services" in self.__dict__ and self.options.engine == "warm":
            pool.workers(self.services, self.limits).settle()

    def _check_cancelled(self) -> None:
        """Our own shutdown kills kernels; what that looks like is no verdict."""
        if self.cancelled:
            raise EngineFailure("the run was cancelled")

    @cached_property
    def services(self) -> Services:
        return services(self.options.python, self.options.isolation, self.lock_digest)


def _brief(execution: Execution) -> str:
    return " ".join(filter(None, (execution.status, execution.error_type)))


def pack(execution: Execution) -> bytes:
    """One line of JSON without the images, then the images' bytes."""
    head = execution.model_dump(exclude={"images", "id", "repeatable"})
    head["image_bytes"] = [len(image) for image in execution.images]
    return (
        canonical_json(head).encode("utf-8", "surrogatepass") + b"\n" + b"".join(execution.images)
    )


def unpack(stored: bytes, script_id: str) -> Execution:
    """`pack` read back under the id of whoever asks.

    Raises:
        ValueError, KeyError, TypeError, AttributeError, RecursionError: it is not what `pack` made.
    """
    line, _, body = stored.partition(b"\n")
    head = json.loads(line.decode("utf-8", "surrogatepass"))
    images = tuple(pieces(body, head.pop("image_bytes")))
    head |= {name: tuple(head[name]) for name in ("blank", "origins")}
    return Execution(id=script_id, images=images, **head)


def pieces(body: bytes, sizes: list[int]) -> list[bytes]:
    """
    Raises:
        ValueError: `body` has not the size of all of them.
    """
    if sum(sizes) != len(body):
        raise ValueError("cut off")
    ends = accumulate(sizes)
    return [body[end - size : end] for end, size in zip(ends, sizes, strict=True)]
