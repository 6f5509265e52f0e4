"""A script as a teacher would show it: its imports used and in order, no console leftovers, no
unused names, formatted. What it draws stays the same.

Statements go only where the tree says that they do nothing (`effects.py`), and what is left keeps
its text and comments (`render.py`). One removal may free another, so that it is done again until
nothing changes, at most ROUNDS times.
"""

import ast
import re
from collections.abc import Sequence
from inspect import cleandoc
from typing import Any

from viscode.extract.effects import Effects
from viscode.extract.formatting import formatted
from viscode.extract.import_lines import FUTURE, take_imports
from viscode.extract.render import render
from viscode.extract.usage import Usage, below, names_in, overwritten, read_outside_loops, usage
from viscode.libraries.names import imported_names
from viscode.libraries.registry import FRAME_METHODS
from viscode.text.python_text import python_text

ROUNDS = 12
DOES = (ast.Call, ast.ListComp)
"""Expressions that may stand as a statement, for what they do."""
LONGEST = 50_000  # characters of a code that is tidied
LONGEST_DOCSTRING = 79
Function = ast.FunctionDef | ast.AsyncFunctionDef
REGISTERS = {
    "scienceplots": r"science|ieee|nature|notebook",
    "SciencePlots": r"science|ieee|nature|notebook",
    "cmocean": r"cmo\.",
    "colorcet": r"cet_",
    "cmcrameri": r"cmc\.",
    "palettable": r"\.",
    "mplcyberpunk": r"cyberpunk",
    "seaborn": r"(?:rocket|mako|icefire|vlag|flare|crest)(?:_r)?$",
    "dufte": r"dufte",
    "qbstyles": r"qb",
    "matplotx": r".",
    "mplhep": r".",
    "astropy": r"astropy",
    "seaborn_image": r".",
    "catppuccin": r".",
}
"""Modules whose import gives matplotlib styles or color maps -> what the names of those start
with."""
PRINTING_OPTIONS = re.compile(r"pandas\.options\.(?:display|mode)\.")


def tidy(code: str) -> str:
    """The code in order. As it is, where it is not Python, or longer than LONGEST, or nested too
    deeply."""
    known = python_text(code) if len(code) <= LONGEST else None
    if known is None:
        return code
    try:
        tidier = _Tidier(known.tree)
        tidier.run()
        imports = take_imports(known.tree, tidier.used)
        text = render(known.tree.body, known.text)
    except RecursionError:
        return code
    return formatted(f"{imports}\n\n{text}" if imports else text)


class _Tidier:
    """One tree, from which statements are removed."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.effects = Effects(tree)
        self.used: Usage = usage(tree)
        nodes = below(tree)
        constants = [node.value for node in nodes if isinstance(node, ast.Constant)]
        self.texts = [value for value in constants if isinstance(value, str)]
        self.attributes = {node.attr for node in nodes if isinstance(node, ast.Attribute)}
        self.annotated = any(
            isinstance(node, ast.AnnAssign)
            or getattr(node, "annotation", None)
            or getattr(node, "returns", None)
            for node in nodes
        )
        self.outside: dict[int, set[str]] = {}
        self.dead: set[int] = set()
        self.changed = True

    def run(self) -> None:
        last = self.tree.body[-1:]
        shown = last[0].value if last and isinstance(last[0], ast.Expr) else None
        self.shown = shown if shown is not None and self.effects.may_show(shown) else None
        for _ in range(ROUNDS):
            self.changed = False
            self.dead = self._overwritten(self.tree)
            self.tree.body = self.body(self.tree.body, self.tree)
            if not self.changed:
                return
            self.used, self.outside = usage(self.tree), {}

    def body(self, statements: Sequence[ast.stmt], scope: ast.AST) -> list[ast.stmt]:
        """The statements that stay. `scope`: the module, function or class they belong to."""
        kept: list[ast.stmt] = []
        for statement in statements:
            left = self.statement(statement, scope)
            self.changed |= left != [statement] and not isinstance(statement, ast.Pass)
            kept += left
        return kept

    def statement(self, node: Any, scope: ast.AST) -> list[ast.stmt]:
        match node:
            case ast.Expr():
                return self._expression(node)
            case ast.Assign() | ast.AnnAssign() | ast.AugAssign():
                return self._assignment(node, scope)
            case ast.Import() | ast.ImportFrom():
                return self._import(node, scope)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                return self._definition(node, scope)
            case ast.Delete():
                names = all(isinstance(target, ast.Name) for target in node.targets)
                return [] if names else [node]
            case ast.Assert():
                return [] if self.effects.idle(node.test) else [node]
            case ast.Pass():
                return []
            case ast.Global():
                return [] if scope is self.tree else [node]
            case ast.Match():
                for case in node.cases:
                    case.body = self.filled(case.body, scope)
                return [node]
            case _:
                return self._compound(node, scope) if hasattr(node, "body") else [node]

    def filled(self, statements: Sequence[ast.stmt], scope: ast.AST) -> list[ast.stmt]:
        """A body that must not be empty."""
        if len(statements) == 1 and isinstance(statements[0], ast.Pass):
            return list(statements)
        return self.body(statements, scope) or [ast.Pass()]

    def _expression(self, node: ast.Expr) -> list[ast.stmt]:
        value = node.value
        if isinstance(value, ast.Call) and self.effects.is_console(value):
            given = [*value.args, *(keyword.value for keyword in value.keywords)]
            acting = [one for part in given for one in self.effects.acting(part)]
            return [ast.copy_location(ast.Expr(one), one) for one in acting]
        if value is not self.shown and self.effects.idle(value):
            return []
        return [node]

    def _assignment(self, node: Any, scope: ast.AST) -> list[ast.stmt]:
        if isinstance(scope, ast.ClassDef):
            return [node]
        if isinstance(node, ast.Assign) and len(node.targets) > 1:
            return self._chained(node, scope)
        target = node.targets[0] if isinstance(node, ast.Assign) else node.target
        if node.value is None:
            return [node]
        if isinstance(target, ast.Tuple) and isinstance(node.value, ast.Tuple):
            return self._parallel(node, target, node.value, scope)
        if isinstance(target, ast.Attribute) and PRINTING_OPTIONS.match(self.effects.path(target)):
            return []
        needed = id(node) not in self.dead and self._is_needed(target, scope)
        if needed or self.effects.is_held(node.value):
            return [node]
        if self.effects.idle(node.value):
            return []
        done = node.value
        while isinstance(done, ast.Attribute) or (
            isinstance(done, ast.Subscript) and self.effects.idle(done.slice)
        ):
            done = done.value
        if self._is_idiom(target, done) or not isinstance(done, DOES):
            return [node]
        return [ast.copy_location(ast.Expr(done), done)]

    def _chained(self, node: ast.Assign, scope: ast.AST) -> list[ast.stmt]:
        """`a = b = value`, without the names that nothing reads."""
        needed = [target for target in node.targets if self._is_needed(target, scope)]
        if len(needed) == len(node.targets):
            return [node]
        self.changed = True
        node.targets = needed or node.targets[:1]
        return [node]

    def _parallel(
        self, node: Any, target: ast.Tuple, value: ast.Tuple, scope: ast.AST
    ) -> list[ast.stmt]:
        """`a, b = x, y`, without the pairs of which nothing reads the name."""
        starred = any(isinstance(one, ast.Starred) for one in (*target.elts, *value.elts))
        pairs = list(zip(target.elts, value.elts, strict=False))
        kept = [
            (name, given)
            for name, given in pairs
            if self._is_needed(name, scope) or not self.effects.idle(given)
        ]
        if starred or len(target.elts) != len(value.elts) or kept == pairs:
            return [node]
        self.changed = True
        if len(kept) == 1:
            node.targets, node.value = [kept[0][0]], kept[0][1]
        else:
            target.elts, value.elts = [name for name, _ in kept], [given for _, given in kept]
        return [node] if kept else []

    def _is_needed(self, target: ast.expr, scope: ast.AST) -> bool:
        if isinstance(target, ast.Tuple | ast.List):
            return any(self._is_needed(one, scope) for one in target.elts)
        if not isinstance(target, ast.Name):
            return True
        return target.id.startswith("__") or self.used.is_read(target.id, scope)

    def _is_idiom(self, target: ast.expr, value: ast.expr) -> bool:
        """`fig, ax = plt.subplots()`, and `_ = call()`."""
        if isinstance(target, ast.Name):
            return target.id == "_"
        return isinstance(value, ast.Call) and self.effects.path(value.func).endswith("subplots")

    def _import(self, node: Any, scope: ast.AST) -> list[ast.stmt]:
        module = node.module if isinstance(node, ast.ImportFrom) else ""
        if module == FUTURE:
            node.names = [one for one in node.names if one.name == "annotations" and self.annotated]
            return [node] if node.names else []
        pairs = list(zip(node.names, imported_names(node), strict=True))
        kept = [
            alias
            for alias, (bound, _) in pairs
            if bound == "*"
            or self.used.is_read(bound, scope)
            or self._registers(module or alias.name)
        ]
        if len(kept) < len(node.names):
            self.changed = True
            node.names = kept
        return [node] if kept else []

    def _registers(self, module: str) -> bool:
        """Whether an import is of use without a reader of its name."""
        root = module.partition(".")[0]
        if FRAME_METHODS.get(root) in self.attributes:
            return True
        start = REGISTERS.get(root)
        return start is not None and any(re.match(start, text) for text in self.texts)

    def _definition(self, node: Any, scope: ast.AST) -> list[ast.stmt]:
        is_method = isinstance(scope, ast.ClassDef)
        if not (is_method or node.decorator_list or self.used.is_read(node.name, scope)):
            return []
        described = ast.get_docstring(node, clean=False)
        rest = node.body[1:] if described is not None else node.body
        if isinstance(node, Function):
            self.dead |= self._overwritten(node)
        rest = self.body(rest, node)
        if rest and isinstance(rest[-1], ast.Return) and _is_none(rest[-1].value):
            rest = rest[:-1]
        node.body = [*self._docstring(node, described), *rest] or [ast.Pass()]
        return [node]

    def _docstring(self, node: Any, text: str | None) -> list[ast.stmt]:
        """The first line of a docstring, where that is all of its first paragraph: the rest may
        describe what is no more."""
        if text is None:
            return []
        lines = cleandoc(text).split("\n")
        if "\n" not in text.strip() and lines[0]:
            return [node.body[0]]
        if not lines[0] or len(lines[0]) > LONGEST_DOCSTRING or lines[1].strip():
            return []
        return [ast.Expr(ast.Constant(lines[0]))]

    def _compound(self, node: Any, scope: ast.AST) -> list[ast.stmt]:
        for handler in getattr(node, "handlers", ()):
            handler.body = self.filled(handler.body, scope)
            if handler.name and not self.used.is_read(handler.name, scope):
                handler.name = None
        for name in ("body", "orelse", "finalbody"):
            if getattr(node, name, None):
                setattr(node, name, self.body(getattr(node, name), scope))
        if node.body:
            return [node]
        if isinstance(node, ast.Try | ast.TryStar):
            return [*node.orelse, *node.finalbody]
        rest = getattr(node, "orelse", [])
        if isinstance(node, ast.If) and rest:
            node.test, node.body, node.orelse = ast.UnaryOp(ast.Not(), node.test), rest, []
            return [node]
        values, targets = _headers(node)
        bound = {name for target in targets for name in names_in(target)}
        needed = self.used.looks_up or not bound.isdisjoint(self._read_outside(scope))
        if not rest and not needed and all(map(self.effects.idle, values)):
            return []
        node.body = [ast.Pass()]
        return [node]

    def _overwritten(self, scope: ast.AST) -> set[int]:
        return set() if self.used.looks_up else overwritten(scope)

    def _read_outside(self, scope: ast.AST) -> set[str]:
        if id(scope) not in self.outside:
            self.outside[id(scope)] = read_outside_loops(scope)
        return self.outside[id(scope)]


def _is_none(node: ast.expr | None) -> bool:
    return node is None or (isinstance(node, ast.Constant) and node.value is None)


def _headers(node: Any) -> tuple[list[ast.expr], list[ast.expr]]:
    """What a compound statement evaluates before its body, and what it binds to that."""
    if isinstance(node, ast.With | ast.AsyncWith):
        bound = [item.optional_vars for item in node.items if item.optional_vars]
        return [item.context_expr for item in node.items], bound
    if isinstance(node, ast.For | ast.AsyncFor):
        return [node.iter], [node.target]
    return [node.test], []
