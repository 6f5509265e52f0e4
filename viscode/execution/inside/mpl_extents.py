"""Between which values the data of matplotlib artists lie, in the units of the axes."""

from __future__ import annotations

from typing import Any

Ends = list[float] | None  # least and greatest, in the units of an axis


def extents_of(artist: Any, axes: Any) -> tuple[Ends, Ends]:
    """Between which x and y an artist's data lie, each [least, greatest] or None."""
    if hasattr(artist, "get_data_3d"):
        x, y = artist.get_data_3d()[:2]
        return extent(x), extent(y)
    if axes.name == "3d":
        return None, None
    if is_line(artist):
        return line_extents(artist)
    if hasattr(artist, "get_extent") and hasattr(artist, "get_array"):
        edges = artist.get_extent()
        return extent(edges[:2]), extent(edges[2:])
    offsets: Any = artist.get_offsets() if hasattr(artist, "get_offsets") else ()
    if len(offsets) > 1:
        return extent(offsets[:, 0]), extent(offsets[:, 1])
    if hasattr(artist, "get_datalim"):
        box = artist.get_datalim(axes.transData)
        return extent(box.intervalx), extent(box.intervaly)
    return None, None


def line_extents(line: Any) -> tuple[Ends, Ends]:
    return extent(line.get_xdata(orig=False)), extent(line.get_ydata(orig=False))


def bar_extents(bars: list[Any], kind: str, lying: bool) -> tuple[Ends, Ends]:
    """Bars stand at their middle and reach from their foot; those of a histogram fill the axis."""
    along = [[b.get_x(), b.get_x() + b.get_width()] for b in bars]
    across = [[b.get_y(), b.get_y() + b.get_height()] for b in bars]
    if kind != "hist":
        middles = [[sum(pair) / 2] for pair in (across if lying else along)]
        along, across = (along, middles) if lying else (middles, across)
    return extent([v for p in along for v in p]), extent([v for p in across for v in p])


def extent(values: Any) -> Ends:
    """[least, greatest] of the finite numbers; None where there are none."""
    import numpy

    found: Any = numpy.ma.filled(numpy.ma.asarray(values, dtype=float), numpy.nan)
    found = found[numpy.isfinite(found)]
    return [float(found.min()), float(found.max())] if found.size else None


def hull(one: Any, other: Any) -> Ends:
    """The extent of two together."""
    known = [pair for pair in (one, other) if pair is not None]
    return [min(p[0] for p in known), max(p[1] for p in known)] if known else None


def is_line(artist: Any) -> bool:
    return hasattr(artist, "get_xdata")
