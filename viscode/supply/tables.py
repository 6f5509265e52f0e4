"""Methods of frames: rows chosen, sorted and grouped, columns named, frames joined and drawn."""

import ast

from viscode.supply import roles
from viscode.supply.calculating import Apply, number, reduced, row
from viscode.supply.cells import AnyLink, Cell, Size, equal_sizes, unify
from viscode.supply.drawing import Call, bounded, draw_frame
from viscode.supply.signatures import words

RULES = {"M": "months", "Q": "months", "Y": "years", "A": "years", "W": "weeks", "H": "hours"}
"""The first letter of a rule of `resample` -> how far apart the dates should be, as a role."""
BY = words(
    """
    groupby sort_values set_index drop_duplicates dropna nlargest nsmallest
    """
)
"""Methods whose first argument, or `by`, `subset`, `keys`, `columns`, names columns."""


COLUMN_KEYWORDS = ("by", "subset", "keys", "columns", "on", "left_on", "index", "values", "labels")


NEW_TABLES = frozenset({"corr", "cov", "describe", "pivot", "pivot_table", "crosstab"})


SOME_ROWS = words(
    """
    head tail sample dropna sort_values drop drop_duplicates query groupby nlargest nsmallest
    filter resample first last merge join append explode loc iloc between_time truncate asfreq
    agg aggregate size get_group pivot_table
    """
)


def columns_named(call: Call, cell: Cell) -> None:
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


def new_table(cell: Cell, call: Call) -> Cell:
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
    made = Cell(inner=row(), size=Size(), votes={"frame": 1})
    if call.name in ("corr", "cov", "describe") and cell.is_frame:
        made.base = cell
    if call.name in ("pivot", "pivot_table"):
        made.index = _named_items(cell, call.argument(0, "index"))
        made.spread = _named_items(cell, call.argument(1, "columns"))
    return made


def _named_items(frame: Cell, name: Cell | None) -> Cell | None:
    """What stands in the column that a pivot makes labels of."""
    texts = [one for one in name.scalar().constants if isinstance(one, str)] if name else []
    return frame.column(texts[0]).item() if texts and frame.is_frame else None


def same_frame(call: Call, cell: Cell) -> Cell:
    of_frames = ("rename", "set_index", "reset_index", "fillna", "assign")
    if call.name in of_frames and not cell.is_sequence:
        cell.vote("frame", 0.7)
    result = cell
    if call.name == "fillna" and call.arguments and cell.is_sequence:
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


def some_rows(call: Call, cell: Cell) -> Cell:
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
            some.index = _date_index(call, cell)
        else:
            some.index = _first_key(call, cell)
    elif name == "query":
        _queried(call, cell)
    return some


def _date_index(call: Call, cell: Cell) -> Cell:
    labels = cell.labels()
    rule = call.argument(0, "rule")
    for one in rule.real().constants if rule is not None else ():
        labels.role = RULES.get(str(one)[:1], labels.role)
    return labels.vote("date", 2)


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


def _texts(cell: Cell | None) -> list[str]:
    constants = cell.scalar().constants if cell is not None else ()
    return [one for one in constants if isinstance(one, str)]


def _merged(cell: Cell, other: Cell, call: Call) -> Cell:
    """Rows or columns of two frames."""
    if call.name == "append":
        return unify(cell, other) if not other.constants else cell
    if not (other.is_sequence or other.path):
        other.vote("frame", 1)
    left, right = (call.keywords.get(f"{side}_on") for side in ("left", "right"))
    for one, two in zip(_texts(left), _texts(right), strict=False):
        unify(cell.column(one).item(), other.column(two).item())
    on = call.keywords.get("on")
    for name in on.scalar().constants if on is not None else ():
        if isinstance(name, str):
            if not other.is_frame:
                other.vote("frame", 1)
            unify(cell.column(name).item(), other.column(name).item())
    return cell.rows()


def plotted(call: Call, cell: Cell, links: list[AnyLink], apply: Apply) -> Cell:
    """`df.plot(x="a", y="b")`, `df["a"].plot()`, `df.plot.bar()`."""
    if call.name == "plot" and "kind" not in call.keywords:
        for one in (cell, *cell.items.values()):
            one.role = one.role or "trace"
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
                bounded(call.keywords.get(f"{name}lim"), [column])
    roles.together([], links)
    return Cell(path="matplotlib.axes.Axes()")


def _without_data(call: Call) -> dict[str, Cell]:
    return {name: cell for name, cell in call.keywords.items() if name not in ("x", "y", "data")}


def row_by_row(call: Call, cell: Cell, links: list[AnyLink], apply: Apply) -> Cell:
    cell.vote("frame", 2)
    one_row = Cell(row_of=cell)
    if call.name == "itertuples":
        return Cell(inner=one_row, size=cell.length())
    return Cell(inner=Cell(fixed=[Cell(votes={"integer": 0.5}), one_row]), size=cell.length())


def value_counts(call: Call, cell: Cell, links: list[AnyLink], apply: Apply) -> Cell:
    if cell.is_frame:
        return row()
    if not cell.is_sequence:
        cell.vote("series", 1)
    cell.role = cell.role or "category"
    size = cell.length().cut("unique")
    return Cell(inner=number(), size=size, index=cell.item(), votes={"series": 1})
