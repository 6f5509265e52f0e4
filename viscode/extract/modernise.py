"""Code that was written for older releases, as the releases of envs/plots.lock want it.

A syntax tree is edited in place by tables of documented changes (renames.py, changed_calls.py) and
by the forms of old_forms.py. What a name means is asked of `Origins`; a method is changed only
where its object is known, by where it comes from or by what people call it, or where no other class
has a method of the name. Nothing is invented: what has no successor that does the same stays as it
is, and fails as it did.
"""

import ast
from collections import Counter
from typing import Any

from viscode.extract.call_rules import edit_call, is_exactly, label, replacement_of
from viscode.extract.changed_calls import DROPPED, REPLACED
from viscode.extract.editing import BUILTINS, Editor, imported_path, last_name, prefixes
from viscode.extract.old_forms import FORMS, colored, indexed, set_parameter
from viscode.extract.renames import GONE_MODULES, PATHS
from viscode.extract.touching import walk
from viscode.libraries.origins import root_of
from viscode.libraries.registry import MATPLOTLIB

_REPLACED = (old.partition("(")[0] for old, _ in REPLACED)
GONE = frozenset({*PATHS, *_REPLACED, *GONE_MODULES})
"""What a script cannot import any more."""
MOST_REBINDING = 200_000  # what a name means is looked up among all of its bindings
DROPPED_NAMES = frozenset(function.rpartition(".")[2] for function in DROPPED)


def modernise(tree: ast.Module) -> tuple[str, ...]:
    """Edit a tree in place. Returns the edits, each named once: "numpy.float -> float".

    What is nested too deeply to be walked stays as it is, and what binds a
    name some thousand times.
    """
    stores = Counter(
        node.id
        for node in walk(tree)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    )
    if sum(count * count for count in stores.values()) > MOST_REBINDING:
        return ()
    editor = Editor(tree)
    try:
        Walk(editor).visit(tree)
    except RecursionError:
        return tuple(editor.names)
    if editor.names:
        editor.drop_imports(GONE)
        editor.insert_imports()
        ast.fix_missing_locations(tree)
    return tuple(editor.names)


class Walk(ast.NodeTransformer):
    """Edits by the tables, from the inside out: an parts are new when a whole is looked at."""

    def __init__(self, editor: Editor) -> None:
        self.editor = editor
        self.renamed = _renamed_names(editor)
        self.kept: list[ast.AST] = []  # origins are known by id: none may be used again

    def visit(self, node: ast.AST) -> Any:
        outer = self.editor.statement
        if isinstance(node, ast.stmt):
            self.editor.statement = node
        new = super().visit(node)
        self.editor.statement = outer
        if isinstance(node, ast.stmt | ast.ExceptHandler):
            _fill_empty(node)
        return new

    def visit_Import(self, node: ast.Import) -> ast.stmt:
        for one in node.names:
            new = successor(one.name)
            if not new:
                continue
            self.editor.note(f"{one.name} -> {new}")
            if not one.asname and "." not in one.name:
                local = self.renamed.get((one.name, one.name), one.name)
                one.asname = local
            one.name, one.asname = new, None if one.asname == new else one.asname
        return node

    def visit_ImportFrom(self, node: ast.ImportFrom) -> ast.stmt | list[ast.stmt]:
        if node.level or not node.module:
            return node
        homes: dict[str, list[ast.alias]] = {}
        for one in node.names:
            path = f"{node.module}.{one.name}"
            new = successor(node.module if one.name == "*" else path)
            home, _, name = (new or path).rpartition(".")
            local = one.asname or self.renamed.get((path, one.name), one.name)
            if one.name == "*":
                home, name, local = new or node.module, "*", "*"
            elif is_deep(new):
                home, _, name = home.rpartition(".")
                local = name
            if new:
                self.editor.note(f"{path.removesuffix('.*')} -> {new}")
            if new in BUILTINS:
                continue
            homes.setdefault(home, []).append(ast.alias(name, None if local == name else local))
        return _imports(node, homes)

    def visit_Expr(self, node: ast.Expr) -> ast.stmt | None:
        value = node.value
        if isinstance(value, ast.Call) and last_name(value.func) in DROPPED_NAMES:
            for function in DROPPED:
                if is_exactly(self.editor, value.func, function):
                    self.editor.note(f"dropped {label(function)}")
                    self.kept.append(node)
                    return None
        self.generic_visit(node)
        return node

    def visit_Assign(self, node: ast.Assign) -> ast.stmt | None:
        new = set_parameter(self.editor, node)
        if new is not None:
            self.generic_visit(node)
        return new

    def visit_Name(self, node: ast.Name) -> ast.expr:
        if not isinstance(node.ctx, ast.Load):
            return node
        path = self.editor.path(node)
        if (path, node.id) in self.renamed:
            node.id = self.renamed[path, node.id]
            self.editor.note(f"{path} -> {successor(path)}")
        elif path in PATHS and (no_import(PATHS[path]) or not self.editor.origins.is_bound(node)):
            return self._renamed(node, path)
        return node

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        path = self.editor.path(node)
        old = path in PATHS and path.endswith(f".{node.attr}")
        below = root_of(self.editor.path(node.value)) if old else ""
        self.generic_visit(node)
        if not isinstance(node.ctx, ast.Load):
            return node
        if old and below in (root_of(path), MATPLOTLIB.name):
            return self._renamed(node, path)
        new = replacement_of(self.editor, node, node.attr)
        return node if new is None else self._placed(node, new)

    def visit_Call(self, node: ast.Call) -> ast.expr:
        self.generic_visit(node)
        new = self._replaced(node)
        if isinstance(new, ast.Call) and self._function_name(new) != self._function_name(node):
            new = self._replaced(new)  # a successor that changed itself since
        if isinstance(new, ast.Call):
            edit_call(self.editor, new, self._function_name(new))
            colored(self.editor, new)
        return new

    def _replaced(self, node: ast.Call) -> ast.expr:
        name = self._function_name(node)
        for form in FORMS.get(name, ()):
            new = form(self.editor, node)
            if new is not None:
                return self._placed(node, new)
        new = replacement_of(self.editor, node, name)
        return node if new is None else self._placed(node, new)

    def _function_name(self, node: ast.Call) -> str:
        name = self.editor.path(node.func).rpartition(".")[2]
        return name if name.isidentifier() else last_name(node.func)

    def visit_Subscript(self, node: ast.Subscript) -> ast.expr:
        self.generic_visit(node)
        indexed(self.editor, node)
        return node

    def _renamed(self, node: ast.Name | ast.Attribute, path: str) -> ast.expr:
        new = self.editor.reference(PATHS[path], node)
        self.editor.note(f"{path} -> {PATHS[path]}")
        return self._placed(node, new)

    def _placed(self, old: ast.expr, new: ast.expr) -> ast.expr:
        self.kept.append(old)
        return ast.fix_missing_locations(ast.copy_location(new, old))


def successor(path: str) -> str:
    """The new path for an old one, or for one below an old module; "" where nothing changed."""
    for prefix in prefixes(path):
        if prefix in PATHS:
            return PATHS[prefix] + path[len(prefix) :]
    return ""


def is_deep(path: str) -> bool:
    """Whether a new path is of something in a class, which no import can name."""
    return path.rpartition(".")[0].rpartition(".")[2][:1].isupper()


def no_import(path: str) -> bool:
    """Whether an import cannot bind what stands at a new path."""
    return path in BUILTINS or is_deep(path)


def _renamed_names(editor: Editor) -> dict[tuple[str, str], str]:
    """(Old path, the name that an import binds to it) -> the name that takes its place, where the
    import gives it no name of its own and the script has no other use for the new one."""
    found: dict[tuple[str, str], str] = {}
    for node in editor.origins.imports:
        for one in node.names:
            new = successor(imported_path(node, one))
            home, _, name = new.rpartition(".")
            if is_deep(new):
                editor.learn(home.rpartition(".")[2], home)
                continue
            if new and (one.asname or name == one.name):
                editor.learn(one.asname or name, new)
            plain = not one.asname and "." not in one.name and new not in BUILTINS
            if plain and name not in ("", one.name) and name not in editor.used:
                found[imported_path(node, one), one.name] = name
                editor.learn(name, new)
    return found


def _imports(node: ast.ImportFrom, homes: dict[str, list[ast.alias]]) -> ast.stmt | list[ast.stmt]:
    """An import statement's names, from the modules that have them now."""
    new: list[ast.stmt] = []
    for home, names in homes.items():
        once = list({(one.name, one.asname): one for one in names}.values())
        one = ast.ImportFrom(home, once, 0) if home else ast.Import(once)
        if list(homes) == [node.module]:
            node.names = once
            return node
        ast.copy_location(one, node)
        new.append(one)
    return new


def _fill_empty(node: ast.stmt | ast.ExceptHandler) -> None:
    """Put `pass` where no statement is left."""
    body = getattr(node, "body", None)
    bare = isinstance(node, ast.Try) and not node.handlers
    for statements in (body, getattr(node, "finalbody", None) if bare else None):
        if statements != []:
            continue
        nothing = ast.copy_location(ast.Pass(), node)
        statements.append(nothing)
