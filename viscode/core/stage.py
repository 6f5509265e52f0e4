"""What every stage command shares: the lock, the error line, the exit status.

A stage is started by DVC as `python -m stages.NAME`. It reads params.yaml, calls one function of
`viscode` and writes its metrics. Foreseeable failures end as one readable line and status 1,
Ctrl-C as status 130; whatever was finished lies in the work store, so the next run goes on.
"""

import functools
import signal
import sys
from collections.abc import Callable
from pathlib import Path
from types import FrameType
from typing import NoReturn, ParamSpec

import click
from filelock import FileLock, Timeout

from viscode.core.compute import wait_passively
from viscode.core.errors import UserError
from viscode.core.os_errors import readable
from viscode.core.progress import begin_stage
from viscode.core.project import have_home, project_root

P = ParamSpec("P")
EXIT_INTERRUPTED = 130


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
            _run_readably(name, functools.partial(_locked, name, body, *args, **kwargs))

        return run

    return decorate


def _locked(name: str, body: Callable[P, None], /, *args: P.args, **kwargs: P.kwargs) -> None:
    with _stage_lock("-".join([name, *map(str, (*args, *kwargs.values()))])):
        body(*args, **kwargs)


def _interrupt(signum: int, frame: FrameType | None) -> None:
    raise KeyboardInterrupt


def _stage_lock(key: str) -> FileLock:
    folder = project_root() / ".viscode" / "locks"
    folder.mkdir(parents=True, exist_ok=True)
    lock = FileLock(folder / f"{Path.cwd().name}-{key}.lock")
    try:
        lock.acquire(timeout=0)
    except Timeout:
        fail(
            key,
            f"another run of this stage is at work ({lock.lock_file}) -> wait for it, or end it",
        )
    return lock


def _run_readably(name: str, body: Callable[[], None]) -> None:
    try:
        body()
    except UserError as error:
        fail(name, str(error))
    except KeyboardInterrupt:
        fail(name, "interrupted -> run the same command again to go on", EXIT_INTERRUPTED)
    except OSError as error:
        if (told := readable(error)) is None:
            raise
        fail(name, str(told))


def fail(name: str, message: str, status: int = 1) -> NoReturn:
    """Print one line on stderr and end the process."""
    click.echo(f"viscode: {name}: {message}", err=True)
    sys.exit(status)
