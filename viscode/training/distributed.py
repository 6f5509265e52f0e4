"""Several processes as one run, by the variables that torchrun gives each of them.

Every process computes; the first one alone writes. Who starts them: viscode.training.launcher.
What goes wrong inside torch, for want of memory or of a process, becomes one line.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager

from viscode.core.errors import UserError

LOST_PEER = "another process of this run has ended"
LESS_MEMORY = (
    "lower train.per_device_batch or train.max_length, set train.gradient_checkpointing: true, "
    "train.zero_stage: 3, or train.method: lora"
)
GPU_MEMORY = (
    "OutOfMemoryError",
    "CUDA out of memory",
    "CUDA error: out of memory",
    "CUBLAS_STATUS_ALLOC_FAILED",
    "HIP out of memory",
    "HIP error: out of memory",
)
CPU_MEMORY = ("MemoryError", "DefaultCPUAllocator", "can't allocate memory", "not enough memory")
PEER = (
    "NCCL error",
    "collective operation timeout",
    "Connection closed by peer",
    "Connection reset by peer",
    "Connection refused",
    "Broken pipe",
    "remote process exited",
    "Socket closed",
)
REASONS = (
    (GPU_MEMORY, "out of memory on the GPU", LESS_MEMORY),
    (CPU_MEMORY, "out of memory", LESS_MEMORY),
    (PEER, LOST_PEER, "run the same command again to go on"),
)
"""What an error of torch contains -> what happened, and what to do; the first that fits."""


def under_torchrun() -> bool:
    """Whether torchrun started this process. Schedulers of clusters set RANK and WORLD_SIZE for a
    whole node; LOCAL_RANK says that there is a process for each GPU."""
    return "RANK" in os.environ and "LOCAL_RANK" in os.environ


def _given(variable: str, alone: int) -> int:
    return int(os.environ.get(variable, alone)) if under_torchrun() else alone


def world_size() -> int:
    """Processes of this run; 1 without torchrun."""
    return _given("WORLD_SIZE", 1)


def local_size() -> int:
    """Processes of this run on this node."""
    return _given("LOCAL_WORLD_SIZE", 1)


def rank() -> int:
    """Number of this process in the run, from 0."""
    return _given("RANK", 0)


def is_first() -> bool:
    return rank() == 0


def process_name(stage: str) -> str:
    """Name under which this process takes the stage's lock: the lock keeps a second run away, not
    the other processes of this one."""
    return stage if is_first() else f"{stage}-{rank()}"


def barrier() -> None:
    """Wait for the other processes of the run, if it has any."""
    import torch

    if torch.distributed.is_available() and torch.distributed.is_initialized():
        torch.distributed.barrier()


def leave() -> None:
    """Take leave of the other processes at the end of a run."""
    import torch

    barrier()  # one that has left closes connections which others may still use
    if torch.distributed.is_available() and torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


def join_deepspeed(arguments: object) -> None:
    """Make DeepSpeed know the other processes before the weights are loaded: ZeRO-3 shares them
    out while loading, and on a CPU transformers would only tell torch.

    On a CPU DeepSpeed would first compile an operator of its own for shared memory, which takes a
    minute or more and for good if such a compilation was once killed. Gloo does the same.
    """
    import warnings

    import deepspeed

    warnings.filterwarnings("ignore", category=FutureWarning, module=r"torch\.distributed")
    deepspeed.ops.__compatible_ops__["deepspeed_shm_comm"] = False
    _ = arguments.device  # type: ignore[attr-defined]  # joins them for torch
    deepspeed.init_distributed()


def end_sharing() -> None:
    """After training: models made from now on (the export makes one) are whole. While transformers
    remembers ZeRO-3 it would share them out too, and wait for processes that make none."""
    from transformers.integrations.deepspeed import unset_hf_deepspeed_config

    unset_hf_deepspeed_config()


def check_devices() -> None:
    """Refuse one process on a machine with several visible GPUs: transformers would
    silently split every batch over them, and the batch would not be the one that was asked for."""
    import torch

    gpus = torch.cuda.device_count()
    if gpus > 1 and not under_torchrun():
        raise UserError(
            f"{gpus} GPUs are visible, but training was started as one process",
            todo="start it as: python -m stages.train",
        )


@contextmanager
def readable_failures() -> Iterator[None]:
    """Turn what torch raises into a UserError where its reason is known; all else passes."""
    try:
        yield
    except (RuntimeError, MemoryError) as error:
        text = f"{type(error).__name__}: {error}"
        for signs, what, todo in REASONS:
            if any(sign in text for sign in signs):
                raise UserError(what, where="train", todo=todo) from error
        raise
