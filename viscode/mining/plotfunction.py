"""Which function of a chart sample takes the frame and draws it.

The published code calls it generate_plot or generate_table; other names are told by the first
parameter: annotated as a frame, named like one, or used as only a frame is used.
"""

import ast
import re
from dataclasses import dataclass

USUAL_NAMES = ("generate_plot", "generate_table")
FRAME_PARAMETER = re.compile(
    r"^(?:\w+_)?(?:df|dataframe|data_?frame|frame|data|table|csv)\d?$", re.IGNORECASE
)
FRAME_ATTRIBUTES = frozenset(
    {
        "columns",
        "groupby",
        "iloc",
        "loc",
        "iterrows",
        "itertuples",
        "pivot",
        "pivot_table",
        "set_index",
        "melt",
        "dropna",
        "to_dict",
        "sort_values",
        "value_counts",
    }
)
FIRST_COLUMN = re.compile(
    r"Unnamed|columns\s*\[\s*0|columns\s*\[:\s*1|iloc\s*\[\s*:\s*,\s*0"
    r"|set_index|reset_index"
)


@dataclass(frozen=True)
class PlotFunction:
    """`called`: module-level code calls it already. `wants_index`: it reads the frame's index
    and never the first column, so an unnamed first column is that index."""

    name: str
    called: bool
    wants_index: bool


def find_function(tree: ast.Module) -> PlotFunction | None:
    """The module's function that a frame alone suffices to call, or None. Among several: the
    usual names first, then those that no other function calls, then the last."""
    functions = [node for node in tree.body if isinstance(node, ast.FunctionDef)]
    names = {function.name for function in functions}
    helpers = {
        name
        for function in functions
        for name in _calls(function.body) & names
        if name != function.name
    }
    fitting = [
        (function.name in USUAL_NAMES, function.name not in helpers, position, function)
        for position, function in enumerate(functions)
        if _takes_frame(function)
    ]
    if not fitting:
        return None
    chosen = max(fitting, key=lambda entry: entry[:3])[3]
    text = ast.unparse(chosen)
    called = chosen.name in _calls([n for n in tree.body if not isinstance(n, ast.FunctionDef)])
    return PlotFunction(chosen.name, called, ".index" in text and not FIRST_COLUMN.search(text))


def _calls(nodes: list[ast.stmt]) -> set[str]:
    return {
        inner.func.id
        for node in nodes
        for inner in ast.walk(node)
        if isinstance(inner, ast.Call) and isinstance(inner.func, ast.Name)
    }


def _takes_frame(function: ast.FunctionDef) -> bool:
    arguments = function.args
    positional = [*arguments.posonlyargs, *arguments.args]
    required = len(positional) - len(arguments.defaults)
    keyword_only = sum(default is None for default in arguments.kw_defaults)
    if not positional or required > 1 or keyword_only:
        return False
    return (required == 1 and function.name in USUAL_NAMES) or _is_frame(positional[0], function)


def _is_frame(argument: ast.arg, function: ast.FunctionDef) -> bool:
    if argument.annotation is not None:
        return "DataFrame" in ast.unparse(argument.annotation)
    if FRAME_PARAMETER.match(argument.arg):
        return True
    return any(
        isinstance(node, ast.Attribute)
        and isinstance(node.value, ast.Name)
        and node.value.id == argument.arg
        and node.attr in FRAME_ATTRIBUTES
        for node in ast.walk(function)
    )
