"""What functions that calculate (numpy, scipy, pandas, scikit-learn, builtins) say of arguments."""

from collections.abc import Callable
from datetime import date, timedelta

from viscode.supply import roles
from viscode.supply.cells import AnyLink, Cell, Link, Size, equal_sizes, unify
from viscode.supply.drawing import Call, bounded
from viscode.supply.signatures import (
    ALIGNED_NUMBERS,
    CLASSES,
    ELEMENTWISE,
    RANGES,
    REDUCING,
    words,
)
from viscode.supply.wanted import Kind

Apply = Callable[[Cell, list[Cell]], Cell]  # calls what a cell holds
CASTS: dict[str, Kind] = {"int": "integer", "float": "number", "str": "text"}
KEEPS = words(
    """
    array asarray list tuple sorted copy reversed asanyarray flip sort tensor
    """
)


def calculate(call: Call, links: list[AnyLink]) -> Cell | None:
    """The result of a function of numbers, None where it is not known."""
    name = call.name
    if name in TABLE:
        return TABLE[name](call, links)
    if name in ALIGNED_NUMBERS and len(call.arguments) > 1:
        return _aligned(call, links)
    if name in ELEMENTWISE and call.arguments:
        return _elementwise(call, links)
    if name in REDUCING and call.arguments:
        return reduced(call.arguments[0], call)
    return None


def number() -> Cell:
    """A number that some calculation gives."""
    return Cell(votes={"number": 1.0})


def row(size: Size | None = None) -> Cell:
    """An array of numbers."""
    return Cell(inner=number(), size=size or Size(), votes={"array": 1.0})


def reduced(cell: Cell, call: Call) -> Cell:
    """What a sum or mean gives: a number, or with an axis an array of one less."""
    cell = cell.real()
    if cell.is_frame and not cell.grouped:
        return Cell(inner=number(), size=Size(), votes={"series": 0.6})
    axis = call.argument(1 if call.receiver is None else 0, "axis")
    if cell.grouped:
        if cell.is_frame:
            return cell.rows()
        return Cell(inner=cell.item(), size=Size(), index=cell.index, votes={"series": 0.6})
    if not cell.is_scalar:
        cell.item()
    with_axis = axis is not None and axis.path != "None"
    if with_axis:
        cell.item().item()
    cell.scalar().vote("number", 0.6)
    if axis is None or not with_axis:
        return number() if call.name not in ("argmax", "argmin") else Cell(votes={"integer": 1})
    along = axis.constants[:1]
    size = cell.item().length() if along == (0,) else cell.length()
    return row(size)


def _elementwise(call: Call, links: list[AnyLink]) -> Cell:
    name, first = call.name, call.arguments[0].real()
    if name in KEEPS:
        return _kept(call, first)
    result = Cell()
    scalar = first.scalar()
    if name in RANGES and not scalar.constants:
        low, high = RANGES[name]
        scalar.low = low if scalar.low is None else scalar.low
        scalar.high = high if scalar.high is None else scalar.high
    if name in CASTS:
        scalar.vote("text", 0.2) if name == "int" else None
        result.vote(CASTS[name], 1)
        return result
    many = {"maximum", "minimum", "arctan2", "hypot", "add", "subtract", "multiply", "divide"}
    operands = tuple(call.arguments[:2]) if name in many else (first,)
    if name == "interp":
        _aligned_pair(call.arguments[1:3])
    links.append(Link(result, operands))
    return result


def _kept(call: Call, first: Cell) -> Cell:
    """`list(x)`, `np.array(x)`: the same items, as many."""
    if first.path or first.is_frame:
        return first
    if call.name in ("array", "asarray", "tensor") and first.is_scalar:
        return first
    if call.name in ("array", "asarray") and first.inner is None:
        return first
    return Cell(inner=first.item(), size=first.length(), fixed=first.fixed)


def _aligned_pair(cells: list[Cell]) -> None:
    for cell in cells:
        if not cell.real().path and not cell.is_frame:
            cell.item()
            cell.scalar().vote("number", 0.8)
    if len(cells) == 2 and not any(cell.real().path for cell in cells):
        equal_sizes(cells[0].length(), cells[1].length())
        cells[0].role, cells[1].role = cells[0].real().role or "x", cells[1].real().role or "y"
        cells[0].real().sorted = True
        cells[1].near.append(cells[0])


def _aligned(call: Call, links: list[AnyLink]) -> Cell:
    pair = call.arguments[:2]
    if call.name in CLASSES:
        for cell in pair:
            cell.item().vote("integer", 0.8)
            cell.role = cell.real().role or "classes"
        equal_sizes(pair[0].length(), pair[1].length())
        if call.name == "confusion_matrix":
            return Cell(inner=row(), size=Size(), votes={"array": 1})
        return number()
    if call.name in ("roc_curve", "roc_auc_score", "precision_recall_curve", "calibration_curve"):
        _aligned_pair(pair)
        pair[0].role = "binary"
        pair[0].scalar().vote("integer", 1)
        pair[0].scalar().low, pair[0].scalar().high = 0.0, 1.0
        pair[1].scalar().low, pair[1].scalar().high = 0.0, 1.0
        if call.name != "roc_auc_score":
            size = Size()
            return Cell(fixed=[row(size), row(size), row(Size())])
        return number()
    _aligned_pair(pair)
    if call.name in ("polyfit", "corrcoef", "cov"):
        return row() if call.name == "polyfit" else Cell(inner=row(), votes={"array": 1})
    if call.name in ("linregress", "pearsonr", "spearmanr", "kendalltau", "ttest_rel"):
        return Cell()
    return number() if call.name.endswith(("error", "score", "trapz", "simps")) else Cell()


def counted(cell: Cell | None) -> Size:
    """The size that a number of items is."""
    if cell is None:
        return Size()
    cell = cell.real()
    whole = [one for one in cell.constants if isinstance(one, int)]
    if whole:
        return Size(value=whole[0]) if len(whole) == 1 and whole[0] > 0 else Size()
    if cell.fixed:
        return counted(cell.fixed[0])
    if cell.measures is None:
        if not cell.is_sequence:
            cell.vote("integer", 1)
        cell.measures = (Size(), 0)
    size, more = cell.measures
    return size.real() if not more else Size()


def _range(call: Call, links: list[AnyLink]) -> Cell:
    """`range(n)`, `range(1, n + 1)`, `np.arange(len(x))`."""
    given = call.arguments
    kind: Kind = "integer" if call.name == "range" else "number"
    size = Size()
    if len(given) == 1:
        size = counted(given[0])
    elif len(given) == 2 and call.name in ("range", "arange"):
        start = given[0].constants[:1]
        end = given[1].real()
        if end.measures and start and end.measures[1] == start[0]:
            size = end.measures[0].real()
        elif end.constants and start and isinstance(end.constants[0], int):
            first = start[0]
            if isinstance(first, int) and end.constants[0] > first:
                size = Size(value=end.constants[0] - first)
    for cell in given:
        if not (cell.real().constants or cell.real().measures or cell.is_sequence):
            cell.vote("number" if call.name == "arange" else "integer", 0.8)
    counts = size if len(given) == 1 and call.name == "range" else None
    inner = Cell(votes={kind: 1}, indexes=counts)
    return Cell(inner=inner, size=size, votes={"array": 0.5}, sorted=True)


def _spaced(call: Call, links: list[AnyLink]) -> Cell:
    for cell in call.arguments[:2]:
        if not cell.is_sequence:
            cell.vote("number", 0.8)
    if call.name == "linspace":
        from_to(call.arguments[:2])
    count = call.argument(2, "num")
    return row(counted(count) if count is not None else Size(value=50))


def from_to(ends: list[Cell]) -> None:
    """The second of two ends that nothing fixes is above the first."""
    if len(ends) != 2 or any(one.real().path or one.is_sequence for one in ends):
        return
    start, end = (one.real() for one in ends)
    if start is end or start.measures or end.measures:
        return
    known = [one for one in start.constants if isinstance(one, int | float)]
    if not (start.constants or end.constants) and start.low is None and start.high is None:
        start.low = start.high = 0.0
    if not end.constants and end.low is None and end.high is None:
        low = known[0] if known else 0.0
        end.low, end.high = low + 1.0, low + 10.0


def _filled(call: Call, links: list[AnyLink]) -> Cell:
    """zeros, ones, full, random numbers of a shape."""
    given = call.arguments
    shape = call.keywords.get("size") or (given[-1] if given else None)
    if call.name in ("zeros", "ones", "empty", "full") and given:
        shape = given[0]
    if call.name in ("rand", "randn"):
        sizes = [counted(cell) for cell in given]
    elif shape is not None and shape.real().fixed:
        sizes = [counted(cell) for cell in shape.real().fixed or []]
    elif (
        call.name in ("zeros", "ones", "empty", "full") or len(given) > 2 or "size" in call.keywords
    ):
        sizes = [counted(shape)]
    else:
        sizes = []
        for cell in given:
            if not cell.is_sequence:
                cell.vote("number", 0.6)
    result = number()
    for size in reversed(sizes):
        result = Cell(inner=result, size=size, votes={"array": 1})
    return result


def _meshgrid(call: Call, links: list[AnyLink]) -> Cell:
    for cell in call.arguments:
        if not cell.real().path:
            cell.item()
            cell.scalar().vote("number", 0.8)
            cell.real().sorted = True
    if len(call.arguments) != 2:
        return Cell()
    x, y = call.arguments
    grids = [Cell(inner=Cell(inner=number(), size=x.length()), size=y.length()) for _ in "xy"]
    return Cell(fixed=[grid.vote("array", 1) for grid in grids])


def _histogram(call: Call, links: list[AnyLink]) -> Cell:
    if call.arguments:
        call.arguments[0].item()
        call.arguments[0].scalar().vote("number", 1)
        bounded(call.argument(2, "range"), call.arguments[:1])
    return Cell(fixed=[row(), row()])


def _joined(call: Call, links: list[AnyLink]) -> Cell:
    """concatenate, hstack, append: items of the same kind, one after the other."""
    given = call.arguments[0].real() if call.arguments else Cell()
    parts = given.fixed or [given, *call.arguments[1:2]] if call.name == "append" else given.fixed
    result = Cell(inner=Cell(), size=Size(), votes={"array": 0.6})
    if parts is None:
        given.item().item()
        return Cell(inner=given.item().item(), size=Size(), votes={"array": 0.6})
    for part in parts:
        if part.is_sequence and not part.is_scalar:
            unify(result.item(), part.item())
    if call.name in ("column_stack", "vstack", "stack", "c_"):
        for part in parts[1:]:
            equal_sizes(parts[0].length(), part.length())
        sizes = (parts[0].length() if parts else Size(), Size(value=len(parts)))
        first, second = sizes if call.name == "column_stack" else (sizes[1], sizes[0])
        for part in parts:
            part.item()
        return Cell(inner=Cell(inner=result.item(), size=second), size=first, votes={"array": 1})
    return result


def _where(call: Call, links: list[AnyLink]) -> Cell:
    if len(call.arguments) < 3:
        return Cell(fixed=[Cell(inner=Cell(votes={"integer": 1}))])
    result = Cell()
    links.append(Link(result, tuple(call.arguments)))
    return result


def _unique(call: Call, links: list[AnyLink]) -> Cell:
    values = call.arguments[0] if call.arguments else Cell()
    result = Cell(inner=values.item(), size=Size(), votes={"array": 0.6})
    if values.real().role == "":
        values.real().role = "category"
    if "return_counts" in call.keywords:
        return Cell(fixed=[result, row(result.length())])
    return result


def _matrix(call: Call, links: list[AnyLink]) -> Cell:
    given = call.arguments[0] if call.arguments else Cell()
    given.item().item()
    given.scalar().vote("number", 0.8)
    if call.name in ("inv", "det", "eig", "eigh", "eigvals", "solve", "cholesky"):
        equal_sizes(given.length(), given.item().length())
    if call.name == "solve" and len(call.arguments) > 1:
        equal_sizes(call.arguments[1].length(), given.length())
    if call.name == "det":
        return number()
    if call.name in ("eig", "eigh"):
        return Cell(fixed=[row(given.length()), Cell(inner=row())])
    return Cell(inner=row(), votes={"array": 1}) if call.name == "inv" else Cell()


def _curve_fit(call: Call, links: list[AnyLink]) -> Cell:
    _aligned_pair(call.arguments[1:3])
    return Cell(fixed=[row(), Cell(inner=row())])


def _dot(call: Call, links: list[AnyLink]) -> Cell:
    for cell in call.arguments[:2]:
        if not cell.is_frame and not cell.real().path:
            cell.item()
            cell.scalar().vote("number", 0.8)
    return Cell()


def _split(call: Call, links: list[AnyLink]) -> Cell:
    """`train_test_split(X, y)`: two parts of each."""
    for cell in call.arguments[1:]:
        if call.arguments[0].is_sequence or not cell.is_sequence:
            equal_sizes(call.arguments[0].length(), cell.length())
    pieces: list[Cell] = []
    for cell in call.arguments:
        pieces += [cell.rows("train"), cell.rows("test")]
    if call.arguments:
        least = call.arguments[0].length()
        least.least = max(least.least, 20)
    return Cell(fixed=pieces)


def _imread(call: Call, links: list[AnyLink]) -> Cell:
    return Cell(inner=row(), size=Size(), votes={"array": 1})


def _filtered(call: Call, links: list[AnyLink]) -> Cell:
    """What is as long as the first argument; the second is a row of its own."""
    first = call.arguments[0].real() if call.arguments else Cell()
    for cell in call.arguments[:2]:
        if not (cell.real().path or cell.is_scalar):
            cell.item()
            cell.scalar().vote("number", 0.8)
    return row(first.length())


def _polyval(call: Call, links: list[AnyLink]) -> Cell:
    result = Cell()
    if len(call.arguments) > 1:
        call.arguments[0].item()
        links.append(Link(result, (call.arguments[1],)))
    return result


def _image(call: Call, links: list[AnyLink]) -> Cell:
    """OpenCV's `cvtColor` and such: a picture with three colours where it is made grey."""
    given = call.arguments[0] if call.arguments else Cell()
    if given.real().path:
        return given
    pixel = given.item().item()
    if call.name in ("cvtColor", "rgb2gray", "rgb2hsv", "rgb2lab"):
        pixel.item().vote("integer", 2)
        pixel.length().value = 3
        given.role = "image"
    if call.name == "rgb2gray":
        return Cell(inner=Cell(inner=number(), size=given.item().length()), size=given.length())
    return given


def _differences(call: Call, links: list[AnyLink]) -> Cell:
    given = call.arguments[0].real() if call.arguments else Cell()
    if given.path:
        return row()
    given.item()
    given.scalar().vote("number", 0.6)
    return row(given.length().cut("1:"))


def _wave(call: Call, links: list[AnyLink]) -> Cell:
    """Spectra need a long row of numbers."""
    if call.arguments and not call.arguments[0].real().path:
        roles.give(call.arguments[0], "wave")
    if call.name == "find_peaks":
        return Cell(fixed=[Cell(inner=Cell(votes={"integer": 1}), size=Size()), Cell()])
    if call.name in ("welch", "periodogram"):
        size = Size()
        return Cell(fixed=[row(size), row(size)])
    rows, columns = Size(), Size()
    return Cell(fixed=[row(rows), row(columns), Cell(inner=row(columns), size=rows)])


def transposed(cell: Cell) -> Cell:
    """Rows as columns."""
    inner = cell.item()
    bottom = inner.item()
    return Cell(inner=Cell(inner=bottom, size=cell.length()), size=inner.length())


def reordered(cell: Cell, order: list[Cell]) -> Cell:
    """The axes of an array in another order."""
    places = [one.constants[0] for one in order if len(one.constants) == 1]
    if cell.path:
        return cell
    if cell.is_frame or not 2 <= len(places) <= 4:
        return transposed(cell)
    levels = [cell]
    while len(levels) < len(places):
        levels.append(levels[-1].item())
    result = levels[-1].item()
    for place in reversed(places):
        known = isinstance(place, int) and -len(levels) <= place < len(levels)
        size = levels[int(place)].length() if known else Size()
        result = Cell(inner=result, size=size, votes={"array": 0.5})
    return result


def sorting(cell: Cell) -> Cell:
    """The places of items in their order."""
    if cell.path:
        return Cell()
    cell.item()
    cell.scalar().vote("number", 0.4)
    return Cell(inner=Cell(votes={"integer": 1}), size=cell.length(), votes={"array": 1})


def _transpose(call: Call, links: list[AnyLink]) -> Cell:
    order = call.argument(1, "axes")
    if not call.arguments:
        return Cell()
    return reordered(call.arguments[0], (order.real().fixed if order else None) or [])


def _sorting(call: Call, links: list[AnyLink]) -> Cell:
    return sorting(call.arguments[0]) if call.arguments else Cell()


def dates_in(form: str) -> list[str]:
    """Some dates in a format."""
    days = (date(2023, 1, 2) + timedelta(days=7 * week) for week in range(8))
    return [day.strftime(form) for day in days]


def _parsed_date(call: Call, links: list[AnyLink]) -> Cell:
    """`strptime(text, "%d.%m.%Y")`."""
    forms = call.arguments[1].constants[:1] if len(call.arguments) > 1 else ()
    if forms and not (call.arguments[0].real().path or call.arguments[0].constants):
        item = call.arguments[0].scalar().vote("text", 2)
        item.among += dates_in(str(forms[0]))
    return Cell(votes={"date": 1.0})


Handler = Callable[[Call, list[AnyLink]], Cell]
TABLE: dict[str, Handler] = {
    **dict.fromkeys(("range", "arange"), _range),
    **dict.fromkeys(("linspace", "logspace", "geomspace"), _spaced),
    **dict.fromkeys(("zeros", "ones", "empty", "full", "rand", "randn", "randint"), _filled),
    **dict.fromkeys(("normal", "uniform", "random", "poisson", "standard_normal"), _filled),
    **dict.fromkeys(("histogram", "bincount"), _histogram),
    **dict.fromkeys(
        ("concatenate", "hstack", "append", "vstack", "column_stack", "stack"), _joined
    ),
    **dict.fromkeys(("inv", "det", "eig", "eigh", "eigvals", "svd", "solve", "cholesky"), _matrix),
    **dict.fromkeys(("dot", "matmul"), _dot),
    **dict.fromkeys(("cvtColor", "rgb2gray", "rgb2hsv", "rgb2lab", "resize", "rotate"), _image),
    **dict.fromkeys(("convolve", "correlate"), _filtered),
    **dict.fromkeys(("spectrogram", "stft", "welch", "periodogram", "find_peaks"), _wave),
    "diff": _differences,
    "transpose": _transpose,
    "argsort": _sorting,
    "strptime": _parsed_date,
    "meshgrid": _meshgrid,
    "where": _where,
    "unique": _unique,
    "curve_fit": _curve_fit,
    "train_test_split": _split,
    "polyval": _polyval,
}
