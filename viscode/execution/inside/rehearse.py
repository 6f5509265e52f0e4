"""What a warm process does once before it becomes scripts: import, draw, fail, read sources.

Imports are those of plotting scripts; drawing reads the fonts; failing loads what makes tracebacks.
Nothing of it may be seen by a script: no pyplot figure and no inline backend, because a script that
chooses its own must find none chosen, and no name, count or last error in the shell.
"""

from __future__ import annotations

import importlib
import sys
from typing import Any

IMPORTS = """
numpy pandas
matplotlib.figure matplotlib.backends.backend_agg mpl_toolkits.mplot3d matplotlib.pyplot
IPython.core.pylabtools IPython.display seaborn
plotly.graph_objects plotly.express plotly.subplots plotly.figure_factory plotly.io._kaleido
pandas.plotting._matplotlib
scipy.stats scipy.optimize scipy.interpolate scipy.signal scipy.cluster.hierarchy scipy.ndimage
scipy.spatial scipy.integrate scipy.fft scipy.sparse.linalg scipy.special
statsmodels.api statsmodels.formula.api
sklearn.datasets sklearn.linear_model sklearn.cluster sklearn.decomposition sklearn.metrics
sklearn.model_selection sklearn.ensemble sklearn.svm sklearn.inspection sklearn.tree
networkx PIL.Image PIL.PngImagePlugin nbformat jsonschema html tornado.platform.asyncio
"""
SOURCES = """
pandas.core.frame pandas.core.indexes.base pandas.core.generic
matplotlib.axes._axes matplotlib.axes._base matplotlib.artist matplotlib.lines
plotly.basedatatypes numpy.core.fromnumeric
"""  # the modules that the tracebacks of failing scripts quote most
CELLS = (
    "None",
    "print('x'",
    "def f():\n    return undefined_name\nf()",
    """
import pandas as pd, plotly.express as px
d = pd.DataFrame({"a": [1, 2], "b": [3, 4], "c": ["x", "y"], "t": pd.to_datetime(["2020", "2021"])})
px.scatter(d, x="t", y="b", color="c", title="t").to_json()
px.bar(d, x="a", y="b", color="c").to_json()
px.imshow([[1, 2], [3, 4]]).to_json()
""",
    """
import plotly.graph_objects as go
from plotly.subplots import make_subplots
figure = make_subplots(rows=1, cols=2, subplot_titles=("a", "b"))
line, marker = dict(color="red", dash="dot", width=2), dict(size=4, color="red", symbol="x")
figure.add_trace(go.Scatter(x=[1, 2], y=[2, 3], mode="lines+markers", line=line, marker=marker))
figure.add_trace(go.Bar(x=["a"], y=[1], text=["t"], marker_color="blue"), row=1, col=2)
figure.update_layout(title="t", width=300, height=300, margin=dict(l=1), template="plotly_white",
                     legend=dict(title="l", x=0, y=1, orientation="h"), showlegend=True)
figure.update_xaxes(title_text="x", showgrid=True, tickangle=45)
figure.add_annotation(x=1, y=1, text="n", showarrow=False)
figure.add_hline(y=1)
for one in (go.Heatmap(z=[[1]]), go.Pie(values=[1], labels=["a"]), go.Histogram(x=[1]),
            go.Box(y=[1]), go.Violin(y=[1]), go.Scatter3d(x=[1], y=[1], z=[1]),
            go.Surface(z=[[1, 2], [3, 4]]), go.Contour(z=[[1, 2], [3, 4]])):
    go.Figure(one).to_json()
figure.to_json()
""",
    """
import io
import numpy as np
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
figure = Figure()
axes = FigureCanvasAgg(figure).figure.subplots(1, 2)
axes[0].plot(np.array(["2020-01-01", "2020-02-01"], dtype="datetime64"), [1, 2], "o-", label="a")
axes[0].set(title="Title", xlabel="$x^2$", ylabel="y", yscale="log")
axes[0].legend()
figure.colorbar(axes[1].imshow(np.eye(3)))
figure.savefig(io.BytesIO(), format="png", bbox_inches="tight")
figure.add_subplot(projection="3d").plot_surface(*np.meshgrid([0, 1], [0, 1]), np.eye(2))
""",
)
TYPICAL = """
import numpy as np
import pandas as pd
import matplotlib.pyplot as plt
plt.figure(figsize=(6, 4))
plt.plot(np.arange(3), [0, 1, 2], label="a")
plt.title("t")
plt.xlabel("x")
plt.legend()
plt.show()
pd.DataFrame({"a": [1]})["Sales"]
"""


def rehearse(shell: Any) -> None:
    for name in IMPORTS.split():
        try:
            importlib.import_module(name)
        except ImportError:  # another environment may not have it
            continue
    names = set(shell.user_ns)
    for cell in CELLS:
        shell.run_cell(cell, store_history=False, silent=True)
    for name in set(shell.user_ns) - names:
        del shell.user_ns[name]
    for name in ("last_type", "last_value", "last_traceback"):
        if hasattr(sys, name):
            delattr(sys, name)
    shell._last_traceback = None
    read_sources()


def read_sources() -> None:
    """Read the sources that tracebacks quote as a traceback does, so that their texts and trees are
    there: each takes a tenth of a second, as long as all else that a failing script does."""
    from stack_data import Source

    for name in SOURCES.split():
        if name in sys.modules and (file := sys.modules[name].__file__):
            _ = Source.for_filename(file).pieces
