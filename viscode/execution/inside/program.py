"""Makes the cell of a kernel end and look like the program that a script is.

A kernel shows SystemExit as an error whatever its status, and its own `exit` and `quit` let the
rest of the cell run. Here they end the script; an exit status of 0 is success, any other one an
error, and figures that are open are shown as at the end of a cell. What came from a .py file has a
`__file__`; `sys.argv` is the file's name alone, not the kernel's. A script may put anything in the
place of `sys.stdout` and `sys.stderr`: the kernel speaks through its own. Both engines begin their
scripts with `begin`; sessions keep to the kernel's ways.
"""

from __future__ import annotations

import contextlib
import importlib.machinery
import os
import sys
from typing import Any


def exit_of(shell: Any) -> Any:
    """`exit` and `quit` as outside of a kernel."""
    from IPython.core.autocall import ZMQExitAutocall  # kernel.py chooses when IPython is imported

    class Exit(ZMQExitAutocall):  # type: ignore[misc]
        __module__, __qualname__ = ZMQExitAutocall.__module__, ZMQExitAutocall.__qualname__

        def __call__(self, code: object = None) -> None:
            raise SystemExit(code)

    return Exit(shell)


def begin(shell: Any, name: str, code: str) -> None:
    """A script begins. `name` is that of its file, "" where it is none; the working folder is the
    file's."""
    from IPython.core import interactiveshell

    shell.exiter = exit_of(shell)
    shell.user_ns["exit"] = shell.user_ns["quit"] = shell.exiter
    show, streams = shell.showtraceback, (sys.stdout, sys.stderr)
    sys.argv = [name]

    def showtraceback(*args: Any, **kwargs: Any) -> None:
        error = sys.exc_info()[1]
        if isinstance(error, SystemExit):
            interactiveshell.warn = lambda *_, **__: None  # it comes next: how to leave IPython
        if not succeeds(error):
            theirs, (sys.stdout, sys.stderr) = (sys.stdout, sys.stderr), streams
            show(*args, **kwargs)
            sys.stdout, sys.stderr = theirs

    def take_back(result: object) -> None:
        sys.stdout, sys.stderr = streams

    def flush() -> None:
        for stream in streams:
            stream.flush()

    shell.showtraceback = showtraceback
    shell.display_pub._flush_streams = flush  # before each display
    shell.events.register("post_run_cell", forgive)
    shell.events.register("post_run_cell", take_back)
    if name:
        lay_down(shell, name, code)


def forgive(result: Any) -> None:
    """Before the kernel's reply is made of `result`: ending with status 0 is no error."""
    if result is not None and succeeds(result.error_in_exec):
        result.error_in_exec = None


def succeeds(error: BaseException | None) -> bool:
    """Whether an exception ends a Python program with exit status 0."""
    if not isinstance(error, SystemExit):
        return False
    code = error.code
    return code is None or (isinstance(code, int) and -(2**63) <= code < 2**63 and code & 0xFF == 0)


def lay_down(shell: Any, name: str, code: str) -> None:
    """Bind `__file__`, and put the script's text there, as it is to be found where a file runs;
    but not in the place of a file that was given to it, nor where it would hide a module."""
    path = os.path.join(os.getcwd(), name)  # noqa: PTH109, PTH118 - pathlib may not be loaded
    shell.user_ns["__file__"] = path
    if not os.path.lexists(path) and not hides_a_module(name):
        # A name that no file can have is still the name of the script.
        with contextlib.suppress(OSError, ValueError), open(path, "wb") as stream:  # noqa: PTH123
            stream.write(code.encode())


def hides_a_module(name: str) -> bool:
    """Whether `import` of this file's name is meant for a module that lies elsewhere: scripts look
    in their own folder first."""
    module, here = os.path.splitext(name)[0], ("", os.getcwd())  # noqa: PTH109, PTH122
    elsewhere = [place for place in sys.path if place not in here]
    return module in sys.builtin_module_names or (
        module.isidentifier()
        and importlib.machinery.PathFinder.find_spec(module, elsewhere) is not None
    )
