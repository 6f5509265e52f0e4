"""The Plot Description: what is drawn where (paper 3.1, component 4), from the figure facts.

Chart kinds, arrangement, titles, axis labels, legends, and what else catches the eye (details.py).
It names no library and no function. Texts that stand on the plot are quoted as they are, whatever
they say: they are content.
"""

import itertools
from collections.abc import Sequence

from viscode.execution.facts import Axes, FigureFacts
from viscode.instruct.axes_phrases import Area, chart_phrase, overlap, shown_axes
from viscode.instruct.details import details, shared_by
from viscode.instruct.words import (
    count_of,
    join,
    number,
    ordinal,
    pick,
    quote,
    sentences,
)

MAX_ENTRIES = 12  # a longer legend is counted, not listed
MAX_TEXTS = 4
MAX_LISTED = 24  # more texts of subplots are not listed
MAX_GROUPS = 8  # more different subplots than this are summed up
SAME_EDGE = 0.02  # of the image: axes whose left edges differ by less stand in one column
WHOLE = 0.85  # share of a side from which on it counts as all of it
MIDDLE = 0.12  # so far from the middle of a side a middle may lie


def describe_layout(key: str, figures: Sequence[FigureFacts], data: str = "") -> str:
    """One paragraph that begins with "Create" or "Generate". `key` selects the phrasings;
    `figures` are the different figures that show something, at least one; `data` is a sentence
    on what data they show, or ""."""
    verb = pick(key, "verb", ("Create", "Generate"))
    if len(figures) == 1:
        first, *others = _figure(key, verb, figures[0])
        return sentences([first, data, *others])
    parts = [f"{verb} {number(len(figures))} separate figures", data]
    for index, figure in enumerate(figures):
        first, *others = _figure(key, "draw", figure)
        parts += [f"In the {ordinal(index)} figure, {first}", *others]
    return sentences(parts)


def _figure(key: str, verb: str, figure: FigureFacts) -> list[str]:
    drawn = shown_axes(figure)
    if len(drawn) == 1:
        return _single(key, verb, figure, drawn[0])
    heading = f"The overall title is {quote(figure.suptitle)}" if figure.suptitle else ""
    shared = _shares_area(drawn)
    arrangement = _shared_area(drawn) if shared else _arrangement(figure)
    nouns = ("set of axes", "sets of axes") if shared else ("subplot", "subplots")
    whole = "" if verb == "draw" else "a figure with "
    together = "" if shared else shared_by(drawn)
    places = _insets(drawn) if shared else _where(figure, drawn)
    if any(" the first" in place and "inset" not in place for place in places):
        drawn = (drawn[0], *map(_unlabelled, drawn[1:]))  # of these no label is sure to be seen
    subplots = _subplots(figure, drawn, nouns, places)
    return [f"{verb} {whole}{arrangement}", heading, together, *subplots, *_of_whole(figure)]


def _unlabelled(axes: Axes) -> Axes:
    return axes.model_copy(update={"xlabel": "", "ylabel": ""})


def _of_whole(figure: FigureFacts) -> list[str]:
    """Labels, legend and texts that belong to no axes."""
    labels = [
        f"the {name} label {quote(text)}"
        for name, text in (("x-axis", figure.xlabel), ("y-axis", figure.ylabel))
        if text
    ]
    texts = [quote(text) for text in figure.texts[:MAX_TEXTS]]
    entries = [text for text in figure.legend if text.strip()]
    return [
        f"The whole figure has {join(labels)}" if labels else "",
        f"One legend beside the plots has {_entries(entries)}" if entries else "",
        f"The figure also bears the text {join(texts)}" if texts else "",
    ]


def _single(key: str, verb: str, figure: FigureFacts, axes: Axes) -> list[str]:
    title = axes.title or figure.suptitle
    both = figure.suptitle if axes.title and figure.suptitle != axes.title else ""
    return [
        f"{verb} {chart_phrase(axes)}",
        _varied(
            key,
            "title",
            title and quote(title),
            ("The title reads {}", "Give the plot the title {}", "Title the plot {}"),
        ),
        f"The heading above it is {quote(both)}" if both else "",
        _varied(
            key,
            "labels",
            join(f"the {name} {quote(text)}" for name, text in _named_axes(axes)),
            ("Label {}", "Label {}"),
        ),
        _varied(key, "legend", _legend(axes), ("Add {}", "Include {}", "Show {}")),
        *details(axes),
        *_of_whole(figure),
    ]


def _varied(key: str, slot: str, filling: str, variants: Sequence[str]) -> str:
    return pick(key, slot, variants).format(filling) if filling else ""


def _named_axes(axes: Axes) -> list[tuple[str, str]]:
    names = (("x-axis", axes.xlabel), ("y-axis", axes.ylabel), ("z-axis", axes.zlabel))
    return [(name, text) for name, text in names if text]


def _legend(axes: Axes) -> str:
    entries = [text for text in axes.legend if text.strip()]
    if not entries:
        return ""
    title = f" titled {quote(axes.legend_title)}" if axes.legend_title.strip() else ""
    return f"a legend{title} with {_entries(entries)}"


def _entries(entries: Sequence[str]) -> str:
    if len(entries) > MAX_ENTRIES:
        return f"{len(entries)} entries"
    word = "entry" if len(entries) == 1 else "entries"
    return f"the {word} {join(map(quote, entries))}"


def _shares_area(drawn: Sequence[Axes]) -> bool:
    """Whether some axes stand in the place of others: twins, insets."""
    unknown = any(axes.twin and axes.area is None for axes in drawn)
    return unknown or any(
        overlap(one.area, other.area) for one, other in itertools.combinations(drawn, 2)
    )


def _arrangement(figure: FigureFacts) -> str:
    drawn = shown_axes(figure)
    count = count_of(len(drawn), "subplot")
    rows, columns = _grid(figure, drawn)
    if rows * columns < len(drawn):
        return count  # placed by hand
    grid = f"a grid of {count_of(rows, 'row')} and {count_of(columns, 'column')}"
    if rows * columns != len(drawn):
        return f"{count} arranged on {grid}"
    if rows == 1:
        return f"{count} side by side in one row"
    return f"{count} stacked in one column" if columns == 1 else f"{count} in {grid}"


def _grid(figure: FigureFacts, drawn: Sequence[Axes]) -> tuple[int, int]:
    """Rows and columns as they are seen: those of the facts where all of their places are filled,
    else those of the edges of axes of one size; (0, 0) for none."""
    areas = [axes.area for axes in drawn if axes.area is not None]
    rows, columns = figure.layout
    if rows * columns == len(drawn) and (columns > 1 or _places([a[0] for a in areas]) <= 1):
        return rows, columns
    if not areas:
        return (rows, columns) if columns > 1 else (0, 0)
    sizes = [_places([a[2] - a[0] for a in areas]), _places([a[3] - a[1] for a in areas])]
    if sizes != [1, 1] or len(areas) != len(drawn):
        return 0, 0
    return _places([a[1] for a in areas]), _places([a[0] for a in areas])


def _places(edges: Sequence[float]) -> int:
    """How many different places edges have, as shares of the image."""
    ordered = sorted(edges)
    return bool(ordered) + sum(b - a > SAME_EDGE for a, b in itertools.pairwise(ordered))


def _where(figure: FigureFacts, drawn: Sequence[Axes]) -> list[str]:
    """For axes in no grid where each of them stands: "at the top left"; else "" for each."""
    areas = [axes.area for axes in drawn if axes.area is not None]
    if len(areas) != len(drawn) or _grid(figure, drawn) != (0, 0):
        return [""] * len(drawn)
    left, top = min(a[0] for a in areas), min(a[1] for a in areas)
    width, height = max(a[2] for a in areas) - left, max(a[3] for a in areas) - top
    places = []
    for area in areas:
        across = _part((area[0] - left) / width, (area[2] - left) / width, "left", "right")
        down = _part((area[1] - top) / height, (area[3] - top) / height, "top", "bottom")
        places.append(_place(across, down))
    return _beside(areas) or (places if len(set(places)) == len(places) else [""] * len(drawn))


def _beside(areas: Sequence[Area]) -> list[str]:
    """For axes along the edges of the first: on which side of it each of them lies; [] for
    others."""
    sides = [_side(areas[0], area) for area in areas[1:]]
    return ["", *sides] if all(sides) and len(set(sides)) == len(sides) else []


def _side(first: Area, other: Area) -> str:
    """ "above the first", of axes that are as wide as the first and of another height."""
    same = [abs(a - b) < SAME_EDGE for a, b in zip(first, other, strict=True)]
    if same[0] and same[2]:
        return "above the first" if other[3] < first[1] + SAME_EDGE else "below the first"
    if same[1] and same[3]:
        return "to the right of the first" if other[0] > first[0] else "to the left of the first"
    return ""


def _insets(drawn: Sequence[Axes]) -> list[str]:
    """For axes within the first of them where they stand in it; else "" for each."""
    first = drawn[0].area
    return [""] + [
        _inset(first, axes.area) if first and axes.area and not axes.twin else ""
        for axes in drawn[1:]
    ]


def _inset(outer: Area, inner: Area) -> str:
    width, height = outer[2] - outer[0], outer[3] - outer[1]
    small = (inner[2] - inner[0]) < WHOLE * width and (inner[3] - inner[1]) < WHOLE * height
    if not small or not overlap(outer, inner):
        return ""
    across = _part((inner[0] - outer[0]) / width, (inner[2] - outer[0]) / width, "left", "right")
    down = _part((inner[1] - outer[1]) / height, (inner[3] - outer[1]) / height, "top", "bottom")
    return f"as an inset {_place(across, down)} of the first"


def _part(start: float, end: float, low: str, high: str) -> str:
    """Which part of a side a stretch of it is: one of its ends, the middle, or "" for all."""
    if end - start > WHOLE:
        return ""
    middle = (start + end) / 2
    return low if middle < 0.5 - MIDDLE else high if middle > 0.5 + MIDDLE else "middle"


def _place(across: str, down: str) -> str:
    if not across and not down:
        return ""
    if not across:
        return f"{'in' if down == 'middle' else 'at'} the {down} over the full width"
    if not down:
        return f"{'in' if across == 'middle' else 'on'} the {across} over the full height"
    if "middle" not in (across, down):
        return f"at the {down} {across}"
    if across == down:
        return "in the middle"
    return (
        f"at the {down} in the middle" if across == "middle" else f"on the {across} in the middle"
    )


def _shared_area(drawn: Sequence[Axes]) -> str:
    count = number(len(drawn))
    twins = {axes.twin for axes in drawn[1:]}
    if twins == {"x"}:
        return f"{count} sets of axes that share the x-axis and have their own y-axes"
    if twins == {"y"}:
        return f"{count} sets of axes that share the y-axis and have their own x-axes"
    return f"{count} sets of axes"


def _subplots(
    figure: FigureFacts, drawn: Sequence[Axes], nouns: tuple[str, str], places: Sequence[str]
) -> list[str]:
    groups: dict[str, list[int]] = {}
    for index, axes in enumerate(drawn):
        groups.setdefault(_subplot(axes), []).append(index)
    total = len(drawn)
    untitled = [_subplot(axes, titled=False) for axes in drawn]
    all_titled = total > 2 and all(axes.title.strip() for axes in drawn)
    if all_titled and len(groups) > 1 and len(set(untitled)) == 1:  # only their titles differ
        titles = join(quote(axes.title) for axes in drawn)
        return [
            *_standing(places, nouns[0]),
            f"Each of them shows {untitled[0]}",
            f"Their titles, in order, are {titles}",
        ]
    if len(groups) > MAX_GROUPS:
        return _summary(figure, drawn)
    return _told(groups, total, nouns, places)


def _told(
    groups: dict[str, list[int]], total: int, nouns: tuple[str, str], places: Sequence[str]
) -> list[str]:
    """A sentence for each different subplot; places are told apart from it where several are
    alike."""
    together = any(len(indices) > 1 for indices in groups.values())
    standing = _standing(places, nouns[0]) if together else []
    left = [""] * total if together else places
    sentences = [
        f"{_which(indices, total, nouns, left)} {text}" for text, indices in groups.items()
    ]
    return [*standing, *sentences]


def _standing(places: Sequence[str], noun: str) -> list[str]:
    """ "The first subplot stands at the top left and the second at the top right", if known."""
    known = [(index, place) for index, place in enumerate(places) if place]
    if not known:
        return []
    (start, place), *others = known
    rest = [f"the {ordinal(index)} {where}" for index, where in others]
    return [join([f"The {ordinal(start)} {noun} stands {place}", *rest])]


def _which(indices: list[int], total: int, nouns: tuple[str, str], places: Sequence[str]) -> str:
    if len(indices) == total:
        return "Each of them shows"
    if len(indices) == 1:
        place = f", {places[indices[0]]}," if places[indices[0]] else ""
        return f"The {ordinal(indices[0])} {nouns[0]}{place} shows"
    return f"The {join(map(ordinal, indices))} {nouns[1]} each show"


def _subplot(axes: Axes, *, titled: bool = True) -> str:
    extras = [f"the {name} label {quote(text)}" for name, text in _named_axes(axes)]
    if legend := _legend(axes):
        extras.append(legend)
    clauses = details(axes)
    text = chart_phrase(axes)
    if axes.title and titled:
        text += f", titled {quote(axes.title)}"
    if extras:
        text += f", with {join(extras)}"
    return "; ".join([text, *clauses])


def _summary(figure: FigureFacts, drawn: Sequence[Axes]) -> list[str]:
    """Many different subplots: how many of each kind, then their titles and labels as lists."""
    if all(axes.area for axes in drawn):
        drawn = sorted(drawn, key=_reading_order)
    kinds: dict[str, list[int]] = {}
    for index, axes in enumerate(drawn):
        kinds.setdefault(chart_phrase(axes), []).append(index)
    lists = (
        ("titles", [axes.title for axes in drawn]),
        ("x-axis labels", [axes.xlabel for axes in drawn]),
        ("y-axis labels", [axes.ylabel for axes in drawn]),
        ("texts on them", [" ".join(axes.annotations) for axes in drawn]),
    )
    return [_shown(kinds, _grid(figure, drawn)), *(_listed(*one) for one in lists)]


def _reading_order(axes: Axes) -> tuple[float, float]:
    left, top, _, _ = axes.area or (0.0, 0.0, 0.0, 0.0)
    return round(top, 2), left


def _shown(kinds: dict[str, list[int]], grid: tuple[int, int]) -> str:
    """ "Those on the diagonal show a histogram, the others a scatter plot"."""
    rows, columns = grid
    (first, *others), total = list(kinds), sum(map(len, kinds.values()))
    if not others:
        return f"Each of them shows {first}"
    diagonal = [index * (columns + 1) for index in range(rows)]
    if (
        rows == columns
        and rows * columns == total
        and diagonal in kinds.values()
        and not others[1:]
    ):
        there, other = sorted(kinds, key=lambda phrase: kinds[phrase] != diagonal)
        return f"Those on the diagonal each show {there}, the others {other}"
    parts = [
        f"{number(len(indices))} {'show' if len(indices) > 1 else 'shows'} {phrase}"
        for phrase, indices in kinds.items()
    ]
    return f"Of them, {join(parts)}"


def _listed(name: str, texts: Sequence[str]) -> str:
    """ "The titles, in order, are ...", and without their order where some stand more than once."""
    known = [text for text in texts if text.strip()]
    if (
        not known
        or len(known) > MAX_LISTED
        or (name.startswith("texts") and len(known) < len(texts))
    ):
        return ""
    different = list(dict.fromkeys(known))
    order = ", in order," if len(different) == len(texts) else ""
    noun, verb = (name, "are") if len(different) > 1 else (name.replace("s", "", 1), "is")
    return f"The {noun}{order} {verb} {join(map(quote, different))}"
