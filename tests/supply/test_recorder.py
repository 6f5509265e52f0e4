import ast
from pathlib import Path

import pytest
from recorder_slices import SLICES

from viscode.core.records import Execution, Script
from viscode.execution.engine import RunOptions, run
from viscode.supply.recorded import read
from viscode.supply.recorder import with_recorders
from viscode.supply.values import write
from viscode.supply.wanted import Hole, Wanted

pytestmark = [pytest.mark.sandbox, pytest.mark.slow]
ROOT = Path(__file__).parents[2]


def executed(codes: dict[str, str]) -> dict[str, Execution]:
    options = RunOptions(
        python=ROOT / ".venv-plots/bin/python",
        lock=ROOT / "envs/plots.lock",
        timeout_s=60,
        memory_mb=4096,
        workers=2,
        isolation="auto",
        saved_files=False,
    )
    scripts = [Script(id=name, code=code) for name, code in codes.items()]
    return {execution.id: execution for execution in run(scripts, options)}


def recorded(code: str, names: str, **known: Wanted) -> Execution:
    return executed({"one": with_recorders(code, names.split(), "", known)})["one"]


def kinds(wanted: Wanted) -> object:
    """A value's kind, with those of its parts, of what it returns or of what is in it."""
    if wanted.parts:
        return wanted.kind, {name: kinds(part) for name, part in wanted.parts.items()}
    if wanted.item is not None and wanted.kind in ("function", "list", "mapping"):
        return wanted.kind, kinds(wanted.item)
    return wanted.kind


@pytest.fixture(scope="module")
def executions() -> dict[str, Execution]:
    return executed(
        {name: with_recorders(code, holes.split()) for name, (holes, code) in SLICES.items()}
    )


@pytest.fixture(scope="module")
def found(executions: dict[str, Execution]) -> dict[str, dict[str, Wanted]]:
    return {name: read(executions[name], holes.split()) for name, (holes, _) in SLICES.items()}


def test_every_slice_runs_to_its_end(executions: dict[str, Execution]) -> None:
    failed = {name: one.error_message for name, one in executions.items() if one.status != "ok"}
    assert failed == {}


def test_what_is_found_makes_every_slice_run(found: dict[str, dict[str, Wanted]]) -> None:
    codes = {}
    for name, (holes, code) in SLICES.items():
        taken = frozenset(
            node.id for node in ast.walk(ast.parse(code)) if isinstance(node, ast.Name)
        )
        supplied = write(found[name], [Hole(hole) for hole in holes.split()], 7, taken)
        imports = sorted({line for one in supplied for line in one.imports})
        codes[name] = "\n".join([*imports, *(one.code for one in supplied), code])
    failed = {
        name: one.error_message for name, one in executed(codes).items() if one.status != "ok"
    }
    assert failed == {}


KINDS: dict[str, dict[str, object]] = {
    "keys made at run time": {
        "results": ("mapping", {"train_loss": "array", "test_loss": "array"}),
    },
    "history of training": {
        "history": (
            "record",
            {"history": ("mapping", {"accuracy": "array", "val_accuracy": "array"})},
        ),
    },
    "a helper of the script's own": {"signal": "array", "fs": "number"},
    "an object with methods": {
        "model": ("record", {"predict": ("function", "array")}),
        "y_test": "array",
    },
    "arguments of a command line": {
        "args": (
            "record",
            {
                "x_max": "number",
                "points": "integer",
                "width": "number",
                "height": "number",
                "frequency": "number",
                "color": "color",
                "linewidth": "number",
                "title": "text",
            },
        ),
    },
    "grouped frame": {"df": ("frame", {"region": "text", "sales": "number"})},
    "rows of one kind": {"data": ("frame", {"sex": "text", "age": "number"})},
    "dates of a column": {"df": ("frame", {"date": "date", "temperature": "number"})},
    "pairs in a list": {"rows": ("list", ("list", {"0": "text", "1": "number"}))},
    "a dictionary gone through": {"accuracy": ("mapping", "array")},
    "axes given": {"ax": "axes"},
    "a graph": {"G": "graph"},
    "a rolling mean": {"prices": ("frame", {"Close": "number"})},
    "counted words": {"text": "text"},
}


@pytest.mark.parametrize("name", KINDS)
def test_kinds(name: str, found: dict[str, dict[str, Wanted]]) -> None:
    wanted = KINDS[name]
    assert {hole: kinds(found[name][hole]) for hole in wanted if hole in found[name]} == wanted


@pytest.mark.parametrize(
    ("name", "hole", "shape"),
    [
        ("values beside a known axis", "losses", (10,)),
        ("bars beside labels", "scores", (4,)),
        ("a curve with its band", "std", (50,)),
        ("an image", "img", (None, None, 3)),
        ("unpacked", "load_data", (3,)),
    ],
)
def test_shapes(
    name: str, hole: str, shape: tuple[int | None, ...], found: dict[str, dict[str, Wanted]]
) -> None:
    one = found[name][hole]
    assert (one.item.shape if one.kind == "function" and one.item else one.shape) == shape


def test_values_that_are_compared_with(found: dict[str, dict[str, Wanted]]) -> None:
    assert found["rows of one kind"]["data"].parts["sex"].among == ("male", "female")
    assert found["a mask per class"]["y"].among == (0, 1, 2)


def test_values_drawn_together_have_one_length(found: dict[str, dict[str, Wanted]]) -> None:
    curve = found["receiver operating characteristic"]
    assert curve["fpr"].beside == {"tpr"}
    assert (curve["fpr"].role, curve["tpr"].role) == ("x", "y")


def test_errors_are_positive(found: dict[str, dict[str, Wanted]]) -> None:
    assert found["bars beside labels"]["errors"].low == 0


def test_a_failing_script_fails_as_it_does_and_tells_what_it_asked_for() -> None:
    code = "first = data['a'] + 1\nsecond = 1 / 0\n"
    execution = recorded(code, "data")
    assert execution.error_type == "ZeroDivisionError"
    assert "a" in read(execution, ["data"])["data"].parts


def test_what_a_script_prints_is_not_in_the_way() -> None:
    execution = recorded("for i in range(1000):\n    print('-' * 80)\nlen(rows)\n", "rows")
    assert set(read(execution, ["rows"])) == {"rows"}


@pytest.mark.parametrize(
    "code",
    [
        "while not done:\n    pass\n",
        "while value > 0:\n    pass\n",
        "while True:\n    try:\n        value + 1\n    except Exception:\n        pass\n",
        "def f(x):\n    return f(x + value)\nf(done)\n",
    ],
)
def test_a_script_without_an_end_ends(code: str) -> None:
    execution = recorded(code, "done value")
    assert execution.status in ("ok", "error")
    assert execution.duration_s < 40


def test_what_is_known_is_kept_where_it_holds() -> None:
    known = Wanted(kind="frame", parts={"year": Wanted(kind="date")}, certain=True)
    found = read(recorded("print(len(df))\n", "df", df=known), ["df"])["df"]
    assert kinds(found) == ("frame", {"year": "date"})


def test_what_is_known_gives_way_to_what_the_script_does() -> None:
    code = "import numpy as np\nprint(np.fft.rfft(signal[2:10]), load(3)[0])\n"
    known = {"signal": Wanted(kind="text", certain=True), "load": Wanted(kind="record")}
    execution = recorded(code, "signal load", **known)
    found = read(execution, ["signal", "load"])
    assert (execution.status, found["signal"].kind, found["load"].kind) == (
        "ok",
        "array",
        "function",
    )


def test_fixed_lines_bind_the_other_names() -> None:
    code = "total = sum(a * b for a, b in zip(known, wanted))\nassert len(list(known)) == 3\n"
    script = with_recorders(code, ["wanted"], "known = [1, 2, 3]")
    assert executed({"one": script})["one"].status == "ok"


def test_the_same_script_tells_the_same() -> None:
    code = SLICES["clusters"][1]
    pair = [recorded(code, "X labels centers").stdout_head for _ in range(2)]
    assert pair[0] == pair[1]


def test_a_long_report_is_cut_at_its_depth() -> None:
    many = [f"deep.{a}{b}.{c}.q = x\ny = deep.{a}{b}.{c}.{d}['k'] + 1" for a, b, c, d in quads()]
    execution = recorded("x = 1\n" + "\n".join(many), "deep")
    assert read(execution, ["deep"])["deep"].kind == "record"


def quads() -> list[tuple[str, str, str, str]]:
    letters = "abcdefghij"
    return [(a, b, c, d) for a in letters for b in letters[:5] for c in "uv" for d in "wz"]
