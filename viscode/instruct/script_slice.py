"""Which statements of a script plot, and which are the data that plots read: a backward slice by
names alone. What a plot's style is made of (colors, titles, figure sizes) is no data.
"""

import ast
import itertools
import re
from collections.abc import Iterator, Sequence

from viscode.libraries.detect import Drawings
from viscode.libraries.names import chain
from viscode.libraries.origins import CLASS, FUNCTION, root_of
from viscode.libraries.registry import DATASETS, ROOTS

PLOT_NAMES = re.compile(
    r"(plot|draw|hist|show|dendrogram|boxplot)$|(plot|draw)_|.*_plot|.*plot$"
    r"|.*Display$"
)
READS = (
    "matplotlib.cbook.get_sample_data",
    "matplotlib.pyplot.imread",
    "matplotlib.image.imread",
    "mpl_toolkits.mplot3d.axes3d.get_test_data",
)
"""Functions of plotting libraries that read data."""
DRAWING_NAMES = re.compile(r"rand|rng|sample|normal|uniform|choice|gauss|make_|shuffle")
HEX = re.compile(r"#[0-9a-fA-F]{3,8}")
LOOKS = frozenset({"head", "tail", "info", "describe", "summary", "close", "sample"})
STYLE_NAMES = re.compile(
    r".*colou?rs?|c?map|.*_cmap|palette|fig_?size|font_?\w*|title\w*|.*_title|"
    r".*palette|[xy]_?label|markers?|line_?(width|style)s?|alpha|dpi|styles?|.*_style|.*kwargs?|(.*_)?kw|params|"
    r".*props?|.*cycler?|legend\w*|hatch\w*|(bar_?)?width|.*file_?(name)?|path|nbins|levels"
)


def plotting_among(
    body: Sequence[ast.stmt],
    imports: dict[str, str],
    drawings: Drawings,
    tainted: set[str] | None = None,
) -> set[int]:
    """Indices of the statements that use a plotting library or what came from one; `tainted` are
    the names of the latter, and grows."""
    tainted = set() if tainted is None else tainted
    found = set()
    for index, statement in enumerate(body):
        if isinstance(statement, ast.Import | ast.ImportFrom):
            continue
        if any(is_plotting(node, drawings, tainted) for node in ast.walk(statement)):
            found.add(index)
            tainted.update(binds(statement, imports))
    return found


def is_plotting(node: ast.AST, drawings: Drawings, tainted: set[str]) -> bool:
    if isinstance(node, ast.Attribute | ast.Name):
        if isinstance(node, ast.Name) and node.id in tainted:
            return isinstance(node.ctx, ast.Load)
        path = drawings.origins.path(node) if isinstance(node.ctx, ast.Load) else ""
        gives_data = any(
            path.startswith(one) or one.startswith(f"{path}.") for one in (*DATASETS, *READS)
        )
        return root_of(path) in ROOTS and not gives_data
    if isinstance(node, ast.Call):
        if any(drawing.marks for drawing in drawings.of(node)):
            return True
        root = root_of(drawings.origins.path(node.func))
        foreign = root not in (CLASS, FUNCTION, "numpy", "pandas")
        return foreign and any(PLOT_NAMES.match(part) for part in chain(node.func)[-2:])
    return False


def binds(node: ast.AST, imports: dict[str, str]) -> Iterator[str]:
    """Names that a statement binds or changes in its own scope, method calls included."""
    if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
        yield node.name
        return
    if isinstance(node, ast.Lambda | ast.ListComp | ast.SetComp | ast.DictComp | ast.GeneratorExp):
        return
    if isinstance(node, ast.Name) and not isinstance(node.ctx, ast.Load):
        yield node.id
    if isinstance(node, ast.Attribute | ast.Subscript) and not isinstance(node.ctx, ast.Load):
        yield chain(node)[0]
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Call):
        names = chain(node.value.func)
        if len(names) > 1 and names[0] not in imports and names[-1] not in LOOKS:
            yield names[0]
    for child in ast.iter_child_nodes(node):
        yield from binds(child, imports)


def reads(node: ast.AST) -> set[str]:
    """Names that a statement reads, those of nested scopes included."""
    return {n.id for n in ast.walk(node) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}


def data_among(body: Sequence[ast.stmt], plotting: set[int], imports: dict[str, str]) -> set[int]:
    """Indices of the data statements, from the last to the first. A value that is overwritten
    before anything reads it stays out."""
    uses = _uses(body)
    by_plots: set[str] = set()
    by_data: set[str] = set()
    chosen: set[int] = set()
    for index in reversed(range(len(body))):
        statement = body[index]
        if index in plotting:
            by_plots |= uses[index]
            continue
        if isinstance(statement, ast.Import | ast.ImportFrom):
            continue
        bound = set(binds(statement, imports))
        wanted = bound & by_data or (bound & by_plots and not _is_style(statement, bound))
        if wanted or (chosen and is_seed(statement)):
            chosen.add(index)
            by_plots -= _overwrites(statement)
            by_data = by_data - _overwrites(statement) | uses[index]
    return chosen


def _uses(body: Sequence[ast.stmt]) -> list[set[str]]:
    """What each statement reads, together with what the functions that it names read."""
    functions = {s.name: reads(s) for s in body if isinstance(s, ast.FunctionDef)}
    uses = []
    for statement in body:
        names, waiting = set[str](), reads(statement)
        while waiting:
            name = waiting.pop()
            if name not in names:
                names.add(name)
                waiting |= functions.get(name, set())
        uses.append(names)
    return uses


def _overwrites(statement: ast.stmt) -> set[str]:
    """Names whose old value is gone after a plain assignment."""
    targets = statement.targets if isinstance(statement, ast.Assign) else []
    parts = (one.elts if isinstance(one, ast.Tuple) else [one] for one in targets)
    return {part.id for part in itertools.chain(*parts) if isinstance(part, ast.Name)}


def is_seed(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Call)
        and chain(statement.value.func)[-1] == "seed"
    )


def _is_style(statement: ast.stmt, bound: set[str]) -> bool:
    value = getattr(statement, "value", None)
    several = isinstance(value, ast.List | ast.Tuple) and bound & {"alpha", "width"}
    if all(STYLE_NAMES.fullmatch(name.lower()) for name in bound) and not several:
        return not any(map(DRAWING_NAMES.search, called_so(statement)))
    if _holds_colors(value):
        return True
    if any(isinstance(one, ast.Subscript) for one in getattr(statement, "targets", ())):
        return False  # a part of data
    return isinstance(value, ast.JoinedStr) or (
        isinstance(value, ast.Constant) and isinstance(value.value, str | bool | None)
    )


def _holds_colors(value: ast.expr | None) -> bool:
    """Whether it is a display of colors."""
    if not isinstance(value, ast.List | ast.Tuple | ast.Dict):
        return False
    items = value.values if isinstance(value, ast.Dict) else value.elts
    texts = [one.value if isinstance(one, ast.Constant) else None for one in items]
    return bool(texts) and all(isinstance(one, str) and HEX.fullmatch(one) for one in texts)


def called_so(statement: ast.AST) -> Iterator[str]:
    """Names and attributes in a statement."""
    for node in ast.walk(statement):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.Attribute):
            yield node.attr
