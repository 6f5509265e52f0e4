"""What an expression stands for, as a dotted path from the import that its value comes from.

After `fig, ax = plt.subplots()` the expression `ax.bar` is "matplotlib.pyplot.subplots().bar", and
after `from scipy.special import gamma` a `gamma(x)` is "scipy.special.gamma()". Whatever asks what
a name refers to asks for its path, so that a script's own function `normal` is not taken for
numpy's. Nothing is run: scopes are respected, a name means its last binding before the place of its
use, an item (`axes[0]`) has the path of its container, and of `a or b` or `a + b` the first known
path counts. What a function returns or receives is unknown, unless a parameter has an annotation.
"""

import ast
import builtins
from bisect import bisect_right
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from operator import attrgetter
from typing import Any, cast

from viscode.libraries.names import (
    CHILD_FIELDS,
    PYLAB_MODULE,
    PYLABS,
    imported_names,
    star_source,
    without_pylab,
)

UNKNOWN_ORIGIN = "<unknown>"  # a parameter, or what an own function returns
FUNCTION = "<function>"  # one of the code's own
CLASS = "<class>"  # the same
LITERAL = "<value>"  # a literal and the like
WITHOUT_IMPORT = frozenset({UNKNOWN_ORIGIN, FUNCTION, CLASS, LITERAL})
BUILTIN_NAMES = frozenset(dir(builtins))
CALLING = frozenset({"map", "filter", "iter"})  # builtins that call what they are given
MAX_DEPTH = 30  # bindings followed for one expression
LONGEST_PATH = 500  # characters of what a name means
_Place = tuple[int, int]
SCOPES = frozenset({ast.FunctionDef, ast.AsyncFunctionDef, ast.Lambda, ast.ClassDef})
BINDING = frozenset(
    {
        *(ast.Import, ast.ImportFrom, ast.Assign, ast.AnnAssign, ast.NamedExpr),
        *(ast.For, ast.AsyncFor, ast.With, ast.AsyncWith, ast.Global, ast.Nonlocal),
        *(ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp),
        *(ast.ExceptHandler, ast.MatchAs, ast.MatchStar),
    }
)


@dataclass(eq=False, slots=True)
class _Binding:
    """From `place` on a name means `path`, or what `value` does."""

    place: _Place
    path: str = LITERAL
    value: ast.expr | None = None


PLACE = attrgetter("place")
UNKNOWN_PARAMETER = _Binding((0, 0), UNKNOWN_ORIGIN)


@dataclass(eq=False)
class _Scope:
    parent: "_Scope | None" = None
    is_class: bool = False
    names: dict[str, list[_Binding]] = field(default_factory=dict)
    outer: set[str] = field(default_factory=set)  # declared global or nonlocal


class Origins:
    """The origins of all expressions of one tree; its `calls` and `imports`. `customary` says what
    names mean that nothing binds; one that is not in it stands for itself, as builtins do."""

    def __init__(self, tree: ast.Module, customary: Mapping[str, str] | None = None) -> None:
        self.calls: list[ast.Call] = []
        self.imports: list[ast.Import | ast.ImportFrom] = []
        self._customary = customary or {}
        self._module = _Scope()
        self._scopes: dict[int, _Scope] = {}  # of names outside of the module's own, by id
        self._attributes: dict[str, list[_Binding]] = {}  # "self.ax"
        self._stars: list[str] = []
        self._known: dict[int, str] = {}  # paths of bindings, by id
        self._in_order: dict[int, list[_Binding]] = {}  # bindings of one name, by their list's id
        waiting: list[tuple[list[ast.AST], _Scope]] = [([tree], self._module)]
        while waiting:
            waiting.extend(self._read(*waiting.pop()))

    def path(self, node: ast.expr) -> str:
        """The path of an expression; one of WITHOUT_IMPORT, or one that begins so, where it comes
        from no import. Calls are marked: "pandas.read_csv()"."""
        path = self._path(node, MAX_DEPTH)
        return without_pylab(path) if "pylab" in path else path

    def is_bound(self, name: ast.Name) -> bool:
        """Whether the code itself gives a meaning to a name."""
        return _home(name.id, self._scopes.get(id(name), self._module)) is not None

    def _path(self, node: ast.expr, depth: int) -> str:
        ends: list[str] = []
        while True:
            if isinstance(node, ast.Attribute):
                if (known := self._attribute(node, depth)) is not None:
                    return _joined(known, ends)
                ends.append(f".{node.attr}")
                node = node.value
            elif isinstance(node, ast.Call):
                ends.append("()")
                node = node.func
            elif isinstance(node, ast.Subscript | ast.Starred | ast.Await | ast.NamedExpr):
                node = node.value
            elif isinstance(node, ast.Name):
                return _joined(self._name(node, depth), ends)
            else:
                choices = _choices(node) if depth else []
                paths = (self._path(one, depth - 1) for one in choices)
                telling = (path for path in paths if path not in WITHOUT_IMPORT)
                return _joined(next(telling, LITERAL), ends)

    def _attribute(self, node: ast.Attribute, depth: int) -> str | None:
        """What was bound to `self.ax`, where it was."""
        if not isinstance(node.value, ast.Name):
            return None
        bindings = self._attributes.get(f"{node.value.id}.{node.attr}")
        if not bindings:
            return None
        return self._resolved(self._latest(bindings, _start(node)), depth)

    def _latest(self, bindings: list[_Binding], place: _Place) -> _Binding:
        """The last binding before a place, else the last of all; `= None` only where there is no
        other."""
        if len(bindings) == 1:
            return bindings[0]
        if id(bindings) not in self._in_order:
            telling = [one for one in bindings if not _is_none(one)] or bindings.copy()
            telling.reverse()  # of two at one place the first counts
            self._in_order[id(bindings)] = sorted(telling, key=PLACE)
        ordered = self._in_order[id(bindings)]
        return ordered[bisect_right(ordered, place, key=PLACE) - 1]

    def _name(self, node: ast.Name, depth: int) -> str:
        own = self._scopes.get(id(node), self._module)
        home = _home(node.id, own)
        if home is None:
            return self._free(node.id)
        bindings, local = home.names[node.id], home is own
        place = _start(node) if local else (1 << 60, 0)  # an inner scope runs later
        may_be_builtin = local and home is self._module and node.id in BUILTIN_NAMES
        if may_be_builtin and all(one.place > place for one in bindings):
            return self._free(node.id)  # input = input("Name: ")
        return self._resolved(self._latest(bindings, place), depth)

    def _free(self, name: str) -> str:
        source = "" if name in BUILTIN_NAMES else star_source(name, self._stars)
        if not source and name not in BUILTIN_NAMES and not set(PYLABS).isdisjoint(self._stars):
            source = PYLAB_MODULE
        return f"{source}.{name}" if source else self._customary.get(name, name)

    def _resolved(self, binding: _Binding, depth: int) -> str:
        if binding.value is None:
            return binding.path
        if not depth:
            return UNKNOWN_ORIGIN
        if id(binding) not in self._known:
            self._known[id(binding)] = UNKNOWN_ORIGIN  # what leads back to itself
            self._known[id(binding)] = _shortened(self._path(binding.value, depth - 1))
        return self._known[id(binding)]

    def _read(self, nodes: list[ast.AST], scope: _Scope) -> Iterator[tuple[list[ast.AST], _Scope]]:
        """Bind what the nodes and those below them bind in one scope; the scopes inside it, with
        what stands in them."""
        is_module = scope is self._module
        for node in nodes:  # which grows
            kind = node.__class__
            if kind is ast.Name:
                if not is_module:
                    self._scopes[id(node)] = scope
                continue
            if kind is ast.Call:
                self.calls.append(cast(ast.Call, node))
            elif kind in BINDING:
                self._bind_names(node, scope)
            elif kind in SCOPES:
                inner = self._open(node, scope)
                yield _inside(node), inner
                nodes.extend(_outside(node))
                continue
            for name in CHILD_FIELDS[kind]:
                value = getattr(node, name)
                if value.__class__ is list:
                    nodes += value
                elif value is not None:
                    nodes.append(value)

    def _open(self, node: Any, scope: _Scope) -> _Scope:
        if isinstance(node, ast.ClassDef):
            self._add(scope, node.name, _Binding(_start(node), CLASS))
            return _Scope(scope, is_class=True)
        if not isinstance(node, ast.Lambda):
            self._add(scope, node.name, _Binding(_start(node), FUNCTION))
        arguments = _arguments(node.args)
        return _Scope(scope, names={one.arg: [_parameter(one)] for one in arguments})

    def _bind_names(self, node: Any, scope: _Scope) -> None:
        """The names that a statement or expression of a kind in BINDING binds."""
        match node:
            case ast.Assign():
                for target in node.targets:
                    self._bind(target, node.value, scope, _end(node))
            case ast.Import() | ast.ImportFrom():
                self.imports.append(node)
                for bound, path in imported_names(node):
                    if bound == "*":
                        self._stars.append(path)
                    else:
                        self._add(scope, bound, _Binding(_start(node), path))
            case ast.AnnAssign() | ast.NamedExpr():
                if node.value is not None:
                    self._bind(node.target, node.value, scope, _end(node))
            case ast.For() | ast.AsyncFor():
                self._bind(node.target, node.iter, scope, _end(node.iter))
            case ast.With() | ast.AsyncWith():
                for item in node.items:
                    if item.optional_vars is not None:
                        value = item.context_expr
                        self._bind(item.optional_vars, value, scope, _end(value))
            case ast.Global() | ast.Nonlocal():
                scope.outer.update(node.names)
            case ast.ExceptHandler() | ast.MatchAs() | ast.MatchStar():
                if node.name:
                    self._add(scope, node.name, _Binding(_start(node), UNKNOWN_ORIGIN))
            case _:  # a comprehension
                for part in node.generators:
                    self._bind(part.target, part.iter, scope, _start(node))

    def _bind(self, target: ast.expr, value: ast.expr, scope: _Scope, place: _Place) -> None:
        waiting = [(target, value)]
        while waiting:
            target, value = waiting.pop()
            if isinstance(target, ast.Tuple | ast.List):
                waiting.extend(zip(target.elts, _unpacked(value, len(target.elts)), strict=True))
            elif isinstance(target, ast.Starred):
                waiting.append((target.value, value))
            elif isinstance(target, ast.Name):
                self._add(scope, target.id, _Binding(place, value=value))
            elif isinstance(target, ast.Attribute) and isinstance(target.value, ast.Name):
                name = f"{target.value.id}.{target.attr}"
                self._attributes.setdefault(name, []).append(_Binding(place, value=value))

    def _add(self, scope: _Scope, name: str, binding: _Binding) -> None:
        home = scope
        while name in home.outer and home.parent is not None:
            home = home.parent
        home.names.setdefault(name, []).append(binding)


def root_of(path: str) -> str:
    """The top-level module of a path, or one of WITHOUT_IMPORT."""
    return path.partition(".")[0].removesuffix("()")


def _home(name: str, own: _Scope) -> _Scope | None:
    """The scope whose variable a name in the scope `own` is, None where nothing binds it."""
    scope: _Scope | None = own
    while scope is not None:
        if name in scope.names and name not in scope.outer and (scope is own or not scope.is_class):
            return scope
        scope = scope.parent
    return None


def _shortened(path: str) -> str:
    """A path without the middle of a chain that goes on and on: `ax = ax.twinx()` many times."""
    if len(path) <= LONGEST_PATH:
        return path
    half = LONGEST_PATH // 2
    return f"{path[:half].rpartition('.')[0]}.{path[-half:].partition('.')[2]}"


def _joined(start: str, ends: list[str]) -> str:
    if start == FUNCTION and ends[-1:] == ["()"]:  # who knows what it returns
        return UNKNOWN_ORIGIN + "".join(reversed(ends[:-1]))
    return start + "".join(reversed(ends))


def _choices(node: ast.expr) -> list[ast.expr]:
    """The expressions of which a composed one may have the value, or items of its kind."""
    if isinstance(node, ast.IfExp):
        return [node.body, node.orelse]
    if isinstance(node, ast.BoolOp):
        return node.values
    if isinstance(node, ast.BinOp):
        return [node.left, node.right]
    if isinstance(node, ast.List | ast.Tuple | ast.Set):
        return node.elts[:1]
    return [node.elt] if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp) else []


def _unpacked(value: ast.expr, count: int) -> list[ast.expr]:
    """What each of several targets gets: the items of a display, the things that `zip` or
    `enumerate` go through, else the whole."""
    if isinstance(value, ast.Tuple | ast.List) and len(value.elts) == count:
        return value.elts
    if isinstance(value, ast.Call) and isinstance(value.func, ast.Name):
        if value.func.id == "zip" and len(value.args) == count:
            return value.args
        if value.func.id == "enumerate" and count == 2 and value.args:
            return [ast.Constant(0), value.args[0]]
    return [value] * count


def _is_none(binding: _Binding) -> bool:
    return isinstance(binding.value, ast.Constant) and binding.value.value is None


def _arguments(arguments: ast.arguments) -> Iterator[ast.arg]:
    yield from (*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs)
    yield from (one for one in (arguments.vararg, arguments.kwarg) if one is not None)


def _parameter(argument: ast.arg) -> _Binding:
    """A parameter holds an object of what its annotation names, `Optional[...]` looked through."""
    annotation = argument.annotation
    if isinstance(annotation, ast.Subscript):
        annotation = annotation.slice
    if annotation is None or isinstance(annotation, ast.Constant):
        return UNKNOWN_PARAMETER
    return _Binding(_start(argument), value=ast.Call(annotation, [], []))


def _inside(node: Any) -> list[ast.AST]:
    return list(node.body) if isinstance(node.body, list) else [node.body]


def _outside(node: Any) -> list[ast.AST]:
    """The parts of a definition that belong to the scope around it: all but its body."""
    if isinstance(node, ast.ClassDef):
        return [*node.decorator_list, *node.bases, *node.keywords]
    if isinstance(node, ast.Lambda):
        return [node.args]
    return [node.args, *node.decorator_list, *([node.returns] if node.returns else [])]


def _start(node: ast.stmt | ast.expr | ast.arg | ast.excepthandler | ast.pattern) -> _Place:
    return node.lineno, node.col_offset


def _end(node: ast.stmt | ast.expr) -> _Place:
    return node.end_lineno or node.lineno, node.end_col_offset or 0
