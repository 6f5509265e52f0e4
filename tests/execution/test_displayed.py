"""What was displayed is an image, whatever its form, and nothing else is: in both engines."""

import io
import json
from dataclasses import replace
from functools import cache
from pathlib import Path

import pytest
from PIL import Image

from viscode.cli.run_scripts import Told, read_scripts
from viscode.core.records import Script
from viscode.execution.engine import run

pytestmark = pytest.mark.sandbox

ROOT = Path(__file__).parents[2]

PLT = "import matplotlib.pyplot as plt\n"
DRAW = PLT + "plt.plot([1, 2, 4])\nplt.title('t')\n"
GO = "import plotly.graph_objects as go\nf = go.Figure(go.Bar(x=['a', 'b'], y=[3, 5]))\n"
PIO = GO + "import plotly.io as pio\n"
OFFLINE = GO + "import plotly.offline as off\n"
DISPLAY = "from IPython.display import display, Image, SVG, HTML, publish_display_data\n"
SHAPES = """import plotly.express as px, plotly.graph_objects as go
def shape(name, x):
    ring = [[x, 0], [x, 9], [x + 9, 9], [x + 9, 0], [x, 0]]
    return {"type": "Feature", "id": name, "properties": {"name": name},
            "geometry": {"type": "Polygon", "coordinates": [ring]}}
shapes = {"type": "FeatureCollection", "features": [shape("a", 0), shape("b", 14)]}
"""
NO_LAYERS = "showland=False, showcoastlines=False, showlakes=False, showcountries=False"
POINTS = (
    "import plotly.graph_objects as go\nf = go.Figure(go.Scattergeo(lon=[1, 20], lat=[3, 9]))\n"
)
TILES = "import plotly.express as px\nf = px.scatter_mapbox(lat=[1, 2], lon=[3, 4])\n"
OK, MAP = ("ok", ""), ("ok", "NeedsNetwork")

SHOWN = {  # name: (code, (status, error type), number of images)
    # matplotlib's inline formats
    "svg magic": ("%config InlineBackend.figure_format = 'svg'\n" + DRAW + "plt.show()", OK, 1),
    "jpeg magic": ("%config InlineBackend.figure_format = 'jpeg'\n" + DRAW, OK, 1),
    "pdf magic": ("%config InlineBackend.figure_format = 'pdf'\n" + DRAW, OK, 1),
    "retina magic": ("%config InlineBackend.figure_format = 'retina'\n" + DRAW, OK, 1),
    "three formats": (
        "%config InlineBackend.figure_formats = {'svg', 'png', 'pdf'}\n" + DRAW, OK, 1,
    ),
    "set_matplotlib_formats": (
        "from matplotlib_inline.backend_inline import set_matplotlib_formats\n"
        "set_matplotlib_formats('svg')\n" + DRAW + "plt.figure()\nplt.bar([1], [2])", OK, 2,
    ),
    "svg expression": (
        "%config InlineBackend.figure_format = 'svg'\n" + DRAW + "g = plt.gcf()\nplt.close()\ng",
        OK, 1,
    ),
    # IPython's displays of what was drawn elsewhere
    "SVG of a buffer": (
        DISPLAY + DRAW + "import io\nb = io.BytesIO()\nplt.savefig(b, format='svg')\nplt.close()\n"
        "display(SVG(b.getvalue()))", OK, 1,
    ),
    "SVG by hand": (
        DISPLAY + "SVG('<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"90\" height=\"60\">"
        "<circle cx=\"30\" cy=\"30\" r=\"20\"/></svg>')", OK, 1,
    ),
    "Image of a JPEG": (
        DISPLAY + DRAW + "plt.savefig('a.jpg')\nplt.close()\ndisplay(Image('a.jpg'))", OK, 1,
    ),
    "Image of a GIF": (
        DISPLAY + DRAW + "plt.savefig('a.png')\nplt.close()\nimport PIL.Image\n"
        "PIL.Image.open('a.png').save('a.gif')\ndisplay(Image('a.gif'))", OK, 1,
    ),
    "PDF of a file": (
        DISPLAY + DRAW + "import base64\nplt.savefig('a.pdf')\nplt.close()\n"
        "pdf = base64.b64encode(open('a.pdf', 'rb').read()).decode()\n"
        "publish_display_data({'application/pdf': pdf})", OK, 1,
    ),
    "HTML alone": (DISPLAY + "HTML('<b>x</b>')", OK, 0),
    # plotly's renderers
    **{
        f"renderer {name}": (GO + f"f.show(renderer={name!r})", OK, 1)
        for name in (
            *("notebook", "notebook_connected", "colab", "kaggle", "azure", "cocalc", "vscode"),
            *("svg", "jpeg", "png", "pdf", "browser", "chrome", "iframe", "iframe_connected"),
            *("databricks", "sphinx_gallery", "sphinx_gallery_png", "png+notebook"),
            *("notebook+browser", "json+browser", "svg+png+pdf"),
        )
    },
    "renderer json": (GO + "f.show(renderer='json')", OK, 0),
    "no such renderer": (GO + "f.show(renderer='paper')", ("error", "ValueError"), 0),
    "default notebook": (PIO + "pio.renderers.default = 'notebook'\nf.show()\nf.show()", OK, 2),
    "default browser": (PIO + "pio.renderers.default = 'browser'\nf", OK, 1),
    "default iframe": (PIO + "pio.renderers.default = 'iframe'\npio.show(f)", OK, 1),
    "display": (DISPLAY + PIO + "pio.renderers.default = 'colab'\ndisplay(f)", OK, 1),
    "renderer of one's own": (
        PIO + "from plotly.io.base_renderers import ExternalRenderer\n"
        "class Mine(ExternalRenderer):\n    def render(self, fig): print('mine')\n"
        "pio.renderers['mine'] = Mine()\nf.show(renderer='mine')", OK, 0,
    ),
    # plotly's offline mode
    "iplot": (OFFLINE + "off.init_notebook_mode()\noff.iplot(f)", OK, 1),
    "iplot connected": (OFFLINE + "off.init_notebook_mode(connected=True)\noff.iplot(f)", OK, 1),
    "init_notebook_mode": (OFFLINE + "off.init_notebook_mode()", OK, 0),
    "plot": (OFFLINE + "off.plot(f)", OK, 1),
    "plot auto_open": (OFFLINE + "off.plot(f, filename='a.html', auto_open=True)", OK, 1),
    "plot to a file": (
        OFFLINE + "off.plot(f, filename='a.html', auto_open=False)\n"
        "assert '<div' in open('a.html').read()", OK, 0,
    ),
    "plot to a div": (OFFLINE + "assert '<div' in off.plot(f, output_type='div')", OK, 0),
    "write_html": (GO + "f.write_html('a.html')", OK, 0),
    "write_html auto_open": (GO + "f.write_html('a.html', auto_open=True)", OK, 1),
    "write_html without file": (GO + "f.write_html()", ("error", "TypeError"), 0),
    "exports in a row": (GO + "for _ in range(60): f.to_image('svg', width=40, height=40)", OK, 0),
    # maps
    "own shapes": (
        SHAPES + "f = px.choropleth(geojson=shapes, locations=['a', 'b'], color=[1, 2])\n"
        "f.update_geos(visible=False, fitbounds='locations')\nf.show()", OK, 1,
    ),
    "own shapes, layers off": (
        SHAPES + "f = px.choropleth(geojson=shapes, locations=['a', 'b'], color=[1, 2])\n"
        f"f.update_geos({NO_LAYERS}, scope='africa')\nf.show(renderer='png')", OK, 1,
    ),
    "own shapes by key": (
        SHAPES + "go.Figure(go.Choropleth(geojson=shapes, featureidkey='properties.name',"
        " locations=['a', 'b'], z=[1, 2])).update_geos(visible=False, fitbounds='geojson')", OK, 1,
    ),
    "own shapes exported": (
        SHAPES + "f = px.choropleth(geojson=shapes, locations=['a', 'b'], color=[1, 2])\n"
        "f.update_geos(visible=False)\nf.write_image('a.png')", OK, 0,
    ),
    "points without layers": (POINTS + "f.update_geos(visible=False)\nf", OK, 1),
    "own shapes on plain ground": (
        SHAPES + "px.choropleth_mapbox(geojson=shapes, locations=['a', 'b'], color=[1, 2], zoom=3,"
        " mapbox_style='white-bg', center={'lat': 4, 'lon': 9})", OK, 1,
    ),
    "points on coasts": (POINTS + "f", MAP, 0),
    "own shapes on countries": (
        SHAPES + "f = px.choropleth(geojson=shapes, locations=['a', 'b'], color=[1, 2])\n"
        "f.update_geos(visible=False, showcountries=True)", MAP, 0,
    ),
    "countries without layers": (
        "import plotly.express as px\n"
        "px.choropleth(locations=['FRA'], color=[1]).update_geos(visible=False)", MAP, 0,
    ),
    "shapes at an address": (
        "import plotly.express as px\npx.choropleth(geojson='https://example.com/a.json',"
        " locations=['a'], color=[1]).update_geos(visible=False)", MAP, 0,
    ),
    "tiles": (TILES + "f.update_layout(mapbox_style='open-street-map')", MAP, 0),
    # figures that are shown when the cell is over, or cannot be
    "ioff as context": (
        PLT + "with plt.ioff():\n    f = plt.figure()\nf.add_subplot().plot([1, 2, 3])", OK, 1,
    ),
    "ioff around all": (
        PLT + "with plt.ioff():\n    f, a = plt.subplots()\n    a.plot([1, 2, 3])", OK, 1,
    ),
    "ioff, then closed": (
        PLT + "with plt.ioff():\n    f, a = plt.subplots()\na.plot([1, 2])\nplt.close(f)", OK, 0,
    ),
    "usetex": (
        PLT + "plt.rcParams['text.usetex'] = True\nplt.plot([1, 2])\nplt.xlabel('$x$')",
        ("error", "RuntimeError"), 0,
    ),
    "usetex shown": (
        PLT + "plt.rc('text', usetex=True)\nplt.plot([1, 2])\nplt.show()",
        ("error", "RuntimeError"), 0,
    ),
    "usetex displayed": (
        DISPLAY + PLT + "f, a = plt.subplots()\na.set_title('t', usetex=True)\nplt.close()\n"
        "display(f)", ("error", "RuntimeError"), 0,
    ),
    "usetex in one of two": (
        PLT + "plt.plot([1, 2])\nplt.figure()\nplt.title('t', usetex=True)",
        ("error", "RuntimeError"), 1,
    ),
}  # fmt: skip
LATEX = [name for name in SHOWN if name.startswith("usetex")]
WITH_FACTS = [
    *("svg magic", "jpeg magic", "pdf magic", "three formats", "svg expression", "Image of a JPEG"),
    *("SVG of a buffer", "PDF of a file", "renderer notebook", "renderer svg", "renderer png"),
    *("renderer browser", "iplot", "plot", "own shapes"),
]


@pytest.fixture(scope="module")
def verdicts(options, asked):
    """verdicts(engine): the scripts that are asked for, in one run."""

    @cache
    def of(engine):
        scripts = [Script(id=n, code=SHOWN[n][0]) for n in SHOWN if n in asked(engine)]
        return {e.id: e for e in run(scripts, replace(options, engine=engine))}

    return of


@pytest.mark.parametrize("engine", ["warm", "notebook"])
@pytest.mark.parametrize("name", SHOWN)
def test_shown(verdicts, name, engine):
    found = verdicts(engine)[name]
    _, outcome, count = SHOWN[name]
    assert ((found.status, found.error_type), len(found.images)) == (outcome, count), found.error
    assert not any(found.blank)


@pytest.mark.parametrize("name", SHOWN)
def test_both_engines_show_the_same(verdicts, name):
    warm, notebook = verdicts("warm")[name], verdicts("notebook")[name]
    assert (warm.images, warm.facts) == (notebook.images, notebook.facts)


@pytest.mark.parametrize("engine", ["warm"])
@pytest.mark.parametrize("name", WITH_FACTS)
def test_facts_come_along(verdicts, name, engine):
    (facts,) = json.loads(verdicts(engine)[name].facts)
    assert facts["axes"][0]["kinds"]


@pytest.mark.parametrize("engine", ["warm", "notebook"])
@pytest.mark.parametrize("name", LATEX)
def test_the_error_names_latex(verdicts, name, engine):
    found = verdicts(engine)[name]
    assert "latex" in found.error_message and "latex" in found.error


def test_an_svg_looks_like_the_png(execute):
    """The same figure in both forms, at the same size."""
    code = "%config InlineBackend.figure_formats = [{!r}]\n" + DRAW
    svg, png = (execute(code.format(form)).images[0] for form in ("svg", "png"))
    size = (300, 200)
    pictures = [Image.open(io.BytesIO(one)).convert("L").resize(size) for one in (svg, png)]
    pairs = zip(*(picture.tobytes() for picture in pictures), strict=True)
    assert sum(abs(one - other) for one, other in pairs) / (size[0] * size[1]) < 6


SAVED = {  # name: (code, number of images)
    "svg": (DRAW + "plt.savefig('a.svg')", 1),
    "svgz": (DRAW + "plt.savefig('a.svgz')", 1),
    "pdf": (DRAW + "plt.savefig('a.pdf')", 1),
    "webp": (DRAW + "plt.savefig('a.webp')", 1),
    "tiff": (DRAW + "plt.savefig('a.tiff')", 1),
    "png and pdf": (DRAW + "plt.savefig('a.png')\nplt.savefig('b.pdf')", 1),
    "pdf, svg and png": (DRAW + "for e in ('pdf', 'svg', 'png'): plt.savefig('a.' + e)", 1),
    "svg and pdf": (DRAW + "plt.savefig('a.svg')\nplt.savefig('a.pdf')", 1),
    "changed between": (DRAW + "plt.savefig('a.png')\nplt.title('u')\nplt.savefig('b.pdf')", 2),
    "two figures": (DRAW + "plt.savefig('a.svg')\nplt.figure()\nplt.bar([1], [2])\n"
                    "plt.savefig('b.pdf')\nplt.close('all')", 2),
    "twice as png": (DRAW + "plt.savefig('a.png')\nplt.savefig('b.png', dpi=50)", 2),
    "format of the settings": (DRAW + "plt.rc('savefig', format='svg')\nplt.savefig('a')", 1),
    "pages": (DRAW + "from matplotlib.backends.backend_pdf import PdfPages\n"
              "with PdfPages('a.pdf') as p: p.savefig()", 1),
    "plotly png and svg": (GO + "f.write_image('a.png')\nf.write_image('a.svg')", 1),
    "plotly pdf": (GO + "f.write_image('a.pdf')", 1),
    "eps": (DRAW + "plt.savefig('a.eps')", 0),
    "html": (GO + "f.write_html('a.html')", 0),
}  # fmt: skip


@pytest.fixture(scope="module")
def saved(options, asked):
    @cache
    def of(engine):
        end = "\nplt = plt.close('all') if 'plt' in globals() else 0"
        scripts = [Script(id=n, code=SAVED[n][0] + end) for n in SAVED if n in asked(engine)]
        return {e.id: e for e in run(scripts, replace(options, engine=engine, saved_files=True))}

    return of


@pytest.mark.parametrize("engine", ["warm", "notebook"])
@pytest.mark.parametrize("name", SAVED)
def test_saved(saved, name, engine):
    found = saved(engine)[name]
    assert (found.status, len(found.images)) == ("ok", SAVED[name][1])
    assert not found.images or None not in json.loads(found.facts)


def test_saved_drawings_do_not_count_unless_asked(execute):
    assert execute(DRAW + "plt.savefig('a.svg')\nplt.close()").images == ()


# What stands in ../shared/cases/README.md; None: any error type.
CASES = {
    "svg_config": (OK, 1), "renderer_notebook": (OK, 1), "choropleth_own_shapes": (OK, 1),
    "choropleth_base_map": (MAP, 0), "usetex_no_show": (("error", "RuntimeError"), 0),
    "ioff_context": (OK, 1), "offline_plot": (OK, 0),
}  # fmt: skip


@pytest.mark.parametrize("engine", ["warm", pytest.param("notebook", marks=pytest.mark.slow)])
def test_inputs_that_failed(options, engine):
    folder = ROOT.parent / "shared" / "cases" / "scripts"
    if not folder.is_dir():
        pytest.skip(f"no {folder}")
    scripts = list(read_scripts([folder / f"{name}.py" for name in CASES], [], Told(print)))
    found = {e.id: e for e in run(scripts, replace(options, engine=engine))}
    outcomes = {
        i.split("/")[-1]: ((e.status, e.error_type), len(e.images)) for i, e in found.items()
    }
    assert outcomes == {f"{name}.py": expected for name, expected in CASES.items()}
