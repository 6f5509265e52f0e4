"""What each role of an argument means for the value that is given.

x, y, z: numbers in a row, equally many; x may also be dates or words. bars: what bars stand for.
values: numbers, as many as there are. groups: numbers, or one row of them for each box. errors,
sizes, colors, width, weights: one value for all, or one for each point. portions: parts of a pie.
image, matrix: numbers in rows and columns. mesh_x, mesh_y, field: vectors on a grid. grid:
coordinates of a surface. wave: a long row of numbers. pair: two numbers. The rest are kinds.
"""

from viscode.supply.cells import AnyLink, Beside, Cell, Mesh, equal_sizes
from viscode.supply.wanted import Kind

ROWS = frozenset({"x", "y", "z", "bars", "layer"})
BESIDE = frozenset({"errors", "sizes", "colors", "width", "weights", "labels", "explode"})
PLAIN: dict[str, Kind] = {
    "number": "number",
    "integer": "integer",
    "text": "text",
    "flag": "flag",
    "color": "color",
    "colormap": "colormap",
    "axes": "axes",
    "bins": "integer",
    "width": "number",
}
ITEMS: dict[str, tuple[Kind, float]] = {
    "y": ("number", 1.0),
    "z": ("number", 1.0),
    "layer": ("number", 1.0),
    "x": ("number", 0.2),
    "bars": ("text", 0.3),
    "values": ("number", 1.0),
    "wave": ("number", 1.0),
    "portions": ("number", 1.0),
    "errors": ("number", 1.0),
    "positions": ("number", 1.0),
    "labels": ("text", 0.8),
    "explode": ("number", 1.0),
    "weights": ("number", 1.0),
    "pair": ("number", 1.0),
    "matrix": ("number", 1.0),
    "image": ("number", 1.0),
    "field": ("number", 1.0),
    "grid": ("number", 1.0),
    "groups": ("number", 1.0),
}
POSITIVE = frozenset({"portions", "errors", "sizes", "weights", "explode"})
NAMED = {"bars": "labels", "portions": "sizes", "layer": "y", "mesh_x": "x", "mesh_y": "y"}
"""What `Wanted.role` says, where it is another word."""


def give(cell: Cell, role: str) -> None:
    """Add to a cell what a role says of it alone."""
    cell = cell.real()
    if cell.path or cell.code or role == "nothing":
        return
    if role in PLAIN:
        _give_plain(cell, role)
        return
    if role == "values" and cell.fixed and not all(one.is_scalar for one in cell.fixed):
        role = "groups"  # several rows in one histogram
    cell.role = cell.role or NAMED.get(role, role)
    if role in ROWS or role in ("values", "portions", "positions", "labels", "explode", "wave"):
        if not (cell.is_scalar or cell.is_frame):
            cell.item()
        if role == "x" and cell.depth() > 1 and not cell.is_frame:
            cell.item().length().value = 1
    elif (role in ("image", "matrix", "field") and not cell.is_frame) or role == "grid":
        cell.item().item()
    elif role == "pair":
        cell.item()
        cell.length().value = 2
    elif role == "groups" and cell.fixed:
        for one in cell.fixed:
            give(one, "values")
        return
    elif role == "groups" and not (cell.is_sequence or cell.is_frame):
        cell.item().item()
        cell.length().least = max(cell.length().least, 3)
    elif role == "errors" and not cell.is_scalar:
        cell.item()
    elif role in ("colors", "sizes"):
        cell.vote("array" if role == "colors" else "number", 0.3)
    if role in ITEMS and not cell.is_scalar:
        kind, weight = ITEMS[role]
        if role == "bars" and cell.votes.get("list", 0) > 0.5:
            weight = 0.5
        cell.scalar().vote(kind, weight)
    if role == "wave":
        cell.length().least = max(cell.length().least, 512)
    if role in POSITIVE and cell.scalar().low is None:
        cell.scalar().low = 0.0


def _give_plain(cell: Cell, role: str) -> None:
    kind = PLAIN[role]
    weak = role in ("bins", "width") or kind == "color"
    if not cell.is_sequence or kind != "number":
        cell.vote(kind, 0.8 if weak else 1.0)
    cell.role = cell.role or (role if role in ("bins", "color", "width") else "")


def together(pairs: list[tuple[Cell, str]], links: list[AnyLink]) -> None:
    """Give the arguments of one call their roles; those in rows get one length."""
    pairs = [pair for one in pairs for pair in _both_errors(*one)]
    for cell, role in pairs:
        give(cell, role)
    rows = [cell for cell, role in pairs if role in ROWS and _in_row(cell)]
    for cell in rows[1:]:
        equal_sizes(rows[0].length(), cell.length())
    portions = [cell for cell, role in pairs if role == "portions" and _in_row(cell)]
    for cell, role in pairs:
        if role in BESIDE and not cell.real().path and (rows or portions):
            links.append(Beside((rows or portions)[0], cell))
    positions = [cell for cell, role in pairs if role == "positions"]
    for cell in (cell for cell, role in pairs if role == "labels" and positions):
        links.append(Beside(positions[0], cell))
    grids = [cell for cell, role in pairs if role in ("grid", "field")]
    for cell in grids[1:]:
        equal_sizes(grids[0].length(), cell.length())
        equal_sizes(grids[0].item().length(), cell.item().length())
    mesh = [cell for cell, role in pairs if role in ("mesh_x", "mesh_y", "field_x", "field_y")]
    if len(mesh) == 2 and grids:
        links.append(Mesh(mesh[0], mesh[1], grids[0]))


def _both_errors(cell: Cell, role: str) -> list[tuple[Cell, str]]:
    """`yerr=[below, above]`: two rows."""
    if role == "errors" and len(cell.real().fixed or []) == 2:
        return [(one, role) for one in cell.real().fixed or []]
    return [(cell, role)]


def _in_row(cell: Cell) -> bool:
    return not (cell.is_scalar or cell.real().path or cell.is_frame)
