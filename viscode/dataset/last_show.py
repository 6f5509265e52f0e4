"""The show() with which a script ends: whether the last picture is shown or left to the notebook,
it is the same picture. An earlier show() or close() decides what is on which picture."""

import ast

from viscode.libraries.origins import CLASS, FUNCTION, Origins, root_of
from viscode.libraries.registry import CUSTOMARY


def without_final_show(tree: ast.Module) -> list[ast.stmt]:
    """The statements without the last show(), and the close() that follow it, where nothing comes
    after it but these, texts and print(). A show() of the code's own stays."""
    after = len(tree.body)
    while after and _called(tree.body[after - 1]) in ("", "print", "close"):
        after -= 1
    last = tree.body[after - 1] if after else None
    if last is None or _called(last) != "show" or _is_own(tree, last):
        return tree.body
    rest = [statement for statement in tree.body[after:] if _called(statement) != "close"]
    return [*tree.body[: after - 1], *rest]


def _called(statement: ast.stmt) -> str | None:
    """The last name of the function that a statement calls and nothing more; "" for a text."""
    value = statement.value if isinstance(statement, ast.Expr) else None
    if isinstance(value, ast.Constant):
        return ""
    function = value.func if isinstance(value, ast.Call) else None
    if isinstance(function, ast.Attribute):
        return function.attr
    return function.id if isinstance(function, ast.Name) else None


def _is_own(tree: ast.Module, statement: ast.stmt) -> bool:
    call = statement.value if isinstance(statement, ast.Expr) else None
    if not isinstance(call, ast.Call):
        return False
    return root_of(Origins(tree, CUSTOMARY).path(call.func)) in (FUNCTION, CLASS)
