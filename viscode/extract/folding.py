"""Branches whose condition is known, resolved: `show = True` and then `if show:`.

A parameter's default and an option's become plain assignments when a program is laid out straight.
What they decide is decided here, so that the block shows what runs and not what might.
"""

import ast
from collections import Counter
from collections.abc import Sequence

from viscode.extract.touching import Definition, body_nodes, touched, walk

UNKNOWN = object()


def folded(body: Sequence[ast.stmt]) -> list[ast.stmt]:
    """The statements with the taken branch in the place of each `if` at the top whose condition
    hangs on names that are bound to a constant before, and to nothing else meanwhile."""
    binds = Counter(
        node.id
        for one in body
        for node in body_nodes([one])
        if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load)
    )
    outer = {
        name
        for one in body
        if isinstance(one, Definition)
        for node in walk(one)
        if isinstance(node, ast.Global)
        for name in node.names
    }
    return _folded(body, {}, binds, outer)


def _folded(
    body: Sequence[ast.stmt], known: dict[str, object], binds: Counter[str], outer: set[str]
) -> list[ast.stmt]:
    found: list[ast.stmt] = []
    for one in body:
        if isinstance(one, ast.If) and (value := _value(one.test, known)) is not UNKNOWN:
            found += _folded(one.body if value else one.orelse, known, binds, outer)
            continue
        for name in ("body", "orelse"):
            if isinstance(one, ast.If | ast.For | ast.With | ast.While) and getattr(
                one, name, None
            ):
                setattr(one, name, _folded(getattr(one, name), dict(known), binds, outer))
        if isinstance(one, ast.If | ast.For | ast.With | ast.While) and not one.body:
            one.body = [ast.Pass()]
        if known and isinstance(one, ast.Assign | ast.Expr):
            one.value = _Chosen(known).visit(one.value)
        for name in touched(one).binds:
            known.pop(name, None)
        if isinstance(one, ast.Assign) and len(one.targets) == 1:
            target = one.targets[0]
            if (
                isinstance(target, ast.Name)
                and isinstance(one.value, ast.Constant)
                and (binds[target.id] == 1 or one.value.value is None)
                and target.id not in outer
            ):
                known[target.id] = one.value.value
        found.append(one)
    return found


class _Chosen(ast.NodeTransformer):
    """`a if test else b`, where the test is known; `given or default`, where `given` is nothing."""

    def __init__(self, known: dict[str, object]) -> None:
        self.known = known

    def visit_IfExp(self, node: ast.IfExp) -> ast.expr:
        self.generic_visit(node)
        value = _value(node.test, self.known)
        return node if value is UNKNOWN else node.body if value else node.orelse

    def visit_BoolOp(self, node: ast.BoolOp) -> ast.expr:
        self.generic_visit(node)
        while isinstance(node.op, ast.Or) and len(node.values) > 1:
            value = _value(node.values[0], self.known)
            if value is UNKNOWN or value:
                break
            node.values = node.values[1:]
        return node.values[0] if len(node.values) == 1 else node


def _value(test: ast.expr, known: dict[str, object]) -> object:
    """The value of a condition, UNKNOWN where it is not known."""
    match test:
        case ast.Name(id=name):
            return known.get(name, UNKNOWN)
        case ast.Constant(value=value):
            return value
        case ast.UnaryOp(op=ast.Not(), operand=operand):
            inner = _value(operand, known)
            return inner if inner is UNKNOWN else not inner
        case ast.BoolOp(op=op, values=values):
            found = [_value(one, known) for one in values]
            decisive = isinstance(op, ast.Or)
            if any(one is not UNKNOWN and bool(one) is decisive for one in found):
                return decisive
            return UNKNOWN if UNKNOWN in found else not decisive
        case ast.Compare(left=left, ops=[op], comparators=[right]):
            pair = _value(left, known), _value(right, known)
            if UNKNOWN in pair:
                return UNKNOWN
            if isinstance(op, ast.Is | ast.Eq):
                return pair[0] == pair[1]
            return pair[0] != pair[1] if isinstance(op, ast.IsNot | ast.NotEq) else UNKNOWN
        case ast.Call(func=ast.Name(id="isinstance"), args=[ast.Name(id=name), kind]):
            held = known.get(name, UNKNOWN)
            kinds = {
                "str": str,
                "int": int,
                "float": float,
                "bool": bool,
                "list": list,
                "dict": dict,
            }
            wanted = kinds.get(kind.id) if isinstance(kind, ast.Name) else None
            return UNKNOWN if held is UNKNOWN or wanted is None else isinstance(held, wanted)
    return UNKNOWN
