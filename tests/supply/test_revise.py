"""What the error of a run changes in what is wanted."""

import ast

import pytest
from saying import IMPORTS, READ, said

from viscode.supply.infer import infer
from viscode.supply.revise import Failure, revise
from viscode.supply.wanted import Hole, Wanted

CASES = {
    "a column": (
        "col = choose()\nplt.plot(df[col])",
        ("KeyError", "'price'", "plt.plot(df[col])"),
        {"df": "frame{price: unknown}"},
    ),
    "columns": (
        "sub = df[names()]\nplt.plot(sub)",
        ("KeyError", "\"['a', 'b'] not in index\"", "sub = df[names()]"),
        {"df": "frame{a: unknown, b: unknown}"},
    ),
    "a column that seaborn misses": (
        "sns.barplot(data=df, x=key, y='n')",
        ("ValueError", "Could not interpret value `sex` for `x`. An entry...", ""),
        {"df": "frame{n: number, sex: unknown}"},
    ),
    "a key": (
        "def show(d):\n    plt.plot(d[d['key']])\nshow(log)",
        ("KeyError", "'loss'", "show(log)"),
        {"log": "mapping{key: unknown, loss: unknown}"},
    ),
    "lengths": (
        "plt.plot(load(), y)\nplt.plot(x, y)",
        (
            "ValueError",
            "x and y must have same first dimension, but have shapes (7,) and (20,)",
            "plt.plot(load(), y)",
        ),
        {"y": "array[7] number"},
    ),
    "lengths of a list in the script": (
        "ticks = [1, 2, 3, 4]\nf(ticks, y)",
        (
            "ValueError",
            "operands could not be broadcast together with shapes (4,) (20,)",
            "f(ticks, y)",
        ),
        {"y": "array[4] unknown"},
    ),
    "not an array": (
        "g = grouped(data)\nplt.plot(data)",
        (
            "AttributeError",
            "'numpy.ndarray' object has no attribute 'groupby'",
            "g = grouped(data)",
        ),
        {"data": "frame"},
    ),
    "an attribute": (
        "plt.plot(get(model))",
        (
            "AttributeError",
            "'types.SimpleNamespace' object has no attribute 'coef_'",
            "plt.plot(get(model))",
        ),
        {"model": "record{coef_: unknown}"},
    ),
    "a function": (
        "plt.plot([1], [apply(f)])",
        ("TypeError", "'float' object is not callable", ""),
        {"f": "function"},
    ),
    "a sequence": (
        "a = collect(values)",
        ("TypeError", "'int' object is not iterable", "a = collect(values)"),
        {"values": "array[?] unknown"},
    ),
    "numbers": (
        "total = add(a, b)",
        ("TypeError", "unsupported operand type(s) for +: 'int' and 'str'", "total = add(a, b)"),
        {"a": "number", "b": "unknown"},
    ),
    "numbers in a table": (
        "m = table(df[['a', 'b']])",
        ("ValueError", "could not convert string to float: 'Anna'", "m = df[['a', 'b']].corr()"),
        {"df": "frame{a: number, b: number}"},
    ),
    "two axes": (
        "ax = show(z)",
        ("TypeError", "Input z must be 2D, not 1D", "ax = show(z)"),
        {"z": "array[?,?] unknown"},
    ),
    "more items": (
        "plt.plot(x[k(3)])",
        ("IndexError", "index 29 is out of bounds for axis 0 with size 20", "plt.plot(x[k(3)])"),
        {"x": "array[40,?] number"},
    ),
    "a shape": (
        "plt.imshow(reshaped(x))",
        ("ValueError", "cannot reshape array of size 20 into shape (8,8)", ""),
        {"x": "array[64] unknown"},
    ),
    "a colour map": (
        "plt.imshow([[1]], cmap=get(name))",
        ("ValueError", "'A' is not a valid value for cmap; supported values are ...", ""),
        {"name": "colormap"},
    ),
    "dates of a format": (
        "d = parse(day)",
        ("ValueError", "time data 'A' does not match format '%d/%m/%Y'", "d = parse(day)"),
        {"day": "text"},
    ),
}


@pytest.mark.parametrize("name", CASES)
def test_revisions(name: str) -> None:
    code, (error, message, statement), expected = CASES[name]
    tree = ast.parse(IMPORTS + code)
    holes = [READ if hole == "df" else Hole(hole) for hole in expected]
    line = 0 if statement else len((IMPORTS + code).splitlines())
    revised = revise(infer(tree, holes), Failure(error, message, line, statement), tree)
    assert revised is not None
    assert {hole: said(revised[hole]) for hole in expected} == expected


SILENT = {
    "another error": ("plt.plot(x)", ("RuntimeError", "no display")),
    "a column that is there": ("plt.plot(df['a'])", ("KeyError", "'a'")),
    "nothing at all": (
        "plt.plot(x[0])",
        ("IndexError", "index 0 is out of bounds for axis 0 with size 0"),
    ),
    "many names": ("plt.plot(df[x])", ("KeyError", f"None of [Index({list('abcdefghijk')})]")),
    "a module": ("plt.plot(x)", ("AttributeError", "module 'numpy' has no attribute 'float'")),
    "a matrix that is one": ("plt.imshow(z)", ("TypeError", "Invalid shape (9,) for image data")),
}


@pytest.mark.parametrize("name", SILENT)
def test_nothing_to_revise(name: str) -> None:
    code, (error, message) = SILENT[name]
    tree = ast.parse(IMPORTS + code)
    wanted = infer(tree, [READ, Hole("x"), Hole("z")])
    assert revise(wanted, Failure(error, message, 0, code), tree) is None


def test_what_is_not_changed_stays() -> None:
    tree = ast.parse(IMPORTS + "plt.plot(a)\nplt.plot(f(b))")
    wanted = infer(tree, [Hole("a"), Hole("b")])
    failure = Failure("TypeError", "'float' object is not iterable", 0, "plt.plot(f(b))")
    revised = revise(wanted, failure, tree)
    assert revised is not None
    assert revised["a"] == wanted["a"]
    assert revised["b"].kind == "array"


def test_a_column_that_has_to_be_dates() -> None:
    tree = ast.parse(IMPORTS + "m = df['when'].dt.month")
    texts = Wanted("series", item=Wanted("text"))
    failure = Failure("AttributeError", "Can only use .dt accessor with datetimelike values")
    revised = revise({"df": Wanted("frame", parts={"when": texts})}, failure, tree)
    assert revised is not None
    assert said(revised["df"]) == "frame{when: date}"
