"""What goes wrong inside torch, as one line for people: memory, and processes that are gone."""

from collections.abc import Iterator
from contextlib import contextmanager

from viscode.core.errors import UserError

LESS_MEMORY = (
    "lower train.per_device_batch or train.max_length, set train.gradient_checkpointing: true, "
    "train.zero_stage: 3, or train.method: lora"
)
LOST_PEER = "another process of this run has ended"
CPU_MEMORY = ("DefaultCPUAllocator", "can't allocate memory", "not enough memory")
GPU_MEMORY = (
    "CUDA out of memory",
    "CUDA error: out of memory",
    "CUBLAS_STATUS_ALLOC_FAILED",
    "HIP out of memory",
    "HIP error: out of memory",
)
PEER = (
    "NCCL error",
    "Watchdog caught collective operation timeout",
    "collective operation timeout",
    "Connection closed by peer",
    "Connection reset by peer",
    "Connection refused",
    "Broken pipe",
    "remote process exited",
    "Socket closed",
)


@contextmanager
def readable_failures() -> Iterator[None]:
    """Turn what torch raises into a UserError where its reason is known; all else passes."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        known = explain(error)
        if known is None:
            raise
        raise known from error


def explain(error: BaseException) -> UserError | None:
    """The line for an error of torch, or None where its reason is not known."""
    text = str(error)
    if type(error).__name__ == "OutOfMemoryError" or any(sign in text for sign in GPU_MEMORY):
        return UserError("out of memory on the GPU", where="train", todo=LESS_MEMORY)
    if isinstance(error, MemoryError) or any(sign in text for sign in CPU_MEMORY):
        return UserError("out of memory", where="train", todo=LESS_MEMORY)
    if any(sign in text for sign in PEER):
        return UserError(LOST_PEER, where="train", todo="run the same command again to go on")
    return None
