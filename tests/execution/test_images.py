"""Decoding and checking of untrusted images."""

import io
import os
import signal
import struct
import zlib

import pytest
from PIL import Image

from viscode.execution.cell_run import EngineFailure
from viscode.execution.images import open_decoders
from viscode.execution.inside.decode import BadImage, decode, examine, inside, on_paper, one_colour
from viscode.execution.inside.saved import images_in
from viscode.execution.sandbox import open_sandbox


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
    "ppm": encoded(PICTURE, "PPM"),
    "truncated": encoded(PICTURE)[:200],
    "bomb": bomb(100_000, 100_000),
    "large bomb": bomb(8000, 8000),
    "too few rows": bomb(1000, 1000),
}


@pytest.mark.parametrize("name", BAD)
def test_bad_images(name):
    with pytest.raises(BadImage):
        decode(BAD[name])


def test_good_image():
    assert decode(encoded(PICTURE)).size == (256, 256)


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
    assert one_colour(on_paper(image)) is expected


def test_jpeg_becomes_png():
    reply, png = examine(encoded(PICTURE, "JPEG"), [])
    assert reply["one_colour"] is False
    assert decode(png).format == "PNG" and decode(png).size == (256, 256)
    assert examine(encoded(PICTURE), [])[1] == b""


def test_pixels_are_what_is_seen_on_paper_whatever_the_file():
    def pixels(image, form="PNG"):
        return examine(encoded(image, form), [])[0]["pixels"]

    same = {pixels(PICTURE), pixels(PICTURE, "BMP"), pixels(PICTURE.convert("RGBA"), "TIFF")}
    other = PICTURE.copy()
    other.putpixel((9, 9), 200)
    assert len(same) == 1 and pixels(other) not in same
    assert pixels(Image.new("RGB", (2, 8))) != pixels(Image.new("RGB", (8, 2)))


def framed(content: str | None) -> bytes:
    """A white figure with a black frame; `content` is drawn inside it."""
    image = Image.new("RGB", (100, 80), "white")
    image.paste("black", (20, 10, 90, 70))
    image.paste("white", (22, 12, 88, 68))
    image.paste("black", (5, 30, 15, 34))  # a label
    if content:
        image.paste(content, (40, 30, 60, 50))
    return encoded(image)


AREA = [0.2, 0.125, 0.9, 0.875]


@pytest.mark.parametrize(("content", "plain"), [(None, True), ("red", False)])
def test_an_area_with_nothing_but_its_frame_is_plain(content, plain):
    reply, _ = examine(framed(content), [AREA])
    assert (reply["one_colour"], reply["plain"]) == (False, [plain])


@pytest.mark.parametrize("area", [[2, 2, 3, 3], [0.5, 0.5, 0.5, 0.5], [-1e9, -1e9, -2, -2]])
def test_an_area_outside_of_the_image(area):
    assert inside(Image.new("RGB", (9, 9)), area) is None


def test_saved_images_are_own_regular_files_in_name_order(tmp_path):
    work = tmp_path / "work"
    (work / "sub").mkdir(parents=True)
    for name in ("b.png", "a.PNG", "given.png", "notes.txt", "sub/c.jpg", "d.SVG", "e.pdf"):
        (work / name).write_text(name)
    (tmp_path / "secret.png").write_text("secret")
    (work / "link.png").symlink_to(tmp_path / "secret.png")
    os.mkfifo(work / "pipe.png")
    names = [b"a.PNG", b"b.png", b"d.SVG", b"e.pdf", b"sub/c.jpg"]
    assert list(images_in(str(work), {"given.png"})) == names


@pytest.mark.sandbox
def test_decoders_confine_restart_and_blame_the_right_one(options):
    decoders = open_decoders(open_sandbox(options.python, "auto").isolation)
    try:
        checked = decoders.check(framed("red"), [tuple(AREA)])
        assert (checked.png, checked.one_colour, checked.plain) == (framed("red"), False, (False,))
        with pytest.raises(BadImage, match="pixels"):
            decoders.check(BAD["bomb"], [])
        (service,) = decoders._spares.idle.queue
        os.kill(service.process.pid, signal.SIGKILL)
        assert decoders.check(framed(None), [tuple(AREA)]).plain == (True,)
        service.script = "no_such_file.py"
        service.close()
        with pytest.raises(EngineFailure):
            decoders.check(framed("red"), [])
    finally:
        decoders.close()
