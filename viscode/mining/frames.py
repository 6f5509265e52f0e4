"""Plots that a pandas frame or series draws: `df.plot(kind="bar")`, `df.hist()`.

`.plot(` is also a method of axes, so the receiver decides. A frame is what comes out of a call
on pandas, or on a name that already holds a frame; where the receiver is unknown (a parameter,
an attribute), its name or the keywords that only pandas has decide. A guess, on the safe side:
`ax.plot(x, y)` never counts.
"""

import ast
import re

from viscode.mining.names import chain

METHODS = ("plot", "hist", "boxplot")
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


def frame_plots(tree: ast.Module, nodes: list[ast.AST], bound: dict[str, str]) -> bool:
    """Whether any of `nodes` is a call by which pandas draws. `bound` as from `aliases`."""
    with_pandas = any(path.partition(".")[0] == "pandas" for path in bound.values())
    if not with_pandas and not FRAME_CALLS.intersection(_paths(nodes, bound)):
        return False
    frames = _frame_names(tree, bound)
    return any(
        isinstance(node, ast.Call)
        and isinstance(node.func, ast.Attribute)
        and _is_frame_plot(node, node.func, frames, bound)
        for node in nodes
    )


def _paths(nodes: list[ast.AST], bound: dict[str, str]) -> set[str]:
    return {_path(node.func, bound) for node in nodes if isinstance(node, ast.Call)}


def _path(node: ast.expr, bound: dict[str, str]) -> str:
    root, *rest = chain(node)
    return ".".join([bound.get(root, root), *rest])


def _frame_names(tree: ast.Module, bound: dict[str, str]) -> set[str]:
    """Names assigned from pandas or from another frame, in the order of the text."""
    frames: set[str] = set()
    assigns = [node for node in ast.walk(tree) if isinstance(node, ast.Assign)]
    for node in sorted(assigns, key=lambda assign: assign.lineno):
        if not isinstance(node.value, ast.Call | ast.Subscript | ast.Attribute | ast.Name):
            continue
        if _gives_frame(node.value, frames, bound):
            frames.update(t.id for t in node.targets if isinstance(t, ast.Name))
    return frames


def _gives_frame(value: ast.expr, frames: set[str], bound: dict[str, str]) -> bool:
    parts = chain(value)
    if set(parts[1:]) & set(METHODS):  # the result of a plot is axes
        return False
    path = _path(value, bound)
    return parts[0] in frames or path.startswith("pandas.") or path in FRAME_CALLS


def _is_frame_plot(
    call: ast.Call, function: ast.Attribute, frames: set[str], bound: dict[str, str]
) -> bool:
    root, *rest = chain(function)
    path = bound.get(root, "")
    if path.startswith("pandas"):
        return "plotting" in path or bool(set(rest) & {"plotting", *METHODS})
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
