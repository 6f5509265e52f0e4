"""Decoding and checking of untrusted images."""

import io
import struct
import zlib

import pytest
from PIL import Image

from viscode.execution.images import BadImage, as_png, check_png, one_colour, read_saved
from viscode.records import Script


def encoded(image: Image.Image, kind: str = "PNG") -> bytes:
    out = io.BytesIO()
    image.save(out, kind)
    return out.getvalue()


def bomb(width: int, height: int) -> bytes:
    """A PNG of a few bytes whose header promises many pixels."""
    header = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    chunks = [(b"IHDR", header), (b"IDAT", zlib.compress(b"\0" * 100)), (b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))
        for name, body in chunks
    )


PICTURE = Image.linear_gradient("L")
BAD = {
    "text": b"hello",
    "magic only": b"\x89PNG\r\n\x1a\n",
    "jpeg": encoded(PICTURE, "JPEG"),
    "truncated": encoded(PICTURE)[:200],
    "bomb": bomb(100_000, 100_000),
    "large bomb": bomb(8000, 8000),
    "too few rows": bomb(1000, 1000),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_images(name):
    with pytest.raises(BadImage):
        check_png(BAD[name])


def test_good_image():
    assert check_png(encoded(PICTURE)).size == (256, 256)


@pytest.mark.parametrize(
    ("image", "expected"),
    [
        (Image.new("RGB", (9, 9), "red"), True),
        (Image.new("RGBA", (9, 9), (255, 0, 0, 0)), True),
        (PICTURE, False),
        (Image.new("P", (9, 9)), True),
    ],
)
def test_one_colour(image, expected):
    assert one_colour(image) is expected


def test_jpeg_becomes_png():
    assert check_png(as_png(encoded(PICTURE, "JPEG"))).size == (256, 256)


def test_read_saved_takes_own_regular_files_in_name_order(tmp_path):
    work = tmp_path / "work"
    (work / "sub").mkdir(parents=True)
    for name in ("b.png", "a.PNG", "given.png", "notes.txt", "sub/c.jpg"):
        (work / name).write_text(name)
    (tmp_path / "secret.png").write_text("secret")
    (work / "link.png").symlink_to(tmp_path / "secret.png")
    script = Script(id="x", code="", files={"given.png": b""})
    assert read_saved(tmp_path, script) == [b"a.PNG", b"b.png", b"sub/c.jpg"]
