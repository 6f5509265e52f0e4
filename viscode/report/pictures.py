"""PNG bytes -> small pictures for the report's pages.

WebP, because plots come out at a quarter of a PNG's size and every browser reads it. Deterministic
for one version of Pillow.
"""

import io
from dataclasses import dataclass

from PIL import Image

from viscode.core.hashing import digest

WIDTH = 400  # pixels: sharp at the 200-300 that a page shows on a dense display
QUALITY = 60  # of WebP, 0-100: text in plots still reads
METHOD = 2  # of WebP, 0-6: beyond it time doubles for 5 % less
READ_ERRORS = (OSError, SyntaxError, ValueError, Image.DecompressionBombError)


@dataclass(frozen=True)
class Picture:
    """`webp` is b"" and the size 0 where the bytes are no image that can be read."""

    webp: bytes
    width: int
    height: int

    @property
    def file(self) -> str:
        """Where it lies below site/ as a picture of a task; "" without bytes."""
        return f"tasks/images/{digest(self.webp)[:16]}.webp" if self.webp else ""


def picture(png: bytes) -> Picture:
    """At most `WIDTH` pixels wide and three times as high, without metadata; never larger than it
    was. On white: a transparent plot must not turn black in dark mode."""
    try:
        with Image.open(io.BytesIO(png)) as opened:
            rgba = opened.convert("RGBA")
    except READ_ERRORS:
        return Picture(b"", 0, 0)
    ground = Image.new("RGBA", rgba.size, "white")
    small = Image.alpha_composite(ground, rgba).convert("RGB")
    small.thumbnail((WIDTH, 3 * WIDTH), Image.Resampling.BICUBIC, reducing_gap=2.0)
    buffer = io.BytesIO()
    small.save(buffer, "WEBP", quality=QUALITY, method=METHOD)
    return Picture(buffer.getvalue(), small.width, small.height)
