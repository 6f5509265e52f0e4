"""Calls of Python's own functions."""

from collections.abc import Callable

from viscode.supply.calculating import Apply, calculate, number
from viscode.supply.cells import AnyLink, Cell, Size, equal_sizes
from viscode.supply.drawing import Call
from viscode.supply.flow import iterated
from viscode.supply.operators import formatted
from viscode.supply.wanted import Kind

BUILTIN_KINDS: dict[str, Kind] = {
    "str": "text", "int": "integer", "float": "number", "bool": "flag", "list": "list",
    "tuple": "list", "dict": "mapping", "numpy.ndarray": "array", "pandas.DataFrame": "frame",
    "pandas.Series": "series", "callable": "function",
}  # fmt: skip


def builtin(
    call: Call, links: list[AnyLink], apply: Apply, attribute: Callable[[Cell, str], Cell]
) -> Cell | None:
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
            return _zip(call.arguments)
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
            inner = apply(first, [items])
            return Cell(inner=inner, size=call.arguments[1].length())
        case "format" if len(call.arguments) > 1:
            for spec in call.arguments[1].constants:
                formatted(first, str(spec))
            return Cell(votes={"text": 1})
        case "iter":
            return first
        case "next":
            return iterated(first) if not first.path else Cell()
        case "dict":
            return Cell(items=dict(call.keywords), votes={"mapping": 1.0})
        case "set":
            return Cell(inner=first.item(), size=Size()) if not first.path else Cell()
        case "getattr" if len(call.arguments) > 1:
            for name in call.arguments[1].constants[:1]:
                return attribute(first, str(name))
    return calculate(call, links)


def _zip(cells: list[Cell]) -> Cell:
    known = [one for one in cells if not one.real().path]
    for one in known:
        iterated(one)
    for one in known[1:]:
        equal_sizes(known[0].length(), one.length())
    return Cell(
        inner=Cell(fixed=[iterated(one) for one in cells]),
        size=known[0].length() if known else Size(),
    )
