"""The benchmark's prompts: a system prompt and one user message in the protocol's order.

The user message is the plot instruction, then numbered: plot description, plot style, setup,
data description; a part without text has no number, blank lines are closed up. The wording is ours
(viscode/prompts/bench/) or the benchmark's official instructs.json, named by its path; the
layout is the published one for both. One sentence is always ours: which library is forbidden.
"""

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from viscode.bench.descriptors import describe
from viscode.bench.tasks import data_frame
from viscode.core.errors import UserError
from viscode.core.prompting import read_prompt
from viscode.core.records import Message, Task
from viscode.core.textfile import read_text
from viscode.libraries.registry import BENCHMARKED
from viscode.settings.bench import Library

DATA_CHARS = 4000  # of what the descriptor says
OURS = {
    "system_prompt": "bench/system",
    "plot_instruct": "bench/plot",
    "setup_instruct": "bench/setup",
    "data_instruct": "bench/data",
}


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
    return Wording(*fixed_texts(instructs, OURS, "bench.instructs"))


def fixed_texts(instructs: str, ours: Mapping[str, str], parameter: str) -> list[str]:
    """Texts of a prompt: for "builtin" the prompts that `ours` names ("" for no text), else what
    the benchmark's official instructs.json, at the path that `parameter` holds, has under its keys.

    Raises:
        UserError: no such file, or not its keys.
    """
    if instructs == "builtin":
        return [read_prompt(name).text if name else "" for name in ours.values()]
    try:
        texts = json.loads(read_text(Path(instructs)))
        return [str(texts[key]) for key in ours]
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise UserError(
            f"no usable instructs.json: {error!r}",
            where=instructs,
            todo=f"correct {parameter} in params.yaml, or set it to builtin",
        ) from error


def messages(task: Task, library: Library, descriptor: str, words: Wording) -> tuple[Message, ...]:
    """The system prompt and the task's user message."""
    data = f"{words.data}\n{describe(data_frame(task), descriptor)[:DATA_CHARS]}"
    parts = (task.plot_description, task.plot_style, _setup(words.setup, library), data)
    filled = [part.lstrip() for part in parts if part.strip()]
    numbered = "".join(f"{number}. {part}\n" for number, part in enumerate(filled, start=1))
    return (
        Message(role="system", content=words.system),
        Message(role="user", content=f"{words.plot}\n{numbered}".replace("\n\n", "\n")),
    )


def _setup(text: str, library: Library) -> str:
    says = BENCHMARKED[library]
    setup = text.replace("[PLOTLIB]", library).replace("[IMPORTS]", says.imports).rstrip()
    if not says.forbids:
        return setup
    return f"{setup} {read_prompt('bench/forbid').text.replace('[LIBRARY]', says.forbids)}"
