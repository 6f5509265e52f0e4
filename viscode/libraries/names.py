"""What the names in a syntax tree stand for, and which code is reached when the script runs.

`plt.plot` means "matplotlib.pyplot.plot" only through the import that bound `plt`. Imports are
collected over the whole file, those inside functions included; a name that two imports bind
means the later one. Values of variables are not followed, except constants.
"""

import ast
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

Function = ast.FunctionDef | ast.AsyncFunctionDef
PYPLOT = "matplotlib.pyplot"
PYLAB_MODULE = "pylab"
PYLABS = ("matplotlib.pylab", PYLAB_MODULE)
NUMPY = "numpy"
PYPLOT_WORDS = """
acorr angle_spectrum annotate arrow autoscale autumn axes axhline axhspan axis axline axvline
axvspan bar bar_label barbs barh bone box boxplot broken_barh cla clabel clf clim close cohere
colorbar connect contour contourf cool copper csd delaxes disconnect draw draw_if_interactive ecdf
errorbar eventplot figimage figlegend fignum_exists figtext figure fill fill_between fill_betweenx
findobj flag gca gcf gci get get_cmap get_current_fig_manager get_figlabels get_fignums
get_plot_commands getp ginput gray grid grouped_bar hexbin hist hist2d hlines hot hsv imread
imsave imshow inferno install_repl_displayhook ioff ion isinteractive jet legend locator_params
loglog magma magnitude_spectrum margins matshow minorticks_off minorticks_on new_figure_manager
nipy_spectral pause pcolor pcolormesh phase_spectrum pie pie_label pink plasma plot polar prism
psd quiver quiverkey rc rc_context rcdefaults rgrids savefig sca scatter sci semilogx semilogy
set_cmap set_loglevel setp show specgram spring spy stackplot stairs stem step streamplot subplot
subplot2grid subplot_mosaic subplot_tool subplots subplots_adjust summer suptitle switch_backend
table text thetagrids tick_params ticklabel_format tight_layout title tricontour tricontourf
tripcolor triplot twinx twiny uninstall_repl_displayhook violinplot viridis vlines
waitforbuttonpress winter xcorr xkcd xlabel xlim xscale xticks ylabel ylim yscale yticks
"""
PYPLOT_NAMES = frozenset(PYPLOT_WORDS.split())
"""Those of matplotlib 3.11: no module is imported to find out what a star import binds."""


class _ChildFields(dict[type[ast.AST], tuple[str, ...]]):
    """Node class -> its fields that hold statements, expressions and the like: all but names,
    constants, contexts and operators, which take half of the time of a walk. Read from the grammar
    in the class's docstring: "Call(expr func, expr* args, keyword* keywords)"."""

    def __missing__(self, node_type: type[ast.AST]) -> tuple[str, ...]:
        grammar = re.findall(r"(\w+)[*?]? (\w+)(?=[,)])", node_type.__doc__ or "")
        self[node_type] = tuple(name for kind, name in grammar if kind not in LEAF_KINDS)
        return self[node_type]


LEAF_KINDS = frozenset(
    {
        *("identifier", "int", "string", "constant"),
        *("expr_context", "boolop", "operator", "unaryop", "cmpop"),
    }
)
CHILD_FIELDS = _ChildFields()


def imports_among(nodes: Iterable[ast.AST]) -> list[ast.Import | ast.ImportFrom]:
    """The import statements among nodes, in their order."""
    return [node for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]


def aliases(nodes: Iterable[ast.AST]) -> dict[str, str]:
    """Imported name -> dotted path, e.g. {"plt": "matplotlib.pyplot"}. Relative imports keep
    their dots; star imports are left to `star_imports`."""
    bound = dict(pair for node in imports_among(nodes) for pair in imported_names(node))
    bound.pop("*", None)
    return bound


def imported_names(node: ast.Import | ast.ImportFrom) -> Iterator[tuple[str, str]]:
    """The names that an import statement binds, each with its dotted path; ("*", module) for a
    star import. Relative ones keep their dots."""
    for name in node.names:
        if isinstance(node, ast.ImportFrom):
            module = "." * node.level + (node.module or "")
            star = name.name == "*"
            yield name.asname or name.name, module if star else f"{module}.{name.name}"
        elif name.asname:
            yield name.asname, name.name
        else:
            root = name.name.partition(".")[0]
            yield root, root


def star_imports(nodes: Iterable[ast.AST]) -> set[str]:
    """Modules that the nodes import by `from MODULE import *`; relative ones keep their dots."""
    pairs = (pair for node in imports_among(nodes) for pair in imported_names(node))
    return {path for bound, path in pairs if bound == "*"}


def star_source(name: str, modules: Sequence[str]) -> str:
    """The one of the star-imported `modules` that a name comes from, "" when none is known to have
    it. Of several unknown ones it is the last, which hides the others."""
    drawing = {PYPLOT, *PYLABS} & set(modules)
    if drawing and name in PYPLOT_NAMES:
        return PYPLOT
    others = [module for module in modules if module not in (PYPLOT, *PYLABS)]
    return others[-1] if others else ""


def without_pylab(path: str) -> str:
    """A dotted path with pylab replaced by pyplot or numpy."""
    module = next((m for m in PYLABS if path == m or path.startswith(f"{m}.")), "")
    if not module:
        return path
    first = path[len(module) + 1 :].partition(".")[0].removesuffix("()")
    home = NUMPY if first and first not in PYPLOT_NAMES else PYPLOT
    return home + path[len(module) :]


def imported_modules(nodes: Iterable[ast.AST]) -> set[str]:
    """Full dotted modules that the nodes import; "." alone or first marks a relative one."""
    found: set[str] = set()
    for node in imports_among(nodes):
        if isinstance(node, ast.Import):
            found.update(name.name for name in node.names)
        else:
            found.add("." * node.level + (node.module or ""))
            if node.module and not node.level:
                found.update(f"{node.module}.{name.name}" for name in node.names)
    return found


def chain(node: ast.expr) -> list[str]:
    """Names of an attribute chain, root first, looking through calls and subscripts:
    `df["a"].mean().plot` -> ["df", "mean", "plot"]. A root that is no name gives ""."""
    parts: list[str] = []
    current: ast.expr = node
    while True:
        if isinstance(current, ast.Attribute):
            parts.append(current.attr)
            current = current.value
        elif isinstance(current, ast.Call):
            current = current.func
        elif isinstance(current, ast.Subscript):
            current = current.value
        else:
            break
    parts.append(current.id if isinstance(current, ast.Name) else "")
    return parts[::-1]


@dataclass(frozen=True)
class Reached:
    """Nodes that run when the script runs (parents first), and the functions among them by
    (name, line of the def)."""

    nodes: list[ast.AST]
    functions: frozenset[tuple[str, int]]


def reached(tree: ast.Module) -> Reached:
    """Module-level code, class bodies, and the bodies of functions that reached code names.

    An over-estimate: a branch counts as taken; a method as called when its class is named and an
    attribute of its name is read, or it is a dunder. Base classes and annotations of parameters
    and variables count as names read, but are not among the nodes: they run nothing.
    """
    nodes: list[ast.AST] = []
    waiting: list[tuple[frozenset[str], Function]] = []
    entered: set[tuple[str, int]] = set()
    read: set[str] = set()
    _collect(tree.body, nodes, waiting, read)
    while ready := [function for needed, function in waiting if needed <= read]:
        waiting = [pair for pair in waiting if not pair[0] <= read]
        for function in ready:
            entered.add((function.name, function.lineno))
            _collect(function.body, nodes, waiting, read)
    return Reached(nodes, frozenset(entered))


def _collect(
    start: Iterable[ast.AST],
    nodes: list[ast.AST],
    waiting: list[tuple[frozenset[str], Function]],
    read: set[str],
) -> None:
    """Append the nodes below `start` that run at once; functions wait for the names in their
    pair to be read."""
    queue = list(start)
    for node in queue:
        nodes.append(node)
        if isinstance(node, Function):
            waiting.append((frozenset({node.name}), node))
            queue.extend([*node.decorator_list, node.args])
        elif isinstance(node, ast.ClassDef):
            read |= _names_read(node.bases)
            methods = [inner for inner in node.body if isinstance(inner, Function)]
            for method in methods:
                name = node.name if method.name.startswith("__") else method.name
                waiting.append((frozenset({node.name, name}), method))
            queue.extend([*node.decorator_list, *(x for m in methods for x in m.decorator_list)])
            queue.extend(inner for inner in node.body if not isinstance(inner, Function))
        elif isinstance(node, ast.AnnAssign):
            queue.extend([node.target] if node.value is None else [node.target, node.value])
        elif isinstance(node, ast.Expr) and isinstance(node.value, ast.Name):
            nodes.append(node.value)  # a mention runs nothing
        elif not isinstance(node, ast.arg):
            read |= _names_read([node], deep=False)
            queue.extend(ast.iter_child_nodes(node))


def _names_read(nodes: Iterable[ast.AST], deep: bool = True) -> set[str]:
    found: set[str] = set()
    for node in (inner for top in nodes for inner in (ast.walk(top) if deep else [top])):
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Load):
            found.add(node.id)
        elif isinstance(node, ast.Attribute):
            found.add(node.attr)
    return found


def text_constants(nodes: Iterable[ast.AST]) -> dict[str, str]:
    """Variables that are bound once, to a string: {"path": "data.csv"}."""
    values: dict[str, str] = {}
    stores: dict[str, int] = {}
    for node in nodes:
        if isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            stores[node.id] = stores.get(node.id, 0) + 1
        if not isinstance(node, ast.Assign) or not isinstance(node.value, ast.Constant):
            continue
        for target in node.targets:
            if isinstance(target, ast.Name) and isinstance(node.value.value, str):
                values[target.id] = node.value.value
    return {name: text for name, text in values.items() if stores.get(name) == 1}
