"""Which plotting libraries a script really draws with (paper 3.1, library-based filters).

Two steps. `may_plot` reads the text alone and costs next to nothing; it lets through whatever
`usage` could find. `usage` reads the tree: aliases, from-imports and imports inside functions
are resolved; an import that nothing refers to is not use, and neither is set-up alone
(`matplotlib.use`, `sns.set_theme`, `px.data.iris`). Names passed to `importlib` or `exec` are not
seen.
"""

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from viscode.mining.frames import frame_plots
from viscode.mining.names import (
    Parts,
    bindings,
    chain,
    imported_modules,
    parts_of,
    references,
    starred_modules,
    walk,
)
from viscode.mining.scan import SCAN_VERSION, may_plot
from viscode.mining.vocabulary import (
    DRAWERS,
    FRAME_METHODS,
    FRAME_ROOTS,
    FRAME_SETUP,
    KNOWN,
    ROOTS,
    SETUP,
    STARRED,
)

__all__ = ["SCAN_VERSION", "Usage", "may_plot", "usage"]


@dataclass(frozen=True)
class Usage:
    """`drawn`: libraries that draw. `imported`: plotting libraries imported. Both sorted."""

    drawn: tuple[str, ...]
    imported: tuple[str, ...]


def usage(tree: ast.Module, nodes: Iterable[ast.AST] | None = None) -> Usage:
    """What the tree draws with; only references among `nodes` count, when they are given, while
    imports are always those of the whole tree."""
    whole = parts_of(walk(tree))
    parts = whole if nodes is None else parts_of(nodes)
    bound, modules = bindings(whole.imports), imported_modules(whole.imports)
    roots = {_root(module) for module in modules}
    known = {name: path for name, path in bound.items() if _root(path) in KNOWN}
    drawn = {library for path in references(parts, known) if (library := _library(path))}
    drawn |= _starred(starred_modules(whole.imports), parts)
    if "pandas" not in drawn and frame_plots(whole, parts, bound):
        drawn.add("pandas")
    for root, method in FRAME_METHODS.items():
        if root in roots and any(node.attr == method for node in parts.attributes):
            drawn.add(ROOTS[root])
    if "matplotlib" not in drawn and roots.intersection(DRAWERS) and _method_plots(parts, bound):
        drawn.add("matplotlib")
    imported = {ROOTS[root] for root in roots if root in ROOTS}
    return Usage(tuple(sorted(drawn)), tuple(sorted(imported)))


def _root(path: str) -> str:
    return path.partition(".")[0]


def _library(path: str) -> str:
    """The library that a reference draws with, or ""."""
    root, *rest = path.split(".")
    if root == "networkx":
        return "networkx" if rest and rest[-1].startswith("draw") else ""
    if root in FRAME_ROOTS:
        return "pandas" if "plotting" in rest[:-1] and rest[-1] not in FRAME_SETUP else ""
    if root in DRAWERS:
        return "matplotlib" if "graphics" in rest or _draws(rest[-1:]) else ""
    library = ROOTS.get(root, "")
    return "" if not library or SETUP[library].intersection(rest) else library


def _draws(names: list[str]) -> bool:
    return any(
        name in ("plot", "dendrogram")
        or name.startswith(("plot_", "qqplot"))
        or name.endswith(("plot", "_plot_2d", "Display"))
        for name in names
    )


def _starred(modules: set[str], parts: Parts) -> set[str]:
    libraries = {ROOTS[_root(name)] for name in modules if _root(name) in ROOTS}
    called = libraries and any(
        isinstance(call.func, ast.Name) and call.func.id in STARRED for call in parts.calls
    )
    return libraries if called else set()


def _method_plots(parts: Parts, bound: dict[str, str]) -> bool:
    """`results.plot_diagnostics()`, `SomeDisplay(...).plot()`: methods of a drawing package's
    objects, told by name because their types are not known."""
    return any(
        isinstance(call.func, ast.Attribute) and _is_method_plot(call.func, bound)
        for call in parts.calls
    )


def _is_method_plot(function: ast.Attribute, bound: dict[str, str]) -> bool:
    names = chain(function)
    return (
        (function.attr.startswith("plot_") or any(name.endswith("Display") for name in names))
        and names[0] != "self"
        and _root(bound.get(names[0], "")) not in ROOTS
    )
