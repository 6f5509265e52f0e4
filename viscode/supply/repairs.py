"""What to change in values for each message of an error.

A table of messages, as the libraries write them, each with a function that changes the cells that
the failing statement uses. A function says whether it found anything to change.
"""

import ast
import math
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta

from viscode.supply.cells import Cell, Size, equal_sizes
from viscode.supply.kinds import attributes_of
from viscode.supply.wanted import Kind, Wanted

SURE = 6.0  # the weight of what an error says
USUAL = 20
MOST_ITEMS = 5_000
CLASSES: dict[str, Kind] = {
    "ndarray": "array", "DataFrame": "frame", "Series": "series", "list": "list", "tuple": "list",
    "str": "text", "str_": "text", "dict": "mapping", "float": "number", "float64": "number",
    "int": "integer", "int64": "integer", "Timestamp": "date", "datetime": "date", "date": "date",
    "SimpleNamespace": "record", "NoneType": "none", "bool": "flag", "function": "function",
    "Axes": "axes", "Figure": "figure", "Graph": "graph", "datetime64": "date", "Index": "series",
}  # fmt: skip
SEQUENCES: tuple[Kind, ...] = ("array", "list", "series")
NUMBERS: tuple[Kind, ...] = ("integer", "number")
WORDS: tuple[Kind, ...] = ("text", "date", "color", "colormap", "unknown")
PREFERRED: tuple[Kind, ...] = (
    *("frame", "series", "array", "text", "mapping", "list", "date"),
    *("axes", "figure", "graph"),
)


@dataclass(frozen=True)
class Known:
    """A value of a hole or a part of one, with what is wanted of it so far. `is_item`: it is one of
    a row of them."""

    cell: Cell
    wanted: Wanted
    hole: str
    is_item: bool = False


@dataclass
class Case:
    """An error: its message, the nodes of the statement, the cell of each, and all known values."""

    message: str
    nodes: list[ast.AST]
    seen: dict[int, Cell]
    known: list[Known]

    def cell(self, node: ast.AST) -> Cell:
        """The cell of an expression."""
        return self.seen.get(id(node), Cell()).real()

    def used(self) -> list[Known]:
        """The known values that the statement uses, outermost first."""
        cells = {id(self.cell(node)) for node in self.nodes if isinstance(node, ast.expr)}
        direct = [one for one in self.known if id(one.cell.real()) in cells]
        holes = {one.hole for one in direct}
        return [*direct, *(one for one in self.known if one.hole in holes and one not in direct)]

    def of(self, cell: Cell) -> Known | None:
        """The known value that a cell is."""
        return next((one for one in self.known if one.cell.real() is cell.real()), None)


Repair = Callable[[Case, re.Match[str]], bool]


def repair(error_type: str, case: Case) -> bool:
    """Change the cells as the message says; whether anything was changed."""
    for kinds, pattern, change in TABLE:
        if kinds and error_type not in kinds.split():
            continue
        match = re.search(pattern, case.message)
        if match is not None and change(case, match):
            return True
    return False


def retype(cell: Cell, kind: Kind) -> None:
    """Make a value one of a kind."""
    cell = cell.real()
    cell.votes = {kind: SURE}
    cell.uses = set()
    cell.constants = ()
    if kind in SEQUENCES:
        cell.item()
        cell.items, cell.attributes = {}, {}
    elif kind not in ("frame", "mapping", "record"):
        cell.inner = cell.fixed = cell.size = None
        cell.items, cell.attributes = {}, {}
    if kind in NUMBERS:
        cell.among = [one for one in cell.among if not isinstance(one, str)]


def _change(case: Case, old: tuple[Kind, ...], new: Kind, most: int = 9) -> bool:
    """Make the values in the statement that are of one of the old kinds ones of another."""
    found = [one for one in case.used() if one.wanted.kind in old and one.wanted.kind != new]
    for one in found[:most]:
        retype(one.cell, new)
    return bool(found)


# What is missing by name.


def _missing_name(case: Case, match: re.Match[str]) -> bool:
    names = re.findall(r"['\"`]([^'\"`]+)['\"`]", match.group(1)) or [match.group(1).strip("'\"` ")]
    found = [_needs(case, name) for name in names if name]
    return any(found)


def _needs(case: Case, name: str) -> bool:
    """Give the value that is asked for it a part of that name."""
    asked = [
        case.cell(node.value)
        for node in case.nodes
        if isinstance(node, ast.Subscript)
        and any(isinstance(one, ast.Constant) and one.value == name for one in ast.walk(node.slice))
    ]
    owners = [_root(case, cell) for cell in asked]
    frames = [one for one in case.used() if one.wanted.kind in ("frame", "mapping", "unknown")]
    for owner in (*(one for one in owners if one is not None), *frames[:1]):
        if name in owner.wanted.parts:
            continue
        if owner.wanted.kind not in ("mapping", "record"):
            owner.cell.vote("frame", SURE)
        owner.cell.made.discard(name)
        owner.cell.column(name)
        return True
    return False


def _root(case: Case, cell: Cell) -> Known | None:
    """The known value whose rows a cell has."""
    for _ in range(6):
        known = case.of(cell)
        if known is not None or cell.base is None:
            return known
        cell = cell.base.real()
    return None


def _missing_place(case: Case, match: re.Match[str]) -> bool:
    """KeyError: 0, of a dict or series that is indexed by place."""
    return _change(case, ("mapping", "series", "frame", "unknown"), "array", 1)


def _no_attribute(case: Case, match: re.Match[str]) -> bool:
    class_name, name = match.group(1).rpartition(".")[2], match.group(2)
    was = CLASSES.get(class_name, "record")
    kinds = [kind for kind in PREFERRED if name in attributes_of()[kind] and kind != was]
    owners = [
        case.of(case.cell(node.value))
        for node in case.nodes
        if isinstance(node, ast.Attribute) and node.attr == name
    ]
    known = [one for one in owners if one is not None]
    if not known:
        known = [one for one in case.used() if one.wanted.kind in (was, "unknown")][:1]
    for owner in known:
        if was == "frame" and not kinds and name not in owner.wanted.parts:
            owner.cell.vote("frame", SURE).column(name)
            return True
        if kinds:
            new = next((one for one in kinds if owner.cell.votes.get(one, 0) > 0), kinds[0])
            retype(owner.cell, new)
            return True
        if not kinds and name not in owner.wanted.parts:
            owner.cell.vote("record", SURE).attributes.setdefault(name, Cell())
            return True
    return False


# Kinds.


def _not_a(new: Kind) -> Repair:
    """Of a message that names the class of a value: make it another kind."""

    def change(case: Case, match: re.Match[str]) -> bool:
        was = CLASSES.get(match.group(1).rpartition(".")[2], "unknown")
        return _change(case, (was,), new, 1) or _change(case, ("unknown",), new, 1)

    return change


def _not_subscriptable(case: Case, match: re.Match[str]) -> bool:
    was = CLASSES.get(match.group(1).rpartition(".")[2], "unknown")
    texts = any(
        isinstance(node, ast.Subscript)
        and isinstance(node.slice, ast.Constant)
        and isinstance(node.slice.value, str)
        for node in case.nodes
    )
    new: Kind = "mapping" if texts else "array"
    return _change(case, (was,), new, 1) or _change(case, ("unknown",), new, 1)


def _operands(case: Case, match: re.Match[str]) -> bool:
    """Calculating with what cannot be calculated with."""
    classes = [CLASSES.get(name.rpartition(".")[2], "unknown") for name in match.groups() if name]
    if "list" in classes and _change(case, ("list",), "array"):
        return True
    if "text" in classes and _change(case, ("text",), "number"):
        return True
    for was in ("mapping", "none", "record", "function", "date", "flag"):
        if was in classes and _change(case, (was,), "number"):
            return True
    return _change(case, ("unknown",), "number", 1)


def _all(old: tuple[Kind, ...], new: Kind) -> Repair:
    """Make all values of one of the old kinds in the statement ones of another."""

    def change(case: Case, match: re.Match[str]) -> bool:
        return _change(case, old, new)

    return change


def _first(old: tuple[Kind, ...], new: Kind) -> Repair:
    """The same of the first of them."""

    def change(case: Case, match: re.Match[str]) -> bool:
        return _change(case, old, new, 1)

    return change


def _numbers(case: Case, match: re.Match[str]) -> bool:
    """What stands in the tables and arrays of the statement are numbers."""
    words = [
        one
        for one in case.used()
        if one.wanted.kind in WORDS
        and one.cell.real().inner is None
        and not one.wanted.certain
        and one.wanted.role not in ("category", "labels")
    ]
    for one in words:
        retype(one.cell, "number")
    bare = [
        one
        for one in case.used()
        if one.wanted.kind == "frame" and not one.wanted.parts and not one.cell.columns
    ]
    for one in bare:
        one.cell.columns = 4
        one.cell.item().item().vote("number", SURE)
    return bool(words or bare)


def _accessor(kind: Kind) -> Repair:
    def change(case: Case, match: re.Match[str]) -> bool:
        for node in case.nodes:
            if isinstance(node, ast.Attribute) and node.attr in ("dt", "str"):
                cell = case.cell(node.value)
                if case.of(cell) is not None or cell.inner is not None:
                    retype(cell.item(), kind)
                    return True
        return False

    return change


def _date_format(case: Case, match: re.Match[str]) -> bool:
    """Texts of the format that is asked for."""
    days = [date(2023, 1, 2) + timedelta(days=7 * week) for week in range(8)]
    texts = [day.strftime(match.group(1)) for day in days]
    for one in case.used():
        if one.wanted.kind in WORDS and one.cell.real().inner is None:
            if set(texts) <= set(one.wanted.among):
                return False
            retype(one.cell, "text")
            one.cell.among = list(texts)
            return True
    return False


def _truth(case: Case, match: re.Match[str]) -> bool:
    """Arrays in a condition: single values."""
    tests = [node.test for node in case.nodes if isinstance(node, ast.If | ast.While | ast.IfExp)]
    for test in tests:
        for node in ast.walk(test):
            known = case.of(case.cell(node))
            if known is not None and known.wanted.kind in (*SEQUENCES, "frame"):
                retype(known.cell, "flag" if test is node else "number")
                return True
    return False


# Sizes.


def _rows(case: Case) -> list[Size]:
    """The different first sizes of the values in the statement that are from holes."""
    sizes: dict[int, Size] = {}
    holes = {id(_size(one.cell)) for one in case.known if one.cell.real().size is not None}
    for node in case.nodes:
        cell = case.cell(node) if isinstance(node, ast.expr) else Cell()
        if cell.size is not None and (cell.is_sequence or cell.is_frame):
            sizes[id(_size(cell))] = _size(cell)
    own = [size for key, size in sizes.items() if key in holes or size.value is not None]
    return own


def _size(cell: Cell) -> Size:
    return cell.length()


def _same_size(case: Case, match: re.Match[str]) -> bool:
    """Two lengths that differ: one size for both, or that of what the script fixes."""
    numbers = [int(one) for one in re.findall(r"\d+", match.group(0))]
    sizes = _rows(case)
    fixed = next((size for size in sizes if size.value is not None), None)
    changed = False
    for size in sizes:
        other = fixed or sizes[0]
        if size.real() is not other.real() and size.real().value is None:
            equal_sizes(other, size)
            changed = True
    if changed:
        return True
    return _take_size(case, [one for one in numbers if 1 < one <= MOST_ITEMS])


def _take_size(case: Case, numbers: list[int]) -> bool:
    """Make the values in the statement as long as one of the lengths that the message names and
    that they do not have."""
    for one in case.used():
        if one.is_item or one.wanted.kind not in (*SEQUENCES, "frame", "unknown"):
            continue
        has = (one.wanted.shape or (None,))[0]
        others = [number for number in numbers if number != has]
        if not others or (has is not None and has not in numbers):
            continue
        if one.wanted.kind == "unknown":
            retype(one.cell, "array")
        _size(one.cell).value = others[0]
        return True
    return False


def _longer(case: Case, match: re.Match[str]) -> bool:
    """An index out of range."""
    place = int(match.group(1)) if match.groups() and match.group(1) else 0
    axis = int(match.group(2)) if len(match.groups()) > 1 and match.group(2) else 0
    wanted = max(abs(place) + 1, 0)
    subscripts = [node.value for node in case.nodes if isinstance(node, ast.Subscript)]
    asked = [case.of(case.cell(node)) for node in subscripts]
    for one in [one for one in asked if one is not None] or case.used():
        cell = one.cell.real()
        if not (cell.is_sequence or one.wanted.kind in SEQUENCES):
            continue
        for _ in range(axis):
            cell = cell.item()
        size = _size(cell)
        new = max(wanted, 2 * (size.value or USUAL))
        if new > MOST_ITEMS:
            return False
        size.value = new
        return True
    return False


def _reshaped(case: Case, match: re.Match[str]) -> bool:
    """`cannot reshape array of size 20 into shape (28,28)`."""
    product = math.prod(int(one) for one in re.findall(r"\d+", match.group(1)))
    for one in case.used():
        shaped = one.wanted.kind in (*SEQUENCES, "unknown") and not one.is_item
        if shaped and 1 < product <= MOST_ITEMS:
            cell = one.cell.real()
            if _size(cell).value == product:
                continue
            retype(cell, "array")
            cell.inner = cell.scalar()
            cell.size = Size(value=product)
            return True
    return False


def _unpacked(case: Case, match: re.Match[str]) -> bool:
    """`expected 3, got 2`."""
    count = int(match.group(1))
    for node in case.nodes:
        if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Tuple):
            cell = case.cell(node.value)
            if cell.bound is not None and cell.bound[1] == "shape":
                return _axes(cell.bound[0], count)
        elif isinstance(node, ast.For) and isinstance(node.target, ast.Tuple):
            cell = case.cell(node.iter).item()
        else:
            continue
        if case.of(cell) is not None and cell.length().value != count:
            cell.length().value = count
            cell.item()
            return True
    return False


def _axes(cell: Cell, count: int) -> bool:
    """Give an array so many axes."""
    cell = cell.real()
    if cell.is_frame or not 1 <= count <= 4:
        return False
    bottom = cell.scalar()
    depth = cell.depth()
    if depth == count:
        return False
    sizes, level = [], cell
    for _ in range(depth):
        sizes.append(level.length())
        level = level.item()
    sizes += [Size() for _ in range(count - depth)]
    inner = Cell(votes=dict(bottom.votes)) if depth == 0 else bottom
    for size in reversed(sizes[1:count]):
        inner = Cell(inner=inner, size=size, votes={"array": SURE})
    cell.votes, cell.inner, cell.size, cell.fixed = {"array": SURE}, inner, sizes[0], None
    cell.uses = set()
    return True


def _with_axes(count: int) -> Repair:
    """Give the values in the statement so many axes, the drawn ones first."""

    def change(case: Case, match: re.Match[str]) -> bool:
        used = [one for one in case.used() if one.wanted.kind in (*SEQUENCES, "unknown", "number")]
        drawn = (
            ("image", "matrix", "grid", "field") if count > 1 else ("x", "y", "values", "labels")
        )
        used.sort(key=lambda one: one.wanted.role not in drawn)
        for one in used:
            if one.is_item or (one.wanted.kind == "number" and one.wanted.certain):
                continue
            if len(one.wanted.shape or ()) != count and _axes(one.cell, count):
                return True
        return False

    return change


def _more_axes(case: Case, match: re.Match[str]) -> bool:
    """`too many indices for array: array is 1-dimensional, but 2 were indexed`."""
    count = int(match.group(1))
    for node in case.nodes:
        if isinstance(node, ast.Subscript):
            cell = case.cell(node.value)
            if case.of(cell) is not None and _axes(cell, count):
                return True
    return False


def _positive(case: Case, match: re.Match[str]) -> bool:
    changed = False
    for one in case.used():
        if one.wanted.kind in NUMBERS and (one.cell.low is None or one.cell.low <= 0):
            one.cell.low = 1.0
            changed = True
    return changed


TABLE: tuple[tuple[str, str, Repair], ...] = (
    ("KeyError", r"^(-?\d+)$", _missing_place),
    ("KeyError", r"\[(.+)\] not in index|not found in axis", _missing_name),
    ("KeyError", r"None of \[Index\(\[(.+?)\]", _missing_name),
    ("KeyError", r"\[(.+)\] not found in axis", _missing_name),
    ("KeyError", r"Column\(s\) \[(.+)\] do not exist|Columns? not found: (.+)", _missing_name),
    ("KeyError", r"^(['\"].+['\"])$", _missing_name),
    ("KeyError", r"^(.+)$", _missing_name),
    ("", r"Could not interpret (?:value|input) (['\"`].+?['\"`]) for", _missing_name),
    ("", r"is not the name of a column in .* but received: (\S+)", _missing_name),
    ("UndefinedVariableError", r"name ('\w+') is not defined", _missing_name),
    ("ValueError", r"^([^\W\d]\w*) is not in list", _missing_name),
    ("AttributeError", r"^'([\w.]+)' object has no attribute '(\w+)'", _no_attribute),
    ("AttributeError", r"Can only use \.dt accessor", _accessor("date")),
    ("AttributeError", r"Can only use \.str accessor", _accessor("text")),
    ("TypeError", r"'([\w.]+)' object is not subscriptable", _not_subscriptable),
    ("TypeError", r"'([\w.]+)' object is not callable", _not_a("function")),
    ("TypeError", r"'([\w.]+)' object is not iterable", _not_a("array")),
    ("TypeError", r"non-iterable ([\w.]+) object", _not_a("array")),
    ("TypeError", r"object of type '([\w.]+)' has no len", _not_a("array")),
    ("TypeError", r"len\(\) of unsized object", _first(("number", "integer", "unknown"), "array")),
    (
        "TypeError",
        r"indices must be integers.*not (?:'str'|str)",
        _first(("list", "array"), "mapping"),
    ),
    ("TypeError", r"indices must be integers.*not .?tuple", _first(("list",), "array")),
    ("TypeError", r"unhashable type: '([\w.]+)'", _not_a("text")),
    ("TypeError", r"operand type\(s\) for \S+ '([\w.]+)' and '([\w.]+)'", _operands),
    ("TypeError", r"bad operand type for \w+ \S+: '([\w.]+)'", _operands),
    ("TypeError", r"not supported between instances of '([\w.]+)' and '([\w.]+)'", _operands),
    ("TypeError", r"can only concatenate str \(not \"([\w.]+)\"\)", _not_a("text")),
    ("TypeError", r"can only concatenate list \(not \"([\w.]+)\"\)", _not_a("list")),
    ("TypeError", r"can't multiply sequence by non-int", _all(("list",), "array")),
    ("TypeError", r"can't multiply sequence by non-int", _all(("text",), "number")),
    ("TypeError", r"must be real number, not (\w+)", _not_a("number")),
    ("TypeError", r"only (?:length-1|0-dimensional) arrays", _first(SEQUENCES, "number")),
    ("TypeError", r"expected str, bytes or os.PathLike object, not (\w+)", _not_a("text")),
    ("", r"'(float)' object cannot be interpreted as an integer", _not_a("integer")),
    ("TypeError", r"slice indices must be integers", _first(("number", "unknown"), "integer")),
    ("", r"only integer|must be an integer|integer is required", _first(("number",), "integer")),
    ("TypeError", r"[Ii]mage data of dtype", _numbers),
    ("TypeError", r"ufunc .* not supported for the input types", _numbers),
    ("", r"no numeric data to plot|ould not convert string|agg function failed", _numbers),
    (
        "",
        r"loop of ufunc does not support|dtype (?:<U|object|str)|[Uu]nable to parse string",
        _numbers,
    ),
    ("", r"must be numeric|not numeric|numeric types|Cannot perform reduction", _numbers),
    ("ValueError", r"invalid literal for int", _first(("text", "unknown"), "integer")),
    ("", r"Invalid RGBA argument|not a valid (?:value for )?color", _first(WORDS, "color")),
    ("ValueError", r"'c' argument must be a color|argument must be a color", _numbers),
    (
        "ValueError",
        r"not a valid value for (?:cmap|name)|not a known colormap",
        _first(WORDS, "colormap"),
    ),
    ("ValueError", r"does not match format '(.+?)'", _date_format),
    (
        "",
        r"Unknown datetime string|not likely a datetime|Unknown string format",
        _all(WORDS, "date"),
    ),
    ("ValueError", r"truth value of an? ", _truth),
    ("ValueError", r"cannot reshape array of size \d+ into shape (\(.+\))", _reshaped),
    ("ValueError", r"values to unpack \(expected (\d+)", _unpacked),
    ("", r"Input z must be|must be 2-?D|2 dimensional|Expected 2D array", _with_axes(2)),
    ("", r"Invalid shape .* for image data", _with_axes(2)),
    ("", r"must be 1-?[Dd]|1-dimensional|1d array|no greater than 2D|too deep", _with_axes(1)),
    ("IndexError", r"too many indices.*but (\d+) were", _more_axes),
    ("IndexError", r"index (-?\d+) is out of bounds for axis (\d+)", _longer),
    ("IndexError", r"out of range|out-of-bounds|out of bounds", _longer),
    ("", r"same first dimension.*|same size.*|[Ss]hape mismatch.*|broadcast.*", _same_size),
    ("", r"same length.*|[Ll]ength mismatch.*|does not match (?:length|the number).*", _same_size),
    (
        "",
        r"inconsistent.*|must be of length.*|incompatible sizes.*|\d+.*does not match.*",
        _same_size,
    ),
    ("", r"[Bb]oolean index did not match.*|must have the same.*|lengths must match.*", _same_size),
    ("ZeroDivisionError", r"", _positive),
    ("ValueError", r"math domain error|positive", _positive),
)
