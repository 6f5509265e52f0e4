"""A file as straight programs: what runs at its top, and each function that draws on its own.

A straight program is a list of statements in the order in which they run. Bodies of
`if __name__ == "__main__"` stand in it, and in the place of a call the body of a function that is
called once, so that what belongs to one figure can be cut out of it. A function or method that
nothing calls becomes a program of its own: its parameters are names that nothing binds (or their
defaults), the attributes of `self` are plain names, its own methods functions.
"""

import ast
import copy
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TypeVar

from viscode.extract.folding import folded
from viscode.extract.touching import (
    Definition,
    Function,
    Import,
    Reach,
    body_nodes,
    definitions,
    free_names,
    parameters,
    touched,
    walk,
)

MOST_STATEMENTS = 3000
MOST_INLINED = 40
SELF = ("self", "cls")
Statement = TypeVar("Statement", bound=ast.stmt)


@dataclass(frozen=True)
class Program:
    """`name` is "" for what runs at the top of the file, else the function's."""

    name: str
    body: list[ast.stmt]
    inlined: tuple[str, ...] = ()


def main_program(tree: ast.Module) -> Program:
    """What runs when the file runs. The tree's nodes are used, and its bodies edited."""
    return _Flat(tree).main()


def function_programs(tree: ast.Module, names: Sequence[str]) -> Iterator[Program]:
    """A program for each of these functions ("plot") and methods ("Plotter.plot")."""
    top = definitions(tree.body)
    ground = [one for one in tree.body if _is_ground(one)]
    for name in names:
        owner, _, method = name.rpartition(".")
        home = top.get(owner) if owner else None
        if isinstance(home, ast.ClassDef):
            found = _method_program(home, method, ground)
        else:
            function = top.get(name)
            found = _function_program(function) if isinstance(function, Function) else None
        if found is not None:
            yield Program(name, folded([*_needed(ground, found), *found]))


def _needed(ground: list[ast.stmt], body: list[ast.stmt]) -> list[ast.stmt]:
    """What of the ground the body reaches."""
    reach, names = Reach(definitions(ground)), set[str]()
    for one in body:
        made = touched(one)
        names |= made.reads | made.changes
        names |= free_names(one) if isinstance(one, Definition) else set()
    names = reach(names)
    binds = [(place, touched(one)) for place, one in enumerate(ground)]
    chosen: set[int] = set()
    for place, made in reversed(binds):  # what a statement reads stands before it
        if "*" in made.binds or made.binds & names:
            chosen.add(place)
            names |= reach(made.reads)
    for place, made in binds:  # but for what functions read
        if made.binds & names:
            chosen.add(place)
    return [ground[place] for place in sorted(chosen)]


def all_functions(tree: ast.Module) -> dict[str, Function]:
    """Functions and methods of the module by name, as `function_programs` takes it."""
    found: dict[str, Function] = {}
    for one in tree.body:
        if isinstance(one, Function):
            found[one.name] = one
        elif isinstance(one, ast.ClassDef):
            found |= {f"{one.name}.{m.name}": m for m in one.body if isinstance(m, Function)}
    return found


def _is_ground(statement: ast.stmt) -> bool:
    """Whether a statement is one that functions stand on: imports, definitions, constants."""
    return isinstance(statement, Import | Definition | ast.Assign | ast.AnnAssign | ast.Try)


def _function_program(function: Function) -> list[ast.stmt] | None:
    body = open_body(copy.deepcopy(function.body))
    if body is not None:
        return [*_defaults(function), *body]
    needed = len(function.args.args) - len(function.args.defaults)
    given = [ast.Name(one.arg, ast.Load()) for one in function.args.args[:needed]]
    call = ast.Expr(ast.Call(ast.Name(function.name, ast.Load()), list(given), []))
    return [placed(call)]


def _method_program(
    home: ast.ClassDef, method: str, around: list[ast.stmt]
) -> list[ast.stmt] | None:
    methods = {one.name: one for one in home.body if isinstance(one, Function)}
    if method not in methods:
        return None
    chosen = copy.deepcopy(methods[method])
    start = copy.deepcopy(methods["__init__"]) if "__init__" in methods else None
    taken = {name for one in around for name in touched(one).binds}
    plain = _PlainSelf(methods.keys(), taken)
    body = open_body(chosen.body)
    if body is None:
        return None
    shared: list[ast.stmt] = [
        copy.deepcopy(one) for one in home.body if isinstance(one, ast.Assign)
    ]
    if start is not None and method != "__init__":
        shared += [*_defaults(start, skip=1), *(open_body(start.body) or [])]
    whole = [*shared, *_defaults(chosen, skip=_is_bound(chosen)), *body]
    for one in whole:
        plain.visit(one)
    helpers: dict[str, Function] = {}
    while more := sorted(plain.called - helpers.keys() - {method, "__init__"}):
        helper = copy.deepcopy(methods[more[0]])
        if _is_bound(helper):
            helper.args.args = helper.args.args[1:]
        helper.decorator_list = []
        plain.visit(helper)
        helpers[more[0]] = helper
    return [*helpers.values(), *(one for one in whole if not _is_idle(one))]


def _is_idle(statement: ast.stmt) -> bool:
    """Whether it is `x = x`, as `self.x = x` becomes."""
    return isinstance(statement, ast.Assign) and all(
        ast.unparse(target) == ast.unparse(statement.value) for target in statement.targets
    )


def _is_bound(method: Function) -> int:
    """1 where the first parameter is the object or the class, else 0."""
    static = any(isinstance(d, ast.Name) and d.id == "staticmethod" for d in method.decorator_list)
    return int(bool(method.args.args) and not static)


class _PlainSelf(ast.NodeTransformer):
    """`self.x` becomes `x`, `self.plot()` becomes `plot()`. `called` are the methods named."""

    def __init__(self, methods: Iterable[str], taken: set[str]) -> None:
        self.methods = set(methods)
        self.taken = taken
        self.called: set[str] = set()

    def visit_Attribute(self, node: ast.Attribute) -> ast.expr:
        node.value = self.visit(node.value)
        if not isinstance(node.value, ast.Name) or node.value.id not in SELF:
            return node
        name = node.attr.lstrip("_") or node.attr
        if node.attr in self.methods:
            self.called.add(node.attr)
            name = node.attr
        elif name in self.taken:
            name = f"{name}_"
        return ast.copy_location(ast.Name(name, node.ctx), node)


def _defaults(function: Function, skip: int = 0) -> list[ast.stmt]:
    """`name = default` for each parameter that has one, else nothing: it is a hole."""
    names = [one.arg for one in (*function.args.posonlyargs, *function.args.args)]
    given = dict(zip(reversed(names), reversed(function.args.defaults), strict=False))
    pairs = zip(function.args.kwonlyargs, function.args.kw_defaults, strict=True)
    given |= {one.arg: value for one, value in pairs if value is not None}
    options = _options(function)
    found: list[ast.stmt] = []
    for name in [one for one in parameters(function.args) if one not in names[:skip]]:
        value = given.get(name, options.get(name))
        if name == _name(function.args.vararg):
            value = ast.Tuple([], ast.Load())
        if name == _name(function.args.kwarg):
            value = ast.Dict([], [])
        if value is not None:
            found.append(assignment(name, copy.deepcopy(value)))
    return found


def _name(argument: ast.arg | None) -> str:
    return argument.arg if argument else ""


def _options(function: Function) -> dict[str, ast.expr]:
    """Parameter -> the default that a decorator of click states."""
    found: dict[str, ast.expr] = {}
    for decorator in function.decorator_list:
        if not isinstance(decorator, ast.Call):
            continue
        flags = [one.value for one in decorator.args if isinstance(one, ast.Constant)]
        words = [one.lstrip("-").replace("-", "_") for one in flags if isinstance(one, str)]
        defaults = [one.value for one in decorator.keywords if one.arg == "default"]
        if words and defaults:
            found[words[-1]] = defaults[0]
    return found


def assignment(name: str, value: ast.expr) -> ast.stmt:
    """`name = value`, as a statement that stands in no source."""
    return placed(ast.Assign([ast.Name(name, ast.Store())], value))


def placed(made: Statement) -> Statement:
    """A new statement, with lines for those who ask for them but none of a source."""
    ast.fix_missing_locations(made)
    made.end_lineno = None
    return made


def open_body(body: list[ast.stmt], value: bool = False) -> list[ast.stmt] | None:
    """The body of a function without what ends it: docstring, guards that return, the return at
    its end (whose value stays as the last statement with `value`). None where it returns or yields
    from elsewhere."""
    if body and isinstance(body[0], ast.Expr) and isinstance(body[0].value, ast.Constant):
        body = body[1:]
    body = [one for one in body if not _is_guard(one)]
    last = body[-1] if body else None
    if isinstance(last, ast.Return):
        body = body[:-1]
        if last.value is not None and (value or isinstance(last.value, ast.Call)):
            body = [*body, placed(ast.Expr(last.value))]
    elif isinstance(last, ast.If) and not value:
        body = [*body[:-1], _without_returns(last)]
    body = [one for statement in body for one in _without_handlers(statement)]
    leaving = (ast.Return, ast.Yield, ast.YieldFrom)
    if any(isinstance(node, leaving) for node in body_nodes(body) if not _in_lambda(node)):
        return None
    return [one for one in body if not isinstance(one, ast.Global | ast.Nonlocal)]


def _without_handlers(statement: ast.stmt) -> list[ast.stmt]:
    """The statement, or the body of a `try` whose handlers only leave the function."""
    if not isinstance(statement, ast.Try):
        return [statement]
    leaves = [isinstance(one.body[-1], ast.Return | ast.Raise) for one in statement.handlers]
    if not leaves or not all(leaves):
        return [statement]
    return [*statement.body, *statement.orelse, *statement.finalbody]


def _without_returns(statement: ast.If) -> ast.If:
    """An `if` at the end of a function, the returns at the ends of its branches left out."""
    for branch in (statement.body, statement.orelse):
        if branch and isinstance(branch[-1], ast.Return):
            value = branch[-1].value
            branch[-1] = ast.copy_location(ast.Expr(value) if value else ast.Pass(), branch[-1])
        elif branch and isinstance(branch[-1], ast.If):
            _without_returns(branch[-1])
    return statement


def _in_lambda(node: ast.AST) -> bool:
    return isinstance(node, ast.Lambda)


def _is_guard(statement: ast.stmt) -> bool:
    """Whether it only leaves under a condition: `if x is None: return`."""
    return (
        isinstance(statement, ast.If)
        and not statement.orelse
        and isinstance(statement.body[-1], ast.Return | ast.Raise)
        and all(isinstance(one, ast.Expr | ast.Return | ast.Raise) for one in statement.body)
    )


class _Flat:
    """The top of one module, flattened."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self.known = definitions(tree.body)
        names = [node.id for node in walk(tree) if isinstance(node, ast.Name)]
        self.mentions = Counter(names)
        self.bound = Counter(
            name for one in self._run_at_top(tree.body) for name in touched(one).binds
        )
        self.inlined: list[str] = []

    def main(self) -> Program:
        body = self._run_at_top(self.tree.body)
        return Program("", folded(self._without_calls(body)), tuple(self.inlined))

    def _run_at_top(self, body: Sequence[ast.stmt]) -> list[ast.stmt]:
        found: list[ast.stmt] = []
        for one in body:
            if isinstance(one, ast.If) and _is_main(one.test):
                found += self._run_at_top(one.body)
            elif isinstance(one, ast.Expr) and isinstance(one.value, ast.Constant):
                found += [one] if one.value.value is ... else []
            else:
                found.append(one)
        return found

    def _without_calls(self, body: list[ast.stmt]) -> list[ast.stmt]:
        """Calls of functions that are called once, replaced by their bodies."""
        waiting, found = list(reversed(body)), list[ast.stmt]()
        while waiting:
            statement = waiting.pop()
            opened = self._opened(statement) if len(self.inlined) < MOST_INLINED else None
            if opened is None or len(waiting) + len(opened) > MOST_STATEMENTS:
                found.append(statement)
            else:
                waiting.extend(reversed(opened))
        dropped = set(self.inlined)
        return [one for one in found if not (isinstance(one, Function) and one.name in dropped)]

    def _opened(self, statement: ast.stmt) -> list[ast.stmt] | None:
        """The statements in whose place a call stands, None where it stays."""
        call, target = _called(statement)
        if call is None or not isinstance(call.func, ast.Name):
            return None
        function = self.known.get(call.func.id)
        if not isinstance(function, ast.FunctionDef) or self.mentions[function.name] != 1:
            return None
        bindings = _bindings(function, call)
        returned = function.body[-1] if isinstance(function.body[-1], ast.Return) else None
        if bindings is None or (target is not None and (not returned or not returned.value)):
            return None
        body = open_body(list(function.body[:-1] if target is not None else function.body))
        if body is None:
            return None
        renamed = {name for one in bindings for name in touched(one).binds}
        passed = set(parameters(function.args)) - renamed
        own = renamed.union(*(touched(one).binds for one in body)) - passed
        outer = {
            n
            for node in body_nodes(function.body)
            if isinstance(node, ast.Global)
            for n in node.names
        }
        clashes = own - outer - self._only_target(target)
        if any(self.bound[name] for name in clashes) or free_names(function) & (own - outer):
            return None
        for name in own:
            self.bound[name] += 1
        self.inlined.append(function.name)
        made = [*bindings, *body]
        value = returned.value if returned is not None else None
        if target is not None and value is not None and ast.unparse(target) != ast.unparse(value):
            made.append(placed(ast.Assign([target], value)))
        return made

    def _only_target(self, target: ast.expr | None) -> set[str]:
        """Names bound by the call's own target and nowhere else."""
        names = {n.id for n in walk(target) if isinstance(n, ast.Name)} if target else set()
        return {name for name in names if self.bound[name] == 1}


def _called(statement: ast.stmt) -> tuple[ast.Call | None, ast.expr | None]:
    """The call that a statement is, and what its value is bound to."""
    if isinstance(statement, ast.Expr) and isinstance(statement.value, ast.Call):
        inner = statement.value
        if ast.unparse(inner.func) in ("sys.exit", "exit") and len(inner.args) == 1:
            given = inner.args[0]
            return (given, None) if isinstance(given, ast.Call) else (None, None)
        return inner, None
    if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.Call):
        return statement.value, statement.targets[0] if len(statement.targets) == 1 else None
    return None, None


def _bindings(function: ast.FunctionDef, call: ast.Call) -> list[ast.stmt] | None:
    """`parameter = argument` for what a call gives, where the names differ."""
    if any(isinstance(one, ast.Starred) for one in call.args):
        return None
    if any(one.arg is None for one in call.keywords) or function.args.vararg:
        return None
    names = [one.arg for one in (*function.args.posonlyargs, *function.args.args)]
    if len(call.args) > len(names):
        return None
    given = dict(zip(names, call.args, strict=False))
    given |= {one.arg: one.value for one in call.keywords if one.arg}
    made = [
        assignment(name, value)
        for name, value in given.items()
        if not (isinstance(value, ast.Name) and value.id == name)
    ]
    rest = [one for one in _defaults(function) if not (touched(one).binds & given.keys())]
    return [*made, *rest]


def _is_main(test: ast.expr) -> bool:
    """Whether a condition is `__name__ == "__main__"`."""
    return isinstance(test, ast.Compare) and any(
        isinstance(one, ast.Name) and one.id == "__name__" for one in (test.left, *test.comparators)
    )
