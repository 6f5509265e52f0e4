"""A walk through a script that notes what is done with each value.

Values are followed through assignments, containers, loops, own functions and classes, each name
meaning its last binding. Nothing is run, a loop is gone through once, of two branches both are. A
function is gone through with the arguments of each of its first calls, one that is never called
with unknown ones.
"""

import ast
import string
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from viscode.libraries.names import imported_names, star_source, without_pylab
from viscode.supply import methods, roles
from viscode.supply.calculating import calculate, counted, number
from viscode.supply.cells import AnyLink, Beside, Cell, Constant, Link, Size, equal_sizes, unify
from viscode.supply.drawing import AXES, Call, Drawn, draw, draw_frame, is_drawing
from viscode.supply.library import library
from viscode.supply.signatures import KEYWORDS
from viscode.supply.subscripts import assign_item, one_of, subscript
from viscode.supply.wanted import Kind

MOST_NODES = 20_000  # expressions and statements gone through
MOST_ITEMS = 300  # of a list or dict in the text
DEEPEST_CALL = 5
MOST_CALLS = 12  # of one function
FORMAT = {
    "d": "integer",
    "x": "integer",
    "f": "number",
    "e": "number",
    "g": "number",
    "%": "number",
}
PERCENT_FORMAT = string.ascii_letters
Function = ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda
BUILTIN_KINDS: dict[str, Kind] = {
    "str": "text", "int": "integer", "float": "number", "bool": "flag", "list": "list",
    "tuple": "list", "dict": "mapping", "numpy.ndarray": "array", "pandas.DataFrame": "frame",
    "pandas.Series": "series", "callable": "function",
}  # fmt: skip


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


class Uses:
    """The walk: `links` between values, `seen` the cell of each expression by its id."""

    def __init__(self, holes: Mapping[str, Cell]) -> None:
        self.links: list[AnyLink] = []
        self.seen: dict[int, Cell] = {}
        self._module = Scope(names=dict(holes))
        self._holes = holes
        self._drawn = Drawn()
        self._left = MOST_NODES
        self._depth = 0
        self._calls: dict[int, int] = {}
        self._functions: list[tuple[Function, Scope]] = []
        self._stars: list[str] = []

    def walk(self, tree: ast.Module) -> None:
        """Go through a script, then through the functions that nothing in it calls."""
        self._block(tree.body, self._module)
        for function, scope in self._functions:  # which grows
            if not self._calls.get(id(function)):
                self._enter(function, scope, [], {}, Cell())

    def _block(self, body: Iterable[ast.stmt], scope: Scope) -> None:
        for statement in body:
            if self._left <= 0:
                return
            self._left -= 1
            self._statement(statement, scope)

    def _statement(self, node: ast.stmt, scope: Scope) -> None:
        match node:
            case ast.Import() | ast.ImportFrom():
                self._import(node, scope)
            case ast.Expr() | ast.Return() if node.value is not None:
                value = self.cell(node.value, scope)
                if isinstance(node, ast.Return):
                    scope.returned.append(value)
            case ast.Assign():
                value = self.cell(node.value, scope)
                for target in node.targets:
                    self._bind(target, value, scope)
            case ast.AnnAssign() if node.value is not None:
                self._bind(node.target, self.cell(node.value, scope), scope)
            case ast.AugAssign():
                self._augmented(node, scope)
            case ast.For() | ast.AsyncFor():
                self._bind(node.target, iterated(self.cell(node.iter, scope)), scope)
                self._block(node.body, scope)
                self._block(node.orelse, scope)
            case ast.If():
                self._if(node, scope)
            case ast.While():
                self._truth(node.test, scope)
                self._block(node.body, scope)
            case ast.With() | ast.AsyncWith():
                self._with(node, scope)
            case ast.Try() | ast.TryStar():
                for body in (node.body, *(one.body for one in node.handlers)):
                    self._block(body, scope)
                self._block(node.orelse, scope)
                self._block(node.finalbody, scope)
            case ast.FunctionDef() | ast.AsyncFunctionDef():
                scope.names[node.name] = Cell(code=node, scope=scope)
                self._functions.append((node, scope))
            case ast.ClassDef():
                self._class(node, scope)
            case ast.Assert():
                self._truth(node.test, scope)

    def _import(self, node: ast.Import | ast.ImportFrom, scope: Scope) -> None:
        for bound, path in imported_names(node):
            if bound == "*":
                self._stars.append(path)
            elif bound not in self._holes:
                scope.names[bound] = Cell(path=without_pylab(path) if "pylab" in path else path)

    def _class(self, node: ast.ClassDef, scope: Scope) -> None:
        inner = Scope(scope)
        self._block(node.body, inner)
        scope.names[node.name] = Cell(code=node, scope=inner)

    def _augmented(self, node: ast.AugAssign, scope: Scope) -> None:
        value = self.cell(node.value, scope)
        target = node.target
        if isinstance(target, ast.Name):
            old = scope.find(target.id)
            if old is not None:
                scope.names[target.id] = self._operation(node.op, old, value)
        elif isinstance(target, ast.Subscript | ast.Attribute):
            self._operation(node.op, self.cell(target, scope), value)

    def _if(self, node: ast.If, scope: Scope) -> None:
        self._truth(node.test, scope)
        before = dict(scope.names)
        self._block(node.body, scope)
        after, scope.names = scope.names, before
        self._block(node.orelse, scope)
        for name, cell in after.items():
            other = scope.names.get(name)
            if other is None or other.real() is cell.real():
                scope.names[name] = cell
            elif name in node_names(node.body):
                scope.names[name] = _either(cell, other)

    def _with(self, node: ast.With | ast.AsyncWith, scope: Scope) -> None:
        for item in node.items:
            value = self.cell(item.context_expr, scope)
            if not value.path:
                value.uses.add("context")
            if item.optional_vars is not None:
                self._bind(item.optional_vars, value, scope)
        self._block(node.body, scope)

    def _truth(self, node: ast.expr, scope: Scope) -> None:
        while isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Not):
            node = node.operand
        cell = self.cell(node, scope)
        if isinstance(node, ast.Name | ast.Attribute) and not cell.path:
            cell.uses.add("truth")

    def _bind(self, target: ast.expr, value: Cell, scope: Scope) -> None:
        value = value.real()
        match target:
            case ast.Name():
                scope.names[target.id] = value
                self.seen[id(target)] = value
            case ast.Tuple() | ast.List():
                for one, part in zip(target.elts, unpacked(value, target.elts), strict=False):
                    self._bind(one.value if isinstance(one, ast.Starred) else one, part, scope)
            case ast.Attribute():
                owner = self.cell(target.value, scope)
                if target.attr == "columns" and value.fixed and not owner.path:
                    self._name_columns(owner, value)
                elif not owner.path:
                    owner.attributes[target.attr] = value
                    owner.made.add(target.attr)
                    if owner.is_frame:
                        owner.items[target.attr] = value
            case ast.Subscript():
                owner = self.cell(target.value, scope)
                index = self.cell(target.slice, scope)
                assign_item(owner, target.slice, index, value)

    def _name_columns(self, frame: Cell, names: Cell) -> None:
        frame.vote("frame", 2)
        for one in names.fixed or []:
            for name in one.constants[:1]:
                if isinstance(name, str):
                    frame.column(name)

    def cell(self, node: ast.expr, scope: Scope) -> Cell:
        """What is known of the value of an expression."""
        self._left -= 1
        if self._left <= 0:
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
                return self._operation(node.op, left, right)
            case ast.UnaryOp():
                return self._unary(node, scope)
            case ast.BoolOp():
                cells = [self.cell(one, scope) for one in node.values]
                return _either(cells[0], cells[-1])
            case ast.Compare():
                return self._compare(node, scope)
            case ast.IfExp():
                self._truth(node.test, scope)
                return _either(self.cell(node.body, scope), self.cell(node.orelse, scope))
            case ast.List() | ast.Tuple() | ast.Set():
                return self._display([self.cell(one, scope) for one in node.elts[:MOST_ITEMS]], node)
            case ast.Dict():
                return self._dict(node, scope)
            case ast.JoinedStr():
                self._formatted(node, scope)
                return Cell(votes={"text": 1.0})
            case ast.Lambda():
                self._functions.append((node, scope))
                return Cell(code=node, scope=scope)
            case ast.ListComp() | ast.GeneratorExp() | ast.SetComp() | ast.DictComp():
                return self._comprehension(node, scope)
            case ast.Starred() | ast.Await() | ast.NamedExpr():
                value = self.cell(node.value, scope)
                if isinstance(node, ast.NamedExpr):
                    self._bind(node.target, value, scope)
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
        source = star_source(name, self._stars)
        path = without_pylab(f"{source}.{name}") if source else name
        return Cell(path=path)

    def _attribute(self, owner: Cell, name: str) -> Cell:
        if owner.path and not owner.bound:
            return Cell(path=f"{owner.path}.{name}")
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
        arguments: list[Cell] = []
        for one in node.args:
            value = self.cell(one, scope)
            arguments += value.fixed or [] if isinstance(one, ast.Starred) else [value]
        keywords = {one.arg: self.cell(one.value, scope) for one in node.keywords if one.arg}
        for keyword in node.keywords:
            if keyword.arg is None:
                options = self.cell(keyword.value, scope)
                if not options.path:
                    options.vote("mapping", 1.5).role = "options"
                keywords |= options.items
        return self._called(function, node, arguments, keywords)

    def _called(
        self, function: Cell, node: ast.Call, arguments: list[Cell], keywords: dict[str, Cell]
    ) -> Cell:
        if function.code is not None:
            return self._own(function, arguments, keywords)
        name = _last_name(node.func)
        if function.path and not function.bound:
            name = function.path.rpartition(".")[2]
            call = Call(name, node, arguments, keywords)
            known = self._builtin(call) if "." not in function.path else None
            return known or library(function.path, call, self.links, self._drawn, self._apply)
        if function.bound is not None:
            owner, name = function.bound[0].real(), _last_name(node.func)
            call = Call(name, node, arguments, keywords, owner)
            if self._draws(owner, call):
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
                self._enter(start.code, scope, [made, *arguments], keywords, Cell())
            return made
        if not isinstance(code, Function):
            return Cell()
        if function.bound is not None:
            arguments = [function.bound[0], *arguments]
        count = self._calls.get(id(code), 0)
        if self._depth >= DEEPEST_CALL or count >= MOST_CALLS:
            return Cell()
        return self._enter(code, scope, arguments, keywords, Cell())

    def _enter(
        self,
        code: Function,
        parent: Scope,
        arguments: list[Cell],
        keywords: Mapping[str, Cell],
        unknown: Cell,
    ) -> Cell:
        self._calls[id(code)] = self._calls.get(id(code), 0) + 1
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
            self._block(code.body, scope)
            result = _joined(scope.returned)
        self._depth -= 1
        return result

    def _builtin(self, call: Call) -> Cell | None:
        """Calls of Python's own functions; None for others."""
        first = call.arguments[0].real() if call.arguments else None
        if first is None:
            return None
        match call.name:
            case "len":
                first.uses.add("length")
                if first.path:
                    return number()
                return Cell(votes={"integer": 1}, measures=(first.length(), 0))
            case "zip":
                return self._zip(call.arguments)
            case "enumerate":
                place = Cell(votes={"integer": 1})
                place.indexes = first.length() if len(call.arguments) == 1 else None
                pair = [place, iterated(first)]
                return Cell(inner=Cell(fixed=pair), size=first.length())
            case "sum" | "min" | "max" if len(call.arguments) == 1:
                if not first.is_frame and not first.path:
                    first.item()
                    first.scalar().vote("number", 0.5)
                return Cell(votes={"number": 0.6})
            case "min" | "max":
                for one in call.arguments:
                    one.vote("number", 0.4) if not one.constants else None
                return Cell(votes={"number": 0.6})
            case "isinstance" if len(call.arguments) == 2:
                kind = BUILTIN_KINDS.get(call.arguments[1].path)
                if kind is not None and not first.path:
                    first.vote(kind, 0.6)
                return Cell(votes={"flag": 1})
            case "open":
                first.vote("text", 1) if not first.constants else None
                return Cell(votes={"record": 0.5})
            case "map" | "filter" if len(call.arguments) > 1:
                items = iterated(call.arguments[1])
                if call.name == "filter":
                    return Cell(inner=items, size=Size())
                inner = self._apply(first, [items])
                return Cell(inner=inner, size=call.arguments[1].length())
            case "dict":
                return Cell(items=dict(call.keywords), votes={"mapping": 1.0})
            case "set":
                return Cell(inner=first.item(), size=Size()) if not first.path else Cell()
            case "getattr" if len(call.arguments) > 1:
                for name in call.arguments[1].constants[:1]:
                    return self._attribute(first, str(name))
        return calculate(call, self.links)

    def _zip(self, cells: list[Cell]) -> Cell:
        known = [one for one in cells if not one.real().path]
        for one in known:
            iterated(one)
        for one in known[1:]:
            equal_sizes(known[0].length(), one.length())
        return Cell(
            inner=Cell(fixed=[iterated(one) for one in cells]),
            size=known[0].length() if known else Size(),
        )

    def _operation(self, op: ast.operator, left: Cell, right: Cell) -> Cell:
        left, right = left.real(), right.real()
        if isinstance(op, ast.Mod) and _is_text(left):
            self._percent(left, right)
            return Cell(votes={"text": 1.0})
        if isinstance(op, ast.Add) and (_is_text(left) or _is_text(right)):
            for one in (left, right):
                if not (one.constants or one.path or one.is_sequence):
                    one.vote("text", 1)
            return Cell(votes={"text": 1.0})
        if left.path and right.path:
            return Cell()
        if isinstance(op, ast.Add) and (left.fixed is not None or right.fixed is not None):
            return Cell(inner=_joined([left.item(), right.item()]), size=Size())
        if isinstance(op, ast.Div) and _is_path(left):
            return Cell(votes={"text": 1})
        if isinstance(op, ast.Mult) and _is_repeated(left, right):
            return Cell(inner=(left if left.fixed else right).item(), size=Size())
        return self._arithmetic(op, left, right)

    def _arithmetic(self, op: ast.operator, left: Cell, right: Cell) -> Cell:
        result = Cell()
        if isinstance(op, ast.Add | ast.Sub):
            step = right.constants[0] if len(right.constants) == 1 else None
            if left.measures and isinstance(step, int):
                size, more = left.measures
                step = step if isinstance(op, ast.Add) else -step
                return Cell(votes={"integer": 1}, measures=(size, more + step))
        for one in (left, right):
            if not (one.path or one.constants):
                one.uses.add("add" if isinstance(op, ast.Add) else "arithmetic")
        if left.measures and right.measures:
            return number()
        operands = tuple(one for one in (left, right) if not one.path)
        if isinstance(op, ast.MatMult):
            for one in operands:
                one.item()
                one.scalar().vote("number", 0.8)
            return Cell()
        self.links.append(Link(result, operands))
        if any(one.is_frame for one in operands):
            return next(one for one in operands if one.is_frame)
        if all(one.is_scalar for one in operands) and operands:
            result.vote("number", 1)
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
        result = Cell()
        operands = [left]
        for op, one in zip(node.ops, node.comparators, strict=True):
            right = self.cell(one, scope)
            if isinstance(op, ast.In | ast.NotIn):
                _contained(left, right)
            elif not isinstance(op, ast.Is | ast.IsNot):
                _compared(op, left, right)
                _compared(op, right, left)
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
            inner = _constants_of(cells)
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
            kind = FORMAT.get(text[-1:])
            if kind and not cell.path and not cell.is_sequence:
                cell.vote("integer" if kind == "integer" else "number", 1.2)
            elif isinstance(part.value, ast.Name) and not cell.is_sequence and not cell.path:
                cell.uses.add("shown")

    def _percent(self, text: Cell, given: Cell) -> None:
        """`"%d of %s" % (n, name)`."""
        letters = [found for one in text.constants for found in percent_letters(str(one))]
        values = given.fixed if given.fixed is not None else [given]
        for letter, value in zip(letters, values, strict=False):
            if value.path or value.constants or value.is_sequence:
                continue
            kind = FORMAT.get(letter)
            if kind is not None:
                value.vote("integer" if kind == "integer" else "number", 1)
            else:
                value.vote("text", 0.3)

    def _comprehension(
        self, node: ast.ListComp | ast.GeneratorExp | ast.SetComp | ast.DictComp, scope: Scope
    ) -> Cell:
        inner = Scope(scope)
        size = Size()
        for place, part in enumerate(node.generators):
            source = self.cell(part.iter, inner)
            self._bind(part.target, iterated(source), inner)
            if not place and not part.ifs and not source.path:
                size = source.length()
            for test in part.ifs:
                self._truth(test, inner)
        if isinstance(node, ast.DictComp):
            self.cell(node.key, inner)
            return Cell(inner=self.cell(node.value, inner), votes={"mapping": 1.0})
        value = self.cell(node.elt, inner)
        return Cell(inner=value if not value.path else Cell(), size=size, votes={"list": 0.6})


def iterated(cell: Cell) -> Cell:
    """What a loop over a value gets, one after the other."""
    cell = cell.real()
    if cell.path:
        return Cell(path=cell.path) if not cell.path.isidentifier() else Cell()
    cell.uses.add("iterate")
    if cell.votes.get("mapping", 0) >= 1 and cell.inner is None:
        return Cell(votes={"text": 0.6}, constants=tuple(cell.items))
    if cell.is_frame:
        return Cell(votes={"text": 1})
    if cell.grouped:
        return Cell(fixed=[Cell(), cell])
    return one_of(cell)


def unpacked(value: Cell, targets: Sequence[ast.expr]) -> list[Cell]:
    """What each of several targets gets."""
    value, count = value.real(), len(targets)
    if value.fixed is not None and len(value.fixed) == count:
        return [one.real() for one in value.fixed]
    if value.path:
        return [Cell(path=value.path) for _ in targets]
    if value.bound is not None and value.bound[1] == "shape":
        return _sizes_of(value.bound[0], count)
    if value.grouped and count == 2 and value.is_frame:
        return [Cell(), value]
    if any(isinstance(one, ast.Starred) for one in targets):
        return [value.item() for _ in targets]
    if value.fixed is None and value.inner is None and not value.is_frame:
        value.item()
        value.fixed = [Cell() for _ in targets]
        value.length().value = count
        return value.fixed
    if value.fixed is None and value.inner is not None:
        size = value.length()
        size.value = count if size.value is None else size.value
        return [value.item() for _ in targets]
    return [Cell() for _ in targets]


def _sizes_of(cell: Cell, count: int) -> list[Cell]:
    """`rows, columns = x.shape`."""
    found = []
    for _ in range(count):
        found.append(Cell(votes={"integer": 1}, measures=(cell.length(), 0)))
        cell = cell.item()
    return found


def literal(value: object) -> Cell:
    """The cell of a constant."""
    if isinstance(value, bool):
        return Cell(votes={"flag": 1.0}, constants=(value,))
    if isinstance(value, int):
        return Cell(votes={"integer": 1.0}, constants=(value,))
    if isinstance(value, float):
        return Cell(votes={"number": 1.0}, constants=(value,))
    if isinstance(value, str):
        return Cell(votes={"text": 1.0}, constants=(value,))
    return Cell(path="None") if value is None else Cell()


def node_names(body: Iterable[ast.stmt]) -> set[str]:
    """The names that statements bind, themselves or in their blocks."""
    walked = (node for statement in body for node in ast.walk(statement))
    return {
        node.id for node in walked if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store)
    }


def percent_letters(text: str) -> list[str]:
    """The conversions of a `%` format: "%d of %.2f" gives ["d", "f"]."""
    letters = []
    for piece in text.replace("%%", "").split("%")[1:]:
        letter = piece.lstrip("0123456789.-+ #")[:1]
        if letter in PERCENT_FORMAT:
            letters.append(letter)
    return letters


def _last_name(node: ast.expr) -> str:
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def _is_text(cell: Cell) -> bool:
    return cell.votes.get("text", 0) >= 1 and cell.inner is None


def _is_path(cell: Cell) -> bool:
    return cell.path.startswith("pathlib.")


def _is_repeated(left: Cell, right: Cell) -> bool:
    """`[0] * n`."""
    return (left.fixed is not None and not right.is_sequence) or right.fixed is not None


def _either(one: Cell, other: Cell) -> Cell:
    """A value that is one of two."""
    one, other = one.real(), other.real()
    if one.path or one.code is not None:
        return other if other.path == "" or one.path == "None" else one
    if other.path or other.code is not None or one is other:
        return one
    if one.constants or other.constants:
        merged = _joined_copies([one, other])
        keep = one if not one.constants else other
        if keep.constants:
            return merged
        for kind, weight in (other if keep is one else one).votes.items():
            keep.vote(kind, weight)
        return keep
    return unify(one, other)


def _joined(cells: list[Cell]) -> Cell:
    """What one of several returns gives."""
    telling = [one.real() for one in cells if one.real().path != "None"]
    if not telling:
        return Cell()
    first = telling[0]
    for other in telling[1:]:
        first = _either(first, other)
    return first


def _joined_copies(cells: list[Cell]) -> Cell:
    """An item that may be any of several."""
    known = [one.real() for one in cells if not one.real().constants]
    constants = _constants_of([one.real() for one in cells if one.real().constants])
    if not known:
        return constants
    first = known[0]
    for other in known[1:]:
        if first.is_sequence == other.is_sequence and first.is_frame == other.is_frame:
            first = unify(first, other)
    return first


def _constants_of(cells: list[Cell]) -> Cell:
    values: list[Constant] = [value for one in cells for value in one.constants]
    votes: dict[Kind, float] = {}
    for one in cells:
        for kind in one.votes:
            votes[kind] = 1.0
    if "number" in votes:
        votes.pop("integer", None)
    return Cell(votes=votes, constants=tuple(dict.fromkeys(values))[:40])


def _contained(left: Cell, right: Cell) -> None:
    """`x in ["a", "b"]`: one of these; `"a" in x`: something with items."""
    if right.path:
        return
    values = right.scalar().constants
    if left.constants and not values:
        right.uses.add("contains")
        for name in left.constants:
            if isinstance(name, str) and right.votes.get("mapping", 0) >= 1:
                right.column(name)
        return
    bottom = left.scalar()
    if not left.path and values:
        bottom.among += values
        for kind, weight in right.scalar().votes.items():
            bottom.vote(kind, weight)


def _compared(op: ast.cmpop, cell: Cell, with_: Cell) -> None:
    cell, with_ = cell.real(), with_.real()
    if cell.path or cell.constants:
        return
    ordered = not isinstance(op, ast.Eq | ast.NotEq)
    if cell.inner is None:
        cell.uses.add("order" if ordered else "equal")
    bottom = cell.scalar()
    for value in with_.constants if with_.inner is None else ():
        if isinstance(value, str):
            looks_like_date = value[:4].isdigit() and len(value) >= 7 and ordered
            bottom.vote("date" if looks_like_date else "text", 1)
        elif not isinstance(value, bool):
            bottom.vote("integer" if isinstance(value, int) and not ordered else "number", 0.8)
        if ordered and isinstance(value, int | float):
            bottom.around.append(float(value))
        elif not isinstance(value, bool):
            bottom.among.append(value)


__all__ = ["AXES", "Beside", "Scope", "Uses", "counted", "draw_frame"]
