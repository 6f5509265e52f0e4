"""The program run by a user who is not root and has no rights over the project (the fixture
`as_user` of conftest.py), or by root with what rights are left to it in a container."""

import json
import os
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
USER = 1500
# In a mount namespace of its own: the folder that only root may enter gives way to one that holds
# nothing but the interpreter.
OPEN = """
set -e
mount --make-rprivate /
mkdir -p "$1/interpreter"
mount --bind "$2" "$1/interpreter"
mount -t tmpfs -o mode=755 closed "$3"
mkdir -p "$2"
mount --bind "$1/interpreter" "$2"
"""
ORDINARY = f"--reuid {USER} --regid {USER} --clear-groups"
CONTAINED = (  # what Docker leaves to root
    "--inh-caps -all --bounding-set -all,+chown,+dac_override,+fowner,+fsetid,+kill,+setgid,"
    "+setuid,+setpcap,+net_bind_service,+net_raw,+sys_chroot,+mknod,+audit_write,+setfcap"
)


def closed_above(path: Path) -> Path | None:
    """The outermost folder above `path` that others may not enter."""
    return next((p for p in reversed(path.parents) if not p.stat().st_mode & 0o001), None)


class OrdinaryUser:
    """Runs the program as that user, or as `rights` of setpriv say, from a home below `folder`."""

    def __init__(self, folder: Path, rights: str = ORDINARY) -> None:
        self.rights = rights
        if os.getuid() != 0:
            pytest.skip("not root: every other test here runs as an ordinary user already")
        self.folder, self.home = folder, folder / "home"
        self.interpreter = Path(sys.base_prefix)
        self.closed = closed_above(self.interpreter)
        if self.closed is not None and ROOT.is_relative_to(self.closed):
            pytest.skip(f"the project lies in {self.closed}, which only root may enter")
        self.home.mkdir()
        shutil.chown(self.home, USER, USER)
        for place in (folder, *folder.parents[:2]):
            place.chmod(stat.S_IMODE(place.stat().st_mode) | 0o055)

    def python(
        self, code: str, *arguments: object, **settings: str | None
    ) -> subprocess.CompletedProcess[str]:
        """Python code under the project's interpreter; `settings` are environment variables,
        None for one that is not set."""
        found = {"HOME": str(self.home), "TMPDIR": str(self.home), **settings}
        given = (f"{name}={value}" for name, value in found.items() if value is not None)
        variables = ["PATH=/usr/bin:/bin", *given]
        program = [str(ROOT / ".venv/bin/python"), "-c", code, *map(str, arguments)]
        become = f'exec setpriv {self.rights} env -i "${{@:4}}"'
        script = (OPEN if self.closed else "") + become
        names = ["bash", str(self.folder), str(self.interpreter), str(self.closed)]
        return subprocess.run(
            ["unshare", "-m", "bash", "-c", script, *names, *variables, *program],
            cwd=ROOT, capture_output=True, text=True, check=False,
        )  # fmt: skip

    def __call__(self, *arguments: object, before: str = "") -> list[dict[str, object]]:
        """The verdicts of `viscode run`; `before` is code that runs first."""
        code = f"import sys\n{before}\nfrom viscode.cli.main import main\nmain(sys.argv[1:])"
        done = self.python(code, "run", "--no-store", *arguments)
        assert done.returncode == 0, done.stderr
        return [json.loads(line) for line in done.stdout.splitlines()]
