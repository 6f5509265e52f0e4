"""What an edit of a syntax tree needs to know: what an expression is, how a name can be spelled in
this script, and which statements were changed."""

import ast
import builtins
import copy
import re
from collections.abc import Container, Iterator
from functools import cached_property

from viscode.extract.renames import HOMES
from viscode.extract.touching import walk
from viscode.libraries.names import Function, imported_names
from viscode.libraries.origins import WITHOUT_IMPORT, Origins, root_of
from viscode.libraries.registry import CUSTOMARY, DATASETS

FIGURE_NAME = re.compile(r"(?:^|_)(?:fig|figure)(?:_|\d|$)", re.IGNORECASE)
AXES_NAME = re.compile(r"(?:^|_)(?:ax|axs|axe|axes|axis)(?:_|\d|$)", re.IGNORECASE)
FRAME_NAME = re.compile(
    r"(?:^|_)(?:df|dataframe|frame|series|ser)(?:_|\d|$)|^df[a-z_]|^[a-z]+df$", re.IGNORECASE
)
GRAPH_NAME = re.compile(r"^(?:g|graph|digraph|dg|ug)\d?$", re.IGNORECASE)
FIGURES = frozenset({"figure()", "gcf()", "Figure()", "fig", "figure"})
_AXES = """
add_axes() add_subplot() axes() gca() host_subplot() inset_axes() subplot() subplot2grid()
    subplots() subplot_mosaic() twinx() twiny() Axes3D() hist() boxplot() ax axes ax_joint
    ax_marg_x ax_marg_y
"""
AXES = frozenset(_AXES.split())
PANDAS_AXES = re.compile(r"\.(?:plot(?:\.\w+)?|hist|boxplot)\(\)$")
RESULTS = {
    **dict.fromkeys(("get_major_ticks()", "get_minor_ticks()"), "TICK"),
    **dict.fromkeys(("contour()", "contourf()", "tricontour()", "tricontourf()"), "CONTOURS"),
    "colorbar()": "COLORBAR",
}
"""What methods give, whatever the object is."""
MOST_END = 60
NOT_FRAMES = re.compile(
    r"(?:\.(?:values|index|columns|shape|size|dtypes?|name|str|dt|plot|loc|iloc|ix|at|iat|groups)"
    r"|\.(?:to_numpy|tolist|to_list|as_matrix|get_values|unique|items|iteritems|iterrows"
    r"|itertuples|to_dict|keys|date_range|\w*Index|\w*Range|Timestamp|Timedelta|ExcelFile"
    r"|ExcelWriter|HDFStore|cut|qcut|max|min|sum|mean|median|std|nunique|count|head\(\)\.item)"
    r"\(\))$"
)
ALIASES = {path: name for name, path in sorted(CUSTOMARY.items()) if path[-1] != ")"}


class Editor:
    """One tree while it is edited. `names`: of the edits, in their order, each once. `statement`:
    the innermost one that is being looked at."""

    def __init__(self, tree: ast.Module) -> None:
        self.tree = tree
        self._customary = dict(CUSTOMARY)
        self.origins = Origins(tree, self._customary)
        self.names: dict[str, None] = {}
        self.statement: ast.stmt | None = None
        self.spelled = _spelled(tree)
        self.known_methods: dict[str, str] = {}  # of objects that a message told the kind of
        self._new_imports: dict[str, ast.stmt] = {}

    @cached_property
    def used(self) -> frozenset[str]:
        """All names in the script, of modules, functions, parameters and variables."""
        return frozenset(_used_names(self.tree))

    @cached_property
    def own_functions(self) -> frozenset[str]:
        """The script's functions and methods."""
        functions = (one for one in walk(self.tree) if isinstance(one, Function))
        return frozenset(one.name for one in functions)

    def note(self, name: str) -> None:
        """Name an edit."""
        self.names.setdefault(name)

    def learn(self, name: str, path: str) -> None:
        """What a name means that edits bring in."""
        self._customary[name] = path
        self.spelled[path] = name

    def path(self, node: ast.expr) -> str:
        """As of `Origins.path`."""
        return self.origins.path(node)

    def kind(self, node: ast.expr) -> str:
        """One of the keys of OWNERS that an object is, by where it comes from or else by its name;
        "" where neither tells."""
        path, name = self.path(node), last_name(node)
        root, last = root_of(path), path.rpartition(".")[2]
        end = path[-MOST_END:]  # a chain of assignments gives long paths
        if last in RESULTS:
            return RESULTS[last]
        if root in ("pandas", "cudf") or path.startswith(DATASETS):
            if PANDAS_AXES.search(end):
                return "AXES"
            known = "()" in path and not NOT_FRAMES.search(end)
            return "FRAME" if known else ""
        if root in ("matplotlib", "mpl_toolkits", "seaborn"):
            return _drawn_kind(path, name)
        if root == "networkx":
            return "GRAPH" if path.endswith("()") else ""
        if root in WITHOUT_IMPORT or "." not in path:
            return _named_kind(name)
        return ""

    def reference(self, path: str, near: ast.expr | None = None) -> ast.expr:
        """An expression for a dotted path: below what `near` is an attribute of where that gives
        it, else by a name that the script imports already or will import."""
        if isinstance(near, ast.Attribute) and path.rpartition(".")[0] == self.path(near.value):
            return ast.Attribute(near.value, path.rpartition(".")[2], ast.Load())
        text = self._spelling(path)
        node = ast.parse(text, mode="eval").body
        for part in ast.walk(node):
            if self.statement is not None and isinstance(part, ast.expr):
                ast.copy_location(part, self.statement)
        return node

    def _spelling(self, path: str) -> str:
        if path in BUILTINS:
            return path
        for prefix in prefixes(path):
            is_class = prefix.rpartition(".")[2][:1].isupper()
            known = prefix == path or is_class or prefix in HOMES or prefix in ALIASES
            if prefix in self.spelled and known:
                return self.spelled[prefix] + path[len(prefix) :]
        homes = (one for one in prefixes(path) if one in HOMES)
        home = next(homes, path.rpartition(".")[0] or path)
        return self._imported(home, path[len(home) + 1 :])

    def _imported(self, home: str, rest: str) -> str:
        """What stands below a module, which is imported as people do."""
        alias, first = ALIASES.get(home, ""), rest.partition(".")[0]
        if alias and alias not in self.used:
            self._add(home, ast.Import([ast.alias(home, alias)]))
            self.learn(alias, home)
            return f"{alias}.{rest}".strip(".")
        if not alias and first and first not in self.used:
            self._add(f"{home}.{first}", ast.ImportFrom(home, [ast.alias(first)], 0))
            self.learn(first, f"{home}.{first}")
            return rest
        self._add(home, ast.Import([ast.alias(home)]))
        return f"{home}.{rest}".strip(".")

    def _add(self, path: str, statement: ast.stmt) -> None:
        self._new_imports.setdefault(path, statement)

    def drop_imports(self, gone: Container[str]) -> None:
        """Take out the imports of paths in `gone` that nothing names any more."""
        read = {node.id for node in walk(self.tree) if isinstance(node, ast.Name)}
        for node in self.tree.body[:]:
            if isinstance(node, ast.Import | ast.ImportFrom):
                kept = [one for one in node.names if not _is_dead(node, one, gone, read)]
                if len(kept) < len(node.names):
                    node.names = kept
                if not kept:
                    self.tree.body.remove(node)

    def insert_imports(self) -> None:
        """Put the imports that `reference` needs before the first statement that may stand there,
        after the docstring and what comes from `__future__`."""
        body = self.tree.body
        place = next((n for n, one in enumerate(body) if not _stands_first(one)), len(body))
        new = [self._new_imports[path] for path in sorted(self._new_imports)]
        for one in new:
            ast.copy_location(one, body[min(place, len(body) - 1)])
        body[place:place] = new


def last_name(node: ast.expr) -> str:
    """The last name in an expression such as `self.ax[0]`, "" for other ones."""
    while isinstance(node, ast.Subscript):
        node = node.value
    if isinstance(node, ast.Attribute):
        return node.attr
    return node.id if isinstance(node, ast.Name) else ""


def imported_path(node: ast.Import | ast.ImportFrom, one: ast.alias) -> str:
    """Where one of the names of an import comes from; relative imports keep their dots."""
    if isinstance(node, ast.Import):
        return one.name
    return f"{'.' * node.level}{node.module or ''}.{one.name}"


def again(node: ast.expr) -> ast.expr:
    """A copy of an expression, to stand in a second place."""
    return copy.deepcopy(node)


def _stands_first(statement: ast.stmt) -> bool:
    if isinstance(statement, ast.Expr):
        return isinstance(statement.value, ast.Constant)
    return isinstance(statement, ast.ImportFrom) and statement.module == "__future__"


def _drawn_kind(path: str, name: str) -> str:
    last = path.rpartition(".")[2]
    if last == "subplots()" and FIGURE_NAME.search(name):
        return "FIGURE"
    if last in FIGURES:
        return "FIGURE"
    if last in AXES or (root_of(path) == "seaborn" and path.endswith("plot()")):
        return "AXES"
    return ""


def _named_kind(name: str) -> str:
    kinds = {"FIGURE": FIGURE_NAME, "AXES": AXES_NAME, "FRAME": FRAME_NAME, "GRAPH": GRAPH_NAME}
    return next((kind for kind, pattern in kinds.items() if pattern.search(name)), "")


def prefixes(path: str) -> Iterator[str]:
    """A path and all that it begins with, the longest first."""
    while path:
        yield path
        path = path.rpartition(".")[0]


def _spelled(tree: ast.Module) -> dict[str, str]:
    """Path -> the name for it that imports at the top of the tree bind."""
    found: dict[str, str] = {}
    for statement in tree.body:
        if isinstance(statement, ast.Import | ast.ImportFrom):
            found.update((path, name) for name, path in imported_names(statement) if name != "*")
    return found


def _is_dead(
    node: ast.Import | ast.ImportFrom, one: ast.alias, gone: Container[str], read: set[str]
) -> bool:
    return (
        imported_path(node, one) in gone and (one.asname or one.name.partition(".")[0]) not in read
    )


def _used_names(tree: ast.Module) -> Iterator[str]:
    for node in walk(tree):
        if isinstance(node, ast.Name):
            yield node.id
        elif isinstance(node, ast.arg):
            yield node.arg
        elif isinstance(node, Function | ast.ClassDef):
            yield node.name
        elif isinstance(node, ast.Import | ast.ImportFrom):
            yield from (name for name, _ in imported_names(node))


BUILTINS = frozenset(dir(builtins))
