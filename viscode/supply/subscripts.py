"""What brackets say of the value before them, and what they give."""

import ast

from viscode.supply.cells import AnyLink, Cell, Link, Size, equal_sizes, unify

MOST_PLACE = 2_000


def subscript(
    owner: Cell, node: ast.expr, index: Cell, seen: dict[int, Cell], links: list[AnyLink]
) -> Cell:
    """The cell of `owner[index]`; `node` is what stands in the brackets, `seen` the cells in it."""
    owner, index = owner.real(), index.real()
    if owner.bound is not None and owner.bound[1] in ("iloc", "loc", "iat", "at", "ix"):
        return _located(owner.bound[0].real(), node, index, seen, links)
    if owner.bound is not None and owner.bound[1] == "shape":
        return _axis_size(owner.bound[0].real(), index)
    if owner.bound is not None and owner.bound[1] == "columns":
        return _column_name(owner.bound[0].real(), node, index)
    if owner.path:
        return Cell(path=owner.path)
    if isinstance(node, ast.Tuple):
        owner.uses.add("places")
        return _by_axes(owner, node.elts, seen)
    texts = [one for one in index.scalar().constants if isinstance(one, str)]
    if texts and index.inner is None:
        return _named(owner, texts)
    if texts:
        return _several(owner, texts, links)
    if isinstance(node, ast.Slice):
        return _sliced(owner, node)
    whole = [one for one in index.constants if isinstance(one, int)]
    if whole and not owner.is_frame:
        return _placed(owner, [int(one) for one in whole])
    return _indexed(owner, node, index)


def _named(owner: Cell, texts: list[str]) -> Cell:
    if owner.row_of is None:
        owner.uses.add("key")
    if owner.index is not None and owner.inner is not None and not owner.is_frame:
        owner.index.real().among += texts  # a series by the label of a row
        return owner.item()
    cells = [owner.column(text) for text in texts]
    for cell in cells[1:]:
        if owner.is_frame:
            for kind, weight in cell.item().votes.items():
                cells[0].item().vote(kind, weight)
    if len(cells) > 1:
        return _any_of(cells)
    return cells[0].real()


def _any_of(cells: list[Cell]) -> Cell:
    """One of several parts that are used alike: what is learnt of one holds for all."""
    items = [cell.item() for cell in cells if cell.is_sequence]
    for one in items[1:]:
        unify(items[0], one)
    return cells[0].real()


def _several(owner: Cell, texts: list[str], links: list[AnyLink]) -> Cell:
    """`df[["a", "b"]]`: a frame of these columns, with all rows."""
    owner.uses.add("keys")
    if not owner.is_frame:
        owner.vote("frame", 2)
    items = tuple(owner.column(text).item() for text in texts)
    part = Cell(base=owner, size=owner.length(), index=owner.index, grouped=owner.grouped)
    bottom = Cell()
    links.append(Link(bottom, items))
    part.inner = Cell(inner=bottom, size=Size(value=len(texts)))
    return part.vote("frame", 1)


def _placed(owner: Cell, places: list[int]) -> Cell:
    owner.uses.add("place")
    if (
        owner.fixed is not None
        and len(places) == 1
        and -len(owner.fixed) <= places[0] < len(owner.fixed)
    ):
        return owner.fixed[places[0]].real()
    if owner.items and owner.inner is None:  # d["a"], d[0]
        return owner.column(str(places[0]))
    size = owner.length()
    least = max(one + 1 if one >= 0 else -one for one in places)
    size.least = max(size.least, min(least, MOST_PLACE))
    return owner.item()


def _sliced(owner: Cell, node: ast.Slice) -> Cell:
    owner.uses.add("slice")
    if owner.votes.get("text", 0) >= 1 and owner.inner is None:
        return Cell(votes={"text": 1})
    if node.lower is None and node.upper is None and node.step is None and not owner.is_frame:
        return owner
    _labels_of_slice(owner, node)
    if node.lower is None and node.upper is None:
        part = owner.rows(ast.unparse(node))
        if node.step is None or ast.unparse(node.step) == "-1":
            equal_sizes(part.length(), owner.length())
        return part
    size = owner.length()
    for bound in (node.lower, node.upper):
        place = _whole(bound)
        if place is not None and bound is node.lower:
            size.least = max(size.least, min(place + 2 if place >= 0 else -place, MOST_PLACE))
    part = owner.rows(ast.unparse(node))
    start, end = _whole(node.lower) or 0, _whole(node.upper)
    if end is not None and 0 <= start < end <= 40 and node.step is None:
        size.least = max(size.least, end)
    return part


def _labels_of_slice(owner: Cell, node: ast.Slice) -> None:
    """`df["2018-01":"2018-06"]`: rows between two dates or words."""
    for bound in (node.lower, node.upper):
        if not (isinstance(bound, ast.Constant) and isinstance(bound.value, str)):
            continue
        labels = owner.labels()
        labels.among.append(bound.value)
        labels.vote("date" if bound.value[:4].isdigit() else "text", 2)


def _whole(node: ast.expr | None) -> int | None:
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.USub):
        value = _whole(node.operand)
        return -value if value is not None else None
    return node.value if isinstance(node, ast.Constant) and type(node.value) is int else None


def _indexed(owner: Cell, node: ast.expr, index: Cell) -> Cell:
    """By a name or a condition."""
    is_condition = isinstance(node, ast.Compare) or (
        isinstance(node, ast.BinOp | ast.UnaryOp)
        and any(isinstance(inner, ast.Compare) for inner in ast.walk(node))
    )
    if is_condition or index.is_sequence or _is_mask(node) or index.votes.get("flag"):
        owner.uses.add("mask")
        if not owner.is_frame and not owner.items:
            owner.item()
        if index.votes.get("flag") and not index.path:
            index.item()
            equal_sizes(owner.length(), index.length())
        if index.is_sequence and index.scalar().votes.get("integer"):
            equal_sizes(owner.length(), index.length())
            part = owner.rows()
            equal_sizes(part.length(), index.length())
            return part
        return owner.rows(ast.unparse(node))
    if not index.path and not index.votes and not index.measures and owner.is_sequence:
        index.vote("integer", 0.5)
    if owner.is_frame or (index.votes.get("text", 0) > 0 and owner.inner is None):
        owner.uses.add("key")
        if owner.is_frame:
            found = Cell(inner=owner.item().item(), size=owner.length(), grouped=owner.grouped)
            return found.vote("series", 0.5)
        return owner.item()
    owner.uses.add("place")
    if index.indexes is not None:
        _counted_by(owner, index.indexes)
    return one_of(owner)


def _counted_by(owner: Cell, counted: Size) -> None:
    """What is gone through by the places of something else is as long."""
    if counted.real().value is None:
        equal_sizes(owner.length(), counted)
    else:
        size = owner.length()
        size.least = max(size.least, min(counted.real().value or 0, MOST_PLACE))


def one_of(owner: Cell) -> Cell:
    """An item that a loop comes by."""
    is_new = owner.inner is None and not owner.fixed
    item = owner.item()
    item.single |= is_new
    return item


def _is_mask(node: ast.expr) -> bool:
    """`x[~bad]`, `df[df.a.isin(b)]`."""
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, ast.Invert):
        return True
    return (
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and (
            node.func.attr in ("isin", "notna", "isna", "notnull", "isnull", "contains", "between")
        )
    )


def _by_axes(owner: Cell, parts: list[ast.expr], seen: dict[int, Cell]) -> Cell:
    """`x[:, 0]`, `x[i, j]`, `x[:, None]`: one after the other along the axes."""
    if not parts:
        return owner
    first, rest = parts[0], parts[1:]
    if (isinstance(first, ast.Constant) and first.value in (None, ...)) or _is_newaxis(first):
        if isinstance(first, ast.Constant) and first.value is ...:
            return owner
        return Cell(inner=_by_axes(owner, rest, seen), size=Size(value=1))
    inner = owner.item()
    if isinstance(first, ast.Slice):
        part = _sliced(owner, first)
        if not rest:
            return part
        inner = _by_axes(inner, rest, seen)
        return Cell(inner=inner, size=part.length(), votes={"array": 0.5}, owner=owner)
    place = _whole(first)
    if place is not None:
        size = owner.length()
        least = place + 1 if place >= 0 else -place
        size.least = max(size.least, min(least, MOST_PLACE))
    index = seen.get(id(first))
    if index is not None and index.indexes is not None:
        _counted_by(owner, index.indexes)
    if index is not None and index.votes.get("flag") and not index.path:
        index.item()
        equal_sizes(owner.length(), index.length())
        owner.uses.add("mask")
        return Cell(inner=_by_axes(inner, rest, seen), size=owner.length().cut(ast.unparse(first)))
    if index is not None and index.is_sequence:
        owner.uses.add("mask")
        return Cell(inner=_by_axes(inner, rest, seen), size=index.length())
    return _by_axes(inner, rest, seen)


def _is_newaxis(node: ast.expr) -> bool:
    return isinstance(node, ast.Attribute) and node.attr == "newaxis"


def _located(
    owner: Cell, node: ast.expr, index: Cell, seen: dict[int, Cell], links: list[AnyLink]
) -> Cell:
    """`df.iloc[:, 0]`, `df.loc[df.a > 1, "b"]`."""
    parts = node.elts if isinstance(node, ast.Tuple) else [node]
    if len(parts) == 1:
        if isinstance(node, ast.Slice):
            _labels_of_slice(owner, node)
        if isinstance(node, ast.Slice | ast.Compare) or index.is_sequence:
            return owner.rows(ast.unparse(node))
        labels = [one for one in index.constants if isinstance(one, str)]
        if labels and owner.index is not None:
            owner.index.real().among += labels
            return Cell(row_of=owner) if owner.is_frame else owner.item()
        if _whole(node) is not None:
            return Cell(row_of=owner) if owner.is_frame or not owner.is_sequence else owner.item()
        return owner.rows(ast.unparse(node))
    if not owner.is_sequence:
        owner.vote("frame", 1.5)
    if isinstance(parts[0], ast.Slice):
        _labels_of_slice(owner, parts[0])
    rows = owner if _is_all(parts[0]) else owner.rows(ast.unparse(parts[0]))
    columns = seen.get(id(parts[1]), Cell()).real()
    texts = [one for one in columns.scalar().constants if isinstance(one, str)]
    if texts and columns.inner is None:
        return rows.column(texts[0])
    if texts:
        return _several(rows, texts, links)
    return _columns_by_place(owner, rows, parts[1])


def _columns_by_place(owner: Cell, rows: Cell, node: ast.expr) -> Cell:
    place = _whole(node)
    bounds = [node.lower, node.upper] if isinstance(node, ast.Slice) else []
    known = [one for one in (place, *(_whole(bound) for bound in bounds)) if one is not None]
    least = max((one + 1 if one >= 0 else 1 - one for one in known), default=1)
    owner.columns = max(owner.columns, min(least, 60))
    bottom = owner.item().item()
    if isinstance(node, (ast.Slice, ast.List)):
        part = Cell(inner=Cell(inner=bottom, size=Size()), size=rows.length(), base=owner)
        return part.vote("frame", 1)
    return Cell(inner=bottom, size=rows.length(), votes={"series": 0.6})


def _is_all(node: ast.expr) -> bool:
    return isinstance(node, ast.Slice) and node.lower is None and node.upper is None


def _axis_size(owner: Cell, index: Cell) -> Cell:
    axis = index.constants[0] if index.constants else 0
    for _ in range(axis if isinstance(axis, int) and 0 <= axis < 4 else 0):
        owner = owner.item()
    owner.item()
    return Cell(votes={"integer": 1}, measures=(owner.length(), 0))


def _column_name(owner: Cell, node: ast.expr, index: Cell) -> Cell:
    place = _whole(node)
    if place is not None:
        owner.columns = max(owner.columns, place + 1 if place >= 0 else -place)
    if isinstance(node, ast.Slice):
        return Cell(inner=Cell(votes={"text": 1}), size=Size())
    return Cell(votes={"text": 1})


def assign_item(owner: Cell, node: ast.expr, index: Cell, value: Cell) -> None:
    """`owner[index] = value`."""
    owner = owner.real()
    if owner.path:
        return
    if owner.bound is not None and owner.bound[1] in ("loc", "iloc", "at", "iat"):
        _located(owner.bound[0].real(), node, index, {}, [])
        return
    texts = [one for one in index.scalar().constants if isinstance(one, str)]
    owner.uses.add("assign")
    if not texts:
        if owner.votes.get("mapping", 0) < 1 and not isinstance(node, ast.Slice):
            owner.uses.add("place")
        return
    frame = owner
    while frame.base is not None:
        frame = frame.base.real()
    for name in texts:
        if name not in owner.items and name not in frame.items:
            owner.made.add(name)
        known = owner.items.get(name)
        if known is None or name in owner.made or value.is_sequence:
            owner.items[name] = value
            if name not in owner.made:
                _keep_needed(frame, name, known)
        if owner.is_frame and not (value.path or value.is_scalar or value.is_frame):
            value.item()
            equal_sizes(owner.length(), value.length())


def _keep_needed(frame: Cell, name: str, known: Cell | None) -> None:
    """A column that was read before it was bound anew is needed still."""
    if known is not None:
        frame.items.setdefault(f"{name}", known)
