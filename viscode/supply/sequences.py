"""Values in one row: lists, one-dimensional arrays, series and the columns of frames, as text.

Up to twelve items are written down, more are computed: a literal of thirty numbers tells a reader
nothing that `np.linspace(0, 10, 30)` does not.
"""

from itertools import pairwise
from typing import Literal

from viscode.supply.desk import SHORT, Desk, Known, figure, filled, short, text
from viscode.supply.quantities import Quantity, follow, numbers, quantity
from viscode.supply.wanted import Wanted
from viscode.supply.words import COLORS, is_date, levels, word_list, words_of

Form = Literal["list", "array", "column"]
"""`column`: anything of which a data frame makes a column."""
FREQUENCIES = {
    **{"year": "YS", "annual": "YS", "month": "MS", "quarter": "QS", "week": "W"},
    **{"hour": "h", "minute": "min"},
}
ORDERED = ("year", "month", "weekday", "dayofweek", "quarter", "season")


def sequence(name: str, item: Wanted, count: int, desk: Desk, form: Form) -> str:
    """Code of `count` values of the kind of `item`, one after the other."""
    match item.kind:
        case "text" if is_date(name) and not item.among:
            return _dates(name, count, desk, form, '.strftime("%Y-%m-%d")')
        case "text":
            return _words(name, item, count, desk, form)
        case "date":
            return _dates(name, count, desk, form, "")
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
        distinct = own if any(word in ORDERED for word in words_of(name)) else min(own or 3, 4)
    chosen = [text(word) for word in levels(name, item.among, min(distinct, max(count, 1)))]
    if len(chosen) >= count or item.among or words_of(name)[-1:] in [(one,) for one in ORDERED]:
        return _repeated(chosen, count, desk, form)
    if form == "list":
        return _repeated(chosen, count, desk, form)
    return f"{desk.rng}.choice([{', '.join(chosen)}], {count})"


def _repeated(items: list[str], count: int, desk: Desk, form: Form) -> str:
    """Items in turn, each at least once where there is room."""
    items = items[:count] if count else []
    whole, rest = divmod(count, len(items) or 1)
    display = f"[{', '.join(items)}]"
    if form == "column" and 1 < len(items) < count:
        return _crossed(display, count, whole, rest, desk)
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


def _crossed(display: str, count: int, whole: int, rest: int, desk: Desk) -> str:
    """A column that repeats a few values: in turn, the next column of a frame in blocks, any more
    in random order, so that the values of each go with those of each other."""
    desk.repeated += 1
    if desk.repeated == 1 and not rest:
        return f"{display} * {whole}"
    desk.need("np")
    if desk.repeated == 2 and not rest:
        return f"np.repeat({display}, {whole})"
    repeated = f"np.resize({display}, {count})" if rest else f"{display} * {whole}"
    return repeated if desk.repeated == 1 else f"{desk.rng}.permutation({repeated})"


def _dates(name: str, count: int, desk: Desk, form: Form, ending: str) -> str:
    desk.need("pd")
    steps = (FREQUENCIES[word] for word in words_of(name) if word in FREQUENCIES)
    step = next(steps, "D")
    frequency = "" if step == "D" else f', freq="{step}"'
    code = f'pd.date_range("2023-01-01", periods={count}{frequency}){ending}'
    return code + {"list": ".tolist()", "array": ".to_numpy()", "column": ""}[form]


def _flags(count: int, desk: Desk, form: Form) -> str:
    if count <= SHORT or form == "list":
        return _repeated(["True", "False", "True"], count, desk, form)
    return f"{desk.rng}.random({count}) > 0.4"


def _numbers(name: str, item: Wanted, count: int, desk: Desk, form: Form) -> str:
    what = quantity(name, item)
    among = [one for one in item.among if not isinstance(one, str)]
    if among:
        return _repeated([figure(one) for one in _levels(among, item)], count, desk, form)
    partner = next((one for one in sorted(item.near) if one in desk.known), "")
    if partner and desk.known[partner].count != count:
        partner = ""
    random = desk.random(name)
    if count <= SHORT and (not partner or desk.known[partner].numbers):
        before = desk.known[partner].numbers if partner else ()
        written = follow(before, what, random) if before else numbers(what, count, random)
        written = sorted(written) if item.sorted else written
        desk.known[name] = Known(count, what, tuple(written), form == "array")
        return _literal(written, what, desk, form)
    desk.known[name] = Known(count, what, (), form != "list")
    code = _follower(partner, what, count, desk) if partner else formula(what, count, desk)
    if code.startswith("range("):
        return f"list({code})" if form == "list" else f"np.a{code}"
    if form == "column" and not what.whole:
        code = f"{_grouped(code)}.round({max(what.decimals - 1, 1)})" if not what.bound else code
    return f"{_grouped(code)}.tolist()" if form == "list" else code


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
    evenly = len(written) > 4 and what.whole and what.course == "ramp"
    if evenly and len({b - a for a, b in pairwise(written)}) == 1:
        step = int(written[1] - written[0])
        first, last = int(written[0]), int(written[-1]) + 1
        inside = f"{first}, {last}" if step == 1 else f"{first}, {last}, {step}"
        if step > 0 and form == "list":
            return f"list(range({inside}))"
        if step > 0:
            desk.need("np")
            return f"np.arange({inside})"
    display = f"[{', '.join(figure(one) for one in written)}]"
    if form != "array":
        return display
    desk.need("np")
    return f"np.array({display})"


def _grouped(code: str) -> str:
    """Code to which a method call can be added."""
    return f"({code})" if " + " in code or " * " in code or " - " in code else code


def formula(what: Quantity, count: int, desk: Desk) -> str:
    """Code of an array of `count` numbers of a quantity; "range(...)" for integers in a row."""
    desk.need("np")
    low, high, span = what.low, what.high, what.span
    noise = short(span * 0.02)
    match what.course:
        case "ramp" if what.whole and not what.bound:
            return f"range({round(low)}, {round(low) + count})"
        case "ramp" if what.whole:
            return f"np.linspace({figure(low)}, {figure(high)}, {count}).astype(int)"
        case "ramp":
            return f"np.linspace({figure(low)}, {figure(high)}, {count})"
        case "rising" | "falling":
            start, sign = (high, "-") if what.course == "rising" else (low, "+")
            start += -0.15 * span if what.course == "rising" else 0.15 * span
            bend = f"{short(span * 0.7)} * np.exp(-np.arange({count}) / {short(count / 4)})"
            return f"{short(start)} {sign} {bend} + {desk.rng}.normal(0, {noise}, {count})"
        case "wave":
            middle = "" if abs(low + high) < 1e-9 else f"{short((low + high) / 2)} + "
            size = "" if abs(span - 2) < 1e-9 else f"{short(span / 2)} * "
            wave = f"{middle}{size}np.sin(np.linspace(0, 10, {count}))"
            return f"{wave} + {desk.rng}.normal(0, {short(span * 0.05)}, {count})"
        case "walk":
            steps = f"{desk.rng}.normal(0, {short(span / 40)}, {count}).cumsum()"
            return f"{short((low + high) / 2)} + {steps}"
    if what.whole:
        return f"{desk.rng}.integers({round(low)}, {round(high) + 1}, {count})"
    if what.bound or low in (0.0, 1.0):
        return f"{desk.rng}.uniform({figure(low)}, {figure(high)}, {count})"
    return f"{desk.rng}.normal({short((low + high) / 2)}, {short(span / 7)}, {count})"


def _follower(partner: str, what: Quantity, count: int, desk: Desk) -> str:
    """Code of numbers that grow with those of a partner, plus noise, within their range."""
    known = desk.known[partner]
    desk.need("np")
    slope = 0.7 * what.span / (known.what.span or 1)
    start = what.low + 0.15 * what.span - slope * known.what.low
    base = partner if known.array else f"np.array({partner})"
    line = f"{short(slope)} * {base} + {short(start)}".replace("+ -", "- ")
    if what.bound:
        side = short(what.span * 0.1)
        line = f"{line} + {desk.rng}.uniform(-{side}, {side}, {count})"
        line = f"np.clip({line}, {figure(what.low)}, {figure(what.high)})"
    else:
        line = f"{line} + {desk.rng}.normal(0, {short(what.span * 0.08)}, {count})"
    return f"({line}).round().astype(int)" if what.whole else line
