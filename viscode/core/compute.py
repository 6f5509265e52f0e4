"""The processors of this process: how many it may use, and how its threads wait for each other.

A parallel region of torch ends when the last of its threads has ended. GNU OpenMP, which torch is
built with, lets the others spin meanwhile, for milliseconds. Where another program holds a
processor, the spinning takes the time that the last thread needs, and a batch takes five times as
long instead of twice. So threads spin for a moment, which covers the gaps between regions, and
then sleep.

The number of threads follows from what this process may use at most (affinity, quota of its
control group), not from the load of the moment: another number of threads gives other last digits
of a logit, and a tie would break by what else the machine happens to do.
"""

import os
from collections.abc import Iterator, MutableMapping
from math import ceil
from pathlib import Path

SPINS = "5000"  # more is faster alone and slower beside others: docs/benchmarks.md
WAITING = {"OMP_WAIT_POLICY": "PASSIVE", "GOMP_SPINCOUNT": SPINS}
OF_USERS = (*WAITING, "KMP_BLOCKTIME")
NO_QUOTA = ("max", "-1")


def wait_passively(environment: MutableMapping[str, str] = os.environ) -> None:
    """Let threads of OpenMP sleep while they wait, in this process and those that it starts.

    The variables are read when torch is loaded, so this comes before. Who has set one of them has
    decided: then all stay as they are.
    """
    if not any(name in environment for name in OF_USERS):
        environment.update(WAITING)


def cores(process: Path = Path("/proc/self"), groups: Path = Path("/sys/fs/cgroup")) -> int:
    """Processors that this process may use: those of its affinity, no more than the quota of its
    control group and of those above it, rounded up."""
    allowed = len(os.sched_getaffinity(0))
    return max(1, min([allowed, *map(ceil, _quotas(process / "cgroup", groups))]))


def _quotas(membership: Path, groups: Path) -> Iterator[float]:
    """The quotas that bind, in processors, of either version of control groups: those of the group
    and of the groups above it. In a container the path in `membership` may be the host's, of which
    only the root is mounted: missing folders are no limit."""
    try:
        lines = membership.read_text(encoding="utf-8").splitlines()
    except OSError:
        return
    for line in lines:
        _, controllers, path = line.split(":", 2)
        if controllers and "cpu" not in controllers.split(","):
            continue
        root = groups / controllers
        inner = root / path.lstrip("/")
        for folder in (inner, *inner.parents):
            if folder.is_relative_to(root) and (limit := _quota(folder)) is not None:
                yield limit


def _quota(folder: Path) -> float | None:
    """Processors by the quota of one group; None where it has none."""
    try:
        if (folder / "cpu.max").is_file():
            quota, period = (folder / "cpu.max").read_text(encoding="utf-8").split()
        else:
            quota = (folder / "cpu.cfs_quota_us").read_text(encoding="utf-8").strip()
            period = (folder / "cpu.cfs_period_us").read_text(encoding="utf-8")
    except OSError:
        return None
    return None if quota in NO_QUOTA else int(quota) / int(period)
