"""The benchmark's prompts: a system prompt and one user message in the protocol's order.

The user message is the plot instruction, then numbered: plot description, plot style, setup,
data description. The wording is ours (viscode/prompts/bench_*.txt) or the benchmark's official
instructs.json, named by its path; the order and the numbering are the same.
"""

import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from viscode.bench.tasks import data_frame
from viscode.errors import UserError
from viscode.prompting import read_prompt
from viscode.records import Message, Task
from viscode.settings.bench import Library

DESCRIPTOR_CHARS = 4000
OFFICIAL_KEYS = ("system_prompt", "plot_instruct", "setup_instruct", "data_instruct")
IMPORTS = {
    "matplotlib": "import matplotlib.pyplot as plt",
    "seaborn": "import matplotlib.pyplot as plt\nimport seaborn as sns",
    "plotly": "import plotly.express as px\nimport plotly.graph_objects as go",
}
FORBIDDEN = {"plotly": "matplotlib", "matplotlib": "seaborn"}  # seaborn draws with matplotlib


@dataclass(frozen=True)
class Wording:
    """The fixed texts of a prompt; `setup` holds [PLOTLIB] where the library's name goes and
    may hold [IMPORTS], for the lines that import it."""

    system: str
    plot: str
    setup: str
    data: str


def wording(instructs: str) -> Wording:
    """Our wording for "builtin", else the texts of the official file at that path.

    Raises:
        UserError: no such file, or not the official file's keys.
    """
    if instructs == "builtin":
        return Wording(
            system=read_prompt("bench_system").text,
            plot=read_prompt("bench_plot").text,
            setup=read_prompt("bench_setup").text,
            data=read_prompt("bench_data").text,
        )
    try:
        texts = json.loads(Path(instructs).read_text(encoding="utf-8"))
        return Wording(*(str(texts[key]) for key in OFFICIAL_KEYS))
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"no usable instructs.json: {error!r}",
            where=instructs,
            todo="correct bench.instructs in params.yaml, or set it to builtin",
        ) from error


def messages(task: Task, library: Library, descriptor: str, words: Wording) -> tuple[Message, ...]:
    """The system prompt and the task's user message."""
    parts = (
        task.plot_description.strip(),
        task.plot_style.strip(),
        _setup(words.setup, library),
        f"{words.data.strip()}\n{describe(data_frame(task), descriptor)}".strip(),
    )
    numbered = [f"{number}. {part}" for number, part in enumerate(parts, start=1)]
    return (
        Message(role="system", content=words.system),
        Message(role="user", content="\n\n".join([words.plot.strip(), *numbered])),
    )


def _setup(text: str, library: Library) -> str:
    setup = text.replace("[PLOTLIB]", library).replace("[IMPORTS]", IMPORTS[library]).strip()
    forbidden = FORBIDDEN.get(library)
    if forbidden is None:
        return setup
    return f"{setup}\n{read_prompt('bench_forbid').text.replace('[LIBRARY]', forbidden)}"


def describe(frame: pd.DataFrame, descriptor: str) -> str:
    """What the prompt says of the data frame, cut to 4,000 characters."""
    return DESCRIPTORS[descriptor](frame)[:DESCRIPTOR_CHARS]


def _head(frame: pd.DataFrame) -> str:
    rows, columns = frame.shape
    kinds = ", ".join(f"{name} ({kind})" for name, kind in columns_and_types(frame))
    return "\n".join(
        [
            f"{rows} rows, {columns} columns",
            f"Columns and types: {kinds}",
            f"First rows: {frame.head().to_json()}",
        ]
    )


def columns_and_types(frame: pd.DataFrame) -> list[tuple[str, str]]:
    """Column names with the types that the answer's code will see: the environment of the
    plots has a pandas whose text columns are of type object, ours calls them str."""
    kinds = [str(kind) for kind in frame.dtypes]
    names = [str(name) for name in frame.columns]
    return [
        (name, "object" if kind == "str" else kind) for name, kind in zip(names, kinds, strict=True)
    ]


def _describe(frame: pd.DataFrame) -> str:
    if frame.shape[1] == 0:
        return "an empty data frame"
    return frame.describe(include="all").to_string()


def _empty(frame: pd.DataFrame) -> str:
    return ""


DESCRIPTORS: dict[str, Callable[[pd.DataFrame], str]] = {
    "head": _head,
    "describe": _describe,
    "empty": _empty,
}
