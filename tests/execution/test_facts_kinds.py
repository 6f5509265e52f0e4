"""Figure facts of many chart kinds, read off figures that a script drew."""

import json

import pytest

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
    assert left["series"] == [{"kind": "line", "label": "squares", "points": 8, "color": "#ff0000"}]
    assert (left["legend"], left["grid"], left["annotations"], left["xlim"]) == (
        ["squares"],
        True,
        ["note"],
        [0, 10],
    )
    assert (right["kinds"], right["colorbar"], left["colorbar"]) == (["heatmap"], True, False)


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
