"""How work is done, never what comes out: no stage depends on this section."""

from typing import Annotated, ClassVar

from pydantic import Field

from viscode.core.compute import cores
from viscode.settings.base import Settings


class RunSettings(Settings):
    PATH: ClassVar[str] = "run"
    workers: Annotated[int, Field(ge=0)]
    """Scripts run side by side; 0 means one per core that this process may use."""
    fetches: Annotated[int, Field(ge=1)]
    """Requests to Software Heritage's bucket in flight, over all processes."""
    devices: Annotated[int, Field(ge=0)]
    """Processes of one training run on this node, one for each GPU; 0 means all GPUs, or one
    process without any. The stage starts them itself."""
    torch_threads: Annotated[int, Field(ge=0)]
    """Threads of torch on a CPU, over all processes of a training run; 0 means one per core that
    this process may use. Another number gives other last digits of a logit."""
    batch_size: Annotated[int, Field(ge=1)]
    """Prompts generated together by a local model."""

    def worker_count(self) -> int:
        return self.workers or cores()

    def thread_count(self) -> int:
        return self.torch_threads or cores()
