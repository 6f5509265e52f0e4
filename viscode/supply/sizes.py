"""How many items each value gets: what its uses fix, and equal for those that go together."""

from collections import Counter
from collections.abc import Mapping

from viscode.supply.arrays import Pattern, pattern
from viscode.supply.desk import SHORT
from viscode.supply.wanted import Wanted
from viscode.supply.words import word_list, words_of

ROWS = 24  # of a frame: the levels of two or three columns divide it
ITEMS = 30  # of an array
OBJECTS = 4  # of a list of objects
LISTED = 10  # of a list of numbers
WORDS = 5  # of a list of words
SIDES: Mapping[Pattern, int] = {
    **{"correlation": 5, "confusion": 3, "image": 40, "surface": 20, "mask": 20, "links": 8}
}
"""Of arrays that show something."""
MOST = 100_000
CYCLES = {
    **{"class": 3, "target": 3, "month": 12, "weekday": 7, "dayofweek": 7},
    **{"quarter": 4, "season": 4},
}
"""How many words a list of this name has."""
SEQUENCES = ("list", "array", "series")


def lengths(values: Mapping[str, Wanted], outer: Mapping[str, int] | None = None) -> dict[str, int]:
    """The first size of each value. Those that stand beside each other have the same; `outer` are
    the sizes of names around, to which values may stand beside, too."""
    groups = _groups(values)
    usual = _usual(values)
    sizes: dict[str, int] = {}
    for members in groups:
        around = [
            outer[other]
            for name in members
            for other in sorted(values[name].beside)
            if outer and other in outer and other not in values
        ]
        size = _size({name: values[name] for name in members}, around, usual)
        sizes.update(dict.fromkeys(members, size))
    return sizes


def _groups(values: Mapping[str, Wanted]) -> list[list[str]]:
    """The names in groups that stand beside each other, in the order of their first."""
    home = {name: name for name in values}

    def root(name: str) -> str:
        while home[name] != name:
            name = home[name]
        return name

    for name, wanted in values.items():
        for other in sorted(wanted.beside):
            if other in home:
                home[root(other)] = root(name)
    found: dict[str, list[str]] = {}
    for name in values:
        found.setdefault(root(name), []).append(name)
    return list(found.values())


def _usual(values: Mapping[str, Wanted]) -> int:
    """The size of rows of numbers that nothing fixes: the same for all, since two of them may be
    drawn over one another."""
    lists = any(one.kind == "list" and _is_free(name, one) for name, one in values.items())
    return LISTED if lists else ITEMS


def _is_free(name: str, wanted: Wanted) -> bool:
    return not _fixed(wanted) and not _is_words(name, wanted)


def _fixed(wanted: Wanted) -> int | None:
    first = wanted.shape[0] if wanted.shape else None
    return None if first is None else max(0, min(first, MOST))


def _is_words(name: str, wanted: Wanted) -> bool:
    """Whether a value is a row of different words."""
    if wanted.kind not in SEQUENCES:
        return False
    if wanted.role == "labels" or (wanted.item and wanted.item.kind in ("text", "color")):
        return True
    return wanted.item is None and bool(word_list(name))


def _size(members: Mapping[str, Wanted], around: list[int], usual: int) -> int:
    sure = Counter(
        size for one in members.values() if (size := _fixed(one)) is not None and one.certain
    )
    fixed = Counter(size for one in members.values() if (size := _fixed(one)) is not None)
    for sizes in (sure, fixed, Counter(around)):
        if sizes:
            return max(sizes, key=lambda size: (sizes[size], size))
    named = max((len(_among(one)) for one in members.values() if one.kind in SEQUENCES), default=0)
    return max(named, _free_size(members, usual))


def _has_rows(wanted: Wanted) -> bool:
    """Whether a list holds rows of numbers, as for box plots."""
    item = wanted.item
    if item is None or item.kind not in SEQUENCES:
        return False
    return not item.shape or item.shape[0] is None or item.shape[0] > LISTED


def _among(wanted: Wanted) -> tuple[str | float, ...]:
    return wanted.among or (wanted.item.among if wanted.item else ())


def _free_size(members: Mapping[str, Wanted], usual: int) -> int:
    cycles = [
        CYCLES[word]
        for name, one in members.items()
        if one.kind == "list"
        for word in words_of(name)
        if word in CYCLES
    ]
    if cycles:
        return max(cycles)
    indexed = any(one.index and one.index.kind == "text" for one in members.values())
    if indexed or any(_is_words(name, one) for name, one in members.items()):
        return WORDS
    if any(one.kind == "frame" for one in members.values()):
        return ROWS
    sides = [
        SIDES[shown]
        for name, one in members.items()
        if one.kind == "array" and (one.shape is None or len(one.shape) > 1)
        if (shown := pattern(name, one.role, len(one.shape or (0, 0)))) in SIDES
    ]
    if sides:
        return min(sides)
    if any(one.item and one.item.kind in ("mapping", "record") for one in members.values()):
        return OBJECTS
    if any(_has_rows(one) for one in members.values()):
        return WORDS
    kinds = {one.kind for one in members.values()}
    return min(usual, SHORT) if "list" in kinds else usual
