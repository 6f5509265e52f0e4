"""Numbers for values: which range and course a quantity has, by its name and its constraints.

A loss falls, an accuracy rises, an age lies between 18 and 70. `quantity` says which it is,
`numbers` gives values that can be written down.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from random import Random
from typing import Literal

from viscode.supply.wanted import IN_A_ROW, Wanted
from viscode.supply.words import LATER, UNITS, words_of

Course = Literal["level", "ramp", "rising", "falling", "walk", "wave"]


@dataclass(frozen=True)
class Quantity:
    """Numbers from `low` to `high`, both included. `whole`: integers. `bound`: a use fixes the
    bounds, so that nothing may lie outside."""

    low: float
    high: float
    course: Course = "level"
    whole: bool = False
    bound: bool = False

    @property
    def span(self) -> float:
        return self.high - self.low

    @property
    def decimals(self) -> int:
        """Decimal places that show the differences of about twenty values."""
        if self.whole or self.span <= 0:
            return 0
        return max(int(self.span < 200), min(8, round(2 - math.log10(self.span))))


COUNT = Quantity(3, 60, whole=True)
LABELS = Quantity(0, 2, whole=True)
"""Numbers of classes."""


def _table(rows: Mapping[str, Quantity]) -> dict[str, Quantity]:
    return {word: quantity for words, quantity in rows.items() for word in words.split()}


QUANTITIES = _table(
    {
        "loss mse rmse mae cost": Quantity(0.05, 1.2, "falling"),
        "accuracy acc auc precision recall dice iou r2 f1": Quantity(0.55, 0.97, "rising"),
        "score mark exam grade point": Quantity(40, 95, whole=True),
        "f": Quantity(0, 10, "wave"),
        "epoch iteration step generation episode round": Quantity(1, 10, "ramp", whole=True),
        "reward": Quantity(-5, 95, "rising"),
        "temperature temp tmax tmin tavg": Quantity(12, 30),
        "humidity percent percentage pct": Quantity(5, 95),
        "rain rainfall precipitation": Quantity(0, 40),
        "wind speed velocity": Quantity(2, 25),
        "pressure": Quantity(990, 1030),
        "age": Quantity(18, 70, whole=True),
        "price fare": Quantity(5, 120),
        "close open high low adj": Quantity(90, 130, "walk"),
        "volume": Quantity(1000, 9000, whole=True),
        "population": Quantity(200_000, 9_000_000, whole=True),
        "sale order revenue turnover quantity qty demand": Quantity(120, 900, whole=True),
        "profit": Quantity(10, 250, whole=True),
        "salary income wage": Quantity(24_000, 96_000, whole=True),
        "gdp": Quantity(8_000, 62_000, whole=True),
        "expectancy life": Quantity(55, 84),
        "latitude lat": Quantity(36, 60),
        "longitude lon lng long": Quantity(-9, 28),
        "probability prob proportion fraction share p confidence weight": Quantity(0.02, 0.98),
        "rate ratio": Quantity(0.05, 0.95),
        "frequency freq": Quantity(1, 50, "ramp"),
        "count number num n total case death confirmed recovered vote view visit hit": COUNT,
        "passenger visitor follower subscriber star download citation birth crime accident": COUNT,
        "year": Quantity(2012, 2023, "ramp", whole=True),
        "month": Quantity(1, 12, whole=True),
        "day": Quantity(1, 28, whole=True),
        "hour": Quantity(0, 23, whole=True),
        "minute second": Quantity(0, 59, whole=True),
        "height": Quantity(150, 195),
        "width length size thickness diameter": Quantity(1, 8),
        "bmi": Quantity(18, 34),
        "experience tenure": Quantity(1, 20, whole=True),
        "distance depth": Quantity(1, 60),
        "duration": Quantity(2, 90),
        "rating star": Quantity(1, 5, whole=True),
        "mass": Quantity(2, 60),
        "energy power": Quantity(1, 40),
        "voltage": Quantity(0, 5),
        "current": Quantity(0, 2),
        "angle theta phi": Quantity(0, 6.28, "ramp"),
        "phase": Quantity(-3.14, 3.14, "ramp"),
        "x t time wavelength lag": Quantity(0, 10, "ramp"),
        "y z signal wave amplitude ecg voltage": Quantity(-1, 1, "wave"),
        "u v w dx dy residual noise error anomaly diff": Quantity(-1, 1),
        "coef coefficient beta importance": Quantity(-1, 1),
        "std sd stderr sem err yerr xerr uncertainty sigma": Quantity(0.2, 0.9),
        "radius r": Quantity(0.5, 5),
        "calorie": Quantity(80, 600, whole=True),
        "id index idx": Quantity(1, 20, "ramp", whole=True),
        "target cluster": LABELS,
        "survived churn": Quantity(0, 1, whole=True),
        "mpg": Quantity(14, 40),
        "horsepower hp": Quantity(60, 220, whole=True),
        "displacement": Quantity(80, 400, whole=True),
        "bedroom room bathroom floor": Quantity(1, 5, whole=True),
        "area sqft": Quantity(40, 220, whole=True),
        "magnitude mag": Quantity(2, 8),
        "lr": Quantity(0.001, 0.1, "falling"),
        "db decibel": Quantity(-60, 0),
        "tip": Quantity(1, 8),
        "bill": Quantity(8, 50),
    }
)
ROLES = _table(
    {
        "x along": Quantity(0, 10, "ramp"),
        "sizes": Quantity(20, 200),
        "errors": Quantity(0.2, 0.9),
        "latitude": Quantity(36, 60),
        "longitude": Quantity(-9, 28),
        "angle": Quantity(0, 6.28, "ramp"),
    }
)
FREE = Quantity(10, 90)
CLASSES = frozenset(("y", "label", "pred", "prediction", "class", "c", "hue"))
"""Names whose integers are numbers of classes."""
SCALARS: Mapping[str, float] = {
    word: value
    for words, value in {
        "lr": 0.01,
        "seed state": 42,
        "epoch iteration step": 10,
        "batch": 32,
        "bin nbin": 10,
        "alpha opacity": 0.7,
        "dpi": 100,
        "n num nb count length len size": 20,
        "k cluster component neighbor class nclass": 3,
        "fontsize font labelsize": 12,
        "linewidth lw": 1.5,
        "width": 0.4,
        "row nrow col column ncol": 2,
        "threshold thresh thr": 0.5,
        "i j idx index start offset": 0,
        "year": 2020,
        "fs rate": 100,
        "mean mu average": 5,
        "std sigma sd": 1.5,
        "window lag degree order": 3,
        "port": 8000,
        "gamma beta": 0.9,
        "tol eps epsilon": 0.001,
        "elev": 30,
        "azim": 45,
        "zoom": 8,
        "dt dx dy": 0.1,
        "day": 15,
        "month": 6,
        "hour": 12,
    }.items()
    for word in words.split()
}
"""What a single number of this name usually is."""


def known_quantity(name: str) -> Quantity | None:
    """The quantity that a name speaks of, None where it speaks of none."""
    words = [word for word in words_of(name) if word not in UNITS]
    if words[-1:] == ["score"] and len(words) > 1 and words[-2] in QUANTITIES:
        words.pop()
    return next((QUANTITIES[word] for word in reversed(words) if word in QUANTITIES), None)


def quantity(name: str, wanted: Wanted) -> Quantity:
    """Range and course of the numbers of a name: as its uses fix them, then as its name, then as
    its role says."""
    found = known_quantity(name) or ROLES.get(wanted.role) or FREE
    if wanted.role == "sizes" and words_of(name)[-1:] in (("size",), ("s",)):
        found = ROLES["sizes"]
    if wanted.kind == "integer":
        classes = CLASSES.intersection(words_of(name)) and not found.whole
        found = LABELS if classes else _whole(found)
    if wanted.low is not None or wanted.high is not None:
        found = _bounded(found, wanted)
    elif LATER.intersection(words_of(name)):
        found = _worse(found)
    if wanted.role == "trace" and found.course in ("level", "ramp") and not found.whole:
        found = replace(found, course="walk")
    return replace(found, course="ramp") if wanted.sorted and found.course != "rising" else found


def _worse(found: Quantity) -> Quantity:
    """The quantity of a model on what it has not learnt from: a higher loss, a lower accuracy."""
    if found.course == "falling":
        return replace(found, low=found.low + 0.15 * found.span)
    return replace(found, high=found.high - 0.1 * found.span) if found.course == "rising" else found


def _whole(found: Quantity) -> Quantity:
    if found.whole:
        return found
    low, high = math.floor(found.low), math.ceil(found.high)
    course: Course = "ramp" if found.course == "ramp" else "level"
    return Quantity(low, high if high > low + 1 else low + 5, course, whole=True)


def _bounded(found: Quantity, wanted: Wanted) -> Quantity:
    """The quantity within the bounds of its uses: cut to them where it lies partly inside."""
    low = max(found.low, -math.inf if wanted.low is None else wanted.low)
    high = min(found.high, math.inf if wanted.high is None else wanted.high)
    little = found.span < 0.5 * ((wanted.high or 0) - (wanted.low or 0))
    drawn = wanted.role in IN_A_ROW and little  # it is to be seen within its axes
    if not (math.isfinite(low) and math.isfinite(high)) or high - low < 0.2 * found.span or drawn:
        low, high = _own_bounds(wanted.low, wanted.high, found.span or 1)
    if found.whole:
        low, high = math.ceil(low), math.floor(high)
        high = max(low, high)
    course: Course = "level" if found.course in ("walk", "wave") else found.course
    return Quantity(low, high, course, found.whole, bound=True)


def _own_bounds(low: float | None, high: float | None, span: float) -> tuple[float, float]:
    if low is not None and not math.isfinite(low):
        low = None
    if high is not None and not math.isfinite(high):
        high = None
    if low is None and high is None:
        return 0.0, 1.0
    if low is None:
        return (high or 0.0) - span, high or 0.0
    return (low, low + span) if high is None else (min(low, high), max(low, high))


def numbers(what: Quantity, count: int, random: Random) -> list[float]:
    """`count` numbers of a quantity, rounded as a person would write them."""
    if what.course == "ramp" and not what.bound:
        step = 1 if what.whole else _even_step(what.span / max(count - 1, 1))
        return [round(what.low + step * k, None if what.whole else 6) for k in range(count)]
    places = [step / max(count - 1, 1) for step in range(count)]
    shares = [_share(what.course, place, random) for place in places]
    return [rounded(what, what.low + what.span * share) for share in shares]


def _even_step(step: float) -> float:
    """The nearest step of 1, 2 or 5 in the last digit."""
    unit = 10.0 ** math.floor(math.log10(step)) if step > 0 else 1.0
    return min((unit, 2 * unit, 5 * unit, 10 * unit), key=lambda even: abs(even - step))


def _share(course: Course, place: float, random: Random) -> float:
    """Where in its range, 0 to 1, a number lies at a place, 0 to 1, of its list."""
    jitter = random.uniform(-0.04, 0.04)
    match course:
        case "ramp":
            return place
        case "rising":
            return min(1.0, max(0.0, 0.04 + 0.92 * (1 - math.exp(-3 * place)) + jitter))
        case "falling":
            return min(1.0, max(0.0, 0.04 + 0.9 * math.exp(-3 * place) + jitter))
        case "wave":
            return 0.5 + 0.45 * math.sin(6.28 * place) + jitter
        case "walk":
            return 0.3 + 0.4 * place + 4 * jitter
    return random.random()


def rounded(what: Quantity, value: float) -> float:
    """A number as a person would write it, inside its range: 0.73, 27.5, 1_240_000."""
    if what.whole:
        unit = 10 ** max(0, math.floor(math.log10(what.span or 1)) - 2)
        value = round(value / unit) * unit
        return int(min(math.floor(what.high), max(math.ceil(what.low), value)))
    near = round(value, what.decimals)
    return float(min(what.high, max(what.low, near)))


def follow(partner: Sequence[float], what: Quantity, random: Random) -> list[float]:
    """Numbers of a quantity that grow with those of another list."""
    low, high = min(partner, default=0.0), max(partner, default=1.0)
    shares = [(value - low) / ((high - low) or 1) for value in partner]
    mixed = [0.1 + 0.75 * share + random.uniform(-0.1, 0.15) for share in shares]
    return [rounded(what, what.low + what.span * min(1.0, max(0.0, one))) for one in mixed]
