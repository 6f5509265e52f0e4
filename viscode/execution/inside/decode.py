"""Turns untrusted images into checked PNG in a process of its own: `start.py decode DESCRIPTOR`.

What an image is, its first bytes say, never its name: a raster format that Pillow reads (its first
frame), SVG (plain or gzipped, drawn by resvg) or PDF (its first page, drawn by pdfium). A drawing
has the size that it asks for at 96 dots per inch, `SIDE_LIMIT` pixels a side at most, a white
ground, and no fonts but its own and matplotlib's. An SVG that refers to a file or an address is
refused: nothing but the image itself is ever read.

A request on the socket is a JSON frame {"areas": [[left, top, right, bottom], ...], "cpu_s": int,
"pixels": bool} (shares; seconds on the processor that it may take; whether to hash pixels) and a
frame with the image's bytes. The reply is a JSON frame {"one_colour": bool, "plain": [bool, ...],
"pixels": text} or {"problem": text, "costly": whether it took all that it may}, with the "seconds"
that it took besides, and a frame with the image as PNG: b"" where it is the same. `plain[i]` says
that area i, without its border, has one colour only; `pixels` is a hash of size and pixels, ""
unless it was asked for.

Each image has a fork of its own, with limits on its time on the processor and its memory, so that
one that breaks them (`costly`) leaves nothing behind. A raster's size is read before any pixel.
"""

import gzip
import hashlib
import io
import json
import os
import resource
import signal
import socket
import sys
import traceback
from importlib.util import find_spec
from pathlib import Path
from typing import Any
from xml.etree import ElementTree
from xml.parsers import expat

from PIL import Image

from . import confine, frames
from .figures import PIXEL_LIMIT

BROKEN = (OSError, SyntaxError, ValueError, EOFError, MemoryError, Image.DecompressionBombError)
MAGIC = b"\x89PNG\r\n\x1a\n"
FORMATS = ("PNG", "JPEG", "WEBP", "GIF", "TIFF", "BMP")
BYTE_LIMIT = 64 << 20
SIDE_LIMIT = 4000  # pixels of a drawing
CPU_S = 6
SCANS_LIMIT = 100  # of a JPEG; encoders make a dozen, and each costs a pass over all pixels
MEMORY_BYTES = 2 << 30  # above what the process has mapped already
BORDER = 3  # pixels inside an axes area that belong to its frame
UNITS = {"": 1, "px": 1, "pt": 96 / 72, "pc": 16, "in": 96, "cm": 96 / 2.54, "mm": 96 / 25.4}
REFERRING = {"image", "feImage", "use"}  # elements that show what their href names


class BadImage(Exception):
    """Not an image that can be decoded within the limits; the message says why. `costly`: it took
    all the time or memory that an image may take, or ended the decoder."""

    def __init__(self, message: str, *, costly: bool = False) -> None:
        super().__init__(message)
        self.costly = costly


def decode(data: bytes) -> Image.Image:
    """Decode an image of any form within the limits.

    Raises:
        BadImage: wrong format, too large, truncated or broken.
    """
    if len(data) > BYTE_LIMIT:
        raise BadImage(f"{len(data)} bytes")
    try:
        if data.startswith(b"\x1f\x8b"):
            data = unpacked(data)
        if data.startswith(b"%PDF-"):
            return first_page(data)
        if data.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<"):
            return raster(drawn(data.decode("utf-8-sig")))
        return raster(data)
    except BROKEN as error:
        raise BadImage(f"not decodable: {error}") from error


def raster(data: bytes) -> Image.Image:
    image = Image.open(io.BytesIO(data), formats=FORMATS)
    if image.width * image.height > PIXEL_LIMIT:
        raise BadImage(f"{image.width} x {image.height} pixels")
    if image.format == "JPEG" and data.count(b"\xff\xda") > SCANS_LIMIT:
        raise BadImage("a JPEG of too many scans")
    image.load()
    return image


def unpacked(data: bytes) -> bytes:
    with gzip.open(io.BytesIO(data)) as stream:
        found = stream.read(BYTE_LIMIT + 1)
    if len(found) > BYTE_LIMIT:
        raise BadImage(f"over {BYTE_LIMIT} bytes when unpacked")
    return found


def first_page(data: bytes) -> Image.Image:
    """The first page of a PDF."""
    import pypdfium2

    try:
        with pypdfium2.PdfDocument(data) as document:
            page = document[0]
            width, height = page.get_size()
            drawing = page.render(scale=scale_of(width, height, 96 / 72))
            image: Image.Image = drawing.to_pil().convert("RGB")
            return image
    except (pypdfium2.PdfiumError, IndexError) as error:
        raise BadImage(f"not decodable: {error}") from error


def drawn(text: str) -> bytes:
    """An SVG as PNG."""
    import resvg_py

    refuse_references(text)
    size = size_of(text)
    found = find_spec("matplotlib")
    assert found is not None and found.origin is not None
    fonts = Path(found.origin).parent / "mpl-data/fonts/ttf"
    return resvg_py.svg_to_bytes(
        svg_string=text,
        background="white",
        dpi=96,
        width=size and size[0],
        height=size and size[1],
        skip_system_fonts=True,
        font_dirs=[str(fonts)],
        font_family="DejaVu Sans",
        serif_family="DejaVu Sans",  # also taken for families that are not there: Arial, Helvetica
        sans_serif_family="DejaVu Sans",
        monospace_family="DejaVu Sans Mono",
    )


def refuse_references(text: str) -> None:
    """
    Raises:
        BadImage: an SVG shows something that lies elsewhere, or is no XML.
    """

    def element(name: str, attributes: dict[str, str]) -> None:
        if name.rpartition(":")[2] not in REFERRING:
            return
        for key, value in attributes.items():
            target = value.strip()
            if key.rpartition(":")[2] == "href" and not target.startswith(("#", "data:")):
                raise BadImage(f"refers to {target[:100]!r}")

    parser = expat.ParserCreate("utf-8")
    parser.StartElementHandler = element
    try:
        parser.Parse(text.encode(), True)
    except expat.ExpatError as error:
        raise BadImage(f"no XML: {error}") from error


def size_of(text: str) -> tuple[int, int] | None:
    """The size in pixels that an SVG asks for, within the limit; None where it names none."""
    root = next(ElementTree.iterparse(io.StringIO(text), ("start",)))[1]
    if root.tag.rpartition("}")[2] != "svg":
        raise BadImage(f"a document of {root.tag[:100]!r}, no SVG")
    box = [float(part) for part in root.get("viewBox", "").replace(",", " ").split()]
    sides = [length(root.get(name)) for name in ("width", "height")]
    if len(box) == 4 and box[2] > 0 and box[3] > 0:
        sides = [
            sides[0] or (sides[1] * box[2] / box[3] if sides[1] else box[2]),
            sides[1] or (sides[0] * box[3] / box[2] if sides[0] else box[3]),
        ]
    width, height = sides
    if width is None or height is None:
        return None
    scale = scale_of(width, height, 1.0)
    return max(1, round(width * scale)), max(1, round(height * scale))


def length(value: str | None) -> float | None:
    """A length in pixels; None for none and for shares of a page."""
    number = (value or "").strip()
    unit = number.lstrip("+-.0123456789eE")
    return float(number.removesuffix(unit)) * UNITS[unit] if number and unit in UNITS else None


def scale_of(width: float, height: float, wanted: float) -> float:
    """`wanted`, or what brings both sides within the limit."""
    if not (0 < width < float("inf") and 0 < height < float("inf")):
        raise BadImage(f"{width:g} x {height:g} is no size")
    return min(wanted, SIDE_LIMIT / width, SIDE_LIMIT / height)


def on_paper(image: Image.Image) -> Image.Image:
    """The image as it looks on white paper, where transparent pixels show it."""
    if image.mode == "RGB":
        return image
    rgba = image.convert("RGBA")
    if rgba.getchannel("A").getextrema() == (255, 255):  # a fraction of the time
        return rgba.convert("RGB")
    paper = Image.new("RGBA", rgba.size, "white")
    return Image.alpha_composite(paper, rgba).convert("RGB")


def hash_of_pixels(flat: Image.Image) -> str:
    state = hashlib.blake2b(repr(flat.size).encode(), digest_size=16)
    state.update(flat.tobytes())
    return state.hexdigest()


def one_colour(flat: Image.Image) -> bool:
    return all(low == high for low, high in flat.getextrema())  # type: ignore[misc]


def inside(flat: Image.Image, area: list[float]) -> Image.Image | None:
    """The part of the image within an axes' frame; None where nothing of it is in the image."""
    width, height = flat.size
    left, top = area[0] * width + BORDER, area[1] * height + BORDER
    right, bottom = area[2] * width - BORDER, area[3] * height - BORDER
    box = (max(0, int(left)), max(0, int(top)), min(width, int(right)), min(height, int(bottom)))
    return flat.crop(box) if box[0] < box[2] and box[1] < box[3] else None


def examine(
    data: bytes, areas: list[list[float]], *, pixels: bool = True
) -> tuple[dict[str, Any], bytes]:
    """The reply to one request.

    Raises:
        BadImage: as `decode`.
    """
    image = decode(data)
    flat = on_paper(image)
    parts = [inside(flat, area) for area in areas]
    plain = [part is None or one_colour(part) for part in parts]
    png = b""
    if not data.startswith(MAGIC):
        out = io.BytesIO()
        flat.save(out, format="PNG", compress_level=4)
        png = out.getvalue()
    reply = {
        "one_colour": one_colour(flat),
        "plain": plain,
        "pixels": hash_of_pixels(flat) if pixels else "",
    }
    return reply, png


def guarded(data: bytes, request: dict[str, Any]) -> tuple[dict[str, Any], bytes]:
    """`examine` in a fork with limits; its end over an image is a problem of the image."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        examine_and_end(data, request, writing)
    os.close(writing)
    with os.fdopen(reading, "rb") as stream:
        head, _, png = stream.read().partition(b"\n")
    _, raw, used = os.wait4(child, 0)
    status = os.waitstatus_to_exitcode(raw)
    seconds = {"seconds": used.ru_utime + used.ru_stime}
    if status == 0:
        return json.loads(head) | seconds, png
    problem = {
        -signal.SIGXCPU: f"takes over {request['cpu_s']} s",
        -signal.SIGABRT: "takes too much memory",
    }.get(status, "the decoder ended over it")
    return {"problem": problem, "costly": True} | seconds, b""


def examine_and_end(data: bytes, request: dict[str, Any], target: int) -> None:
    """In the fork. Does not return."""
    try:
        resource.setrlimit(resource.RLIMIT_CPU, (request["cpu_s"], request["cpu_s"] + 1))
        confine.limit({"AS": MEMORY_BYTES})
        try:
            reply, png = examine(data, request["areas"], pixels=request["pixels"])
        except BadImage as error:
            reply, png = {"problem": str(error)}, b""
        with os.fdopen(target, "wb") as stream:
            stream.write(json.dumps(reply).encode() + b"\n" + png)
        os._exit(0)
    except BaseException:  # noqa: BLE001 - a panic of resvg's is one; the fork ends here
        traceback.print_exc()
    os._exit(1)


def load_all() -> None:
    """What the forks need is imported before them."""
    import pypdfium2  # noqa: F401

    text = b'<svg xmlns="http://www.w3.org/2000/svg" width="9" height="9"><text>a</text></svg>'
    examine(text, [])


def main() -> None:
    line = socket.socket(fileno=int(sys.argv[1]))
    load_all()
    while True:
        try:
            request = json.loads(frames.receive(line)[1])
            data = frames.receive(line)[1]
        except EOFError:
            return
        reply, png = guarded(data, request)
        frames.send(line, frames.MESSAGE, json.dumps(reply).encode())
        frames.send(line, frames.FILE, png)
