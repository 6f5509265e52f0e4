"""What belongs to the user that scripts run as: a process, and files within and beyond what mode B
may read. File permissions keep a script from none of it; only the walls do.
"""

import ctypes
import fcntl
import os
import shutil
import struct
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[2]
NOBODY = 65534
IOPRIO_GET, FLAGS_GET = 252, 0x80086601
libc = ctypes.CDLL(None)

PRELUDE = """
import fcntl
def call(number, *arguments):
    assert libc.syscall(number, *arguments) == -1, 'not refused'
"""


class Neighbour:
    def __init__(self, user: int) -> None:
        self.user = user
        self.folder = Path(tempfile.mkdtemp(prefix="neighbour-"))
        self.folder.chmod(0o755)
        self.note = self.folder / "note.txt"  # beyond what a script may read
        name = f".neighbour-{os.getpid()}.txt"
        self.readable = ROOT / ".venv-plots" / name  # mode B reads it, mode A has it read-only
        for file in (self.note, self.readable):
            file.write_text("mine")
            file.chmod(0o666)
            os.setxattr(file, "user.note", b"mine")
        if os.getuid() == 0:
            for place in (self.folder, self.note, self.readable):
                shutil.chown(place, user, user)
        self.process = subprocess.Popen(
            ["sleep", "1000"], start_new_session=True, user=user if os.getuid() == 0 else None
        )
        os.sched_setscheduler(self.process.pid, os.SCHED_BATCH, os.sched_param(0))
        self.before = self.state()

    @property
    def names(self) -> str:
        """It as the attacks name it."""
        return (
            f"NPID, NFOLDER, NNOTE = {self.process.pid}, {str(self.folder)!r}, {str(self.note)!r}\n"
            f"NREAD = {str(self.readable)!r}\n"
        )

    def state(self) -> dict[str, object]:
        pid = self.process.pid
        status = Path(f"/proc/{pid}/status").read_text().splitlines()
        return {
            "ended": self.process.poll(),
            "process": [one for one in status if one.startswith("State:\tT")],
            "limits": Path(f"/proc/{pid}/limits").read_text(),
            "priority": (os.getpriority(os.PRIO_PROCESS, pid), libc.syscall(IOPRIO_GET, 1, pid)),
            "policy": (os.sched_getscheduler(pid), os.sched_getaffinity(pid)),
            "files": [_file(place) for place in (self.note, self.readable)],
            "folder": [*sorted(self.folder.iterdir()), self.folder.stat().st_mode],
        }

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        self.readable.unlink()
        shutil.rmtree(self.folder)


def _file(place: Path) -> tuple[object, ...]:
    status = place.stat()
    with place.open("rb") as stream:
        (flags,) = struct.unpack("l", fcntl.ioctl(stream, FLAGS_GET, bytes(8)))
        content = stream.read()
    return content, flags, os.getxattr(place, "user.note"), tuple(status)[:7], status.st_mtime_ns
