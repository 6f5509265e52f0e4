"""From what was learnt of cells to what is wanted of values."""

from collections.abc import Iterable, Mapping

from viscode.supply.cells import SCALARS, Cell, Size, unify
from viscode.supply.kinds import attributes_of, choose
from viscode.supply.wanted import IN_A_ROW, Kind, Wanted

DEEPEST = 5  # levels of parts within parts
MOST_PARTS = 40
LEAST_COLUMNS = 2  # of a frame whose columns have no names
USUAL = 12  # a size that several values share in places that `beside` cannot name
MOST_ROWS = 5_000


def wanted_of(cells: Mapping[str, Cell]) -> dict[str, Wanted]:
    """What each named value has to be like."""
    cells = {name: cell.real() for name, cell in cells.items()}
    for cell in cells.values():
        _join_places(cell, 0)
    _fix_shared_sizes(cells.values())
    names: dict[int, set[str]] = {}
    for name, cell in cells.items():
        if cell.size is not None:
            names.setdefault(id(cell.size.real()), set()).add(name)
    by_cell = _names_of_cells(cells)
    found = {}
    for name, cell in cells.items():
        wanted = _Writer(by_cell).wanted(cell)
        if cell.size is not None and _has_rows(wanted.kind):
            beside = names[id(cell.size.real())] - {name}
            wanted.beside = {one for one in beside if _has_rows(choose(cells[one])[0])}
        wanted.near.discard(name)
        found[name] = wanted
    return found


def _join_places(cell: Cell, depth: int) -> None:
    """Make items that were unpacked, and are alike, one with the items of the whole."""
    cell = cell.real()
    if depth > DEEPEST:
        return
    if cell.fixed and not cell.constants:
        kinds = {(choose(one)[0], one.depth()) for one in cell.fixed}
        if len(kinds) == 1 and ("unknown", 0) not in kinds:
            for one in cell.fixed:
                unify(cell.item(), one)
    for inner in (cell.inner, *cell.items.values(), *cell.attributes.values()):
        if inner is not None:
            _join_places(inner, depth + 1)


def _has_rows(kind: Kind) -> bool:
    return kind not in SCALARS and kind not in ("mapping", "record", "graph", "figure")


def _names_of_cells(cells: Mapping[str, Cell]) -> dict[int, str]:
    """The name of each value and, by its own name, of each part of one."""
    names: dict[int, str] = {}
    for cell in cells.values():
        for part, inner in (*cell.items.items(), *cell.attributes.items()):
            names.setdefault(id(inner.real()), part)
            if inner.real().inner is not None:
                names.setdefault(id(inner.real().item()), part)
    for name, cell in cells.items():
        names[id(cell)] = name
    return names


def _fix_shared_sizes(cells: Iterable[Cell]) -> None:
    """Give a number to each size that occurs elsewhere than as first sizes of whole values."""
    places: dict[int, tuple[Size, int, bool]] = {}
    for cell in cells:
        for size, first in _sizes(cell, True, 0):
            key = id(size.real())
            _, count, only_first = places.get(key, (size, 0, True))
            places[key] = size.real(), count + 1, only_first and first
    for size, count, only_first in places.values():
        if count > 1 and not only_first and size.value is None:
            size.value = max(USUAL, size.least)


def _sizes(cell: Cell, first: bool, depth: int) -> Iterable[tuple[Size, bool]]:
    cell = cell.real()
    if depth > DEEPEST:
        return
    if cell.measures is not None:
        yield cell.measures[0], False
    if cell.size is not None:
        yield cell.size, first
    if cell.inner is not None:
        yield from _sizes(cell.inner, False, depth + 1)
    if cell.is_frame:
        return
    for part in (*cell.items.values(), *cell.attributes.values()):
        yield from _sizes(part, False, depth + 1)


class _Writer:
    def __init__(self, names: dict[int, str]) -> None:
        self._names = names
        self._open: set[int] = set()  # cells that stand around the current one

    def wanted(self, cell: Cell, *, inside: bool = False) -> Wanted:
        cell = cell.real()
        if id(cell) in self._open or len(self._open) > DEEPEST:
            return Wanted()
        self._open.add(id(cell))
        kind, certain = choose(cell)
        if inside and kind == "frame" and not certain and not cell.votes.get("frame"):
            kind = "mapping"  # `history.history["loss"]`
        wanted = Wanted(kind=kind, certain=certain, role=cell.role, sorted=cell.sorted)
        self._limits(cell, wanted)
        if cell.measures is not None and not cell.constants:
            size, more = cell.measures
            wanted.low = wanted.high = float(max((size.real().value or USUAL) + more, 1))
        self._structure(cell, wanted)
        self._open.discard(id(cell))
        return wanted

    def _limits(self, cell: Cell, wanted: Wanted) -> None:
        wanted.low, wanted.high = cell.low, cell.high
        if wanted.low is None and wanted.high is None and cell.around:
            low, high = min(cell.around), max(cell.around)
            margin = max(high - low, abs(low) / 2, abs(high) / 2) or 1.0
            wanted.low, wanted.high = low - margin, high + margin
            if low >= 0:
                wanted.low = max(0.0, wanted.low) if low else -margin
        among = dict.fromkeys(one for one in cell.among if not isinstance(one, bool))
        wanted.among = tuple(among)
        wanted.near = {
            self._names[id(one.real())] for one in cell.near if id(one.real()) in self._names
        }

    def _structure(self, cell: Cell, wanted: Wanted) -> None:
        kind = wanted.kind
        if kind in ("list", "array", "series"):
            item = cell.scalar() if kind == "array" else cell.item()
            wanted.item = self.wanted(item, inside=kind == "list")
            if not wanted.role and cell.item().role in ("image", "matrix", "trace"):
                wanted.role = cell.item().role
            wanted.shape = _shape(cell, cell.depth() if kind == "array" else 1)
            if wanted.item.kind == "axes":
                wanted.kind, wanted.item = "axes", None
                wanted.shape = _shape(cell, max(cell.depth(), 1), least=2)
            elif cell.fixed:
                self._places(cell, wanted)
        elif kind == "frame":
            wanted.shape = _shape(cell, 1)
            columns = {name: one for name, one in cell.attributes.items() if _is_column(name)}
            wanted.parts = self._parts(cell, {**columns, **cell.items})
            if cell.columns or (not wanted.parts and cell.depth() > 1):
                wanted.item = self.wanted(cell.scalar())
                count = cell.item().length()
                columns_least = max(cell.columns, count.least, count.value or 0, LEAST_COLUMNS)
                wanted.shape = (*wanted.shape, columns_least)
        elif kind == "mapping":
            wanted.parts = self._parts(cell, cell.items)
            if cell.inner is not None:
                wanted.item = self.wanted(cell.inner, inside=True)
        elif kind == "record":
            wanted.parts = self._parts(cell, {**cell.items, **cell.attributes})
        elif (kind == "unknown" and cell.role in IN_A_ROW) or (kind == "axes" and cell.depth()):
            wanted.shape = _shape(cell, cell.depth())
        if kind in ("record", "function") and cell.result is not None:
            wanted.item = self.wanted(cell.result, inside=True)
        if kind in ("series", "frame") and cell.index is not None:
            wanted.index = self.wanted(cell.index)

    def _parts(self, cell: Cell, cells: dict[str, Cell]) -> dict[str, Wanted]:
        names = [name for name in cells if name not in cell.made][:MOST_PARTS]
        return {name: self.wanted(cells[name], inside=True) for name in names}

    def _places(self, cell: Cell, wanted: Wanted) -> None:
        """Items that were unpacked: parts by their place, where they are not all alike."""
        items = [self.wanted(one) for one in cell.fixed or []]
        wanted.shape = (len(items), *(wanted.shape or (None,))[1:])
        if any(one.kind != items[0].kind for one in items):
            wanted.parts = {str(place): one for place, one in enumerate(items)}
            wanted.kind = "list"
        elif items[0].kind != "unknown":
            wanted.item = items[0]


def _is_column(name: str) -> bool:
    return name not in attributes_of()["frame"]


def _shape(cell: Cell, depth: int, least: int = 0) -> tuple[int | None, ...]:
    sizes: list[int | None] = []
    for _ in range(max(depth, 1)):
        size = cell.real().size
        size = size.real() if size is not None else Size()
        value = size.value
        if value is None and (size.least > USUAL or least):
            value = max(size.least, least)
        sizes.append(min(value, MOST_ROWS) if value else None)
        if cell.real().inner is None:
            break
        cell = cell.item()
    return tuple(sizes)
