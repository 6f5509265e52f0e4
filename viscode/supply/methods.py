"""What an attribute or a method that is read from a value says of it, and what that gives.

Names tell most: `.groupby` belongs to frames, whatever the value is. A name that is not here is an
attribute of its own: a column, or a part of some object.
"""

import ast
import math
from collections.abc import Callable, Sequence

from viscode.supply import roles
from viscode.supply.calculating import Apply, number, reduced, row
from viscode.supply.cells import AnyLink, Cell, Link, Size, equal_sizes, unify
from viscode.supply.drawing import Call, draw_frame
from viscode.supply.kinds import attributes_of
from viscode.supply.signatures import REDUCING, words
from viscode.supply.wanted import Kind

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
SOME_ROWS = words(
    """
    head tail sample dropna sort_values drop drop_duplicates query groupby nlargest nsmallest
    filter resample first last merge join append explode loc iloc between_time truncate asfreq
    agg aggregate size get_group pivot_table
    """
)
BY = words(
    """
    groupby sort_values set_index drop_duplicates dropna nlargest nsmallest
    """
)
"""Methods whose first argument, or `by`, `subset`, `keys`, `columns`, names columns."""
COLUMN_KEYWORDS = ("by", "subset", "keys", "columns", "on", "left_on", "index", "values", "labels")
DATE_PARTS = words(
    """
    year month day hour minute second weekday dayofweek dayofyear week
    """
)
DATE_METHODS = frozenset({"strftime", "isoformat", "timestamp", "to_pydatetime", "date"})
NEW_TABLES = frozenset({"corr", "cov", "describe", "pivot", "pivot_table", "crosstab"})
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
        return _transposed(cell)
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
        if cell.index is None:
            cell.index = Cell()
        return Cell(inner=cell.index, size=cell.length(), bound=(cell, "index"))
    if name in ACCESSORS and (cell.inner is not None or cell.is_sequence or name == "dt"):
        kind, weight = ACCESSORS[name]
        cell.item().vote(kind, weight)
        return Cell(inner=cell.item(), size=cell.length(), bound=(cell, name))
    if name in DATE_PARTS and not cell.is_frame:
        bottom = cell.scalar()
        if cell.inner is not None or name in ("year", "month", "day", "hour"):
            bottom.vote("date", 1.5)
        return row(cell.length()) if cell.inner is not None else Cell(votes={"integer": 1})
    return None


def _values(cell: Cell) -> Cell:
    if cell.is_frame:
        return Cell(inner=cell.item(), size=cell.length(), bound=(cell, "values"), columns=-1)
    found = Cell(size=cell.length(), bound=(cell, "values"))
    if cell.inner is not None:
        found.inner = cell.item()
    return found


def _transposed(cell: Cell) -> Cell:
    inner = cell.item()
    bottom = inner.item()
    return Cell(inner=Cell(inner=bottom, size=cell.length()), size=inner.length())


def method(call: Call, links: list[AnyLink], apply: Apply) -> Cell:
    """What calling a method gives; `call.receiver` is whose it is."""
    cell, name = (call.receiver or Cell()).real(), call.name
    _columns_named(call, cell)
    if name in WORDS and name not in ("replace", "join", "title", "split") and not call.keywords:
        return _word(cell, name)
    if name in HANDLERS:
        return HANDLERS[name](call, cell, links, apply)
    if name in ("split", "join", "replace", "title") and _is_text(call, cell):
        return _word(cell, name)
    if name in NEW_TABLES:
        return _new_table(cell, call)
    if name in REDUCING:
        return _reduced(call, cell)
    if name in SAME_ROWS:
        return _same_rows(call, cell, links)
    if name in SOME_ROWS:
        return _some_rows(call, cell)
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


def _columns_named(call: Call, cell: Cell) -> None:
    """Columns that arguments name: `groupby("sex")`, `sort_values(by=["a", "b"])`."""
    given = [call.keywords[name] for name in COLUMN_KEYWORDS if name in call.keywords]
    if call.name in BY and call.arguments:
        given.append(call.arguments[-1 if call.name.startswith("ns") else 0])
    if call.name == "drop" and call.keywords.get("axis", Cell()).real().constants == (1,):
        given += call.arguments[:1]
    if call.name in ("pivot", "pivot_table"):
        given += call.arguments[:3]
    if call.name not in (*BY, "drop", "pivot", "pivot_table", "merge", "boxplot", "hist", "melt"):
        return
    if call.name == "dropna" and "subset" not in call.keywords:
        return
    for names in given:
        for name in names.scalar().constants:
            if isinstance(name, str) and (cell.inner is None or cell.is_frame):
                _named_column(call, cell, name)


def _named_column(call: Call, cell: Cell, name: str) -> None:
    if not cell.is_frame:
        cell.vote("frame", 1)
    column = cell.column(name)
    if call.name in ("groupby", "pivot", "pivot_table"):
        column.role = column.role or "category"
    elif call.name == "set_index":
        cell.index = column.item()


def _new_table(cell: Cell, call: Call) -> Cell:
    if call.name in ("pivot", "pivot_table"):
        values = call.argument(2, "values")
        for name in values.scalar().constants if values is not None else ():
            if isinstance(name, str):
                cell.column(name).item().vote("number", 1)
    elif not cell.is_sequence:
        cell.vote("frame", 0.8)
    if call.name in ("corr", "cov") and cell.is_frame and not cell.items:
        cell.columns = max(cell.columns, 4)
        cell.item().item().vote("number", 1)
    return Cell(inner=row(), size=Size(), votes={"frame": 1})


def _reduced(call: Call, cell: Cell) -> Cell:
    if cell.votes.get("frame", 0) >= 1 or cell.base is not None:
        return reduced(cell, call)
    if cell.path or (cell.is_scalar and cell.inner is None):
        return number()
    return reduced(cell, call)


def _same_rows(call: Call, cell: Cell, links: list[AnyLink]) -> Cell:
    if (
        call.name in ("set_index", "reset_index", "rename", "fillna", "copy", "assign")
        or cell.is_frame
    ):
        return _same_frame(call, cell)
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


def _same_frame(call: Call, cell: Cell) -> Cell:
    of_frames = ("rename", "set_index", "reset_index", "fillna", "assign")
    if call.name in of_frames and not cell.is_sequence:
        cell.vote("frame", 0.7)
    result = cell
    if call.name == "fillna" and call.arguments and not cell.is_frame:
        for kind, weight in call.arguments[0].votes.items():
            cell.scalar().vote(kind, weight)
    if call.name == "rename":
        result = _renamed(call, cell)
    for name, value in call.keywords.items() if call.name == "assign" else ():
        result.items[name] = value
        result.made.add(name)
    return result


def _renamed(call: Call, cell: Cell) -> Cell:
    names = call.argument(0, "columns")
    if names is None or not names.real().items:
        return cell
    for old, new in names.real().items.items():
        column = cell.column(old)
        for text in new.real().constants:
            if isinstance(text, str) and text not in cell.items:
                cell.items[text] = column
                cell.made.add(text)
    return cell


def _some_rows(call: Call, cell: Cell) -> Cell:
    name = call.name
    if name in ("append", "join", "merge") and call.arguments:
        other = call.arguments[0].real()
        if (
            cell.is_frame
            or name == "merge"
            or "on" in call.keywords
            or "ignore_index" in call.keywords
        ):
            return _merged(cell, other, call)
    if name in ("first", "last", "size") and not cell.grouped:
        return Cell()
    if name in ("agg", "aggregate", "size") and cell.grouped:
        for given in call.arguments:
            for column in given.real().items:
                cell.column(column).item().vote("number", 0.7)
        return cell.rows() if cell.is_frame else reduced(cell, call)
    telling = {"query", "groupby", "nlargest", "nsmallest", "resample", "dropna", "sort_values"}
    if not cell.is_sequence and name in telling:
        cell.vote("frame", 0.8)
    if not cell.is_sequence and not cell.is_frame:
        cell.vote("frame", 0.5)
    some = cell.rows("sorted" if name == "sort_values" else "")
    if name == "sort_values":
        equal_sizes(some.length(), cell.length())
    elif name in ("groupby", "resample"):
        some.grouped = True
        if name == "resample":
            some.index = _date_index(cell)
        else:
            some.index = _first_key(call, cell)
    elif name == "query":
        _queried(call, cell)
    return some


def _date_index(cell: Cell) -> Cell:
    if cell.index is None:
        cell.index = Cell()
    return cell.index.vote("date", 2)


def _first_key(call: Call, cell: Cell) -> Cell:
    keys = call.argument(0, "by")
    for name in keys.scalar().constants if keys is not None else ():
        if isinstance(name, str) and cell.is_frame:
            return cell.column(name).item()
    return Cell()


def _queried(call: Call, cell: Cell) -> None:
    """`df.query("age > 30 and sex == 'male'")`."""
    for text in call.arguments[0].constants if call.arguments else ():
        try:
            tree = ast.parse(str(text).replace("@", ""), mode="eval")
        except (SyntaxError, ValueError):
            continue
        for node in ast.walk(tree):
            if not isinstance(node, ast.Compare) or not isinstance(node.left, ast.Name):
                continue
            item = cell.column(node.left.id).item()
            for one in node.comparators:
                if isinstance(one, ast.Constant) and isinstance(one.value, str):
                    item.vote("text", 1).among.append(one.value)
                elif isinstance(one, ast.Constant) and isinstance(one.value, int | float):
                    item.vote("number", 1).around.append(one.value)


def _merged(cell: Cell, other: Cell, call: Call) -> Cell:
    """Rows or columns of two frames."""
    if call.name == "append":
        return unify(cell, other) if not other.constants else cell
    on = call.keywords.get("on")
    for name in on.scalar().constants if on is not None else ():
        if isinstance(name, str):
            if not other.is_frame:
                other.vote("frame", 1)
            unify(cell.column(name).item(), other.column(name).item())
    return cell.rows()


Handler = Callable[[Call, Cell, list[AnyLink], Apply], Cell]


def _items(call: Call, cell: Cell, links: list[AnyLink], apply: Apply) -> Cell:
    """`for name, value in d.items()`."""
    if cell.is_frame:
        return Cell(inner=Cell(fixed=[Cell(votes={"text": 1}), Cell(inner=cell.scalar())]))
    cell.vote("mapping", 0.5)
    value = _any_value(cell)
    key = Cell(votes={"text": 0.6}, constants=tuple(cell.items))
    size = cell.length() if cell.votes.get("series") else Size()
    return Cell(inner=Cell(fixed=[key, value]), size=size)


def _any_value(cell: Cell) -> Cell:
    values = [one for name, one in cell.items.items() if not one.real().path]
    if not values:
        return cell.item()
    first = values[0]
    for one in values[1:]:
        if not (first.is_scalar or one.is_scalar):
            unify(first.item(), one.item()) if first.is_sequence and one.is_sequence else None
    return first.real()


def _all_values(call: Call, cell: Cell, links: list[AnyLink], apply: Apply) -> Cell:
    cell.vote("mapping", 1)
    return Cell(inner=_any_value(cell), size=Size(), uses=set())


def _keys(call: Call, cell: Cell, links: list[AnyLink], apply: Apply) -> Cell:
    cell.vote("mapping", 0.6)
    return Cell(inner=Cell(votes={"text": 0.6}, constants=tuple(cell.items)), size=Size())


def _get(call: Call, cell: Cell, links: list[AnyLink], apply: Apply) -> Cell:
    if not call.arguments:
        return Cell()
    for name in call.arguments[0].constants:
        if isinstance(name, str):
            found = cell.column(name)
            cell.vote("mapping", 0.6)
            if len(call.arguments) > 1 and call.arguments[1].constants:
                unify(found, call.arguments[1])
            return found
    return Cell()


def _append(call: Call, cell: Cell, links: list[AnyLink], apply: Apply) -> Cell:
    given = call.arguments[0].real() if call.arguments else Cell()
    if cell.is_frame or "ignore_index" in call.keywords:
        return _some_rows(call, cell)
    item = given if call.name == "append" else given.item()
    unify(cell.item(), item)
    return Cell()


def _value_counts(call: Call, cell: Cell, links: list[AnyLink], apply: Apply) -> Cell:
    if cell.is_frame:
        return row()
    if not cell.is_sequence:
        cell.vote("series", 1)
    cell.role = cell.role or "category"
    size = cell.length().cut("unique")
    return Cell(inner=number(), size=size, index=cell.item(), votes={"series": 1})


def _unique(call: Call, cell: Cell, links: list[AnyLink], apply: Apply) -> Cell:
    cell.role = cell.role or "category"
    return Cell(inner=cell.item(), size=cell.length().cut("unique"), votes={"array": 0.6})


def _reshape(call: Call, cell: Cell, links: list[AnyLink], apply: Apply) -> Cell:
    """`x.reshape(28, 28)`: so many items; `x.reshape(-1, 1)`: as many rows as items."""
    sizes = list(call.arguments)
    if len(sizes) == 1 and sizes[0].real().fixed:
        sizes = sizes[0].real().fixed or []
    constants = [one.constants[0] if len(one.constants) == 1 else None for one in sizes]
    numbers = [one if isinstance(one, int) else None for one in constants]
    whole = [one for one in numbers if one is not None]
    cell.scalar().vote("number", 0.4)
    if not cell.is_sequence:
        cell.item()
    if len(whole) == len(numbers) and all(one > 0 for one in whole) and cell.depth() == 1:
        size = cell.length()
        size.value = math.prod(whole) if size.value is None else size.value
    result = cell.scalar()
    for place, one in reversed(list(enumerate(numbers))):
        size = Size(value=one) if one is not None and one > 0 else Size()
        if one == -1 and all(n in (1, -1) for n in numbers) and cell.depth() == 1:
            size = cell.length()
        result = Cell(inner=result, size=size, votes={"array": 0.3} if place else {"array": 1})
    return result


def _plot(call: Call, cell: Cell, links: list[AnyLink], apply: Apply) -> Cell:
    """`df.plot(x="a", y="b")`, `df["a"].plot()`, `df.plot.bar()`."""
    if cell.is_sequence and not cell.is_frame:
        cell.vote("series", 0.6)
        cell.item().vote("number", 0.6)
        return draw_frame(Call("plot", call.node, [], _without_data(call)), links, True)
    if any(name in call.keywords for name in ("x", "y", "column", "by", "subplots")):
        cell.vote("frame", 1)
    for name in ("x", "y", "column", "by", "c", "s"):
        given = call.keywords.get(name)
        for text in given.scalar().constants if given is not None else ():
            if isinstance(text, str) and (name != "c" or len(text) > 1):
                column = cell.column(text)
                if name in ("y", "column"):
                    column.item().vote("number", 1)
                column.role = column.role or (name if name in ("x", "y") else "")
    roles.together([], links)
    return Cell(path="matplotlib.axes.Axes()")


def _without_data(call: Call) -> dict[str, Cell]:
    return {name: cell for name, cell in call.keywords.items() if name not in ("x", "y", "data")}


def _iterrows(call: Call, cell: Cell, links: list[AnyLink], apply: Apply) -> Cell:
    cell.vote("frame", 2)
    one_row = Cell(row_of=cell)
    if call.name == "itertuples":
        return Cell(inner=one_row, size=cell.length())
    return Cell(inner=Cell(fixed=[Cell(votes={"integer": 0.5}), one_row]), size=cell.length())


def _fit(call: Call, cell: Cell, links: list[AnyLink], apply: Apply) -> Cell:
    """`model.fit(X, y)` and what else takes samples."""
    given = [one.real() for one in call.arguments[:2]]
    samples = call.argument(0, "X")
    if samples is not None and not samples.real().path and not samples.is_scalar:
        _samples(samples)
        target = call.argument(1, "y")
        if (target is not None and target.real().inner is not None) or len(given) > 1:
            target = target if target is not None else given[1]
            if not target.is_scalar and not target.real().path:
                target.item()
                equal_sizes(samples.length(), target.length())
                target.near.append(samples)
    if call.name == "fit":
        found = cell.attributes.get("fit", Cell()).real()
        found.result = found.result or Cell()
        return cell if cell.path else found.result
    size = samples.length() if samples is not None and samples.is_sequence else Size()
    if call.name in ("predict", "fit_predict", "decision_function", "score_samples"):
        result = row(size)
        return _result_of(cell, call.name, result)
    if call.name in ("transform", "fit_transform", "predict_proba", "inverse_transform"):
        result = Cell(inner=Cell(inner=number(), size=Size()), size=size, votes={"array": 1})
        return _result_of(cell, call.name, result)
    return number()


def _samples(samples: Cell) -> None:
    if not samples.is_frame and samples.depth() < 2:
        if samples.real().role in ("x", "y"):
            samples.item().length().value = 1
        samples.item().item()
    samples.scalar().vote("number", 1)
    samples.length().least = max(samples.length().least, 20)


def _result_of(cell: Cell, name: str, result: Cell) -> Cell:
    found = cell.attributes.get(name)
    if found is None or cell.path:
        return result
    found = found.real()
    found.uses.add("call")
    if found.result is None:
        found.result = result
    return found.result.real()


def _read(call: Call, cell: Cell, links: list[AnyLink], apply: Apply) -> Cell:
    if call.name in ("readlines", "split"):
        return Cell(inner=Cell(votes={"text": 1}))
    return Cell(votes={"text": 0.5})


HANDLERS: dict[str, Handler] = {
    **dict.fromkeys(("items", "iteritems", "iterms"), _items),
    **dict.fromkeys(("iterrows", "itertuples"), _iterrows),
    **dict.fromkeys(("append", "extend"), _append),
    **dict.fromkeys(("plot", "hist", "boxplot", "scatter", "bar", "barh", "line", "pie"), _plot),
    **dict.fromkeys(("area", "kde", "density", "box", "hexbin"), _plot),
    **dict.fromkeys(("fit", "predict", "fit_predict", "transform", "fit_transform"), _fit),
    **dict.fromkeys(("predict_proba", "decision_function", "score", "inverse_transform"), _fit),
    **dict.fromkeys(("read", "readlines"), _read),
    "values": _all_values,
    "keys": _keys,
    "get": _get,
    "value_counts": _value_counts,
    "unique": _unique,
    "reshape": _reshape,
}


def texts(cells: Sequence[Cell]) -> list[str]:
    """The texts among the constants of cells."""
    return [one for cell in cells for one in cell.scalar().constants if isinstance(one, str)]
