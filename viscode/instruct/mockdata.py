"""The Data component of `files`: the values that a script starts from, copied verbatim (paper 3.1),
and what it computes from them.

A backward slice over the statements of the script, by names alone, nothing is run. A statement
that touches a plotting library, or an object that came from one, is plotting. Of the others
those are data that bind a name which plotting, or other data, reads further down. Statements
after the first plotting call belong to it when later plots read them, so that the data part
is complete. What a plot's style is made of (colors, titles, figure sizes) stays out.

Of these statements the ones that give values are copied (given_values.py); the others would be the
solution, and are told in words (computed_words.py). Neighbouring statements are copied as one piece
with the comments between them; every piece stands in the code as it is. Values written straight
into plotting calls are copied, too. Where no values are found, there is no data.
"""

import ast
import itertools
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from viscode.instruct.given_values import Values
from viscode.libraries.detect import Drawings
from viscode.libraries.names import aliases, chain
from viscode.libraries.origins import CLASS, FUNCTION, root_of
from viscode.libraries.registry import DATASETS, ROOTS
from viscode.text.python_text import ParseFailure, parse

PLOT_NAMES = re.compile(
    r"(plot|draw|hist|show|dendrogram|boxplot)$|(plot|draw)_|.*_plot|.*plot$"
    r"|.*Display$"
)
LOOKS = frozenset({"head", "tail", "info", "describe", "summary", "close", "sample"})
STYLE_NAMES = re.compile(
    r"colou?rs?|.*_colou?rs?|c?map|.*_cmap|palette|fig_?size|font_?\w*|title\w*|.*_title|"
    r"[xy]_?label|markers?|line_?(width|style)s?|alpha|dpi|styles?|.*_style|.*kwargs?|params|"
    r".*props?|.*cycler?|legend\w*|hatch\w*|(bar_?)?width|.*file_?(name)?|path|nbins|levels"
)
DATA_KEYWORDS = frozenset({"x", "y", "z", "values", "data", "height", "names", "labels", "a"})


@dataclass(frozen=True)
class MockData:
    """What plots are made from: `lines` of the code that give values, "" for none; the statements
    that compute something from them, and computed expressions that stand in plotting calls."""

    lines: str = ""
    computed: tuple[ast.stmt, ...] = ()
    drawn: tuple[ast.expr, ...] = ()


def data_lines(code: str) -> str:
    """The lines of a script that give its values, "" where it has no data of its own. Code that is
    no plain Python (notebook magics) has none."""
    tree = parse(code)
    return "" if isinstance(tree, ParseFailure) else mock_data(code, tree).lines


def mock_data(code: str, tree: ast.Module) -> MockData:
    """The data of a script with this tree; none for an empty one."""
    if not tree.body:
        return MockData()
    imports, drawings = aliases(ast.walk(tree)), Drawings(tree)
    body = list(_straight(tree.body))
    plotting = _plotting(body, imports, drawings)
    values, given, computed = Values(drawings.origins), set[int](), []
    for index in sorted(_slice(body, plotting, imports)):
        if values.accepts(body[index]):
            given.add(index)
        elif not isinstance(body[index], ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            computed.append(body[index])
    given = _telling(body, given, imports)
    inline = list(_inline(body, plotting, drawings, values))
    pieces = _pieces(code, body, given)
    pieces += [ast.get_source_segment(code, one) or "" for one, is_given in inline if is_given]
    drawn = tuple(one for one, is_given in inline if not is_given)
    return MockData("\n".join(dict.fromkeys(pieces)), tuple(computed), drawn)


def _straight(body: Sequence[ast.stmt]) -> Iterator[ast.stmt]:
    """The statements of a module in the order of their run, those below its `if __name__ ==` and of
    functions without parameters that it calls once put in their place."""
    functions = {
        one.name: one for one in body if isinstance(one, ast.FunctionDef) and not _takes_any(one)
    }
    for statement in body:
        if isinstance(statement, ast.If) and "__name__" in reads(statement.test):
            yield from _straight([*functions.values(), *statement.body])
        elif (called := _called_alone(statement)) in functions:
            yield from functions.pop(called).body
        elif not isinstance(statement, ast.FunctionDef) or statement.name not in functions:
            yield statement


def _takes_any(function: ast.FunctionDef) -> bool:
    return bool(ast.unparse(function.args)) or bool(function.decorator_list)


def _called_alone(statement: ast.stmt) -> str:
    """ "main" of a statement `main()`."""
    call = statement.value if isinstance(statement, ast.Expr) else None
    alone = isinstance(call, ast.Call) and not call.args and isinstance(call.func, ast.Name)
    return call.func.id if alone else ""  # type: ignore[union-attr]


def _plotting(body: Sequence[ast.stmt], imports: dict[str, str], drawings: Drawings) -> set[int]:
    """Indices of the statements that use a plotting library or what came from one."""
    tainted: set[str] = set()
    found = set()
    for index, statement in enumerate(body):
        if isinstance(statement, ast.Import | ast.ImportFrom):
            continue
        if any(_is_plotting(node, drawings, tainted) for node in ast.walk(statement)):
            found.add(index)
            tainted.update(binds(statement, imports))
    return found


def _is_plotting(node: ast.AST, drawings: Drawings, tainted: set[str]) -> bool:
    if isinstance(node, ast.Attribute | ast.Name):
        if isinstance(node, ast.Name) and node.id in tainted:
            return isinstance(node.ctx, ast.Load)
        path = drawings.origins.path(node) if isinstance(node.ctx, ast.Load) else ""
        gives_data = any(path.startswith(k) or k.startswith(f"{path}.") for k in DATASETS)
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


def _slice(body: Sequence[ast.stmt], plotting: set[int], imports: dict[str, str]) -> set[int]:
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
        if wanted or (chosen and _is_seed(statement)):
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


def _is_seed(statement: ast.stmt) -> bool:
    return (
        isinstance(statement, ast.Expr)
        and isinstance(statement.value, ast.Call)
        and chain(statement.value.func)[-1] == "seed"
    )


def _is_style(statement: ast.stmt, bound: set[str]) -> bool:
    if all(STYLE_NAMES.fullmatch(name.lower()) for name in bound):
        return True
    value = getattr(statement, "value", None)
    return isinstance(value, ast.JoinedStr) or (
        isinstance(value, ast.Constant) and isinstance(value.value, str | bool | None)
    )


def _pieces(code: str, body: Sequence[ast.stmt], chosen: set[int]) -> list[str]:
    """The text of each run of neighbours, from its first statement (with decorators) to the end of
    its last, a comment on the same line included. ast counts columns in UTF-8 bytes."""
    raw, pieces = code.encode(), []
    starts = [0, *itertools.accumulate(map(len, raw.splitlines(keepends=True)))]
    for _, run in itertools.groupby(enumerate(sorted(chosen)), lambda pair: pair[1] - pair[0]):
        indices = [index for _, index in run]
        first, last = body[indices[0]], body[indices[-1]]
        decorators = getattr(first, "decorator_list", [])
        line = min([first.lineno, *(node.lineno for node in decorators)])
        start = starts[line - 1] + (0 if decorators else first.col_offset)
        end = starts[(last.end_lineno or last.lineno) - 1] + (last.end_col_offset or 0)
        comment = re.match(rb"[ \t]*#[^\r\n]*", raw[end:])
        pieces.append(raw[start : end + (comment.end() if comment else 0)].decode())
    return pieces


def _telling(body: Sequence[ast.stmt], given: set[int], imports: dict[str, str]) -> set[int]:
    """Without what gives no values: empty containers, unless given values are put into them, and
    seeds of which no draw is left."""
    empty = {index for index in given if _is_empty(body[index])}
    used = set[str]().union(*(reads(body[index]) for index in given - empty))
    telling = {i for i in given if i not in empty or used & set(binds(body[i], imports))}
    texts = " ".join(ast.unparse(body[index]) for index in telling if not _is_seed(body[index]))
    draws = re.search(r"rand|rng|sample|normal|uniform|choice|gauss|make_|shuffle", texts)
    return telling if draws else {index for index in telling if not _is_seed(body[index])}


def _is_empty(statement: ast.stmt) -> bool:
    value = getattr(statement, "value", None)
    if isinstance(value, ast.Call):
        return chain(value.func)[-1] in ("list", "dict", "set") and not value.args + value.keywords
    elements = getattr(value, "elts", None) if not isinstance(value, ast.Dict) else value.keys
    return elements == []


def _inline(
    body: Sequence[ast.stmt], plotting: set[int], drawings: Drawings, values: Values
) -> Iterator[tuple[ast.expr, bool]]:
    """What stands in the data arguments of plotting calls besides names: values, with True, and
    what is computed there."""
    for index in sorted(plotting):
        values.go_through(body[index])
        for node in ast.walk(body[index]):
            if isinstance(node, ast.Call) and any(one.marks for one in drawings.of(node)):
                keywords = (k.value for k in node.keywords if k.arg in DATA_KEYWORDS)
                for argument in (*node.args, *keywords):
                    yield from _parts(argument, drawings, values)


def _parts(node: ast.expr, drawings: Drawings, values: Values) -> Iterator[tuple[ast.expr, bool]]:
    if _is_display(node) or (values.is_value(node) and _makes(node)):
        yield node, True
    elif isinstance(node, ast.List | ast.Tuple):
        for inner in node.elts:
            yield from _parts(inner, drawings, values)
    elif values.is_computed(node) and values.knows(node) and not _plots(node, drawings):
        yield node, False


def _is_display(node: ast.expr) -> bool:
    if not isinstance(node, ast.List | ast.Tuple | ast.Dict):
        return False
    inner = node.values if isinstance(node, ast.Dict) else node.elts
    alike = all(map(_is_number, inner)) or all(map(_is_name, inner))
    return len(inner) > (2 if isinstance(node, ast.Tuple) else 1) and alike


def _is_number(node: ast.expr | None) -> bool:
    if isinstance(node, ast.UnaryOp):
        node = node.operand
    if isinstance(node, ast.List | ast.Tuple):
        return all(map(_is_number, node.elts))
    return isinstance(node, ast.Constant) and isinstance(node.value, int | float)


def _is_name(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Constant) and isinstance(node.value, str) and bool(node.value)


def _makes(node: ast.expr) -> bool:
    """Whether it makes values and not only a number."""
    return any(isinstance(inner, ast.Call) for inner in ast.walk(node))


def _plots(node: ast.expr, drawings: Drawings) -> bool:
    return any(_is_plotting(inner, drawings, set()) for inner in ast.walk(node))
