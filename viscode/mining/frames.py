"""Plots that a pandas frame or series draws: `df.plot(kind="bar")`, `df.hist()`.

`.plot(` is also a method of axes, so the receiver decides. A frame is what comes out of a call
on pandas, or on a name that already holds a frame; where the receiver is unknown (a parameter,
an attribute), its name or the keywords that only pandas has decide. A guess, on the safe side:
`ax.plot(x, y)` never counts.
"""

import ast
import re
from collections.abc import Iterable

from viscode.mining.names import Parts, chain
from viscode.mining.vocabulary import FRAME_SETUP

METHODS = frozenset({"plot", "hist", "boxplot"})
KINDS = frozenset(
    {
        "area",
        "bar",
        "barh",
        "box",
        "density",
        "hexbin",
        "hist",
        "kde",
        "line",
        "pie",
        "scatter",
    }
)
FRAME_NAME = re.compile(r"(?:^|_)(?:df|dataframe|frame|series|ser)(?:_|\d|$)", re.IGNORECASE)
FRAME_KEYWORDS = frozenset(
    {
        "by",
        "colormap",
        "column",
        "kind",
        "layout",
        "logx",
        "logy",
        "logz",
        "mark_right",
        "rot",
        "secondary_y",
        "sharex",
        "sharey",
        "stacked",
        "subplots",
        "use_index",
        "xticks",
        "yerr",
        "yticks",
    }
)
FRAME_CALLS = frozenset({"seaborn.load_dataset"})


def frame_plots(whole: Parts, parts: Parts, bound: dict[str, str]) -> bool:
    """Whether any of the calls in `parts` is one by which pandas draws. `whole` are the parts of
    the whole tree; `bound` as from `aliases`."""
    roots = {path.partition(".")[0] for path in bound.values()}
    if "pandas" not in roots and "seaborn" not in roots:
        return False
    if "pandas" not in roots and FRAME_CALLS.isdisjoint(_path(c.func, bound) for c in parts.calls):
        return False
    methods = [(call, call.func) for call in parts.calls if isinstance(call.func, ast.Attribute)]
    if any(_is_pandas_plot(function, bound) for _, function in methods):
        return True
    plots = [(c, f) for c, f in methods if f.attr in METHODS or f.attr in KINDS]
    frames = _frame_names(whole.assigns, bound) if plots else set()
    return any(_is_frame_plot(call, function, frames, bound) for call, function in plots)


def _path(node: ast.expr, bound: dict[str, str]) -> str:
    root, *rest = chain(node)
    return ".".join([bound.get(root, root), *rest])


def _frame_names(assigns: Iterable[ast.Assign], bound: dict[str, str]) -> set[str]:
    """Names assigned from pandas or from another frame, in the order of the text."""
    frames: set[str] = set()
    for node in sorted(assigns, key=lambda assign: assign.lineno):
        if not isinstance(node.value, ast.Call | ast.Subscript | ast.Attribute | ast.Name):
            continue
        if _gives_frame(node.value, frames, bound):
            frames.update(t.id for t in node.targets if isinstance(t, ast.Name))
    return frames


def _gives_frame(value: ast.expr, frames: set[str], bound: dict[str, str]) -> bool:
    parts = chain(value)
    if not METHODS.isdisjoint(parts[1:]):  # the result of a plot is axes
        return False
    path = _path(value, bound)
    return parts[0] in frames or path.startswith("pandas.") or path in FRAME_CALLS


def _is_pandas_plot(function: ast.Attribute, bound: dict[str, str]) -> bool:
    """`pd.Series(x).plot()`, `pd.plotting.scatter_matrix(df)`."""
    root, *rest = chain(function)
    path = bound.get(root, "").split(".")
    if path[0] != "pandas" or rest[-1] in FRAME_SETUP:
        return False
    return "plotting" in path or "plotting" in rest or not METHODS.isdisjoint(rest)


def _is_frame_plot(
    call: ast.Call, function: ast.Attribute, frames: set[str], bound: dict[str, str]
) -> bool:
    """`df.plot()`, `df.plot.bar()`: on a name that holds a frame, or seems to."""
    root, *rest = chain(function)
    path = bound.get(root, "")
    if path and f"{path}.{rest[0]}" not in FRAME_CALLS:
        return False
    accessor = rest[-1] in KINDS and rest[-2:-1] == ["plot"]
    if not accessor and rest[-1] not in METHODS:
        return False
    keywords = {keyword.arg for keyword in call.keywords}
    return (
        root in frames
        or bool(path)
        or accessor
        or any(FRAME_NAME.search(name) for name in (root, *rest[:-1]))
        or bool(keywords & FRAME_KEYWORDS)
    )
