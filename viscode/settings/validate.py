"""Section `validate`: how blocks are run, and what counts as a plot.

`RunOptions` stands here, not in the engine, so that a stage which only asks for the interpreter
does not depend on the engine.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from viscode.core.project import in_project
from viscode.settings.base import Settings
from viscode.settings.run import RunSettings

Engine = Literal["warm", "notebook"]
Isolation = Literal["auto", "A", "B", "none"]


@dataclass(frozen=True)
class RunOptions:
    """How scripts run. `python` is the interpreter of their environment, `lock` the file whose
    hash stands for that environment. Lock, timeout, memory and `saved_files` (whether files that a
    script saved count as images where it displays none) determine the result, and so does
    `engine`; `twice` asks for a second run of what drew, to see whether its images repeat."""

    python: Path
    lock: Path
    timeout_s: float
    memory_mb: int
    workers: int
    isolation: Isolation
    saved_files: bool
    engine: Engine = "warm"
    twice: bool = False


class ValidateSettings(Settings):
    PATH: ClassVar[str] = "validate"
    engine: Engine
    """How scripts run. "warm": in a fork of a process that has imported the plotting stack.
    "notebook": in a fresh Jupyter kernel each, as the paper does (3.1); ten times slower, the
    reference that `viscode audit` compares with."""
    python: Annotated[str, Field(min_length=1)]
    """Interpreter of the scripts' own environment; never this program's."""
    lock: Annotated[str, Field(min_length=1)]
    """Locked requirements of that environment. Their hash is part of every verdict's key: another
    environment is another experiment."""
    timeout_s: Annotated[float, Field(gt=0, le=3600)]
    """Seconds a script may run before it is interrupted; 5 s later it is killed. The paper names
    no number. Generous, so that a busy machine changes no verdict."""
    memory_mb: Annotated[int, Field(ge=256)]
    """Memory of a script with all its processes, in MiB; above it the script is killed. The first
    bound to lower when workers times this exceeds the machine."""
    isolation: Isolation
    """"A": namespaces, Landlock, seccomp, limits. "B": without namespaces. "auto": the stronger
    one that the machine offers, else an error. "none": limits only; scripts can read your files
    and use the network, for input that you trust."""
    max_images: Annotated[int, Field(ge=1, le=32)]
    """Images kept of a script that shows more; an instruction uses the first."""

    repeat: bool
    """Whether a block that drew is run a second time, to see whether its images are the same. One
    more run for each block that is kept; what reads the clock shows itself."""
    keep_unrepeatable: bool
    """Whether blocks whose images differ between two runs are kept, flagged as such."""
    audit_share: Annotated[float, Field(ge=0, le=1)]
    """Share of the blocks, by hash, whose verdicts the notebook engine checks; besides every one
    that ended near a limit. 0 checks none."""

    @property
    def interpreter(self) -> Path:
        """`python`, which may lie in the project beside an experiment's folder."""
        return in_project(Path(self.python))

    def run_options(self, run: RunSettings) -> RunOptions:
        """What the execution engine needs; only displayed images count here (paper 3.1)."""
        return RunOptions(
            python=self.interpreter,
            lock=Path(self.lock),
            saved_files=False,
            timeout_s=self.timeout_s,
            memory_mb=self.memory_mb,
            workers=run.worker_count(),
            isolation=self.isolation,
            engine=self.engine,
            twice=self.repeat,
        )
