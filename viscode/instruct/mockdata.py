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
from viscode.instruct.script_slice import (
    DRAWING_NAMES,
    binds,
    called_so,
    data_among,
    is_plotting,
    is_seed,
    plotting_among,
    reads,
)
from viscode.instruct.straight import Passed, straight
from viscode.libraries.detect import Drawings
from viscode.libraries.names import aliases, chain
from viscode.text.python_text import ParseFailure, parse

AXES = re.compile(r"\w*([Ss]ubplots?|[Aa]xes|Grid|[Ff]igure)")
"""Names of what makes axes, of which no argument is data."""
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
    body, tainted = list(straight(tree, drawings)), set[str]()
    plotting = plotting_among(body, imports, drawings)
    plain = [one for one in body if not isinstance(one, ast.For | ast.While | ast.If | ast.With)]
    plotting_among(plain, imports, drawings, tainted)
    values, given, computed = Values(drawings.origins), set[int](), []
    for index in sorted(data_among(body, plotting, imports)):
        if values.accepts(body[index]):
            given.add(index)
        elif not isinstance(body[index], ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
            computed.append(body[index])
            if not isinstance(body[index], ast.Assign | ast.AugAssign | ast.AnnAssign):
                values.change(binds(body[index], imports))  # lists that a loop fills
    given = _telling(body, given, imports)
    pieces = _pieces(code, body, given)
    inner = [one for index in sorted(plotting) for one in _within(body[index])]
    computed += [one for one in map(body.__getitem__, sorted(given)) if _is_number_passed(one)]
    computed += _computed_among(inner, values, imports, drawings, tainted)
    inline = list(_inline(body, plotting, drawings, values))
    pieces += [_quoted(code, one) for one, is_given in inline if is_given]
    drawn = tuple(one for one, is_given in inline if not is_given and not isinstance(one, ast.For))
    return MockData("\n".join(dict.fromkeys(pieces)), tuple(computed), drawn)


def _within(statement: ast.stmt) -> Iterator[Sequence[ast.stmt]]:
    """The bodies of a loop or condition and of those in them."""
    if isinstance(statement, ast.For | ast.While | ast.If | ast.With):
        yield statement.body
        yield from (body for one in statement.body for body in _within(one))


def _computed_among(
    bodies: Sequence[Sequence[ast.stmt]],
    values: Values,
    imports: dict[str, str],
    drawings: Drawings,
    tainted: set[str],
) -> Iterator[ast.stmt]:
    """What is computed in loops that plot, for what they plot."""
    for body in bodies:
        own = {name for one in body for name in binds(one, imports)}
        plotting = plotting_among(body, imports, drawings, tainted - own)
        for index in sorted(data_among(body, plotting, imports)):
            assigns = isinstance(body[index], ast.Assign | ast.AugAssign | ast.Expr)
            if not values.accepts(body[index]) and assigns:
                yield body[index]


def _pieces(code: str, body: Sequence[ast.stmt], chosen: set[int]) -> list[str]:
    """The text of each run of neighbours, from its first statement (with decorators) to the end of
    its last, a comment on the same line included. ast counts columns in UTF-8 bytes."""
    raw, pieces = code.encode(), []
    starts = [0, *itertools.accumulate(map(len, raw.splitlines(keepends=True)))]
    ordered = enumerate(sorted(chosen))
    stretches = _stretches(raw.splitlines(), body)
    for _, run in itertools.groupby(ordered, lambda pair: (pair[1] - pair[0], stretches[pair[1]])):
        indices = [index for _, index in run]
        if isinstance(body[indices[0]], Passed):
            pieces += [text for index in indices for text in _passed(code, body[index])]
            continue
        first, last = body[indices[0]], body[indices[-1]]
        decorators = getattr(first, "decorator_list", [])
        line = min([first.lineno, *(node.lineno for node in decorators)])
        start = starts[line - 1] + (0 if decorators else first.col_offset)
        end = starts[(last.end_lineno or last.lineno) - 1] + (last.end_col_offset or 0)
        comment = re.match(rb"[ \t]*#[^\r\n]*", raw[end:])
        pieces.append(raw[start : end + (comment.end() if comment else 0)].decode())
    return pieces


def _stretches(lines: Sequence[bytes], body: Sequence[ast.stmt]) -> list[int]:
    """For each statement the number of the stretch of text that it stands in. One that is indented,
    or that the code does not spell so, stands alone."""
    numbers = [0]
    for one, other in itertools.pairwise(body):
        alone = any(
            isinstance(each, Passed) or lines[each.lineno - 1][:1].isspace()
            for each in (one, other)
        )
        numbers.append(numbers[-1] + (alone or one.lineno > other.lineno))
    return numbers


def _passed(code: str, statement: ast.stmt) -> Iterator[str]:
    """The text of a value that is handed to a function."""
    value = statement.value if isinstance(statement, Passed) else None
    if value is not None and not isinstance(value, ast.Constant | ast.Name):
        yield ast.get_source_segment(code, value) or ""


def _is_number_passed(statement: ast.stmt) -> bool:
    """Whether it is a number that is handed to a function, which in words has a name."""
    return isinstance(statement, Passed) and _is_number(statement.value)


def _telling(body: Sequence[ast.stmt], given: set[int], imports: dict[str, str]) -> set[int]:
    """Without what gives no values: empty containers, unless given values are put into them, and
    seeds of which no draw is left."""
    empty = {index for index in given if _is_empty(body[index])}
    used = set[str]().union(*(reads(body[index]) for index in given - empty))
    telling = {i for i in given if i not in empty or used & set(binds(body[i], imports))}
    others = {index for index in telling if not is_seed(body[index])}
    names = (name for index in others for name in called_so(body[index]))
    return telling if any(map(DRAWING_NAMES.search, names)) else others


def _is_empty(statement: ast.stmt) -> bool:
    return _holds_nothing(getattr(statement, "value", None))


def _holds_nothing(value: ast.expr | None) -> bool:
    if isinstance(value, ast.Tuple) and value.elts:
        return all(map(_holds_nothing, value.elts))
    if isinstance(value, ast.Call):
        return chain(value.func)[-1] in ("list", "dict", "set") and not value.args + value.keywords
    elements = getattr(value, "elts", None) if not isinstance(value, ast.Dict) else value.keys
    return elements == []


def _inline(
    body: Sequence[ast.stmt], plotting: set[int], drawings: Drawings, values: Values
) -> Iterator[tuple[ast.expr | ast.For, bool]]:
    """What stands in the data arguments of plotting calls besides names: values, with True, and
    what is computed there."""
    for index in sorted(plotting):
        values.go_through(body[index])
        statement = body[index]
        if isinstance(statement, ast.Assign) and isinstance(statement.value, ast.List | ast.Tuple):
            yield from _parts(statement.value, drawings, values)  # values beside axes
        for node in ast.walk(body[index]):
            if isinstance(node, ast.For) and not _counts(node.iter):
                through = list(_parts(node.iter, drawings, values))
                yield from [(node, True)] if through == [(node.iter, True)] else through
            makes_axes = isinstance(node, ast.Call) and AXES.fullmatch(chain(node.func)[-1])
            if isinstance(node, ast.Call) and not makes_axes and _draws(node, drawings):
                keywords = (
                    k.value
                    for k in node.keywords
                    if k.arg in DATA_KEYWORDS
                    or (k.arg == "c" and _is_display(k.value, words=False))
                )
                for argument in (*node.args, *keywords):
                    yield from _parts(argument, drawings, values)


def _quoted(code: str, node: ast.expr | ast.For) -> str:
    """The text of a value; of those that a loop goes through, with their name: "n in [1, 2]"."""
    if isinstance(node, ast.For):
        parts = (ast.get_source_segment(code, one) or "" for one in (node.target, node.iter))
        return " in ".join(parts)
    return ast.get_source_segment(code, node) or ""


def _counts(node: ast.expr) -> bool:
    """Whether a loop goes through numbers or through data of another name."""
    plain = isinstance(node, ast.Call) and isinstance(node.func, ast.Name)
    return plain or not isinstance(node, ast.Call | ast.List | ast.Tuple)


def _draws(node: ast.Call, drawings: Drawings) -> bool:
    return any(one.marks for one in drawings.of(node))


def _parts(node: ast.expr, drawings: Drawings, values: Values) -> Iterator[tuple[ast.expr, bool]]:
    if _is_display(node) or (values.is_value(node) and _makes(node)):
        yield node, True
    elif isinstance(node, ast.List | ast.Tuple):
        for inner in node.elts:
            yield from _parts(inner, drawings, values)
    elif values.is_computed(node) and values.knows(node) and not _plots(node, drawings):
        yield node, False


def _is_display(node: ast.expr, *, words: bool = True) -> bool:
    if not isinstance(node, ast.List | ast.Tuple | ast.Dict):
        return False
    inner = node.values if isinstance(node, ast.Dict) else node.elts
    alike = all(map(_is_number, inner)) or (words and all(map(_is_name, inner)))
    return len(inner) > (2 if isinstance(node, ast.Tuple) else 0) and alike


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
    return any(is_plotting(inner, drawings, set()) for inner in ast.walk(node))
