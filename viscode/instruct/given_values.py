"""Which expressions and statements of a script are values that a reader would be given: literals,
numbers drawn by a generator, tables and dates made of these, data sets that are loaded.

What is worked out from other data is none, however short it is: `y = np.sin(x)` is for the reader
to do. Arithmetic on single numbers (`2 * n`) and on values that are made on the spot is part of
making them, and so is all arithmetic around a draw of random numbers, whose result words could not
give: `y = 2 * x + rng.normal(size=30)`. To pick values (`iris.data[:, 0]`) computes nothing.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from enum import IntEnum

from viscode.libraries.names import chain
from viscode.libraries.origins import FUNCTION, WITHOUT_IMPORT, Origins, root_of
from viscode.libraries.registry import DATASETS

MAKERS = re.compile(
    r"(numpy|torch|jax\.numpy|tensorflow|cupy)\.(n?array|asarray|a?range|linspace|logspace|"
    r"geomspace|zeros|ones|full|empty|eye|identity|diag|(zeros|ones|full|empty)_like|meshgrid|"
    r"mgrid|ogrid|c_|r_|tile|repeat|resize|concatenate|[hvd]?stack|column_stack|tensor|constant|"
    r"triu|tril|hanning|hamming|blackman|bartlett|kaiser|"
    r"datetime64|timedelta64|u?int\w*|float\w*|bool_?|complex\w*|pi|e|nan|inf|newaxis|errstate|"
    r"indices|fromiter|fromfunction|tri|loadtxt|genfromtxt|load|dtype|reshape|ravel|unravel_index)"
    r"|pandas\.(DataFrame|Series|\w+_range|to_datetime|Timestamp|Timedelta|Categorical|Index|"
    r"MultiIndex|RangeIndex|DatetimeIndex|CategoricalDtype|DateOffset|offsets|NaT|NA|concat|"
    r"read_\w+|array|Period)(\.(from_\w+|now|today))?"
    r"|(range|list|tuple|dict|set|zip|str|int|float|bool|complex|len|enumerate|map|chr|ord|slice|"
    r"reversed|frozenset|bytes|round)"
    r"|(datetime|time|calendar|string|decimal|fractions|types|io|itertools|math|collections|pathlib)"
    r"(\.\w+)*(\(\))?(\.\w+)?"
    r"|networkx\.(\w+_graph|\w*Graph|\w*graph)"
    r"|PIL\.Image\.open|(matplotlib\.(pyplot|image)|imageio(\.v\d)?|skimage\.io)\.imread"
    r"|matplotlib\.cbook\.get_sample_data|mpl_toolkits\.mplot3d\.axes3d\.get_test_data|json\.loads?|geopandas\.read_file|yfinance\.download"
    r"|(sklearn|statsmodels(\.api)?|scipy|seaborn|skimage|plotly|plotly\.express|vega_datasets)"
    r"\.(datasets?|data|misc)\b.*"
)
"""Paths of what makes values, without the call's own brackets."""
SINGLE = re.compile(
    r"len|int|float|str|bool|numpy\.(datetime64|timedelta64)|pandas\.(Timestamp|Timedelta)"
    r"|datetime\.(datetime|date|timedelta|time)(\.(datetime|date|timedelta))?"
)
"""Paths of what makes a single value of single values."""
DRAWS = re.compile(
    r"(numpy|torch|cupy|jax|tensorflow|scipy)\.(random|randn?|randint|randperm|normal)\b.*"
    r"|random\.\w+(\(\)\.\w+)?|secrets\.\w+|scipy\.stats\.\w+(\(\))?\.rvs|faker\..*"
)
"""Paths of what draws random numbers."""
MATHS = re.compile(
    r"(numpy|math|torch|builtins)\.(a?(sin|cos|tan)h?|arc(sin|cos|tan)h?2?|exp|log(10|2|1p)?|sqrt|"
    r"abs|absolute|square|power|cumsum|cumprod|sort|round|around|rint|floor|ceil|clip|maximum|"
    r"minimum|mod|sign|hypot|deg2rad|rad2deg|radians|degrees|sinc|where|outer|expand_dims)"
    r"|abs|sum|min|max|sorted|pow|divmod"
)
SHAPING = frozenset(
    (
        *("reshape", "astype", "tolist", "copy", "ravel", "flatten", "transpose"),
        *("round", "to_numpy", "items", "keys", "values", "split", "strip", "upper"),
        *("lower", "title", "format", "join", "set_index", "reset_index", "rename"),
        *("to_frame", "clip", "cumsum", "cumprod", "sort", "view", "squeeze"),
        *("to_period", "to_timestamp", "strftime", "isoformat", "date", "as_frame"),
        *("seed", "repeat", "read", "to_list", "swapaxes", "assign"),
    )
)
"""Methods that give the same values in another shape, or belong to making them."""
FILLING = frozenset(
    (
        *("append", "extend", "insert", "update", "add", "seed", "shuffle", "add_edge"),
        *("add_edges_from", "add_node", "add_nodes_from", "add_weighted_edges_from"),
        *("setdefault", "sort"),
    )
)
MAX_DEPTH = 60


class Made(IntEnum):
    """How an expression comes by its value; what contains others is as the highest of them."""

    NUMBER = 0  # a single number or text, or a display of them
    VALUES = 1  # made on the spot
    PICKED = 2  # data of another name as they are
    COMPUTED = 3


class Values:
    """Tells what of one script is given. `names` grows as its statements are read in order."""

    def __init__(self, origins: Origins) -> None:
        self.origins = origins
        self.names: dict[str, Made] = {}

    def accepts(self, statement: ast.stmt) -> bool:
        """Whether a statement gives values; what it binds is known to the following ones."""
        given = self._gives(statement)
        for name, made in list(_bound(statement)):
            number = given and made is not None and self._made(made, MAX_DEPTH) is Made.NUMBER
            self.names[name] = Made.NUMBER if number else Made.VALUES if given else Made.COMPUTED
        return given

    def change(self, names: Iterable[str]) -> None:
        """These names no longer hold given values alone."""
        self.names |= dict.fromkeys(names, Made.COMPUTED)

    def is_value(self, node: ast.expr) -> bool:
        """Whether an expression that stands in a plotting call is a value by itself."""
        return self._made(node, MAX_DEPTH) in (Made.NUMBER, Made.VALUES)

    def is_computed(self, node: ast.expr) -> bool:
        """Whether it is worked out from data, or in an unknown way."""
        plain = isinstance(node, ast.Constant | ast.Name | ast.Starred | ast.JoinedStr | ast.Lambda)
        return not plain and not self._is_given(node)

    def knows(self, node: ast.expr) -> bool:
        """Whether all names in it are known: those of a function's parameters are not."""
        known = {*self.names, *_targets(node)}
        names = (inner for inner in ast.walk(node) if isinstance(inner, ast.Name))
        paths = [self.origins.path(name) for name in names if name.id not in known]
        return all(path == FUNCTION or root_of(path) not in WITHOUT_IMPORT for path in paths)

    def go_through(self, statement: ast.stmt) -> None:
        """What loops in a plotting statement count through are single values."""
        for node in ast.walk(statement):
            if isinstance(node, ast.For):
                for name in _names(node.target):
                    self.names.setdefault(name, Made.NUMBER)

    def _gives(self, node: ast.stmt) -> bool:
        if isinstance(node, ast.Assign | ast.AnnAssign):
            targets = node.targets if isinstance(node, ast.Assign) else [node.target]
            return (
                node.value is not None
                and self._is_given(node.value)
                and all(self._takes(target) for target in targets)
            )
        if isinstance(node, ast.AugAssign):
            return self._is_given(ast.BinOp(node.target, node.op, node.value))
        if isinstance(node, ast.Expr):
            return self._fills(node.value)
        if isinstance(node, ast.For):
            through = self._made(node.iter, MAX_DEPTH)
            single = Made.NUMBER if through < Made.PICKED else Made.VALUES
            self.names |= dict.fromkeys(_names(node.target), single)
            return self._is_given(node.iter) and self._all_give(node.body)
        return False

    def _all_give(self, body: list[ast.stmt]) -> bool:
        known = dict(self.names)
        given = all(self.accepts(one) for one in body)
        if not given:
            self.names = known
        return given

    def _takes(self, target: ast.expr) -> bool:
        """Whether a target is a name, or a place in values that are given."""
        if isinstance(target, ast.Tuple | ast.List):
            return all(self._takes(one) for one in target.elts)
        if isinstance(target, ast.Name):
            return True
        if isinstance(target, ast.Subscript):
            return self._takes_in(target.value) and self._is_given(target.slice)
        return isinstance(target, ast.Attribute) and self._takes_in(target.value)

    def _takes_in(self, owner: ast.expr) -> bool:
        return self.names.get(chain(owner)[0], Made.COMPUTED) is not Made.COMPUTED

    def _fills(self, node: ast.expr) -> bool:
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
            return False
        path = self.origins.path(node.func)
        if node.func.attr == "seed" or DRAWS.fullmatch(path):
            return all(self._is_given(one) for one in node.args)
        known = node.func.attr in FILLING and self._takes_in(node.func.value)
        return known and all(self._is_given(one) for one in _arguments(node))

    def _is_given(self, node: ast.expr) -> bool:
        made = self._made(node, MAX_DEPTH)
        return made is not Made.COMPUTED or (self._draws(node) and self._is_arithmetic(node))

    def _draws(self, node: ast.expr) -> bool:
        calls = (inner for inner in ast.walk(node) if isinstance(inner, ast.Call))
        return any(DRAWS.fullmatch(self.origins.path(call.func)) for call in calls)

    def _is_arithmetic(self, node: ast.expr) -> bool:
        """Whether all that an expression calls makes, draws or calculates, of given names."""
        for inner in ast.walk(node):
            if isinstance(inner, ast.Lambda):
                return False
            if isinstance(inner, ast.Call) and not self._is_plain_call(inner):
                return False
            unknown = isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Load)
            if unknown and self._name(inner) is Made.COMPUTED:  # type: ignore[arg-type]
                return False
        return True

    def _is_plain_call(self, node: ast.Call) -> bool:
        """Whether it is a call of what makes, draws or calculates, on given things."""
        path = self.origins.path(node.func)
        if any(pattern.fullmatch(path) for pattern in (MAKERS, DRAWS, MATHS)):
            return True
        return isinstance(node.func, ast.Attribute) and node.func.attr in SHAPING

    def _name(self, node: ast.Name) -> Made:
        if node.id in self.names:
            return self.names[node.id]
        path = self.origins.path(node)
        known = MAKERS.fullmatch(path) or self._is_module(path)
        return Made.NUMBER if known or not self.origins.is_bound(node) else Made.COMPUTED

    def _is_module(self, path: str) -> bool:
        return "(" not in path and path.partition(".")[0] in (
            "numpy",
            "pandas",
            "math",
            "random",
            "datetime",
            "networkx",
        )

    def _made(self, node: ast.AST, depth: int) -> Made:
        """How a value comes about; an unknown way is COMPUTED."""
        if not depth:
            return Made.COMPUTED
        if isinstance(node, ast.Constant):
            return Made.NUMBER
        if isinstance(node, ast.Name):
            made = self._name(node)
            return Made.PICKED if made is Made.VALUES else made
        if isinstance(node, ast.Call):
            return self._made_by_call(node, depth)
        if isinstance(node, ast.Attribute | ast.Subscript):
            return self._picked(node, depth)
        if isinstance(node, ast.Lambda | ast.Compare | ast.BoolOp | ast.Await | ast.Yield):
            parts = list(ast.iter_child_nodes(node))
            plain = isinstance(node, ast.Compare | ast.BoolOp)
            return self._calculated(parts, depth) if plain else Made.COMPUTED
        if isinstance(node, ast.BinOp | ast.UnaryOp):
            return self._calculated(list(ast.iter_child_nodes(node)), depth)
        if isinstance(node, ast.ListComp | ast.SetComp | ast.GeneratorExp | ast.DictComp):
            return self._listed(node, depth)
        made = self._highest(list(ast.iter_child_nodes(node)), depth)
        display = isinstance(node, ast.List | ast.Tuple | ast.Set | ast.Dict)
        return max(made, Made.VALUES) if display else made

    def _highest(self, nodes: Sequence[ast.AST], depth: int) -> Made:
        parts = [
            one for one in nodes if isinstance(one, ast.expr | ast.keyword | ast.comprehension)
        ]
        return max((self._made(one, depth - 1) for one in parts), default=Made.NUMBER)

    def _calculated(self, parts: list[ast.AST], depth: int) -> Made:
        """Arithmetic on data of another name computes."""
        made = self._highest(parts, depth)
        return Made.COMPUTED if made is Made.PICKED else made

    def _picked(self, node: ast.Attribute | ast.Subscript, depth: int) -> Made:
        path = self.origins.path(node)
        if isinstance(node, ast.Attribute) and (
            MAKERS.fullmatch(path) or any(path.startswith(one) for one in DATASETS)
        ):
            return Made.NUMBER if self._is_module(path) and "(" not in path else Made.VALUES
        inner = [node.value, node.slice] if isinstance(node, ast.Subscript) else [node.value]
        return self._highest(list(inner), depth)

    def _made_by_call(self, node: ast.Call, depth: int) -> Made:
        path = self.origins.path(node.func)
        given = self._highest(list(_arguments(node)), depth)
        inner = (one.id for one in ast.walk(node.func) if isinstance(one, ast.Name))
        if any(self.names.get(name) is Made.COMPUTED for name in inner):
            return Made.COMPUTED
        if DRAWS.fullmatch(path):
            return Made.COMPUTED if given is Made.COMPUTED else Made.VALUES
        if SINGLE.fullmatch(path):
            return Made.NUMBER if path == "len" and given is not Made.COMPUTED else given
        if MAKERS.fullmatch(path) or any(path.startswith(one) for one in DATASETS):
            return max(given, Made.VALUES)
        if MATHS.fullmatch(path):
            return Made.COMPUTED if given is Made.PICKED else given
        if isinstance(node.func, ast.Attribute) and node.func.attr in SHAPING:
            return max(self._made(node.func.value, depth - 1), given)
        return Made.COMPUTED

    def _listed(self, node: ast.expr, depth: int) -> Made:
        """A comprehension: its items are single values, of which arithmetic may be done where they
        are no data of another name."""
        generators: list[ast.comprehension] = node.generators  # type: ignore[attr-defined]
        through = self._highest([one.iter for one in generators], depth)
        names = [name for one in generators for name in _names(one.target)]
        known = dict(self.names)
        self.names |= dict.fromkeys(names, Made.NUMBER if through < Made.PICKED else Made.VALUES)
        parts = [one for one in ast.iter_child_nodes(node) if isinstance(one, ast.expr)]
        tests = [test for one in generators for test in one.ifs]
        items = self._highest([*parts, *tests], depth)
        self.names = known
        return max(items, through, Made.VALUES)


def _arguments(node: ast.Call) -> Iterator[ast.expr]:
    yield from node.args
    yield from (keyword.value for keyword in node.keywords)


def _names(target: ast.expr) -> Iterator[str]:
    for node in ast.walk(target):
        if isinstance(node, ast.Name):
            yield node.id


def _targets(node: ast.AST) -> Iterator[str]:
    """What the comprehensions in an expression bind."""
    for inner in ast.walk(node):
        if isinstance(inner, ast.comprehension):
            yield from _names(inner.target)


def _stored(node: ast.AST) -> Iterator[str]:
    for inner in ast.walk(node):
        if isinstance(inner, ast.Name) and isinstance(inner.ctx, ast.Store):
            yield inner.id


def _bound(statement: ast.stmt) -> Iterator[tuple[str, ast.expr | None]]:
    """Names that a statement binds as a whole, with the value that one of them alone gets."""
    if isinstance(statement, ast.Assign):
        for target in statement.targets:
            yield from _unpacked(target, statement.value)
    elif isinstance(statement, ast.AnnAssign | ast.AugAssign):
        yield from _unpacked(statement.target, statement.value)
    elif isinstance(statement, ast.For):
        for inner in statement.body:
            yield from _bound(inner)
    elif isinstance(statement, ast.FunctionDef | ast.ClassDef | ast.AsyncFunctionDef):
        yield statement.name, None
    elif not isinstance(statement, ast.Expr):
        yield from ((name, None) for name in _stored(statement))


def _unpacked(target: ast.expr, value: ast.expr | None) -> Iterator[tuple[str, ast.expr | None]]:
    if isinstance(target, ast.Name):
        yield target.id, value
    elif isinstance(target, ast.Tuple | ast.List):
        same = isinstance(value, ast.Tuple | ast.List) and len(value.elts) == len(target.elts)
        values = value.elts if same else [value] * len(target.elts)  # type: ignore[union-attr]
        for one, part in zip(target.elts, values, strict=True):
            yield from _unpacked(one, part)
    elif isinstance(target, ast.Subscript | ast.Attribute):
        pass  # a part of values keeps their name
