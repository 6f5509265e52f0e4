"""What is seen of one kind of chart on axes, counted as a viewer counts: points that a script drew
in many calls are one cloud, bars that stand apart are bars and not sets of bars, and a line across
the whole axes is no data.
"""

import itertools
from collections.abc import Sequence
from dataclasses import dataclass

from viscode.execution.facts import SERIES_LIMIT, Axes, Series
from viscode.instruct.words import count_of, number

ACROSS = frozenset({"horizontal line", "vertical line", "horizontal band", "vertical band"})
COUNTED = {  # what is counted where the marks of several series are taken together
    "line": ("line", "lines"),
    "step": ("step line", "step lines"),
    "scatter": ("point", "points"),
    "bar": ("bar", "bars"),
    "pie": ("slice", "slices"),
    "box": ("box", "boxes"),
    "violin": ("violin", "violins"),
    "hist": ("bin", "bins"),
}
SETS = {"scatter": "group of points", "bar": "set of bars", "hist": "set of bars"}
MANY = 40  # more of them are not counted by a viewer
SURE = 60  # points and bins are worth a number where there are no more than this times ten


@dataclass(frozen=True)
class Seen:
    """`count` things, each called `one`; 0 where they are not counted. `size`: of how many parts
    each of them is, 0 for unknown."""

    count: int
    one: str
    many: str
    size: int = 0

    def text(self) -> str:
        """ "three bars", "bars"."""
        return count_of(self.count, self.one, self.many) if self.count else self.many


def of_kind(axes: Axes, kind: str) -> list[Series]:
    """The series of a kind, without lines and bands across the axes and areas of no size."""
    drawn = [one for one in axes.series if one.kind == kind and one.form not in ACROSS]
    return [one for one in drawn if not (kind == "area" and _is_flat(one))]


def _is_flat(series: Series) -> bool:
    return any(span is not None and span[0] == span[1] for span in (series.x, series.y))


def across(axes: Axes) -> list[Series]:
    """Lines and bands across the whole axes."""
    return [one for one in axes.series if one.form in ACROSS]


def is_cut(axes: Axes) -> bool:
    """Whether there may be more series than the facts tell."""
    return len(axes.series) >= SERIES_LIMIT


def marks(series: Sequence[Series]) -> int:
    """How many marks they have together, 0 where that of one is not known."""
    counts = [one.marks for one in series]
    return sum(counts) if all(counts) else 0


def in_sets(series: Sequence[Series]) -> bool:
    """Whether they are told apart as sets: by names, or as stacks and groups."""
    if len(series) < 2 or all(one.marks <= 1 for one in series):
        return False
    arranged = all(one.arrangement for one in series)
    labels = [one.label for one in series if one.label]
    named = len(set(labels)) == len(labels) == len(series)
    return arranged or named or (series[0].kind == "bar" and not _apart(series))


def _apart(series: Sequence[Series]) -> bool:
    """Whether each set of bars has a stretch of the axis for itself."""
    spans = [one.y if one.horizontal else one.x for one in series]
    known = sorted(span for span in spans if span)
    return len(known) == len(spans) and all(a[1] < b[0] for a, b in itertools.pairwise(known))


def seen(axes: Axes, kind: str) -> Seen | None:
    """What is counted of a kind in the facts of axes, None for what has no parts worth counting."""
    series = of_kind(axes, kind)
    if kind not in COUNTED or not series:
        return None
    one, many = COUNTED[kind]
    if kind in SETS and (in_sets(series) or (kind == "hist" and len(series) > 1)):
        each = {item.marks for item in series}
        noun = SETS[kind]
        plural = noun.replace("group", "groups").replace("set", "sets")
        return Seen(
            0 if is_cut(axes) else len(series), noun, plural, each.pop() if len(each) == 1 else 0
        )
    count = 0 if is_cut(axes) else marks(series)
    if kind == "hist" and not all(_is_counted(item) for item in series):
        count = 0
    if kind in ("line", "step", "box", "violin") and count > MANY:
        count = 0
    return Seen(count, one, many)


def _is_counted(series: Series) -> bool:
    """Whether a histogram's bins are known: one that is worked out when it is shown has its values
    in the facts, and no counts of them; an outline has neither."""
    return None not in (series.x, series.y) and series.points > 0


def many_of(found: Seen) -> str:
    """ "three bars", and "many bars" where they are not counted."""
    return found.text() if found.count else f"many {found.many}"


def sized(found: Seen, part: str) -> str:
    """ "two sets of five bars": sets with the number of their parts, where all have the same."""
    if not found.size or part not in found.many:
        return many_of(found)
    head, _, _ = (found.one if found.count == 1 else found.many).partition(" of ")
    return f"{number(found.count)} {head} of {count_of(found.size, part.removesuffix('s'))}"
