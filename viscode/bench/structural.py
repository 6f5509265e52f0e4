"""A structural score, 0-100, without any model: figure facts of an answer against the truth's.

Compared is what a plot shows and how it is labelled, never how it is styled (colours, sizes, grid,
fonts and the limits of axes do not count). Weights, by figure:

| part | weight | compared |
|---|---|---|
| kinds | 25 | chart kinds of each axes (line, bar, ...) |
| layout | 10 | number of axes with content, grid of rows and columns |
| texts | 15 | title and axis labels, normalised, by similarity of their characters |
| scales | 5 | linear or log of x and y, projection |
| legend | 5 | entries |
| series | 15 | number of series and of points |
| data | 25 | between which values the data of x and of y lie |

Axes are paired so that the sum of their scores is highest; a wanted axes without a partner scores
0, one too many weighs half. Only what the truth has counts for texts and legend: an answer may
label more. What is not known of the truth (between which values the data of a pie lie, say) is left
out, and the other parts weigh more; what is known of the truth and not of the answer earns nothing,
but for the counts of a histogram, which plotly leaves to the browser: there the other axis counts.
The chart kind caps the sum: with no kind in common at most 50, with all of them 100. Equal facts
give exactly 100, a figure without content 0. The truth is drawn by matplotlib; kinds
that differ only by which function draws the same picture are taken as one (`SAME_KIND`), which also
bridges plotly.

The weights were set by judgement; tests/bench/graded_plots.py grades 65 perturbed plots by a rubric
written before, and a test asks that the scores follow the grades (Spearman's correlation of at
least 0.8, also over the plots that nothing was adjusted to). It is no judge of quality: never mix
it with a model's scores.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

import numpy as np
from scipy.optimize import linear_sum_assignment

Facts = Mapping[str, Any]
AXES_WEIGHTS = {"kinds": 25, "texts": 15, "scales": 5, "legend": 5, "series": 15, "data": 25}
LAYOUT_WEIGHT = 10
WRONG_KIND_CAP = 50
SURPLUS = 0.5  # an axes too many weighs half as much as one that is missing
SAME_KIND = {"step": "line", "heatmap": "image", "wireframe": "surface"}
LABELS = ("xlabel", "ylabel", "zlabel")
SCALES = ("xscale", "yscale", "projection")
PLACED = ("box", "violin")
COUNTED = "hist"
IN_ORDER = 1e-6  # what a place in the drawing order weighs when axes are paired
SAME_POINT = 1e-6  # relative distance below which two values are one
AXES_LIMIT = 40  # axes compared; more do not change a score much and pairing is quadratic


def first_figure(facts: str) -> Facts | None:
    """Facts of the first image that shows something; of the first image when none does; None when
    nothing is known of any image. `facts` is the JSON text of an execution."""
    known = [entry for entry in json.loads(facts or "[]") if entry is not None]
    return next((entry for entry in known if content(entry)), known[0] if known else None)


def content(figure: Facts) -> list[Facts]:
    """The axes that something is drawn in."""
    return [axes for axes in figure["axes"] if axes["kinds"]][:AXES_LIMIT]


def structural_score(answer: Facts, truth: Facts) -> float:
    """0-100 with one decimal; see the module's text."""
    drawn, wanted = content(answer), content(truth)
    if not drawn or not wanted:
        return 0.0
    places = len(wanted) + SURPLUS * max(len(drawn) - len(wanted), 0)
    parts = _paired(_titled(answer, drawn), _titled(truth, wanted))
    mean = {name: sum(part[name] for part in parts) / places for name in AXES_WEIGHTS}
    score = _sum(mean) + LAYOUT_WEIGHT * _layout(answer, truth, len(drawn), len(wanted))
    cap = WRONG_KIND_CAP + (100 - WRONG_KIND_CAP) * mean["kinds"]
    return round(min(score, cap), 1)


def _titled(figure: Facts, axes: Sequence[Facts]) -> list[Facts]:
    """The axes with the figure's title put before the title of the only, or first, of them:
    libraries differ in which of the two a figure with one axes has."""
    title = f"{figure['suptitle']} {axes[0]['title']}".strip()
    return [{**axes[0], "title": title}, *axes[1:]]


def _paired(answer: Sequence[Facts], truth: Sequence[Facts]) -> list[dict[str, float]]:
    """The parts of each pair of axes, paired so that the sum of the scores is highest; of equal
    pairings the one in drawing order."""
    parts = [[_parts(a, t) for t in truth] for a in answer]
    scores = np.array([[_sum(part) for part in row] for row in parts])
    order = np.abs(np.subtract.outer(np.arange(len(answer)), np.arange(len(truth))))
    rows, columns = linear_sum_assignment(scores - IN_ORDER * order, maximize=True)
    return [parts[i][j] for i, j in zip(rows, columns, strict=True)]


def _sum(parts: Mapping[str, float]) -> float:
    return sum(weight * parts[name] for name, weight in AXES_WEIGHTS.items())


def _parts(answer: Facts, truth: Facts) -> dict[str, float]:
    """Agreement of two axes, each part in 0..1. Where the data are not known of the truth, they
    are as good as the other parts together, which is to leave them out."""
    kinds, wanted = ({SAME_KIND.get(k, k) for k in axes["kinds"]} for axes in (answer, truth))
    parts = {
        "kinds": _overlap(kinds, wanted),
        "texts": _texts(answer, truth),
        "scales": sum(_scale(answer[name]) == _scale(truth[name]) for name in SCALES) / len(SCALES),
        "legend": _found(answer["legend"], truth["legend"]),
        "series": _series(answer["series"], truth["series"]),
    }
    data = _data(answer["series"], truth["series"])
    if data is None:
        weights = sum(AXES_WEIGHTS[name] for name in parts)
        data = sum(AXES_WEIGHTS[name] * part for name, part in parts.items()) / weights
    return {**parts, "data": data}


def _overlap(a: set[str], b: set[str]) -> float:
    return len(a & b) / len(a | b) if a | b else 1.0


def normalised(text: str) -> str:
    """Lower case, letters and digits of any script, single spaces: markup and units' brackets
    do not count."""
    return " ".join(re.sub(r"[\W_]+", " ", text.lower()).split())


def _similar(a: str, b: str) -> float:
    return SequenceMatcher(None, normalised(a), normalised(b), autojunk=False).ratio()


def _texts(answer: Facts, truth: Facts) -> float:
    wanted = [name for name in ("title", *LABELS) if normalised(truth[name])]
    if not wanted:
        return 1.0
    return sum(_similar(answer[name], truth[name]) for name in wanted) / len(wanted)


def _found(answer: Sequence[str], truth: Sequence[str]) -> float:
    """Share of the truth's entries that the answer has, each used once."""
    wanted = Counter(map(normalised, truth))
    if not wanted:
        return 1.0
    return (wanted & Counter(map(normalised, answer))).total() / wanted.total()


def _series(answer: Sequence[Facts], truth: Sequence[Facts]) -> float:
    """Agreement in the number of series and, where the truth's is known, of points."""
    parts = [_ratio(len(answer), len(truth))]
    found, wanted = (sum(entry.get("points") or 0 for entry in side) for side in (answer, truth))
    if wanted:
        parts.append(_ratio(found, wanted))
    return sum(parts) / len(parts)


def _scale(name: str) -> str:
    """Matplotlib's axes of dates and categories are linear ones."""
    return "linear" if name in ("date", "category") else name


def _data(answer: Sequence[Facts], truth: Sequence[Facts]) -> float | None:
    """Agreement of the intervals that the data of all series cover; None where they are not known
    of the truth. Boxes and violins stand at places that mean nothing: of them the axis that agrees
    better counts."""
    sides = [(_covered(answer, name), _covered(truth, name)) for name in ("x", "y")]
    wanted = [(a, t) for a, t in sides if t is not None]
    counted = all(entry["kind"] == COUNTED for entry in answer)
    if counted and any(a is not None for a, _ in wanted):
        wanted = [(a, t) for a, t in wanted if a is not None]
    shares = [_common(a, t) if a is not None else 0.0 for a, t in wanted]
    if not shares:
        return None
    if all(entry["kind"] in PLACED for entry in truth):
        return max(shares)
    return sum(shares) / len(shares)


def _covered(series: Sequence[Facts], name: str) -> tuple[float, float] | None:
    known = [pair for entry in series if (pair := entry.get(name)) is not None]
    return (min(p[0] for p in known), max(p[1] for p in known)) if known else None


def _common(a: tuple[float, float], b: tuple[float, float]) -> float:
    """The share of two intervals together that both cover; a point is as wide as nothing else."""
    whole = max(a[1], b[1]) - min(a[0], b[0])
    if whole <= SAME_POINT * max(map(abs, (*a, *b, 1.0))):
        return 1.0
    return max(0.0, min(a[1], b[1]) - max(a[0], b[0])) / whole


def _ratio(a: int, b: int) -> float:
    return min(a, b) / max(a, b) if max(a, b) else 1.0


def _layout(answer: Facts, truth: Facts, drawn: int, wanted: int) -> float:
    grid = 1.0 if answer["layout"] == truth["layout"] else 0.0
    return (_ratio(drawn, wanted) + grid) / 2
