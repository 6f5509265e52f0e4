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
LYING_MARK = "_viscode_lying"
TAGGED_KINDS = {
    "matplotlib.axes._axes": {
        "Axes": {
            "hist": "hist",
            "bxp": "box",
            "violin": "violin",
            "hexbin": "heatmap",
            "hist2d": "heatmap",
            "table": "table",
            "broken_barh": "bar",
        },
    },
    "mpl_toolkits.mplot3d.axes3d": {
        "Axes3D": {
            "plot_surface": "surface",
            "plot_trisurf": "surface",
            "bar3d": "bar",
            "plot_wireframe": "wireframe",
            "voxels": "bar",
        },
    },
    "seaborn.categorical": {
        "_CategoricalPlotter": {
            "plot_violins": "violin",
            "plot_boxens": "box",
            "plot_errorbars": "errorbar",
        },
    },
    "seaborn.distributions": {
        "_DistributionPlotter": {
            "plot_univariate_histogram": "hist",
            "plot_bivariate_histogram": "heatmap",
        },
    },
}
TAGGED_FORMS = {
    "networkx.drawing.nx_pylab": {
        "draw_networkx_nodes": "network",
        "draw_networkx_edges": "network",
    },
    "scipy.cluster.hierarchy": {"_plot_dendrogram": "dendrogram"},
}


def hooks() -> dict[str, Callable[[Any], None]]:
    """Module -> a function to call with it when it has been imported."""
    found: dict[str, Callable[[Any], None]] = {}
    for name, methods in TAGGED_KINDS.items():
        found[name] = functools.partial(tag_methods, methods=methods)
    for name, functions in TAGGED_FORMS.items():
        found[name] = functools.partial(tag_functions, functions=functions)
    return found


def tag_methods(module: Any, methods: dict[str, dict[str, str]]) -> None:
    for class_name, by_method in methods.items():
        owner = getattr(module, class_name)
        for name, kind in by_method.items():
            if name in vars(owner):
                setattr(owner, name, tagging(vars(owner)[name], KIND_MARK, kind, of_receiver))


def tag_functions(module: Any, functions: dict[str, str]) -> None:
    for name, form in functions.items():
        if name in vars(module):
            setattr(module, name, tagging(vars(module)[name], FORM_MARK, form, of_arguments))


def tagging(
    original: Callable[..., Any], attribute: str, value: str, artists: Callable[..., list[Any]]
) -> Callable[..., Any]:
    @functools.wraps(original)
    def method(*args: Any, **kwargs: Any) -> Any:
        __tracebackhide__ = True
        lying = attribute == KIND_MARK and is_lying(original.__name__, args[0], kwargs)
        before = {id(artist) for artist in artists(*args, **kwargs)}
        result = original(*args, **kwargs)
        for artist in artists(*args, **kwargs):
            if id(artist) not in before:
                setattr(artist, attribute, value)
                setattr(artist, LYING_MARK, lying)
        return result

    return method


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


def of_receiver(owner: Any, *_: Any, **__: Any) -> list[Any]:
    """All artists of an axes, or of the axes that a seaborn plotter draws on."""
    if hasattr(owner, "get_children"):
        return list(owner.get_children())
    facets = getattr(owner, "facets", None)
    axes = facets.axes.flat if facets is not None else [getattr(owner, "ax", None)]
    return [artist for one in axes if one is not None for artist in one.get_children()]
