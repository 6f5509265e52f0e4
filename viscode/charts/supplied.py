"""Values for the parameters of a chart function that are not its data.

Only honest ones: the sample's own topic and chart type, a usual size, a file to save to, fresh
axes. Whatever a sample does not say (a palette, a persona) is not made up.
"""

import ast
import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from viscode.charts.plotfunction import Step
from viscode.libraries.names import dotted

IMAGE_FILE = "chart.png"
SAVERS = ("savefig", "write_image", "save", "imsave")
TITLE = re.compile(r"(?:(?:chart|plot|main|fig|figure|graph|table)_?)?(?:title|topic)|suptitle")
CHART_TYPE = re.compile(r"(?:figure|fig|chart|plot|graph)_?type")
SIZE = re.compile(r"(?:fig|figure)_?size")
EXTENT = re.compile(r"(?:(?:fig|figure|chart|plot)_?)?(?P<side>width|height)")
IMAGE_PATH = re.compile(
    r"(?:out|output|save|image|img|fig|figure|plot|chart|png|dest)_?(?:path|file|file_?name)"
    r"|save_(?:to|as)"
)
INCHES, PIXELS = {"width": "10", "height": "6"}, {"width": "1000", "height": "600"}
MATPLOTLIB = frozenset({"matplotlib", "seaborn", "pandas", "networkx"})


@dataclass(frozen=True)
class Facts:
    """What a sample offers besides its data. `bound` as from `names.aliases`; `names` are those
    that the module binds; `loads_file` says that its code names data.csv."""

    topic: str
    figure_type: str
    libraries: tuple[str, ...]
    bound: dict[str, str]
    names: frozenset[str]
    loads_file: bool

    @property
    def on_axes(self) -> bool:
        return not MATPLOTLIB.isdisjoint(self.libraries)


@dataclass(frozen=True)
class Parameter:
    name: str
    annotation: str
    kind: Literal["positional_only", "positional", "rest", "keyword"]
    required: bool


def parameters(step: Step) -> Iterator[Parameter]:
    """The parameters in the order of a call; `**more` needs nothing and is left out."""
    given = step.parameters
    positional = [*given.posonlyargs, *given.args]
    required = len(positional) - len(given.defaults)
    for position, argument in enumerate(positional):
        kind: Literal["positional_only", "positional"] = (
            "positional_only" if position < len(given.posonlyargs) else "positional"
        )
        yield Parameter(argument.arg, annotation(argument), kind, position < required)
    if given.vararg:
        yield Parameter(given.vararg.arg, annotation(given.vararg), "rest", False)
    for argument, default in zip(given.kwonlyargs, given.kw_defaults, strict=True):
        yield Parameter(argument.arg, annotation(argument), "keyword", default is None)


def annotation(argument: ast.arg) -> str:
    """The annotation's text, "" without one."""
    return ast.unparse(argument.annotation) if argument.annotation is not None else ""


def receivers(name: str, step: Step, bound: dict[str, str]) -> set[str]:
    """Dotted names of what is called with the variable as an argument."""
    return {
        dotted(node.func, bound)
        for node in nodes(step)
        if isinstance(node, ast.Call)
        and any(
            isinstance(value, ast.Name) and value.id == name
            for value in (*node.args, *(keyword.value for keyword in node.keywords))
        )
    }


def nodes(step: Step) -> Iterator[ast.AST]:
    """All nodes in which the parameters are used."""
    return iter(()) if step.definition is None else ast.walk(step.definition)


def supplied(parameter: Parameter, step: Step, facts: Facts) -> str | None:
    """An honest value for a parameter that is not the data, as Python text."""
    name = parameter.name.lower()
    if TITLE.fullmatch(name):
        return _literal(facts.topic)
    if CHART_TYPE.fullmatch(name):
        return _literal(facts.figure_type)
    if SIZE.fullmatch(name):
        return f"({INCHES['width']}, {INCHES['height']})"
    if name == "dpi":
        return "100"
    if extent := EXTENT.fullmatch(name):
        return (INCHES if facts.on_axes else PIXELS)[extent["side"]]
    if IMAGE_PATH.fullmatch(name) or _is_saved_to(parameter, step, facts.bound):
        return json.dumps(IMAGE_FILE)
    if facts.on_axes and _is_axes(parameter.name, parameter.annotation):
        return "ax"
    if facts.on_axes and (name in ("fig", "figure") or parameter.annotation.endswith("Figure")):
        return "fig"
    return None


def takes_axes(tree: ast.Module) -> bool:
    """Whether any function draws on axes that it is given: its module may draw with nothing else,
    for a method of axes does not say whose it is."""
    arguments = (node for node in ast.walk(tree) if isinstance(node, ast.arg))
    return any(_is_axes(argument.arg, annotation(argument)) for argument in arguments)


def _is_axes(name: str, annotation: str) -> bool:
    return name in ("ax", "axis") or annotation.endswith("Axes")


def _is_saved_to(parameter: Parameter, step: Step, bound: dict[str, str]) -> bool:
    given_to = receivers(parameter.name, step, bound)
    return any(receiver.rpartition(".")[2] in SAVERS for receiver in given_to)


def _literal(text: str) -> str | None:
    return json.dumps(text, ensure_ascii=False) if text.strip() else None
