"""Whether supplied values suit the figure that they are drawn in, by the facts of the run."""

import math
from collections.abc import Iterable

from viscode.core.records import Execution
from viscode.execution.facts import Axes, as_list

Limits = dict[str, tuple[float, float]]
"""The ends of the axes "x" and "y"."""
OUT_OF_LIMITS = "out_of_limits"
LONGEST = 150  # characters of a label
LEAST_SHARE = 0.15  # of the range that the source sets for an axis
FLATTENED = ("line", "scatter", "box", "violin", "area", "bar", "hist", "step", "errorbar")
"""Kinds of series of which those without extent along an axis show nothing."""
MOST_ALIKE = 4  # points of lines that often extend alike, such as those of a grid
SPANNING = ("horizontal line", "vertical line", "horizontal band", "vertical band")


def unlike_a_figure(execution: Execution) -> str:
    """Why nobody would show the figure: "flat" where all that is drawn lies on one point or line,
    "repeated" where the same is drawn again and again over itself, "unreadable" where a label holds
    a whole array, "out_of_limits" where what is drawn fills next to nothing of the limits that the
    source sets; else ""."""
    axes = [one for figure in as_list(execution.facts) if figure for one in figure.axes]
    drawn = [one for one in axes if one.series]
    if drawn and all(map(_is_flat, drawn)):
        return "flat"
    texts = (text for one in axes for text in (one.title, one.xlabel, one.ylabel, *one.legend))
    if any(len(text) > LONGEST for text in texts):
        return "unreadable"
    if any(map(_is_repeated, drawn)):
        return "repeated"
    return OUT_OF_LIMITS if any(map(_is_beside, drawn)) else ""


def _is_repeated(axes: Axes) -> bool:
    """Whether each thing drawn has, on average, another one that extends as far in each way."""
    data = [
        (one.kind, one.points, one.x, one.y)
        for one in axes.series
        if one.kind in ("line", "step", "scatter") and one.points > MOST_ALIKE and one.x and one.y
    ]
    return bool(data) and 2 * len(set(data)) <= len(data)


def set_limits(execution: Execution) -> Limits:
    """The limits that the source sets, of the first axes that have any."""
    found: Limits = {}
    for figure in as_list(execution.facts):
        for axes in figure.axes if figure else ():
            for axis, ends in (("x", axes.xlim), ("y", axes.ylim)):
                known = [one for one in ends or () if one is not None]
                if axis in axes.fixed and axis in axes.numeric and len(known) == 2:
                    found.setdefault(axis, (min(known), max(known)))
    return found


def _is_flat(axes: Axes) -> bool:
    return all(
        one.kind in FLATTENED
        and any(ends is not None and ends[0] == ends[1] for ends in (one.x, one.y))
        for one in axes.series
    )


def _is_beside(axes: Axes) -> bool:
    data = [one for one in axes.series if one.form not in SPANNING and one.points > 1]
    return any(
        axis in axes.fixed
        and axis in axes.numeric
        and limits is not None
        and _share([getattr(one, axis) for one in data], limits, log=scale == "log") < LEAST_SHARE
        for axis, limits, scale in (("x", axes.xlim, axes.xscale), ("y", axes.ylim, axes.yscale))
    )


def _share(
    extents: Iterable[tuple[float, float] | None],
    limits: tuple[float | None, float | None],
    *,
    log: bool,
) -> float:
    """The share of an axis that what is drawn extends over; 1 where that is not known."""
    known = [one for one in extents if one is not None]
    low, high = limits
    if not known or low is None or high is None:
        return 1.0
    first, last = min(one[0] for one in known), max(one[1] for one in known)
    low, high = min(low, high), max(low, high)
    if log:
        if min(low, first) <= 0:
            return 1.0
        low, high, first, last = (math.log(one) for one in (low, high, first, last))
    return max(0.0, min(high, last) - max(low, first)) / ((high - low) or 1.0)
