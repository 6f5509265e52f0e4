"""A structural score, 0-100, without any model: figure facts of an answer against the truth's.

Compared is what a plot shows and how it is labelled, never how it is styled (colours, sizes, grid,
fonts and limits do not count). Weights, by figure:

| part | weight | compared |
|---|---|---|
| kinds | 35 | chart kinds of each axes (line, bar, ...) |
| layout | 10 | number of axes with content, grid of rows and columns |
| texts | 20 | title and axis labels, normalised, by similarity of their characters |
| scales | 10 | linear or log of x and y, projection |
| legend | 10 | entries |
| series | 15 | number of series and of points |

Axes are paired greedily, best pair first; a wanted axes without a partner scores 0, one too many
weighs half. Only what the truth has counts for texts and legend: an answer may label more. The
chart kind caps the sum: with no kind in common at most 50, with all of them 100. Equal facts give
exactly 100, a figure without content 0. The truth is drawn by matplotlib; kinds that differ only
by which function draws the same picture are taken as one (`SAME_KIND`), which also bridges plotly.

It is no judge of quality: never mix it with a model's scores.
"""

import json
import re
from collections import Counter
from collections.abc import Mapping, Sequence
from difflib import SequenceMatcher
from typing import Any

Facts = Mapping[str, Any]
AXES_WEIGHTS = {"kinds": 35, "texts": 20, "scales": 10, "legend": 10, "series": 15}
LAYOUT_WEIGHT = 10
WRONG_KIND_CAP = 50
SURPLUS = 0.5  # an axes too many weighs half as much as one that is missing
SAME_KIND = {"step": "line", "heatmap": "image", "wireframe": "surface"}
LABELS = ("xlabel", "ylabel", "zlabel")
SCALES = ("xscale", "yscale", "projection")
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
    parts = [_parts(a, t) for a, t in _pairs(_titled(answer, drawn), _titled(truth, wanted))]
    mean = {name: sum(part[name] for part in parts) / places for name in AXES_WEIGHTS}
    score = sum(weight * mean[name] for name, weight in AXES_WEIGHTS.items())
    score += LAYOUT_WEIGHT * _layout(answer, truth, len(drawn), len(wanted))
    cap = WRONG_KIND_CAP + (100 - WRONG_KIND_CAP) * mean["kinds"]
    return round(min(score, cap), 1)


def _titled(figure: Facts, axes: Sequence[Facts]) -> list[Facts]:
    """The axes with the figure's title put before the title of the only, or first, of them:
    libraries differ in which of the two a figure with one axes has."""
    title = f"{figure['suptitle']} {axes[0]['title']}".strip()
    return [{**axes[0], "title": title}, *axes[1:]]


def _pairs(answer: Sequence[Facts], truth: Sequence[Facts]) -> list[tuple[Facts, Facts]]:
    """Greedy pairing by the weighted score of the pair; equal scores keep the drawing order."""
    scored = sorted(
        (
            (-_sum(_parts(a, t)), abs(i - j), i, j)
            for i, a in enumerate(answer)
            for j, t in enumerate(truth)
        ),
    )
    used_answer: set[int] = set()
    used_truth: set[int] = set()
    pairs = []
    for _, _, i, j in scored:
        if i not in used_answer and j not in used_truth:
            used_answer.add(i)
            used_truth.add(j)
            pairs.append((answer[i], truth[j]))
    return pairs


def _sum(parts: Mapping[str, float]) -> float:
    return sum(weight * parts[name] for name, weight in AXES_WEIGHTS.items())


def _parts(answer: Facts, truth: Facts) -> dict[str, float]:
    """Agreement of two axes, each part in 0..1."""
    return {
        "kinds": _overlap(_kinds(answer), _kinds(truth)),
        "texts": _texts(answer, truth),
        "scales": sum(answer[name] == truth[name] for name in SCALES) / len(SCALES),
        "legend": _found(answer["legend"], truth["legend"]),
        "series": _series(answer["series"], truth["series"]),
    }


def _kinds(axes: Facts) -> set[str]:
    return {SAME_KIND.get(kind, kind) for kind in axes["kinds"]}


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
    """Agreement in the number of series and, where both are known, of points."""
    parts = [_ratio(len(answer), len(truth))]
    points = [sum(entry.get("points") or 0 for entry in side) for side in (answer, truth)]
    if all(points):
        parts.append(_ratio(*points))
    return sum(parts) / len(parts)


def _ratio(a: int, b: int) -> float:
    return min(a, b) / max(a, b) if max(a, b) else 1.0


def _layout(answer: Facts, truth: Facts, drawn: int, wanted: int) -> float:
    grid = 1.0 if answer["layout"] == truth["layout"] else 0.0
    return (_ratio(drawn, wanted) + grid) / 2
