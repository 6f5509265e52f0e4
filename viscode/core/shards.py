"""One function over many items, on the cores of this machine.

Results come in the order of the items, a bounded number of chunks is in flight, so memory stays
flat however long the stream is. The workers are started afresh (no fork: the caller may hold
threads), end with the caller even when it is killed, and share no state: the step is pickled once
for each worker, items and results once.
"""

import contextlib
import ctypes
import multiprocessing
import os
import signal
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice
from typing import Any, TypeVar

from viscode.core.errors import UserError

T = TypeVar("T")
R = TypeVar("R")
FEW = 256  # items that are done sooner here than workers start
CHUNKS_PER_WORKER = 3  # in flight: one at work, the others waiting on either side
PR_SET_PDEATHSIG = 1


def parallel(
    step: Callable[[T], R], items: Iterable[T], workers: int, chunk: int = 64
) -> Iterator[R]:
    """`map(step, items)` in `workers` processes, in the order of the items; in this process with
    one worker or few items. `step` is a function of a module, or a `partial` of one. What it
    raises comes out here; closing the iterator ends the workers once their chunks are done.

    Raises:
        UserError: a worker was killed, as the system does when memory runs out.
    """
    stream = iter(items)
    first = list(islice(stream, FEW)) if workers > 1 else []
    if len(first) < FEW:
        yield from map(step, chain(first, stream))
        return
    yield from _pooled(step, _chunks(chain(first, stream), chunk), workers)


def _pooled(step: Callable[[T], R], chunks: Iterator[list[T]], workers: int) -> Iterator[R]:
    pool = ProcessPoolExecutor(
        workers,
        mp_context=multiprocessing.get_context("spawn"),
        initializer=_begin,
        initargs=(os.getpid(), step),
    )
    pending: deque[Future[list[Any]]] = deque()
    try:
        for items in chunks:
            pending.append(pool.submit(_apply, items))
            if len(pending) >= workers * CHUNKS_PER_WORKER:
                yield from pending.popleft().result()
        while pending:
            yield from pending.popleft().result()
    except BrokenProcessPool as error:
        raise UserError(
            "a worker process was killed, perhaps for want of memory",
            todo="lower run.workers in params.yaml, then run the same command again",
        ) from error
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _chunks(items: Iterator[T], size: int) -> Iterator[list[T]]:
    while taken := list(islice(items, size)):
        yield taken


_steps: list[Callable[[Any], Any]] = []  # of a worker: its only step


def _apply(items: list[Any]) -> list[Any]:
    return [_steps[0](item) for item in items]


def _begin(parent: int, step: Callable[[Any], Any]) -> None:
    """In a worker: keep the step; die with the parent; leave Ctrl-C, which reaches the whole
    group, to it."""
    _steps.append(step)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    die_with(parent)


def die_with(parent: int) -> None:
    """Have the kernel kill this process when its parent ends, however that happens."""
    with contextlib.suppress(OSError, AttributeError):  # Linux only
        ctypes.CDLL(None).prctl(PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
    if os.getppid() != parent:  # it ended before we asked
        os._exit(1)
