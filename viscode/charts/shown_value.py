"""What stands last in a rebuilt script, so that a notebook shows the chart.

A notebook shows the value of the last expression, and every matplotlib figure that is still open.
A figure or image is shown as it is; code that closes its figure (or draws with plotly) and returns
a buffer, bytes, the name of a file or a tuple shows nothing, so its result is opened as an image or
taken out of the tuple. The kind is read off the `return` statements; values are not followed
through other functions.
"""

import ast
from dataclasses import dataclass
from typing import Literal

from viscode.charts.frame_call import Call
from viscode.charts.plotfunction import Definition, Plotter
from viscode.charts.supplied import IMAGE_FILE, Facts
from viscode.libraries.names import dotted

Kind = Literal["buffer", "bytes", "file", "nothing", "other"]
CLOSERS = frozenset({"matplotlib.pyplot.close", "matplotlib.pyplot.clf"})
FIGURE_NAMES = ("fig", "figure", "chart", "plot", "img", "image", "buf", "buffer")


@dataclass(frozen=True)
class Shown:
    """The last lines of a script, and the import statements that they need."""

    text: str
    imports: tuple[str, ...] = ()


def shown(call: Call, plotter: Plotter, tree: ast.Module, facts: Facts) -> Shown:
    """The call, so written that its chart is seen."""
    if facts.on_axes and not _closes(tree, facts.bound):
        return Shown(call.text)
    returned, text = _returned(plotter.definition), call.text
    if isinstance(returned, ast.Tuple) and returned.elts:
        place = _place(returned)
        returned, text = returned.elts[place], f"{text}[{place}]"
    kind = _kind(returned, plotter.definition, facts.bound)
    if call.saves and (kind == "nothing" or _is_parameter(returned, plotter.definition)):
        opened = _opened(f'"{IMAGE_FILE}"', facts.bound)
        return Shown(f"{text}\n{opened.text}", opened.imports)
    if kind == "bytes":
        imports = () if facts.bound.get("BytesIO") == "io.BytesIO" else ("from io import BytesIO",)
        opened = _opened(f"BytesIO({text})", facts.bound)
        return Shown(opened.text, (*imports, *opened.imports))
    return _opened(text, facts.bound) if kind in ("buffer", "file") else Shown(text)


def _closes(tree: ast.Module, bound: dict[str, str]) -> bool:
    calls = [node for node in ast.walk(tree) if isinstance(node, ast.Call)]
    return any(dotted(call.func, bound) in CLOSERS for call in calls)


def _returned(definition: Definition) -> ast.expr | None:
    """The value of the last `return` of a function itself, not of functions in it."""
    if isinstance(definition, ast.Lambda):
        return definition.body
    pending: list[ast.AST] = list(definition.body)
    found: list[ast.Return] = []
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Return):
            found.append(node)
        elif not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            pending.extend(ast.iter_child_nodes(node))
    return max(found, key=lambda node: node.lineno).value if found else None


def _place(value: ast.Tuple) -> int:
    """Which element is the chart: the first with a usual name, else the first."""
    names = [element.id if isinstance(element, ast.Name) else "" for element in value.elts]
    return next((place for place, name in enumerate(names) if name.lower() in FIGURE_NAMES), 0)


def _kind(value: ast.expr | None, definition: Definition, bound: dict[str, str]) -> Kind:
    if value is None or (isinstance(value, ast.Constant) and value.value is None):
        return "nothing"
    if isinstance(value, ast.Constant):
        text = value.value if isinstance(value.value, str) else ""
        return "file" if text.lower().endswith((".png", ".jpg", ".jpeg")) else "other"
    if isinstance(value, ast.Name):
        return _kind_of_name(value.id, definition, bound)
    if isinstance(value, ast.Call):
        if dotted(value.func, bound) == "io.BytesIO":
            return "buffer"
        if isinstance(value.func, ast.Attribute):
            if value.func.attr in ("to_image", "tobytes"):
                return "bytes"
            if value.func.attr in ("getvalue", "read", "getbuffer"):
                owner = _kind(value.func.value, definition, bound)
                return "bytes" if owner == "buffer" else "other"
    return "other"


def _kind_of_name(name: str, definition: Definition, bound: dict[str, str]) -> Kind:
    """By the last assignment to the variable, one step back."""
    values = [
        node.value
        for node in ast.walk(definition)
        if isinstance(node, ast.Assign)
        and any(isinstance(target, ast.Name) and target.id == name for target in node.targets)
    ]
    if not values or isinstance(values[-1], ast.Name):
        return "other"
    return _kind(values[-1], definition, bound)


def _is_parameter(value: ast.expr | None, definition: Definition) -> bool:
    given = definition.args
    names = {argument.arg for argument in (*given.posonlyargs, *given.args, *given.kwonlyargs)}
    return isinstance(value, ast.Name) and value.id in names


def _opened(text: str, bound: dict[str, str]) -> Shown:
    """The expression as an image, by the name that the code has for PIL.Image if it has one."""
    own = next((name for name, path in bound.items() if path == "PIL.Image"), None)
    if own is not None:
        return Shown(f"{own}.open({text})")
    return Shown(f"PIL.Image.open({text})", ("import PIL.Image",))
