"""Which names are read in each scope of a tree, nested functions included.

An over-estimate: what a name is read for, and whether before or after it is bound, is not asked.
Code that looks names up by text (`eval`, `locals`) reads all of them.
"""

import ast
import re
from dataclasses import dataclass, field
from typing import Any

from viscode.libraries.names import CHILD_FIELDS, chain, imported_names, imports_among

COMPREHENSIONS = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)
LOOKS_UP = frozenset({"eval", "exec", "locals", "globals", "vars"})
"""Builtins that read names of the scope in which they are called; numexpr's `evaluate` does, too.
"""
IN_TEXT = re.compile(r"@(\w+)")  # df.query("x > @limit")
WORD = re.compile(r"[^\W\d]\w*")


@dataclass
class Usage:
    """Names that a scope reads, by its node's id. `outer`: those that it declares global or
    nonlocal. `bound`: those that it binds otherwise than by import, parameters included.
    `looks_up`: some name may be looked up by text."""

    read: dict[int, set[str]] = field(default_factory=dict)
    bound: dict[int, set[str]] = field(default_factory=dict)
    outer: dict[int, set[str]] = field(default_factory=dict)
    looks_up: bool = False

    def is_read(self, name: str, scope: ast.AST) -> bool:
        return self.looks_up or name in self.read[id(scope)] or name in self.outer[id(scope)]


def usage(tree: ast.Module) -> Usage:
    """The use of names in a tree."""
    made = Usage()
    _scan(tree, made)
    return made


def children(node: Any) -> list[Any]:
    """The nodes directly below one, but for contexts and operators."""
    found: list[Any] = []
    for name in CHILD_FIELDS[node.__class__]:
        value = getattr(node, name, None)
        if value.__class__ is list:
            found += value
        elif value is not None:
            found.append(value)
    return [one for one in found if one is not None]  # the key of `**` in a dict


def below(node: ast.AST) -> list[Any]:
    """A node and all below it, as `ast.walk` gives them; in a third of its time."""
    found = [node]
    for one in found:  # which grows
        found += children(one)
    return found


def names_in(node: ast.AST) -> set[str]:
    """All names in an expression."""
    return {one.id for one in below(node) if isinstance(one, ast.Name)}


def read_outside_loops(scope: ast.AST) -> set[str]:
    """Names that are read in a scope where no loop binds them anew."""
    found: set[str] = set()
    nothing: frozenset[str] = frozenset()
    waiting = [(node, nothing) for node in children(scope)]
    for node, bound in waiting:  # which grows
        if isinstance(node, ast.Name):
            if isinstance(node.ctx, ast.Load) and node.id not in bound:
                found.add(node.id)
        elif isinstance(node, ast.For):
            waiting += [(one, bound) for one in (node.iter, *node.orelse)]
            inside = bound | names_in(node.target)
            waiting += [(one, inside) for one in node.body]
        else:
            waiting += [(one, bound) for one in children(node)]
    return found


NESTED = (ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef)
PLAIN = (ast.Name, ast.Tuple, ast.List)
LEAVES = (ast.Return, ast.Raise, ast.Delete)


def overwritten(scope: Any) -> set[int]:
    """The assignments among the statements of a scope, by id, after which all names that they bind
    are bound again before anything reads them. Those inside of compound statements are not looked
    for."""
    nodes = below(scope)
    if scope.__class__ in NESTED and any(isinstance(n, ast.Global | ast.Nonlocal) for n in nodes):
        return set()
    nested = {name for node in nodes[1:] if isinstance(node, NESTED) for name in _loads(node)}
    found: set[int] = set()
    again: set[str] = set()
    for statement in reversed(scope.body):
        if isinstance(statement, ast.Assign):
            targets = [node for target in statement.targets for node in below(target)]
            names = {node.id for node in targets if isinstance(node, ast.Name)}
            if all(isinstance(node, PLAIN) for node in targets):
                if names <= again:
                    found.add(id(statement))
                again |= names - nested
        elif isinstance(statement, LEAVES):
            again = set()
        again -= _loads(statement)
        if isinstance(statement, ast.AugAssign):
            again -= names_in(statement.target)
    return found


def _loads(node: ast.AST) -> set[str]:
    """Names that are read in a node, those in texts included."""
    found: set[str] = set()
    for one in below(node):
        if isinstance(one, ast.Name) and isinstance(one.ctx, ast.Load):
            found.add(one.id)
        elif isinstance(one, ast.Constant) and isinstance(one.value, str):
            found.update(_in_text(one.value))
    return found


def _in_text(text: str) -> list[str]:
    """Names that a text may be asked to look up, as formulas and queries do."""
    return WORD.findall(text) if "~" in text else IN_TEXT.findall(text)


def _scan(scope: Any, made: Usage) -> set[str]:
    """Record a scope and those inside it; the names that it takes from outside."""
    read: set[str] = set()
    bound = _parameters(scope)
    outer: set[str] = set()
    nodes = _inside(scope)
    for node in nodes:  # which grows
        match node:
            case ast.Name():
                (read if isinstance(node.ctx, ast.Load) else bound).add(node.id)
                made.looks_up |= node.id in LOOKS_UP
            case ast.Constant(value=str() as text):
                read.update(_in_text(text))
            case ast.Global() | ast.Nonlocal():
                outer.update(node.names)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                bound.add(node.name)
                read |= _scan(node, made)
                nodes += _outside(node)
            case ast.Lambda():
                read |= _scan(node, made)
                nodes.append(node.args)
            case _ if isinstance(node, COMPREHENSIONS):
                read |= _scan(node, made)
            case _:
                if isinstance(node, ast.ExceptHandler | ast.MatchAs | ast.MatchStar) and node.name:
                    bound.add(node.name)
                if isinstance(node, ast.Call):
                    made.looks_up |= chain(node.func)[-1] in ("eval", "evaluate")
                nodes.extend(children(node))
    made.read[id(scope)], made.bound[id(scope)], made.outer[id(scope)] = read, bound, outer
    own = bound | _imported(scope) if not isinstance(scope, ast.ClassDef | ast.Module) else set()
    return read - (own - outer)


def _inside(scope: Any) -> list[Any]:
    """The nodes of a scope that its names belong to."""
    if isinstance(scope, COMPREHENSIONS):
        elements = [scope.key, scope.value] if isinstance(scope, ast.DictComp) else [scope.elt]
        return [*elements, *scope.generators]
    return list(scope.body) if isinstance(scope.body, list) else [scope.body]


def _outside(node: Any) -> list[ast.AST]:
    """Parts of a definition that belong to the scope around it."""
    if isinstance(node, ast.ClassDef):
        return [*node.decorator_list, *node.bases, *node.keywords]
    return [*node.decorator_list, node.args, *([node.returns] if node.returns else [])]


def _parameters(scope: Any) -> set[str]:
    if not hasattr(scope, "args"):
        return set()
    return {node.arg for node in below(scope.args) if isinstance(node, ast.arg)}


def _imported(scope: Any) -> set[str]:
    body = getattr(scope, "body", None)
    imports = imports_among(body) if isinstance(body, list) else []
    return {name for node in imports for name, _ in imported_names(node)}
