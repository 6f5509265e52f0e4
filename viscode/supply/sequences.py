"""Values in one row: lists, one-dimensional arrays, series and the columns of frames, as text.

Up to twelve items are written down, more are computed: a literal of thirty numbers tells a reader
nothing that `np.linspace(0, 10, 30)` does not.
"""

from itertools import pairwise
from typing import Literal

from viscode.supply.desk import SHORT, Desk, Known, figure, filled, short, text
from viscode.supply.quantities import LABELS, Quantity, follow, known_quantity, numbers, quantity
from viscode.supply.wanted import Wanted
from viscode.supply.words import COLORS, PREDICTED, is_date, levels, word_list, words_of

RANDOM_LEVELS = 3
ENOUGH = 8  # rows for each of a few values drawn at random: none of them will be missing
Form = Literal["list", "array", "column"]
"""`column`: anything of which a data frame makes a column."""
FREQUENCIES = {
    **{"year": "YS", "annual": "YS", "month": "MS", "quarter": "QS", "week": "W"},
    **{"hour": "h", "minute": "min"},
}
PARTS = {"hours": "5h", "weeks": "W", "months": "MS", "years": "YS"}
"""How far apart dates are, by what is asked of them (methods.STEPS)."""
FIRST_YEAR = 1900  # numbers from here on are years, of which none lies in the future
PLACES = {"lat", "latitude", "lon", "lng", "longitude"}
"""Coordinates on a map: places are not in a line."""
ORDERED = ("year", "month", "weekday", "dayofweek", "quarter", "season")


def sequence(name: str, item: Wanted, count: int, desk: Desk, form: Form) -> str:
    """Code of `count` values of the kind of `item`, one after the other."""
    match item.kind:
        case "text" if is_date(name) and not item.among:
            return _dates(name, item, count, desk, form, '.strftime("%Y-%m-%d")')
        case "text":
            return _words(name, item, count, desk, form)
        case "date":
            return _dates(name, item, count, desk, form, "")
        case "flag":
            return _flags(count, desk, form)
        case "color":
            return _repeated(
                [text(COLORS[k % len(COLORS)]) for k in range(count)], count, desk, form
            )
        case "none":
            return _repeated(["None"], count, desk, form)
    return _numbers(name, item, count, desk, form)


def _words(name: str, item: Wanted, count: int, desk: Desk, form: Form) -> str:
    own = len(word_list(name))
    if item.among:
        distinct = max(len(item.among), 2)
    elif count <= SHORT and form != "column":
        distinct = count
    else:
        ordered = own and any(word in ORDERED for word in words_of(name))
        distinct = own if ordered else min(own or 3, 4)
    chosen = [text(word) for word in levels(name, item.among, min(distinct, max(count, 1)))]
    if len(chosen) >= count or item.among or words_of(name)[-1:] in [(one,) for one in ORDERED]:
        return _repeated(chosen, count, desk, form)
    if form == "list":
        return _repeated(chosen, count, desk, form)
    return f"{desk.rng}.choice([{', '.join(chosen)}], {count})"


def _repeated(
    items: list[str], count: int, desk: Desk, form: Form, *, ordered: bool = False
) -> str:
    """Items in turn, each at least once where there is room."""
    items = items[:count] if count else []
    whole, rest = divmod(count, len(items) or 1)
    display = f"[{', '.join(items)}]"
    if form == "column" and 1 < len(items) < count:
        return _crossed(display, len(items), count, desk, ordered=ordered)
    if count <= SHORT and filled([items[k % len(items)] for k in range(count)]):
        display = f"[{', '.join(items[k % len(items)] for k in range(count))}]"
    elif not rest and whole > 1:
        display = f"{display} * {whole}"
    elif rest:
        desk.need("np")
        resized = f"np.resize({display}, {count})"
        return f"{resized}.tolist()" if form == "list" else resized
    if form != "array":
        return display
    desk.need("np")
    return f"np.array({display})"


def _crossed(display: str, levels: int, count: int, desk: Desk, *, ordered: bool) -> str:
    """A column that repeats a few values: one column of a frame in turn, one in blocks, so that
    the values of each stand beside those of the other, any more at random."""
    whole, rest = divmod(count, levels)
    free = [] if rest else [one for one in ("turn", "block") if one not in desk.repeated]
    if free and not (ordered and free == ["turn"]):
        layout = "block" if ordered else free[0]
        desk.repeated.add(layout)
        if layout == "turn":
            return f"{display} * {whole}"
        desk.need("np")
        return f"np.repeat({display}, {whole})"
    desk.need("np")
    if levels <= RANDOM_LEVELS and count >= ENOUGH * levels:
        return f"{desk.rng}.choice({display}, {count})"
    return f"{desk.rng}.permutation(np.resize({display}, {count}))"


def _dates(name: str, item: Wanted, count: int, desk: Desk, form: Form, ending: str) -> str:
    desk.need("pd")
    steps = (FREQUENCIES[word] for word in words_of(name) if word in FREQUENCIES)
    step = PARTS.get(item.role) or next(steps, "D")
    frequency = "" if step == "D" else f', freq="{step}"'
    code = f'pd.date_range("2023-01-01", periods={count}{frequency}){ending}'
    return code + {"list": ".tolist()", "array": ".to_numpy()", "column": ""}[form]


def _flags(count: int, desk: Desk, form: Form) -> str:
    if count <= SHORT or form == "list":
        return _repeated(["True", "False", "True"], count, desk, form)
    return f"{desk.rng}.random({count}) > 0.4"


def _numbers(name: str, item: Wanted, count: int, desk: Desk, form: Form) -> str:
    what = _of_partner(name, quantity(name, item), item, count, desk)
    among = [one for one in item.among if not isinstance(one, str)]
    if among:
        chosen = [figure(one) for one in _levels(among, item)]
        if form == "column" and len(chosen) == 2 and count >= ENOUGH * 2 and not item.sorted:
            return f"{desk.rng}.choice([{', '.join(chosen)}], {count})"
        return _repeated(chosen, count, desk, form, ordered=item.sorted)
    partner = "" if PLACES.intersection(words_of(name)) else _partner(item, count, desk)
    random = desk.random(name)
    if count <= SHORT and (not partner or desk.known[partner].numbers):
        before = desk.known[partner].numbers if partner else ()
        written = follow(before, what, random) if before else numbers(what, count, random)
        written = sorted(written) if item.sorted else written
        desk.known[name] = Known(count, what, tuple(written), form == "array", desk.named)
        return _literal(written, what, desk, form)
    follows = partner != "" and desk.known[partner].named
    if follows and what.whole and what == desk.known[partner].what:
        code = _mostly_equal(partner, what, count, desk)
    elif follows:
        code = _follower(partner, what, count, desk)
    elif what == LABELS and form == "array" and count % 3 == 0:
        desk.need("np")
        code = f"np.repeat([0, 1, 2], {count // 3})"
    else:
        code = formula(name, what, count, desk)
    desk.known[name] = Known(count, what, (), form != "list", desk.named)
    if code.startswith("range("):
        return f"list({code})" if form == "list" else f"np.a{code}"
    exact = not what.bound or round(what.low, what.decimals) == what.low
    if form == "column" and not what.whole and exact:
        code = f"{_grouped(code)}.round({what.decimals or ''})"
    return f"{_grouped(code)}.tolist()" if form == "list" else code


def _partner(item: Wanted, count: int, desk: Desk) -> str:
    """The name of numbers with which others go: their own are written down or can be referred to
    by name. "" where there are none, or where these numbers have an order of their own."""
    for name in () if item.sorted else sorted(item.near):
        known = desk.known.get(name)
        if known and known.count == count and (known.named or known.numbers):
            return name
    return ""


def _of_partner(name: str, what: Quantity, item: Wanted, count: int, desk: Desk) -> Quantity:
    """The quantity of numbers that go with others: the same for a prediction, and of a name that
    tells little, about twice as large."""
    partner = _partner(item, count, desk)
    if not partner or what.bound or what.whole:
        return what
    other = desk.known[partner].what
    if other.bound or other.whole:
        return what
    if PREDICTED.intersection((*words_of(name), *words_of(partner))):
        return Quantity(other.low, other.high, other.course)
    if known_quantity(name) in (None, known_quantity("y")):
        return Quantity(2 * other.low, 2 * other.low + 10 * other.span / 3)
    return what


def _levels(among: list[float], item: Wanted) -> list[float]:
    """The numbers that a value is compared with, and one more if it is only one."""
    found = sorted(set(among))
    if len(found) > 1:
        return found
    other = 0 if found[0] == 1 else found[0] + 1
    if item.high is not None and other > item.high:
        other = found[0] - 1
    return sorted([found[0], other])


def _literal(written: list[float], what: Quantity, desk: Desk, form: Form) -> str:
    """Numbers that are written down; those in even steps by their bounds."""
    if form == "array":
        desk.need("np")
    if what.course == "ramp" and len(written) > 4:
        steps = {round(b - a, 6) for a, b in pairwise(written)}
        first, last, step = written[0], written[-1], min(steps)
        if what.whole and len(steps) == 1 and step > 0:
            inside = f"{int(first)}, {int(last) + 1}" + ("" if step == 1 else f", {int(step)}")
            return f"np.arange({inside})" if form == "array" else f"list(range({inside}))"
        if form == "array" and len(steps) == 1:
            return f"np.linspace({figure(first)}, {figure(last)}, {len(written)})"
    display = f"[{', '.join(figure(one) for one in written)}]"
    return f"np.array({display})" if form == "array" else display


def _grouped(code: str) -> str:
    """Code to which a method call can be added."""
    return f"({code})" if " + " in code or " * " in code or " - " in code else code


def formula(name: str, what: Quantity, count: int, desk: Desk) -> str:
    """Code of an array of `count` numbers of a quantity; "range(...)" for integers in a row."""
    desk.need("np")
    low, high, span = what.low, what.high, what.span
    middle, noise = short((low + high) / 2, span), short(span * 0.02)
    match what.course:
        case "ramp" if what.whole and not what.bound:
            first = round(high) - count + 1 if low >= FIRST_YEAR and count > span else round(low)
            return f"range({first}, {first + count})"
        case "ramp" if what.whole and what.span < count:
            return f"np.sort({desk.rng}.integers({round(low)}, {round(high) + 1}, {count}))"
        case "ramp" if what.whole:
            return f"np.linspace({figure(low)}, {figure(high)}, {count}).astype(int)"
        case "ramp":
            return f"np.linspace({figure(low)}, {figure(high)}, {count})"
        case "rising" | "falling":
            start, sign = (high, "-") if what.course == "rising" else (low, "+")
            start += -0.15 * span if what.course == "rising" else 0.15 * span
            pace = round(count / desk.random(name).uniform(3, 6)) or 1
            bend = f"{short(span * 0.7)} * np.exp(-np.arange({count}) / {pace})"
            return f"{short(start, span)} {sign} {bend} + {desk.rng}.normal(0, {noise}, {count})"
        case "wave":
            base = _ramp_beside(count, desk) or f"np.linspace(0, 10, {count})"
            size = "" if abs(span - 2) < 1e-9 else f"{short(span / 2)} * "
            wave = f"{'' if middle == '0' else middle + ' + '}{size}np.sin({base})"
            return f"{wave} + {desk.rng}.normal(0, {short(span * 0.05)}, {count})"
        case "walk":
            step = short(span / (10 if what.bound else 6) / count**0.5)
            steps = f"{desk.rng}.normal(0, {step}, {count}).cumsum()"
            return steps if middle == "0" else f"{middle} + {steps}"
    if what.whole:
        return f"{desk.rng}.integers({round(low)}, {round(high) + 1}, {count})"
    if what.bound or low in (0.0, 1.0):
        return f"{desk.rng}.uniform({figure(low)}, {figure(high)}, {count})"
    return f"{desk.rng}.normal({middle}, {short(span / 7)}, {count})"


def _ramp_beside(count: int, desk: Desk) -> str:
    """The name of an array that grows evenly, such as times, of which a wave can be computed."""
    ramps = (
        name
        for name, known in desk.known.items()
        if known.array and known.named and known.count == count and known.what.course == "ramp"
    )
    return next((name for name in ramps if 5 <= desk.known[name].what.span <= 30), "")


def _mostly_equal(partner: str, what: Quantity, count: int, desk: Desk) -> str:
    """Code of numbers of classes of which four fifths are those of a partner."""
    base = partner if desk.known[partner].array else f"np.array({partner})"
    others = f"{desk.rng}.integers({round(what.low)}, {round(what.high) + 1}, {count})"
    return f"np.where({desk.rng}.random({count}) < 0.8, {base}, {others})"


def _follower(partner: str, what: Quantity, count: int, desk: Desk) -> str:
    """Code of numbers that grow with those of a partner, plus noise, within their range."""
    known = desk.known[partner]
    desk.need("np")
    slope = float(short(0.6 * what.span / (known.what.span or 1)))
    start = what.low + 0.2 * what.span - slope * known.what.low
    base = partner if known.array else f"np.array({partner})"
    if (what.low, what.high) == (known.what.low, known.what.high) and not what.bound:
        return f"{base} + {desk.rng}.normal(0, {short(what.span * 0.08)}, {count})"
    line = f"{short(slope)} * {base} + {short(start, what.span)}".replace("+ -", "- ")
    line = line.removeprefix("1 * ").removesuffix(" + 0")
    if what.bound:
        side = short(what.span * 0.1)
        line = f"{line} + {desk.rng}.uniform(-{side}, {side}, {count})"
        if not known.what.bound:
            line = f"np.clip({line}, {figure(what.low)}, {figure(what.high)})"
    else:
        line = f"{line} + {desk.rng}.normal(0, {short(what.span * 0.08)}, {count})"
    return f"({line}).round().astype(int)" if what.whole else line
