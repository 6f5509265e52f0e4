"""Figure facts of many chart kinds, read off figures that a script drew."""

import io
import json

import pytest
from PIL import Image, ImageChops

pytestmark = pytest.mark.sandbox

SETUP = (
    "import numpy as np, matplotlib.pyplot as plt\nx = np.arange(8.)\ny = x ** 2\n"
    "z = np.outer(x, x)\nfig, ax = plt.subplots()\n"
)
THREE = (
    SETUP + "plt.close()\nfig, ax = plt.subplots(subplot_kw={'projection': '3d'})\n"
    "X, Y = np.meshgrid(x, x)\n"
)
SEABORN = (
    SETUP + "import seaborn as sns, pandas as pd\n"
    "d = pd.DataFrame({'a': y, 'g': list('aabbaabb')})\n"
)
KINDS = {
    "line": SETUP + "ax.plot(x, y)",
    "scatter": SETUP + "ax.scatter(x, y)",
    "markers": SETUP + "ax.plot(x, y, 'o')",
    "bar": SETUP + "ax.bar(x, y)",
    "barh": SETUP + "ax.barh(x, y)",
    "hist": SETUP + "ax.hist(y, bins=3)",
    "hist step": SETUP + "ax.hist(y, histtype='step')",
    "box": SETUP + "ax.boxplot([x, y])",
    "violin": SETUP + "ax.violinplot([x, y])",
    "pie": SETUP + "ax.pie([1, 2])",
    "image": SETUP + "ax.imshow(np.zeros((2, 2, 3)) + .5)",
    "heatmap": SETUP + "ax.imshow(z)",
    "pcolormesh": SETUP + "ax.pcolormesh(z)",
    "hexbin": SETUP + "ax.hexbin(x, y)",
    "contour": SETUP + "ax.contourf(z)",
    "area": SETUP + "ax.fill_between(x, y)",
    "stack": SETUP + "ax.stackplot(x, y, y)",
    "errorbar": SETUP + "ax.errorbar(x, y, yerr=1)",
    "step": SETUP + "ax.step(x, y)",
    "stem": SETUP + "ax.stem(x, y)",
    "quiver": SETUP + "ax.quiver(x, y, x, y)",
    "surface": THREE + "ax.plot_surface(X, Y, z)",
    "wireframe": THREE + "ax.plot_wireframe(X, Y, z)",
    "bar 3d": THREE + "ax.bar3d(x, x, 0, 1, 1, y)",
    "scatter 3d": THREE + "ax.scatter(x, x, y)",
    "seaborn hist": SEABORN + "sns.histplot(d, x='a', ax=ax)",
    "seaborn box": SEABORN + "sns.boxplot(d, x='g', y='a', ax=ax)",
    "seaborn violin": SEABORN + "sns.violinplot(d, x='g', y='a', ax=ax)",
    "seaborn bar": SEABORN + "sns.barplot(d, x='g', y='a', ax=ax, errorbar=None)",
    "seaborn heatmap": SEABORN + "sns.heatmap(z, ax=ax)",
}
EXPECTED = {
    "markers": "scatter",
    "barh": "bar",
    "hist step": "hist",
    "pcolormesh": "heatmap",
    "hexbin": "heatmap",
    "stack": "area",
    "bar 3d": "bar",
    "scatter 3d": "scatter",
    "seaborn hist": "hist",
    "seaborn box": "box",
    "seaborn violin": "violin",
    "seaborn bar": "bar",
    "seaborn heatmap": "heatmap",
}


def test_kinds(execute):
    """All in one script, a figure each: what a kernel costs is not what is tested here."""
    code = "\n".join(f"{body}\nplt.show()" for body in KINDS.values())
    code = "from IPython.display import display\n" + code
    execution = execute(code)
    assert execution.status == "ok", execution.error
    found = [entry["axes"][0]["kinds"] for entry in json.loads(execution.facts)]
    expected = [[EXPECTED.get(name, name)] for name in KINDS]
    assert dict(zip(KINDS, found, strict=True)) == dict(zip(KINDS, expected, strict=True))


SNS = "import seaborn as sns\n"
HIST, LINE, ERRORS = ("hist", 3), ("line", 200), ("errorbar", 0)
SERIES = {  # code -> (kind, points) of each series
    "lying bars that touch": ("ax.barh(x, 1 + x, left=x)", [("bar", 8)]),
    "one after the other": ("ax.barh(list('abc'), [3, 2, 4], left=[0, 3, 5])", [("bar", 3)]),
    "categories that touch": ("ax.bar(list('abcd'), [1, 2, 3, 4], width=1)", [("bar", 4)]),
    "counts of another": (
        "n, e = np.histogram(y, 4)\nax.bar(e[:-1], n, np.diff(e), align='edge')",
        [("hist", 4)],
    ),
    "lying counts of another": (
        "n, e = np.histogram(y, 4)\nax.barh(e[:-1], n, np.diff(e), align='edge')",
        [("hist", 4)],
    ),
    "outlines": ("ax.hist([x, y], histtype='step')", [("hist", 0)] * 2),
    "filled outline": ("ax.hist(y, histtype='stepfilled')", [("hist", 0)]),
    "pieces": ("ax.broken_barh([(1, 2), (4, 1)], (0, 1))", [("bar", 1)]),
    "density over a histogram": (SNS + "sns.histplot(y, bins=3, kde=True)", [HIST, LINE]),
    "outline of seaborn": (
        SNS + "sns.histplot(y, bins=3, element='step', fill=False)",
        [("hist", 0)],
    ),
    "bars with errors": (SNS + "sns.barplot(x=list('ppqq'), y=y[:4])", [("bar", 2), ERRORS]),
    "means with errors": (
        SNS + "sns.pointplot(x=list('ppqq'), y=y[:4])",
        [("errorbar", 0), ("line", 2)],
    ),
    "groups of bars": (
        SNS + "sns.barplot(x=list('ppqq'), y=y[:4], hue=list('rsrs'))",
        [("bar", 2), ("bar", 2), ERRORS],
    ),
    "groups of boxes": (
        SNS + "sns.boxplot(x=list('ppqq'), y=y[:4], hue=list('rsrs'))",
        [("box", 4)],
    ),
}


def test_what_counts_as_one_thing_drawn(execute):
    code = "\n".join(f"{SETUP}{body}\nplt.show()" for body, _ in SERIES.values())
    execution = execute("from IPython.display import display\n" + code)
    assert execution.status == "ok", execution.error
    found = [
        sorted((one["kind"], one["points"]) for one in entry["axes"][0]["series"])
        for entry in json.loads(execution.facts)
    ]
    expected = {name: sorted(wanted) for name, (_, wanted) in SERIES.items()}
    assert dict(zip(SERIES, found, strict=True)) == expected


LEGENDS = {
    "of the figure": ("ax.plot(x, label='a')\nfig.legend()", ["a"]),
    "of the axes": ("ax.plot(x, label='a')\nax.legend()\nfig.legend(labels=['b'])", ["a"]),
    "none": ("ax.plot(x, label='a')", []),
}


def test_a_legend_of_the_figure_is_that_of_its_only_axes(execute):
    code = "\n".join(f"{SETUP}{body}\nplt.show()" for body, _ in LEGENDS.values())
    execution = execute(code)
    assert execution.status == "ok", execution.error
    found = [entry["axes"][0]["legend"] for entry in json.loads(execution.facts)]
    assert found == [entries for _, entries in LEGENDS.values()]


def test_all_parts_of_a_figure(execute):
    code = (
        SETUP
        + """
plt.close()
fig, (left, right) = plt.subplots(1, 2)
left.plot(x, y, label='squares', color='red'); left.legend(); left.grid(True)
left.set(title='T', xlabel='X', ylabel='Y', yscale='log', xlim=(0, 10)); left.text(1, 1, 'note')
fig.colorbar(right.imshow(z), ax=right); fig.suptitle('Both')
"""
    )
    (facts,) = json.loads(execute(code).facts)
    left, right = facts["axes"]
    assert (facts["library"], facts["suptitle"], facts["layout"]) == ("matplotlib", "Both", [1, 2])
    assert (left["title"], left["xlabel"], left["ylabel"], left["xscale"], left["yscale"]) == (
        "T",
        "X",
        "Y",
        "linear",
        "log",
    )
    assert left["series"] == [
        {
            "kind": "line",
            "label": "squares",
            "points": 8,
            "color": "#ff0000",
            "x": [0.0, 7.0],
            "y": [0.0, 49.0],
            "form": "",
            "horizontal": False,
            "arrangement": "",
            "dash": "",
            "marker": "",
            "marks": 1,
            "colors": ["#ff0000"],
            "colormap": "",
            "order": "",
            "translucent": False,
            "outlined": False,
            "sized": False,
            "valued": False,
        }
    ]
    assert (left["legend"], left["grid"], left["annotations"], left["xlim"]) == (
        ["squares"],
        True,
        ["note"],
        [0, 10],
    )
    assert (right["kinds"], right["colorbar"], left["colorbar"]) == (["heatmap"], True, False)


RED = "ax.set_facecolor('red'); ax.spines[:].set_visible(False); ax.axis('off'); ax.add_patch("
RED += "plt.Rectangle((0, 0), 1, 1, transform=ax.transAxes, color='red'))\n"


AREAS = {
    "displayed": "",
    "saved": "fig.savefig('a.png'); plt.close()",
    "saved and displayed": "fig.savefig('a.png', dpi=50)",
}


@pytest.mark.parametrize("engine", ["warm", "notebook"])
@pytest.mark.parametrize("name", AREAS)
def test_an_axes_area_is_where_the_axes_is_in_the_image(execute, engine, name):
    """The axes is painted red, so the image itself says where it is."""
    code = (
        SETUP
        + "ax.set_position([0.3, 0.2, 0.5, 0.6])\n"
        + RED
        + "ax.plot(x, y)\nfig.text(0, 0, 'corner')\n"
        + AREAS[name]
    )
    execution = execute(code, engine=engine, saved_files=True)
    image = Image.open(io.BytesIO(execution.images[0])).convert("RGB")
    (axes,) = json.loads(execution.facts)[0]["axes"]
    r, g, b = (
        band.point(lambda v, t=t: 255 * (v > t))
        for band, t in zip(image.split(), (200, 60, 60), strict=True)
    )
    red = ImageChops.subtract(r, ImageChops.add(g, b))
    shares = [v / image.size[i % 2] for i, v in enumerate(red.getbbox())]
    assert axes["area"] == pytest.approx(shares, abs=0.02)


INVISIBLE = {
    "white line": ("ax.plot(x, y, color='white')", True),
    "not a number": ("ax.plot(x, x * float('nan'))", True),
    "transparent": ("ax.scatter(x, y, alpha=0)", True),
    "outside of the limits": ("ax.plot(x, y); ax.set(xlim=(100, 101))", True),
    "a uniform image": ("ax.imshow(z * 0)", True),
    "one of two": ("ax.plot(x, y, color='white'); fig.add_axes([0, 0, .1, .1]).plot(x)", False),
    "visible": ("ax.plot(x, y)", False),
}


def test_a_plot_that_shows_nothing_inside_its_axes_is_blank(execute):
    execution = execute("\n".join(f"{SETUP}{code}\nplt.show()" for code, _ in INVISIBLE.values()))
    expected = {name: blank for name, (_, blank) in INVISIBLE.items()}
    assert execution.status == "ok", execution.error
    assert dict(zip(INVISIBLE, execution.blank, strict=True)) == expected


BUFFER = "import io\nfrom PIL import Image\nb = io.BytesIO()\n"
RETURNED = {
    "matplotlib": SETUP + BUFFER + "ax.bar(x, y)\nfig.savefig(b, format='png')\nplt.close()\n"
    "b.seek(0)\nImage.open(b)",
    "to_image": BUFFER + "import plotly.graph_objects as go\nf = go.Figure(go.Bar(x=[1], y=[2]))\n"
    "Image.open(io.BytesIO(f.to_image(format='png')))",
    "write_image": BUFFER + "import plotly.graph_objects as go\nf = go.Figure(go.Bar(x=[1], y=[2]))"
    "\nf.write_image(b, format='png')\nb.seek(0)\nImage.open(b)",
}


@pytest.mark.parametrize("name", RETURNED)
def test_facts_of_figures_that_came_back_as_pil_images(name, execute):
    execution = execute(RETURNED[name])
    assert (execution.status, len(execution.images)) == ("ok", 1), execution.error
    (facts,) = json.loads(execution.facts)
    assert facts["axes"][0]["kinds"] == ["bar"]


def test_saved_files_are_paired_by_content(execute):
    code = SETUP + (
        "ax.bar(x, y)\nfig.savefig('z.png')\nplt.close()\nplt.figure()\nplt.plot(x)\n"
        "plt.savefig('a.png')\nplt.close()"
    )
    found = json.loads(execute(code, saved_files=True).facts)
    assert [entry["axes"][0]["kinds"] for entry in found] == [["line"], ["bar"]]
