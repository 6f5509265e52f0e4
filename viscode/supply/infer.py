"""What missing values have to be like, from the text of the script that uses them."""

import ast
import re
from collections.abc import Sequence

from viscode.supply.cells import Cell, Size, equal_sizes, settle
from viscode.supply.shapes import wanted_of
from viscode.supply.uses import Uses
from viscode.supply.wanted import Hole, Kind, Wanted

ORIGINS: tuple[tuple[str, Kind, float], ...] = (
    (r"pandas\.read_html\(\)$", "list", 2),
    (r"pandas\.(\w+\.)*(read_\w+|DataFrame|Excel\w+)\(\)", "frame", 2),
    (r"geopandas\.read_file\(\)|yfinance\.(download|\w+)\(\)|pandas_datareader\b", "frame", 2),
    (r"seaborn\.load_dataset\(\)$|(plotly\.(express|data)|vega_datasets)\.", "frame", 2),
    (r"numpy\.(load|loadtxt|genfromtxt|fromfile|recfromcsv|memmap)\(\)$", "array", 1.5),
    (r"sklearn\.datasets\.(load|fetch)_\w+\(\)$", "record", 2),
    (r"(json|yaml|toml|tomllib)\.(safe_)?loads?\(\)|loadmat\(\)$|\.json\(\)$", "mapping", 0.8),
    (
        r"(cv2|imageio(\.\w+)?|skimage\.io|image|pyplot)\.(imread|imread_collection)\(\)$",
        "array",
        2,
    ),
    (
        r"PIL\.Image\.open\(\)$|skimage\.data\.\w+\(\)$|scipy\.(misc|datasets)\.\w+\(\)$",
        "array",
        1.5,
    ),
    (r"^(os\.path\.join|input|sys\.argv|os\.environ|os\.getcwd)\b", "text", 1),
    (r"\.strftime\(\)$|requests\.get\(\)\.(text|content)$", "text", 1),
    (r"^(os\.listdir|glob\.i?glob)\(\)$", "list", 1.5),
    (r"networkx\.(read_\w+|\w+_graph|(Di)?Graph)\(\)", "graph", 2),
    (r"^datetime\.|\.(now|today|to_datetime|Timestamp)\(\)$", "date", 1),
    (r"(statsmodels|sklearn|keras|tensorflow|torch)\b.*\.fit\(\)$", "record", 1),
)
IMAGES = re.compile(r"imread\(\)$|Image\.open\(\)$|skimage\.data\.|datasets\.face")
CASTS: tuple[tuple[str, Kind], ...] = (("int(", "integer"), ("float(", "number"), ("str(", "text"))
READ = ("index_col", "parse_dates", "names", "usecols")


def infer(tree: ast.Module, holes: Sequence[Hole]) -> dict[str, Wanted]:
    """What each hole has to be like. `tree`: a script in which the names of the holes are read and
    nothing binds them. Never raises: of a script that is too deep to follow, what was seen of it
    until then counts."""
    cells = hole_cells(holes)
    explore(tree, cells)
    return wanted_of(cells)


def explore(tree: ast.Module, cells: dict[str, Cell]) -> Uses:
    """Go through a script and add to the cells of its holes."""
    uses = Uses(cells)
    try:
        uses.walk(tree)
        settle(uses.links)
    except RecursionError:
        pass
    return uses


def hole_cells(holes: Sequence[Hole]) -> dict[str, Cell]:
    """A cell for each hole, with what its origin tells."""
    cells = {hole.name: Cell() for hole in holes}
    together: dict[str, list[Cell]] = {}
    for hole in holes:
        cell = cells[hole.name]
        _origin(hole, cell)
        if hole.count > 1 and hole.origin.startswith("numpy."):
            cell.item().vote("number", 0.6)
            together.setdefault(hole.stands_for, []).append(cell)
    for group in together.values():
        for cell in group[1:]:
            equal_sizes(group[0].length(), cell.length())
    return cells


def _origin(hole: Hole, cell: Cell) -> None:
    for start, kind in CASTS:
        if hole.stands_for.startswith(start):
            cell.vote(kind, 2)
            return
    for pattern, kind, weight in ORIGINS:
        if re.search(pattern, hole.origin):
            if hole.count == 1 or kind not in ("record", "mapping"):
                cell.vote(kind, weight)
            break
    if IMAGES.search(hole.origin):
        cell.role = "image"
        cell.item().item().vote("integer", 0.3)
    if hole.origin.startswith(("yfinance", "pandas_datareader")):
        cell.index = Cell(votes={"date": 2})
    if hole.origin == "pandas.read_html()":
        cell.item().vote("frame", 2)
    if ".read_" in hole.origin and cell.is_frame:
        _read(hole.stands_for, cell)


def _read(text: str, frame: Cell) -> None:
    """The columns that the arguments of a reading function name."""
    try:
        call = ast.parse(text, mode="eval").body
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return
    while isinstance(call, ast.Attribute | ast.Subscript) or (
        isinstance(call, ast.Call)
        and isinstance(call.func, ast.Attribute)
        and isinstance(call.func.value, ast.Call)
    ):
        call = call.func if isinstance(call, ast.Call) else call.value
    if not isinstance(call, ast.Call):
        return
    given = {one.arg: one.value for one in call.keywords if one.arg in READ}
    for name in ("names", "usecols"):
        for column in _texts(given.get(name)):
            frame.column(column)
    dates = _texts(given.get("parse_dates"))
    labels = _texts(given.get("index_col"))
    for column in dates:
        if column not in labels:
            frame.column(column).item().vote("date", 2)
    if "index_col" in given and not (labels or _is_first(given["index_col"])):
        return
    if "index_col" in given:
        frame.index = frame.index or Cell()
        if "parse_dates" in given:
            frame.index.vote("date", 2)


def _is_first(node: ast.expr) -> bool:
    return isinstance(node, ast.Constant) and node.value == 0


def _texts(node: ast.expr | None) -> list[str]:
    items = node.elts if isinstance(node, ast.List | ast.Tuple) else [node] if node else []
    return [
        one.value for one in items if isinstance(one, ast.Constant) and isinstance(one.value, str)
    ]


__all__ = ["Size", "explore", "hole_cells", "infer"]
