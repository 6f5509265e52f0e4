"""Where the project lies, as opposed to the folder that a stage runs in.

DVC runs queued experiments in folders of their own, in which only what git knows lies: the
environments and the work store are those of the project, which DVC_ROOT names there too.
"""

import os
from pathlib import Path


def project_root() -> Path:
    """The DVC root of this run; the current folder when no DVC started us."""
    return Path(os.environ.get("DVC_ROOT", "."))


def in_project(path: Path) -> Path:
    """A relative path that is not in the current folder, in the project's."""
    return path if path.exists() else project_root() / path
