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
        self._root = next((p for p in (here, *here.parents) if (p / DVC_FOLDER).is_dir()), None)
        self._filter = _filter(self._root) if self._root else None

    def check(self, path: Path) -> None:
        """
        Raises:
            UserError: DVC leaves the file out.
        """
        absolute = os.path.abspath(path)  # noqa: PTH100 - as DVC does; links stay
        if self._filter is not None and self._filter.is_ignored_file(absolute):
            raise self._refusal(Path(absolute), path)

    def _refusal(self, absolute: Path, path: Path) -> UserError:
        above = (p for p in absolute.parents if self._root in p.parents)
        if project := next((p for p in above if (p / DVC_FOLDER).exists()), None):
            return UserError(
                "a DVC project within this one, in which DVC sees no change",
                where=str(project),
                todo=f"remove its {DVC_FOLDER}, or put the files themselves elsewhere",
            )
        return UserError(
            "a file that a .dvcignore leaves out, so that DVC sees no change in it",
            where=str(path),
            todo="move it elsewhere, or change the pattern: dvc check-ignore --details names it",
        )


def _filter(root: Path) -> Any:
    """DVC's filter of the project at `root`; None without DVC, which then runs no stage either."""
    try:
        from dvc.fs import localfs  # DVC takes half a second to import
        from dvc.ignore import DvcIgnoreFilter
    except ModuleNotFoundError:
        return None
    return DvcIgnoreFilter(localfs, str(root))
