"""What a statement reads, binds and changes: the ground on which code is cut.

Names alone are followed, nothing is run. `reads` are names whose value from before the statement
it may use; what a helper function reads counts where the function is named (`Definitions`).
"""

import ast
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import cache

from viscode.libraries.names import CHILD_FIELDS, chain
from viscode.supply.kinds import attributes_of

Function = ast.FunctionDef | ast.AsyncFunctionDef
Definition = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
Import = ast.Import | ast.ImportFrom
SCOPED = frozenset({ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp, ast.Lambda})
OVER = frozenset({"enumerate", "reversed", "sorted", "list", "tuple"})
LEAVING = (ast.Break, ast.Continue, ast.Return, ast.Raise)
CHANGING = frozenset({"numpy", "random", "heapq", "bisect"})
"""Modules with functions that change their argument: random.shuffle(x), numpy.fill_diagonal(x)."""
MUTATING = frozenset(
    """append extend insert remove pop clear sort reverse update add discard setdefault popitem fill
    resize put itemset appendleft extendleft rotate subtract intersection_update""".split()  # noqa: SIM905
)


@dataclass
class Touched:
    """`kills`: names whose old value is surely gone afterwards, a part of `binds`. `changes`: names
    whose object may be another afterwards."""

    reads: set[str] = field(default_factory=set)
    binds: set[str] = field(default_factory=set)
    kills: set[str] = field(default_factory=set)
    changes: set[str] = field(default_factory=set)

    def then(self, other: "Touched", *, sure: bool = True) -> None:
        """Add what comes after. `sure`: it is not behind a condition."""
        self.reads |= other.reads - self.kills
        self.binds |= other.binds
        self.changes |= other.changes
        if sure:
            self.kills |= other.kills


def touched(node: ast.stmt | ast.expr | ast.excepthandler) -> Touched:
    """What a statement with all inside it touches."""
    found = Touched()
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            found.binds = found.kills = {node.name}
            for decorator in node.decorator_list:
                found.reads |= read(decorator)
        case ast.Import() | ast.ImportFrom():
            found.binds = found.kills = set(bound_by_import(node))
        case ast.Assign():
            found.reads = read(node.value)
            found.changes |= _fitted(node.value)
            for target in node.targets:
                _bind(target, found)
        case ast.AnnAssign():
            found.reads = read(node.value) if node.value else set()
            if node.value:
                _bind(node.target, found)
        case ast.AugAssign():
            found.reads = read(node.value)
            _bind(node.target, found)
            if isinstance(node.target, ast.Name):
                found.reads.add(node.target.id)
                found.kills.clear()
        case ast.For() | ast.AsyncFor():
            found.reads = read(node.iter)
            inner = Touched()
            _bind(node.target, inner)
            _all(node.body, inner)
            found.then(inner, sure=surely_runs(node))
            found.then(_all(node.orelse), sure=False)
        case ast.While():
            found.reads = read(node.test)
            found.then(_all([*node.body, *node.orelse]), sure=False)
        case ast.If():
            found.reads = read(node.test)
            one, other = _all(node.body), _all(node.orelse)
            kills = one.kills & other.kills
            found.then(one, sure=False)
            found.then(other, sure=False)
            found.kills |= kills
        case ast.With() | ast.AsyncWith():
            for item in node.items:
                found.reads |= read(item.context_expr) - found.kills
                if item.optional_vars is not None:
                    _bind(item.optional_vars, found)
            found.then(_all(node.body))
        case ast.Try() | ast.TryStar():
            found.then(_all(node.body), sure=not node.handlers)
            for handler in node.handlers:
                inner = Touched(kills={handler.name} if handler.name else set())
                found.then(_all(handler.body, inner), sure=False)
            found.then(_all([*node.orelse, *node.finalbody]), sure=False)
        case ast.Match():
            found.reads = read(node.subject)
            for one_case in node.cases:
                found.then(_all(one_case.body), sure=False)
        case ast.Delete():
            for target in node.targets:
                found.reads |= read(target)
                if not isinstance(target, ast.Name):
                    found.changes.add(chain(target)[0])
        case ast.Expr():
            found.reads = read(node.value)
        case ast.expr():
            found.reads = read(node)
        case _:
            for child in ast.iter_child_nodes(node):
                if isinstance(child, ast.expr):
                    found.reads |= read(child)
    return found


def surely_runs(loop: ast.For | ast.AsyncFor) -> bool:
    """Whether a loop's body runs to its end: over a literal, and nothing in it leaves."""
    around = loop.iter
    while isinstance(around, ast.Call) and getattr(around.func, "id", "") in OVER and around.args:
        around = around.args[0]
    match around:
        case ast.List(elts=[_, *_]) | ast.Tuple(elts=[_, *_]):
            return not any(isinstance(one, LEAVING) for one in walk(loop))
        case ast.Call(func=ast.Name(id="range"), args=[ast.Constant(value=int(end))]) if end > 0:
            return not any(isinstance(one, LEAVING) for one in walk(loop))
    return False


def _fitted(value: ast.expr) -> set[str]:
    """Names of objects that a call in a value may change: `x = scaler.fit_transform(x)`. Methods
    of frames, arrays and figures give a value and change nothing."""
    return {
        one.func.value.id
        for one in walk(value)
        if isinstance(one, ast.Call)
        and isinstance(one.func, ast.Attribute)
        and isinstance(one.func.value, ast.Name)
        and (one.func.attr in MUTATING or one.func.attr not in known_attributes())
    }


def bound_by_import(node: Import) -> Iterable[str]:
    """The names that an import binds, "*" for a star."""
    for alias in node.names:
        yield alias.asname or alias.name.partition(".")[0]


def read(node: ast.AST | None) -> set[str]:
    """Names that an expression reads from outside of it: not the variables of its comprehensions
    and lambdas."""
    found: set[str] = set()
    waiting = [node]
    for one in waiting:
        if one is None:
            continue
        kind = one.__class__
        if kind is ast.Name:
            if isinstance(one.ctx, ast.Load):  # type: ignore[attr-defined]
                found.add(one.id)  # type: ignore[attr-defined]
        elif kind in SCOPED:
            found |= _read_scoped(one)
        else:
            for name in CHILD_FIELDS[kind]:
                value = getattr(one, name)
                if value.__class__ is list:
                    waiting += value
                else:
                    waiting.append(value)
    return found


def _read_scoped(node: ast.AST) -> set[str]:
    """The same of a comprehension or a lambda, whose variables hide names."""
    if isinstance(node, ast.Lambda):
        defaults = (*node.args.defaults, *node.args.kw_defaults)
        inner = read(node.body) - set(parameters(node.args))
        return inner.union(*map(read, defaults))
    found, local = set[str](), set[str]()
    for part in node.generators:  # type: ignore[attr-defined]
        found |= read(part.iter) - local
        local |= stored(part.target)
        found |= set().union(*map(read, part.ifs)) - local
    values = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]  # type: ignore[attr-defined]
    return found | (set().union(*map(read, values)) - local)


def walk(node: ast.AST) -> list[ast.AST]:
    """A node with all below it, parents first, contexts and operators left out: `ast.walk` in a
    third of the time."""
    found = [node]
    for one in found:
        for name in CHILD_FIELDS[one.__class__]:
            value = getattr(one, name)
            if value.__class__ is list:
                found += value
            elif value is not None:
                found.append(value)
    return found


def stored(target: ast.AST) -> frozenset[str]:
    """Names that a target binds."""
    return frozenset(
        node.id
        for node in walk(target)
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    )


def parameters(arguments: ast.arguments) -> list[str]:
    """The names of all parameters."""
    every = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
    every += [one for one in (arguments.vararg, arguments.kwarg) if one is not None]
    return [one.arg for one in every]


def _bind(target: ast.expr, found: Touched) -> None:
    """A name is bound; of an item or attribute the root is changed."""
    match target:
        case ast.Name():
            found.binds.add(target.id)
            found.kills.add(target.id)
        case ast.Tuple() | ast.List():
            for part in target.elts:
                _bind(part, found)
        case ast.Starred():
            _bind(target.value, found)
        case _:
            found.reads |= read(target)
            if root := chain(target)[0]:
                found.changes.add(root)


def _all(body: Sequence[ast.stmt], found: Touched | None = None) -> Touched:
    found = found or Touched()
    for statement in body:
        found.then(touched(statement))
        found.changes |= changed_by_call(statement)
    return found


def changed_by_call(statement: ast.stmt) -> set[str]:
    """Names whose object a call may change that stands alone, its value dropped: `x.append(1)`,
    `random.shuffle(x)`, `fill(x)`. Methods of frames and arrays change nothing unless told to."""
    if not isinstance(statement, ast.Expr) or not isinstance(statement.value, ast.Call):
        return set()
    names = chain(statement.value.func)
    found: set[str] = set()
    if len(names) > 1:
        in_place = any(one.arg == "inplace" for one in statement.value.keywords)
        if names[0] and (in_place or names[1] in MUTATING or names[1] not in known_attributes()):
            found = {names[0]}
        if names[0] not in ("np", *CHANGING):
            return found
    given = (*statement.value.args, *(keyword.value for keyword in statement.value.keywords))
    return found | {name for one in given for name in read(one)}


def free_names(function: Definition) -> set[str]:
    """Names that the body of a function or class reads from around it."""
    if isinstance(function, ast.ClassDef):
        inner, local = set[str](), set[str]()
        for base in (*function.bases, *(keyword.value for keyword in function.keywords)):
            inner |= read(base)
        for statement in function.body:
            if isinstance(statement, Definition):
                inner |= free_names(statement)
                local.add(statement.name)
            else:
                made = touched(statement)
                inner |= made.reads - local
                local |= made.binds
        return inner
    names, bound, outer = set[str](), set(parameters(function.args)), set[str]()
    for node in body_nodes(function.body):
        if isinstance(node, Definition):
            names |= free_names(node)
            bound.add(node.name)
        elif isinstance(node, ast.Name):
            (names if isinstance(node.ctx, ast.Load) else bound).add(node.id)
        elif isinstance(node, Import):
            bound |= set(bound_by_import(node))
        elif isinstance(node, ast.Global | ast.Nonlocal):
            outer |= set(node.names)
        elif isinstance(node, ast.Lambda):
            bound |= set(parameters(node.args))
        elif isinstance(node, ast.ExceptHandler) and node.name:
            bound.add(node.name)
    defaults = (*function.args.defaults, *function.args.kw_defaults)
    around = [read(one) for one in (*defaults, *function.decorator_list)]
    return (names - bound) | outer | set().union(*around)


def body_nodes(body: Sequence[ast.stmt]) -> list[ast.AST]:
    """All nodes below statements, but not those inside inner definitions, which are among them."""
    found: list[ast.AST] = list(body)
    for node in found:
        if not isinstance(node, Definition):
            for name in CHILD_FIELDS[node.__class__]:
                value = getattr(node, name)
                if value.__class__ is list:
                    found += value
                elif value is not None:
                    found.append(value)
    return found


@cache
def known_attributes() -> frozenset[str]:
    """What can be read off frames, arrays, containers, texts, numbers, dates, figures and axes."""
    return frozenset().union(*attributes_of().values())


def definitions(body: Sequence[ast.stmt]) -> dict[str, Definition]:
    """The functions and classes that a body defines, the last of each name."""
    return {one.name: one for one in body if isinstance(one, Definition)}


class Reach:
    """What is reached from names through functions and classes, each looked into once."""

    def __init__(self, known: dict[str, Definition]) -> None:
        self.known = known
        self._free: dict[str, set[str]] = {}

    def __call__(self, names: Iterable[str]) -> set[str]:
        """The names, and all that the functions and classes among them read, transitively."""
        found, waiting = set[str](), list(names)
        while waiting:
            name = waiting.pop()
            if name not in found:
                found.add(name)
                if name in self.known:
                    waiting.extend(self._free_of(name) - found)
        return found

    def _free_of(self, name: str) -> set[str]:
        if name not in self._free:
            self._free[name] = free_names(self.known[name])
        return self._free[name]
