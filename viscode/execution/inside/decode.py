"""Decodes untrusted images in a process of its own: `python decode.py DESCRIPTOR`.

A request on the socket is a JSON frame {"areas": [[left, top, right, bottom], ...]} (shares) and a
frame with the image's bytes. The reply is a JSON frame {"one_colour": bool, "plain": [bool, ...]}
or {"problem": text}, and a frame with the image as PNG: b"" where it is the same. `plain[i]` says
that area i, without its border, has one colour only. The header's size is read before any pixel.
"""

import io
import json
import socket
import sys
from pathlib import Path
from typing import Any

from PIL import Image, UnidentifiedImageError

MAGIC = b"\x89PNG\r\n\x1a\n"
PIXEL_LIMIT = 50_000_000
BYTE_LIMIT = 64 << 20
BORDER = 3  # pixels inside an axes area that belong to its frame


class BadImage(Exception):
    """Not an image that can be decoded within the limits; the message says why."""


def decode(data: bytes) -> Image.Image:
    """Decode a PNG or JPEG within the limits.

    Raises:
        BadImage: wrong format, too large, truncated or broken.
    """
    if len(data) > BYTE_LIMIT:
        raise BadImage(f"{len(data)} bytes")
    try:
        image = Image.open(io.BytesIO(data), formats=("PNG", "JPEG"))
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


def on_paper(image: Image.Image) -> Image.Image:
    """The image as it looks on white paper, where transparent pixels show it."""
    if image.mode == "RGB":
        return image
    rgba = image.convert("RGBA")
    if rgba.getchannel("A").getextrema() == (255, 255):  # a fraction of the time
        return rgba.convert("RGB")
    paper = Image.new("RGBA", rgba.size, "white")
    return Image.alpha_composite(paper, rgba).convert("RGB")


def one_colour(flat: Image.Image) -> bool:
    return all(low == high for low, high in flat.getextrema())  # type: ignore[misc]


def inside(flat: Image.Image, area: list[float]) -> Image.Image | None:
    """The part of the image within an axes' frame; None where nothing of it is in the image."""
    width, height = flat.size
    left, top = area[0] * width + BORDER, area[1] * height + BORDER
    right, bottom = area[2] * width - BORDER, area[3] * height - BORDER
    box = (max(0, int(left)), max(0, int(top)), min(width, int(right)), min(height, int(bottom)))
    return flat.crop(box) if box[0] < box[2] and box[1] < box[3] else None


def examine(data: bytes, areas: list[list[float]]) -> tuple[dict[str, Any], bytes]:
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
        flat.save(out, format="PNG")
        png = out.getvalue()
    return {"one_colour": one_colour(flat), "plain": plain}, png


def main() -> None:
    sys.path.insert(0, str(Path(__file__).parent))
    import frames  # type: ignore[import-not-found]  # beside this file: the process knows no `viscode`

    line = socket.socket(fileno=int(sys.argv[1]))
    while True:
        try:
            request = json.loads(frames.receive(line)[1])
            data = frames.receive(line)[1]
        except EOFError:
            return
        try:
            reply, png = examine(data, request["areas"])
        except BadImage as error:
            reply, png = {"problem": str(error)}, b""
        frames.send(line, frames.MESSAGE, json.dumps(reply).encode())
        frames.send(line, frames.FILE, png)


if __name__ == "__main__":
    main()
