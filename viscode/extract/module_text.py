"""A module's text in the parts that can be taken one by one, and what each of them names.

A part is a statement of the module's top level; of an import of several names each is one.
"""

import ast
import builtins
import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from viscode.extract.module_uses import NOTHING, Import, Use, Uses
from viscode.libraries.names import CHILD_FIELDS, imported_names
from viscode.text.lines import END

DEFINITIONS = ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef
BUILTINS = frozenset(dir(builtins))
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
    """A module in parts. `makers`: the parts that bind or change each name; `uses`: those of all
    parts; `public`: what `__all__` lists."""

    data: bytes
    starts: list[int]
    parts: list[Part]
    uses: Uses
    makers: dict[str, list[Part]] = field(default_factory=dict)
    public: frozenset[str] | None = None

    def place(self, line: int, column: int) -> int:
        """The offset in `data` of a place in the tree."""
        return self.starts[line - 1] + column

    def start_of_line(self, place: int) -> int:
        return self.starts[bisect_right(self.starts, place) - 1]

    def span(self, node: Any) -> tuple[int, int]:
        start = self.place(node.lineno, node.col_offset)
        return start, self.place(node.end_lineno, node.end_col_offset)

    def written(self, use: Use, attributes: int) -> tuple[int, int] | None:
        """Where a use with its first attributes stands, None where something else does: a tree
        does not always tell the place of what stands in an f-string."""
        last: Any = use.chain[attributes - 1] if attributes else use.node
        if last.end_lineno > len(self.starts):
            return None
        start, end = self.span(use.node)[0], self.span(last)[1]
        words = (use.name, *(one.attr for one in use.chain[:attributes]))
        pattern = rb"\s*\.\s*".join(re.escape(word.encode("utf-8")) for word in words)
        return (start, end) if re.fullmatch(pattern, self.data[start:end]) else None


def in_parts(text: str, tree: ast.Module) -> ModuleText:
    """The parts of a module's text, of which `tree` is the syntax tree."""
    data = END.sub("\n", text).encode("utf-8")
    starts = [0, *(match.end() for match in re.finditer(rb"\n", data))]
    module = ModuleText(data, starts, [], Uses())
    for statement in tree.body:
        module.parts.extend(_parts_of(statement, module))
    for part in module.parts:
        if _is_main(part.node):
            continue
        for name in sorted(part.binds | _changed(part.node, module.uses.assigned)):
            module.makers.setdefault(name, []).append(part)
    module.public = _public(tree)
    return module


def _parts_of(statement: ast.stmt, module: ModuleText) -> Iterator[Part]:
    if isinstance(statement, Import):
        site = Site(statement, [statement], 0)
        for alias in statement.names:
            bound = next(iter(imported_names(only(statement, [alias]))))[0]
            uses = [] if bound == "*" else [Use(bound, statement, binds=True)]
            module.uses.imported.add(bound)
            yield Part(statement, uses, frozenset({bound}), [site], alias)
        return
    start = len(module.uses.found)
    module.uses.read(statement, NOTHING)
    uses = module.uses.found[start:]
    names = {use.name for use in uses if use.binds}
    if isinstance(statement, DEFINITIONS):
        names = {statement.name}
    elif isinstance(statement, ast.Delete):
        names = set()
    yield Part(statement, uses, frozenset(names), list(sites([statement])))


def only(node: Import, aliases: list[ast.alias]) -> Import:
    """An import of some names of another one."""
    if isinstance(node, ast.Import):
        return ast.Import(aliases)
    return ast.ImportFrom(node.module, aliases, node.level)


def import_text(node: Import, aliases: list[ast.alias]) -> str:
    """The text of an import of some of a statement's names."""
    return ast.unparse(only(node, aliases))


def sites(block: list[ast.stmt], depth: int = 0) -> Iterator[Site]:
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
                    yield from sites(inner, depth + 1)
                for one in inner:
                    if isinstance(one, ast.ExceptHandler | ast.match_case):
                        yield from sites(one.body, depth + 1)


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
    targets = [target for one in _statements(node) for target in _targets(one)]
    return {
        root
        for target in targets
        if (root := _root(target))
        and (root in assigned or not {*_attributes(target)}.isdisjoint(STYLE))
    }


def _statements(node: ast.stmt) -> Iterator[ast.stmt]:
    """A statement and those in its blocks, but for definitions."""
    waiting: list[ast.AST] = [node]
    for one in waiting:  # which grows
        if isinstance(one, ast.stmt):
            yield one
        if not isinstance(one, DEFINITIONS | ast.expr):
            waiting.extend(ast.iter_child_nodes(one))


def _targets(node: ast.stmt) -> list[ast.expr]:
    """What a single statement sets or calls to change it."""
    if isinstance(node, ast.Assign):
        return [one for one in node.targets if not isinstance(one, ast.Name)]
    if isinstance(node, ast.AugAssign):
        return [node.target]
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        call = node.value
        in_place = any(keyword.arg == "inplace" for keyword in call.keywords)
        if in_place or not {*_attributes(call.func)}.isdisjoint(CHANGING | STYLE):
            return [call.func]
    return []


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
