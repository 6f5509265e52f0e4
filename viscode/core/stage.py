"""What every stage command shares: the lock, the error line, the exit status.

A stage is started by DVC as `python -m stages.NAME`. It reads params.yaml, calls one function of
`viscode` and writes its metrics. Foreseeable failures end as one readable line and status 1,
Ctrl-C as status 130; whatever was finished lies in the work store, so the next run goes on.
"""

import functools
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import ParamSpec

from filelock import FileLock, Timeout

from viscode.core.compute import wait_passively
from viscode.core.errors import UserError, ending_in_one_line
from viscode.core.progress import begin_stage
from viscode.core.project import have_home, project_root

P = ParamSpec("P")


def stage(name: str) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Wrap the body of a stage command: one run at a time with the same arguments, readable
    failures."""

    def decorate(body: Callable[P, None]) -> Callable[P, None]:
        @functools.wraps(body)
        def run(*args: P.args, **kwargs: P.kwargs) -> None:
            wait_passively()  # before anything loads torch
            have_home()
            signal.signal(signal.SIGTERM, _interrupt)
            begin_stage(name)
            key = "-".join([name, *map(str, (*args, *kwargs.values()))])
            with ending_in_one_line(name), _alone(key):
                body(*args, **kwargs)

        return run

    return decorate


def _interrupt(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


@contextmanager
def _alone(key: str) -> Iterator[None]:
    """Hold the lock of a stage with its arguments.

    Raises:
        UserError: another run has it.
    """
    folder = project_root() / ".viscode" / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f"{Path.cwd().name}-{key}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout as error:
        raise UserError(
            "another run of this stage is at work",
            where=lock.lock_file,
            todo="wait for it, or end it",
        ) from error
    with lock:
        yield
