"""Values for holes as lines of code, such as a teacher writes above an example.

`write` gives for each hole the lines that bind it. They are small, seeded and plausible: dates are
dates, categories are words, an accuracy rises. The same input gives the same lines.

Where random numbers are needed, the first line that needs them is preceded by
`rng = np.random.default_rng(N)` (by another name where the script binds `rng`), so the lines have
to stand in the order given. Imports are apart, by their usual names ("import numpy as np").
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import replace

from viscode.supply.arrays import TABLE, array, image_statements, usual_shape
from viscode.supply.desk import SHORT, Desk, exploded, figure, short, text
from viscode.supply.frames import column, frame, guess_item, series
from viscode.supply.frequent import prior
from viscode.supply.objects import (
    CONFIGURATIONS,
    constant_function,
    formula_function,
    graph,
    is_name,
    mapping,
    method,
    record,
    scalar,
    subplots,
)
from viscode.supply.quantities import numbers, quantity
from viscode.supply.sample_tables import BUNCH, is_read, sample_table
from viscode.supply.sequences import ORDERED, sequence
from viscode.supply.sizes import ITEMS, lengths
from viscode.supply.wanted import Hole, Kind, Supplied, Wanted, merged_item
from viscode.supply.words import OBSERVED, PREDICTED, is_date, plural, word_list, words_of

DEEPEST = 5  # values inside of values
SHOWN = 4  # values of a list of lists or objects that are written down
MOST_PARTS = 60  # columns or attributes of one value
GENERATORS = ("rng", "generator", "random_numbers")
SEEDS = 1000
TABULAR = re.compile(r"(^|\.)(loadtxt|genfromtxt)\(\)")
POINTS = {"x", "point", "coord", "coordinate", "feature", "sample"}
CONFIGURED = ("argparse", "click", "optparse", "configparser", "yaml", "sys.argv")


def write(
    wanted: Mapping[str, Wanted], holes: Sequence[Hole], seed: int, taken: frozenset[str]
) -> list[Supplied]:
    """The lines for each hole, in the order of the holes, which is the order they have to keep.

    `taken`: the names that the script binds. Where one statement binds several holes (a figure and
    its axes, the two arrays of a grid), the first of them has it and the code of the others is "".
    """
    names = list(dict.fromkeys(hole.name for hole in holes))
    settled = {hole.name: _of_hole(hole, wanted.get(hole.name, Wanted())) for hole in holes}
    _mutual(settled)
    desk = Desk(seed, _free_name(GENERATORS, taken | set(names)), lengths(settled))
    together = _together(settled, taken, desk)
    supplied: list[Supplied] = []
    seeded = False
    for name in names:
        desk.imports, desk.draws = set(), False
        code = together.get(name)
        if code is None:
            code = _statement(name, settled[name], desk)
        elif code:
            desk.need("np" if "np." in code else "plt")
        if desk.draws and not seeded:
            code = f"{desk.generator} = np.random.default_rng({seed % SEEDS})\n{code}"
            seeded = True
        supplied.append(Supplied(name, code, tuple(sorted(desk.imports)), settled[name].kind))
    return supplied


def _free_name(choices: Sequence[str], taken: frozenset[str]) -> str:
    numbered = (f"{choices[0]}_{number}" for number in range(2, len(taken) + 3))
    return next(name for name in (*choices, *numbered) if name not in taken)


def _mutual(settled: dict[str, Wanted]) -> None:
    """Nearness both ways, the later one of two being computed from the earlier one; what is
    predicted is near to what it is compared with."""
    rows = [name for name, one in settled.items() if one.kind in ("list", "array", "series")]
    observed = [name for name in rows if OBSERVED.intersection(words_of(name))]
    for name in rows:
        one = settled[name]
        if PREDICTED.intersection(words_of(name)) and not one.near and observed:
            settled[name] = replace(one, near={observed[0]} - {name})
    for name, one in list(settled.items()):
        for other in sorted(one.near & settled.keys()):
            partner = settled[other]
            settled[other] = replace(partner, near=partner.near | {name})


def _of_hole(hole: Hole, wanted: Wanted) -> Wanted:
    """What is known of a hole: its uses, the data set that it stands for, its name."""
    table = sample_table(hole.origin, hole.stands_for, hole.number, hole.count)
    if table is not None and _fits(table, wanted, hole.origin):
        parts = {**table.parts, **{k: v for k, v in wanted.parts.items() if k not in table.parts}}
        wanted = replace(table, parts=parts, beside=wanted.beside)
    tabular = TABULAR.search(hole.origin) and not POINTS.intersection(words_of(hole.name))
    if tabular and wanted.kind == "array" and not wanted.role:
        wanted = replace(wanted, role=TABLE)
    configured = hole.origin.startswith(CONFIGURED) or ".argv" in hole.stands_for
    return settle(hole.name, wanted, single=configured)


def _fits(table: Wanted, wanted: Wanted, origin: str) -> bool:
    """Whether the uses of a value may be those of a sample data set."""
    if is_read(origin) and not set(wanted.parts) <= set(table.parts):
        return False
    kinds = ("unknown", "record", "mapping") if table.role == BUNCH else ("unknown", table.kind)
    return wanted.kind in kinds


def settle(name: str, wanted: Wanted, single: bool = False) -> Wanted:
    """A value of a kind: an unknown one by what else is said of it, by its name, else numbers.

    `single`: it is one thing rather than many, as an argument of a command line is."""
    if wanted.kind != "unknown":
        return wanted
    if wanted.parts:
        usual = prior(name).kind
        known: Kind = usual if usual in ("frame", "mapping", "record") else "record"
        return replace(wanted, kind=known)
    if wanted.shape is not None or wanted.item is not None:
        return replace(wanted, kind="array" if wanted.shape else "list")
    if wanted.role in ("labels", "colors"):
        item = Wanted(kind="text" if wanted.role == "labels" else "number")
        return replace(wanted, kind="list" if wanted.role == "labels" else "array", item=item)
    if wanted.role or (wanted.beside and not single):
        return replace(wanted, kind="array")
    if wanted.among:
        return guess_item(name, wanted)
    found = _by_name(name, single)
    low = found.low if wanted.low is None else wanted.low
    high = found.high if wanted.high is None else wanted.high
    return replace(
        found, low=low, high=high, beside=wanted.beside, near=wanted.near, sorted=wanted.sorted
    )


def _by_name(name: str, single: bool) -> Wanted:
    found = prior(name)
    if single and found.kind not in ("integer", "number", "text", "flag"):
        item = guess_item(name, Wanted())
        return Wanted(kind="text") if word_list(name) or item.kind == "text" else item
    if found.kind != "unknown":
        return found
    if word_list(name) and plural(name):
        return Wanted(kind="list", item=Wanted(kind="text"))
    if is_date(name):
        return Wanted(kind="list" if plural(name) else "date", item=Wanted(kind="date"))
    if {"path", "file", "dir", "title", "label"}.intersection(words_of(name)):
        return Wanted(kind="text")
    return Wanted(kind="array", item=guess_item(name, Wanted()))


def _together(settled: Mapping[str, Wanted], taken: frozenset[str], desk: Desk) -> dict[str, str]:
    """Statements that bind several holes, under the first of them, and "" under the others."""
    groups: dict[str, str] = {}
    figures = [name for name, one in settled.items() if one.kind == "figure"]
    axes = {name: one for name, one in settled.items() if one.kind == "axes"}
    for name, one in list(axes.items()):
        if one.shape and len(axes) > 1:
            own = figures.pop(0) if figures else "_"
            groups[name] = subplots(own, {name: axes.pop(name)}, desk)
            groups.update({own: ""} if own != "_" else {})
    if axes:
        own = figures.pop(0) if figures else "_"
        members = [name for name in settled if name in axes or name == own]
        groups[members[0]] = subplots(own, axes, desk)
        groups.update(dict.fromkeys(members[1:], ""))
    groups.update({name: subplots(name, {}, desk) for name in figures})
    groups.update(_meshes(settled, desk))
    return groups


def _meshes(settled: Mapping[str, Wanted], desk: Desk) -> dict[str, str]:
    """Pairs of holes that are the two coordinates of a grid."""
    grids = {
        role: next((name for name, one in settled.items() if _is_grid(one, role)), "")
        for role in ("x", "y")
    }
    first, second = grids["x"], grids["y"]
    if not first or not second:
        return {}
    size = desk.sizes[first]
    line = f"np.linspace(-3, 3, {size})"
    code = f"{first}, {second} = np.meshgrid({line}, {line})"
    order = [name for name in settled if name in (first, second)]
    return {order[0]: code, order[1]: ""}


def _is_grid(wanted: Wanted, role: str) -> bool:
    whole = wanted.shape is not None and all(size is None for size in wanted.shape)
    free = wanted.low is None and wanted.high is None and wanted.item is None
    return wanted.role == role and whole and len(wanted.shape or ()) == 2 and free


def _statement(name: str, wanted: Wanted, desk: Desk) -> str:
    """The statements that bind a name."""
    if wanted.kind == "frame":
        code, after = frame(name, _bounded(wanted), desk.sizes[name], desk)
        return "\n".join([f"{name} = {code}", *after])
    if wanted.kind == "function":
        return _function(name, wanted, desk)
    if wanted.kind == "array":
        painted = image_statements(name, wanted, usual_shape(name, wanted, desk.sizes[name]))
        if painted:
            desk.need("np")
            return "\n".join(painted)
    return f"{name} = {_expression(name, wanted, desk, 0)}"


def _function(name: str, wanted: Wanted, desk: Desk) -> str:
    item = wanted.item
    if item is None or item.kind in ("unknown", "none"):
        if item is not None and item.kind == "none":
            return constant_function(name, "None")
        return formula_function(name, desk)
    with desk.within(lengths({name: item}, desk.sizes)):
        return constant_function(name, _expression(name, item, desk, 1))


def _expression(name: str, wanted: Wanted, desk: Desk, depth: int) -> str:
    """Code of a value. Values inside of values inside of values end with a number."""
    if depth > DEEPEST:
        return "1"
    wanted = settle(name, wanted)
    single = scalar(name, wanted, desk)
    if single is not None:
        return single
    count = desk.sizes.get(name, 20)
    match wanted.kind:
        case "list":
            return _list(name, wanted, count, desk, depth)
        case "array":
            item = _array_item(name, wanted)
            return array(name, wanted, item, usual_shape(name, wanted, count), desk)
        case "series":
            return series(name, wanted, count, desk)
        case "frame":
            independent = {k: replace(v, near=set()) for k, v in wanted.parts.items()}
            return frame(name, replace(_bounded(wanted), parts=independent), count, desk)[0]
        case "mapping":
            return _mapping(name, wanted, desk, depth)
        case "record":
            named = {key: part for key, part in wanted.parts.items() if is_name(key)}
            settings = bool(CONFIGURATIONS.intersection(words_of(name)))
            codes = _parts(named, desk, depth, settings)
            return record(codes, wanted.role == BUNCH, desk)
        case "function":
            return _lambda(name, wanted, desk, depth)
        case "graph":
            return graph(name, wanted, desk)
    desk.need("plt")
    return "plt.figure()" if wanted.kind == "figure" else "plt.subplots()[1]"


def _array_item(name: str, wanted: Wanted) -> Wanted:
    """What an array holds: numbers, where neither its uses nor its role ask for words."""
    item = merged_item(wanted)
    guessed = guess_item(name, item)
    words = guessed.kind == "text" and item.kind == "unknown" and not item.among
    roles = ("along",) if set(words_of(name)).intersection(ORDERED) else ()
    if words and item.role not in ("labels", "x", "hue", "category", *roles):
        return replace(guessed, kind="number")
    return guessed


def _bounded(wanted: Wanted) -> Wanted:
    """A frame of not too many columns."""
    return replace(wanted, parts=dict(list(wanted.parts.items())[:MOST_PARTS]))


def _list(name: str, wanted: Wanted, count: int, desk: Desk, depth: int) -> str:
    item = guess_item(name, merged_item(wanted))
    if "figsize" in name:
        return "(8, 5)"
    if wanted.parts:
        return _by_place(wanted, item, count, desk, depth)
    if wanted.shape is not None and len(wanted.shape) > 1:
        inner = replace(wanted, kind="array")
        shape = usual_shape(name, inner, count)
        return f"{array(name, inner, item, shape, desk)}.tolist()"
    if item.kind in ("text", "date", "flag", "color", "none", "integer", "number"):
        return sequence(name, item, count, desk, "list")
    return _items(name, item, count, desk, depth)


def _by_place(wanted: Wanted, item: Wanted, count: int, desk: Desk, depth: int) -> str:
    """A list whose items differ: its parts are by place."""
    places = [int(key) for key in wanted.parts if key.isdecimal() and int(key) < MOST_PARTS]
    width = max([count if wanted.shape else 0, *(place + 1 for place in places)])
    parts = {str(place): wanted.parts.get(str(place), item) for place in range(width)}
    return exploded("[", list(_parts(parts, desk, depth).values()), "]")


def _items(name: str, item: Wanted, count: int, desk: Desk, depth: int) -> str:
    """A list of values that are lists, arrays or objects themselves."""
    with desk.within(lengths({name: item}, desk.sizes), named=False):
        shifted = _shifted(name, item, count, desk)
        if shifted:
            return shifted
        desk.varied = True
        written: list[str] = []
        rows = item.kind in ("array", "list") and not (item.shape and (item.shape[0] or SHORT) < 5)
        for desk.variant in range(min(count, SHOWN if rows else SHORT)):
            written.append(_expression(name, item, desk, depth + 1))
        desk.variant, desk.varied = 0, False
    if count > len(written) or (len(set(written)) == 1 and count > 1):
        return f"[{written[0]} for _ in range({count})]"
    return exploded("[", written, "]")


def _shifted(name: str, item: Wanted, count: int, desk: Desk) -> str:
    """A list of arrays of noise about different levels, as for box plots; "" for any other."""
    inner = guess_item(name, merged_item(item))
    if item.kind not in ("array", "list") or len(item.shape or (0,)) != 1 or item.parts:
        return ""
    what = quantity(name, inner)
    if inner.kind not in ("number", "integer") or inner.among or what.bound or count < 2:
        return ""
    size = desk.sizes[name] if desk.sizes[name] != count else (item.shape or (None,))[0] or ITEMS
    if size <= SHORT // 2:
        return ""
    levels = numbers(replace(what, course="level"), min(count, SHOWN + 2), desk.random(name))
    places = f"({', '.join(short(level) for level in levels)})"
    ending = ".tolist()" if item.kind == "list" else ""
    middle = "level" if count <= len(levels) else f"{places}[k % {len(levels)}]"
    loop = f"level in {places}" if count <= len(levels) else f"k in range({count})"
    noise = f"{desk.rng}.normal({middle}, {short(what.span / 8)}, {size}){ending}"
    return f"[{noise} for {loop}]"


def _mapping(name: str, wanted: Wanted, desk: Desk, depth: int) -> str:
    if wanted.parts:
        codes = _parts(wanted.parts, desk, depth)
        return mapping({column(key): code for key, code in codes.items()})
    item = guess_item(name, wanted.item or Wanted(kind="integer"))
    strings = [str(one) for one in wanted.among] or list(word_list(name)[:4]) or list("ABCD")
    if item.kind in ("integer", "number"):
        chosen = numbers(quantity(name, item), len(strings), desk.random(name))
        return mapping({text(key): figure(one) for key, one in zip(strings, chosen, strict=True)})
    codes = _parts(dict.fromkeys(strings, item), desk, depth)
    return mapping({text(key): code for key, code in codes.items()})


def _parts(
    parts: Mapping[str, Wanted], desk: Desk, depth: int, single: bool = False
) -> dict[str, str]:
    """The code of each value of a mapping or attribute of a record; `single` as in `settle`, and
    true of one of several alike."""
    single = single or desk.varied
    chosen = {key: settle(key, part, single) for key, part in list(parts.items())[:MOST_PARTS]}
    with desk.within(lengths(chosen, desk.sizes), named=False):
        return {key: _expression(key, part, desk, depth + 1) for key, part in chosen.items()}


def _lambda(name: str, wanted: Wanted, desk: Desk, depth: int) -> str:
    usual = method(name, wanted, desk)
    if usual is not None:
        return usual
    item = wanted.item or Wanted(kind="number")
    with desk.within(lengths({name: item}, desk.sizes)):
        return f"lambda *args, **kwargs: {_expression(name, item, desk, depth + 1)}"
