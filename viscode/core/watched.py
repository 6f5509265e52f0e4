"""Whether DVC sees a change of a file below a folder that a stage depends on.

DVC leaves out of a folder's hash what a .dvcignore names, and every folder that is a DVC project of
its own (it holds a `.dvc`); of a nested git project only `.git` itself. What it leaves out must not
be read: a stage would not run again when it changes. DVC's own filter says which files these are.
Outside of a DVC project, and below paths outside of this one, DVC sees all.
"""

import os
from pathlib import Path
from typing import Any

from viscode.core.errors import UserError

DVC_FOLDER = ".dvc"


class Watch:
    """The rules of the DVC project that the working folder lies in."""

    def __init__(self) -> None:
        here = Path.cwd()
        root = next((p for p in (here, *here.parents) if (p / DVC_FOLDER).is_dir()), None)
        self._filter = _filter(root) if root else None

    def check(self, path: Path) -> None:
        """
        Raises:
            UserError: DVC leaves the file out.
        """
        absolute = os.path.abspath(path)  # noqa: PTH100 - as DVC does; links stay
        if self._filter is not None and self._filter.is_ignored_file(absolute):
            raise UserError(
                "a file in which DVC sees no change: a .dvcignore names it, or it lies in a DVC "
                "project within this one",
                where=str(path),
                todo="move it, or change what leaves it out: dvc check-ignore --details",
            )


def _filter(root: Path) -> Any:
    """DVC's filter of the project at `root`; None without DVC, which then runs no stage either."""
    try:
        from dvc.fs import localfs  # DVC takes half a second to import
        from dvc.ignore import DvcIgnoreFilter
    except ModuleNotFoundError:
        return None
    return DvcIgnoreFilter(localfs, str(root))
