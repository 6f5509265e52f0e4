"""Runs the answer stage of a scripted model: answer_killed.py FOLDER PUTS. Each question's key is
written to FOLDER/asked; the process kills itself right after the work store's PUTS-th entry."""

import os
import signal
import sys
from pathlib import Path

from bench_fixtures import GOOD, LOAD, SETTINGS, fenced, options, task

from viscode.bench.answering import Places, answer
from viscode.bench.examinee import Examinee
from viscode.core.records import Task
from viscode.core.tables import write_table
from viscode.core.workstore import WorkStore
from viscode.llm.cached import CachedClient
from viscode.llm.request import Sampling
from viscode.llm.scripted import ScriptedClient

BAD = fenced(f'{LOAD}plt.plot(df["z"])\nplt.show()')
ANSWERS = {1: [fenced(GOOD)], 2: [BAD, fenced(GOOD)], 3: [BAD, BAD, fenced(GOOD)]}


class Killing(WorkStore):
    """Counts what is stored."""

    def __init__(self, path: Path, puts: int) -> None:
        super().__init__(path)
        self.left = puts

    def put(self, kind: str, key: str, value: bytes, *, final: bool = True) -> None:
        super().put(kind, key, value, final=final)
        self.left -= 1
        if self.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)


def main(folder: Path, puts: int) -> None:
    asked = (folder / "asked").open("a")

    def reply(request):
        asked.write(request.key + "\n")
        asked.flush()
        number = next(n for n in ANSWERS if f"Description {n}." in request.messages[1].content)
        return ANSWERS[number][sum(message.role == "assistant" for message in request.messages)]

    tasks = folder / "tasks"
    if not tasks.exists():
        write_table(tasks, Task, [task(number) for number in ANSWERS])
    sampling = Sampling(temperature=0.0, max_new_tokens=100, stop="python_block")
    with Killing(folder / "work.sqlite", puts) as store:
        who = Examinee("base", "local:x", CachedClient(ScriptedClient(reply), store), sampling)
        places = Places(tasks, folder / "out", folder / "metrics", folder / "metrics")
        answer(who, SETTINGS, options(), store, places)
        (folder / "puts").write_text(str(puts - store.left))


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
