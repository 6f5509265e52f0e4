"""What calls that draw say of the values that they are given."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field

from viscode.supply import roles
from viscode.supply.cells import AnyLink, Cell, Mesh, unify
from viscode.supply.signatures import (
    CATEGORY_NAMES,
    DRAWING,
    FRAME_DRAWING,
    KEYWORDS,
    LIMITS,
    LINES,
    MESHES,
    NUMBER_DRAWINGS,
    SEABORN_NAMES,
)

AXES = "matplotlib.axes.Axes()"
FIGURE = "matplotlib.figure.Figure()"
ARTIST = "matplotlib.artist.Artist()"
TRACING = frozenset({"plot", "semilogx", "semilogy", "loglog", "fill_between", "stackplot", "step"})
"""What joins its points, in their order."""
POINTS = frozenset({"bar", "barh", "scatter"})
POINT_ROLES = {"x": "number", "y": "number", "bars": "nothing"}
"""What the arguments of a call are that draws one point or bar, in a loop."""
SHARES = ("accuracy", "probability", "precision", "recall", "f1", "auc")


@dataclass(frozen=True)
class Call:
    """A call: the last part of what it calls, its arguments, and, of a method, whose it is."""

    name: str
    node: ast.Call
    arguments: list[Cell]
    keywords: dict[str, Cell]
    receiver: Cell | None = None

    def argument(self, place: int, *names: str) -> Cell | None:
        """An argument by its place or one of its names."""
        for name in names:
            if name in self.keywords:
                return self.keywords[name]
        return self.arguments[place] if 0 <= place < len(self.arguments) else None

    def text(self) -> str:
        """Whose method it is, as it is written."""
        function = self.node.func
        return ast.unparse(function.value) if isinstance(function, ast.Attribute) else ""


@dataclass
class Drawn:
    """What has been drawn so far, by axes and direction, for limits that come later."""

    cells: dict[tuple[str, str], list[Cell]] = field(default_factory=dict)

    def add(self, call: Call, pairs: list[tuple[Cell, str]]) -> None:
        """Remember what a call draws along x and y."""
        for cell, role in pairs:
            axis = {"x": "x", "y": "y", "layer": "y"}.get(role)
            if axis and cell.is_sequence:
                self.cells.setdefault((call.text(), axis), []).append(cell)

    def limit(self, call: Call, axis: str, low: float | None, high: float | None) -> None:
        """Set bounds for what is drawn on these axes and has none yet."""
        for cell in self.cells.get((call.text(), axis)) or self.cells.get(("", axis), []):
            item = cell.scalar()
            if item.low is None and item.high is None and not item.constants:
                item.low, item.high = low, high


def is_drawing(name: str) -> bool:
    """Whether functions or methods of that name draw in matplotlib's manner."""
    return name in DRAWING or name in LINES or name in MESHES or name in LIMITS


def draw(call: Call, links: list[AnyLink], drawn: Drawn) -> Cell:
    """A call of matplotlib's functions or of a method of axes or figures."""
    data = call.keywords.get("data")
    if call.name == "set":
        return _set(call, links, drawn)
    pairs = list(_pairs(call))
    if call.name in POINTS and all(_is_single(cell) for cell, role in pairs if role in POINT_ROLES):
        pairs = [(cell, POINT_ROLES.get(role, role)) for cell, role in pairs]
    if data is not None:
        pairs = [(_from(data, cell), role) for cell, role in pairs]
    if "cmap" in call.keywords:
        for cell in (cell for cell, role in pairs if role == "colors" and not cell.real().path):
            cell.item()
    fresh = [cell.real() for cell, role in pairs if role in ("y", "layer") and not cell.real().role]
    roles.together(pairs, links)
    if call.name in TRACING and not _only_marks(call):
        for cell in (cell.real() for cell in fresh):
            cell.role = "trace"
            if cell.owner is not None and not cell.owner.is_frame:
                cell.owner.real().role = cell.owner.real().role or "traces"
        for cell in (cell.real() for cell, role in pairs if role == "x"):
            cell.role = "along" if cell.role == "x" else cell.role
            cell.sorted = cell.sorted or cell.role == "along"
    drawn.add(call, pairs)
    if call.name == "hist":
        bounded(call.argument(2, "range"), [cell for cell, role in pairs if role == "values"])
    if call.name == "scatter":
        related(pairs)
    if call.name in MESHES:
        _mesh(call, links)
    elif call.name in LIMITS:
        _limit(call, LIMITS[call.name], call.arguments, drawn)
    elif call.name == "axis" and call.arguments and call.arguments[0].real().fixed:
        four = call.arguments[0].real().fixed or []
        _limit(call, "x", four[:2], drawn)
        _limit(call, "y", four[2:4], drawn)
    elif call.name == "axis":
        for axis in "xy":
            ends = [call.keywords.get(f"{axis}{end}") for end in ("min", "max")]
            if None not in ends:
                _limit(call, axis, [one for one in ends if one is not None], drawn)
    elif call.name in ("ylabel", "set_ylabel") and call.arguments:
        _unit(call, drawn)
    return _result(call)


def _only_marks(call: Call) -> bool:
    """Whether points are drawn with no line through them: `plot(x, y, "o")`."""
    formats = [one for cell in call.arguments for one in cell.real().constants]
    style = call.keywords.get("linestyle") or call.keywords.get("ls")
    texts = [one for one in formats if isinstance(one, str) and len(one) <= len("ro--")]
    lines = [one for one in texts if "-" in one or ":" in one]
    marks = [one for one in texts if one.strip("bgrcmykwC0123456789")]
    unlined = style is not None and {"", " ", "None", "none"} & set(style.real().constants)
    return bool(unlined) or (bool(marks) and not lines)


def _set(call: Call, links: list[AnyLink], drawn: Drawn) -> Cell:
    """`ax.set(xticks=, xticklabels=, title=)`: the ticks of each axis have their labels."""
    for axis in "xy":
        if f"{axis}lim" in call.keywords:
            _limit(call, axis, [call.keywords[f"{axis}lim"]], drawn)
    for axis in "xyz":
        ticks = (("ticks", "positions"), ("ticklabels", "labels"), ("label", "text"))
        pairs = [(axis + name, role) for name, role in ticks if axis + name in call.keywords]
        roles.together([(call.keywords[name], role) for name, role in pairs], links)
    if "title" in call.keywords:
        roles.give(call.keywords["title"], "text")
    return Cell(path=ARTIST)


def _is_single(cell: Cell) -> bool:
    return cell.is_scalar or (cell.real().single and not cell.is_sequence)


def bounded(range_: Cell | None, values: list[Cell]) -> None:
    """The bounds that a literal pair sets for values."""
    bounds = range_.real().fixed if range_ is not None else None
    numbers = [one for cell in bounds or [] for one in cell.constants[:1]]
    if len(numbers) == 2 and all(isinstance(one, int | float) for one in numbers):
        for cell in values:
            item = cell.scalar()
            if item.low is None and item.high is None:
                item.low, item.high = float(numbers[0]), float(numbers[1])


def related(pairs: list[tuple[Cell, str]]) -> None:
    """Note that y goes with x."""
    of_x = [cell.real() for cell, role in pairs if role == "x"]
    for cell in (cell.real() for cell, role in pairs if role == "y"):
        cell.near += of_x


def _pairs(call: Call) -> Iterator[tuple[Cell, str]]:
    if call.name in LINES:
        yield from _line_pairs(call)
    elif call.name not in MESHES and call.name not in LIMITS:
        expected = DRAWING.get(call.name, ())
        if call.name in ("bar", "barh") and len(call.arguments) == 1:
            expected = ("bars",)
        elif call.name == "legend" and len(call.arguments) == 1:
            expected = ("labels",)
        elif call.name in ("scatter", "text", "plot_trisurf") and _has_depth(call):
            expected = ("x", "y", "z", "sizes") if call.name != "text" else ("number",) * 3
        yield from zip(call.arguments, expected, strict=False)
    direct = {"x": "x", "y": "y", "y1": "y", "y2": "y", "height": "y", "labels": "labels"}
    for name, cell in call.keywords.items():
        if name in ("height", "y2") and call.name not in ("bar", "fill_between"):
            continue
        if name in direct and (is_drawing(call.name) and call.name != "text"):
            yield cell, direct[name]
        elif name in KEYWORDS:
            yield cell, KEYWORDS[name][0]


def _has_depth(call: Call) -> bool:
    """Whether a call draws in three dimensions: its third argument is no size or text."""
    return (len(call.arguments) > 2 and "zs" in call.keywords) or "zdir" in call.keywords


def _line_pairs(call: Call) -> Iterator[tuple[Cell, str]]:
    """x and y by turns, with formats between."""
    waiting: list[Cell] = []
    values = [cell.real() for cell in call.arguments]
    for cell in values:
        if cell.votes.get("text", 0) >= 1 and cell.inner is None and waiting:
            yield from _line(waiting)
            waiting = []
        else:
            waiting.append(cell)
        if len(waiting) == 2 and len(values) > 3:
            yield from _line(waiting)
            waiting = []
    yield from _line(waiting)


def _line(cells: list[Cell]) -> Iterator[tuple[Cell, str]]:
    if len(cells) == 1:
        yield cells[0], "y"
    elif len(cells) > 1:
        cells[0].sorted = cells[0].sorted or not cells[0].role
        yield from zip(cells, ("x", "y", "z"), strict=False)


def _from(data: Cell, cell: Cell) -> Cell:
    """A column where an argument is a name of one."""
    names = [one for one in cell.constants if isinstance(one, str)]
    if not names or cell.inner is not None:
        return cell
    if not data.real().items and not data.is_frame:
        data.vote("frame", 0.8)
    return data.column(names[0])


def _mesh(call: Call, links: list[AnyLink]) -> None:
    given = call.arguments
    if len(given) >= 3:
        x, y, z = given[:3]
        x.role, y.role = x.real().role or "x", y.real().role or "y"
        links.append(Mesh(x, y, z))
    elif given:
        z = given[0]
    else:
        return
    roles.give(z, "matrix")


def _limit(call: Call, axis: str, given: list[Cell], drawn: Drawn) -> None:
    bounds = given[0].real().fixed if len(given) == 1 else given
    for cell in given:
        if len(given) == 2:
            roles.give(cell, "number")
    numbers = [cell.constants[0] if len(cell.constants) == 1 else None for cell in bounds or []]
    low, high = (
        float(one) if isinstance(one, int | float) else None for one in (*numbers, None, None)[:2]
    )
    if low is not None and high is not None and low < high:
        drawn.limit(call, axis, low, high)


def _unit(call: Call, drawn: Drawn) -> None:
    """Bounds that the label of an axis tells."""
    label = " ".join(str(one) for one in call.arguments[0].constants).lower()
    if "%" in label or "percent" in label:
        _bound_label(call, drawn, 0.0, 100.0)
    elif any(word in label for word in SHARES):
        _bound_label(call, drawn, 0.0, 1.0)


def _bound_label(call: Call, drawn: Drawn, low: float, high: float) -> None:
    drawn.limit(call, "y", low, high)


def _result(call: Call) -> Cell:
    name = call.name
    if name == "subplots":
        return Cell(fixed=[Cell(path=FIGURE), Cell(path=AXES)])
    if name in ("hist", "hist2d"):
        arrays = [Cell(inner=Cell(votes={"number": 1})) for _ in range(2 + (name == "hist2d"))]
        return Cell(fixed=[*arrays, Cell(path=ARTIST)])
    if name in ("figure", "gcf"):
        return Cell(path=FIGURE)
    if name in (
        "subplot",
        "gca",
        "add_subplot",
        "add_axes",
        "axes",
        "twinx",
        "twiny",
        "subplot2grid",
    ):
        return Cell(path=AXES)
    return Cell(path=ARTIST)


def draw_frame(
    call: Call, links: list[AnyLink], of_seaborn: bool, drawn: Drawn | None = None
) -> Cell:
    """A call of seaborn's or plotly express's functions, or `df.plot(...)`."""
    given, keywords = list(call.arguments), dict(call.keywords)
    data = keywords.pop("data", None) or keywords.pop("data_frame", None) or call.receiver
    if data is None and given and _is_data(call, given, keywords, of_seaborn):
        data = given.pop(0)
    named = dict(zip(("x", "y", "hue"), given, strict=False)) | {
        name: cell for name, cell in keywords.items() if name in SEABORN_NAMES
    }
    if call.name in ("heatmap", "clustermap", "imshow"):
        for cell in (data, keywords.get("annot"), keywords.get("mask")):
            if cell is not None and not (cell.is_scalar or cell.real().path):
                roles.give(cell, "matrix")
        named = {}
    elif data is not None and not data.real().path:
        _as_frame(data, named, keywords)
    pairs = []
    for name, cell in named.items():
        cell = _from(data, cell) if data is not None else cell
        pairs.append((cell, _named_role(call.name, name, named, data is None)))
    roles.together(pairs, links)
    for name, cell in keywords.items():
        if name in ("vars", "x_vars", "y_vars", "path", "values", "names") and data is not None:
            _columns(data, cell)
        elif name in KEYWORDS and name not in SEABORN_NAMES:
            roles.give(cell, KEYWORDS[name][0])
        elif name.endswith("order") and data is not None:
            _order(named, name, cell, data)
    if call.name in ("regplot", "lmplot", "scatterplot", "scatter", "jointplot"):
        related(pairs)
    for cell, role in pairs if drawn is not None else ():
        if role in ("x", "y") and drawn is not None:
            drawn.cells.setdefault(("", role), []).append(cell)
    for axis in "xy":
        drawn_there = [cell for cell, role in pairs if role == axis]
        bounded(keywords.get(f"{axis}lim") or keywords.get(f"range_{axis}"), drawn_there)
    return Cell(path=AXES, base=data if call.name.endswith("Grid") else None)


def _is_data(call: Call, given: list[Cell], keywords: dict[str, Cell], of_seaborn: bool) -> bool:
    """Whether the first argument is the table: the others name columns, or there are no others."""
    first = given[0].real()
    if first.constants or call.name not in FRAME_DRAWING:
        return False
    names = [*given[1:], *(cell for name, cell in keywords.items() if name in SEABORN_NAMES)]
    if names:
        return any(cell.constants for cell in names)
    return not of_seaborn or first.is_frame or call.name in ("heatmap", "pairplot", "clustermap")


def _as_frame(data: Cell, named: dict[str, Cell], keywords: dict[str, Cell]) -> None:
    names = any(cell.constants for cell in named.values()) or "vars" in keywords or not named
    if names and not data.is_sequence:
        data.vote("frame", 1)


def _named_role(drawing: str, name: str, named: dict[str, Cell], in_rows: bool) -> str:
    if name in CATEGORY_NAMES:
        return "category"
    if name == "size":
        return "sizes"
    if name in ("x", "y") and drawing in NUMBER_DRAWINGS:
        return "y" if name == "y" or drawing != "scatterplot" else "x"
    if name in ("x", "y") and drawing in ("countplot", "bar", "barplot", "boxplot", "violinplot"):
        return "bars" if name == "x" else "y" if "x" in named else "bars"
    return name if name in ("x", "y") else "nothing"


def _columns(data: Cell, cell: Cell) -> None:
    for name in cell.scalar().constants:
        if isinstance(name, str):
            data.column(name)


def _order(named: dict[str, Cell], name: str, order: Cell, data: Cell) -> None:
    """`hue_order=[...]`: words of the column that is `hue`; `order=`: of the one of categories."""
    target = named.get(name.removesuffix("_order")) if name != "order" else named.get("x")
    if target is None or target.real().path:
        return
    column = _from(data, target)
    values = list(order.scalar().constants)
    column.scalar().among += values
    if values and all(isinstance(one, str) for one in values):
        column.scalar().vote("text", 2)
    elif not values and not order.real().path:
        unify(order.item(), column.item())
