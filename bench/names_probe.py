"""Stands at the end of a script that runs in the sandbox: prints what each of its names is.

Names and kinds only, no values: "@names df frame - 20,3;x array number 50;". What a
name is called here is what `viscode.supply.wanted.Kind` calls it. `_shown` is the stream that
`bench/frequent_names.py` kept from the script's own prints.
"""


def _names_seen(bound):
    import datetime
    import numbers

    import matplotlib.axes
    import matplotlib.colors
    import matplotlib.figure
    import numpy

    singles = (
        (type(None), "none"),
        ((bool, numpy.bool_), "flag"),
        (numbers.Integral, "integer"),
        (numbers.Real, "number"),
        (str, "text"),
        ((datetime.date, numpy.datetime64), "date"),
        (matplotlib.colors.Colormap, "colormap"),
        (dict, "mapping"),
        (matplotlib.figure.Figure, "figure"),
        (matplotlib.axes.Axes, "axes"),
    )
    letters = {"b": "flag", "i": "integer", "u": "integer", "f": "number", "M": "date", "U": "text"}

    def single(value):
        found = next((kind for types, kind in singles if isinstance(value, types)), "")
        return found or {"ndarray": "array", "DataFrame": "frame", "Series": "series"}.get(
            type(value).__name__, "list" if isinstance(value, (list, tuple)) else ""
        )

    def described(value):
        kind = single(value)
        if kind == "array":
            first = value.flat[0] if value.size else None
            if isinstance(first, matplotlib.axes.Axes):
                return "axes", "", value.shape
            return kind, letters.get(value.dtype.kind, ""), value.shape
        if kind == "series":
            return kind, letters.get(value.dtype.kind, "text"), value.shape
        if kind == "frame":
            return kind, "", value.shape
        if kind == "list":
            return kind, single(value[0]) if value else "", (len(value),)
        if hasattr(value, "adjacency"):
            return "graph", "", ()
        return kind, "", ()

    for name in sorted(bound):
        kind, item, shape = described(bound[name])
        if kind and not name.startswith("_") and len(name) <= 24 and name.isascii():
            yield f"{name} {kind} {item or '-'} {','.join(map(str, shape)) or '-'}"
