"""Arrays of two and more dimensions as text: images, surfaces, matrices, features.

What an array shows is told by its role, else by its name: `corr` is a correlation matrix, `cm`
counts of a classifier, `img` a picture. Anything else is noise around its usual level.
"""

from collections.abc import Mapping, Sequence
from typing import Literal

from viscode.supply.desk import Desk, exploded, figure, short, text
from viscode.supply.images import image, is_stack, painted
from viscode.supply.quantities import Quantity, quantity
from viscode.supply.sequences import sequence
from viscode.supply.wanted import Wanted, merged_item
from viscode.supply.words import levels, words_of

Pattern = Literal["correlation", "confusion", "image", "surface", "mask", "links", "noise"]
PATTERNS: Mapping[Pattern, str] = {
    "correlation": "corr correlation cor corrmat corrmatrix",
    "confusion": "cm confusion conf",
    "image": "img image photo picture pic face digit pixel thumbnail rgb gray grey frame",
    "surface": "heatmap grid surface field elevation dem spectrogram spec stft mel density zz"
    " matrix mat heat map power magnitude cost z",
    "mask": "mask",
    "links": "adjacency adj",
}
BY_WORD = {word: shown for shown, words in PATTERNS.items() for word in words.split()}
GREY = {"gray", "grey", "digit", "mask"}
TABLE = "table"
"""The role of an array that is read from a file of columns."""
WIDEST = 12  # columns of such a table
BYTES = ("unknown", "integer", "number")
ROLE_PATTERNS: dict[str, Pattern] = {"image": "image", "matrix": "surface"}
WRITTEN = 6  # rows and columns of a matrix that a person writes down
MOST_ITEMS = 2_000_000  # of an array: an inferred shape may be any number


def pattern(name: str, role: str, ndim: int) -> Pattern:
    """What an array of a name and role shows."""
    found = next((BY_WORD[word] for word in reversed(words_of(name)) if word in BY_WORD), None)
    if found in ("correlation", "confusion") and ndim != 2:
        found = None
    return found or ROLE_PATTERNS.get(role, "noise")


def usual_shape(name: str, wanted: Wanted, count: int) -> tuple[int, ...]:
    """The shape of an array: what its uses fix, and what its name and role suggest for the rest.
    Matrices are square, so that both their sides agree with what stands beside them."""
    shape = wanted.shape
    if shape is None:
        found = pattern(name, wanted.role, 2)
        if found == "noise":
            return (count,)
        colors = found == "image" and not GREY.intersection(words_of(name))
        shape = (None, None, 3) if colors else (None, None)
    found = pattern(name, wanted.role, len(shape))
    sizes: list[int] = []
    for place, size in enumerate(shape):
        if size is not None:
            sizes.append(max(size, 0))
        elif place == 0:
            sizes.append(count)
        elif found == "image" and place == 2:
            sizes.append(3)
        elif found == "image" and place == 1 and not wanted.beside:
            sizes.append(sizes[0] * 3 // 2)
        else:
            square = found != "noise" or wanted.role not in ("", "trace", "traces", TABLE)
            sizes.append(sizes[0] if square else 4)
    while len(sizes) > 1 and _items(sizes) > MOST_ITEMS:
        largest = sizes.index(max(sizes))
        sizes[largest] = max(1, sizes[largest] // 2)
    return tuple(sizes)


def _items(sizes: Sequence[int]) -> int:
    product = 1
    for size in sizes:
        product *= size
    return product


def array(name: str, wanted: Wanted, item: Wanted, shape: tuple[int, ...], desk: Desk) -> str:
    """Code of an array of a shape."""
    if len(shape) == 1:
        return sequence(name, item, shape[0], desk, "array")
    desk.need("np")
    size = ", ".join(str(one) for one in shape)
    if not shape:
        return figure(quantity(name, item).low)
    if item.kind == "text":
        words = ", ".join(text(word) for word in levels(name, item.among, 3))
        return f"{desk.rng}.choice([{words}], ({size}))"
    if item.kind == "flag":
        return f"{desk.rng}.random(({size})) > 0.5"
    if item.kind == "date":
        dates = sequence(name, item, _items(shape), desk, "array")
        return f"{dates}.reshape({size})"
    return _pictured(name, wanted, item, shape, desk) or _noise(name, wanted, item, shape, desk)


def _pictured(
    name: str, wanted: Wanted, item: Wanted, shape: tuple[int, ...], desk: Desk
) -> str | None:
    """Code of an array that shows what its name and role say, None where they say nothing."""
    bound = item.low is not None or item.high is not None
    square = len(shape) == 2 and shape[0] == shape[1]
    match pattern(name, wanted.role, len(shape)):
        case "correlation" if square and not (bound and quantity(name, item).low > -1):
            return _correlation(name, shape[0], desk)
        case "confusion" if square and not bound:
            return _confusion(name, shape[0], desk)
        case "links" if square and not bound:
            return f"np.triu({desk.rng}.integers(0, 2, ({shape[0]}, {shape[1]})), 1)"
        case "mask" if not bound:
            return f"np.indices({shape}).sum(axis=0) % 2 == 0"
        case "image" if item.low is None or item.low <= 0:
            return image(name, item, shape, desk)
        case "surface" if len(shape) == 2:
            return _surface(name, item, shape)
    free = not item.among and (item.low is None or item.low <= 0)
    return image(name, item, shape, desk) if free and is_stack(item, shape) else None


def _correlation(name: str, side: int, desk: Desk) -> str:
    if side > WRITTEN:
        return f"np.corrcoef({desk.rng}.normal(0, 1, ({side}, 12)))"
    random = desk.random(name)
    rows = [[1.0] * side for _ in range(side)]
    for row in range(side):
        for column in range(row):
            size = 0.85 - 0.15 * (row - column)
            rows[row][column] = rows[column][row] = round(size + random.uniform(-0.15, 0.1), 2)
    return _matrix(rows)


def _confusion(name: str, side: int, desk: Desk) -> str:
    if side > WRITTEN:
        counts = f"{desk.rng}.integers(0, 6, ({side}, {side}))"
        return f"np.diag({desk.rng}.integers(30, 60, {side})) + {counts}"
    random = desk.random(name)
    rows = [
        [
            random.randint(38, 56) if row == column else random.randint(0, 6)
            for column in range(side)
        ]
        for row in range(side)
    ]
    return _matrix(rows)


def _matrix(rows: Sequence[Sequence[float]]) -> str:
    items = ["[" + ", ".join(figure(one) for one in row) + "]" for row in rows]
    return exploded("np.array([", items, "])") if len(rows) < 3 else _tall(items)


def _tall(rows: Sequence[str]) -> str:
    inside = "".join(f"        {row},\n" for row in rows)
    return f"np.array(\n    [\n{inside}    ]\n)"


def image_statements(name: str, wanted: Wanted, shape: tuple[int, ...]) -> list[str]:
    """Statements that paint an image of bytes in colour, [] for any other array."""
    item = merged_item(wanted)
    plain = item.low in (None, 0) and item.high in (None, 255) and not item.among
    shown = pattern(name, wanted.role, len(shape)) == "image" and len(shape) == 3
    if not shown or not plain or shape[2] not in (3, 4) or item.kind not in BYTES:
        return []
    return painted(name, shape)


def _surface(name: str, item: Wanted, shape: tuple[int, ...]) -> str:
    rows, columns = shape
    what = quantity(name, item)
    if what.bound or what.whole:
        code = f"{short(what.span)} * np.outer(np.hanning({rows}), np.hanning({columns}))"
        code = f"{figure(what.low)} + {code}" if what.low else code
        return f"({code}).astype(int)" if what.whole else code
    return f"np.outer(np.sin(np.linspace(0, 3, {rows})), np.cos(np.linspace(0, 3, {columns})))"


def _table(what: Quantity, shape: tuple[int, ...], desk: Desk) -> str:
    """Columns of a file of numbers: what grows evenly, then what is measured at each place."""
    rows, columns = shape
    if what.bound:
        low, high = figure(what.low), figure(what.high)
        measured = f"{desk.rng}.uniform({low}, {high}, ({rows}, {columns - 1}))"
        return f"np.column_stack([np.linspace({low}, {high}, {rows}), {measured}])"
    measured = f"{desk.rng}.normal(1, 1, ({rows}, {columns - 1})).cumsum(axis=0)"
    return f"np.column_stack([np.linspace(0, 10, {rows}), {measured}])"


def _noise(name: str, wanted: Wanted, item: Wanted, shape: tuple[int, ...], desk: Desk) -> str:
    size = ", ".join(str(one) for one in shape)
    what = quantity(name, item)
    among = [one for one in item.among if not isinstance(one, str)]
    if among:
        choices = ", ".join(figure(one) for one in sorted(set(among)))
        return f"np.resize([{choices}], ({size}))"
    if wanted.role == TABLE and len(shape) == 2 and 1 < shape[1] <= WIDEST and not what.whole:
        return _table(what, shape, desk)
    if what.whole:
        return f"{desk.rng}.integers({round(what.low)}, {round(what.high) + 1}, ({size}))"
    if what.bound:
        return f"{desk.rng}.uniform({figure(what.low)}, {figure(what.high)}, ({size}))"
    if len(shape) == 2 and shape[1] == 2 and shape[0] % 3 == 0 and shape[0] >= 15:
        middles = f"np.repeat([[0, 0], [4, 1], [1, 5]], {shape[0] // 3}, axis=0)"
        return f"{middles} + {desk.rng}.normal(0, 0.8, ({size}))"
    axis = {"trace": -1, "traces": 0}.get(wanted.role)
    walk = "" if axis is None else f".cumsum(axis={axis})"
    return f"{desk.rng}.normal(0, 1, ({size})){walk}"
