"""One training run as several processes: what `python -m stages.train` does on a node with GPUs.

`run.devices` processes (0: one for each visible GPU) are started by torchrun, here, in the process
that holds the stage's lock: `torch.distributed.run --standalone --nproc_per_node N -m stages.train`
without its tables of tracebacks. Ctrl-C and SIGTERM reach every process, all of them die with this
one however it ends, and the first failure becomes one line and the exit status. On a CPU the
processes speak gloo. ZeRO goes this way even with one process, because DeepSpeed needs one group.

On several nodes, start SEVERAL_NODES on each, with the project (data/, .viscode/) on a shared file
system, and record the result with `dvc commit train`. The process of rank 0 writes; the number of
processes takes part in the name of the checkpoints' folder.
"""

import logging
import os
import signal
import sys
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, NoReturn

import click

from viscode.core.errors import EXIT_INTERRUPTED, UserError, readable
from viscode.core.replacing import write_json
from viscode.core.shards import die_with
from viscode.settings.run import RunSettings
from viscode.training.distributed import LOST_PEER

MODULE = "stages.train"
SEVERAL_NODES = (
    "torchrun --nnodes NODES --nproc_per_node {processes} --rdzv_backend c10d "
    "--rdzv_endpoint FIRST_HOST:29500 --rdzv_id train -m stages.train"
)
ERROR_FILE = "TORCHELASTIC_ERROR_FILE"  # torchrun's: where a process says why it failed
NO_FILE = "<N/A>"  # torchrun's name of the file of a process that left none


def processes_for(devices: int, gpus: int) -> int:
    """Processes on this node for `run.devices` and so many visible GPUs.

    Raises:
        UserError: more processes than GPUs.
    """
    if gpus and devices > gpus:
        raise UserError(
            f"run.devices is {devices}, but {gpus} GPU(s) are visible",
            where="params.yaml",
            todo="lower run.devices, or set it to 0 for all GPUs",
        )
    return devices or gpus or 1


def start(run: RunSettings, zero_stage: int) -> bool:
    """Train in processes of their own if that is needed; False if this process should.

    Raises:
        UserError: the first failure of a process.
        KeyboardInterrupt: interrupted; every process has ended.
    """
    import torch

    gpus = torch.cuda.device_count()
    processes = processes_for(run.devices, gpus)
    if processes == 1 and gpus < 2 and not zero_stage:
        return False
    from torch.distributed import run as torchrun
    from torch.distributed.elastic.multiprocessing.api import SignalException
    from torch.distributed.elastic.multiprocessing.errors import ChildFailedError

    if processes > 1:
        advice = SEVERAL_NODES.format(processes=processes)
        click.echo(f"train: {processes} processes on this node (several nodes: {advice})", err=True)
    threads = max(1, run.thread_count() // processes)
    os.environ.setdefault("OMP_NUM_THREADS", str(threads))
    logging.getLogger("torch.distributed").setLevel(logging.CRITICAL)
    options = ["--standalone", "--nproc_per_node", str(processes)]
    command = ["-m", MODULE, f"--worker-of={os.getpid()}"]
    try:
        with TemporaryDirectory(prefix="viscode-train-") as logs:
            torchrun.run(torchrun.parse_args([*options, "--log-dir", logs, *command]))
    except SignalException:
        raise KeyboardInterrupt from None
    except ChildFailedError as error:
        raise first_failure(error.failures) from None
    return True


def first_failure(failures: Mapping[int, Any]) -> UserError:
    """Of the processes that failed, the one that is to blame: a killed one, then one that says
    why, then one that misses another."""
    for rank, failure in sorted(failures.items()):
        if failure.exitcode == -signal.SIGKILL:
            return UserError(
                f"the process of rank {rank} was killed, most often for want of memory",
                where="train",
                todo="run the same command again to go on, or lower train.per_device_batch",
            )
    told = {}
    for rank, failure in failures.items():
        if failure.error_file != NO_FILE:
            message = failure.error_file_data["message"]
            if isinstance(message, str):  # else torchrun's own: the process wrote none
                told[rank] = message
    for rank in sorted(told, key=lambda rank: (LOST_PEER in told[rank], rank)):
        return UserError(told[rank])
    rank, failure = min(failures.items())
    return UserError(
        f"the process of rank {rank} ended with status {failure.exitcode}",
        where="train",
        todo="see its message above",
    )


def work(body: Callable[[], None], launcher: int) -> None:
    """Run `body` as one of the processes that the process `launcher` has started: without the
    stage's lock, silent on foreseeable failures, which the launcher tells."""
    die_with(launcher)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    try:
        body()
    except UserError as error:
        _end(str(error))
    except KeyboardInterrupt:
        os._exit(EXIT_INTERRUPTED)
    except OSError as error:
        if (told := readable(error)) is None:
            raise
        _end(str(told))


def _end(message: str) -> NoReturn:
    """Tell the launcher and end at once: other processes may wait for this one in a collective
    operation, and an orderly exit would wait for them."""
    told = {"message": message, "timestamp": int(time.time())}
    write_json(Path(os.environ[ERROR_FILE]), told)  # whole: torchrun fails on half a file
    sys.stdout.flush()
    sys.stderr.flush()
    os._exit(1)
