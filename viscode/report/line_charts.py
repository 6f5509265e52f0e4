"""Line charts as geometry that a template draws as inline SVG.

Drawn by us, not by a plotting library: the page's own fonts and colours (dark mode included),
a few kilobytes each, the same bytes every time. Every y axis starts at zero.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass

LEFT, RIGHT, TOP, BOTTOM = 40.0, 12.0, 14.0, 34.0
QUARTERED = (1, 1.2, 1.6, 2, 2.4, 3, 4, 6, 8, 10)
LABEL_GAP = 12.0  # least distance between the end labels of two curves


@dataclass(frozen=True)
class Point:
    """`low` and `high` bound an interval where there is one."""

    x: float
    y: float
    low: float | None = None
    high: float | None = None


@dataclass(frozen=True)
class Curve:
    """`style` is a CSS class of the page; `labelled` curves carry their name at their end."""

    name: str
    style: str
    points: tuple[Point, ...]
    labelled: bool = False


@dataclass(frozen=True)
class Tick:
    at: float
    text: str


@dataclass(frozen=True)
class Marker:
    """A drawn point; `low` and `high` are y positions of its interval's ends."""

    x: float
    y: float
    low: float | None
    high: float | None
    text: str


@dataclass(frozen=True)
class Line:
    name: str
    style: str
    path: str
    markers: tuple[Marker, ...]
    label: tuple[float, float] | None


@dataclass(frozen=True)
class Chart:
    """All positions in units of the view box; `title` and `description` are its text form."""

    title: str
    description: str
    width: float
    height: float
    plot: tuple[float, float, float, float]
    x_ticks: tuple[Tick, ...]
    y_ticks: tuple[Tick, ...]
    x_label: str
    lines: tuple[Line, ...]


@dataclass(frozen=True)
class Frame:
    """The plot's rectangle and what its axes span."""

    width: float
    height: float
    right: float
    x_low: float
    x_high: float
    y_high: float

    def x(self, value: float) -> float:
        span = (self.x_high - self.x_low) or 1.0
        return round(LEFT + (value - self.x_low) / span * (self.right - LEFT), 1)

    def y(self, value: float) -> float:
        bottom = self.height - BOTTOM
        return round(bottom - value / self.y_high * (bottom - TOP), 1)


def nice_ceiling(value: float) -> float:
    """The smallest value not below `value` whose quarters are short numbers, for the ticks."""
    if value <= 0:
        return 1.0
    power = 10.0 ** math.floor(math.log10(value))
    return next(step * power for step in QUARTERED if step * power >= value * 0.9999)


def line_chart(
    title: str,
    curves: Sequence[Curve],
    *,
    x_values: Sequence[tuple[float, str]],
    x_label: str,
    y_high: float,
    unit: str = "",
    label_room: float = 0.0,
    width: float = 360.0,
    height: float = 250.0,
    description: str = "",
) -> Chart:
    """Lay a chart out. `x_values` are the x ticks and their texts, and set the axis' extent;
    `label_room` is kept free at the right for the names of labelled curves."""
    xs = [value for value, _ in x_values]
    frame = Frame(width, height, width - RIGHT - label_room, min(xs), max(xs), y_high)
    return Chart(
        title=title,
        description=description,
        width=width,
        height=height,
        plot=(LEFT, TOP, frame.right, height - BOTTOM),
        x_ticks=tuple(Tick(frame.x(value), text) for value, text in x_values),
        y_ticks=tuple(Tick(frame.y(y_high * k / 4), _number(y_high * k / 4)) for k in range(5)),
        x_label=x_label,
        lines=_spread([_line(curve, frame, unit) for curve in curves], curves, frame),
    )


def _line(curve: Curve, frame: Frame, unit: str) -> Line:
    places = [(frame.x(p.x), frame.y(min(p.y, frame.y_high))) for p in curve.points]
    path = "M" + " L".join(f"{x:g} {y:g}" for x, y in places) if places else ""
    return Line(
        curve.name,
        curve.style,
        path,
        tuple(_marker(point, frame, curve, unit) for point in curve.points),
        None,
    )


def _marker(point: Point, frame: Frame, curve: Curve, unit: str) -> Marker:
    text = f"{curve.name}: {_number(point.y)}{unit}"
    low = high = None
    if point.low is not None and point.high is not None:
        low, high = frame.y(point.low), frame.y(point.high)
        text += f" (95 % interval {_number(point.low)} to {_number(point.high)})"
    return Marker(frame.x(point.x), frame.y(min(point.y, frame.y_high)), low, high, text)


def _spread(lines: list[Line], curves: Sequence[Curve], frame: Frame) -> tuple[Line, ...]:
    """Place the names of labelled curves at their ends, pushed apart where they would collide."""
    ends = sorted(
        (line.markers[-1].y, index)
        for index, line in enumerate(lines)
        if line.markers and curves[index].labelled
    )
    placed: dict[int, float] = {}
    previous = -math.inf
    for y, index in ends:
        previous = placed[index] = max(y, previous + LABEL_GAP)
    overflow = max(0.0, previous - (frame.height - BOTTOM))
    return tuple(
        Line(
            line.name,
            line.style,
            line.path,
            line.markers,
            (round(line.markers[-1].x + 6, 1), round(placed[index] - overflow + 3.5, 1))
            if index in placed
            else None,
        )
        for index, line in enumerate(lines)
    )


def _number(value: float) -> str:
    """Short form: 0, 2.5, 40, 1e-04."""
    if value and abs(value) < 0.001:
        mantissa, exponent = f"{value:.1e}".split("e")
        return f"{mantissa.removesuffix('.0')}e{int(exponent)}"
    return f"{value:.3f}".rstrip("0").rstrip(".")
