"""A walk through a script that notes what is done with each value.

Values are followed through assignments, containers, loops, own functions and classes, each name
meaning its last binding. Nothing is run, a loop is gone through once, of two branches both are. A
function that is never called is gone through with unknown arguments.
"""

import ast
from collections.abc import Iterable

from viscode.libraries.names import imported_names, without_pylab
from viscode.supply.cells import Cell
from viscode.supply.expressions import Expressions, Scope
from viscode.supply.flow import either, iterated
from viscode.supply.operators import operation


class Uses(Expressions):
    """The statements of a script."""

    def walk(self, tree: ast.Module) -> None:
        """Go through a script, then through the functions that nothing in it calls."""
        self.block(tree.body, self.module)
        for function, scope in self.functions:  # which grows
            if not self.calls.get(id(function)):
                self.enter(function, scope, [], {}, Cell())

    def _statement(self, node: ast.stmt, scope: Scope) -> None:
        match node:
            case ast.Import() | ast.ImportFrom():
                self._import(node, scope)
            case ast.Expr() | ast.Return() if node.value is not None:
                value = self.cell(node.value, scope)
                if isinstance(node, ast.Return):
                    scope.returned.append(value)
            case ast.Assign():
                value = self.cell(node.value, scope)
                for target in node.targets:
                    self.bind(target, value, scope)
            case ast.AnnAssign() if node.value is not None:
                self.bind(node.target, self.cell(node.value, scope), scope)
            case ast.AugAssign():
                self._augmented(node, scope)
            case ast.For() | ast.AsyncFor():
                self.bind(node.target, iterated(self.cell(node.iter, scope)), scope)
                self.block(node.body, scope)
                self.block(node.orelse, scope)
            case ast.If():
                self._if(node, scope)
            case ast.While():
                self.truth(node.test, scope)
                self.block(node.body, scope)
            case ast.With() | ast.AsyncWith():
                self._with(node, scope)
            case ast.Try() | ast.TryStar():
                for body in (node.body, *(one.body for one in node.handlers)):
                    self.block(body, scope)
                self.block(node.orelse, scope)
                self.block(node.finalbody, scope)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                scope.names[node.name] = Cell(code=node, scope=scope)
                self.functions.append((node, scope))
            case ast.ClassDef():
                self._class(node, scope)
            case ast.Assert():
                self.truth(node.test, scope)

    def _import(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        for bound, path in imported_names(node):
            if bound == "*":
                self.stars.append(path)
            elif bound not in self.holes:
                scope.names[bound] = Cell(path=without_pylab(path) if "pylab" in path else path)

    def _class(self, node: ast.ClassDef, scope: Scope) -> None:
        inner = Scope(scope)
        self.block(node.body, inner)
        scope.names[node.name] = Cell(code=node, scope=inner)

    def _augmented(self, node: ast.AugAssign, scope: Scope) -> None:
        value = self.cell(node.value, scope)
        target = node.target
        if isinstance(target, ast.Name):
            old = scope.find(target.id)
            if old is not None:
                scope.names[target.id] = operation(node.op, old, value, self.links)
        elif isinstance(target, ast.Subscript | ast.Attribute):
            operation(node.op, self.cell(target, scope), value, self.links)

    def _if(self, node: ast.If, scope: Scope) -> None:
        self.truth(node.test, scope)
        if _asks_axes(node.test):  # `if x.ndim > 1: x = x[:, 0]`; the value need not have them
            self.block(node.orelse, scope)
            return
        before = dict(scope.names)
        self.block(node.body, scope)
        after, scope.names = scope.names, before
        self.block(node.orelse, scope)
        for name, cell in after.items():
            other = scope.names.get(name)
            if other is None or other.real() is cell.real():
                scope.names[name] = cell
            elif name in node_names(node.body):
                scope.names[name] = either(cell, other)

    def _with(self, node: ast.With | ast.AsyncWith, scope: Scope) -> None:
        for item in node.items:
            value = self.cell(item.context_expr, scope)
            if not value.path:
                value.uses.add("context")
            if item.optional_vars is not None:
                self.bind(item.optional_vars, value, scope)
        self.block(node.body, scope)

    def block(self, body: Iterable[ast.stmt], scope: Scope) -> None:
        for statement in body:
            if self.left <= 0:
                return
            self.left -= 1
            self._statement(statement, scope)


def node_names(body: Iterable[ast.stmt]) -> set[str]:
    """The names that statements bind, themselves or in their blocks."""
    walked = (node for statement in body for node in ast.walk(statement))
    return {
        node.id for node in walked if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def _asks_axes(test: ast.expr) -> bool:
    return any(isinstance(node, ast.Attribute) and node.attr == "ndim" for node in ast.walk(test))
