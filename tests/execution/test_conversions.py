"""Images of every form become PNG in the decoder's sandbox; those that attack it become none."""

import base64
import gzip
import io
import time
import zlib

import pytest
from PIL import Image

from viscode.execution import forms
from viscode.execution.images import Allowance, BadImage, open_decoders
from viscode.execution.inside.decode import SIDE_LIMIT, length, size_of
from viscode.execution.sandbox import open_sandbox

NAMES = 'xmlns="http://www.w3.org/2000/svg" xmlns:xlink="http://www.w3.org/1999/xlink"'
DISC = '<circle cx="40" cy="25" r="20" fill="red"/>'
SIZE = 'width="100" height="50"'


def svg(body: str, attributes: str = SIZE, doctype: str = "") -> bytes:
    return f"{doctype}<svg {NAMES} {attributes}>{body}</svg>".encode()


def doctype(*entities: str) -> str:
    return f"<!DOCTYPE svg [{''.join(f'<!ENTITY {one}>' for one in entities)}]>"


def pdf(content: bytes, box: str = "0 0 300 200") -> bytes:
    """A PDF of one page."""
    packed = zlib.compress(content, 1)
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        f"<</Type/Page/Parent 2 0 R/MediaBox[{box}]/Contents 4 0 R>>".encode(),
        b"<</Length %d/Filter/FlateDecode>>stream\n%s\nendstream" % (len(packed), packed),
    ]
    out = b"%PDF-1.4\n"
    places = []
    for number, body in enumerate(bodies, 1):
        places.append(b"%010d 00000 n \n" % len(out))
        out += b"%d 0 obj%sendobj\n" % (number, body)
    table = b"xref\n0 5\n0000000000 65535 f \n" + b"".join(places)
    return out + table + b"trailer<</Size 5/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % len(out)


def raster(kind: str, size: tuple[int, int] = (60, 40), **options: object) -> bytes:
    image = Image.linear_gradient("L").resize(size)
    out = io.BytesIO()
    image.save(out, kind, **options)
    return out.getvalue()


def data_url(kind: str, content: bytes) -> str:
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"


def scans() -> bytes:
    """A progressive JPEG with its last scan repeated."""
    whole = raster("JPEG", (3000, 3000), progressive=True)
    last = b"\xff\xda" + whole.split(b"\xff\xda")[-1][:-2]
    return whole[:-2] + last * 2000 + b"\xff\xd9"


@pytest.fixture(scope="module")
def decoders(options):
    found = open_decoders(open_sandbox(options.python, "auto").isolation)
    yield found
    found.close()


GOOD = {  # name: (image, size in pixels)
    "svg": (svg(DISC), (100, 50)),
    "svg in points": (svg(DISC, 'width="72pt" height="36pt"'), (96, 48)),
    "svg in inches": (svg(DISC, 'width="1in" height="25.4mm"'), (96, 96)),
    "svg by its box": (svg(DISC, 'viewBox="0 0 120 80"'), (120, 80)),
    "svg of a share": (svg(DISC, 'width="100%" height="100%" viewBox="0,0,120,80"'), (120, 80)),
    "svg of one side": (svg(DISC, 'width="60" viewBox="0 0 120 80"'), (60, 40)),
    "svg without size": (
        svg('<rect width="70" height="30"/><rect width="9" height="9" fill="red"/>', ""), (70, 30),
    ),
    "svg with declaration": (b'\xef\xbb\xbf<?xml version="1.0"?>\n' + svg(DISC), (100, 50)),
    "svg with text": (svg('<text x="5" y="30" font-family="Arial">Label</text>'), (100, 50)),
    "svg with link": (svg(f'<a xlink:href="http://example.com/">{DISC}</a>'), (100, 50)),
    "svg with picture": (
        svg(f'<image width="60" height="40" href="{data_url("image/png", raster("PNG"))}"/>'),
        (100, 50),
    ),
    "svg with script": (svg(f"<script>while (true) {{}}</script>{DISC}"), (100, 50)),
    "svg of great size": (svg('<rect width="5e7" height="9e9" fill="red"/>',
                              'width="1e8" height="5e7"'), (SIDE_LIMIT, SIDE_LIMIT // 2)),
    "svgz": (gzip.compress(svg(DISC)), (100, 50)),
    "pdf": (pdf(b"1 0 0 rg 50 50 90 90 re f\n"), (400, 267)),
    "pdf of great size": (
        pdf(b"1 0 0 rg 0 0 9000 9000 re f\n", "0 0 14000 14000"), (SIDE_LIMIT, SIDE_LIMIT),
    ),
    "jpeg": (raster("JPEG"), (60, 40)),
    "progressive jpeg": (raster("JPEG", progressive=True), (60, 40)),
    "webp": (raster("WEBP"), (60, 40)),
    "gif": (raster("GIF"), (60, 40)),
    "tiff": (raster("TIFF"), (60, 40)),
    "bmp": (raster("BMP"), (60, 40)),
}  # fmt: skip


@pytest.mark.sandbox
@pytest.mark.parametrize("name", GOOD)
def test_becomes_png(decoders, name):
    image, size = GOOD[name]
    checked = decoders.check(image, [])
    assert Image.open(io.BytesIO(checked.png)).size == size
    assert checked.png.startswith(b"\x89PNG") and not checked.one_colour
    assert decoders.check(image, []).png == checked.png


USES = "".join(f'<g id="u{n + 1}">{f"""<use xlink:href="#u{n}"/>""" * 10}</g>' for n in range(9))
LAUGHS = doctype('a "haha"', *(f'{b} "{f"&{a};" * 10}"' for a, b in zip("abcdefghi", "bcdefghij",
                                                                        strict=True)))  # fmt: skip
NOISE = '<feTurbulence baseFrequency="0.01" numOctaves="1000"/>' * 50
HOSTILE = {  # name: (image, or what makes a large one; what is wrong with it)
    "file": (svg('<image width="9" height="9" xlink:href="file:///etc/passwd"/>'), "refers to"),
    "path": (svg('<image width="9" height="9" href="/etc/passwd"/>'), "refers to"),
    "relative path": (svg('<image width="9" height="9" href="../secret.png"/>'), "refers to"),
    "address": (svg('<image width="9" height="9" href="https://example.com/"/>'), "refers to"),
    "address in a filter": (
        svg('<filter id="f"><feImage href="http://example.com/a.png"/></filter>'), "refers to",
    ),
    "file in use": (svg('<use href="/other.svg#a"/>'), "refers to"),
    "file in an entity": (
        svg('<image width="9" height="9" href="&f;"/>', doctype=doctype('f "/etc/passwd"')),
        "refers to",
    ),
    "entity of a file": (
        svg("<text>&f;</text>", doctype=doctype('f SYSTEM "file:///etc/passwd"')), "not decodable",
    ),
    "billion laughs": (svg("<text>&j;</text>", doctype=LAUGHS), "no XML"),
    "quadratic laughs": (
        svg("&a;" * 20_000, doctype=doctype(f"a \"{'<g/>' * 9_000}\"")), "no XML",
    ),
    "use of uses": (
        svg(f'<defs><g id="u0">{DISC}</g>{USES}</defs><use href="#u9"/>'), "nodes limit|takes",
    ),
    "filters": (
        svg(f'<filter id="f">{NOISE}</filter><rect width="4000" height="4000" '
            'filter="url(#f)"/>', 'width="4000" height="4000"'), "takes over",
    ),
    "paths without end": (lambda: svg('<path d="M0 0L100 50" stroke="red"/>' * 900_000), "takes"),
    "depth": (lambda: svg("<g>" * 200_000 + "</g>" * 200_000), "ended"),
    "endless size": (svg(DISC, 'width="1e999" height="1"'), "no size"),
    "size by content": (svg('<rect width="1e9" height="1e9"/>', ""), "not decodable"),
    "too long": (lambda: svg("<!--" + "x" * (64 << 20) + "-->"), "bytes"),
    "gzip bomb": (lambda: gzip.compress(svg(" " * (80 << 20)), 1), "when unpacked"),
    "html": (b"<html><body>x</body></html>", "no SVG"),
    "cut svg": (svg(DISC)[:-9], "no XML"),
    "other encoding": (svg("<text>é</text>").decode().encode("latin-1"), "not decodable"),
    "pdf without pages": (b"%PDF-1.4\n%%EOF", "not decodable"),
    "cut pdf": (pdf(b"0 0 m 9 9 l S\n")[:150], "not decodable"),
    "pdf bomb": (lambda: pdf(b"0 0 m 300 200 l S\n" * 6_000_000), "takes"),
    "jpeg of many scans": (lambda: scans(), "scans"),
    "cut jpeg": (raster("JPEG")[:300], "not decodable"),
    "large webp": (lambda: raster("WEBP", (9000, 9000), method=0), "pixels"),
    "large tiff": (lambda: raster("TIFF", (9000, 9000), compression="tiff_deflate"), "pixels"),
    "cut gif": (raster("GIF", (600, 400))[:900], "not decodable"),
    "program": (b"\x7fELF" + b"\0" * 99, "not decodable"),
}  # fmt: skip


@pytest.mark.sandbox
@pytest.mark.parametrize("name", HOSTILE)
def test_becomes_nothing(decoders, name):
    """With two seconds of its script's allowance left."""
    image, problem = HOSTILE[name]
    with pytest.raises(BadImage, match=problem):
        decoders.check(image() if callable(image) else image, [], Allowance(2.0))
    assert decoders.check(svg(DISC), []).png.startswith(b"\x89PNG")


@pytest.mark.sandbox
def test_the_decoder_outlives_what_is_costly(decoders):
    decoders.check(svg(DISC), [])
    (service,) = decoders._spares.idle.queue
    process = service.process.pid
    with pytest.raises(BadImage) as caught:
        decoders.check(HOSTILE["depth"][0](), [])
    assert caught.value.costly
    decoders.check(svg(DISC), [])
    assert service.process.pid == process


@pytest.mark.sandbox
def test_nothing_but_the_image_is_read(decoders):
    """A picture that the decoder could read is not drawn, at whatever depth it is named."""
    inner = svg('<image width="100" height="50" href="/etc/passwd"/>')
    outer = svg(f'<image width="100" height="50" href="{data_url("image/svg+xml", inner)}"/>')
    assert decoders.check(outer, []).one_colour


@pytest.mark.sandbox
def test_after_a_costly_image_no_other_is_decoded(execute):
    code = (
        "from IPython.display import publish_display_data as show\n"
        "for _ in range(30): show({'image/svg+xml': '<svg xmlns=\"http://www.w3.org/2000/svg\" "
        "width=\"9\" height=\"9\">' + '<g>' * 200_000 + '</g>' * 200_000 + '</svg>'})"
    )
    execute("1")
    began = time.monotonic()
    found = execute(code)
    assert (found.status, found.error_type, found.images) == ("ok", "BadImage", ())
    assert time.monotonic() - began < 60


LENGTHS = {
    "12": 12, "12px": 12, "72pt": 96, "1in": 96, "2.54cm": 96, "25.4mm": 96, "6pc": 96, "1e2": 100,
    " 5px ": 5, "50%": None, "2em": None, "3ex": None, "": None, None: None,
}  # fmt: skip


@pytest.mark.parametrize("text", LENGTHS)
def test_lengths(text):
    assert length(text) == pytest.approx(LENGTHS[text])


@pytest.mark.parametrize(
    ("attributes", "size"),
    [
        (SIZE, (100, 50)),
        ("", None),
        ('width="50%"', None),
        ('width="8000" height="10"', (4000, 5)),
        ('width="0.1" height="0.1"', (1, 1)),
        ('height="40" viewBox="0 0 30 20"', (60, 40)),
    ],
)
def test_size_of(attributes, size):
    assert size_of(svg("", attributes).decode()) == size


def test_the_form_to_be_preferred():
    bundle = {"application/pdf", "image/svg+xml", "image/png", "text/html"}
    assert forms.form_of(bundle) == "image/png"
    assert forms.form_of(bundle - {"image/png"}) == "image/svg+xml"
    assert forms.form_of({"text/html", "application/json"}) is None
    images = [raster("PNG"), raster("JPEG"), raster("WEBP"), svg(""), pdf(b"")]
    assert sorted(images, key=forms.rank) == images
