"""Written values have the kind, sizes, columns and ranges asked for, and stay the same."""

import ast
import itertools
import json
import random
import statistics
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import pytest

from viscode.core.records import Execution, Script
from viscode.execution.engine import run
from viscode.settings.base import load
from viscode.settings.run import RunSettings
from viscode.settings.validate import ValidateSettings
from viscode.supply.values import write
from viscode.supply.wanted import Hole, Supplied, Wanted

CHECKER = Path(__file__).with_name("conforming.py").read_text("utf-8")
NAMES = [
    *("x", "y", "t", "df", "data", "values", "labels", "train_loss", "val_acc", "prices", "img"),
    *("temperature", "years", "months", "countries", "city", "age", "sales", "population", "cm"),
    *("corr", "Z", "X_train", "y_test", "scores", "names", "dates", "lat", "lon", "weights"),
    *("counts", "foo", "history", "model", "args", "result", "G", "ax", "colors", "title"),
    *("n_bins", "threshold", "noise", "signal"),
]
Case = tuple[dict[str, Wanted], list[Hole]]


def lines(supplied: Sequence[Supplied]) -> str:
    """The script that a caller makes of supplied lines."""
    imports = sorted({one for each in supplied for one in each.imports})
    return "\n".join([*imports, *(each.code for each in supplied if each.code)])


def written(wanted: dict[str, Wanted], seed: int = 3, taken: Sequence[str] = ()) -> str:
    return lines(write(wanted, [Hole(name) for name in wanted], seed, frozenset(taken)))


def number(**constraints: Any) -> Wanted:
    return Wanted(kind="number", **constraints)


def array(*shape: int | None, **constraints: Any) -> Wanted:
    return Wanted(kind="array", shape=shape or None, **constraints)


def column(rng: random.Random) -> Wanted:
    """A random description of single values."""
    low = rng.choice([None, None, -5.0, 0.0, 3.5, 100.0])
    choices = [
        number(),
        number(low=low, high=None if low is None else low + rng.choice([0.5, 7.0, 1000.0])),
        Wanted(kind="integer"),
        Wanted(kind="integer", low=0, high=rng.choice([1, 4, 90])),
        Wanted(kind="integer", among=(0, 1)),
        Wanted(kind="text"),
        Wanted(kind="text", among=("red fox", "it's")),
        Wanted(kind="flag"),
        Wanted(kind="date"),
    ]
    return rng.choice(choices)


def value(rng: random.Random, depth: int = 0) -> Wanted:
    """A random description of a value."""
    size = rng.choice([None, None, 1, 3, 12, 25, 40])
    parts = {name: column(rng) for name in rng.sample(NAMES, 4)}
    choices = [
        Wanted(kind="list", item=column(rng), shape=None if size is None else (size,)),
        array(size, item=column(rng)),
        array(size, rng.choice([None, 2, 5]), item=number(), role=rng.choice(["", "matrix"])),
        array(size, 7, 3, role="image"),
        array(None, None, role="image", item=Wanted(kind="integer", low=0, high=1)),
        array(size, 28, 28),
        array(size, 784, item=number(low=0.0, high=255.0)),
        Wanted(kind="series", item=column(rng), shape=None if size is None else (size,)),
        Wanted(kind="frame", parts=parts, shape=None if size is None else (size,)),
        Wanted(kind="frame"),
        column(rng),
        Wanted(kind="graph"),
        Wanted(kind="colormap"),
        Wanted(kind="function"),
        Wanted(kind="list", item=number(), sorted=True),
        Wanted(kind="list", item=array(size, item=number())),
        Wanted(kind="list", item=Wanted(kind="mapping", parts=parts)),
    ]
    if depth < 2:
        inner = {name: value(rng, depth + 1) for name in rng.sample(NAMES, 3)}
        choices += [Wanted(kind="mapping", parts=inner), Wanted(kind="record", parts=inner)]
        choices.append(Wanted(kind="function", item=value(rng, depth + 1)))
    return rng.choice(choices)


def cases(count: int) -> Iterator[Case]:
    """Random holes with random descriptions, some of which have to be of one length."""
    rng = random.Random(5)
    for _ in range(count):
        wanted = {name: value(rng) for name in rng.sample(NAMES, rng.randint(1, 4))}
        rows = [n for n, w in wanted.items() if w.kind in ("list", "array", "series", "frame")]
        free = [name for name in rows if wanted[name].shape in (None, (None,))]
        for first, second in itertools.pairwise(free):
            wanted[first].beside.add(second)
            wanted[second].near.add(first)
        yield wanted, [Hole(name) for name in wanted]


def executed(code: str) -> Execution:
    settings = load(ValidateSettings).run_options(load(RunSettings))
    return next(iter(run([Script(id="values", code=code)], settings)))


def checks(wanted: dict[str, Wanted]) -> list[tuple[str, Any]]:
    """What a value has to be, as data for the checker in the sandbox."""
    return [
        (name, json.loads(json.dumps(asdict(one), default=sorted))) for name, one in wanted.items()
    ]


@pytest.mark.sandbox
def test_values_are_what_was_asked_for() -> None:
    data = []
    for wanted, holes in cases(120):
        pairs = [(name, other) for name, one in wanted.items() for other in one.beside]
        data.append((lines(write(wanted, holes, 11, frozenset())), checks(wanted), pairs))
    script = f"{CHECKER}\nwrong = []\nfor code, checks, pairs in {data!r}:\n" + LOOP
    execution = executed(script)
    assert not execution.error_type, execution.error[-3000:]
    assert execution.stdout_head.strip() == "all checked"


def test_the_same_seed_gives_the_same_lines_and_another_gives_other_numbers() -> None:
    others = 0
    for wanted, holes in cases(60):
        first, again, other = (lines(write(wanted, holes, seed, frozenset())) for seed in (1, 1, 2))
        assert first == again
        others += first != other
    assert others > 30


@pytest.mark.parametrize("name", ["loss", "accuracy"])
def test_a_list_does_not_depend_on_what_else_is_missing(name: str) -> None:
    alone = {name: Wanted(kind="list", item=number())}
    assert written(alone) in written({**alone, "epochs": Wanted(kind="integer")})


def test_lines_stand_in_the_order_of_the_holes() -> None:
    supplied = write({}, [Hole("b"), Hole("a"), Hole("c")], 1, frozenset())
    assert [one.name for one in supplied] == ["b", "a", "c"]


def test_one_generator_whose_name_is_free_stands_before_its_first_use() -> None:
    wanted = {"x": array(40, item=number()), "y": array(40, item=number())}
    code = written(wanted, taken=["rng"])
    assert code.count("default_rng") == 1
    assert "rng =" not in code.replace("generator =", "")
    assert code.index("default_rng") < code.index("generator.")
    assert "default_rng" not in written({"n": Wanted(kind="integer")})


GROUPS = {
    "a figure and its axes": (
        {"fig": Wanted(kind="figure"), "ax": Wanted(kind="axes")},
        ["fig, ax = plt.subplots()"],
    ),
    "axes without their figure": ({"ax": Wanted(kind="axes")}, ["_, ax = plt.subplots()"]),
    "a figure alone": ({"fig": Wanted(kind="figure")}, ["fig = plt.figure()"]),
    "a grid of axes": (
        {"axs": Wanted(kind="axes", shape=(2, 3))},
        ["_, axs = plt.subplots(2, 3, figsize=(12, 7))"],
    ),
    "axes beside each other": (
        {"ax1": Wanted(kind="axes"), "ax2": Wanted(kind="axes")},
        ["_, (ax1, ax2) = plt.subplots(1, 2, figsize=(8, 4))"],
    ),
    "the coordinates of a grid": (
        {
            "X": array(None, None, role="x", beside={"Y"}),
            "Y": array(None, None, role="y"),
        },
        ["X, Y = np.meshgrid(np.linspace(-3, 3, 30), np.linspace(-3, 3, 30))"],
    ),
}


@pytest.mark.parametrize("case", GROUPS)
def test_one_statement_binds_what_belongs_together(case: str) -> None:
    wanted, expected = GROUPS[case]
    supplied = write(wanted, [Hole(name) for name in wanted], 1, frozenset())
    assert [one.code for one in supplied if one.code] == expected
    assert supplied[0].code == expected[0]


READABLE = {
    "years in a row": ({"years": Wanted(kind="list")}, "years = list(range(2012, 2022))"),
    "countries": ({"countries": Wanted(kind="list")}, 'countries = ["France", "Germany"'),
    "what it is compared with": (
        {"mode": Wanted(kind="text", among=("train", "test"))},
        'mode = "train"',
    ),
    "a folder": ({"out_dir": Wanted(kind="text")}, 'out_dir = "."'),
    "a rate of learning": ({"lr": number(low=0.0, high=1.0)}, "lr = 0.01"),
    "an image": ({"img": array(role="image")}, "img[..., 0] = np.linspace(0, 255, 60)"),
    "digits": ({"x_train": array(None, 28, 28)}, "np.outer(np.hanning(28), np.hanning(28))"),
    "what is predicted": (
        {
            "y_test": array(item=Wanted(kind="integer")),
            "y_pred": array(item=Wanted(kind="integer")),
        },
        "y_pred = np.where(rng.random(30) < 0.8, y_test, rng.integers(0, 3, 30))",
    ),
    "a table of numbers": (
        {"data": array(None, 3, role="table")},
        "np.column_stack([np.linspace(0, 10, 30), ",
    ),
    "a known function": ({"sigmoid": Wanted(kind="function")}, "return 1 / (1 + np.exp(-x))"),
    "a column that follows another": (
        {"df": Wanted(kind="frame", parts={"a": number(), "b": number(near={"a"})})},
        'df["b"] = (2 * df["a"]',
    ),
    "a table without a header": (
        {"df": Wanted(kind="frame", parts={"0": number()})},
        "        0: rng.normal(",
    ),
    "a line goes on from where it was": (
        {"flow": array(role="trace")},
        "rng.normal(0, 2.4, 30).cumsum()",
    ),
    "lines in rows": (
        {"y": array(None, 9, role="trace")},
        "rng.normal(0, 1, (30, 9)).cumsum(axis=-1)",
    ),
    "lines in columns": (
        {"y": array(None, 9, role="traces")},
        "rng.normal(0, 1, (30, 9)).cumsum(axis=0)",
    ),
    "a line does not go through words without an order": (
        {"states": array(role="along")},
        "states = np.linspace(0.0, 8.0, 5)",
    ),
    "hours that differ": (
        {"df": Wanted(kind="frame", parts={"when": Wanted(kind="date", role="hours")})},
        'periods=24, freq="5h"',
    ),
    "dates as labels of rows": (
        {"s": Wanted(kind="series", index=Wanted(kind="date"))},
        'index=pd.date_range("2023-01-01", periods=30)',
    ),
    "items that differ, by place": (
        {"row": Wanted(kind="list", parts={"0": Wanted(kind="text"), "1": number()})},
        "row = [",
    ),
}


@pytest.mark.parametrize("case", READABLE)
def test_lines_are_those_that_a_teacher_writes(case: str) -> None:
    wanted, expected = READABLE[case]
    assert expected in written(wanted)


def measured(name: str, **constraints: Any) -> list[float]:
    """The numbers of a list that is written down."""
    code = written({name: Wanted(kind="list", item=number(), shape=(10,), **constraints)})
    numbers: list[float] = ast.literal_eval(code.partition(" = ")[2])
    return numbers


def test_a_loss_falls_and_an_accuracy_rises() -> None:
    assert measured("val_loss")[0] > 3 * measured("val_loss")[-1]
    assert measured("train_acc")[0] < measured("train_acc")[-1] <= 1


def test_near_lists_are_correlated() -> None:
    wanted = {
        "height": Wanted(kind="list", item=number(), beside={"weight"}),
        "weight": Wanted(kind="list", item=number(), near={"height"}),
    }
    heights, weights = (
        ast.literal_eval(line.partition(" = ")[2]) for line in written(wanted).split("\n")
    )
    assert statistics.correlation(heights, weights) > 0.8


def test_hostile_descriptions_end_soon_in_short_code() -> None:
    deep = Wanted(kind="list")
    for _ in range(900):
        deep = Wanted(kind="record", parts={"a": deep}, item=deep)
    wanted = {
        "deep": deep,
        "large": array(10**9, 10**9, 3, role="image"),
        "long": Wanted(kind="list", item=number(), shape=(10**12,)),
        "wide": Wanted(kind="frame", parts={f"column {k}": number() for k in range(5000)}),
        "odd": number(low=float("nan"), high=float("inf")),
        "turned": array(5, item=number(low=9.0, high=2.0)),
        "negative": Wanted(kind="list", item=number(), shape=(-4,)),
        "many": Wanted(kind="list", item=Wanted(kind="text", among=tuple(map(str, range(9999))))),
        "bad": Wanted(kind="record", parts={"class": number(), "a b": number(), "ok": number()}),
    }
    began = time.monotonic()
    code = written(wanted)
    assert time.monotonic() - began < 2
    assert len(code) < 200_000
    ast.parse(code)


LOOP = """
    space = {}
    try:
        exec(code, space)
        found = [f"{n}: {one}" for n, wanted in checks for one in complaints(space[n], wanted)]
        found += [f"{a}, {b}: lengths" for a, b in pairs if len(space[a]) != len(space[b])]
    except Exception as error:
        found = [repr(error)]
    matplotlib.pyplot.close("all")
    if found:
        wrong.append("\\n".join([*found[:5], code[:1500]]))
if wrong:
    raise AssertionError(f"{len(wrong)} wrong\\n" + "\\n\\n".join(wrong[:6]))
print("all checked")
"""
