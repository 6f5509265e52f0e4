"""Expressions: what each says of the values in it, and the cell of its own value.

Own functions are gone through with the arguments of each of their first calls.
"""

import ast
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field

from viscode.libraries.names import star_source, without_pylab
from viscode.supply import methods, roles
from viscode.supply.builtin import builtin
from viscode.supply.calculating import transposed
from viscode.supply.cells import AnyLink, Cell, Link, Size
from viscode.supply.drawing import Call, Drawn, draw, is_drawing
from viscode.supply.flow import (
    compared,
    constants_of,
    contained,
    either,
    iterated,
    joined,
    literal,
    name_columns,
    unpacked,
)
from viscode.supply.library import library
from viscode.supply.operators import formatted, operation
from viscode.supply.signatures import KEYWORDS
from viscode.supply.subscripts import assign_item, subscript

MOST_NODES = 20_000  # expressions and statements gone through
MOST_ITEMS = 300  # of a list or dict in the text
DEEPEST_CALL = 5
OF_FIGURES = frozenset({"suptitle", "savefig"})
MOST_CALLS = 12  # of one function
Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda


@dataclass(eq=False)
class Scope:
    """The names of a module or a function."""

    parent: "Scope | None" = None
    names: dict[str, Cell] = field(default_factory=dict)
    returned: list[Cell] = field(default_factory=list)

    def find(self, name: str) -> Cell | None:
        scope: Scope | None = self
        while scope is not None:
            if name in scope.names:
                return scope.names[name].real()
            scope = scope.parent
        return None


class Expressions:
    """`links` between values, `seen` the cell of each expression by its id."""

    def __init__(self, holes: Mapping[str, Cell]) -> None:
        self.links: list[AnyLink] = []
        self.seen: dict[int, Cell] = {}
        self.module = Scope(names=dict(holes))
        self.holes = holes
        self._drawn = Drawn()
        self.left = MOST_NODES
        self._depth = 0
        self.calls: dict[int, int] = {}
        self.functions: list[tuple[Function, Scope]] = []
        self.stars: list[str] = []

    def block(self, body: Iterable[ast.stmt], scope: Scope) -> None:
        """Go through statements."""
        raise NotImplementedError

    def truth(self, node: ast.expr, scope: Scope) -> None:
        while isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            node = node.operand
        cell = self.cell(node, scope)
        if isinstance(node, ast.Name | ast.Attribute) and not cell.path:
            cell.uses.add("truth")

    def bind(self, target: ast.expr, value: Cell, scope: Scope) -> None:
        value = value.real()
        match target:
            case ast.Name():
                scope.names[target.id] = value
                self.seen[id(target)] = value
            case ast.Tuple() | ast.List():
                for one, part in zip(target.elts, unpacked(value, target.elts), strict=False):
                    self.bind(one.value if isinstance(one, ast.Starred) else one, part, scope)
            case ast.Attribute():
                owner = self.cell(target.value, scope)
                if target.attr == "columns" and value.fixed and not owner.path:
                    name_columns(owner, value)
                elif not owner.path:
                    owner.attributes[target.attr] = value
                    owner.made.add(target.attr)
                    if owner.is_frame:
                        owner.items[target.attr] = value
            case ast.Subscript():
                owner = self.cell(target.value, scope)
                index = self.cell(target.slice, scope)
                assign_item(owner, target.slice, index, value)

    def cell(self, node: ast.expr, scope: Scope) -> Cell:
        """What is known of the value of an expression."""
        self.left -= 1
        if self.left <= 0:
            return Cell()
        found = self._cell(node, scope).real()
        self.seen[id(node)] = found
        return found

    def _cell(self, node: ast.expr, scope: Scope) -> Cell:
        match node:
            case ast.Name():
                return self._name(node.id, scope)
            case ast.Constant():
                return literal(node.value)
            case ast.Attribute():
                return self._attribute(self.cell(node.value, scope), node.attr)
            case ast.Call():
                return self._call(node, scope)
            case ast.Subscript():
                owner, index = self.cell(node.value, scope), self.cell(node.slice, scope)
                return subscript(owner, node.slice, index, self.seen, self.links)
            case ast.BinOp():
                left, right = self.cell(node.left, scope), self.cell(node.right, scope)
                return operation(node.op, left, right, self.links)
            case ast.UnaryOp():
                return self._unary(node, scope)
            case ast.BoolOp():
                cells = [self.cell(one, scope) for one in node.values]
                is_choice = isinstance(node.op, ast.Or)
                return either(cells[0], cells[-1]) if is_choice else cells[-1]
            case ast.Compare():
                return self._compare(node, scope)
            case ast.IfExp():
                self.truth(node.test, scope)
                return either(self.cell(node.body, scope), self.cell(node.orelse, scope))
            case ast.List() | ast.Tuple() | ast.Set():
                return self._display(
                    [self.cell(one, scope) for one in node.elts[:MOST_ITEMS]], node
                )
            case ast.Dict():
                return self._dict(node, scope)
            case ast.JoinedStr():
                self._formatted(node, scope)
                return Cell(votes={"text": 1.0})
            case ast.Lambda():
                self.functions.append((node, scope))
                return Cell(code=node, scope=scope)
            case ast.ListComp() | ast.GeneratorExp() | ast.SetComp() | ast.DictComp():
                return self._comprehension(node, scope)
            case ast.Starred() | ast.Await() | ast.NamedExpr():
                value = self.cell(node.value, scope)
                if isinstance(node, ast.NamedExpr):
                    self.bind(node.target, value, scope)
                return value
            case ast.Slice():
                for part in (node.lower, node.upper, node.step):
                    if part is not None:
                        self._bound_of_slice(self.cell(part, scope))
        return Cell()

    def _bound_of_slice(self, cell: Cell) -> None:
        if not (cell.constants or cell.path or cell.is_sequence or cell.measures):
            cell.vote("integer", 0.8)

    def _name(self, name: str, scope: Scope) -> Cell:
        found = scope.find(name)
        if found is not None:
            return found
        source = star_source(name, self.stars)
        path = without_pylab(f"{source}.{name}") if source else name
        return Cell(path=path)

    def _attribute(self, owner: Cell, name: str) -> Cell:
        if owner.path and not owner.bound:
            return Cell(path=f"{owner.path}.{name}", base=owner.base)
        if owner.code is not None and not owner.attributes.get(name):
            code, scope = owner.code, owner.scope
            if isinstance(scope, Scope) and isinstance(code, ast.ClassDef):
                return scope.names.get(name) or Cell()
        if isinstance(owner.scope, Scope) and owner.code is None:  # an object of an own class
            method = owner.scope.names.get(name)
            if method is not None and name not in owner.attributes:
                return Cell(code=method.code, scope=method.scope, bound=(owner, name))
        return methods.attribute(owner, name, self.links)

    def _call(self, node: ast.Call, scope: Scope) -> Cell:
        function = self.cell(node.func, scope)
        if function.path == "zip" and len(node.args) == 1 and isinstance(node.args[0], ast.Starred):
            return transposed(self.cell(node.args[0], scope))
        arguments: list[Cell] = []
        for one in node.args:
            value = self.cell(one, scope)
            arguments += self._spread(value, node) if isinstance(one, ast.Starred) else [value]
        keywords = {one.arg: self.cell(one.value, scope) for one in node.keywords if one.arg}
        for keyword in node.keywords:
            if keyword.arg is None:
                options = self.cell(keyword.value, scope)
                if not options.path:
                    options.vote("mapping", 1.5).role = "options"
                keywords |= options.items
        return self._called(function, node, arguments, keywords)

    def _spread(self, value: Cell, node: ast.Call) -> list[Cell]:
        """The arguments that `*value` gives; `plt.plot(*curve)` takes two."""
        if value.path or value.fixed is not None:
            return value.fixed or []
        name = _last_name(node.func)
        return unpacked(value, [node.func] * 2) if is_drawing(name) else []

    def _called(
        self, function: Cell, node: ast.Call, arguments: list[Cell], keywords: dict[str, Cell]
    ) -> Cell:
        if function.code is not None:
            return self._own(function, arguments, keywords)
        name = _last_name(node.func)
        if function.path and not function.bound:
            name = function.path.rpartition(".")[2]
            if function.base is not None:
                _mapped(function.base, arguments)
            call = Call(name, node, arguments, keywords)
            known = None
            if "." not in function.path:
                known = builtin(call, self.links, self._apply, self._attribute)
            return known or library(function.path, call, self.links, self._drawn, self._apply)
        if function.bound is not None:
            owner, name = function.bound[0].real(), _last_name(node.func)
            call = Call(name, node, arguments, keywords, owner)
            if self._draws(owner, call):
                owner.vote("figure" if name in OF_FIGURES else "axes", 0.8)
                return draw(call, self.links, self._drawn)
            for argument in (*arguments, *keywords.values()):
                if name in ("apply", "map", "applymap") and argument.code is not None:
                    return self._applied(owner, argument)
            return methods.method(call, self.links, self._apply)
        function.uses.add("call")
        if function.result is None:
            function.result = Cell()
        self._keywords(keywords)
        return function.result.real()

    def _keywords(self, keywords: dict[str, Cell]) -> None:
        """Of a function that is not known the names of arguments tell, if anything."""
        for name, cell in keywords.items():
            role = KEYWORDS.get(name, ("nothing",))[0]
            if role in ("text", "color", "colormap", "pair", "axes"):
                roles.give(cell, role)

    def _draws(self, owner: Cell, call: Call) -> bool:
        """Whether a method is one of axes or figures, not of frames."""
        if not is_drawing(call.name) or owner.is_frame or owner.is_sequence or owner.items:
            return False
        if call.name in ("title", "text", "fill", "step") and not call.arguments:
            return False
        if call.name in ("plot", "hist", "boxplot", "bar", "barh", "scatter", "pie"):
            return bool(call.arguments) and not call.arguments[0].constants
        return True

    def _applied(self, owner: Cell, function: Cell) -> Cell:
        item = Cell(row_of=owner) if owner.is_frame else owner.item()
        result = self._own(function, [item], {})
        return Cell(inner=result, size=owner.length())

    def _apply(self, function: Cell, arguments: list[Cell]) -> Cell:
        if function.code is not None:
            return self._own(function, arguments, {})
        return Cell()

    def _own(self, function: Cell, arguments: list[Cell], keywords: dict[str, Cell]) -> Cell:
        """Call a function or class of the script."""
        code, scope = function.code, function.scope
        if not isinstance(scope, Scope):
            return Cell()
        if isinstance(code, ast.ClassDef):
            made = Cell(scope=scope)
            start = scope.names.get("__init__")
            if start is not None and isinstance(start.code, ast.FunctionDef):
                self.enter(start.code, scope, [made, *arguments], keywords, Cell())
            return made
        if not isinstance(code, Function):
            return Cell()
        if function.bound is not None:
            arguments = [function.bound[0], *arguments]
        count = self.calls.get(id(code), 0)
        if self._depth >= DEEPEST_CALL or count >= MOST_CALLS:
            return Cell()
        return self.enter(code, scope, arguments, keywords, Cell())

    def enter(
        self,
        code: Function,
        parent: Scope,
        arguments: list[Cell],
        keywords: Mapping[str, Cell],
        unknown: Cell,
    ) -> Cell:
        self.calls[id(code)] = self.calls.get(id(code), 0) + 1
        scope = Scope(parent)
        places = [*code.args.posonlyargs, *code.args.args]
        defaults = [None] * (len(places) - len(code.args.defaults)) + list(code.args.defaults)
        named = [*zip(places, defaults, strict=True)]
        named += zip(code.args.kwonlyargs, code.args.kw_defaults, strict=True)
        for place, (argument, default) in enumerate(named):
            given = arguments[place] if place < min(len(arguments), len(places)) else None
            given = given or keywords.get(argument.arg)
            if given is None and default is not None:
                given = self.cell(default, parent)
            scope.names[argument.arg] = given if given is not None else Cell()
        if code.args.vararg is not None:
            rest = arguments[len(places) :]
            scope.names[code.args.vararg.arg] = self._display(rest)
        self._depth += 1
        if isinstance(code, ast.Lambda):
            result = self.cell(code.body, scope)
        else:
            self.block(code.body, scope)
            result = joined(scope.returned)
        self._depth -= 1
        return result

    def _unary(self, node: ast.UnaryOp, scope: Scope) -> Cell:
        cell = self.cell(node.operand, scope)
        if isinstance(node.op, ast.USub) and cell.constants:
            negative = tuple(-one for one in cell.constants if isinstance(one, int | float))
            return Cell(votes=dict(cell.votes), constants=negative)
        if isinstance(node.op, ast.Not):
            if isinstance(node.operand, ast.Name) and not cell.path:
                cell.uses.add("truth")
            return Cell(votes={"flag": 1})
        if not cell.path:
            result = Cell()
            numbers = not isinstance(node.op, ast.Invert)
            self.links.append(Link(result, (cell,), numbers))
            return result
        return Cell()

    def _compare(self, node: ast.Compare, scope: Scope) -> Cell:
        left = self.cell(node.left, scope)
        result = Cell(votes={"flag": 0.5})
        operands = [left]
        for op, one in zip(node.ops, node.comparators, strict=True):
            right = self.cell(one, scope)
            if isinstance(op, ast.In | ast.NotIn):
                contained(left, right)
            elif not isinstance(op, ast.Is | ast.IsNot):
                compared(op, left, right)
                compared(op, right, left)
                operands.append(right)
            left = right
        plain = tuple(one for one in operands if not one.path and not one.is_frame)
        self.links.append(Link(result, plain, numbers=False))
        if operands[0].is_frame:
            return operands[0]
        return result

    def _display(
        self, cells: list[Cell], node: ast.List | ast.Tuple | ast.Set | None = None
    ) -> Cell:
        inner, size = None, Size(value=len(node.elts) if node is not None else len(cells))
        if all(one.constants and one.inner is None for one in cells):
            inner = constants_of(cells)
        return Cell(inner=inner, size=size, fixed=cells, votes={"list": 1.0})

    def _dict(self, node: ast.Dict, scope: Scope) -> Cell:
        found = Cell(votes={"mapping": 1.0})
        values = []
        for key, value in zip(node.keys[:MOST_ITEMS], node.values, strict=False):
            cell = self.cell(value, scope)
            if key is None:
                found.items |= cell.items
                continue
            values.append(cell)
            for name in self.cell(key, scope).constants:
                found.items[str(name)] = cell
                found.made.add(str(name))
        return found

    def _formatted(self, node: ast.JoinedStr, scope: Scope) -> None:
        for part in node.values:
            if not isinstance(part, ast.FormattedValue):
                continue
            cell = self.cell(part.value, scope)
            spec = part.format_spec
            constants = spec.values if isinstance(spec, ast.JoinedStr) else []
            text = "".join(str(one.value) for one in constants if isinstance(one, ast.Constant))
            formatted(cell, text)

    def _comprehension(
        self, node: ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp, scope: Scope
    ) -> Cell:
        inner = Scope(scope)
        size = Size()
        for place, part in enumerate(node.generators):
            source = self.cell(part.iter, inner)
            self.bind(part.target, iterated(source), inner)
            if not place and not part.ifs and not source.path:
                size = source.length()
            for test in part.ifs:
                self.truth(test, inner)
        if isinstance(node, ast.DictComp):
            self.cell(node.key, inner)
            return Cell(inner=self.cell(node.value, inner), votes={"mapping": 1.0})
        value = self.cell(node.elt, inner)
        return Cell(inner=value if not value.path else Cell(), size=size, votes={"list": 0.6})


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _mapped(frame: Cell, arguments: list[Cell]) -> None:
    """`grid.map(plt.hist, "age")`: columns that are drawn."""
    for one in arguments:
        for name in one.constants:
            if isinstance(name, str) and len(arguments) > 1:
                frame.column(name).item().vote("number", 0.7)
