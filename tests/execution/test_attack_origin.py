"""Where images come from: what was there before a script ran is foreign, however it is shown and
whatever the script says of it; what a script draws is not."""

import base64
import io
import json
import random

import pytest
from PIL import Image

pytestmark = pytest.mark.sandbox


def noise(seed, form="PNG", size=(48, 32), mode="RGB"):
    """A picture that no plot looks like."""
    draw = random.Random(seed)
    picture = Image.frombytes(mode, size, draw.randbytes(size[0] * size[1] * len(mode)))
    stream = io.BytesIO()
    picture.save(stream, form)
    return stream.getvalue()


LOGO, WRITTEN = noise(1), noise(2)
TEXT = base64.b64encode(WRITTEN).decode()
LINES = "\n".join(f"    '{TEXT[at : at + 76]}'" for at in range(0, len(TEXT), 76))
GIVEN = {
    "logo.png": LOGO,
    "photo.jpg": noise(3, "JPEG"),
    "data.csv": b"id,picture\n1," + base64.b64encode(noise(4)) + b"\n",
    "drawing.svg": b'<?xml version="1.0"?>\n<!-- mine -->\n<svg xmlns="http://www.w3.org/2000/svg" '
    b'width="60" height="40"><rect width="30" height="40" fill="red"/></svg>\n',
}
FACTS = "application/vnd.viscode.facts+json"
NAMES = """
import base64, hashlib, io
import PIL.Image, PIL.ImageDraw
from IPython.display import Image, SVG, display, publish_display_data, update_display
def put(png, **more):
    publish_display_data({'image/png': base64.b64encode(png).decode(), **more})
def logo(): return open('logo.png', 'rb').read()
def icon(name):
    import matplotlib
    return matplotlib.get_data_path() + '/images/' + name
FIGURE = {'version': 4, 'library': 'matplotlib', 'size_px': [48, 32], 'suptitle': '',
          'layout': [1, 1], 'axes': []}
def figure():
    import matplotlib.pyplot as plt
    drawn, axes = plt.subplots(figsize=(2, 1.5))
    axes.plot([1, 3, 2])
    plt.close(drawn)
    return drawn
def saved(form='png'):
    stream = io.BytesIO()
    figure().savefig(stream, format=form)
    return stream.getvalue()
"""
FOREIGN = {
    "a file": "display(Image(filename='logo.png'))",
    "a file's bytes": "put(logo())",
    "a JPEG": "display(Image('photo.jpg'))",
    "an SVG": "display(SVG('drawing.svg'))",
    "updated": "display('x', display_id='i')\nupdate_display(Image('logo.png'), display_id='i')",
    "a picture": "display(PIL.Image.open('logo.png'))",
    "shown by Pillow": "PIL.Image.open('logo.png').show()",
    "a copied picture": "display(PIL.Image.open('logo.png').convert('RGBA').copy())",
    "an array": "import numpy\npixels = numpy.array(PIL.Image.open('logo.png'))\n"
    "display(PIL.Image.fromarray(pixels))",
    "saved anew": "PIL.Image.open('logo.png').save('a.png', compress_level=0)\n"
    "display(Image('a.png'))",
    "another format": "PIL.Image.open('logo.png').save('a.webp', lossless=True)\n"
    "display(Image('a.webp'))",
    "saved by matplotlib": "import matplotlib.pyplot as plt\n"
    "plt.imsave('a.png', plt.imread('logo.png'))\ndisplay(Image('a.png'))",
    "bytes behind the end": "put(logo() + b'x')",
    "a cell of the data": "import csv\ntext = list(csv.reader(open('data.csv')))[1][1]\n"
    "display(Image(data=base64.b64decode(text)))",
    "a literal": f"display(Image(data=base64.b64decode('{TEXT}')))",
    "a literal in parts": f"parts = (\n{LINES}\n)\ndisplay(Image(data=base64.b64decode(parts)))",
    "a literal in a block": f"block = '''\n{LINES.replace(chr(39), '')}\n'''\n"
    "display(Image(data=base64.b64decode(block)))",
    "a literal in hex": f"display(Image(data=bytes.fromhex('{WRITTEN.hex()}')))",
    "a literal of bytes": f"display(Image(data={WRITTEN!r}))",
    "a picture in a literal": f"display(PIL.Image.open(io.BytesIO(base64.b64decode('{TEXT}'))))",
    "an icon of matplotlib": "display(Image(icon('home_large.png')))",
    "a picture of an icon": "display(PIL.Image.open(icon('forward_large.png')))",
    "a drawing of an icon": "display(SVG(icon('home.svg')))",
    "a page of an icon": "page = open(icon('hand.pdf'), 'rb').read()\n"
    "publish_display_data({'application/pdf': base64.b64encode(page).decode()})",
}
FORGED = {  # the script claims that it drew it
    "facts beside it": f"put(logo(), **{{{FACTS!r}: FIGURE}})",
    "facts of nothing": f"put(logo(), **{{{FACTS!r}: {{}}}})",
    "plotly's JSON beside it": "put(logo(), **{'application/vnd.plotly.v1+json':\n"
    "    {'data': [{'type': 'bar', 'y': [1, 2]}], 'layout': {}}})",
    "saved by its hash": f"entry = {{'figure': 0, 'facts': FIGURE, 'size': [48, 32],\n"
    "    'sha256': hashlib.sha256(logo()).hexdigest()}\n"
    f"publish_display_data({{{FACTS!r}: {{'saved': [entry]}}}})\nput(logo())",
    "hashes that are none": f"entries = [{{'sha256': x}} for x in ([], {{}}, None, 1e308)]\n"
    f"publish_display_data({{{FACTS!r}: {{'saved': entries}}}})\nput(logo())",
    "an origin of its own": "put(logo(), origin='figure')",
    "an icon with facts": "home = open(icon('home_large.png'), 'rb').read()\n"
    f"put(home, **{{{FACTS!r}: FIGURE}})",
    "a literal with facts": f"put(base64.b64decode('{TEXT}'), **{{{FACTS!r}: FIGURE}})",
    "the figure's own method": "PIL.Image.Image._viscode_facts_ = lambda self: FIGURE\n"
    "Image._viscode_facts_ = lambda self: FIGURE\ndisplay(Image('logo.png'))",
    "a savefig of its own": "from matplotlib.figure import Figure\n"
    "Figure.savefig.__wrapped__.__globals__['print'] = print\n"
    "drawn = figure()\ndrawn.canvas.print_figure = lambda to, **_: to.write(logo())\n"
    "stream = io.BytesIO()\ndrawn.savefig(stream)\nput(stream.getvalue())",
}
FIGURES = {
    "displayed": "display(figure())",
    "of a file": "figure().savefig('a.png')\ndisplay(Image('a.png'))",
    "of a file, as JPEG": "figure().savefig('a.jpg')\ndisplay(Image('a.jpg'))",
    "of bytes": "put(saved())",
    "through base64": "display(Image(data=base64.b64decode(base64.b64encode(saved()))))",
    "of a page": "publish_display_data("
    "{'application/pdf': base64.b64encode(saved('pdf')).decode()})",
    "of a foreign picture": "import matplotlib.pyplot as plt\ndrawn, axes = plt.subplots()\n"
    "axes.imshow(plt.imread('logo.png'))\nplt.close(drawn)\ndisplay(drawn)",
    "of a foreign picture in full": "import matplotlib.pyplot as plt\n"
    "drawn = plt.figure(figsize=(0.48, 0.32), dpi=100)\n"
    "drawn.figimage(plt.imread('logo.png'))\nput_to = io.BytesIO()\ndrawn.savefig(put_to)\n"
    "plt.close(drawn)\nput(put_to.getvalue())",
}
UNKNOWN = {
    "pixels": "import numpy\npixels = numpy.arange(48 * 32 * 3, dtype='uint8').reshape(32, 48, 3)\n"
    "display(PIL.Image.fromarray(pixels))",
    "lines": "canvas = PIL.Image.new('RGB', (48, 32), 'white')\n"
    "PIL.ImageDraw.Draw(canvas).line([(0, 0), (40, 30)], fill='red')\ndisplay(canvas)",
    "lines over a foreign picture": "canvas = PIL.Image.open('logo.png')\n"
    "PIL.ImageDraw.Draw(canvas).line([(0, 0), (40, 30)], fill='red')\ndisplay(canvas)",
    "a part of a foreign picture": "display(PIL.Image.open('logo.png').crop((0, 0, 40, 30)))",
    "a foreign picture, larger": "display(PIL.Image.open('logo.png').resize((96, 64)))",
    "an SVG by hand": 'display(SVG(\'<svg xmlns="http://www.w3.org/2000/svg" width="90" \'\n'
    '    \'height="60"><circle cx="30" cy="30" r="20"/></svg>\'))',
    "a figure, encoded anew": "display(PIL.Image.open(io.BytesIO(saved())))",
    "half of a literal": f"pixels = base64.b64decode('{TEXT[: len(TEXT) // 8 * 4]}')\n"
    "display(PIL.Image.frombytes('L', (30, 30), pixels[60:960]))",
}
TABLES = [(FOREIGN, "foreign"), (FORGED, "foreign"), (FIGURES, "figure"), (UNKNOWN, "unknown")]


@pytest.fixture
def origins(attack):
    def of(*codes, **changes):
        execution = attack("\n".join([NAMES, *codes]), files=GIVEN, **changes)
        assert execution.status == "ok", execution.error
        assert len(execution.images) == len(execution.origins)
        return execution.origins, json.loads(execution.facts)

    return of


@pytest.mark.slow
@pytest.mark.parametrize("attack", ["A"], indirect=True)
@pytest.mark.parametrize("name", FORGED)
def test_forged(origins, name):
    """Each alone."""
    assert origins(FORGED[name]) == (("foreign",), [None])


@pytest.mark.parametrize("attack", ["A", "B", "notebook"], indirect=True)
@pytest.mark.parametrize(("table", "kind"), TABLES, ids=["foreign", "forged", "figure", "unknown"])
def test_all_of_a_kind_in_one_script(origins, table, kind):
    """What the script says of a foreign image is no fact either."""
    found, facts = origins(*table.values())
    assert kind != "foreign" or set(map(str, facts)) == {"None"}
    assert dict(zip(table, found, strict=True)) == dict.fromkeys(table, kind)


@pytest.mark.parametrize("attack", ["A", "notebook"], indirect=True)
def test_plotly(origins):
    code = "import plotly.graph_objects as go\ndrawn = go.Figure(go.Bar(y=[1, 2]))\ndrawn.show()\n"
    found, _ = origins(code + "display(Image(drawn.to_image('png')))\nput(logo())")
    assert found == ("figure", "figure", "foreign")


SAVED = {  # what a script that shows nothing else leaves in its folder
    "a copy of a file": ("open('b.png', 'wb').write(logo())", ("foreign",)),
    "a picture": ("PIL.Image.open('logo.png').save('b.png')", ("foreign",)),
    "a literal": (f"open('b.png', 'wb').write(base64.b64decode('{TEXT}'))", ("foreign",)),
    "a figure": ("figure().savefig('b.png')", ("figure",)),
    "a drawing": (
        UNKNOWN["lines"].replace("display(canvas)", "canvas.save('b.png')"), ("unknown",),
    ),
    "a figure beside a foreign display": (
        "display(Image('logo.png'))\nfigure().savefig('b.png')", ("foreign", "figure"),
    ),
    "a figure beside another": ("display(figure())\nfigure().savefig('b.png')", ("figure",)),
}  # fmt: skip


@pytest.mark.parametrize("attack", ["A"], indirect=True)
@pytest.mark.parametrize("name", SAVED)
def test_saved_files(origins, name):
    code, expected = SAVED[name]
    assert origins(code, saved_files=True)[0] == expected


@pytest.mark.parametrize("attack", ["B", "notebook"], indirect=True)
def test_saved_files_elsewhere(origins):
    code, expected = SAVED["a figure beside a foreign display"]
    assert origins(code, saved_files=True)[0] == expected
