"""The statement that failed: where it stands, and the tree without it or a part of it."""

import ast
from itertools import count
from typing import Any

from viscode.extract.hole_words import as_name
from viscode.extract.touching import walk
from viscode.libraries.names import chain
from viscode.supply.wanted import Hole


def top_at(tree: ast.Module, line: int) -> ast.stmt | None:
    """The statement at the top that a line is in."""
    at = [one for one in tree.body if one.lineno <= line <= (one.end_lineno or one.lineno)]
    return at[-1] if at else None


def counterpart(tree: ast.Module, body: ast.Module, line: int) -> ast.stmt | None:
    """The body's statement that is the one at a line of the whole script; None where that is one
    that supplies a value."""
    statement = top_at(tree, line)
    if statement is None:
        return None
    text = ast.dump(statement)
    before = sum(ast.dump(one) == text for one in tree.body[: tree.body.index(statement)])
    alike = [one for one in body.body if ast.dump(one) == text]
    return alike[before] if before < len(alike) else None


def innermost(tree: ast.Module, line: int) -> ast.stmt | None:
    """The innermost statement that a line is in."""
    found = [
        node
        for node in walk(tree)
        if isinstance(node, ast.stmt) and node.lineno <= line <= (node.end_lineno or node.lineno)
    ]
    return found[-1] if found else None


class Opened(ast.NodeTransformer):
    """Puts a name in the place of each expression that reads one attribute off something, or calls
    it, but for figures and axes."""

    def __init__(self, attribute: str, taken: set[str], holders: set[str]) -> None:
        self.attribute, self.taken, self.holders = attribute, taken, holders
        self.holes: dict[str, Hole] = {}

    def visit_Call(self, node: ast.Call) -> ast.expr:
        return self._hole(node) if self._is_meant(node.func) else self._inside(node)

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        return self._hole(node) if self._is_meant(node) else self._inside(node)

    def _inside(self, node: ast.expr) -> ast.expr:
        self.generic_visit(node)
        return node

    def _is_meant(self, node: ast.expr) -> bool:
        return (
            isinstance(node, ast.Attribute)
            and node.attr == self.attribute
            and isinstance(node.ctx, ast.Load)
            and chain(node)[0] not in self.holders
        )

    def _hole(self, node: ast.expr) -> ast.expr:
        word = as_name(self.attribute) or "values"
        text = ast.unparse(node)
        known = [name for name, one in self.holes.items() if one.stands_for == text]
        names = (word if n == 1 else f"{word}_{n}" for n in count(1))
        name = known[0] if known else next(n for n in names if n not in self.taken)
        self.taken.add(name)
        self.holes[name] = Hole(name, text)
        return ast.copy_location(ast.Name(name, ast.Load()), node)


class Without(ast.NodeTransformer):
    """Takes one statement out of a tree; a body that is empty then passes."""

    def __init__(self, statement: ast.stmt) -> None:
        self.statement = statement

    def visit(self, node: ast.AST) -> Any:
        if node is self.statement:
            return None
        self.generic_visit(node)
        if isinstance(node, ast.stmt) and getattr(node, "body", None) == []:
            node.body = [ast.Pass()]  # type: ignore[attr-defined]
        return node


def brief(statement: ast.AST) -> str:
    """Its first line, cut where it is long."""
    text = ast.unparse(statement).partition("\n")[0]
    return text if len(text) <= 60 else f"{text[:57]}..."
