"""What `viscode params` prints: every parameter with its value, its meaning, the paper's value and
the stages that a change of it runs again.

Meaning and the paper's value are the texts behind the fields of the settings classes, so that they
cannot drift from what the stages read. Which stages run again is DVC's own graph.
"""

import ast
import inspect
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
    found = [one for one in parameters() if part in one.name]
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


def parameters(params: Path = PARAMS) -> list[Parameter]:
    """All leaves, in the order of the file."""
    graph = _Graph(params.parent)
    return [
        Parameter(name, value, *_meaning(name), *graph.stages_of(name))
        for name, value in _leaves(read_params(params))
    ]


def _leaves(node: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Any]]:
    for key, value in node.items():
        name = f"{prefix}{key}"
        if isinstance(value, Mapping) and value:
            yield from _leaves(value, f"{name}.")
        else:
            yield name, value


def _meaning(name: str) -> tuple[str, str]:
    """The text behind the field of a parameter, and what it says of the paper."""
    place, field = name.rpartition(".")[::2]
    if place.startswith("models."):
        place = "models"
    text = _texts().get(place, {}).get(field, "")
    found = PAPER.search(text)
    paper = " ".join(found.group(1).split()) if found else ""
    return " ".join(PAPER.sub("", text).split()), paper


@cache
def _texts() -> dict[str, dict[str, str]]:
    """Section -> field -> the text behind it, inherited fields included."""
    for module in iter_modules(settings.__path__):
        import_module(f"{settings.__name__}.{module.name}")
    return {
        kind.PATH: {
            field: text
            for base in reversed(kind.__mro__)
            if issubclass(base, Settings)
            for field, text in _field_texts(base)
        }
        for kind in _all_kinds(Settings)
        if kind.PATH and kind.__module__.startswith(settings.__name__)
    }


def _all_kinds(kind: type[Settings]) -> Iterator[type[Settings]]:
    for below in kind.__subclasses__():
        yield below
        yield from _all_kinds(below)


def _field_texts(kind: type[Settings]) -> Iterator[tuple[str, str]]:
    (body,) = ast.parse(textwrap.dedent(inspect.getsource(kind))).body
    assert isinstance(body, ast.ClassDef)
    for field, behind in zip(body.body, body.body[1:], strict=False):
        if not isinstance(field, ast.AnnAssign) or not isinstance(field.target, ast.Name):
            continue
        if isinstance(behind, ast.Expr) and isinstance(behind.value, ast.Constant):
            yield field.target.id, inspect.cleandoc(str(behind.value.value))


class _Graph:
    """DVC's stages with the parameters that they watch."""

    def __init__(self, root: Path) -> None:
        from dvc.dependency.param import ParamsDependency
        from dvc.repo import Repo

        repo = Repo(str(root))
        self.graph = repo.index.graph
        self.watched = {
            stage: [
                key
                for dependency in stage.deps
                if isinstance(dependency, ParamsDependency)
                for key in dependency.params or ()
            ]
            for stage in self.graph
        }

    def stages_of(self, name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
        """The stages that watch a parameter, and all that depend on them; names without what
        follows an @."""
        import networkx  # type: ignore[import-untyped]

        direct = [
            stage
            for stage, keys in self.watched.items()
            if any(name == key or name.startswith(f"{key}.") for key in keys)
        ]
        behind = {after for stage in direct for after in networkx.ancestors(self.graph, stage)}
        first = _names(direct)
        return first, tuple(one for one in _names(behind) if one not in first)


def _names(stages: Any) -> tuple[str, ...]:
    return tuple(sorted({str(stage.name).partition("@")[0] for stage in stages}))
