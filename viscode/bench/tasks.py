"""The tasks that a run asks, and what stands in for the parts that a data set left out."""

import io
from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from viscode.core.errors import UserError
from viscode.core.records import Task

SHARDS = "part-*.parquet"
DEFAULT_CODE_DATA = 'import pandas as pd\n\ndf = pd.read_csv("data.csv")'


def attempt_tables(folder: Path) -> list[Path]:
    """The tables of attempts in `folder`, which is data/bench/MODEL or one table.

    Raises:
        UserError: there is none.
    """
    found = sorted({path.parent for path in (*folder.glob(SHARDS), *folder.glob(f"*/{SHARDS}"))})
    if not found:
        raise UserError(
            "no answers here",
            where=str(folder),
            todo="name data/bench/MODEL or data/bench/MODEL/LIBRARY (dvc repro makes them)",
        )
    return found


def choose(tasks: Iterable[Task], count: int) -> list[Task]:
    """The first `count` tasks by number; all of them when `count` is 0."""
    ordered = sorted(tasks, key=lambda task: (task.number, task.id))
    return ordered[:count] if count else ordered


def code_data(task: Task) -> str:
    """The code that loads `df`: the task's own, or the two lines that the protocol puts there."""
    return task.code_data or DEFAULT_CODE_DATA


def data_files(task: Task) -> dict[str, bytes]:
    """What lies beside a script that works on the task."""
    return {"data.csv": task.data_csv.encode("utf-8")}


def data_frame(task: Task) -> pd.DataFrame:
    """The task's data.csv as pandas reads it.

    Raises:
        UserError: it is not a CSV file.
    """
    try:
        return pd.read_csv(io.StringIO(task.data_csv))
    except ValueError as error:  # pandas' ParserError and EmptyDataError are ValueErrors
        raise UserError(
            f"task {task.number}: data.csv is unreadable: {error}",
            where="data/raw/tasks",
            todo="mend the task in its source",
        ) from error
