"""Processes that fetch and examine blobs, each with threads: requests overlap, and unpacking,
hashing and scanning use all cores.

The parent hands out claims and takes back results, one message each, so that a result is known
the moment it is there. No more than two claims a thread are under way: memory does not grow with
the number of blobs, and what a kill -9 loses is at most that. A worker ends when its parent has
closed the pipe or is gone, however that went.
"""

import os
import signal
import subprocess
import sys
import threading
import traceback
from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from multiprocessing import Pipe
from multiprocessing.connection import Connection, wait
from typing import Any

from viscode.core.errors import UserError
from viscode.corpora import swh
from viscode.corpora.blobs import BlobEntry, Claim, examine_blob
from viscode.corpora.swh import Failed

AHEAD = 2  # claims under way for each thread: one in flight, one that waits for it
END_S = 5.0
MAIN = "from viscode.corpora.blob_workers import main; main()"

Fetched = BlobEntry | Failed


@dataclass(frozen=True)
class FetchPlan:
    """`fetches` requests in flight over `processes` processes; files of at most `max_bytes`."""

    processes: int
    fetches: int
    max_bytes: int
    patience: swh.Patience

    @property
    def threads(self) -> list[int]:
        """Threads of each process: their sum is `fetches`, and no process is idle."""
        processes = min(self.processes, self.fetches)
        base, more = divmod(self.fetches, processes)
        return [base + (number < more) for number in range(processes)]


class BlobWorkers:
    """The processes of a plan: started for the first claim, ended with the `with` block."""

    def __init__(self, plan: FetchPlan) -> None:
        self.plan = plan
        self._workers: list[subprocess.Popen[bytes]] = []
        self._room: dict[Connection[Any, Any], int] = {}
        self.under_way = 0

    def __enter__(self) -> "BlobWorkers":
        return self

    def _start(self) -> None:
        swh.open_bucket(1)  # a wrong set-up is told here, once
        # Not by `multiprocessing`: it loads the program's main module into each worker, and with
        # it 100 MiB of libraries that none of them needs.
        for threads in self.plan.threads:
            ours, theirs = Pipe()
            number = theirs.fileno()
            command = [sys.executable, "-c", MAIN, str(number)]
            self._workers.append(
                subprocess.Popen(command, stdin=subprocess.DEVNULL, pass_fds=[number])
            )
            theirs.close()
            ours.send((self.plan, threads))
            self._room[ours] = threads * AHEAD

    def __exit__(self, *_: object) -> None:
        for connection in self._room:
            connection.close()
        for process in self._workers:
            try:
                process.wait(END_S)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    @property
    def full(self) -> bool:
        return bool(self._room) and not any(self._room.values())

    def send(self, claim: Claim) -> None:
        """Hand a claim to the process with the most room; only when not `full`.

        Raises:
            UserError: the client of the bucket cannot be set up, or a process ended before its
                time.
        """
        if not self._room:
            self._start()
        connection = max(self._room, key=lambda candidate: self._room[candidate])
        try:
            connection.send(claim)
        except OSError as error:
            raise _died() from error
        self._room[connection] -= 1
        self.under_way += 1

    def collect(self, timeout_s: float | None = None) -> list[Fetched]:
        """All results that are there; waits for the first one, at most `timeout_s`.

        Raises:
            UserError: a process ended before its time.
        """
        results: list[Fetched] = []
        for connection in wait(list(self._room), timeout_s):
            assert isinstance(connection, Connection)
            results.extend(self._drain(connection))
        return results

    def _drain(self, connection: "Connection[Any, Any]") -> Iterable[Fetched]:
        try:
            while connection.poll():
                yield connection.recv()
                self._room[connection] += 1
                self.under_way -= 1
        except (EOFError, OSError) as error:
            raise _died() from error


def _died() -> UserError:
    return UserError(
        "a process that fetches blobs ended unexpectedly",
        where="collect_files",
        todo="see the lines above, free memory (or lower run.workers and run.fetches), and run "
        "again: what was examined is kept",
    )


def main() -> None:
    """The life of a worker process, which talks through the descriptor in its argument."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches all; the parent ends us
    connection: Connection[Any, Any] = Connection(int(sys.argv[1]))
    sending = threading.Lock()

    def work(claim: Claim) -> None:
        try:
            stored = swh.fetch(client, claim.blob_id, plan.max_bytes, plan.patience)
            found: Fetched = (
                stored
                if isinstance(stored, Failed)
                else examine_blob(stored, claim, plan.max_bytes)
            )
        except Exception:  # noqa: BLE001 - the worker loop: one blob must not end the run
            found = Failed(claim.blob_id, f"internal error: {traceback.format_exc()}")
        with sending:
            connection.send(found)

    try:
        plan, threads = connection.recv()
        client = swh.open_bucket(threads)
        pool = ThreadPoolExecutor(threads)
        while True:
            pool.submit(work, connection.recv())
    except (EOFError, OSError):
        os._exit(0)  # requests under way are of no use to anyone now
