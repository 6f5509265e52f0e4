"""Which plotting libraries a script really draws with (paper 3.1, library-based filters).

Two steps. `may_plot` looks for library names in the text and costs next to nothing; it lets
through whatever `usage` could find. `usage` reads the tree: aliases, from-imports and imports
inside functions are resolved; an import that nothing refers to is not use, and neither is set-up
alone (`matplotlib.use`, `sns.set_theme`, `px.data.iris`). Names passed to `importlib` or `exec`
are not seen.
"""

import ast
from collections.abc import Iterable
from dataclasses import dataclass

from viscode.mining.frames import frame_plots
from viscode.mining.names import aliases, chain, imported_modules, references, star_imports

ROOTS = {
    "matplotlib": "matplotlib",
    "mpl_toolkits": "matplotlib",
    "pylab": "matplotlib",
    "seaborn": "seaborn",
    "plotly": "plotly",
    "bokeh": "bokeh",
    "altair": "altair",
    "plotnine": "plotnine",
    "holoviews": "holoviews",
    "hvplot": "holoviews",
    "pygal": "pygal",
}
"""Top-level module -> plotting library. pandas and networkx are told by what they call."""

SETUP = {
    "matplotlib": frozenset(
        {
            "__version__",
            "cbook",
            "close",
            "cm",
            "colormaps",
            "colors",
            "dates",
            "font_manager",
            "get_backend",
            "get_cmap",
            "interactive",
            "ioff",
            "ion",
            "is_interactive",
            "matplotlib_fname",
            "path",
            "rc",
            "rcdefaults",
            "rcParams",
            "rcParamsDefault",
            "rc_context",
            "set_loglevel",
            "style",
            "switch_backend",
            "testing",
            "ticker",
            "transforms",
            "use",
        }
    ),
    "seaborn": frozenset(
        {
            "__version__",
            "axes_style",
            "blend_palette",
            "cm",
            "color_palette",
            "crayon_palette",
            "cubehelix_palette",
            "dark_palette",
            "desaturate",
            "despine",
            "diverging_palette",
            "get_dataset_names",
            "hls_palette",
            "husl_palette",
            "light_palette",
            "load_dataset",
            "mpl_palette",
            "plotting_context",
            "reset_defaults",
            "reset_orig",
            "set",
            "set_color_codes",
            "set_context",
            "set_hls_values",
            "set_palette",
            "set_style",
            "set_theme",
            "xkcd_palette",
            "xkcd_rgb",
        }
    ),
    "plotly": frozenset(
        {
            "__version__",
            "colors",
            "data",
            "init_notebook_mode",
            "kaleido",
            "renderers",
            "set_credentials_file",
            "templates",
        }
    ),
    "bokeh": frozenset(
        {
            "__version__",
            "output_file",
            "output_notebook",
            "palettes",
            "reset_output",
            "sampledata",
            "settings",
        }
    ),
    "altair": frozenset({"__version__", "data_transformers", "renderers", "themes"}),
    "plotnine": frozenset({"__version__", "data", "options", "theme_set"}),
    "holoviews": frozenset({"__version__", "Store", "extension", "notebook_extension", "renderer"}),
    "pygal": frozenset({"__version__", "Config", "style"}),
}
"""Attributes that configure a library or give data and colours, and draw nothing themselves."""

STARRED = frozenset(
    {
        "axes",
        "bar",
        "barh",
        "boxplot",
        "contour",
        "contourf",
        "errorbar",
        "figure",
        "fill",
        "fill_between",
        "ggplot",
        "hexbin",
        "hist",
        "hist2d",
        "imshow",
        "loglog",
        "matshow",
        "pcolor",
        "pcolormesh",
        "pie",
        "plot",
        "plot_surface",
        "polar",
        "quiver",
        "scatter",
        "semilogx",
        "semilogy",
        "show",
        "specgram",
        "stackplot",
        "stem",
        "step",
        "streamplot",
        "subplot",
        "subplots",
        "violinplot",
        "Chart",
        "Figure",
    }
)
"""Names that mark drawing where `from LIBRARY import *` hides where they come from."""

DRAWERS = ("statsmodels", "sklearn", "scipy")
"""Packages that draw on matplotlib themselves: `sm.qqplot`, `plot_tree`, `dendrogram`."""
DRAWER_WORDS = ("plot", "graphics", "Display", "dendrogram")
FRAME_WORDS = (".plot", ".hist", ".boxplot", "plotting")


@dataclass(frozen=True)
class Usage:
    """`drawn`: libraries that draw. `imported`: plotting libraries imported. Both sorted."""

    drawn: tuple[str, ...]
    imported: tuple[str, ...]


def may_plot(text: str) -> bool:
    """Whether the text names a plotting library at all. Never False where `usage` finds one."""
    if "import" not in text:
        return False
    return (
        any(root in text for root in ROOTS)
        or ("pandas" in text and any(word in text for word in FRAME_WORDS))
        or ("networkx" in text and "draw" in text)
        or (any(root in text for root in DRAWERS) and any(w in text for w in DRAWER_WORDS))
    )


def usage(tree: ast.Module, nodes: Iterable[ast.AST] | None = None) -> Usage:
    """What the tree draws with; only references among `nodes` count, when they are given
    (parents before children), while imports are always those of the whole tree."""
    within = list(ast.walk(tree)) if nodes is None else list(nodes)
    bound, modules = aliases(tree), imported_modules(ast.walk(tree))
    imported = {ROOTS[root] for module in modules if (root := _root(module)) in ROOTS}
    drawn = {library for path in references(within, bound) if (library := _library(path))}
    drawn |= _starred(tree, within)
    if frame_plots(tree, within, bound):
        drawn.add("pandas")
    if any(_root(module) == "hvplot" for module in modules) and _has_attribute(within, "hvplot"):
        drawn.add("holoviews")
    if any(_root(module) in DRAWERS for module in modules) and _method_plots(within, bound):
        drawn.add("matplotlib")
    return Usage(tuple(sorted(drawn)), tuple(sorted(imported)))


def _root(path: str) -> str:
    return path.partition(".")[0]


def _library(path: str) -> str:
    """The library that a reference draws with, or ""."""
    root, *rest = path.split(".")
    if root == "networkx":
        return "networkx" if rest and rest[-1].startswith("draw") else ""
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


def _starred(tree: ast.Module, nodes: list[ast.AST]) -> set[str]:
    libraries = {ROOTS[_root(name)] for name in star_imports(tree) if _root(name) in ROOTS}
    called = (
        any(
            isinstance(node, ast.Call)
            and isinstance(node.func, ast.Name)
            and node.func.id in STARRED
            for node in nodes
        )
        if libraries
        else False
    )
    return libraries if called else set()


def _has_attribute(nodes: list[ast.AST], name: str) -> bool:
    return any(isinstance(node, ast.Attribute) and node.attr == name for node in nodes)


def _method_plots(nodes: list[ast.AST], bound: dict[str, str]) -> bool:
    """`results.plot_diagnostics()`, `SomeDisplay(...).plot()`: methods of a drawing package's
    objects, told by name because their types are not known."""
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and (
            node.func.attr.startswith("plot_")
            or any(name.endswith("Display") for name in chain(node.func))
        )
        and chain(node.func)[0] != "self"
        and _root(bound.get(chain(node.func)[0], "")) not in ROOTS
        for node in nodes
    )
