"""A module's text in the parts that can be taken one by one, and what each of them names.

A part is a statement of the module's top level; of an import of several names each is one. Uses are
the names of the module's own scope, as Python resolves them: a function's local variable is none.
An import within a function counts as one of the module, since what it brings is put there.
"""

import ast
import builtins
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from viscode.libraries.names import CHILD_FIELDS, imported_names
from viscode.text.lines import END

Import = ast.Import | ast.ImportFrom
FUNCTIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
COMPREHENSIONS = ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp
DEFINITIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
BUILTINS = frozenset(dir(builtins))
NOTHING: frozenset[str] = frozenset()
CHANGING = frozenset(
    """add add_argument append clear discard drop_duplicates extend fill insert pop register remove
    reverse set_defaults setdefault setflags sort update""".split()  # noqa: SIM905
)
"""Methods by which a statement changes the object that it names."""
STYLE = frozenset(
    """rc rcParams seed set set_context set_color_codes set_palette set_style set_theme
    style""".split()  # noqa: SIM905
)
"""What a module does to an imported library that shows in every later figure."""


@dataclass(frozen=True, eq=False, slots=True)
class Use:
    """A name of the module's scope where it is read or bound, with the attributes that follow."""

    name: str
    node: ast.AST
    chain: tuple[ast.Attribute, ...] = ()
    binds: bool = False


@dataclass(frozen=True, eq=False, slots=True)
class Site:
    """An import statement, and the block that it stands in. `depth`: 0 at the top level."""

    node: Import
    block: list[ast.stmt]
    depth: int


@dataclass(eq=False, slots=True)
class Part:
    """A statement of the top level, or one name (`alias`) of an import that is one. `binds`: the
    names that it binds."""

    node: ast.stmt
    uses: list[Use]
    binds: frozenset[str]
    sites: list[Site]
    alias: ast.alias | None = None


@dataclass(eq=False)
class ModuleText:
    """A module in parts. `makers`: the parts that bind or change each name; `assigned`: names that
    something else than an import binds; `bound_by_import`: those that one binds; `local`: names of
    functions and comprehensions; `public`: what `__all__` lists; `stored`: chains of attributes that are set."""

    data: bytes
    starts: list[int]
    parts: list[Part]
    makers: dict[str, list[Part]] = field(default_factory=dict)
    assigned: set[str] = field(default_factory=set)
    bound_by_import: set[str] = field(default_factory=set)
    local: set[str] = field(default_factory=set)
    public: frozenset[str] | None = None
    stored: set[tuple[str, ...]] = field(default_factory=set)

    def place(self, line: int, column: int) -> int:
        """The offset in `data` of a place in the tree."""
        return self.starts[line - 1] + column

    def span(self, node: Any) -> tuple[int, int]:
        start = self.place(node.lineno, node.col_offset)
        return start, self.place(node.end_lineno, node.end_col_offset)

    def written(self, use: Use, attributes: int) -> tuple[int, int] | None:
        """Where a use with its first attributes stands, None where something else does: a tree
        does not always tell the place of what stands in an f-string."""
        start, _ = self.span(use.node)
        _, end = self.span(use.chain[attributes - 1] if attributes else use.node)
        words = (use.name, *(one.attr for one in use.chain[:attributes]))
        pattern = rb"\s*\.\s*".join(re.escape(word.encode("utf-8")) for word in words)
        return (start, end) if re.fullmatch(pattern, self.data[start:end]) else None


def in_parts(text: str, tree: ast.Module) -> ModuleText:
    """The parts of a module's text, of which `tree` is the syntax tree."""
    data = END.sub("\n", text).encode("utf-8")
    starts = [0, *(match.end() for match in re.finditer(rb"\n", data))]
    module = ModuleText(data, starts, [])
    for statement in tree.body:
        module.parts.extend(_parts_of(statement, module))
    for part in module.parts:
        if _is_main(part.node):
            continue
        for name in sorted(part.binds | _changed(part.node, module.assigned)):
            module.makers.setdefault(name, []).append(part)
    module.public = _public(tree)
    return module


def _parts_of(statement: ast.stmt, module: ModuleText) -> Iterator[Part]:
    if isinstance(statement, Import):
        site = Site(statement, [statement], 0)
        for alias in statement.names:
            bound = next(iter(imported_names(only(statement, [alias]))))[0]
            uses = [] if bound == "*" else [Use(bound, statement, binds=True)]
            module.bound_by_import.add(bound)
            yield Part(statement, uses, frozenset({bound}), [site], alias)
        return
    reader = _Reader(module)
    reader.read(statement, NOTHING, NOTHING)
    sites = list(_sites([statement], 0))
    names = {use.name for use in reader.uses if use.binds}
    if isinstance(statement, DEFINITIONS):
        names = {statement.name}
    elif isinstance(statement, ast.Delete):
        names = set()
    yield Part(statement, reader.uses, frozenset(names), sites)


def only(node: Import, aliases: list[ast.alias]) -> Import:
    """An import of some names of another one."""
    if isinstance(node, ast.Import):
        return ast.Import(aliases)
    return ast.ImportFrom(node.module, aliases, node.level)


def import_text(node: Import, aliases: list[ast.alias]) -> str:
    """The text of an import of some of a statement's names."""
    return ast.unparse(only(node, aliases))


def _sites(block: list[ast.stmt], depth: int) -> Iterator[Site]:
    """The imports in a block and those within it, but for those of classes' own scopes."""
    for statement in block:
        if isinstance(statement, Import):
            yield Site(statement, block, depth)
            continue
        for name in CHILD_FIELDS[type(statement)]:
            inner = getattr(statement, name)
            if isinstance(inner, list) and inner:
                if isinstance(statement, ast.ClassDef) and name == "body":
                    inner = [one for one in inner if isinstance(one, DEFINITIONS)]
                if isinstance(inner[0] if inner else None, ast.stmt):
                    yield from _sites(inner, depth + 1)
                for one in inner:
                    if isinstance(one, ast.ExceptHandler | ast.match_case):
                        yield from _sites(one.body, depth + 1)


def _is_main(node: ast.stmt) -> bool:
    """Whether a statement is skipped where the module is imported."""
    return (
        isinstance(node, ast.If)
        and isinstance(node.test, ast.Compare)
        and isinstance(node.test.left, ast.Name)
        and node.test.left.id == "__name__"
    )


def _changed(node: ast.stmt, assigned: set[str]) -> set[str]:
    """The names whose objects a statement changes: `a[0] = 1`, `a.b = 1`, `a.append(1)`. Of what is
    imported only changes of style and seed count; `assigned` are the names of all else."""
    targets: list[ast.expr] = []
    if isinstance(node, ast.Assign):
        targets = [one for one in node.targets if not isinstance(one, ast.Name)]
    elif isinstance(node, ast.AugAssign):
        targets = [node.target]
    elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        call = node.value
        changes = {"inplace"} & {keyword.arg for keyword in call.keywords}
        if changes or not {*_attributes(call.func)}.isdisjoint(CHANGING | STYLE):
            targets = [call.func]
    return {
        root
        for target in targets
        if (root := _root(target))
        and (root in assigned or not {*_attributes(target)}.isdisjoint(STYLE))
    }


def _attributes(node: ast.expr) -> Iterator[str]:
    while isinstance(node, ast.Attribute | ast.Subscript):
        if isinstance(node, ast.Attribute):
            yield node.attr
        node = node.value


def _root(node: ast.expr) -> str:
    while isinstance(node, ast.Attribute | ast.Subscript):
        node = node.value
    return node.id if isinstance(node, ast.Name) else ""


def _public(tree: ast.Module) -> frozenset[str] | None:
    """What `__all__` lists; None where there is none, or one that is computed."""
    found: list[ast.expr] = []
    for node in tree.body:
        targets = node.targets if isinstance(node, ast.Assign) else []
        if isinstance(node, ast.AugAssign):
            targets = [node.target]
        if any(isinstance(one, ast.Name) and one.id == "__all__" for one in targets):
            value = cast(ast.Assign | ast.AugAssign, node).value
            if not isinstance(value, ast.List | ast.Tuple):
                return None
            found.extend(value.elts)
    if not all(isinstance(one, ast.Constant) for one in found) or not found:
        return None
    return frozenset(str(cast(ast.Constant, one).value) for one in found)


class _Reader:
    """Collects the uses of a statement."""

    def __init__(self, module: ModuleText) -> None:
        self.module = module
        self.uses: list[Use] = []

    def read(self, node: ast.AST, hidden: frozenset[str], own: frozenset[str]) -> None:
        """`hidden` are the local names of the functions around a node, `own` those of the class
        whose body it stands in, which functions in it do not see."""
        match node:
            case ast.Name():
                self._add(node.id, node, hidden | own, binds=not isinstance(node.ctx, ast.Load))
            case ast.Attribute():
                self._read_chain(node, hidden, own)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.Lambda():
                self._read_function(node, hidden, own)
            case ast.ClassDef():
                self._add(node.name, node, hidden | own, binds=True)
                for one in (*node.decorator_list, *node.bases, *node.keywords):
                    self.read(one, hidden, own)
                inner = frozenset(_bound(node.body, imports=True))
                for statement in node.body:
                    self.read(statement, hidden, inner)
            case ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                targets = frozenset(_names_in([part.target for part in node.generators]))
                self.module.local |= targets
                self._read_below(node, hidden | targets, own)
            case ast.Import() | ast.ImportFrom():
                for name, _ in imported_names(node):
                    if name != "*":
                        self._add(name, node, hidden | own, binds=True)
            case ast.Global():
                for name in node.names:
                    self._add(name, node, NOTHING, binds=True)
            case ast.ExceptHandler() | ast.MatchAs() | ast.MatchStar() if node.name:
                self._add(node.name, node, hidden | own, binds=True)
                self._read_below(node, hidden, own)
            case _:
                self._read_below(node, hidden, own)

    def _read_below(self, node: ast.AST, hidden: frozenset[str], own: frozenset[str]) -> None:
        for name in CHILD_FIELDS[type(node)]:
            value = getattr(node, name)
            for one in value if isinstance(value, list) else (value,):
                if one is not None:
                    self.read(one, hidden, own)

    def _read_chain(self, node: ast.Attribute, hidden: frozenset[str], own: frozenset[str]) -> None:
        chain: list[ast.Attribute] = []
        inner: ast.expr = node
        while isinstance(inner, ast.Attribute):
            chain.append(inner)
            inner = inner.value
        if not isinstance(inner, ast.Name):
            self.read(inner, hidden, own)
        elif inner.id not in hidden and inner.id not in own:
            chain.reverse()
            self.uses.append(Use(inner.id, inner, tuple(chain)))
            if not isinstance(node.ctx, ast.Load):
                self.module.stored.add((inner.id, *(one.attr for one in chain)))

    def _read_function(self, node: Any, hidden: frozenset[str], own: frozenset[str]) -> None:
        arguments, body = node.args, node.body
        if not isinstance(node, ast.Lambda):
            self._add(node.name, node, hidden | own, binds=True)
            for one in (*node.decorator_list, *([node.returns] if node.returns else [])):
                self.read(one, hidden, own)
        else:
            body = [body]
        self._read_below(arguments, hidden, own)
        given = [*arguments.posonlyargs, *arguments.args, *arguments.kwonlyargs]
        given += [one for one in (arguments.vararg, arguments.kwarg) if one is not None]
        names = {one.arg for one in given} | _bound(body, imports=False)
        globals_ = [one for one in _own_nodes(body) if isinstance(one, ast.Global)]
        declared = {name for one in globals_ for name in one.names}
        self.module.local |= names - declared
        inner = (hidden | names) - declared
        for one in body:
            self.read(one, inner, NOTHING)

    def _add(self, name: str, node: ast.AST, hidden: frozenset[str], *, binds: bool) -> None:
        if name in hidden:
            return
        self.uses.append(Use(name, node, binds=binds))
        if binds:
            by_import = isinstance(node, Import)
            (self.module.bound_by_import if by_import else self.module.assigned).add(name)


def _own_nodes(body: list[ast.AST]) -> Iterator[ast.AST]:
    """The nodes of a scope, without those of the scopes within it."""
    waiting = list(body)
    while waiting:
        node = waiting.pop()
        yield node
        if not isinstance(node, FUNCTIONS | ast.ClassDef | COMPREHENSIONS):
            waiting.extend(ast.iter_child_nodes(node))
        elif isinstance(node, COMPREHENSIONS):
            waiting.extend(one for one in ast.walk(node) if isinstance(one, ast.NamedExpr))


def _bound(body: Any, *, imports: bool) -> set[str]:
    """The names that a scope binds; those of its imports where they count."""
    names: set[str] = set()
    outer: set[str] = set()
    for node in _own_nodes(body):
        match node:
            case ast.Name() if not isinstance(node.ctx, ast.Load):
                names.add(node.id)
            case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
                names.add(node.name)
            case ast.ExceptHandler() | ast.MatchAs() | ast.MatchStar() if node.name:
                names.add(node.name)
            case ast.Import() | ast.ImportFrom() if imports:
                names |= {name for name, _ in imported_names(node)}
            case ast.Global() | ast.Nonlocal():
                outer |= set(node.names)
    return names - outer


def _names_in(nodes: list[ast.expr]) -> Iterator[str]:
    for node in nodes:
        for one in ast.walk(node):
            if isinstance(one, ast.Name):
                yield one.id
