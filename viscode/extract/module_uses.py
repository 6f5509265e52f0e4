"""The names of a module's own scope in a statement, as Python resolves them.

A local variable of a function is none, nor is an attribute of a class. What an import within a
function binds is one, since what it brings can be put before the function.
"""

import ast
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any

from viscode.libraries.names import CHILD_FIELDS, imported_names

Import = ast.Import | ast.ImportFrom
NOTHING: frozenset[str] = frozenset()
COMPREHENSIONS = frozenset({ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp})
SCOPES = frozenset({ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef})
NAMED = frozenset({ast.ExceptHandler, ast.MatchAs, ast.MatchStar, ast.MatchMapping})


@dataclass(frozen=True, eq=False, slots=True)
class Use:
    """A name of the module's scope where it is read or bound, with the attributes that follow."""

    name: str
    node: ast.AST
    chain: tuple[ast.Attribute, ...] = ()
    binds: bool = False


@dataclass(slots=True)
class Uses:
    """Collects the uses of statements. `assigned`: the names that something else than an import
    binds; `imported`: those that an import binds; `local`: names of functions and comprehensions;
    `stored`: chains of attributes that are set, root first."""

    found: list[Use] = field(default_factory=list)
    assigned: set[str] = field(default_factory=set)
    imported: set[str] = field(default_factory=set)
    local: set[str] = field(default_factory=set)
    stored: set[tuple[str, ...]] = field(default_factory=set)

    def read(self, node: ast.AST, hidden: frozenset[str], own: frozenset[str] = NOTHING) -> None:
        """`hidden` are the local names of the functions around a node, `own` those of the class
        whose body it stands in, which functions in it do not see."""
        reader = READERS.get(node.__class__)
        if reader is not None:
            reader(self, node, hidden, own)
        else:
            self._read_below(node, hidden, own)

    def _read_below(self, node: ast.AST, hidden: frozenset[str], own: frozenset[str]) -> None:
        for name in CHILD_FIELDS[node.__class__]:
            value = getattr(node, name)
            if value.__class__ is list:
                for one in value:
                    if one is not None:
                        self.read(one, hidden, own)
            elif value is not None:
                self.read(value, hidden, own)

    def _read_name(self, node: Any, hidden: frozenset[str], own: frozenset[str]) -> None:
        if node.id not in hidden and node.id not in own:
            if node.ctx.__class__ is ast.Load:
                self.found.append(Use(node.id, node))
            else:
                self._bind(node.id, node)

    def _read_attribute(self, node: Any, hidden: frozenset[str], own: frozenset[str]) -> None:
        chain: list[ast.Attribute] = []
        inner: ast.expr = node
        while isinstance(inner, ast.Attribute):
            chain.append(inner)
            inner = inner.value
        if not isinstance(inner, ast.Name):
            self.read(inner, hidden, own)
        elif inner.id not in hidden and inner.id not in own:
            chain.reverse()
            self.found.append(Use(inner.id, inner, tuple(chain)))
            if not isinstance(node.ctx, ast.Load):
                self.stored.add((inner.id, *(one.attr for one in chain)))

    def _read_function(self, node: Any, hidden: frozenset[str], own: frozenset[str]) -> None:
        body = [node.body] if isinstance(node, ast.Lambda) else node.body
        if not isinstance(node, ast.Lambda):
            self._bind_unless(node.name, node, hidden, own)
            for one in (*node.decorator_list, *([node.returns] if node.returns else ())):
                self.read(one, hidden, own)
        self._read_below(node.args, hidden, own)
        bound, declared = _bound(body)
        names = (bound | set(_parameters(node.args))) - declared
        self.local |= names
        inner = (hidden | names) - declared
        for one in body:
            self.read(one, inner)

    def _read_class(self, node: Any, hidden: frozenset[str], own: frozenset[str]) -> None:
        self._bind_unless(node.name, node, hidden, own)
        for one in (*node.decorator_list, *node.bases, *node.keywords):
            self.read(one, hidden, own)
        bound, declared = _bound(node.body, imports=True)
        for one in node.body:
            self.read(one, hidden, frozenset(bound - declared))

    def _read_comprehension(self, node: Any, hidden: frozenset[str], own: frozenset[str]) -> None:
        targets = [one for part in node.generators for one in ast.walk(part.target)]
        names = {one.id for one in targets if isinstance(one, ast.Name)}
        self.local |= names
        self._read_below(node, hidden | names, own)

    def _read_import(self, node: Any, hidden: frozenset[str], own: frozenset[str]) -> None:
        for name, _ in imported_names(node):
            if name != "*":
                self._bind_unless(name, node, hidden, own)

    def _read_global(self, node: Any, *_: frozenset[str]) -> None:
        for name in node.names:
            self._bind(name, node)

    def _read_named(self, node: Any, hidden: frozenset[str], own: frozenset[str]) -> None:
        if name := _name_of(node):
            self._bind_unless(name, node, hidden, own)
        self._read_below(node, hidden, own)

    def _bind_unless(
        self, name: str, node: ast.AST, hidden: frozenset[str], own: frozenset[str]
    ) -> None:
        if name not in hidden and name not in own:
            self._bind(name, node)

    def _bind(self, name: str, node: ast.AST) -> None:
        self.found.append(Use(name, node, binds=True))
        (self.imported if isinstance(node, Import) else self.assigned).add(name)


Reader = Callable[[Uses, Any, frozenset[str], frozenset[str]], None]
READERS: dict[type[ast.AST], Reader] = {
    ast.Name: Uses._read_name,
    ast.Attribute: Uses._read_attribute,
    ast.FunctionDef: Uses._read_function,
    ast.AsyncFunctionDef: Uses._read_function,
    ast.Lambda: Uses._read_function,
    ast.ClassDef: Uses._read_class,
    ast.Import: Uses._read_import,
    ast.ImportFrom: Uses._read_import,
    ast.Global: Uses._read_global,
    **dict.fromkeys(COMPREHENSIONS, Uses._read_comprehension),
    **dict.fromkeys(NAMED, Uses._read_named),
}


def _bound(body: Iterable[ast.AST], *, imports: bool = False) -> tuple[set[str], set[str]]:
    """The names that a scope binds, those of its imports where they count, and those that it
    declares to be of a scope around it."""
    names: set[str] = set()
    declared: set[str] = set()
    for node in _own_nodes(body):
        match node:
            case ast.Name():
                if node.ctx.__class__ is not ast.Load:
                    names.add(node.id)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                names.add(node.name)
            case ast.Import() | ast.ImportFrom():
                names |= {name for name, _ in imported_names(node)} if imports else set()
            case ast.Global() | ast.Nonlocal():
                declared |= set(node.names)
            case _:
                names |= {name} if (name := _name_of(node)) else set()
    return names, declared


INTEREST = frozenset(
    {
        *(ast.Name, ast.Import, ast.ImportFrom, ast.Global, ast.Nonlocal),
        *(ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef, *NAMED),
    }
)


def _own_nodes(body: Iterable[ast.AST]) -> Iterator[ast.AST]:
    """The nodes of a scope that can bind names, without those of the scopes within it."""
    waiting = list(body)
    for node in waiting:  # which grows
        kind = node.__class__
        if kind in INTEREST:
            yield node
        if kind in COMPREHENSIONS:
            waiting += [one.target for one in ast.walk(node) if isinstance(one, ast.NamedExpr)]
        elif kind not in SCOPES:
            for name in CHILD_FIELDS[kind]:
                value = getattr(node, name)
                if value.__class__ is list:
                    waiting += value
                elif value is not None:
                    waiting.append(value)


def _name_of(node: Any) -> str | None:
    """What a handler or a pattern binds."""
    if node.__class__ not in NAMED:
        return None
    name: str | None = getattr(node, "rest" if isinstance(node, ast.MatchMapping) else "name")
    return name


def _parameters(arguments: ast.arguments) -> Iterator[str]:
    for one in (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs):
        yield one.arg
    for other in (arguments.vararg, arguments.kwarg):
        if other is not None:
            yield other.arg
