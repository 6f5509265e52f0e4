"""A failed run's message as an edit: what it names was renamed, removed or made stricter, and the
text alone did not tell of which object.

The documented successors are those of modernise.py. What a function has no successor for, as an
unknown keyword, is dropped. Nothing else is guessed: None where no rule fits.
"""

import ast
import re
from collections.abc import Callable, Iterator

from viscode.extract.editing import Editor, last_name
from viscode.extract.modernise import Walk
from viscode.extract.renames import COLORMAPS, STYLES
from viscode.libraries.origins import CLASS, FUNCTION, UNKNOWN_ORIGIN, root_of

OWNER_OF = {
    **dict.fromkeys(
        ("DataFrame", "Series", "NDFrame", "DataFrameGroupBy", "SeriesGroupBy"), "FRAME"
    ),
    **dict.fromkeys(("Axes", "Axes3D", "PolarAxes", "AxesSubplot", "Axes3DSubplot"), "AXES"),
    **dict.fromkeys(("Figure", "FigureBase", "SubFigure"), "FIGURE"),
    **dict.fromkeys(("Graph", "DiGraph", "MultiGraph", "MultiDiGraph"), "GRAPH"),
}
VIEWS = {
    **{"dict_keys": "keys", "dict_values": "values", "dict_items": "items", "KeysView": "keys"},
    **{"NodeView": "nodes", "EdgeView": "edges", "OutEdgeView": "edges", "DegreeView": "degree"},
    **{"NodeDataView": "nodes", "EdgeDataView": "edges", "ValuesView": "values"},
    **{name: name for name in ("map", "zip", "filter", "range")},
}
NUMERIC = frozenset(
    {"mean", "median", "std", "var", "sem", "skew", "corr", "cov", "quantile", "sum", "kurt"}
)
ARRAYS = frozenset({"numpy", "scipy"})
OWN = frozenset({FUNCTION, CLASS, UNKNOWN_ORIGIN})
Mend = Callable[[Editor, ast.stmt, re.Match[str]], None]


def mend_by_rename(
    tree: ast.Module, error_type: str, message: str, line: int
) -> tuple[str, ...] | None:
    """Edit a tree in place after its run ended with an error at a line of it (0: not known).

    Returns the edits as `modernise` does, None where the error is of another kind. An edit may not
    help, so that the caller has to see to it that the same error does not come twice.
    """
    for pattern, mend in MENDS:
        match = re.search(pattern, f"{error_type}: {message}")
        if match is None:
            continue
        editor = Editor(tree)
        try:
            for statement in _at(tree, line):
                editor.statement = statement
                mend(editor, statement, match)
                if editor.names:
                    break
        except RecursionError:
            return None
        if editor.names:
            editor.insert_imports()
            ast.fix_missing_locations(tree)
            return tuple(editor.names)
    return None


def _at(tree: ast.Module, line: int) -> Iterator[ast.stmt]:
    """The innermost statement at a line; all statements where none is."""
    found = [
        node
        for node in ast.walk(tree)
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or node.lineno)
    ]
    if found:
        yield found[-1]
    else:
        yield from (node for node in ast.walk(tree) if isinstance(node, ast.stmt))


def _calls(statement: ast.stmt) -> list[ast.Call]:
    """The calls of a statement, without those of the statements in it."""
    found: list[ast.AST] = [statement]
    for node in found:
        found += [one for one in ast.iter_child_nodes(node) if not isinstance(one, ast.stmt)]
    return [node for node in found if isinstance(node, ast.Call)]


def _drop_keyword(editor: Editor, statement: ast.stmt, match: re.Match[str]) -> None:
    name = match["name"]
    for call in _calls(statement):
        kept = [one for one in call.keywords if one.arg != name]
        if len(kept) < len(call.keywords) and root_of(editor.path(call.func)) not in OWN:
            call.keywords = kept
            editor.note(f"dropped keyword {name}")


def _as_known(editor: Editor, statement: ast.stmt, match: re.Match[str]) -> None:
    """Apply the tables to a statement, as the message tells what the object is."""
    owner = OWNER_OF.get(match["owner"])
    if owner is not None:
        editor.known_methods[match["name"]] = owner
        Walk(editor).generic_visit(statement)


def _plain_array(editor: Editor, statement: ast.stmt, match: re.Match[str]) -> None:
    """`series[:, None]`, which arrays can."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Subscript) and isinstance(node.slice, ast.Tuple):
            parts = node.slice.elts
            if any(isinstance(one, ast.Constant) and one.value is None for one in parts) or any(
                last_name(one) == "newaxis" for one in parts
            ):
                node.value = ast.Call(ast.Attribute(node.value, "to_numpy", ast.Load()), [], [])
                editor.note("pandas.Series[:, None] -> to_numpy()[:, None]")


def _styles(editor: Editor, statement: ast.stmt, match: re.Match[str]) -> None:
    """The style sheet's new name; a sheet that is a package's or a file is dropped."""
    name = match["name"]
    _rename_text(editor, name, STYLES.get(name, ""), "style")
    uses = [call for call in _calls(statement) if last_name(call.func) == "use"]
    if editor.names or not isinstance(statement, ast.Expr) or not uses:
        return
    given = uses[0].args[0] if uses[0].args else None
    if isinstance(given, ast.List) and len(given.elts) > 1:
        given.elts = [one for one in given.elts if getattr(one, "value", None) != name]
    else:
        _remove(editor.tree, statement)
    editor.note(f"dropped style {name}")


def _shading(editor: Editor, statement: ast.stmt, match: re.Match[str]) -> None:
    for call in _calls(statement):
        for keyword in call.keywords:
            if keyword.arg == "shading":
                keyword.value = ast.Constant("auto")
                editor.note("shading='flat' -> 'auto'")


def _solver(editor: Editor, statement: ast.stmt, match: re.Match[str]) -> None:
    """The default solver of before, which took this penalty."""
    for one in ast.walk(editor.tree):
        for call in _calls(one) if isinstance(one, ast.stmt) else ():
            given = {keyword.arg for keyword in call.keywords}
            old = "penalty" in given and "solver" not in given
            if old and last_name(call.func) == "LogisticRegression":
                call.keywords.append(ast.keyword("solver", ast.Constant("liblinear")))
                editor.statement = one if isinstance(one, ast.stmt) else statement
                editor.note("LogisticRegression: solver='liblinear'")


def _generators(editor: Editor, statement: ast.stmt, match: re.Match[str]) -> None:
    """`list` around what networkx gave as one."""
    for part in (statement, *_bindings(editor, statement)):
        editor.statement = part
        names = {
            last_name(call.func)
            for call in _calls(part)
            if root_of(editor.path(call.func)) == "networkx"
        }
        for name in sorted(names):
            for holder in ast.walk(part):
                _list_in(editor, holder, name)
        if editor.names:
            return


def _colormaps(editor: Editor, statement: ast.stmt, match: re.Match[str]) -> None:
    _rename_text(editor, match["name"], COLORMAPS.get(match["name"], ""), "color map")


def _rename_text(editor: Editor, old: str, new: str, what: str) -> None:
    """Replace a text wherever it stands, as it may have come by a variable."""
    for statement in ast.walk(editor.tree) if new else ():
        if isinstance(statement, ast.stmt):
            for node in ast.iter_child_nodes(statement):
                _rename_below(editor, statement, node, old, new, what)


def _rename_below(
    editor: Editor, statement: ast.stmt, node: ast.AST, old: str, new: str, what: str
) -> None:
    if isinstance(node, ast.stmt):
        return
    for part in ast.walk(node):
        if isinstance(part, ast.Constant) and part.value == old:
            part.value = new
            editor.statement = statement
            editor.note(f"{what} {old} -> {new}")


def _whole_numbers(editor: Editor, statement: ast.stmt, match: re.Match[str]) -> None:
    """Divisions whose result counts something, here or where a name got its value."""
    for part in (statement, *_bindings(editor, statement)):
        editor.statement = part
        for node in ast.walk(part):
            if isinstance(node, ast.BinOp | ast.AugAssign) and isinstance(node.op, ast.Div):
                node.op = ast.FloorDiv()
                editor.note("/ -> //")
        if editor.names:
            return
    editor.statement = statement
    for call in _calls(statement):
        for value in (*call.args, *(one.value for one in call.keywords)):
            whole = isinstance(value, ast.Constant) and isinstance(value.value, float)
            if isinstance(value, ast.Constant) and whole and float(value.value).is_integer():  # type: ignore[arg-type]
                value.value = int(value.value)  # type: ignore[arg-type]
                editor.note("float -> int")


def _bindings(editor: Editor, statement: ast.stmt) -> Iterator[ast.stmt]:
    """The assignments to names that a statement reads."""
    read = {node.id for node in ast.walk(statement) if isinstance(node, ast.Name)}
    for node in ast.walk(editor.tree):
        if isinstance(node, ast.Assign) and node is not statement:
            targets = {part.id for part in node.targets if isinstance(part, ast.Name)}
            if not read.isdisjoint(targets):
                yield node


def _lists(editor: Editor, statement: ast.stmt, match: re.Match[str]) -> None:
    """`list` around what is only a view or an iterator now."""
    name = VIEWS[match["name"]]
    for part in (statement, *_bindings(editor, statement)):
        editor.statement = part
        for holder in ast.walk(part):
            _list_in(editor, holder, name)
        if editor.names:
            return


def _list_in(editor: Editor, holder: ast.AST, name: str) -> None:
    if isinstance(holder, ast.Call) and last_name(holder.func) == "list":
        return
    for field, value in ast.iter_fields(holder):
        if _is_call_of(value, name):
            setattr(holder, field, _listed(editor, value, name))
        elif isinstance(value, list):
            value[:] = [_listed(editor, x, name) if _is_call_of(x, name) else x for x in value]


def _is_call_of(node: object, name: str) -> bool:
    return isinstance(node, ast.Call) and last_name(node.func) == name


def _listed(editor: Editor, call: ast.expr, name: str) -> ast.expr:
    editor.note(f"{name}() -> list({name}())")
    return ast.Call(editor.reference("list"), [call], [])


def _numeric_only(editor: Editor, statement: ast.stmt, match: re.Match[str]) -> None:
    for call in _calls(statement):
        name = last_name(call.func)
        given = any(one.arg == "numeric_only" for one in call.keywords)
        method = isinstance(call.func, ast.Attribute) and not given
        if name in NUMERIC and method and root_of(editor.path(call.func)) not in ARRAYS:
            call.keywords.append(ast.keyword("numeric_only", ast.Constant(True)))
            editor.note(f"{name}: numeric_only=True")


def _axes_of_colorbar(editor: Editor, statement: ast.stmt, match: re.Match[str]) -> None:
    for call in _calls(statement):
        if last_name(call.func) == "colorbar" and isinstance(call.func, ast.Attribute):
            axes = ast.Call(ast.Attribute(call.func.value, "gca", ast.Load()), [], [])
            call.keywords.append(ast.keyword("ax", axes))
            editor.note("colorbar: ax=gca()")


def _objects(editor: Editor, statement: ast.stmt, match: re.Match[str]) -> None:
    for call in _calls(statement):
        given = any(one.arg == "dtype" for one in call.keywords)
        if editor.path(call.func) in ("numpy.array", "numpy.asarray") and not given:
            call.keywords.append(ast.keyword("dtype", ast.Name("object", ast.Load())))
            editor.note("numpy.array: dtype=object")


def _no_parameter(editor: Editor, statement: ast.stmt, match: re.Match[str]) -> None:
    """Take a parameter that matplotlib does not have out of the settings."""
    name = match["name"]
    for node in ast.walk(statement):
        if isinstance(node, ast.Dict):
            pairs = zip(node.keys, node.values, strict=True)
            kept = [(key, value) for key, value in pairs if getattr(key, "value", None) != name]
            if len(kept) < len(node.keys):
                node.keys, node.values = [key for key, _ in kept], [value for _, value in kept]
                editor.note(f"rcParams: dropped {name}")
    for call in _calls(statement):
        group, _, last = name.rpartition(".")
        first = call.args[0] if call.args else None
        if last_name(call.func) == "rc" and getattr(first, "value", None) == group:
            call.keywords = [one for one in call.keywords if one.arg != last]
            editor.note(f"rcParams: dropped {name}")
    target = statement.targets[0] if isinstance(statement, ast.Assign) else None
    if isinstance(target, ast.Subscript) and getattr(target.slice, "value", None) == name:
        _remove(editor.tree, statement)
        editor.note(f"rcParams: dropped {name}")


def _remove(tree: ast.Module, statement: ast.stmt) -> None:
    """Take a statement out; `pass` where it was the only one."""
    for holder in ast.walk(tree):
        for field in ("body", "orelse", "finalbody"):
            body = getattr(holder, field, None)
            if isinstance(body, list) and any(one is statement for one in body):
                nothing = ast.copy_location(ast.Pass(), statement)
                only = len(body) == 1 and field == "body"
                body[:] = [nothing] if only else [one for one in body if one is not statement]


def _without_latex(editor: Editor, statement: ast.stmt, match: re.Match[str]) -> None:
    """Text that matplotlib sets itself, where there is no LaTeX to do it."""
    for one in ast.walk(editor.tree):
        if isinstance(one, ast.stmt):
            editor.statement = one
            _without_tex_in_settings(editor, one)
            for call in _calls(one):
                _without_tex_in(editor, call)


def _without_tex_in_settings(editor: Editor, statement: ast.stmt) -> None:
    target = statement.targets[0] if isinstance(statement, ast.Assign) else None
    key = getattr(getattr(target, "slice", None), "value", None)
    if isinstance(statement, ast.Assign) and key == "text.usetex":
        statement.value = ast.Constant(False)
        editor.note("text.usetex -> False")


def _without_tex_in(editor: Editor, call: ast.Call) -> None:
    for keyword in call.keywords:
        if keyword.arg == "usetex":
            keyword.value = ast.Constant(False)
            editor.note("text.usetex -> False")
    for node in ast.walk(call):
        for key in node.keys if isinstance(node, ast.Dict) else ():
            if isinstance(node, ast.Dict) and getattr(key, "value", None) == "text.usetex":
                node.values[node.keys.index(key)] = ast.Constant(False)
                editor.note("text.usetex -> False")


_VIEW = "|".join(sorted(VIEWS, key=lambda name: (-len(name), name)))
MENDS: tuple[tuple[str, Mend], ...] = (
    (r"unexpected keyword argument '(?P<name>\w+)'", _drop_keyword),
    (r"keyword (?:grid_)?(?P<name>\w+) is not recognized", _drop_keyword),
    (r"has no property '(?P<name>\w+)'", _drop_keyword),
    (r"`(?P<name>\w+)` has been removed", _drop_keyword),
    (r"Got both '(?P<name>\w+)' and '\w+', which are aliases", _drop_keyword),
    (r"'(?P<owner>\w+)' object has no attribute '(?P<name>\w+)'", _as_known),
    (r"(?P<owner>\w+)\.(?P<name>\w+)\(\) (?:takes|got|missing)", _as_known),
    (r"Multi-dimensional indexing", _plain_array),
    (r"'(?P<name>[^']+)' is not a valid package style", _styles),
    (r"should be one smaller than X.*shading='flat'", _shading),
    (r"Solver lbfgs supports", _solver),
    (r"'generator' object is not subscriptable|type 'generator' has no len", _generators),
    (r"'(?P<name>\w+)' is not a valid value for (?:cmap|name)", _colormaps),
    (r"Colormap (?P<name>\w+) is not recognized", _colormaps),
    (r"object cannot be interpreted as an integer|indices must be integers", _whole_numbers),
    (
        r"only integers, slices|must be an integer|must be a (?:positive|three-digit) integer",
        _whole_numbers,
    ),
    (rf"'(?P<name>{_VIEW})'", _lists),
    (r"could not convert string to float|agg function failed|[Cc]ould not convert", _numeric_only),
    (r"Unable to determine Axes to steal space", _axes_of_colorbar),
    (r"inhomogeneous shape", _objects),
    (r"(?P<name>[\w.]+) is not a valid rc parameter", _no_parameter),
    (r"latex could not be found|No such file or directory: 'latex'|usetex", _without_latex),
)
"""What an error's type and message are like -> what mends it; the first that can counts."""
