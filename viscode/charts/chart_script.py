"""The text of a rebuilt script: the sample's own code, and around it what it lacks.

Lines are put in, and a `if __name__ == "__main__":` block without further use is taken out: it
calls the function with made-up data or a file that does not exist. Nothing else of the code is
changed.
"""

import ast
from collections.abc import Iterable

from viscode.charts.frame_call import DATA_FILE, TEXT_NAME, Call
from viscode.charts.shown_value import Shown
from viscode.charts.supplied import Facts
from viscode.libraries.names import aliases, dotted


def without_guard(code: str, tree: ast.Module) -> str:
    """The code without its main blocks; one that binds names which the rest uses stays."""
    lines = code.split("\n")
    for node in reversed(tree.body):
        if isinstance(node, ast.If) and _is_guard(node.test) and not node.orelse:
            rest = [other for other in tree.body if other is not node]
            used_elsewhere = bound_names(node.body) & _read_names(rest) - bound_names(rest)
            if not used_elsewhere and not _defines(node.body):
                del lines[node.lineno - 1 : node.end_lineno]
    return "\n".join(lines)


def _is_guard(test: ast.expr) -> bool:
    return ast.unparse(test) in ("__name__ == '__main__'", "'__main__' == __name__")


def _defines(body: list[ast.stmt]) -> bool:
    return any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in body)


def bound_names(nodes: Iterable[ast.stmt]) -> frozenset[str]:
    """The names that the statements bind, those inside functions left out."""
    found: set[str] = set()
    pending: list[ast.AST] = list(nodes)
    while pending:
        node = pending.pop()
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            found.add(node.name)
            continue
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.add(node.id)
        elif isinstance(node, ast.alias):
            found.add(node.asname or node.name.partition(".")[0])
        if not isinstance(node, ast.Lambda):
            pending.extend(ast.iter_child_nodes(node))
    return frozenset(found)


def _read_names(nodes: Iterable[ast.stmt]) -> set[str]:
    return {
        inner.id
        for node in nodes
        for inner in ast.walk(node)
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load)
    }


def complete(
    code: str, tree: ast.Module, name: str, call: Call, last: Shown, facts: Facts, options: str = ""
) -> str:
    """The code with imports, the loading of the data and the call of `name`; what it has of them
    already stays as it is. `options` is text for read_csv behind the path, e.g. `, sep=";"`."""
    needed = [] if facts.bound.get("pd") == "pandas" else ["import pandas as pd"]
    loading = "" if _is_loaded(tree, call.frame) else _loading(call, options)
    place = _first_use(tree, call.frame) if loading else None
    calls_itself = isinstance(tree.body[-1], ast.Expr) and _calls(tree.body[-1], name)
    tail = ""
    if not (calls_itself and (place is not None or facts.loads_file)):
        pyplot = _name_of("matplotlib.pyplot", facts) or "plt"
        if call.axes and _name_of("matplotlib.pyplot", facts) is None:
            needed.append("import matplotlib.pyplot as plt")
        needed.extend(last.imports)
        tail = f"{'' if place is not None else loading}{_axes(call, pyplot)}{last.text}\n"
    early = [] if place is None else [(place, loading.rstrip("\n").split("\n"))]
    body = _with_lines(code, [*early, (_imports_end(tree), needed)])
    return f"{body}\n\n{tail}" if tail else f"{body}\n"


def _loading(call: Call, options: str) -> str:
    if call.reads_text:
        return (
            f'with open("{DATA_FILE}", encoding="utf-8") as file:\n    {TEXT_NAME} = file.read()\n'
        )
    return f'{call.frame} = pd.read_csv("{DATA_FILE}"{options})\n' if call.frame else ""


def _axes(call: Call, pyplot: str) -> str:
    if "ax" in call.axes:
        return f"fig, ax = {pyplot}.subplots()\n"
    return f"fig = {pyplot}.figure()\n" if call.axes else ""


def _name_of(path: str, facts: Facts) -> str | None:
    return next((name for name, bound in facts.bound.items() if bound == path), None)


def _is_loaded(tree: ast.Module, frame: str) -> bool:
    """Whether the module loads the data into the variable itself."""
    bound = aliases(tree)
    return any(
        isinstance(node, ast.Assign)
        and isinstance(node.value, ast.Call)
        and dotted(node.value.func, bound) == "pandas.read_csv"
        and node.value.args
        and isinstance(path := node.value.args[0], ast.Constant)
        and path.value == DATA_FILE
        and any(isinstance(target, ast.Name) and target.id == frame for target in node.targets)
        for node in tree.body
    )


def _first_use(tree: ast.Module, frame: str) -> int | None:
    """Lines before the first statement that reads the variable, when the module never binds it."""
    if not frame or frame in bound_names(tree.body):
        return None
    outer = [
        node
        for node in tree.body
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef)
    ]
    return next((node.lineno - 1 for node in outer if frame in _read_outside_lambdas(node)), None)


def _read_outside_lambdas(statement: ast.stmt) -> set[str]:
    found: set[str] = set()
    pending: list[ast.AST] = [statement]
    while pending:
        node = pending.pop()
        if isinstance(node, ast.Name):
            found.add(node.id)
        if not isinstance(node, ast.Lambda | ast.FunctionDef | ast.AsyncFunctionDef):
            pending.extend(ast.iter_child_nodes(node))
    return found


def _calls(statement: ast.stmt, name: str) -> bool:
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == name
        for node in ast.walk(statement)
    )


def _imports_end(tree: ast.Module) -> int:
    """Lines before the first statement that an import may precede: behind the docstring and the
    imports of `__future__`."""
    after = 0
    for position, node in enumerate(tree.body):
        docstring = (
            position == 0 and isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant)
        )
        future = isinstance(node, ast.ImportFrom) and node.module == "__future__"
        if not docstring and not future:
            break
        after = node.end_lineno or after
    return after


def _with_lines(code: str, put_in: list[tuple[int, list[str]]]) -> str:
    """The code without blank lines around it, with new lines at (number of lines before); at one
    place the later entry stands first."""
    lines = code.rstrip().split("\n")
    for place, new in sorted(put_in, key=lambda entry: entry[0], reverse=True):
        lines[place:place] = new
    return "\n".join(lines).strip("\n")
