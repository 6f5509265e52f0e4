"""What an attribute or a method that is read from a value says of it, and what that gives.

Names tell most: `.groupby` belongs to frames, whatever the value is. A name that is not here is an
attribute of its own: a column, or a part of some object.
"""

from collections.abc import Callable

from viscode.supply.calculating import Apply, number, reduced, reordered, row, sorting, transposed
from viscode.supply.cells import AnyLink, Cell, Link, Size, unify
from viscode.supply.containers import all_values, different, got, items, keys, read_text, reshaped
from viscode.supply.drawing import Call
from viscode.supply.estimators import fitted
from viscode.supply.kinds import attributes_of
from viscode.supply.signatures import REDUCING, words
from viscode.supply.tables import (
    NEW_TABLES,
    SOME_ROWS,
    columns_named,
    new_table,
    plotted,
    row_by_row,
    same_frame,
    some_rows,
    value_counts,
)
from viscode.supply.wanted import Kind

Handler = Callable[[Call, Cell, list[AnyLink], Apply], Cell]

WORDS = words(
    """
    split rsplit strip lstrip rstrip lower upper title capitalize format join replace encode
    decode startswith endswith zfill splitlines partition isdigit
    """
)
"""Methods of strings."""
SAME_ROWS = words(
    """
    astype cumsum cumprod diff round abs clip copy to_numpy tolist to_list shift pct_change
    fillna ffill bfill interpolate map apply rank rename replace cpu numpy detach float double
    to clone ravel flatten squeeze reset_index assign transform rolling ewm expanding to_frame
    conj set_index rename_axis applymap mul sub add div tz_localize tz_convert to_period
    to_timestamp item_values sort_index set_axis infer_objects convert_dtypes to_pydatetime
    stack unstack reindex where mask
    """
)
"""What they give is as long as what they are of, and holds the same or something made of it."""
DATE_PARTS = words(
    """
    year month day hour minute second weekday dayofweek dayofyear week
    """
)
STEPS = {"hour": "hours", "minute": "hours", "month": "months", "year": "years", "week": "weeks"}
"""What parts of dates are asked for -> how far apart the dates should be, as a role."""
DATE_METHODS = frozenset({"strftime", "isoformat", "timestamp", "to_pydatetime", "date"})
ACCESSORS: dict[str, tuple[Kind, float]] = {
    "dt": ("date", 2),
    "str": ("text", 2),
    "cat": ("text", 1),
}


def attribute(cell: Cell, name: str, links: list[AnyLink]) -> Cell:
    """What `cell.name` is. Methods give a cell that is bound to the one they belong to."""
    cell = cell.real()
    if name in cell.attributes:
        return cell.attributes[name].real()
    if cell.row_of is not None:
        return cell.row_of.column(name).item()
    if cell.bound is not None and cell.bound[1] == "plot":
        return Cell(bound=(cell.bound[0], "plot"))  # df.plot.bar
    found = _telling(cell, name, links)
    if found is None and cell.is_frame and name not in attributes_of()["frame"]:
        return cell.column(name)
    if found is None:
        found = Cell(bound=(cell, name))
    cell.attributes[name] = found
    return found.real()


def _telling(cell: Cell, name: str, links: list[AnyLink]) -> Cell | None:
    """The value of an attribute that is no method, where its name tells it."""
    if name == "values" or (name in ("value", "data") and cell.is_sequence):
        return _values(cell)
    if name == "T":
        return transposed(cell)
    if name == "shape":
        return Cell(bound=(cell, "shape"))
    if name == "size" and cell.is_sequence:
        return Cell(measures=(cell.length(), 0), votes={"integer": 1})
    if name in ("iloc", "loc", "iat", "at", "ix"):
        if not cell.is_sequence:
            cell.vote("frame", 0.7)
        return Cell(bound=(cell, name))
    if name == "columns":
        cell.vote("frame", 2)
        return Cell(inner=Cell(votes={"text": 1}), bound=(cell, "columns"))
    if name == "index":
        return Cell(inner=cell.labels(), size=cell.length(), bound=(cell, "index"))
    if name in ACCESSORS and (cell.inner is not None or cell.is_sequence or name == "dt"):
        kind, weight = ACCESSORS[name]
        cell.item().vote(kind, weight)
        return Cell(inner=cell.item(), size=cell.length(), bound=(cell, name))
    if name in DATE_PARTS and not cell.is_frame:
        bottom = cell.scalar()
        if cell.inner is not None or name in ("year", "month", "day", "hour"):
            bottom.vote("date", 1.5)
            bottom.role = STEPS.get(name, bottom.role)
        return row(cell.length()) if cell.inner is not None else Cell(votes={"integer": 1})
    return None


def _values(cell: Cell) -> Cell:
    if cell.is_frame:
        return Cell(inner=cell.item(), size=cell.length(), bound=(cell, "values"), columns=-1)
    found = Cell(size=cell.length(), bound=(cell, "values"))
    if cell.inner is not None:
        found.inner = cell.item()
    return found


def method(call: Call, links: list[AnyLink], apply: Apply) -> Cell:
    """What calling a method gives; `call.receiver` is whose it is."""
    cell, name = (call.receiver or Cell()).real(), call.name
    columns_named(call, cell)
    if name in WORDS and name not in ("replace", "join", "title", "split") and not call.keywords:
        return _word(cell, name)
    if name in HANDLERS:
        return HANDLERS[name](call, cell, links, apply)
    if name in ("split", "join", "replace", "title") and _is_text(call, cell):
        return _word(cell, name)
    if name in NEW_TABLES:
        return new_table(cell, call)
    if name in REDUCING:
        return _reduced(call, cell)
    if name in SAME_ROWS:
        return _same_rows(call, cell, links)
    if name in SOME_ROWS:
        return some_rows(call, cell)
    if name in DATE_METHODS:
        cell.scalar().vote("date", 1.5 if name == "strftime" else 0.5)
        return _like(cell, "text")
    found = cell.attributes.get(name, Cell()).real()
    if found.result is None:
        found.result = Cell()
    found.uses.add("call")
    return found.result.real()


def _is_text(call: Call, cell: Cell) -> bool:
    if cell.votes.get("text", 0) >= 1 and cell.inner is None:
        return True
    if cell.is_sequence or cell.is_frame:
        return False
    return call.name in ("split", "title") or bool(cell.constants) or len(call.arguments) == 2


def _word(cell: Cell, name: str) -> Cell:
    if cell.bound is not None and cell.bound[1] == "str":
        return _like(cell, "text")
    cell.vote("text", 1)
    if name in ("split", "rsplit", "splitlines", "partition"):
        return Cell(inner=Cell(votes={"text": 1}), size=Size())
    return Cell(votes={"text": 1.0})


def _like(cell: Cell, kind: Kind) -> Cell:
    if cell.inner is None:
        return Cell(votes={kind: 1.0})
    return Cell(inner=Cell(votes={kind: 1.0}), size=cell.length())


def _reduced(call: Call, cell: Cell) -> Cell:
    if cell.votes.get("frame", 0) >= 1 or cell.base is not None:
        return reduced(cell, call)
    if cell.path or (cell.is_scalar and cell.inner is None):
        return number()
    return reduced(cell, call)


def _squeezed(call: Call, cell: Cell) -> Cell:
    """`x.squeeze(1)`: an axis of one item goes."""
    axis = call.arguments[0].constants[:1]
    if axis == (0,):
        cell.item()
        cell.length().value = 1
        return cell.item()
    if axis != (1,):
        return cell
    inner = cell.item()
    rest = inner.item()
    inner.length().value = 1
    return Cell(inner=rest, size=cell.length())


def _window(call: Call, cell: Cell) -> None:
    """Enough rows for a moving window to be filled."""
    width = call.argument(0, "window")
    for one in width.constants if width is not None else ():
        if isinstance(one, int) and 6 < one < 400:
            size = cell.length()
            size.least = max(size.least, one + max(one // 2, 10))


def _same_rows(call: Call, cell: Cell, links: list[AnyLink]) -> Cell:
    if call.name == "rolling":
        _window(call, cell)
    if (
        call.name in ("set_index", "reset_index", "rename", "fillna", "copy", "assign")
        or cell.is_frame
    ):
        return same_frame(call, cell)
    if call.name == "squeeze" and call.arguments:
        return _squeezed(call, cell)
    if call.name in ("ravel", "flatten", "squeeze") and cell.depth() > 1:
        return Cell(inner=cell.scalar(), size=Size(), votes={"array": 0.6})
    if call.name in ("map", "apply", "replace"):
        return Cell(inner=Cell(), size=cell.length())
    if call.name in ("copy", "tolist", "to_list", "to_numpy", "numpy", "cpu", "detach"):
        return cell
    if call.name == "astype" and call.arguments:
        kinds = {"int": "integer", "float": "number", "str": "text"}
        asked = str(call.arguments[0].constants[0]) if call.arguments[0].constants else ""
        if kinds.get(asked) == "text":
            return _like(cell, "text")
    if cell.inner is None and call.name in ("add", "item", "to", "float"):
        return Cell()
    result = Cell(votes={"array": 0.2})
    links.append(Link(result, (cell,)))
    return result


def _append(call: Call, cell: Cell, links: list[AnyLink], apply: Apply) -> Cell:
    given = call.arguments[0].real() if call.arguments else Cell()
    if cell.is_frame or "ignore_index" in call.keywords:
        return some_rows(call, cell)
    item = given if call.name == "append" else given.item()
    unify(cell.item(), item)
    return Cell()


def _is_in(call: Call, cell: Cell, links: list[AnyLink], apply: Apply) -> Cell:
    """`df["city"].isin(["Rome", "Oslo"])`: some of its items are among these."""
    values = call.arguments[0].scalar() if call.arguments else Cell()
    bottom = cell.item()
    bottom.among += values.constants
    for kind, weight in values.votes.items():
        bottom.vote(kind, weight)
    return Cell(inner=Cell(votes={"flag": 1}), size=cell.length())


def _transpose(call: Call, cell: Cell, links: list[AnyLink], apply: Apply) -> Cell:
    """`x.transpose((1, 2, 0))`, `x.transpose(1, 2, 0)`."""
    order = call.arguments[0].real().fixed if len(call.arguments) == 1 else call.arguments
    return reordered(cell, order or [])


def _argsort(call: Call, cell: Cell, links: list[AnyLink], apply: Apply) -> Cell:
    return sorting(cell)


HANDLERS: dict[str, Handler] = {
    "argsort": _argsort,
    "isin": _is_in,
    "transpose": _transpose,
    **dict.fromkeys(("items", "iteritems", "iterms"), items),
    **dict.fromkeys(("iterrows", "itertuples"), row_by_row),
    **dict.fromkeys(("append", "extend"), _append),
    **dict.fromkeys(("plot", "hist", "boxplot", "scatter", "bar", "barh", "line", "pie"), plotted),
    **dict.fromkeys(("area", "kde", "density", "box", "hexbin"), plotted),
    **dict.fromkeys(("fit", "predict", "fit_predict", "transform", "fit_transform"), fitted),
    **dict.fromkeys(("predict_proba", "decision_function", "score", "inverse_transform"), fitted),
    **dict.fromkeys(("read", "readlines"), read_text),
    "values": all_values,
    "keys": keys,
    "get": got,
    "value_counts": value_counts,
    "unique": different,
    "reshape": reshaped,
}
