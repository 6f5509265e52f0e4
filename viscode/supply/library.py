"""Calls of functions of libraries, by the path of the function."""

from viscode.supply import roles
from viscode.supply.calculating import Apply, calculate, row
from viscode.supply.cells import AnyLink, Cell, Size, equal_sizes, unify
from viscode.supply.drawing import ARTIST, Call, Drawn, draw, draw_frame, is_drawing
from viscode.supply.methods import HANDLERS, method
from viscode.supply.signatures import FRAME_DRAWING, KEYWORDS, words

DRAWING_ROOTS = ("matplotlib", "mpl_toolkits", "pylab", "cartopy")
FRAME_ROOTS = ("seaborn", "plotly")
TEXT_FIRST = words(
    """
    join exists basename dirname listdir glob isfile isdir open makedirs
    """
)


def library(path: str, call: Call, links: list[AnyLink], drawn: Drawn, apply: Apply) -> Cell:
    """What a call of a library's function gives; what it says of its arguments is noted."""
    root = path.partition(".")[0]
    name = call.name
    if root in FRAME_ROOTS and name in FRAME_DRAWING:
        return draw_frame(call, links, root == "seaborn", drawn)
    if root in DRAWING_ROOTS and "cm." in path:
        return Cell(path=ARTIST)
    if root in DRAWING_ROOTS or (is_drawing(name) and "Axes()" in path):
        if is_drawing(name) or any(one in KEYWORDS for one in call.keywords):
            return draw(call, links, drawn)
        return Cell(path=f"{path}()")
    if root == "plotly" or root == "bokeh":
        return _traced(call, links, path)
    if root == "networkx":
        return _graph(call, path)
    if root == "pandas" or (root in ("dask", "polars")):
        known = _pandas(call, links)
        if known is not None:
            return known
    if root == "re" and len(call.arguments) > 1:
        for cell in call.arguments[1:2]:
            if not (cell.constants or cell.path or cell.is_sequence):
                cell.vote("text", 1)
        text = Cell(votes={"text": 1.0})
        return Cell(inner=text, size=Size()) if name in ("findall", "split") else text
    if name in TEXT_FIRST and root in ("os", "glob", "pathlib", "posixpath"):
        for cell in call.arguments:
            if not (cell.constants or cell.path or cell.is_sequence):
                cell.vote("text", 1)
        asked = name in ("exists", "isfile", "isdir")
        return Cell(votes={"flag" if asked else "text": 1.0})
    known = calculate(call, links)
    if known is not None:
        return known
    if name in HANDLERS and path.count("()"):
        return method(
            Call(name, call.node, call.arguments, call.keywords, Cell(path=path)), links, apply
        )
    for word, cell in call.keywords.items():
        roles.give(cell, KEYWORDS.get(word, ("nothing",))[0])
    return Cell(path=f"{path}()")


def _traced(call: Call, links: list[AnyLink], path: str) -> Cell:
    """`go.Scatter(x=, y=)` and `figure.line(x, y)`."""
    named = [(cell, name) for name, cell in call.keywords.items() if name in ("x", "y", "z")]
    if call.name in ("Heatmap", "Contour", "Surface"):
        named = [(cell, "matrix") for cell, name in named if name == "z"]
    elif call.name in ("Bar", "Box", "Violin"):
        named = [(cell, "bars" if name == "x" else name) for cell, name in named]
    elif call.name == "Pie":
        given = call.keywords
        named = [
            (given[name], role)
            for name, role in (("values", "portions"), ("labels", "labels"))
            if name in given
        ]
    elif call.name in ("line", "circle", "scatter") and len(call.arguments) > 1:
        named += list(zip(call.arguments, ("x", "y"), strict=False))
    roles.together(named, links)
    for name in ("title", "name"):
        if name in call.keywords:
            roles.give(call.keywords[name], "text")
    return Cell(path=f"{path}()")


def _graph(call: Call, path: str) -> Cell:
    first = call.argument(0, "G")
    makes = call.name in ("Graph", "DiGraph", "MultiGraph") or call.name.endswith("_graph")
    if first is not None and not first.real().path and not makes and "from_" not in call.name:
        if not first.constants:
            first.vote("graph", 2)
    elif first is not None and call.name == "from_pandas_edgelist":
        first.vote("frame", 2)
        for cell in (*call.arguments[1:3], *call.keywords.values()):
            for name in cell.scalar().constants:
                if isinstance(name, str):
                    first.column(name)
    return Cell(path=f"{path}()")


def _pandas(call: Call, links: list[AnyLink]) -> Cell | None:
    first = call.argument(0, "data", "objs", "arg", "left", "x", "index")
    if first is None:
        return Cell(votes={"frame": 1.0}) if call.name == "DataFrame" else None
    first = first.real()
    match call.name:
        case "DataFrame":
            return _frame_of(call, first)
        case "Series":
            return Cell(
                inner=first.item(),
                size=first.length(),
                votes={"series": 1.0},
                index=call.keywords["index"].item()
                if "index" in call.keywords and not call.keywords["index"].path
                else None,
            )
        case "to_datetime":
            if (first.inner is None and first.is_scalar) or first.path:
                return Cell(votes={"date": 1})
            first.item().vote("date", 1.5)
            return Cell(inner=Cell(votes={"date": 1}), size=first.length(), votes={"series": 0.6})
        case "concat" | "merge":
            return _joined(call, first)
        case "cut" | "qcut":
            first.item().vote("number", 1)
            return Cell(inner=Cell(votes={"text": 1}), size=first.length(), votes={"series": 0.6})
        case "crosstab":
            second = call.argument(1, "columns")
            for cell in (first, second):
                if cell is not None and not cell.is_frame:
                    cell.item()
                    cell.real().role = cell.real().role or "category"
            if second is not None:
                equal_sizes(first.length(), second.length())
            return Cell(inner=row(), votes={"frame": 1.0})
        case "pivot_table" | "melt" | "get_dummies":
            first.vote("frame", 1.5) if not first.is_sequence else None
            return method(
                Call(call.name, call.node, call.arguments[1:], call.keywords, first),
                links,
                _nothing,
            )
    return None


def _nothing(function: Cell, arguments: list[Cell]) -> Cell:
    return Cell()


def _frame_of(call: Call, first: Cell) -> Cell:
    frame = Cell(votes={"frame": 1.0}, size=Size())
    if first.is_frame:
        return first
    for name, cell in first.items.items():
        frame.items[name] = cell
        frame.made.add(name)
        if cell.is_sequence and not cell.real().path:
            equal_sizes(frame.length(), cell.length())
        elif not (cell.is_scalar or cell.real().path):
            cell.item()
            equal_sizes(frame.length(), cell.length())
    if not first.items and first.votes.get("mapping", 0) < 1:
        _rows_of(call, first, frame)
    index = call.keywords.get("index")
    if index is not None and not index.real().path and not index.is_scalar:
        frame.index = index.item()
        equal_sizes(frame.length(), index.length())
    return frame


def _rows_of(call: Call, first: Cell, frame: Cell) -> None:
    """`pd.DataFrame(x, columns=["a", "b"])`: a column for each name."""
    names = call.argument(-1, "columns")
    if names is None or first.path:
        return
    equal_sizes(frame.length(), first.length())
    if first.inner is None or first.depth() < 2:
        first.item().item()
    equal_sizes(first.item().length(), names.length())
    for one in names.scalar().constants:
        if isinstance(one, str):
            frame.items[one] = Cell(inner=first.item().item(), size=frame.length())
            frame.made.add(one)


def _joined(call: Call, first: Cell) -> Cell:
    parts = [first, *call.arguments[1:2]] if call.name == "merge" else first.fixed or []
    if not parts:
        return first.item()
    known = [one.real() for one in parts if not one.real().path]
    if call.name == "merge":
        return method(
            Call("merge", call.node, call.arguments[1:], call.keywords, first), [], _nothing
        )
    sideways = call.keywords.get("axis", Cell()).constants == (1,)
    if sideways and known:
        return _columns_side_by_side(known)
    whole = known[0] if known else Cell()
    for other in known[1:]:
        if whole.is_frame or not whole.is_sequence:
            whole = unify(whole, other)
    return whole


def _columns_side_by_side(parts: list[Cell]) -> Cell:
    """`pd.concat([a, b], axis=1)`: the columns of all of them."""
    whole = Cell(votes={"frame": 1.0}, size=parts[0].length())
    for part in parts:
        equal_sizes(parts[0].length(), part.length())
        columns = part.items if part.is_frame else {part.label: part} if part.label else {}
        whole.items.update(columns)
        if part.is_frame and not whole.base:
            whole.base = part
    return whole
