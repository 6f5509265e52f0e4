"""Figure facts off a plotly figure's JSON (plotly 5 and 6). No plotly import: the JSON is data.

A trace's coordinate system is its axes: the pair of x and y axes, a scene, a polar, geo or
ternary subplot, or, for pies and the like, a domain of its own. Of more traces, axes or annotations
than any figure shows the first ones are read, so that the time that it takes is bounded.
"""

from itertools import islice

from viscode.execution import plotly_looks, untrusted
from viscode.execution.facts import AXES_LIMIT, TEXT_LIMIT, FigureFacts, checked
from viscode.execution.plotly_traces import KIND_OF_TYPE, arrangements, series_of
from viscode.execution.untrusted import Data, dict_of, list_of

CARTESIAN = (
    *("scatter", "scattergl", "bar", "heatmap", "image", "contour", "histogram", "box", "violin"),
)
PROJECTIONS = {  # by how a subplot's name begins
    **{"scene": "3d", "polar": "polar", "geo": "geo", "map": "mapbox", "ternary": "ternary"},
    "domain": "domain",
}
COLORBARS = ("heatmap", "contour", "surface")
TRACES_LIMIT = 3000
ANNOTATIONS_LIMIT = 1000
LAYOUT_LIMIT = 5000


def read(figure: object) -> FigureFacts | None:
    """Facts of one figure as plotly publishes it, or None where it is not one."""
    try:
        return _read(figure) if isinstance(figure, dict) else None
    except RecursionError:
        return None


def _read(figure: Data) -> FigureFacts | None:
    traces = [t for t in list_of(figure.get("data")) if isinstance(t, dict)][:TRACES_LIMIT]
    layout = dict(islice(dict_of(figure.get("layout")).items(), LAYOUT_LIMIT))
    groups: dict[tuple[str, str], list[tuple[int, Data]]] = {}
    for index, trace in enumerate(traces):
        if trace.get("visible", True) is True:
            groups.setdefault(_subplot(trace, index), []).append((index, trace))
    if not groups and ("xaxis" in layout or "yaxis" in layout or not traces):
        groups[("x", "y")] = []
    keys = sorted(groups)
    axes = [_axes(key, groups[key], layout, len(traces)) for key in keys[:AXES_LIMIT]]
    return checked(_figure(axes, keys, layout))


def _figure(axes: list[Data], keys: list[tuple[str, str]], layout: Data) -> Data:
    title, notes = _text(layout.get("title")), _notes(layout, "paper")
    if len(axes) == 1:
        axes[0]["title"] = title
        axes[0]["annotations"] += notes
        title = ""
    elif len(notes) == len(axes):
        for one, note in zip(axes, notes, strict=True):
            one["title"] = note
    size = [
        int(untrusted.number(layout.get(k)) or default)
        for k, default in (("width", 700), ("height", 500))
    ]
    return {
        "version": 4,
        "library": "plotly",
        "size_px": size,
        "suptitle": title,
        "layout": _grid(keys, layout),
        "axes": axes,
        "background": plotly_looks.paper_background(layout),
    }


def _subplot(trace: Data, index: int) -> tuple[str, str]:
    kind = str(trace.get("type", "scatter"))
    for key in ("scene", "subplot", "geo", "polar", "ternary"):
        if isinstance(trace.get(key), str):
            return trace[key], ""
    if kind.endswith("3d") or kind in ("surface", "isosurface", "volume", "cone", "streamtube"):
        return "scene", ""
    if "polar" in kind:
        return "polar", ""
    if "geo" in kind or kind == "choropleth":
        return "geo", ""
    if "mapbox" in kind:
        return "mapbox", ""
    if "x" in trace or "y" in trace or kind in CARTESIAN:
        return str(trace.get("xaxis", "x")), str(trace.get("yaxis", "y"))
    return f"domain{index:03d}", ""


def _axes(key: tuple[str, str], members: list[tuple[int, Data]], layout: Data, total: int) -> Data:
    placed = arrangements([trace for _, trace in members], layout)
    given = [trace for _, trace in members]
    series = [
        entry | plotly_looks.looks_of(trace, entry["kind"], entry["points"], entry["color"], layout)
        for (index, trace), word in zip(members, placed, strict=True)
        for entry in series_of(index, trace, layout, word)
    ]
    series += plotly_looks.lines_across(layout, key)
    x, y, place = _axis(layout, key[0], "x"), _axis(layout, key[1] or key[0], "y"), key[0]
    scene = dict_of(layout.get(place)) if place.startswith("scene") else {}
    if scene:
        x, y = dict_of(scene.get("xaxis")), dict_of(scene.get("yaxis"))
    return {
        "kinds": sorted({one["kind"] for one in series}),
        "title": "",
        "xlabel": _text(x.get("title")),
        "ylabel": _text(y.get("title")),
        "zlabel": _text(dict_of(scene.get("zaxis")).get("title")),
        "xscale": _scale(x),
        "yscale": _scale(y),
        "projection": _projection(place),
        "xlim": _range(x),
        "fixed": "".join(name for name, axis in (("x", x), ("y", y)) if _range(axis)),
        "ylim": _range(y),
        "legend": _legend(given, layout, total),
        "series": series,
        "grid": _projection(place) == "rectilinear" and x.get("showgrid", True) is not False,
        "colorbar": _colorbar(given, layout),
        **plotly_looks.frame_of(x, y, given, layout),
        "annotations": _notes(layout, key[0]),
        "twin": "x" if y.get("overlaying") else "y" if x.get("overlaying") else "",
    }


def _legend(traces: list[Data], layout: Data, total: int) -> list[str]:
    shown = layout.get("showlegend")
    if shown is False:
        return []
    names: list[str] = []
    for trace in traces:
        if trace.get("type") in ("pie", "funnelarea"):
            names += [str(label) for label in list_of(trace.get("labels"))[:TEXT_LIMIT]]
        elif (
            trace.get("name")
            and trace.get("showlegend", True) is not False
            and (shown or total > 1 or trace.get("showlegend"))
        ):
            names.append(str(trace["name"]))
    return list(dict.fromkeys(names))


def _colorbar(traces: list[Data], layout: Data) -> bool:
    if any(
        key.startswith("coloraxis") and dict_of(layout[key]).get("showscale", True) is not False
        for key in layout
    ):
        return True
    for trace in traces:
        filled = KIND_OF_TYPE.get(str(trace.get("type"))) in COLORBARS and "coloraxis" not in trace
        if filled and trace.get("showscale", True) is not False:
            return True
        marker = dict_of(trace.get("marker"))
        if marker.get("showscale") or "colorbar" in marker:
            return True
    return False


def _notes(layout: Data, x: str) -> list[str]:
    """The texts of the annotations that stand by this x axis, or by "paper"."""
    notes = [
        one
        for one in list_of(layout.get("annotations"))[:ANNOTATIONS_LIMIT]
        if isinstance(one, dict)
    ]
    return [_text(one) for one in notes if one.get("xref", "x") == x and _text(one)]


def _grid(keys: list[tuple[str, str]], layout: Data) -> list[int]:
    """[rows, columns] by the distinct places where subplots begin."""
    places = set()
    for name, other in keys:
        if other:
            x, y = _axis(layout, name, "x").get("domain"), _axis(layout, other, "y").get("domain")
        else:
            domain = dict_of(dict_of(layout.get(name)).get("domain"))
            x, y = domain.get("x"), domain.get("y")
        places.add((_start(x), _start(y)))
    return [len({y for _, y in places}), len({x for x, _ in places})]


def _start(domain: object) -> float:
    return (
        round(untrusted.number(domain[0]) or 0.0, 3) if isinstance(domain, list) and domain else 0.0
    )


def _axis(layout: Data, name: str, letter: str) -> Data:
    """Layout of the axis that a trace calls "x" or "x2": xaxis, xaxis2."""
    return dict_of(layout.get(f"{letter}axis{name[1:]}")) if name.startswith(letter) else {}


def _projection(place: str) -> str:
    names = (name for prefix, name in PROJECTIONS.items() if place.startswith(prefix))
    return next(names, "rectilinear")


def _scale(axis: Data) -> str:
    kind = axis.get("type")
    return kind if kind in ("log", "date", "category", "multicategory") else "linear"


def _range(axis: Data) -> list[float | None] | None:
    limits = axis.get("range")
    if isinstance(limits, list) and len(limits) == 2:
        return [untrusted.number(limits[0]), untrusted.number(limits[1])]
    return None


def _text(value: object) -> str:
    """A title or annotation: text, or {"text": ...}."""
    found = value.get("text") if isinstance(value, dict) else value
    return found[:TEXT_LIMIT] if isinstance(found, str) else ""
