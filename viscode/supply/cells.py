"""What a walk through a script learns about its values, before any value exists.

Each expression has a `Cell`. Uses add evidence to it: what is read from it, what is done with it,
how long it has to be. Two expressions of one value share a cell, or are made one by `unify`; of
those that only have equal lengths the `Size` is shared. What holds between a result and its
operands (`y = np.log(x)`: the shape of one is that of the other) waits as a `Link` until all uses
are known.
"""

import ast
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from viscode.supply.wanted import Kind

Constant = str | int | float | bool
SCALARS: frozenset[Kind] = frozenset(
    {"none", "flag", "integer", "number", "text", "date", "color", "colormap", "function", "axes"}
)
SEQUENCES: frozenset[Kind] = frozenset({"list", "array", "series"})
OF_ITEMS: tuple[Kind, ...] = ("number", "integer", "date")
"""Kinds that a value with items was taken for because of its items."""
MOST_CONSTANTS = 40
MOST_AXES = 5
ROUNDS = 8  # passes over the links; each carries a fact one operation further


@dataclass(eq=False, slots=True)
class Size:
    """How long something is: `value` where that is fixed, else at least `least`. `cuts` are the
    sizes of its slices, by their text, so that `x[1:]` and `y[1:]` agree where x and y do."""

    value: int | None = None
    least: int = 0
    cuts: "dict[str, Size]" = field(default_factory=dict)
    source: "tuple[Size, str] | None" = None
    forward: "Size | None" = None

    def real(self) -> "Size":
        """The size that this one has been made equal to."""
        size, passed = self, self
        while size.forward is not None:
            size = size.forward
        while passed.forward is not None and passed.forward is not size:
            passed.forward, passed = size, passed.forward
        return size

    def cut(self, text: str) -> "Size":
        """The size of the part that `text` names."""
        size, text = self.real(), "1:" if text == ":-1" else text
        if text not in size.cuts:
            size.cuts[text] = Size(source=(size, text))
        return size.cuts[text].real()


def equal_sizes(one: Size, other: Size) -> None:
    """Make two sizes one; equal parts of two things come from equally long ones."""
    waiting = [(one, other)]
    while waiting:
        kept, gone = (size.real() for size in waiting.pop())
        if kept is gone or (None not in (kept.value, gone.value) and kept.value != gone.value):
            continue
        gone.forward = kept
        kept.value = gone.value if kept.value is None else kept.value
        kept.least = max(kept.least, gone.least)
        waiting.extend(
            (kept.cuts[text], cut) for text, cut in gone.cuts.items() if text in kept.cuts
        )
        kept.cuts = {**gone.cuts, **kept.cuts}
        if kept.source and gone.source and kept.source[1] == gone.source[1]:
            waiting.append((kept.source[0], gone.source[0]))
        kept.source = kept.source or gone.source


@dataclass(eq=False, slots=True)
class Cell:
    """What is known of one value.

    `votes`: kinds that something speaks for, and how much. `uses`: operations, as in
    `kinds.OPERATIONS`. `inner`: what an item of a sequence is. `items`: by text in brackets.
    `attributes`: by name. `made`: the names among both that the script binds itself. `fixed`:
    the items of a display or an unpacking, each of its own. `result`: what a call of it gives.
    `index`: the labels of the rows, `spread`: those of the columns, where they are values.
    `grouped`: a `groupby`. `base`: the frame of which it has some of the rows; `row_of`: the
    frame of which it is one row. `label`: the name of a column, `owner` its frame or array. `path`:
    where a name of a library comes from. `code`: an own function or class. `bound`: the value that
    a method belongs to, and its name. `measures`: the size that an integer is, and how much more
    it is. `indexes`: the size of what it counts the items of. `columns`: a frame has at least so
    many without a name. `around`: numbers that it is compared with. `single`: one of many that a
    loop goes through."""

    votes: dict[Kind, float] = field(default_factory=dict)
    uses: set[str] = field(default_factory=set)
    inner: "Cell | None" = None
    size: Size | None = None
    items: "dict[str, Cell]" = field(default_factory=dict)
    attributes: "dict[str, Cell]" = field(default_factory=dict)
    made: set[str] = field(default_factory=set)
    fixed: "list[Cell] | None" = None
    result: "Cell | None" = None
    index: "Cell | None" = None
    spread: "Cell | None" = None
    grouped: bool = False
    base: "Cell | None" = None
    row_of: "Cell | None" = None
    label: str = ""
    owner: "Cell | None" = None
    path: str = ""
    code: ast.AST | None = None
    scope: object = None
    bound: "tuple[Cell, str] | None" = None
    constants: tuple[Constant, ...] = ()
    low: float | None = None
    high: float | None = None
    among: list[Constant] = field(default_factory=list)
    around: list[float] = field(default_factory=list)
    near: "list[Cell]" = field(default_factory=list)
    columns: int = 0
    measures: "tuple[Size, int] | None" = None
    indexes: Size | None = None
    role: str = ""
    sorted: bool = False
    single: bool = False
    forward: "Cell | None" = None

    def real(self) -> "Cell":
        """The cell that this one has been made one with."""
        cell, passed = self, self
        while cell.forward is not None:
            cell = cell.forward
        while passed.forward is not None and passed.forward is not cell:
            passed.forward, passed = cell, passed.forward
        return cell

    def vote(self, kind: Kind, weight: float = 1.0) -> "Cell":
        """Say that something speaks for a kind; the cell itself."""
        votes = self.real().votes
        votes[kind] = votes.get(kind, 0.0) + weight
        return self.real()

    def item(self) -> "Cell":
        """What an item is; from now on it is a sequence."""
        cell = self.real()
        if cell.inner is None:
            cell.inner = Cell(low=cell.low, high=cell.high, among=cell.among, around=cell.around)
            cell.low = cell.high = None
            cell.among, cell.around = [], []
            for kind in OF_ITEMS:
                if 0 < cell.votes.get(kind, 0) < 1:
                    cell.inner.vote(kind, cell.votes.pop(kind))
            for one in cell.fixed or []:
                if one.real().constants:
                    for kind in one.real().votes:
                        cell.inner.vote(kind, 0.5)
                elif not one.real().path:
                    unify(cell.inner, one)
        return cell.inner.real()

    def length(self) -> Size:
        """Its size along the first axis."""
        cell = self.real()
        if cell.size is None:
            cell.size = Size()
        return cell.size.real()

    def scalar(self) -> "Cell":
        """What stands in it at the bottom, itself where it is no sequence."""
        cell = self.real()
        for _ in range(MOST_AXES):
            if cell.inner is None and not cell.fixed:
                break
            cell = cell.item()
        return cell

    def depth(self) -> int:
        """How many axes are known of it."""
        cell, count = self.real(), 0
        while (cell.inner is not None or cell.fixed) and count < MOST_AXES:
            cell, count = cell.item(), count + 1
        return count

    @property
    def is_sequence(self) -> bool:
        """Whether it is known to have items in a row."""
        cell = self.real()
        return (
            cell.inner is not None
            or bool(cell.fixed)
            or any(cell.votes.get(kind, 0) >= 1 for kind in SEQUENCES)
        )

    @property
    def is_scalar(self) -> bool:
        """Whether it is known to be a single value."""
        cell = self.real()
        return (
            cell.inner is None
            and not cell.fixed
            and any(cell.votes.get(kind, 0) >= 1 for kind in SCALARS)
        )

    @property
    def is_frame(self) -> bool:
        """Whether it is a table, or part of one with several columns."""
        cell = self.real()
        return cell.base is not None or cell.votes.get("frame", 0) >= 1

    def column(self, name: str) -> "Cell":
        """An item by name. That of a frame is a series as long as the frame; that of some of its
        rows holds the same values."""
        cell = self.real()
        if name in cell.items:
            return cell.items[name].real()
        if cell.spread is not None:
            cell.spread.real().among.append(name)
        if cell.row_of is not None:
            return cell.row_of.column(name).item()
        found = Cell(grouped=cell.grouped, label=name, owner=cell)
        if cell.is_frame:
            found.vote("series", 0.5)
            if cell.base is not None:
                found.inner = cell.base.column(name).item()
                found.index = cell.index
            else:
                found.inner = Cell()
            found.size = cell.length()
        cell.items[name] = found
        return found

    def labels(self) -> "Cell":
        """What labels its rows: what labels those of the frame that it is of."""
        cell = self.real()
        for _ in range(MOST_AXES):
            around = cell.owner if cell.index is None else None
            around = around or (cell.base if cell.index is None else None)
            if around is None or not around.is_frame:
                break
            cell = around.real()
        if cell.index is None:
            cell.index = Cell()
        return cell.index.real()

    def rows(self, text: str = "") -> "Cell":
        """Some of the rows of it: what they hold is the same, how many there are is not. `text`
        tells one choice of rows from another."""
        cell = self.real()
        size = cell.length().cut(text) if text else Size()
        if cell.is_frame or (cell.items and cell.inner is None):
            if not cell.is_frame:
                cell.vote("frame", 1)
            view = Cell(base=cell, size=size, index=cell.index, grouped=cell.grouped)
            view.inner, view.spread = cell.inner, cell.spread
            return view.vote("frame", 1)
        return Cell(
            inner=cell.item(),
            size=size,
            index=cell.index,
            grouped=cell.grouped,
            votes={"array": 0.2},
        )


def unify(one: Cell, other: Cell) -> Cell:
    """Make two cells one: all that is known of either is known of it."""
    waiting, first = [(one, other)], one
    for _ in range(200):
        if not waiting:
            break
        kept, gone = (cell.real() for cell in waiting.pop())
        if kept is gone or kept.path or gone.path or kept.code or gone.code:
            continue
        gone.forward = kept
        waiting.extend(_merge(kept, gone))
    return first.real()


def _merge(kept: Cell, gone: Cell) -> Iterator[tuple[Cell, Cell]]:
    """Add what is known of `gone` to `kept`; the pairs of cells within that are one now, too."""
    for kind, weight in gone.votes.items():
        kept.vote(kind, weight)
    kept.uses |= gone.uses
    kept.made |= gone.made
    kept.constants = tuple(dict.fromkeys((*kept.constants, *gone.constants)))[:MOST_CONSTANTS]
    kept.among += gone.among
    kept.around += gone.around
    kept.near += gone.near
    kept.low = gone.low if kept.low is None else kept.low
    kept.high = gone.high if kept.high is None else kept.high
    kept.columns = max(kept.columns, gone.columns)
    kept.role = kept.role or gone.role
    kept.sorted |= gone.sorted
    kept.grouped |= gone.grouped
    if kept.size is not None and gone.size is not None:
        equal_sizes(kept.size, gone.size)
    kept.size = kept.size or gone.size
    kept.measures = kept.measures or gone.measures
    kept.indexes = kept.indexes or gone.indexes
    for name in ("inner", "result", "index", "spread", "base", "row_of"):
        mine, theirs = getattr(kept, name), getattr(gone, name)
        if mine is None:
            setattr(kept, name, theirs)
        elif theirs is not None:
            yield mine, theirs
    for mine, theirs in ((kept.items, gone.items), (kept.attributes, gone.attributes)):
        yield from ((mine[name], cell) for name, cell in theirs.items() if name in mine)
        mine.update({name: cell for name, cell in theirs.items() if name not in mine})
    if kept.fixed is None:
        kept.fixed = gone.fixed
    elif gone.fixed is not None and len(gone.fixed) == len(kept.fixed):
        yield from zip(kept.fixed, gone.fixed, strict=True)


@dataclass(frozen=True, eq=False, slots=True)
class Link:
    """The shape of `result` is that of `operands` computed item by item. `numbers`: they are
    calculated with."""

    result: Cell
    operands: tuple[Cell, ...]
    numbers: bool = True


@dataclass(frozen=True, eq=False, slots=True)
class Mesh:
    """Coordinates beside a matrix: one for each column and each row, or one for each item."""

    x: Cell
    y: Cell
    z: Cell


@dataclass(frozen=True, eq=False, slots=True)
class Beside:
    """Where both are sequences they are equally long."""

    one: Cell
    other: Cell


AnyLink = Link | Mesh | Beside


def settle(links: Iterable[AnyLink]) -> None:
    """Carry shapes between results and operands until nothing changes."""
    pending = list(links)
    for _ in range(ROUNDS):
        before = [_state(link) for link in pending]
        for link in pending:
            if isinstance(link, Link):
                _settle(link, MOST_AXES)
            elif isinstance(link, Mesh):
                _settle_mesh(link)
            elif link.one.is_sequence and link.other.is_sequence:
                equal_sizes(link.one.length(), link.other.length())
        if before == [_state(link) for link in pending]:
            break


def _state(link: AnyLink) -> tuple[int, ...]:
    if isinstance(link, Link):
        cells = (link.result, *link.operands)
    else:
        cells = (link.x, link.y, link.z) if isinstance(link, Mesh) else (link.one, link.other)
    return tuple(cell.depth() for cell in cells)


def _settle(link: Link, levels: int) -> None:
    if not levels:
        return
    result = link.result.real()
    sequences = [cell.real() for cell in link.operands if cell.is_sequence]
    open_ones = [
        c.real() for c in link.operands if not (c.is_sequence or c.is_scalar or c.real().path)
    ]
    if result.is_sequence and not sequences:
        sequences, open_ones = open_ones, []
    if sequences:
        for cell in sequences:
            cell.item(), result.item()
            equal_sizes(cell.length(), result.length())
        deep = [c for c in sequences if c.depth() > 1] or (sequences if result.depth() > 1 else [])
        if deep:
            inner = tuple(cell.item() for cell in deep)
            _settle(Link(result.item(), inner, link.numbers), levels - 1)
    if link.numbers:
        for cell in open_ones:
            if result.is_sequence or result.is_scalar:
                _at_least(cell, 0.6)
        for cell in sequences:
            _at_least(cell.scalar(), 0.5)


def _at_least(cell: Cell, weight: float) -> None:
    votes = cell.real().votes
    votes["number"] = max(votes.get("number", 0.0), weight)


def _settle_mesh(mesh: Mesh) -> None:
    z = mesh.z.real()
    for cell, along in ((mesh.x, z.item().length()), (mesh.y, z.length())):
        if cell.real().path:
            continue
        cell.item()
        if cell.depth() > 1:
            equal_sizes(cell.length(), z.length())
            equal_sizes(cell.item().length(), z.item().length())
        else:
            equal_sizes(cell.length(), along)
