"""Collects the blobs of rows.jsonl: `python collect_many.py FOLDER FETCHES`.

A process of its own, so that tests can kill it and measure it. Prints one JSON line: the metrics,
seconds, CPU seconds and resident MiB of the program and of the largest of its workers.
"""

import contextlib
import json
import resource
import sys
import threading
import time
from pathlib import Path

import psutil

from viscode.core.errors import UserError
from viscode.corpora.stack_edu import collect_stack_edu
from viscode.corpora.swh import Patience
from viscode.settings.collect import CollectFilesSettings
from viscode.settings.run import RunSettings

PATIENCE = Patience(attempts=5, first_pause_s=0.02, longest_pause_s=0.2)


def settings(folder, **changes):
    """Settings for rows.jsonl and opt_out.txt in `folder`."""
    values = {
        "source": "stack_edu", "take": 0, "seed": 1, "packages": ["x"],
        "path": f"{folder}/rows.jsonl", "hub": [], "licence": "", "min_int_score": 3,
        "max_bytes": 20_000, "licences": ["MIT", "Apache-2.0"],
        "opt_out": f"{folder}/opt_out.txt", "refetch": [],
    }  # fmt: skip
    return CollectFilesSettings.model_validate({**values, **changes})


def run_settings(workers=2, fetches=32):
    return RunSettings(workers=workers, fetches=fetches, devices=1, torch_threads=1, batch_size=1)


def spent():
    """CPU seconds; a worker's start counts too."""
    own, workers = (
        resource.getrusage(resource.RUSAGE_SELF),
        resource.getrusage(resource.RUSAGE_CHILDREN),
    )
    return {
        "own_cpu_s": own.ru_utime + own.ru_stime,
        "workers_cpu_s": workers.ru_utime + workers.ru_stime,
        "own_rss_mib": own.ru_maxrss / 1024,
    }


def watch_workers(peak):
    """Keep the highest resident size of any worker. Not from getrusage: there a child begins with
    the size of the process that started it."""
    while True:
        for process in psutil.Process().children():
            with contextlib.suppress(psutil.Error):
                peak[0] = max(peak[0], process.memory_info().rss / 2**20)
        time.sleep(0.1)


def main():
    folder, fetches = Path(sys.argv[1]), int(sys.argv[2])
    began, peak = time.monotonic(), [0.0]
    threading.Thread(target=watch_workers, args=(peak,), daemon=True).start()
    try:
        metrics = collect_stack_edu(
            settings(folder), run_settings(fetches=fetches), folder / "files", PATIENCE
        )
    except UserError as error:
        sys.exit(str(error))
    found = {"metrics": metrics, "seconds": time.monotonic() - began, **spent()}
    print(json.dumps({**found, "worker_rss_mib": peak[0]}))


if __name__ == "__main__":
    main()
