"""Between which values a plotly trace's data lie, in the units of matplotlib's axes.

Numbers are as they are, dates days since 1970, categories their positions, so that figures of the
two libraries can be compared. What only the renderer works out (counts of a histogram, levels of a
box) is not known.
"""

import base64
import binascii
from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from viscode.execution import untrusted
from viscode.execution.untrusted import Data

if TYPE_CHECKING:
    import numpy as np

    Values = Sequence[Any] | np.ndarray[Any, Any]

Interval = list[float]
DAY_S = 86_400.0
DTYPES = frozenset(("i1", "u1", "i2", "u2", "i4", "u4", "i8", "u8", "f4", "f8"))
FLAT = ("scatter", "scattergl", "bar", "funnel", "waterfall", "heatmap", "heatmapgl", "contour")
GRIDS = ("heatmap", "heatmapgl", "contour")
FROM_ZERO = ("bar", "funnel", "waterfall")
VALUES_ONLY = ("box", "violin", "histogram")  # one of their axes is worked out


def extents(trace: Data) -> tuple[Interval | None, Interval | None]:
    """[least, greatest] of x and of y; None where nothing is known of them."""
    kind = str(trace.get("type", "scatter"))
    x, y = (_extent(values_of(trace.get(name))) for name in "xy")
    if kind in VALUES_ONLY:
        return x if "y" not in trace else None, y
    if kind not in FLAT and kind != "scatter3d":
        return None, None
    rows, columns = (0, 0) if "x" in trace and "y" in trace else _shape(trace, kind)
    x = x if "x" in trace else _positions(columns)
    y = y if "y" in trace else _positions(rows)
    if kind in FROM_ZERO:
        return (_from_zero(x), y) if trace.get("orientation") == "h" else (x, _from_zero(y))
    return x, y


def _shape(trace: Data, kind: str) -> tuple[int, int]:
    """How many places there are along y and x, where a trace does not name them."""
    if kind in GRIDS:
        z = trace.get("z")
        rows = z if isinstance(z, list) else []
        wide = max((len(row) for row in rows if isinstance(row, list)), default=0)
        return len(rows), wide
    other = [len(values_of(trace.get(name))) for name in "xy"]
    return max(other), max(other)


def _positions(count: int) -> Interval | None:
    return [0.0, float(count - 1)] if count else None


def _from_zero(extent: Interval | None) -> Interval | None:
    return None if extent is None else [min(0.0, extent[0]), max(0.0, extent[1])]


def values_of(value: object) -> "Values":
    """The values of an array as plotly writes it: a list, or bytes in base64, of which an array of
    numpy's is made."""
    if isinstance(value, list):
        return value
    if not isinstance(value, dict) or str(value.get("dtype")) not in DTYPES:
        return ()
    import numpy as np  # few figures need it, and importing it takes a quarter of a second

    try:
        return np.frombuffer(base64.b64decode(str(value.get("bdata"))), dtype=str(value["dtype"]))
    except (binascii.Error, ValueError):
        return ()


def first_of(value: object, limit: int) -> list[Any]:
    """The first of `values_of`, as Python's own."""
    values = values_of(value)[:limit]
    return list(values) if isinstance(values, Sequence) else values.tolist()


def _extent(values: "Values") -> Interval | None:
    if not isinstance(values, Sequence):
        return _of_array(values)
    known = [value for value in values if value is not None and not isinstance(value, bool)]
    if known and all(isinstance(value, str) for value in known):
        known = _dates(known) or list(range(len(set(known))))
    numbers = [number for value in known if (number := untrusted.number(value)) is not None]
    return [min(numbers), max(numbers)] if numbers else None


def _of_array(values: "np.ndarray[Any, Any]") -> Interval | None:
    if values.dtype.kind == "f":
        values = values[abs(values) <= untrusted.NUMBER_LIMIT]
    return [float(values.min()), float(values.max())] if len(values) else None


def _dates(texts: list[str]) -> list[float]:
    """Days since 1970; [] where a text is no date."""
    try:
        moments = [datetime.fromisoformat(text) for text in texts]
        return [(m if m.tzinfo else m.replace(tzinfo=UTC)).timestamp() / DAY_S for m in moments]
    except (ValueError, OverflowError):  # a zone may lead out of the years that there are
        return []
