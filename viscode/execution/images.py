"""Images, decoded and checked outside the script's process.

A script shares its process with whoever reports for it, so only what decodes here counts. Header
size is read before any pixel. Decoding happens in this process with Pillow, not in a sandbox.
"""

import io
import os
import stat
from pathlib import Path

from PIL import Image, UnidentifiedImageError

from viscode.records import Script

MAGIC = b"\x89PNG\r\n\x1a\n"
PIXEL_LIMIT = 50_000_000
BYTE_LIMIT = 64 << 20
SAVED_SUFFIXES = (".png", ".jpg", ".jpeg")
SAVED_LIMIT = 20


class BadImage(Exception):
    """Not a PNG that can be decoded within the limits; the message says why."""


def decode(data: bytes, formats: tuple[str, ...] = ("PNG",)) -> Image.Image:
    """Decode image bytes within the limits.

    Raises:
        BadImage: wrong format, too large, truncated or broken.
    """
    if len(data) > BYTE_LIMIT:
        raise BadImage(f"{len(data)} bytes")
    try:
        image = Image.open(io.BytesIO(data), formats=formats)
        if image.width * image.height > PIXEL_LIMIT:
            raise BadImage(f"{image.width} x {image.height} pixels")
        image.load()
    except (
        UnidentifiedImageError,
        OSError,
        SyntaxError,
        ValueError,
        EOFError,
        MemoryError,
        Image.DecompressionBombError,
    ) as error:
        raise BadImage(f"not decodable: {error}") from error
    return image


def check_png(data: bytes) -> Image.Image:
    """Decode what claims to be a PNG.

    Raises:
        BadImage: it is not one.
    """
    if not data.startswith(MAGIC):
        raise BadImage("no PNG signature")
    return decode(data)


def one_colour(image: Image.Image) -> bool:
    """Whether every pixel is the same on white paper; transparent ones are paper."""
    rgba = image.convert("RGBA")
    paper = Image.new("RGBA", rgba.size, "white")
    flat = Image.alpha_composite(paper, rgba).convert("RGB")
    return all(low == high for low, high in flat.getextrema())  # type: ignore[misc]


def as_png(data: bytes) -> bytes:
    """PNG bytes of a saved image: itself if it is a PNG, else converted.

    Raises:
        BadImage: it does not decode.
    """
    if data.startswith(MAGIC):
        check_png(data)
        return data
    out = io.BytesIO()
    decode(data, ("JPEG",)).convert("RGB").save(out, format="PNG")
    return out.getvalue()


def read_saved(box: Path, script: Script) -> list[bytes]:
    """The image files that a script left in its work folder, in name order, as they are.

    Links are not followed, and the files that were given to the script do not count.
    """
    found: list[bytes] = []
    for place, folders, names in os.walk(box / "work"):
        folders.sort()
        for name in sorted(names):
            if name.lower().endswith(SAVED_SUFFIXES) and name not in script.files:
                data = _read_regular(Path(place) / name)
                found += [data] if data else []
            if len(found) >= SAVED_LIMIT:
                return found
    return found


def read_nothing(box: Path, script: Script) -> list[bytes]:
    """For callers who do not count saved files."""
    return []


def _read_regular(path: Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except OSError:
        return b""
    with os.fdopen(descriptor, "rb") as stream:
        if not stat.S_ISREG(os.fstat(descriptor).st_mode):
            return b""
        data = stream.read(BYTE_LIMIT + 1)
    return data if len(data) <= BYTE_LIMIT else b""
