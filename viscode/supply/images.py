"""Images as text: smooth pictures in grey or colour, alone or in a stack."""

import math

from viscode.supply.desk import Desk, exploded, figure
from viscode.supply.wanted import Wanted
from viscode.supply.words import words_of

BINARY = {"edge", "mask", "binary", "thresh", "threshold", "bw", "segmented", "segmentation"}
SMALLEST = 16  # pixels of a side
ROWS = (64, 784, 1024, 4096)  # pixels of images that stand in one row each
CHANNELS = (3, 4)


def is_stack(item: Wanted, shape: tuple[int, ...]) -> bool:
    """Whether an array can only be several images: square ones, in colour, or in one row each."""
    if len(shape) == 2:
        return shape[1] in ROWS and shape[0] != shape[1] and item.low == 0
    sides = shape[1:3]
    square = len(sides) == 2 and sides[0] == sides[1] >= SMALLEST
    return square and (len(shape) == 3 or (len(shape) == 4 and shape[3] in (1, *CHANNELS)))


def image(name: str, item: Wanted, shape: tuple[int, ...], desk: Desk) -> str:
    """Code of one image or a stack: bytes from 0 to 255, or shares from 0 to 1 where `item` has
    no larger numbers."""
    high = 255 if item.high is None else min(255, item.high)
    if is_stack(item, shape):
        code = _stack(shape, desk)
    elif len(shape) == 3 and shape[2] in CHANNELS:
        code = _colors(shape)
    elif len(shape) == 2:
        code = _shades(name, shape[0], shape[1], desk)
    else:
        size = ", ".join(str(one) for one in shape)
        code = f"np.linspace(0, 1, {math.prod(shape)}).reshape({size})"
    if high <= 1:
        return f"({code} > 0.5).astype(int)" if item.kind == "integer" else code
    return f"({figure(high)} * {code}).astype(np.uint8)"


def _stack(shape: tuple[int, ...], desk: Desk) -> str:
    """The same spot in images of different brightness or colour."""
    if len(shape) == 2:
        side = math.isqrt(shape[1])
        spot = f"np.outer(np.hanning({side}), np.hanning({side})).ravel()"
        return f"np.outer({desk.rng}.uniform(0.3, 1, {shape[0]}), {spot})"
    spot = f"np.outer(np.hanning({shape[1]}), np.hanning({shape[2]}))"
    if len(shape) == 3:
        return f"{spot} * {desk.rng}.uniform(0.3, 1, ({shape[0]}, 1, 1))"
    return f"{spot}[..., None] * {desk.rng}.uniform(0, 1, ({shape[0]}, 1, 1, {shape[3]}))"


def _colors(shape: tuple[int, ...]) -> str:
    """Colours that change from side to side and from top to bottom."""
    height, width = shape[:2]
    sides = [
        f"np.linspace(0, 1, {width})[None, :] * np.ones(({height}, 1))",
        f"np.linspace(0, 1, {height})[:, None] * np.ones((1, {width}))",
        *(f"np.full(({height}, {width}), {size})" for size in (0.5, 1.0)[: shape[2] - 2]),
    ]
    return exploded("np.dstack([", sides, "])")


def _shades(name: str, height: int, width: int, desk: Desk) -> str:
    """Grey levels from 0 to 1: one of a few smooth pictures, or black and white."""
    spot = f"np.outer(np.hanning({height}), np.hanning({width}))"
    if BINARY.intersection(words_of(name)):
        return f"({spot} > 0.4)"
    slope = f"np.outer(np.linspace(0, 1, {height}), np.linspace(0, 1, {width}))"
    rings = f"np.cos(np.linspace(0, 9, {width})) ** 2"
    return desk.random(name).choice([spot, slope, f"np.outer(np.hanning({height}), {rings})"])


def painted(name: str, shape: tuple[int, ...]) -> list[str]:
    """Statements that paint one image of bytes in colour."""
    height, width = shape[:2]
    opaque = [f"{name}[..., 3] = 255"] if shape[2] == 4 else []
    return [
        f"{name} = np.zeros(({height}, {width}, {shape[2]}), dtype=np.uint8)",
        f"{name}[..., 0] = np.linspace(0, 255, {width})",
        f"{name}[..., 1] = np.linspace(0, 255, {height})[:, None]",
        f"{name}[..., 2] = 128",
        *opaque,
    ]
