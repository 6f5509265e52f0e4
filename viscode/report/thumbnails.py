"""PNG bytes -> small pictures for the report's pages.

WebP, because plots come out at a quarter of a PNG's size and every browser reads it. Deterministic
for one version of Pillow.
"""

import io
from dataclasses import dataclass

from PIL import Image

THUMBNAIL_WIDTH = 400  # pixels: sharp at the 200-300 that a page shows on a dense display
QUALITY = 60  # of WebP, 0-100: text in plots still reads
METHOD = 2  # of WebP, 0-6: beyond it time doubles for 5 % less
READ_ERRORS = (OSError, SyntaxError, ValueError, Image.DecompressionBombError)


@dataclass(frozen=True)
class Picture:
    """`webp` is b"" and the size 0 where the bytes are no image that can be read."""

    webp: bytes
    width: int
    height: int


NO_PICTURE = Picture(b"", 0, 0)


def picture(png: bytes) -> Picture:
    """At most `THUMBNAIL_WIDTH` pixels wide and three times as high, on white, without metadata;
    never larger than it was."""
    try:
        with Image.open(io.BytesIO(png)) as opened:
            flat = _flatten(opened)
    except READ_ERRORS:
        return NO_PICTURE
    flat.thumbnail(
        (THUMBNAIL_WIDTH, 3 * THUMBNAIL_WIDTH), Image.Resampling.BICUBIC, reducing_gap=2.0
    )
    buffer = io.BytesIO()
    flat.save(buffer, "WEBP", quality=QUALITY, method=METHOD)
    return Picture(buffer.getvalue(), flat.width, flat.height)


def _flatten(image: Image.Image) -> Image.Image:
    """The image on a white ground: a transparent plot must not turn black in dark mode."""
    if image.mode in ("RGB", "L", "1") and "transparency" not in image.info:
        return image.convert("RGB")
    rgba = image.convert("RGBA")
    if rgba.getchannel("A").getextrema() == (255, 255):
        return rgba.convert("RGB")
    ground = Image.new("RGBA", rgba.size, "white")
    return Image.alpha_composite(ground, rgba).convert("RGB")
