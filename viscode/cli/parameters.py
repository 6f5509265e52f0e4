"""What `viscode params` prints: every parameter with its value, its meaning, the paper's value and
the stages that a change of it runs again.

Meaning and the paper's value are the texts behind the fields of the settings classes.
Which stages run again is DVC's own graph.
"""

import json
import re
import textwrap
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from functools import cache
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from typing import Any

import click

from viscode import settings
from viscode.cli.dag import parameters_of, stage_graph
from viscode.core.errors import UserError
from viscode.settings.base import PARAMS, Settings, read_params

PAPER = re.compile(r"\s*\b(?:The paper|Paper): (.+?)(?:\.(?=\s|$)|$)", re.DOTALL)
WIDTH = 92


@dataclass(frozen=True)
class Parameter:
    """One leaf of params.yaml. `paper` is "" where the paper says nothing; `stages` run again when
    it changes, `after` are those behind them."""

    name: str
    value: Any
    meaning: str
    paper: str
    stages: tuple[str, ...]
    after: tuple[str, ...]


def params_command(part: str, *, as_json: bool) -> None:
    """Print the parameters whose names contain `part`.

    Raises:
        UserError: there is none, or params.yaml is unreadable.
    """
    found = parameters(part)
    if not found:
        raise UserError(
            f"no parameter with {part!r} in its name",
            where=str(PARAMS),
            todo="viscode params lists all of them",
        )
    for one in found:
        click.echo(json.dumps(asdict(one)) if as_json else _text(one))


def _text(one: Parameter) -> str:
    lines = [f"{one.name} = {json.dumps(one.value)}"]
    lines += textwrap.wrap(one.meaning, WIDTH, initial_indent="    ", subsequent_indent="    ")
    if one.paper:
        lines.append(f"    paper: {one.paper}")
    again = ", ".join(one.stages) or "no stage: it says how work is done, not what comes out"
    behind = f", then {', '.join(one.after)}" if one.after else ""
    lines += textwrap.wrap(
        f"runs again: {again}{behind}", WIDTH, initial_indent="    ", subsequent_indent="      "
    )
    return "\n".join(lines)


def parameters(part: str = "", params: Path = PARAMS) -> list[Parameter]:
    """The leaves whose names contain `part`, in the order of the file."""
    found = [(name, value) for name, value in _leaves(read_params(params)) if part in name]
    graph = stage_graph(params.parent) if found else None
    return [Parameter(name, value, *_meaning(name), *_stages(name, graph)) for name, value in found]


def _leaves(node: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in node.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, f"{name}.")
        else:
            yield name, value


def _meaning(name: str) -> tuple[str, str]:
    """The text behind the field of a parameter, and what it says of the paper."""
    place, _, field = name.rpartition(".")
    section = _sections().get("models" if place.startswith("models.") else place)
    known = section.model_fields.get(field) if section else None
    text = (known and known.description) or ""
    found = PAPER.search(text)
    paper = " ".join(found.group(1).split()) if found else ""
    return " ".join(PAPER.sub("", text).split()), paper


@cache
def _sections() -> dict[str, type[Settings]]:
    """All settings classes by their place in params.yaml."""
    modules = [
        import_module(f"{settings.__name__}.{m.name}") for m in iter_modules(settings.__path__)
    ]
    kinds = [kind for module in modules for kind in vars(module).values() if isinstance(kind, type)]
    return {kind.PATH: kind for kind in kinds if issubclass(kind, Settings) and kind.PATH}


def _stages(name: str, graph: Any) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """The stages that watch a parameter, and all that depend on them; names without what follows
    an @."""
    import networkx  # type: ignore[import-untyped]

    direct = [
        stage
        for stage in graph
        if any(name == key or name.startswith(f"{key}.") for key in parameters_of(stage))
    ]
    behind = {after for stage in direct for after in networkx.ancestors(graph, stage)}
    first = _names(direct)
    return first, tuple(one for one in _names(behind) if one not in first)


def _names(stages: Any) -> tuple[str, ...]:
    return tuple(sorted({str(stage.name).partition("@")[0] for stage in stages}))
