"""What other people's scripts may rely on, as text: python tests/docs/public_signatures.py

The commands with their arguments and options, the functions that run scripts and score answers, and
the fields of the records on disk. test_public_signatures.py compares it with public_signatures.txt.
"""

import inspect
import re
import sys
from collections.abc import Iterator
from pathlib import Path

import click

from viscode.bench import scoring
from viscode.cli.main import main
from viscode.core import records
from viscode.core.records import Record
from viscode.execution import engine

FILE = Path(__file__).with_suffix(".txt")
FUNCTIONS = (engine.run, scoring.score_command)


def commands(command: click.Command, name: str) -> Iterator[str]:
    if isinstance(command, click.Group):
        for word, inner in sorted(command.commands.items()):
            yield from commands(inner, f"{name} {word}")
        return
    yield name
    for one in command.params:
        parts = [
            *(
                one.opts
                if one.param_type_name == "option"
                else [one.human_readable_name or one.name]
            )
        ]
        choices = one.type.choices if isinstance(one.type, click.Choice) else [one.type.name]
        flag = isinstance(one, click.Option) and one.is_flag
        parts += [] if flag else [f"[{'|'.join(map(str, choices))}]"]
        parts += ["required"] if one.required else []
        parts += ["repeated"] if one.multiple or one.nargs == -1 else []
        default = None if flag or one.required else one.to_info_dict()["default"]
        parts += [] if not isinstance(default, str | int | float | Path) else [f"= {default}"]
        yield f"  {' '.join(parts)}"


def record_classes() -> list[type[Record]]:
    found = vars(records).values()
    return [
        one
        for one in found
        if isinstance(one, type) and issubclass(one, Record) and one is not Record
    ]


def text() -> str:
    lines = list(commands(main, "viscode"))
    for function in FUNCTIONS:
        lines += [f"{function.__module__}.{function.__name__}{inspect.signature(function)}"]
    for kind in record_classes():
        lines += [f"{kind.__name__}({kind.__base__.__name__})"]
        inherited = kind.__base__.model_fields
        for name, field in kind.model_fields.items():
            if name not in inherited:
                known = "" if field.is_required() else f" = {field.get_default()!r}"
                lines += [f"  {name}: {field.annotation}{known}"]
    plain = re.sub(r"<class '([^']+)'>|(?:typing|collections\.abc)\.", r"\1", "\n".join(lines))
    return re.sub(r"Annotated\[(\w+), AfterValidator\(.*?\)\]", r"\1", plain) + "\n"


if __name__ == "__main__":
    sys.stdout.write(text())
