"""Which callables a chart sample defines, and in which order they deserve to be called.

The published code calls its function generate_plot or generate_table; people's own has any name, is
a lambda, or a class with one method. What each wants as arguments is told in frame_call.
"""

import ast
from collections.abc import Iterator
from dataclasses import dataclass

from viscode.libraries.detect import usage

USUAL_NAMES = ("generate_plot", "generate_table")
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
BLOCKS = (ast.If, ast.Try, ast.With)
DRAWING_LIMIT = 50  # each look at what a function draws with reads the imports of the whole module


@dataclass(frozen=True)
class Step:
    """One call: what stands before its brackets, the parameters, and where they are used. A class
    without an initialiser has a step without `definition`."""

    name: str
    parameters: ast.arguments
    definition: ast.AST | None


@dataclass(frozen=True)
class Plotter:
    """A function, or a class and its method: the steps are joined by dots."""

    name: str
    steps: tuple[Step, ...]
    definition: Definition

    @property
    def usual(self) -> bool:
        return self.name in USUAL_NAMES

    @property
    def awaits(self) -> bool:
        return isinstance(self.definition, ast.AsyncFunctionDef)


def plotters(tree: ast.Module) -> list[Plotter]:
    """All callables of the module, the likeliest first: usual names, then what no other one calls,
    then what draws, then the later in the text."""
    found = [plotter for node in statements(tree.body) for plotter in _plotters(node)]
    calls = {plotter.name: _called(plotter) for plotter in found}
    helpers = {name for caller, names in calls.items() for name in names - {caller}}
    few = found if len(found) <= DRAWING_LIMIT else []
    drawing = {plotter.name for plotter in few if _draws(tree, plotter)}
    while wider := {name for name, called in calls.items() if called & drawing} - drawing:
        drawing |= wider
    order = [
        (plotter.usual, plotter.name not in helpers, plotter.name in drawing, position)
        for position, plotter in enumerate(found)
    ]
    return [found[position] for *_, position in sorted(order, reverse=True)]


def statements(body: list[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a block and of the branches in it, not of definitions."""
    for node in body:
        yield node
        if isinstance(node, BLOCKS):
            for part in ("body", "orelse", "finalbody"):
                yield from statements(getattr(node, part, []))
            for handler in getattr(node, "handlers", []):
                yield from statements(handler.body)


def _plotters(node: ast.stmt) -> Iterator[Plotter]:
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
        yield Plotter(node.name, (Step(node.name, node.args, node),), node)
    elif isinstance(node, ast.ClassDef):
        yield from _of_class(node)
    elif isinstance(node, ast.Assign | ast.AnnAssign) and isinstance(node.value, ast.Lambda):
        targets = node.targets if isinstance(node, ast.Assign) else [node.target]
        if isinstance(target := targets[0], ast.Name):
            yield Plotter(target.id, (Step(target.id, node.value.args, node.value),), node.value)


def _of_class(node: ast.ClassDef) -> Iterator[Plotter]:
    """The class with the public method that none of its others calls, if it is one."""
    methods = [item for item in node.body if isinstance(item, ast.FunctionDef)]
    inner = {
        call.func.attr
        for method in methods
        for call in ast.walk(method)
        if isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Name)
        and call.func.value.id in ("self", "cls", node.name)
    }
    public = [item for item in methods if item.name[0] != "_" and item.name not in inner]
    if len(public) != 1:
        return
    method, marks = public[0], {ast.unparse(mark) for mark in public[0].decorator_list}
    if marks & {"staticmethod", "classmethod"}:
        own = method.args if "staticmethod" in marks else without_self(method.args)
        steps: tuple[Step, ...] = (Step(f"{node.name}.{method.name}", own, method),)
    else:
        steps = (_making(node, methods), Step(method.name, without_self(method.args), method))
    yield Plotter(node.name, steps, method)


def _making(node: ast.ClassDef, methods: list[ast.FunctionDef]) -> Step:
    """The call of the class itself. A dataclass's fields are its parameters."""
    initialiser = next((item for item in methods if item.name == "__init__"), None)
    if initialiser is not None:
        return Step(node.name, without_self(initialiser.args), initialiser)
    empty = ast.arguments([], [], None, [], [], None, [])
    if not any("dataclass" in ast.unparse(mark) for mark in node.decorator_list):
        return Step(node.name, empty, None)
    fields = [item for item in node.body if isinstance(item, ast.AnnAssign)]
    empty.args = [
        ast.arg(item.target.id, item.annotation)
        for item in fields
        if isinstance(item.target, ast.Name)
    ]
    empty.defaults = [item.value for item in fields if item.value is not None]
    return Step(node.name, empty, node)


def without_self(arguments: ast.arguments) -> ast.arguments:
    """The parameters that a caller of a bound method passes."""
    before, args = list(arguments.posonlyargs), list(arguments.args)
    del (before or args)[:1]
    rest = (arguments.vararg, arguments.kwonlyargs, arguments.kw_defaults, arguments.kwarg)
    return ast.arguments(before, args, *rest, arguments.defaults)


def _called(plotter: Plotter) -> set[str]:
    return {
        node.func.id
        for step in plotter.steps
        if step.definition is not None
        for node in ast.walk(step.definition)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    }


def _draws(tree: ast.Module, plotter: Plotter) -> bool:
    nodes = [
        node
        for step in plotter.steps
        if step.definition is not None
        for node in ast.walk(step.definition)
    ]
    return bool(usage(tree, nodes).drawn)
