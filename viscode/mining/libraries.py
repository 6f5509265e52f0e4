"""Which plotting libraries a script really draws with (paper 3.1, library-based filters).

Two steps. `may_plot` reads the text alone and costs next to nothing; it lets through whatever
`usage` could find. `usage` reads the calls of the tree, each by where its function comes from
(`origins`): an import that nothing calls is not use, nor is a mention (`print(matplotlib)`), nor
set-up alone (`matplotlib.use`, `sns.set_theme`, `px.data.iris`). Names passed to `importlib` or
`exec` are not seen.

`draws` is stricter: it asks whether something is put on a picture. To make a figure, to give it a
title, to show or save it draws nothing.
"""

import ast
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from viscode.mining.drawing_words import FIGURE_MAKERS, MARKS, PREPARING, PREPARING_PREFIXES
from viscode.mining.frames import is_frame_plot
from viscode.mining.names import chain, imported_modules, starred_modules
from viscode.mining.origins import CLASS, NOTHING, Origins, root_of
from viscode.mining.scan import SCAN_VERSION, may_plot
from viscode.mining.vocabulary import (
    CUSTOMARY,
    DRAWERS,
    FRAME_METHODS,
    FRAME_ROOTS,
    KNOWN,
    ROOTS,
    SETUP,
    STARRED,
)

__all__ = ["SCAN_VERSION", "Usage", "draws", "may_plot", "usage"]

AXES_NAME = re.compile(r"(?:^|_)(?:ax|axs|axe|axes|axis|fig|figure|plt)(?:_|\d|$)", re.IGNORECASE)


@dataclass(frozen=True)
class Usage:
    """`drawn`: libraries that draw. `imported`: plotting libraries imported. Both sorted."""

    drawn: tuple[str, ...]
    imported: tuple[str, ...]


@dataclass(frozen=True)
class _Drawing:
    """A call into `library`; `marks` when it puts something on the picture."""

    library: str
    marks: bool


def usage(tree: ast.Module, nodes: Iterable[ast.AST] | None = None) -> Usage:
    """What the tree draws with; only calls among `nodes` count, when they are given, while names
    are those of the whole tree."""
    origins = Origins(tree)
    known = _known(origins)
    imported = tuple(sorted({ROOTS[root] for root in known.roots if root in ROOTS}))
    if known.roots.isdisjoint(KNOWN):
        return Usage((), imported)
    found = {one.library for one in _drawings(origins, nodes, known)}
    return Usage(tuple(sorted(found)), imported)


def draws(tree: ast.Module, nodes: Iterable[ast.AST] | None = None) -> bool:
    """Whether the tree puts something on a picture; only calls among `nodes` count, when they are
    given. Names that nothing binds mean what they customarily do, `plt` or `df`, so that a fragment
    without its imports can be judged; better, join it to what comes before, and give its nodes."""
    origins = Origins(tree, CUSTOMARY)
    known = _known(origins)
    known.roots.update(map(root_of, CUSTOMARY.values()))
    return any(one.marks for one in _drawings(origins, nodes, known))


@dataclass(frozen=True)
class _Known:
    """Top-level modules that are imported, and those among them imported by a star."""

    roots: set[str]
    starred: set[str]


def _known(origins: Origins) -> _Known:
    return _Known(
        {root_of(module) for module in imported_modules(origins.imports)},
        {root_of(module) for module in starred_modules(origins.imports)},
    )


def _drawings(
    origins: Origins, nodes: Iterable[ast.AST] | None, known: _Known
) -> Iterator[_Drawing]:
    calls = origins.calls if nodes is None else nodes
    for call in calls:
        if isinstance(call, ast.Call):
            yield from _of_call(call, origins, known)


def _of_call(call: ast.Call, origins: Origins, known: _Known) -> Iterator[_Drawing]:
    path = origins.path(call.func)
    root = root_of(path)
    if library := _library(path):
        yield _Drawing(library, _marks(call, path))
    for function in _handed_on(call):
        if library := _library(origins.path(function)):
            yield _Drawing(library, marks=True)
    if is_frame_plot(call, path, foreign=root in known.roots and root not in FRAME_ROOTS):
        if not known.roots.isdisjoint(FRAME_ROOTS) or root not in (*NOTHING, *FRAME_ROOTS):
            yield _Drawing("pandas", marks=True)
        return
    names = path.replace("()", "").split(".")
    for package, method in FRAME_METHODS.items():
        if package in known.roots and method in names[1:]:
            yield _Drawing(ROOTS[package], marks=True)
    if root in KNOWN or root == CLASS:
        return
    if isinstance(call.func, ast.Name):
        if call.func.id in STARRED and not origins.is_bound(call.func):
            for package in known.starred & ROOTS.keys():
                yield _Drawing(ROOTS[package], call.func.id not in PREPARING)
        return
    by_name = not known.roots.isdisjoint(DRAWERS) and _is_method_plot(call.func)
    on_axes = root not in known.roots and _is_axes_call(call.func) and _has_matplotlib(known.roots)
    if by_name or on_axes:
        yield _Drawing("matplotlib", marks=True)


def _handed_on(call: ast.Call) -> Iterator[ast.expr]:
    """Arguments that may be drawing functions: `grid.map(plt.hist)`."""
    for argument in (*call.args, *(keyword.value for keyword in call.keywords)):
        name = getattr(argument, "attr", None) or getattr(argument, "id", None)
        if name in MARKS:
            yield argument


def _library(path: str) -> str:
    """The library that a call of this path is one of, or "" where that is set-up."""
    root, *rest = path.replace("()", "").split(".")
    if root == "networkx":
        return "networkx" if rest and rest[-1].startswith("draw") else ""
    if root in DRAWERS:
        return "matplotlib" if "graphics" in rest or _is_drawer(rest) else ""
    library = ROOTS.get(root, "")
    return "" if not library or SETUP[library].intersection(rest) else library


def _is_drawer(names: list[str]) -> bool:
    if any(name.endswith("Display") for name in names):
        return True
    return bool(names) and (
        names[-1] in ("plot", "dendrogram")
        or names[-1].startswith(("plot_", "qqplot"))
        or names[-1].endswith(("plot", "_plot_2d"))
    )


def _marks(call: ast.Call, path: str) -> bool:
    name = path.replace("()", "").rpartition(".")[2]
    shows = path.startswith(("plotly.offline.", "plotly.plotly.", "plotly.io."))
    if name in FIGURE_MAKERS or shows:  # a name holds what has been drawn already
        given = (*call.args, *(keyword.value for keyword in call.keywords))
        return any(isinstance(value, ast.Dict | ast.List) for value in given)
    return name not in PREPARING and not name.startswith(PREPARING_PREFIXES)


def _is_method_plot(function: ast.expr) -> bool:
    """`results.plot_diagnostics()`, `SomeDisplay(...).plot()`: methods of a drawing package's
    objects, told by name because their types are not known."""
    names = chain(function)
    told = names[-1].startswith("plot_") or any(name.endswith("Display") for name in names)
    return told and names[0] not in ("self", "cls")


def _is_axes_call(function: ast.expr) -> bool:
    """`ax.bar()` where nothing tells what `ax` is but its name."""
    names = chain(function)
    return names[-1] in MARKS and any(AXES_NAME.search(name) for name in names[:-1])


def _has_matplotlib(roots: set[str]) -> bool:
    return any(ROOTS.get(root) == "matplotlib" for root in roots)
