"""PNG bytes -> small data URIs for the page."""

import base64
import io
from dataclasses import dataclass

from PIL import Image

WIDTH = 480  # pixels: sharp at the 240-320 the page shows on a dense display
COLOURS = 128  # a plot has few colours; a palette makes its PNG about a third as large
READ_ERRORS = (OSError, SyntaxError, ValueError, Image.DecompressionBombError)


@dataclass(frozen=True)
class Thumbnail:
    """`uri` is "" where the bytes are no image that can be read."""

    uri: str
    width: int
    height: int


UNREADABLE = Thumbnail("", 0, 0)


def thumbnail(png: bytes) -> Thumbnail:
    """At most `WIDTH` wide, on white, palette colours, without metadata; never larger than it was.
    Deterministic for one version of Pillow."""
    try:
        with Image.open(io.BytesIO(png)) as opened:
            flat = _flatten(opened)
    except READ_ERRORS:
        return UNREADABLE
    if flat.width > WIDTH:
        height = max(1, round(flat.height * WIDTH / flat.width))
        flat = flat.resize((WIDTH, height), Image.Resampling.LANCZOS)
    flat.thumbnail((WIDTH, 3 * WIDTH))
    buffer = io.BytesIO()
    palette = flat.quantize(COLOURS, dither=Image.Dither.NONE)
    palette.save(buffer, "PNG", optimize=True)
    uri = "data:image/png;base64," + base64.b64encode(buffer.getvalue()).decode("ascii")
    return Thumbnail(uri, flat.width, flat.height)


def _flatten(image: Image.Image) -> Image.Image:
    """The image on a white ground: a transparent plot must not turn black in dark mode."""
    rgba = image.convert("RGBA")
    ground = Image.new("RGBA", rgba.size, "white")
    return Image.alpha_composite(ground, rgba).convert("RGB")
