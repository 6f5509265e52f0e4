"""The statements of a script in the order in which they run, as far as they run once.

Those below `if __name__ ==`, and those of its own functions that it calls once, stand in the place
of the call, and what is handed to such a function in front of them, as assignments to its
parameters.
"""

import ast
from collections import Counter
from collections.abc import Iterator, Sequence

from viscode.instruct.script_slice import is_plotting, reads
from viscode.libraries.detect import Drawings


class Passed(ast.Assign):
    """`parameter = argument`, which the code does not spell so."""


def straight(tree: ast.Module, drawings: Drawings) -> Iterator[ast.stmt]:
    """The statements of a script with this tree. Of functions with parameters only those that plot
    are gone through: the others compute, and have a name for that."""
    calls = Counter(node.id for node in ast.walk(tree) if isinstance(node, ast.Name))
    functions = {
        one.name: one
        for one in tree.body
        if isinstance(one, ast.FunctionDef)
        and not (one.decorator_list or one.args.vararg)
        and (not ast.unparse(one.args) or (calls[one.name] == 1 and _plots(one, drawings)))
    }
    yield from _in_order(tree.body, functions)


def _plots(function: ast.FunctionDef, drawings: Drawings) -> bool:
    return any(is_plotting(node, drawings, set()) for node in ast.walk(function))


def _in_order(
    body: Sequence[ast.stmt], functions: dict[str, ast.FunctionDef]
) -> Iterator[ast.stmt]:
    for statement in body:
        if isinstance(statement, ast.If) and "__name__" in reads(statement.test):
            yield from _in_order(statement.body, functions)
        elif (call := _call_alone(statement)) is not None and call.func.id in functions:  # type: ignore[attr-defined]
            function = functions.pop(call.func.id)  # type: ignore[attr-defined]
            yield from _passing(function, call)
            yield from _in_order(function.body, functions)
        else:
            yield statement


def _call_alone(statement: ast.stmt) -> ast.Call | None:
    """The call of a statement `main()` or `fig = draw(x)`."""
    call = statement.value if isinstance(statement, ast.Expr | ast.Assign) else None
    return call if isinstance(call, ast.Call) and isinstance(call.func, ast.Name) else None


def _passing(function: ast.FunctionDef, call: ast.Call) -> Iterator[ast.stmt]:
    """What the parameters are at a call. One that gets what has its own name is left out."""
    given = function.args
    names = [one.arg for one in (*given.posonlyargs, *given.args)]
    found: dict[str, ast.expr] = dict(
        zip(names[len(names) - len(given.defaults) :], given.defaults, strict=True)
    )
    pairs = zip(given.kwonlyargs, given.kw_defaults, strict=True)
    found |= {one.arg: value for one, value in pairs if value is not None}
    found |= dict(zip(names, call.args, strict=False))
    found |= {one.arg: one.value for one in call.keywords if one.arg}
    for name, value in found.items():
        if not isinstance(value, ast.Starred) and not _is_named(value, name):
            passed = Passed([ast.Name(name, ast.Store())], value)
            yield ast.fix_missing_locations(ast.copy_location(passed, value))


def _is_named(value: ast.expr, name: str) -> bool:
    return isinstance(value, ast.Name) and value.id == name
