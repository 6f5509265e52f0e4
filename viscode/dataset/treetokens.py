"""Syntax trees as flat token sequences in which local names do not show.

One walk writes the tree in prefix order, every list closed by "]", so that equal tokens mean equal
trees. A name is looked up in its scope when the walk has seen all bindings: an imported one becomes
the dotted path of what it imports (`plt.plot` and a bare `plot` are both matplotlib.pyplot.plot), a
builtin stays, and all others become one placeholder. Names that nothing binds count as variables
(a benchmark's code finds its `df` ready), unless a star import may have them. Attributes, string
constants and the keyword names of foreign calls stay, since renaming them changes what the code
does; keywords stand in the order of their names. Imports, constants that stand as statements
(docstrings) and the final show() are left out, with a close() after it; statements that print stand
between two marks. Another show() or close() stays: where it stands decides what is on which
picture.
"""

import ast
import builtins
from collections.abc import Callable
from dataclasses import dataclass, field
from hashlib import blake2b
from typing import Any

from viscode.dataset.last_show import without_final_show
from viscode.libraries.registry import CUSTOMARY
from viscode.libraries.star_names import star_source, without_pylab

VARIABLE = "_"
MAX_CONSTANT = 200  # characters of a constant's token; a longer one is represented by its hash
BUILTINS = frozenset(dir(builtins)) | {"__name__", "__file__", "display"}
FOUND_READY = frozenset({"df"})  # a variable that nothing binds: a benchmark's code finds it
PRINTING, PRINTED = "print{", "print}"  # around a statement that prints
UNSEEN = ("ctx", "type_comment", "kind")
FIELDS = {
    kind: tuple(name for name in kind._fields if name not in UNSEEN)
    for kind in vars(ast).values()
    if isinstance(kind, type) and issubclass(kind, ast.AST)
}


@dataclass(eq=False)
class _Scope:
    """What one scope binds: name -> dotted path of an import, or number of a variable (from 1 by
    first use, 0 before). A class's names are attributes, so they stay."""

    parent: "_Scope | None"
    kind: str
    names: dict[str, str | int] = field(default_factory=dict)
    outer: set[str] = field(default_factory=set)  # declared global or nonlocal
    functions: "dict[str, _Scope]" = field(default_factory=dict)

    def bind(self, name: str) -> None:
        if name not in self.names:
            self.names[name] = 0

    def lookup(self, name: str) -> "_Scope | None":
        """The scope that binds a name used in this one."""
        scope: _Scope | None = self
        while scope is not None:
            visible = scope is self or scope.kind != "class"
            if visible and name in scope.names and name not in scope.outer:
                return scope
            scope = scope.parent
        return None


def tree_tokens(tree: ast.Module) -> tuple[tuple[str, ...], list[int]]:
    """The tokens of a module, () when it does nothing; and for each token that is a variable, in
    order, which: variables are numbered from 1 by first use."""
    walk = _Walk()
    tokens = walk.tokens(tree)
    return tokens, walk.numbers


Use = tuple[_Scope, str, str]  # a name in a scope, and the attributes taken from it, ".a.b"
Keyword = tuple[_Scope, str, str, str]  # the same, and a keyword name in a call of it


class _Walk:
    """One walk over a tree. The stack holds what is still to be written: nodes, finished tokens,
    uses of names, and scopes, which become the current one. So no depth of a tree exhausts
    Python's own stack."""

    def __init__(self) -> None:
        self.module = self.scope = _Scope(None, "module")
        self.stars: list[str] = []  # the modules of star imports
        self.stack: list[Any] = []
        self.out: list[str | Use | Keyword] = []
        self.numbers: list[int] = []
        self.count = 0

    def tokens(self, tree: ast.Module) -> tuple[str, ...]:
        self.stack.extend(reversed(without_final_show(tree)))
        self._walk()
        return tuple([t if isinstance(t, str) else self._resolved(t) for t in self.out])

    def _walk(self) -> None:
        stack, out = self.stack, self.out
        while stack:
            item = stack.pop()
            kind = item.__class__
            if kind is str or kind is tuple:
                out.append(item)
            elif kind is ast.Name:
                if item.ctx.__class__ is ast.Store:
                    self.scope.bind(item.id)
                out.append((self.scope, item.id, ""))
            elif kind is ast.Constant:
                out.append(_constant(item.value))
            elif kind is _Scope:
                self.scope = item
            elif write := WRITERS.get(kind):
                write(self, item)
            else:
                out.append(kind.__name__)
                self.push(*[getattr(item, name) for name in FIELDS[kind]])

    def push(self, *parts: Any) -> None:
        """Have `parts` written next, in this order."""
        for part in reversed(parts):
            if part.__class__ is list:
                self.stack.append("]")
                self.push(*part)
            elif part is None:
                self.stack.append("~")
            else:
                self.stack.append(repr(part) if part.__class__ is int else part)

    def _resolved(self, use: Use | Keyword) -> str:
        if len(use) == 4:
            return self._keyword(use)
        scope, name, attributes = use
        home = scope.lookup(name)
        if home is None:
            if path := self._free(name):
                return path + attributes
            home = self.module
            home.bind(name)
        path_or_number = home.names[name]
        if isinstance(path_or_number, str):
            return without_pylab(path_or_number + attributes)
        if home.kind == "class":
            return name + attributes
        self._number(home, name)
        return VARIABLE + attributes

    def _free(self, name: str) -> str:
        """What a name means that nothing binds; "" for a variable."""
        if name in BUILTINS:
            return name
        source = "" if name in FOUND_READY else star_source(name, self.stars)
        return f"{source}.{name}" if source else CUSTOMARY.get(name, "")

    def is_foreign(self, function: ast.expr) -> bool:
        """Whether a call's keyword names are none of the code's own, as far as it is walked."""
        if not isinstance(function, ast.Name):
            return True
        home = self.scope.lookup(function.id)
        if home is None:
            return bool(self._free(function.id))
        return isinstance(home.names[function.id], str)

    def _number(self, home: _Scope, name: str) -> None:
        if not home.names[name]:
            self.count += 1
            home.names[name] = self.count
        self.numbers.append(int(home.names[name]))

    def _keyword(self, use: Keyword) -> str:
        scope, function, _, name = use
        home = scope.lookup(function)
        called = home.functions.get(function) if home else None
        if called is None or called.names.get(name, "") == "":
            return f"{name}="
        self._number(called, name)
        return f"{VARIABLE}="


def _constant(value: object) -> str:
    try:
        token = repr(value)
    except ValueError:  # more digits than Python converts
        token = hex(value) if isinstance(value, int) else ""
    if len(token) <= MAX_CONSTANT:
        return token
    return blake2b(token.encode("utf-8", "surrogatepass"), digest_size=16).hexdigest()


def _attribute(walk: _Walk, node: ast.Attribute) -> None:
    names, base = [node.attr], node.value
    while isinstance(base, ast.Attribute):
        names.append(base.attr)
        base = base.value
    attributes = "".join([f".{name}" for name in reversed(names)])
    if isinstance(base, ast.Name):
        walk.out.append((walk.scope, base.id, attributes))
    else:
        walk.out.append(attributes)
        walk.stack.append(base)


def _call(walk: _Walk, node: ast.Call) -> None:
    walk.out.append("(")
    stack, function = walk.stack, node.func
    stack.append(")")
    keywords = node.keywords
    if len(keywords) > 1 and walk.is_foreign(function):
        keywords = sorted(keywords, key=_keyword_name)
    for keyword in reversed(keywords):
        stack.append(keyword.value)
        if keyword.arg is not None and isinstance(function, ast.Name):
            stack.append((walk.scope, function.id, "", keyword.arg))
        else:
            stack.append("**" if keyword.arg is None else f"{keyword.arg}=")
    stack.extend(reversed(node.args))
    stack.append(function)


def _keyword_name(keyword: ast.keyword) -> tuple[bool, str]:
    return keyword.arg is None, keyword.arg or ""  # ** last


def _statement(walk: _Walk, node: ast.Expr) -> None:
    value = node.value
    if isinstance(value, ast.Constant):
        return
    if isinstance(value, ast.Call):
        function = value.func
        if isinstance(function, ast.Name) and function.id == "print":
            walk.push(PRINTING, value, PRINTED)
            return
    walk.stack.append(value)


def _f_string(walk: _Walk, node: ast.JoinedStr) -> None:
    """A text where nothing is put in; else "f" and the parts, each value with what shows it."""
    parts: list[Any] = []
    for value in node.values:
        plain = _plain_text(value)
        if plain is None:
            parts.append(value)
        elif plain and parts and isinstance(parts[-1], str):
            parts[-1] += plain
        elif plain:
            parts.append(plain)
    written = [_constant(part) if isinstance(part, str) else part for part in parts]
    if any(not isinstance(part, str) for part in parts):
        walk.push("f", written)
    else:
        walk.push(*written or [_constant("")])


def _plain_text(value: ast.expr) -> str | None:
    """The text of a part of an f-string, None where it is to be computed."""
    if isinstance(value, ast.FormattedValue) and value.format_spec is None and value.conversion < 0:
        value = value.value
    found = value.value if isinstance(value, ast.Constant) else None
    return found if isinstance(found, str) else None


def _formatted(walk: _Walk, node: ast.FormattedValue) -> None:
    shown: list[Any] = [f"!{chr(node.conversion)}"] if node.conversion >= 0 else []
    shown += [":", node.format_spec] if node.format_spec is not None else []
    walk.push("{", node.value, *shown, "}")


def _assign(walk: _Walk, node: ast.Assign) -> None:
    walk.out.append("=")
    walk.stack.append(node.value)
    for target in reversed(node.targets[1:]):
        walk.stack += [target, "="]
    walk.stack.append(node.targets[0])


def _import(walk: _Walk, node: ast.Import) -> None:
    for alias in node.names:
        top = alias.name.partition(".")[0]
        walk.scope.names[alias.asname or top] = alias.name if alias.asname else top


def _import_from(walk: _Walk, node: ast.ImportFrom) -> None:
    base = "." * node.level + (node.module or "")
    for alias in node.names:
        if alias.name == "*":
            walk.stars.append(base)
        else:
            walk.scope.names[alias.asname or alias.name] = f"{base}.{alias.name}"


def _function(walk: _Walk, node: ast.FunctionDef | ast.AsyncFunctionDef) -> None:
    outer, inner = walk.scope, _Scope(walk.scope, "function")
    outer.bind(node.name)
    outer.functions[node.name] = inner
    walk.out.append(node.__class__.__name__)
    name, defaults, names = (outer, node.name, ""), *_parameters(node.args)
    before = [*_some("@", node.decorator_list), *defaults]
    walk.push(name, *before, inner, names, node.body, outer, node.returns)


def _lambda(walk: _Walk, node: ast.Lambda) -> None:
    defaults, names = _parameters(node.args)
    walk.out.append("Lambda")
    walk.push(*defaults, _Scope(walk.scope, "function"), names, node.body, walk.scope)


def _parameters(node: ast.arguments) -> tuple[list[Any], list[Any]]:
    """Default values, which belong to the scope outside, and the parameters themselves."""
    defaults = _some("=", node.defaults) + _some("*=", node.kw_defaults)
    names: list[Any] = [*node.posonlyargs, "/"] if node.posonlyargs else []
    names += node.args
    if node.vararg or node.kwonlyargs:
        names += ["*", node.vararg, *node.kwonlyargs]
    return defaults, names + (["**", node.kwarg] if node.kwarg else [])


def _some(label: str, parts: list[Any]) -> list[Any]:
    """A labelled list, or nothing for an empty one."""
    return [label, parts] if parts else []


def _argument(walk: _Walk, node: ast.arg) -> None:
    walk.scope.bind(node.arg)
    walk.out.append((walk.scope, node.arg, ""))
    if node.annotation is not None:
        walk.push(":", node.annotation)


def _class(walk: _Walk, node: ast.ClassDef) -> None:
    outer, inner = walk.scope, _Scope(walk.scope, "class")
    outer.bind(node.name)
    walk.out.append("ClassDef")
    before = _some("@", node.decorator_list) + _some("(", [*node.bases, *node.keywords])
    walk.push((outer, node.name, ""), *before, inner, node.body, outer)


def _comprehension(walk: _Walk, node: Any) -> None:
    first, *others = node.generators
    result = [node.key, node.value] if isinstance(node, ast.DictComp) else [node.elt]
    inner = _Scope(walk.scope, "comprehension")
    walk.out.append(node.__class__.__name__)
    walk.push(first.iter, inner, first.target, first.ifs, others, *result, walk.scope)


def _walrus(walk: _Walk, node: ast.NamedExpr) -> None:
    scope = walk.scope
    while scope.kind == "comprehension" and scope.parent is not None:
        scope = scope.parent
    scope.bind(node.target.id)
    walk.push("NamedExpr", (scope, node.target.id, ""), node.value)


def _binder(walk: _Walk, node: Any) -> None:
    """`except ... as name` and the patterns of `match` keep the name that they bind as text."""
    parts = []
    for name in FIELDS[node.__class__]:
        part = getattr(node, name)
        if name in ("name", "rest") and part is not None:
            walk.scope.bind(part)
            part = (walk.scope, part, "")
        parts.append(part)
    walk.push(node.__class__.__name__, *parts)


def _declaration(walk: _Walk, node: ast.Global | ast.Nonlocal) -> None:
    for name in node.names:
        walk.scope.outer.add(name)
        if isinstance(node, ast.Global):
            walk.module.bind(name)


WRITERS: dict[type, Callable[[_Walk, Any], None]] = {
    ast.Attribute: _attribute,
    ast.Call: _call,
    ast.JoinedStr: _f_string,
    ast.FormattedValue: _formatted,
    ast.Assign: _assign,
    ast.Expr: _statement,
    ast.Import: _import,
    ast.ImportFrom: _import_from,
    ast.FunctionDef: _function,
    ast.AsyncFunctionDef: _function,
    ast.Lambda: _lambda,
    ast.arg: _argument,
    ast.ClassDef: _class,
    ast.ListComp: _comprehension,
    ast.SetComp: _comprehension,
    ast.DictComp: _comprehension,
    ast.GeneratorExp: _comprehension,
    ast.NamedExpr: _walrus,
    ast.ExceptHandler: _binder,
    ast.MatchAs: _binder,
    ast.MatchStar: _binder,
    ast.MatchMapping: _binder,
    ast.Global: _declaration,
    ast.Nonlocal: _declaration,
}
