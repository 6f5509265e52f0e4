"""A copy of the project with still smaller parameters, in a git repository of its own."""

import json
import os
import shutil
import sqlite3
import subprocess
from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML

ROOT = Path(__file__).parents[2]
SMALLER = {
    "collect.files.take": 8,
    "collect.charts.take": 4,
    "collect.dialogues.take": 12,
    "validate.python": str(ROOT / ".venv-plots/bin/python"),
    "dataset.validation_share": 0.2,
    "train.base_model": "tiny:2x64",
    "train.max_samples": 8,
    "train.max_steps": 2,
    "train.lr": 0.01,
    "bench.libraries": ["matplotlib", "plotly"],
    "bench.tasks": 2,
    "models.base.max_new_tokens": 24,
    "models.tuned.max_new_tokens": 24,
    "report.samples": 9,
    "run.torch_threads": 1,  # beside other tests two wait for each other
}


CHAINS = [
    ["collect_files", "select_files", "extract_blocks", "balance_libraries", "validate/files",
     "write_instructions/files"],
    ["collect_charts", "rebuild_charts", "validate/charts", "write_instructions/charts"],
    ["collect_dialogues", "filter_dialogues"],
]  # fmt: skip
KEPT = ("HOME", "LANG", "TERM", "AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY")
DATA_SIDE = [stage.replace("/", "@") for chain in CHAINS for stage in chain] + ["assemble"]


@dataclass(frozen=True)
class Project:
    """`run` raises with the command's whole output when it fails."""

    path: Path

    def run(
        self, *command: str, check: bool = True, loopback: bool = False
    ) -> subprocess.CompletedProcess[str]:
        """Without a network; with `loopback`, where servers of the tests are to be reached."""
        prefix = [] if loopback else OFFLINE
        done = subprocess.run(
            [*prefix, *command], cwd=self.path, env=environment(), capture_output=True, text=True,
            timeout=900, check=False,
        )  # fmt: skip
        if check and done.returncode != 0:
            raise AssertionError(
                f"{' '.join(command)}: {done.returncode}\n{done.stdout}\n{done.stderr}"
            )
        return done

    def type(self, line: str, *, loopback: bool = False) -> str:
        """What a line of the documentation prints, typed as it stands there."""
        done = self.run("bash", "-euo", "pipefail", "-c", line, loopback=loopback)
        return done.stdout + done.stderr

    def clone(self, target: Path) -> "Project":
        """`git clone`: code, parameters and metrics of all branches, no data."""
        self.run("git", "clone", "-q", str(self.path), str(target))
        return Project(target)

    def json(self, *command: str) -> dict:
        return json.loads(self.run(*command).stdout)

    def metrics(self, name: str) -> dict:
        return json.loads((self.path / "metrics" / f"{name}.json").read_text())

    def outs(self, stages: list[str]) -> dict[str, list[dict]]:
        """Hashes and sizes of the outs of `stages`, as dvc.lock has them."""
        lock = YAML(typ="safe").load(self.path / "dvc.lock")
        return {stage: lock["stages"][stage]["outs"] for stage in stages}

    def executions(self) -> list[tuple[str, float]]:
        """Key and time of each stored execution."""
        store = self.path / ".viscode/work.sqlite"
        if not store.exists():
            return []
        with sqlite3.connect(f"file:{store}?mode=ro", uri=True) as db:
            if not db.execute("SELECT 1 FROM sqlite_master WHERE name = 'work'").fetchone():
                return []
            return sorted(db.execute("SELECT key, stored_at FROM work WHERE kind = 'execution'"))

    def commit(self, message: str) -> None:
        self.run("git", "add", "-A")
        self.run("git", "commit", "-qm", message)

    def set(self, changes: dict[str, object]) -> None:
        yaml = YAML()
        params = yaml.load(self.path / "params.yaml")
        for dotted, value in changes.items():
            *parents, key = dotted.split(".")
            section = params
            for parent in parents:
                section = section[parent]
            section[key] = value
        with (self.path / "params.yaml").open("w") as stream:
            yaml.dump(params, stream)


def environment() -> dict[str, str]:
    kept = {key: os.environ[key] for key in KEPT if key in os.environ}
    return {
        **kept,
        "PATH": f"{ROOT / '.venv/bin'}:{os.environ['PATH']}",
        "HF_HUB_OFFLINE": "1",
        "GIT_CONFIG_GLOBAL": "/dev/null",
        **{f"GIT_{who}_{what}": "t@example.org" for who in ("AUTHOR", "COMMITTER")
           for what in ("NAME", "EMAIL")},
    }  # fmt: skip


def _offline() -> list[str]:
    """A command prefix that takes the network away, where the machine allows it."""
    prefix = (
        ["unshare", "--net"] if os.geteuid() == 0 else ["unshare", "--map-current-user", "--net"]
    )
    allowed = shutil.which("unshare") and subprocess.run([*prefix, "true"], check=False)
    return prefix if allowed and allowed.returncode == 0 else []


OFFLINE = _offline()


def copy_project(target: Path) -> Project:
    """The files that git knows, or would take, committed in a new repository."""
    listed = subprocess.run(
        ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT, capture_output=True, text=True, check=True,
    ).stdout.split("\0")  # fmt: skip
    for name in filter(None, listed):
        if (ROOT / name).is_file() and not name.startswith("metrics/"):
            (target / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, target / name)
    (target / "dvc.lock").unlink(missing_ok=True)
    project = Project(target)
    project.set(SMALLER)
    project.run("git", "init", "-q", "-b", "main")
    project.commit("a copy with smaller parameters")
    return project
