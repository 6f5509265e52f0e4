"""Which plotting libraries a script really draws with (paper 3.1, library-based filters).

Two steps. `may_plot` reads the text alone and costs next to nothing; it lets through whatever
`library_use` could find. `library_use` reads the calls of the tree, each by where its function
comes from (`origins`): an import that nothing calls is not use, nor is a mention
(`print(matplotlib)`), nor set-up alone (`matplotlib.use`, `sns.set_theme`, `px.data.iris`). Names
passed to `importlib` or `exec` are not seen.

`.plot(` and `.hist(` are methods of pandas' frames and of axes, so the receiver decides: what
pandas returns is a frame, except what a plot returns. Where the receiver is unknown (a parameter,
what an own function returns) its name decides, or the accessor `.plot.bar`, which nothing else has,
or the `kind=` of `.plot`. `ax.hist(x, stacked=True)` never counts.

`draws` is stricter: it asks whether something is put on a picture. To make a figure, to give it a
title, to show or save it draws nothing.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass

from viscode.libraries.names import chain, imported_modules, star_imports
from viscode.libraries.origins import BUILTIN_NAMES, CALLING, CLASS, Origins, root_of
from viscode.libraries.registry import (
    BY_MODULE,
    CUSTOMARY,
    DATASET_ROOTS,
    DATASETS,
    DRAWING_NAMES,
    FRAME_METHODS,
    FRAME_ROOTS,
    FRAME_SETUP,
    HELPERS,
    LIBRARIES,
    MATPLOTLIB,
    MODULES,
    PREPARES,
    PREPARES_UNDER,
    ROOTS,
    SHOWS_GIVEN,
    STARRED,
)
from viscode.libraries.scan import SCAN_VERSION, may_plot

__all__ = ["SCAN_VERSION", "Drawing", "Drawings", "LibraryUse", "draws", "library_use", "may_plot"]

PREPARING_PREFIXES = ("set_", "get_", "update_", "invert_", "write_", "to_", "add_legend")
_SHOWING = tuple(start for start in SHOWS_GIVEN if start.endswith("."))
AXES_NAME = re.compile(r"(?:^|_)(?:ax|axs|axe|axes|axis|fig|figure|plt)(?:_|\d|$)", re.IGNORECASE)
FRAME_CALLS = frozenset({"plot", "hist", "boxplot"})
FRAME_KINDS = frozenset(
    ("area", "bar", "barh", "box", "density", "hexbin", "hist", "kde", "line", "pie", "scatter")
)
FRAME_NAME = re.compile(r"(?:^|_)(?:df|dataframe|frame|series|ser)(?:_|\d|$)", re.IGNORECASE)
RESULT = re.compile(r"\.(?:plot(?:\.\w+)?|hist|boxplot)\(\)\.")


@dataclass(frozen=True)
class LibraryUse:
    """`drawn`: libraries that draw. `imported`: plotting libraries imported. Both sorted."""

    drawn: tuple[str, ...]
    imported: tuple[str, ...]


@dataclass(frozen=True)
class Drawing:
    """A call that draws with `library`. `marks`: it puts something on the picture."""

    library: str
    marks: bool


def library_use(tree: ast.Module, nodes: Iterable[ast.AST] | None = None) -> LibraryUse:
    """What the tree draws with; only calls among `nodes` count, when they are given, while names
    are those of the whole tree."""
    drawings = Drawings(tree)
    imported = tuple(sorted({ROOTS[root].name for root in drawings.roots if root in ROOTS}))
    if drawings.roots.isdisjoint(MODULES):
        return LibraryUse((), imported)
    possible = {BY_MODULE[root].name for root in drawings.roots & MODULES}
    if not drawings.roots.isdisjoint(DATASET_ROOTS):
        possible.add("pandas")
    found: set[str] = set()
    for one in drawings.among(nodes):
        found.add(one.library)
        if found >= possible:
            break
    return LibraryUse(tuple(sorted(found)), imported)


def draws(tree: ast.Module, nodes: Iterable[ast.AST] | None = None) -> bool:
    """Whether the tree puts something on a picture; only calls among `nodes` count, when they are
    given. Names that nothing binds mean what they customarily do, `plt` or `df`, so that a fragment
    without its imports can be judged; better, join it to what comes before, and give its nodes."""
    return any(one.marks for one in Drawings(tree, CUSTOMARY).among(nodes))


class Drawings:
    """Which calls of a tree are calls of drawing libraries. `roots` are the top-level modules that
    it imports; those of `customary` names count as imported."""

    def __init__(self, tree: ast.Module, customary: Mapping[str, str] | None = None) -> None:
        self.origins = Origins(tree, customary)
        imports = self.origins.imports
        self.roots = {root_of(module) for module in imported_modules(imports)}
        self.roots.update(map(root_of, (customary or {}).values()))
        self._starred = {root_of(module) for module in star_imports(imports)} & ROOTS.keys()
        self._has_frames = not self.roots.isdisjoint(FRAME_ROOTS)
        self._has_axes = any(ROOTS.get(root) is MATPLOTLIB for root in self.roots)
        self._helpers = [
            (one.name, re.compile(one.helper_methods))
            for one in LIBRARIES
            if one.helper_methods and not self.roots.isdisjoint(one.helpers)
        ]
        self._frame_methods = {k: v for k, v in FRAME_METHODS.items() if k in self.roots}

    def among(self, nodes: Iterable[ast.AST] | None = None) -> Iterator[Drawing]:
        """Those among the nodes, or among all of the tree."""
        for node in self.origins.calls if nodes is None else nodes:
            if isinstance(node, ast.Call):
                yield from self.of(node)

    def of(self, call: ast.Call) -> Iterator[Drawing]:
        """The libraries that a call draws with: none, one, or several of which it may be."""
        path = self.origins.path(call.func)
        names = path.replace("()", "").split(".")
        root, name = names[0], names[-1]
        if library := _library(names):
            yield Drawing(library, _marks(call, path, name))
        if path not in BUILTIN_NAMES or path in CALLING:  # unlike help(plt.plot)
            for handed in _handed_on(call):
                if library := _library(self.origins.path(handed).replace("()", "").split(".")):
                    yield Drawing(library, marks=True)
        if _is_frame_plot(call, path, foreign=root in self.roots and root not in FRAME_ROOTS):
            if _is_frame(path) or self._has_frames:
                yield Drawing("pandas", marks=True)
            return
        for package, method in self._frame_methods.items():
            if method in names[1:]:
                yield Drawing(ROOTS[package].name, marks=True)
        if root not in MODULES and root != CLASS:
            for library in self._guessed(call.func, root):
                yield Drawing(library, name not in PREPARES)

    def _guessed(self, function: ast.expr, root: str) -> set[str]:
        """What a call may draw with, judged by its names, as the function's origin is unknown."""
        if isinstance(function, ast.Name):
            free = function.id in STARRED and not self.origins.is_bound(function)
            return {ROOTS[package].name for package in self._starred} if free else set()
        names = chain(function)
        found: set[str] = set()
        if names[0] not in ("self", "cls"):  # `results.plot_diagnostics()`
            found |= {name for name, draws in self._helpers if draws.search(".".join(names))}
        drawing = self._has_axes and root not in self.roots and names[-1] in DRAWING_NAMES
        if drawing and any(AXES_NAME.search(name) for name in names[:-1]):  # `ax.bar()`
            found.add(MATPLOTLIB.name)
        return found


def _handed_on(call: ast.Call) -> Iterator[ast.expr]:
    """Arguments that may be drawing functions: `grid.map(plt.hist)`."""
    for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
        name = getattr(argument, "attr", None) or getattr(argument, "id", None)
        if name in DRAWING_NAMES:
            yield argument


def _library(names: list[str]) -> str:
    """The library that a call of this path is one of, or "" where that is set-up."""
    if library := HELPERS.get(names[0]):
        return library.name if re.search(library.helper_draws, ".".join(names[1:])) else ""
    library = ROOTS.get(names[0])
    return "" if library is None or library.setup.intersection(names[1:]) else library.name


def _marks(call: ast.Call, path: str, name: str) -> bool:
    if name in SHOWS_GIVEN or path.startswith(_SHOWING):
        given = (*call.args, *(keyword.value for keyword in call.keywords))
        return any(isinstance(value, ast.Dict | ast.List) for value in given)
    if path.startswith(PREPARES_UNDER) and "()" not in path:
        return False  # another call puts it on the picture
    return name not in PREPARES and not name.startswith(PREPARING_PREFIXES)


def _is_frame(path: str) -> bool:
    """Whether a path (as of `Origins.path`) leads to pandas or to a frame that another library
    hands out, and not to the axes that a plot returns."""
    return (root_of(path) in FRAME_ROOTS or path.startswith(DATASETS)) and not RESULT.search(path)


def _is_frame_plot(call: ast.Call, path: str, foreign: bool) -> bool:
    """Whether a call, whose function has this path, is one by which pandas draws. `foreign`: the
    path leads to another library, whose own functions draw no frames."""
    names = path.replace("()", "").split(".")
    last = names[-1]
    if last not in FRAME_CALLS and last not in FRAME_KINDS and "plotting" not in names[:-1]:
        return False
    if last in FRAME_SETUP or len(names) < 2:
        return False
    accessor = names[-2] == "plot" and last in FRAME_KINDS
    if _is_frame(path):
        return accessor or last in FRAME_CALLS or "plotting" in names[:-1]
    if root_of(path) == CLASS or (foreign and "()" not in path) or RESULT.search(path):
        return False
    if accessor:
        return True
    by_kind = last == "plot" and any(keyword.arg in ("kind", "ax") for keyword in call.keywords)
    named = any(FRAME_NAME.search(name) for name in chain(call.func)[:-1])
    return last in FRAME_CALLS and (by_kind or named)
