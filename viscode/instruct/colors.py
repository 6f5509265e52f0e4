"""Names of colors, for a style description that a person could have written.

The nearest of a few dozen names everybody knows. Each name has one or more anchors, among them
the default colors of the plotting libraries; nearest by the "redmean" distance, which is close
to how different two colors look and needs no dependency.
"""

import re

ANCHORS = {
    "black": "000000",
    "white": "ffffff f8f8f8",
    "gray": "7f7f7f 8c8c8c 666666",
    "light gray": "d3d3d3 eeeeee c0c0c0",
    "dark gray": "404040 333333",
    "red": "ff0000 d62728 c44e52 e41a1c",
    "dark red": "8b0000",
    "crimson": "dc143c",
    "salmon": "fa8072 ffa07a",
    "pink": "ff69b4 ffc0cb ff97ff e377c2 ff6692",
    "magenta": "ff00ff bf00bf",
    "coral": "ff7f50 ef553b",
    "maroon": "800000",
    "orange": "ffa500 ff7f0e dd8452 ffa15a e1812c",
    "brown": "8c564b a0522d 937860 654321",
    "tan": "d2b48c",
    "beige": "f5f5dc f5e6c8",
    "gold": "ffd700",
    "yellow": "ffff00",
    "olive": "808000 bcbd22 bfbf00",
    "lime green": "32cd32 b6e880 00ff00",
    "green": "008000 2ca02c 55a868 3a923a 2e8b57",
    "dark green": "006400",
    "light green": "90ee90 98fb98",
    "mint green": "98f0c8",
    "teal": "008080 00cc96",
    "turquoise": "40e0d0 8dd3c7",
    "cyan": "00ffff 17becf 19d3f3 00bfbf",
    "light blue": "add8e6 aec7e8",
    "sky blue": "87ceeb 87cefa",
    "blue": "0000ff 1f77b4 4c72b0 636efa 3498db 3274a1",
    "steel blue": "4682b4",
    "navy": "000080",
    "indigo": "4b0082",
    "purple": "800080 9467bd 8172b3 ab63fa 6e4071",
    "dark purple": "35063e 2d1e3e",
    "mauve": "ae7181 aa688f",
    "dusty pink": "d58a94 d499a7",
    "violet": "ee82ee c5b0d5",
    "lavender": "e6e6fa",
}
COLORLESS = 32  # of 255: what differs more between its channels is no gray
HEX = re.compile(r"#([0-9a-fA-F]{6})")


def name_of(color: str) -> str | None:
    """The name of a "#rrggbb" color; None for anything else (several colors, no color).

    >>> name_of("#1f77b4"), name_of("#ff7f0e"), name_of("")
    ('blue', 'orange', None)
    """
    match = HEX.match(color)
    if match is None:
        return None
    color_rgb = _rgb(match[1])
    muted = max(color_rgb) - min(color_rgb) < COLORLESS
    pairs = (
        (name, anchor)
        for name, anchors in ANCHORS.items()
        for anchor in anchors.split()
        if muted or not name.endswith("gray")
    )
    return min(pairs, key=lambda pair: (_distance(color_rgb, _rgb(pair[1])), pair))[0]


def _rgb(digits: str) -> tuple[int, int, int]:
    value = int(digits, 16)
    return value >> 16, value >> 8 & 255, value & 255


def _distance(one: tuple[int, int, int], other: tuple[int, int, int]) -> float:
    red = (one[0] + other[0]) / 2
    weights = (2 + red / 256, 4.0, 2 + (255 - red) / 256)
    return sum(w * (x - y) ** 2 for w, x, y in zip(weights, one, other, strict=True))
