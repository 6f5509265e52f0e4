"""Marks what certain methods draw: the artists that appear while one runs carry its kind or form.

For what a class does not tell: a violin and a filled band are the same polygons, and the nodes of a
network are a scatter plot's points.
"""

from __future__ import annotations

import functools
from collections.abc import Callable
from typing import Any

KIND_MARK = "_viscode_kind"
FORM_MARK = "_viscode_form"
COUNT_MARK = "_viscode_count"
LYING_MARK = "_viscode_lying"
TAGGED = {  # module: what draws -> "kind/form" of what it draws, one of them or both
    "matplotlib.axes._axes": {
        "Axes.hist": "hist/",
        "Axes.bxp": "box/",
        "Axes.violin": "violin/",
        "Axes.hexbin": "heatmap/hexagons",
        "Axes.hist2d": "heatmap/",
        "Axes.pie": "pie/",
        "Axes.table": "table/",
        "Axes.broken_barh": "bar/",
        "Axes.streamplot": "quiver/streamlines",
    },
    "mpl_toolkits.mplot3d.axes3d": {
        "Axes3D.plot_surface": "surface/",
        "Axes3D.plot_trisurf": "surface/",
        "Axes3D.bar3d": "bar/",
        "Axes3D.plot_wireframe": "wireframe/",
        "Axes3D.voxels": "bar/",
    },
    "seaborn.categorical": {
        "_CategoricalPlotter.plot_violins": "violin/",
        "_CategoricalPlotter.plot_boxens": "box/",
        "_CategoricalPlotter.plot_errorbars": "errorbar/",
    },
    "seaborn.distributions": {
        "_DistributionPlotter.plot_univariate_histogram": "hist/",
        "_DistributionPlotter.plot_bivariate_histogram": "heatmap/",
        "_DistributionPlotter.plot_univariate_density": "/density",
    },
    "seaborn.regression": {"_RegressionPlotter.lineplot": "/fit"},
    "networkx.drawing.nx_pylab": {
        "draw_networkx_nodes": "/network",
        "draw_networkx_edges": "/network",
    },
    "scipy.cluster.hierarchy": {"_plot_dendrogram": "/dendrogram"},
}


def hooks() -> dict[str, Callable[[Any], None]]:
    """Module -> a function to call with it when it has been imported."""
    return {name: functools.partial(tag, words=words) for name, words in TAGGED.items()}


def tag(module: Any, words: dict[str, str]) -> None:
    for path, word in words.items():
        class_name, _, name = path.rpartition(".")
        owner = getattr(module, class_name) if class_name else module
        if name in vars(owner):
            artists = of_receiver if class_name else of_arguments
            setattr(owner, name, tagging(vars(owner)[name], word, artists))


def tagging(
    original: Callable[..., Any], word: str, artists: Callable[..., list[Any]]
) -> Callable[..., Any]:
    kind, _, form = word.partition("/")

    @functools.wraps(original)
    def method(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        lying = bool(kind) and is_lying(original.__name__, args[0], kwargs)
        before = {id(artist) for artist in artists(*args, **kwargs)}
        result = original(*args, **kwargs)
        for artist in artists(*args, **kwargs):
            if id(artist) not in before:
                mark(artist, kind, form, lying)
        for median in result.get("medians", ()) if kind == "box" and result else ():
            setattr(median, COUNT_MARK, True)
        return result

    return method


def mark(artist: Any, kind: str, form: str, lying: bool) -> None:
    if kind:
        setattr(artist, KIND_MARK, kind)
        setattr(artist, LYING_MARK, lying)
    if form:
        setattr(artist, FORM_MARK, form)


def is_lying(name: str, owner: Any, kwargs: dict[str, Any]) -> bool:
    """Whether a method draws from left to right: as it is told, or as seaborn's plotter is."""
    told = str(kwargs.get("orientation")) == "horizontal" or kwargs.get("vert") is False
    return told or name == "broken_barh" or str(getattr(owner, "orient", "")) == "y"


def of_arguments(*args: Any, **kwargs: Any) -> list[Any]:
    """All artists of the axes that a function is given, and of pyplot's current one."""
    import matplotlib.pyplot as plt

    given = {id(one): one for one in (*args, *kwargs.values()) if hasattr(one, "add_patch")}
    if plt.get_fignums() and plt.gcf().axes:
        given[id(plt.gca())] = plt.gca()
    return [artist for axes in given.values() for artist in axes.get_children()]


def of_receiver(owner: Any, *drawn_on: Any, **_: Any) -> list[Any]:
    """All artists of an axes, or of the axes that a seaborn plotter draws on."""
    if hasattr(owner, "get_children"):
        return list(owner.get_children())
    facets = getattr(owner, "facets", None)
    given = [getattr(owner, "ax", None), *(one for one in drawn_on if hasattr(one, "add_patch"))]
    axes = facets.axes.flat if facets is not None else given
    return [artist for one in axes if one is not None for artist in one.get_children()]
