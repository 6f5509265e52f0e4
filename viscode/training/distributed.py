"""Several processes as one run, by the variables that torchrun gives each of them.

Start: `torchrun --nproc_per_node N -m stages.train` (on several nodes also --nnodes, --node_rank,
--rdzv_endpoint). Every process computes; the first one alone writes.
"""

import os

from viscode.errors import UserError


def world_size() -> int:
    """Processes of this run; 1 without torchrun."""
    return int(os.environ.get("WORLD_SIZE", "1"))


def rank() -> int:
    """Number of this process in the run, from 0."""
    return int(os.environ.get("RANK", "0"))


def is_first() -> bool:
    return rank() == 0


def process_name(stage: str) -> str:
    """Name under which this process takes the stage's lock: the lock keeps a second run away, not
    the other processes of this one."""
    return stage if is_first() else f"{stage}-{rank()}"


def check_devices() -> None:
    """Refuse one process on a machine with several visible GPUs: transformers would split every
    batch over them behind our back, and the batch would not be the one that was asked for."""
    import torch

    gpus = torch.cuda.device_count()
    if gpus > 1 and world_size() == 1:
        raise UserError(
            f"{gpus} GPUs are visible, but training was started as one process",
            todo=f"start it as: torchrun --nproc_per_node {gpus} -m stages.train, or "
            "choose one by CUDA_VISIBLE_DEVICES=0",
        )
