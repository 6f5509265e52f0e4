"""Data frames and series as text: one column a line, dates, categories and numbers by name."""

from collections.abc import Mapping
from dataclasses import replace

from viscode.supply.desk import Desk, Known, exploded, indented, short, text
from viscode.supply.quantities import CLASSES, known_quantity, quantity
from viscode.supply.sequences import Form, sequence
from viscode.supply.wanted import Kind, Wanted, merged_item
from viscode.supply.words import is_date, levels, word_list, words_of

NESTED = ("list", "array", "series")
TEXT_ROLES = ("labels", "hue", "category")
TRADED = {
    "open": "+ {}.normal(0, 0.4, {})",
    "high": "+ {}.uniform(1, 2, {})",
    "low": "- {}.uniform(1, 2, {})",
}
"""Prices of a day beside its last one."""
FEW = ("x", "y", "value")
GROUPS = Wanted(kind="integer", among=(1, 2, 3))
"""The last of the usual columns: all are numbers, since nothing tells that words would do."""


def guess_item(name: str, wanted: Wanted) -> Wanted:
    """What a value or column of a name holds, where its uses do not tell: words, dates, numbers."""
    if wanted.kind != "unknown":
        return wanted
    kind: Kind = "number"
    classes = wanted.role == "colors" and CLASSES.intersection(words_of(name))
    words = [one for one in wanted.among if isinstance(one, str)]
    what = known_quantity(name)
    if words or (not wanted.among and wanted.role in TEXT_ROLES):
        kind = "text"
    elif classes and wanted.low is None and wanted.high is None:
        kind = "integer"
    elif wanted.among or wanted.low is not None or wanted.high is not None:
        whole = wanted.among and all(float(one).is_integer() for one in wanted.among)
        kind = "integer" if whole else "number"
    elif is_date(name):
        kind = "date"
    elif word_list(name) and not (what and wanted.role):
        kind = "text"
    elif what:
        kind = "integer" if what.whole else "number"
    return replace(wanted, kind=kind)


def column_item(name: str, wanted: Wanted) -> Wanted:
    """What each value of a column is: a column asked for as a series is asked for its items."""
    if wanted.kind in NESTED:
        wanted = merged_item(wanted)
    return guess_item(name, wanted)


def frame(name: str, wanted: Wanted, count: int, desk: Desk) -> tuple[str, list[str]]:
    """Code of a frame of `count` rows, and of the statements after it, which add columns that
    depend on others."""
    desk.need("pd")
    parts = _columns(name, wanted)
    if not parts:
        return _matrix(name, wanted, count, desk), []
    lines: list[str] = []
    after: list[str] = []
    desk.repeated = set()
    with desk.within({}, named=False):
        later = TRADED if any(key.lower() == "close" for key in parts) else {}
        for key, part in sorted(parts.items(), key=lambda pair: pair[0].lower() in later):
            item = column_item(key, part)
            partner = _partner(key, item, parts, desk)
            if partner:
                after.append(_dependent(name, key, partner, item, count, desk))
            else:
                lines.append(f"{column(key)}: {sequence(key, item, count, desk, 'column')}")
    display = "\n".join(["{", *(indented(line) + "," for line in lines), "}"])
    index = index_of(wanted, count, desk)
    if index:
        return f"pd.DataFrame(\n{indented(display)},\n    {index},\n)", after
    return f"pd.DataFrame(\n{indented(display)}\n)", after


def index_of(wanted: Wanted, count: int, desk: Desk) -> str:
    """The argument that labels the rows, "" where they are just counted."""
    if wanted.index is None:
        return ""
    unknown = wanted.index.kind == "unknown" and not wanted.index.among
    item = Wanted(kind="date") if unknown else column_item("index", wanted.index)
    form: Form = "list" if item.kind == "text" else "column"
    return f"index={sequence('label' if form == 'list' else 'index', item, count, desk, form)}"


def _columns(name: str, wanted: Wanted) -> dict[str, Wanted]:
    """The columns of a frame: those that its uses name, then a few usual ones up to the number
    of its second size."""
    columns = dict(wanted.parts)
    named = len(columns)
    width = wanted.shape[1] if wanted.shape and len(wanted.shape) > 1 else None
    item = wanted.item
    if named == 0 and width is None and (item or wanted.role == "matrix"):
        return {}
    if named == 0 and width is None:
        width = len(FEW) + 1
    for key in (*FEW, *(f"value_{number}" for number in range(2, (width or 0) + 1))):
        if named >= (width or 0):
            break
        if key not in columns:
            last = item is None and not wanted.parts and named == len(FEW)
            key = "group" if last else key
            near = {"x"} if key == "y" and width == 2 else set()
            columns[key] = item or (GROUPS if last else Wanted(kind="number", near=near))
            named += 1
    return columns


def _matrix(name: str, wanted: Wanted, count: int, desk: Desk) -> str:
    """A frame that is used as a whole, such as a table of correlations or of a heatmap."""
    keys = [text(key) for key in levels("feature" if "corr" in name else name, (), 5)]
    labels = f"columns=[{', '.join(keys)}]"
    item = guess_item("value", wanted.item or Wanted(kind="number"))
    from_matrix = "corr" in name.lower() and item.kind == "number"
    size = 5 if from_matrix else count
    what = quantity("value", item)
    if from_matrix:
        body = f"np.corrcoef({desk.rng}.normal(0, 1, (5, 12)))"
        return exploded("pd.DataFrame(", [body, labels, labels.replace("columns", "index")], ")")
    if item.kind == "text":
        words = ", ".join(text(word) for word in levels(name, item.among, 3))
        body = f"{desk.rng}.choice([{words}], ({size}, 5))"
    elif what.whole:
        body = f"{desk.rng}.integers({round(what.low)}, {round(what.high) + 1}, ({size}, 5))"
    else:
        body = f"{desk.rng}.uniform({short(what.low)}, {short(what.high)}, ({size}, 5))"
    return exploded("pd.DataFrame(", [body, labels], ")")


def column(key: str) -> str:
    """A key as it stands in code: digits alone are a number, as of a table without a header."""
    return str(int(key)) if key.isdecimal() and key.isascii() else text(key)


def _partner(key: str, item: Wanted, parts: Mapping[str, Wanted], desk: Desk) -> str:
    """The earlier numeric column that a column grows with."""
    if item.kind not in ("number", "integer"):
        return ""
    if key.lower() in TRADED and item.low is None and item.high is None:
        return next((one for one in parts if one.lower() == "close" and one in desk.known), "")
    earlier = [key for key in sorted(item.near) if key in desk.known and key in parts]
    return earlier[0] if earlier else ""


def _dependent(name: str, key: str, partner: str, item: Wanted, count: int, desk: Desk) -> str:
    """A statement that adds a column which grows with another one."""
    base = f"{name}[{column(partner)}]"
    if key.lower() in TRADED:
        return f"{name}[{column(key)}] = {base} {TRADED[key.lower()].format(desk.rng, count)}"
    known = desk.known[partner]
    desk.known[base] = Known(known.count, known.what, (), array=True)
    code = sequence(key, replace(item, near={base}), count, desk, "column")
    return f"{name}[{column(key)}] = {code}"


def series(name: str, wanted: Wanted, count: int, desk: Desk) -> str:
    """Code of a series; with parts, those are its index."""
    desk.need("pd")
    item = guess_item(name, merged_item(wanted))
    desk.repeated = set()
    if wanted.parts:
        values = sequence(name, item, len(wanted.parts), desk, "column")
        keys = ", ".join(column(key) for key in wanted.parts)
        return exploded("pd.Series(", [values, f"index=[{keys}]"], ")")
    index = index_of(wanted, count, desk)
    values = sequence(name, item, count, desk, "column")
    return exploded("pd.Series(", [values, index] if index else [values], ")")
