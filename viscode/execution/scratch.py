"""The writable folders of sandboxed processes; gone when their process is."""

import os
import tempfile
from pathlib import Path

from viscode.core.errors import UserError
from viscode.execution.inside.saved import BOX_FOLDERS, remove_tree

PREFIX = "vsc-"  # short, because paths of unix sockets are
SOCKET_BYTES = 107  # that a path of one may have
BELOW_BYTES = len("/vsc-4194304-12345678/box/run/k-5")  # of it, below the temporary folder
SHORT = Path("/tmp")


def scratch_parent() -> Path:
    """Where scratch folders lie: in the temporary folder; in /tmp where its name is too long for
    the paths of sockets.

    Raises:
        UserError: it is too long, and /tmp cannot be written.
    """
    place = Path(tempfile.gettempdir()).resolve()
    most = SOCKET_BYTES - BELOW_BYTES
    if len(os.fsencode(place)) <= most:
        return place
    if os.access(SHORT, os.W_OK | os.X_OK):
        return SHORT.resolve()
    raise UserError(
        f"the name of the temporary folder is too long for sockets ({most} bytes at most)",
        where=str(place),
        todo="set TMPDIR to a folder with a shorter name",
    )


class Scratch:
    """The folder of one sandboxed process; gone when the context ends."""

    def __init__(self) -> None:
        name = f"{PREFIX}{os.getpid()}-"
        self.path = Path(tempfile.mkdtemp(prefix=name, dir=scratch_parent())).resolve()
        self.box = self.path / "box"
        for name in BOX_FOLDERS:
            (self.box / name).mkdir(parents=True)
        (self.path / "root").mkdir()

    def __enter__(self) -> "Scratch":
        return self

    def __exit__(self, *_: object) -> None:
        remove_tree(str(self.path))

    @property
    def log(self) -> Path:
        return self.path / "launch.log"

    def log_tail(self) -> str:
        """The last lines that the launcher or the interpreter wrote to stderr."""
        if not self.log.exists():
            return ""
        with self.log.open("rb") as stream:
            stream.seek(max(0, self.log.stat().st_size - 2000))
            return stream.read().decode("utf-8", "replace").strip()


def sweep() -> None:
    """Remove scratch folders of supervisors that were killed before they could."""
    for folder in scratch_parent().glob(f"{PREFIX}*-*"):
        pid = folder.name.removeprefix(PREFIX).split("-")[0]
        if pid.isdigit() and not Path(f"/proc/{pid}").exists():
            remove_tree(str(folder))
