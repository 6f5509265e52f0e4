"""Plots that a pandas frame or series draws: `df.plot(kind="bar")`, `df.hist()`.

`.plot(` and `.hist(` are also methods of axes, so the receiver decides (`origins`): what pandas
returns is a frame, except what a plot returns. Where the receiver is unknown (a
parameter, what an own function returns) its name decides, or the accessor `.plot.bar`, which
nothing else has, or the `kind=` of `.plot`. `ax.hist(x, stacked=True)` never counts.
"""

import ast
import re

from viscode.libraries.names import chain
from viscode.libraries.origins import CLASS, root_of
from viscode.libraries.registry import DATASETS, FRAME_ROOTS, FRAME_SETUP

FRAME_METHODS = frozenset({"plot", "hist", "boxplot"})
FRAME_KINDS = frozenset(
    ("area", "bar", "barh", "box", "density", "hexbin", "hist", "kde", "line", "pie", "scatter")
)
FRAME_NAME = re.compile(r"(?:^|_)(?:df|dataframe|frame|series|ser)(?:_|\d|$)", re.IGNORECASE)
RESULT = re.compile(r"\.(?:plot(?:\.\w+)?|hist|boxplot)\(\)\.")


def is_frame(path: str) -> bool:
    """Whether a path (as of `Origins.path`) leads to pandas or to a frame that another library
    hands out, and not to the axes that a plot returns."""
    return (root_of(path) in FRAME_ROOTS or path.startswith(DATASETS)) and not RESULT.search(path)


def is_frame_plot(call: ast.Call, path: str, foreign: bool) -> bool:
    """Whether a call, whose function has this path, is one by which pandas draws. `foreign`: the
    path leads to another library, whose own functions draw no frames."""
    names = path.replace("()", "").split(".")
    last = names[-1]
    if last not in FRAME_METHODS and last not in FRAME_KINDS and "plotting" not in names[:-1]:
        return False
    if last in FRAME_SETUP or len(names) < 2:
        return False
    accessor = names[-2] == "plot" and last in FRAME_KINDS
    if is_frame(path):
        return accessor or last in FRAME_METHODS or "plotting" in names[:-1]
    if root_of(path) == CLASS or (foreign and "()" not in path) or RESULT.search(path):
        return False
    if accessor:
        return True
    by_kind = last == "plot" and any(keyword.arg == "kind" for keyword in call.keywords)
    named = any(FRAME_NAME.search(name) for name in chain(call.func)[:-1])
    return last in FRAME_METHODS and (by_kind or named)
