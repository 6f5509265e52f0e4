"""What the functions of plotting and numeric libraries want as their arguments. A table only.

`PARAMETERS` says it by the name of a parameter, `FUNCTIONS` for one function, `PLACES` by place,
for functions that take any number of arguments (the last one is for all that follow).
"""

from __future__ import annotations

from typing import TypeVar

T = TypeVar("T")

WANTS: dict[str, dict[str, float]] = {
    "number": {"number": 1.5},
    "integer": {"integer": 1.5},
    "text": {"text": 1.5},
    "flag": {"flag": 1.5},
    "color": {"color": 1.2},
    "colormap": {"colormap": 1.5},
    "labels": {"list": 1.2, "series": 0.4, "array": 0.3},
    "values": {"array": 1.2, "list": 0.6, "series": 0.6},
    "paired": {"array": 1.0, "list": 0.5, "series": 0.5},
    "colors": {"array": 0.6, "color": 0.5, "list": 0.3},
    "sizes": {"number": 0.6, "array": 0.5},
    "matrix": {"array": 1.2, "frame": 0.4},
    "image": {"array": 1.5},
    "dates": {"series": 0.8, "list": 0.8, "date": 0.7},
    "numbers": {"list": 1.2, "array": 0.4},
    "frame": {"frame": 2.0},
    "axes": {"axes": 2.0},
    "figure": {"figure": 2.0},
    "graph": {"graph": 2.0},
    "groups": {"array": 1.0, "list": 0.8, "series": 0.4},
    "any": {"array": 0.3},
}
"""The kinds that each role votes for."""

PAIRED = frozenset({"paired", "colors", "sizes"})  # as many as the others that are


def _each(table: dict[str, T]) -> dict[str, T]:
    """One entry for each of the names in a key."""
    return {name: value for names, value in table.items() for name in names.split()}


def _named(table: dict[str, str]) -> dict[str, str]:
    """The role of each name; the table has the names of each role."""
    return {name: role for role, names in table.items() for name in names.split()}


PARAMETERS = _named(
    {
        "paired": "x y z xs ys zs height yerr xerr y1 y2 x1 x2 dx dy u v w xp fp theta lat lon "
        "y_true y_pred y_score y_test",
        "matrix": "X Z A B C",
        "number": "alpha linewidth lw size fontsize markersize ms width scale rotation dpi pad "
        "hspace wspace left right top bottom vmin vmax linewidths",
        "integer": "bins nrows ncols nbins num n_bins rows cols zorder axis deg n",
        "text": "label title xlabel ylabel zlabel fname filename path suptitle marker linestyle ls "
        "fmt loc family name text kind",
        "color": "color fc ec facecolor edgecolor facecolors edgecolors",
        "labels": "labels ticklabels xticklabels yticklabels tick_label tick_labels order names "
        "class_names target_names feature_names display_labels",
        "numbers": "figsize xlim ylim zlim ylims xlims extent",
        "values": "weights explode sizes levels ticks",
        "colors": "c",
        "sizes": "s",
        "colormap": "cmap",
        "frame": "data data_frame",
        "axes": "ax axes",
        "figure": "fig figure",
        "graph": "G",
        "dates": "arg",
    }
)

NUMBERS = _named({"number": "x y xmin xmax ymin ymax"})
FUNCTIONS: dict[str, dict[str, str]] = _each(
    {
        "axhline axvline axhspan axvspan text": {**NUMBERS, "s": "text"},
        "heatmap clustermap": {"data": "matrix"},
        "imshow matshow spy": _named({"image": "X Z"}),
        "pie kdeplot distplot histplot": _named({"values": "x a"}),
        "hist violinplot boxplot concatenate vstack hstack column_stack": _named(
            {"groups": "x dataset arrays tup"}
        ),
        "array": {"object": "values"},
        "asarray": {"a": "values"},
        "annotate": {"text": "text", "xy": "numbers", "xytext": "numbers"},
        "bar": {"width": "number"},
        "barh": {"height": "number", "width": "paired"},
        "to_numeric": {"arg": "values"},
        "DataFrame": {"data": "matrix", "columns": "labels"},
        "Series": {"data": "values"},
    }
)

PLACES: dict[str, tuple[str, ...]] = _each(
    {
        "plot semilogx semilogy loglog fill step stem plot_date": ("paired", "paired", "paired"),
        "contour contourf pcolormesh pcolor plot_surface plot_wireframe": (
            *("matrix", "matrix", "matrix"),
            "any",
        ),
        "quiver barbs streamplot": ("values",),
        "xlim ylim set_xlim set_ylim set_zlim": ("number", "number"),
        "linspace logspace geomspace": ("number", "number", "integer"),
        "zeros ones empty eye subplot subplots rand randn range randint": ("integer",),
        "normal uniform arange": ("number", "number", "number"),
        "full": ("integer", "number"),
        "title xlabel ylabel zlabel suptitle set_title set_xlabel set_ylabel set_zlabel": ("text",),
        "set_label savefig figtext": ("text",),
        "set_xticklabels set_yticklabels legend": ("labels",),
        "xticks yticks set_xticks set_yticks": ("values", "labels"),
        "sca": ("axes",),
        "axis": ("numbers",),
        "concat": ("frame",),
        "join exists isfile isdir basename dirname makedirs open": ("text",),
    }
)

GRIDDED = frozenset({"contour", "contourf", "pcolormesh", "pcolor"})  # with the grid or without
DISTRIBUTIONS = frozenset({"histplot", "kdeplot", "boxplot", "violinplot", "stripplot", "ecdfplot"})
ROLE_OF_DEFAULT = {"float": "number", "int": "integer", "bool": "flag", "str": "text"}
