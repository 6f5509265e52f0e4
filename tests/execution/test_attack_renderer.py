"""Figures that hold, fill or turn round the renderer, and images that cost the decoder what they
can: the script that comes next does not pay for them.
"""

import io
import json
import shutil
import socket
import struct
import threading
import time
import zlib
from contextlib import contextmanager, suppress
from dataclasses import replace
from functools import cache

import pytest
from PIL import Image

from viscode.core.errors import UserError
from viscode.core.records import Script
from viscode.execution import render, sandbox, service
from viscode.execution.engine import Crew, run
from viscode.execution.images import Allowance, BadImage, open_decoders
from viscode.execution.inside.figures import foreign_source, refusal, without_addresses
from viscode.execution.interpreter import interpreter
from viscode.execution.render import FigureRenderer, RenderError, Renders, Unwanted
from viscode.execution.sandbox import Sandbox, open_sandbox

pytestmark = pytest.mark.sandbox
BAR = {"data": [{"type": "bar", "y": [1, 2]}], "layout": {}}
TEXTS = {"type": "scatter", "mode": "markers+text", "y": [0] * 200_000, "text": "x"}
HEAVY = {"data": [TEXTS], "layout": {}}  # draws for minutes


def request(figure, side=400, **changes):
    asked = {"figure": figure, "format": "png", "width": side, "height": side, "scale": 1}
    return json.dumps(asked | changes).encode()


def mostly_slow(names):
    """The first alone is not slow."""
    first, *rest = names
    return [first, *(pytest.param(name, marks=pytest.mark.slow) for name in rest)]


# A renderer by itself -----------------------------------------------------------------------------


@pytest.fixture(scope="module", params=["A", "B"])
def renderer(request, options):
    try:
        found = FigureRenderer(open_sandbox(options.python, request.param))
    except UserError as error:
        pytest.skip(str(error))
    yield found
    found.close()


def picture(answer):
    reply = json.loads(answer)
    assert (reply.get("code", 0), reply.get("message")) == (0, None)
    return reply["result"]


@contextmanager
def drawing(renders, figure):
    """While a figure is being drawn; what came of it stands in the list."""
    found = []

    def draw():
        try:
            found.append(renders.export(request(figure)))
        except Unwanted as gone:
            found.append(gone)

    thread = threading.Thread(target=draw)
    thread.start()
    try:
        while renders.waited_s == 0 or renders._waits[1] is not None:
            time.sleep(0.01)
        yield found
    finally:
        renders.end()
        thread.join()


def test_what_nobody_waits_for_is_given_up_with_its_process(renderer):
    before = picture(Renders(renderer).export(request(BAR)))
    (pid,) = renderer.pids
    renders = Renders(renderer)
    with drawing(renders, HEAVY) as found:
        time.sleep(0.3)
        began = time.monotonic()
        renders.end()
    assert isinstance(found[0], Unwanted)
    assert time.monotonic() - began < 15
    assert renderer.pids == [] and not sandbox.Path(f"/proc/{pid}").exists()
    assert picture(Renders(renderer).export(request(BAR))) == before


def test_a_figure_does_not_wait_for_anothers(renderer):
    before = picture(Renders(renderer).export(request(BAR)))
    with drawing(Renders(renderer), HEAVY) as found:
        renders = Renders(renderer)
        assert picture(renders.export(request(BAR))) == before
        assert render.DRAWING_S - renders._left_s < 20
        assert not found


def test_starting_is_waiting_and_drawing_is_not(renderer):
    renderer.close()
    renders = Renders(renderer)
    began = time.monotonic()
    picture(renders.export(request(BAR)))
    took, waited = time.monotonic() - began, renders.waited_s
    assert 0 < waited < took
    assert waited + render.DRAWING_S - renders._left_s == pytest.approx(took, abs=0.5)
    picture(renders.export(request(BAR)))
    assert renders.waited_s == pytest.approx(waited, abs=0.05)


def test_waiting_has_a_limit(renderer, monkeypatch):
    monkeypatch.setattr(render, "WAIT_LIMIT_S", 0.01)
    renderer.close()
    renders = Renders(renderer)
    picture(renders.export(request(BAR)))
    assert renders.waited_s == 0.01


def test_the_figures_of_a_script_have_their_time_together(renderer, monkeypatch):
    before = picture(Renders(renderer).export(request(BAR)))
    monkeypatch.setattr(render, "DRAWING_S", 1.5)
    renders = Renders(renderer)
    with pytest.raises(RenderError, match="no image within"):
        renders.render(HEAVY)
    with pytest.raises(RenderError, match="before it took"):
        renders.render(BAR)
    monkeypatch.undo()
    assert picture(Renders(renderer).export(request(BAR))) == before


def test_memory_has_a_limit(renderer, monkeypatch):
    """And a figure that comes after others is tried by itself before that is its verdict."""
    before = picture(Renders(renderer).export(request(BAR)))
    monkeypatch.setattr(render, "MEMORY_BYTES", 500 << 20)
    reply = json.loads(Renders(renderer).export(request(BAR, 7000)))
    assert (reply["code"], reply["message"]) == (525, "drawing it takes over 500 MB")
    monkeypatch.undo()
    assert picture(Renders(renderer).export(request(BAR))) == before


def test_a_renderer_that_grew_is_not_kept(renderer, monkeypatch):
    monkeypatch.setattr(render, "KEPT_BYTES", 300 << 20)
    picture(Renders(renderer).export(request(BAR, 7000)))
    assert renderer.pids == []


BODIES = {
    "nothing": b"",
    "no JSON": b"{",
    "no text": b"\xff\xfe\x00\xd8",
    "a list": b"[]",
    "no figure": b'{"format": "png"}',
    "depth": b'{"figure": ' + b"[" * 200_000 + b"]" * 200_000 + b"}",
    "a number without end": b'{"figure": {"data": ' + b"9" * 100_000 + b"}}",
    "no size": request(BAR, width=0),
    "NaN pixels": request(BAR, scale=float("nan")),
    "pixels without end": request(BAR, scale=1e4),
    "too long": b" " * (render.REQUEST_LIMIT + 1),
}


@pytest.mark.parametrize("name", BODIES)
def test_what_is_no_request_is_refused_and_costs_no_start(renderer, name):
    picture(Renders(renderer).export(request(BAR)))
    pids = renderer.pids
    reply = json.loads(Renders(renderer).export(BODIES[name]))
    assert (reply["code"], reply["result"]) == (525, None) and reply["message"]
    assert renderer.pids == pids


# Addresses ----------------------------------------------------------------------------------------

TO = "http://127.0.0.1:1/"
STYLE = {"version": 8, "layers": []}
FOREIGN = {
    "picture of a layout": {"layout": {"images": [{"source": TO}]}},
    "picture of a template": {"layout": {"template": {"layout": {"images": [{"source": TO}]}}}},
    "picture as a trace": {"data": [{"type": "image", "source": TO}]},
    "picture of a frame": {"frames": [{"layout": {"images": [{"source": TO}]}}]},
    "file": {"layout": {"images": [{"source": "file:///etc/passwd"}]}},
    "relative file": {"layout": {"images": [{"source": "../../etc/passwd"}]}},
    "shapes": {"data": [{"type": "choropleth", "geojson": TO}]},
    "shapes on tiles": {"data": [{"type": "choroplethmapbox", "geojson": "//127.0.0.1/a.json"}]},
    "style": {"layout": {"mapbox": {"style": TO}}},
    "style of the newer kind": {"layout": {"map2": {"style": "mapbox://styles/a/b"}}},
    "style's source": {"layout": {"map": {"style": STYLE | {"sources": {"a": {"url": TO}}}}}},
    "style's tiles": {"layout": {"map": {"style": STYLE | {"sources": {"a": {"tiles": [TO]}}}}}},
    "style's data": {"layout": {"map": {"style": STYLE | {"sources": {"a": {"data": TO}}}}}},
    "style's film": {"layout": {"map": {"style": STYLE | {"sources": {"a": {"urls": [TO]}}}}}},
    "sprite": {"layout": {"map": {"style": STYLE | {"sprite": TO}}}},
    "glyphs": {"layout": {"map": {"style": STYLE | {"glyphs": TO + "{range}.pbf"}}}},
    "layer": {"layout": {"map": {"layers": [{"sourcetype": "raster", "source": [TO]}]}}},
    "layer of shapes": {"layout": {"map": {"layers": [{"source": TO}]}}},
}
OWN = {
    "text": {"layout": {"title": {"text": f"<a href='{TO}'>Source</a>"}}},
    "picture": {"layout": {"images": [{"source": "data:image/png;base64,"}]}},
    "named style": {"layout": {"mapbox": {"style": "carto-positron"}}},
    "style of letters": {"layout": {"font": {"style": "italic"}}},
    "ends of links": {"data": [{"type": "sankey", "link": {"source": [0, 1], "target": [2, 3]}}]},
    "addresses as values": {"data": [{"type": "bar", "x": [TO, TO], "customdata": [{"url": TO}]}]},
    "notes": {"layout": {"meta": {"source": TO, "url": TO}}},
    "shapes of its own": {
        "data": [{"geojson": {"source": TO, "features": [{"properties": {"url": TO}}]}}]
    },
}


@pytest.mark.parametrize("name", FOREIGN)
def test_a_figure_that_would_fetch_is_refused(name):
    assert "127.0.0.1" in (found := foreign_source(FOREIGN[name])) or found.startswith(
        ("file:", "..", "mapbox:")
    )
    assert "not data" in refusal({"figure": FOREIGN[name], "width": 9, "height": 9, "scale": 1})


@pytest.mark.parametrize("name", OWN)
def test_a_figure_that_fetches_nothing_is_drawn(renderer, name):
    assert foreign_source(OWN[name]) == ""
    if name not in ("named style", "ends of links", "shapes of its own"):
        picture(Renders(renderer).export(request({"data": [], "layout": {}} | OWN[name])))


def test_what_a_figure_says_on_addresses_in_its_config_is_left_out():
    config = {"plotlyServerURL": TO, "topojsonURL": "//127.0.0.1/", "staticPlot": True, "a": "b"}
    assert without_addresses(BAR | {"config": config})["config"] == {"staticPlot": True, "a": "b"}
    assert without_addresses(BAR) == BAR


FETCHING = {
    "shapes": ([{"type": "choropleth", "geojson": "ADDRESSgeo", "locations": ["a"], "z": [1]}], {}),
    "picture": ([], {"images": [{"source": "ADDRESSimage"}]}),
    "style": ([{"type": "scattermap", "lat": [1], "lon": [1]}], {"map": {"style": "ADDRESSstyle"}}),
    "older style": (
        [{"type": "scattermapbox", "lat": [1], "lon": [1]}], {"mapbox": {"style": "ADDRESSstyle"}},
    ),
}  # fmt: skip


@pytest.fixture(scope="module", params=["closed", "open"])
def browser(request, options, tmp_path_factory):
    """A renderer outside of all walls but its own, which lets every figure pass: its browser must
    reach nothing by itself. "open": without that one wall, which shows that these figures do
    fetch."""
    copied = tmp_path_factory.mktemp("inside") / "inside"
    shutil.copytree(sandbox.INSIDE, copied)
    with (copied / "figures.py").open("a") as stream:
        stream.write("\nrefusal = lambda request: ''\n")
    if request.param == "open":
        with (copied / "seccomp.py").open("a") as stream:
            stream.write("\nno_network = lambda: None\n")

    class Apart(Sandbox):
        @property
        def inside(self) -> str:
            return str(copied)

    found = FigureRenderer(Apart(interpreter(options.python), "none"))
    found.reached = request.param == "open"
    yield found
    found.close()


@pytest.mark.parametrize("name", FETCHING)
def test_the_browser_reaches_no_network(browser, name):
    data, layout = FETCHING[name]
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"http://127.0.0.1:{server.getsockname()[1]}/"
        body = request({"data": data, "layout": layout}).replace(b"ADDRESS", address.encode())
        renders = Renders(browser)
        thread = threading.Thread(target=export_if_wanted, args=[renders, body])
        thread.start()
        if browser.reached:
            server.settimeout(20)
            server.accept()[0].close()
            renders.end()
        thread.join()
        server.settimeout(0.1)
        if not browser.reached:
            with pytest.raises(TimeoutError):
                server.accept()


def export_if_wanted(renders, body):
    with suppress(Unwanted):
        renders.export(body)


# Scripts ------------------------------------------------------------------------------------------

EXPORT = """
import hashlib
import plotly.graph_objects as go
print(hashlib.sha256(go.Figure(go.Bar(y=[1, 2])).to_image('png')).hexdigest())
"""
ASK = """
texts = {'type': 'scatter', 'mode': 'markers+text', 'y': [0] * 200_000, 'text': 'x'}
body = json.dumps({'figure': {'data': [texts], 'layout': {}}, 'format': 'png',
                   'width': 400, 'height': 400, 'scale': 1}).encode()
def ask():
    for number in sockets():
        data = struct.pack('=cQ', b'R', len(body)) + body
        try:
            while data: data = data[os.write(number, data):]
        except OSError: pass
"""
WRITE = """
import threading, plotly.graph_objects as go
heavy = go.Figure(go.Scatter(mode='markers+text', y=[0] * 200_000, text='x'))
"""
HOGS = {
    "asks and ends": (ASK + "ask()", "ok"),
    "asks and exits": (ASK + "ask(); time.sleep(0.3); os._exit(3)", "died"),
    "asks and fails": (ASK + "ask(); time.sleep(0.3); 1 / 0", "error"),
    "waits in a thread": (
        WRITE + "threading.Thread(target=heavy.to_image, daemon=True).start(); time.sleep(1)", "ok",
    ),
    "waits too long": (WRITE + "heavy.to_image()", "timeout"),
}  # fmt: skip
SETTINGS = ["A", "B", pytest.param("notebook", marks=pytest.mark.slow)]
_exported = {}  # what the export of the innocent gave first


def exports_as_ever(attack):
    """An innocent export within a time that has no room for waiting."""
    began = time.monotonic()
    found = attack(EXPORT, timeout_s=8)
    assert (found.status, len(found.stdout_head)) == ("ok", 65)
    assert _exported.setdefault("png", found.stdout_head) == found.stdout_head
    return time.monotonic() - began


@pytest.mark.parametrize("name", mostly_slow(HOGS))
@pytest.mark.parametrize("attack", SETTINGS, indirect=True)
def test_an_export_that_its_script_has_left_holds_nobody(attack, name):
    code, status = HOGS[name]
    jammed = {"killed", "died"} if attack.setting == "notebook" else set()  # the kernel's own lines
    assert attack(code, timeout_s=2).status in {status, *jammed}
    assert exports_as_ever(attack) < 20


@pytest.mark.slow
@pytest.mark.parametrize("attack", SETTINGS, indirect=True)
def test_side_by_side_no_export_waits_for_another(attack, options):
    """One script's export takes as long as the script may; its neighbours' take what they take."""
    how = {"isolation": attack.isolation}
    how["engine"] = "notebook" if attack.setting == "notebook" else "warm"
    scripts = [Script(id="hog", code=WRITE + "heavy.to_image()")]
    scripts += [Script(id=str(n), code=EXPORT) for n in range(3)]
    found = list(run(scripts, replace(options, workers=2, timeout_s=12, **how)))
    assert {one.id: one.status for one in found} == {
        "hog": "timeout", "0": "ok", "1": "ok", "2": "ok",
    }  # fmt: skip
    assert found[-1].id == "hog"


@pytest.mark.parametrize("attack", SETTINGS, indirect=True)
def test_the_clock_stands_still_while_a_renderer_starts(attack, options):
    """The thread that starts processes is busy for longer than the script may run."""
    attack(EXPORT)
    Crew(replace(options, isolation=attack.isolation), None).services.renderer.close()
    service._starter.submit(time.sleep, 6)
    found = attack(EXPORT, timeout_s=4)
    assert (found.status, found.duration_s > 5) == ("ok", True)


@pytest.mark.slow
@pytest.mark.parametrize("attack", SETTINGS, indirect=True)
def test_the_clock_goes_on_while_a_figure_is_drawn(attack):
    began = time.monotonic()
    assert attack(WRITE + "heavy.to_image()", timeout_s=2).status == "timeout"
    assert time.monotonic() - began < 60


SHOW = """
from IPython.display import publish_display_data
def show(figure): publish_display_data({'application/vnd.plotly.v1+json': figure})
"""
SHOWN = {
    "no figure": ("show([1]); show('x'); show(None)", "RenderError"),
    "no data": ("show({'data': 5, 'layout': 'x'})", "RenderError"),
    "picture off the network": (
        "show({'data': [], 'layout': {'images': [{'source': 'http://%s:%s/' % TCP}]}})",
        "RenderError",
    ),
    "shapes off the network": (
        "show({'data': [{'type': 'choropleth', 'geojson': 'http://%s:%s/' % TCP, 'z': [1],"
        " 'locations': ['a']}], 'layout': {}})", "NeedsNetwork",
    ),
    "style off the network": (
        "show({'data': [{'type': 'scattermapbox', 'lat': [1], 'lon': [1]}],"
        " 'layout': {'mapbox': {'style': 'http://%s:%s/' % TCP}}})", "NeedsNetwork",
    ),
    "addresses in config": (
        "show({'data': [{'type': 'scattergeo', 'lat': [1], 'lon': [1]}], 'layout': {}, 'config':"
        " {'topojsonURL': 'http://%s:%s/' % TCP, 'plotlyServerURL': 'http://%s:%s/' % TCP}})",
        "NeedsNetwork",
    ),
}  # fmt: skip


@pytest.mark.parametrize("name", SHOWN)
@pytest.mark.parametrize("attack", SETTINGS, indirect=True)
def test_a_displayed_figure_that_is_refused(attack, name):
    code, kind = SHOWN[name]
    found = attack(SHOW + code)
    assert (found.status, found.error_type, found.images) == ("ok", kind, ())


@pytest.mark.slow
@pytest.mark.parametrize("attack", SETTINGS, indirect=True)
def test_displayed_figures_have_their_time_together(attack, monkeypatch):
    monkeypatch.setattr(render, "DRAWING_S", 2.0)
    code = ASK + SHOW + "heavy = json.loads(body)['figure']\nfor _ in range(9): show(heavy)"
    began = time.monotonic()
    found = attack(code)
    assert (found.status, found.error_type) == ("ok", "RenderError")
    assert found.error_message == "the figures before it took 2 s"
    assert time.monotonic() - began < 60


# Images -------------------------------------------------------------------------------------------


def chunk(name, body):
    checked = struct.pack(">I", zlib.crc32(name + body))
    return struct.pack(">I", len(body)) + name + body + checked


def png(width, height, extra=b"", interlaced=0, pixels=b""):
    head = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, interlaced)
    pixels = pixels or zlib.compress((b"\0" + b"\x55" * width) * height)
    parts = [chunk(b"IHDR", head), extra, chunk(b"IDAT", pixels), chunk(b"IEND", b"")]
    return b"\x89PNG\r\n\x1a\n" + b"".join(parts)


def interlaced(side):
    passes = ((0, 0, 8, 8), (4, 0, 8, 8), (0, 4, 4, 8), (2, 0, 4, 4), (0, 2, 2, 4), (1, 0, 2, 2),
              (0, 1, 1, 2))  # fmt: skip
    lines = [
        (b"\0" + b"\x80" * -(-(side - x) // across)) * -(-(side - y) // down)
        for x, y, across, down in passes
    ]
    return png(side, side, interlaced=1, pixels=zlib.compress(b"".join(lines)))


def frames_of(kind, count):
    first, *rest = [Image.new("RGB", (20, 20), (n % 255, n // 255, 9)) for n in range(count)]
    out = io.BytesIO()
    first.save(out, kind, save_all=True, append_images=rest)
    return out.getvalue()


def strips(count):
    """A TIFF with a strip for each row, all at one place."""
    places, after = 8 + 2 + 12 * 9 + 4, 8 + 2 + 12 * 9 + 4 + 8 * count
    tags = [(256, 1, 100), (257, 1, count), (258, 1, 8), (259, 1, 1), (262, 1, 1),
            (273, count, places), (277, 1, 1), (278, 1, 1),
            (279, count, places + 4 * count)]  # fmt: skip
    rows = b"".join(struct.pack("<HHII", tag, 4, many, value) for tag, many, value in tags)
    lists = struct.pack("<I", after) * count + struct.pack("<I", 100) * count
    return b"II*\0\x08\0\0\0" + struct.pack("<H", 9) + rows + b"\0" * 4 + lists + b"\x55" * 100


def page_that_follows_itself():
    tiff = bytearray(frames_of("TIFF", 1))
    at = struct.unpack_from("<I", tiff, 4)[0]
    struct.pack_into("<I", tiff, at + 2 + 12 * struct.unpack_from("<H", tiff, at)[0], at)
    return bytes(tiff)


def jpeg_of_markers(count):
    out = io.BytesIO()
    Image.new("L", (9, 9)).save(out, "JPEG")
    return out.getvalue()[:2] + b"\xff\xe1\0\x02" * count + out.getvalue()[2:]


def svg(body, side=4000):
    head = f'<svg xmlns="http://www.w3.org/2000/svg" width="{side}" height="{side}">'
    return f"{head}{body}</svg>".encode()


def filtered(effects):
    return svg(f'<filter id="f">{effects}</filter><rect width="4000" height="4000" '
               'filter="url(#f)"/>')  # fmt: skip


def pdf(content, form):
    """One page that shows a form, which the form may do too."""
    bodies = [
        b"<</Type/Catalog/Pages 2 0 R>>", b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents 4 0 R"
        b"/Resources<</XObject<</F 5 0 R>>>>>>",
        b"<</Length %d>>stream\n%s\nendstream" % (len(content), content),
        b"<</Type/XObject/Subtype/Form/BBox[0 0 300 200]/Resources<</XObject<</F 5 0 R>>>>"
        b"/Length %d>>stream\n%s\nendstream" % (len(form), form),
    ]  # fmt: skip
    out, places = b"%PDF-1.4\n", []
    for number, body in enumerate(bodies, 1):
        places.append(b"%010d 00000 n \n" % len(out))
        out += b"%d 0 obj%sendobj\n" % (number, body)
    table = b"xref\n0 6\n0000000000 65535 f \n" + b"".join(places)
    return out + table + b"trailer<</Size 6/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % len(out)


LIGHT = '<feDiffuseLighting><fePointLight z="1"/></feDiffuseLighting>'


@cache
def bomb():
    return zlib.compress(bytes(200 << 20), 9)


IMAGES = {  # what is decoded at its cost, or refused
    "png interlaced": lambda: interlaced(5000),
    "png with a great profile": lambda: png(9, 9, chunk(b"iCCP", b"a\0\0" + bomb())),
    "png with a great text": lambda: png(9, 9, chunk(b"zTXt", b"a\0\0" + bomb())),
    "png with more pixels than it says": lambda: png(9, 9, pixels=bomb()),
    "png of chunks": lambda: png(9, 9, chunk(b"xxXx", b"") * 200_000),
    "png without end": lambda: png(9, 9)[:-12] + chunk(b"IDAT", b"") * 200_000,
    "png of frames": lambda: frames_of("PNG", 500),
    "gif of frames": lambda: frames_of("GIF", 2_000),
    "tiff of pages": lambda: frames_of("TIFF", 500),
    "tiff of strips": lambda: strips(100_000),
    "tiff that follows itself": page_that_follows_itself,
    "webp of frames": lambda: frames_of("WEBP", 200),
    "jpeg of markers": lambda: jpeg_of_markers(200_000),
}
COSTLY = {  # what takes all that an image may take
    "svg blurred": lambda: filtered('<feGaussianBlur stdDeviation="500"/>' * 200),
    "svg widened": lambda: filtered('<feMorphology radius="400" operator="dilate"/>'),
    "svg lit": lambda: filtered(
        '<feDiffuseLighting><fePointLight z="1"/></feDiffuseLighting>' * 99
    ),
    "svg of one long line": lambda: svg(f"<text>{'é' * 1_000_000}</text>", 99),
    "pdf that shows itself": lambda: pdf(b"/F Do " * 9, b"/F Do " * 4),
}


@pytest.fixture(scope="module", params=["A", "B"])
def decoders(request, options):
    try:
        found = open_decoders(open_sandbox(options.python, request.param).isolation)
    except UserError as error:
        pytest.skip(str(error))
    yield found
    found.close()


@pytest.mark.parametrize("name", IMAGES)
def test_an_image_costs_little(decoders, name):
    data, allowance = IMAGES[name](), Allowance()
    full = allowance.left_s
    try:
        assert decoders.check(data, [], allowance).png.startswith(b"\x89PNG")
    except BadImage as error:
        assert not error.costly
    assert full - allowance.left_s < 3
    assert decoders.check(png(9, 9), []).one_colour


@pytest.mark.parametrize("name", mostly_slow(COSTLY))
def test_an_image_is_ended_where_it_costs_too_much(decoders, name):
    """With a second left of its script's allowance; no image comes after it."""
    data, allowance = COSTLY[name](), Allowance(1.0)
    with pytest.raises(BadImage) as caught:
        decoders.check(data, [], allowance)
    assert caught.value.costly
    assert -1.5 < allowance.left_s < 1
    assert decoders.check(png(9, 9), []).one_colour


def test_the_images_of_a_script_have_their_time_together(decoders):
    """Each is well within what one may take."""
    data, one, drawn = interlaced(4000), Allowance(), 0
    full = one.left_s
    decoders.check(data, [], one)
    allowance = Allowance(3 * (full - one.left_s))
    with pytest.raises(BadImage, match=r"takes over|before it took"):
        while drawn < 32:
            decoders.check(data, [], allowance)
            drawn += 1
    assert 0 < drawn < 8


@pytest.mark.parametrize("attack", SETTINGS, indirect=True)
def test_a_verdict_on_many_dear_images(attack, monkeypatch):
    """They are decoded until their time together is over. The first one is cheap: it is drawn
    however busy the machine is."""
    monkeypatch.setattr(Allowance.__init__, "__defaults__", (0.5,))
    code = (
        "from PIL import Image\nimport shutil\n"
        "Image.effect_noise((20, 20), 90).save('0.jpg')\n"
        "Image.effect_noise((1500, 1500), 90).save('1.jpg', quality=99)\n"
        "for n in range(2, 20): shutil.copy('1.jpg', f'{n}.jpg')"
    )
    began = time.monotonic()
    found = attack(code, saved_files=True)
    assert found.status == "ok" and 0 < len(found.images) < 20
    assert time.monotonic() - began < 60
