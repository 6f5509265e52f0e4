"""Where the project lies, as opposed to the folder that a stage runs in.

DVC runs queued experiments in folders of their own, in which only what git knows lies: the
environments and the work store are those of the project, which DVC_ROOT names there too.
"""

import getpass
import os
from collections.abc import MutableMapping
from contextlib import suppress
from pathlib import Path


def project_root() -> Path:
    """The DVC root of this run; the current folder when no DVC started us."""
    return Path(os.environ.get("DVC_ROOT", "."))


def in_project(path: Path) -> Path:
    """A relative path that is not in the current folder, in the project's."""
    return path if path.exists() else project_root() / path


def home_of_ours() -> Path:
    """What stands in for a home folder where there is none."""
    return project_root().resolve() / ".viscode" / "home"


def have_home(environment: MutableMapping[str, str] = os.environ) -> None:
    """See that there is a home folder, and a name of the user. Where neither variables nor an entry
    of the user give them, as in containers with an arbitrary user, the libraries that we call fail
    or write to a folder `~`."""
    try:
        getpass.getuser()
    except (KeyError, OSError):
        environment["LOGNAME"] = str(os.getuid())
    if not environment.get("HOME") and os.path.expanduser("~") in ("", "~"):  # noqa: PTH111
        environment["HOME"] = str(home_of_ours())
        with suppress(OSError):  # who needs it says so
            home_of_ours().mkdir(parents=True, exist_ok=True)
