"""How the things on matplotlib axes look and how they stand to each other: lying or stacked bars,
bars side by side, line styles, markers, twins of axes. Read off the artists that were drawn."""

import itertools

KIND_OF_BARS = ("bar", "hist")
DASHES = {"--": "dashed", ":": "dotted", "-.": "dash-dotted"}
MARKERS = {
    "o": "circles",
    "s": "squares",
    "^": "triangles",
    "v": "triangles",
    "x": "crosses",
    "X": "crosses",
    "+": "plus signs",
    "*": "stars",
    "D": "diamonds",
    "d": "diamonds",
}
FORM = "_viscode_form"


def complete(pairs):
    """Add to each (entry, container or artist) of an axes what can be seen of its looks."""
    for entry, drawn in pairs:
        entry["form"] = form_of(entry, drawn)
        entry["horizontal"] = getattr(drawn, "orientation", None) == "horizontal"
        line = getattr(drawn, "lines", [drawn])[0] if entry["kind"] == "errorbar" else drawn
        entry["dash"] = dash_of(line)
        entry["marker"] = marker_of(line, entry["kind"])
    for kind, lying in itertools.product(KIND_OF_BARS, (False, True)):
        bars = [pair for pair in pairs if pair[0]["kind"] == kind and is_bars(pair[1])]
        bars = [(entry, bars_of(one)) for entry, one in bars if entry["horizontal"] == lying]
        arrange(bars, lying)
    stack_areas([(entry, edges_of(one)) for entry, one in pairs if entry["kind"] == "area"])


def form_of(entry, drawn):
    if entry["kind"] == "pie":
        width = getattr(drawn, "width", None)
        return "donut" if width is not None and width < drawn.r else ""
    return str(getattr(drawn, FORM, ""))


def dash_of(artist):
    style = artist.get_linestyle() if hasattr(artist, "get_xdata") else ""
    return DASHES.get(style, "") if isinstance(style, str) else ""


def marker_of(artist, kind):
    """The name of a marker. The plain circles of a scatter plot have none: they are what is
    expected."""
    if hasattr(artist, "get_xdata") and hasattr(artist, "get_marker"):
        marker = artist.get_marker()
        return MARKERS.get(marker, "") if isinstance(marker, str) else ""
    if kind != "scatter" or not hasattr(artist, "get_paths"):
        return ""
    from matplotlib.markers import MarkerStyle

    paths = artist.get_paths()
    for name, words in MARKERS.items():
        style = MarkerStyle(name)
        outline = style.get_path().transformed(style.get_transform())
        if name != "o" and len(paths) == 1 and same(paths[0].vertices, outline.vertices):
            return words
    return ""


def same(one, other):
    return one.shape == other.shape and bool((abs(one - other) < 1e-9).all())


def twin_of(axes):
    """Which axis an axes shares with an earlier one in its place: "x", "y" or ""."""
    twins = getattr(axes, "_twinned_axes", None)
    if twins is None:
        return ""
    everything = list(axes.figure.axes)
    for other in everything[: everything.index(axes)]:
        if twins.joined(axes, other):
            return "x" if axes.get_shared_x_axes().joined(axes, other) else "y"
    return ""


def is_bars(drawn):
    return type(drawn).__name__ == "BarContainer"


def bars_of(container):
    return [bar for bar in container.patches if hasattr(bar, "get_width")]


def arrange(pairs, lying):
    """Say of bars of one direction whether they stand on each other or side by side."""
    places = [[spot_of(bar, lying) for bar in bars] for _, bars in pairs]
    touching = stacked(places)
    for index, (entry, _) in enumerate(pairs):
        filled = sum(foot != end for _, foot, end in places[index])
        if filled and touching[index] * 2 >= filled:
            entry["arrangement"] = "stacked"
    free = [i for i, (entry, _) in enumerate(pairs) if entry.get("arrangement") != "stacked"]
    for one, other in itertools.combinations(free, 2):
        if side_by_side(places[one], places[other]):
            pairs[one][0]["arrangement"] = pairs[other][0]["arrangement"] = "grouped"


def spot_of(bar, lying):
    """(middle along the axis of the bars, foot, end) of a bar."""
    along = (bar.get_x(), bar.get_width())
    across = (bar.get_y(), bar.get_height())
    (start, size), (foot, length) = (across, along) if lying else (along, across)
    return float(start + size / 2), float(foot), float(foot + length)


def stacked(places):
    """For each set of bars how many of them stand on a bar of another set, or carry one."""
    counts = [set() for _ in places]
    columns = {}
    for index, spots in enumerate(places):
        for middle, foot, end in spots:
            if foot != end:
                columns.setdefault(round(middle, 6), []).append((index, middle, foot, end))
    for column in columns.values():
        for one, other in itertools.permutations(column[:50], 2):
            size = max(abs(one[3]), abs(other[3]), 1e-12)
            if one[0] != other[0] and abs(one[2] - other[3]) < 1e-6 * size:
                counts[one[0]].add(one[1])
                counts[other[0]].add(other[1])
    return [len(middles) for middles in counts]


def side_by_side(one, other):
    """Whether each bar of one set has one of the other set next to it, at the same distance."""
    if len(one) != len(other) or len(one) < 2:
        return False
    mine, theirs = (sorted(middle for middle, _, _ in spots) for spots in (one, other))
    space = min(b - a for a, b in itertools.pairwise(mine))
    apart = [b - a for a, b in zip(mine, theirs, strict=True)]
    even = max(apart) - min(apart) < 1e-6 * max(space, 1e-12)
    return even and 0 < abs(apart[0]) < space


def edges_of(area):
    """Of a filled area its lower and upper edge at each x."""
    edges = {}
    for path in area.get_paths() if hasattr(area, "get_paths") else ():
        for x, y in path.vertices[:20_000]:
            low, high = edges.get(x, (y, y))
            edges[x] = (min(low, y), max(high, y))
    return edges


def stack_areas(pairs):
    for (one, low), (other, high) in itertools.permutations(pairs[:20], 2):
        common = low.keys() & high.keys()
        filled = [x for x in common if high[x][0] < high[x][1] and low[x][0] < low[x][1]]
        size = max((abs(high[x][1]) for x in filled), default=0) or 1.0
        touching = sum(abs(low[x][0] - high[x][1]) < 1e-6 * size for x in filled)
        if len(filled) > 1 and touching == len(filled):
            one["arrangement"] = other["arrangement"] = "stacked"
