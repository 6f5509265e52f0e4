import base64
import json
import zlib

import pytest

from viscode.core.records import Execution
from viscode.supply.inside.nodes import Node
from viscode.supply.inside.report import line
from viscode.supply.recorded import read
from viscode.supply.wanted import Wanted


def printed(text: str) -> Execution:
    return Execution(
        id="one",
        status="ok",
        error_type="",
        error_message="",
        error="",
        images=(),
        blank=(),
        origins=(),
        facts="[]",
        stdout_head=text,
        engine="warm",
        isolation="none",
        duration_s=0.0,
    )


def told(report: object) -> Execution:
    packed = zlib.compress(json.dumps(report).encode())
    return printed(base64.b64encode(packed).decode() + "\nmore that the script printed")


def test_what_nodes_know_is_read() -> None:
    frame, other = Node("df"), Node("x")
    frame.vote("grouped", {"frame": 3.0})
    frame.part("age", "df['age']").straddles(18)
    frame.part("sex", "df['sex']").meets("male")
    other.vote("drawn", {"array": 1.0})
    other.group.join(frame.group)
    found = read(printed(line({"df": frame, "x": other}, None)), ["df", "x"])
    parts = found["df"].parts
    assert (found["df"].kind, found["df"].certain, found["x"].beside) == ("frame", True, {"df"})
    assert (parts["age"].kind, parts["sex"].kind, parts["sex"].among) == (
        "number",
        "text",
        ("male",),
    )
    assert parts["age"].low is not None and parts["age"].high is not None
    assert parts["age"].low < 18 < parts["age"].high


@pytest.mark.parametrize(
    "text",
    [
        "",
        "\n",
        "hello",
        "é" * 100,
        base64.b64encode(b"no zlib").decode(),
        base64.b64encode(zlib.compress(b"no json")).decode(),
        base64.b64encode(zlib.compress(b"[1, 2]")).decode(),
        base64.b64encode(zlib.compress(b"[" * 100_000)).decode(),
        base64.b64encode(zlib.compress(b"9" * 100_000)).decode(),
        base64.b64encode(zlib.compress(b'{"wanted": "' + b"a" * (1 << 23) + b'"}')).decode(),
    ],
    ids=range(10),
)
def test_what_is_no_report_tells_nothing(text: str) -> None:
    assert read(printed(text), ["x"]) == {}


@pytest.mark.parametrize(
    ("one", "wanted"),
    [
        ({"kind": "gadget"}, Wanted()),
        ({"kind": ["array"]}, Wanted()),
        ({"kind": "array", "shape": [-1]}, Wanted(kind="array")),
        ({"kind": "array", "shape": [10**9]}, Wanted(kind="array")),
        ({"kind": "array", "shape": [True]}, Wanted(kind="array")),
        ({"kind": "array", "shape": [1] * 9}, Wanted(kind="array")),
        ({"kind": "array", "shape": [3, None]}, Wanted(kind="array", shape=(3, None))),
        ({"kind": "number", "low": 1e300}, Wanted(kind="number")),
        ({"kind": "number", "low": float("nan")}, Wanted(kind="number")),
        ({"kind": "number", "low": 3, "high": 2}, Wanted(kind="number")),
        ({"kind": "number", "low": "3"}, Wanted(kind="number")),
        ({"kind": "text", "among": ["a", None, {}, "b" * 500]}, Wanted(kind="text", among=("a",))),
        ({"kind": "text", "role": "x\n"}, Wanted(kind="text")),
        ({"kind": "list", "beside": ["x", "other", 3]}, Wanted(kind="list", beside={"x"})),
        ({"kind": "list", "item": 5, "parts": [1]}, Wanted(kind="list")),
        ({"kind": "record", "parts": {"a\nb": {}, "c": 1}}, Wanted(kind="record")),
        ({"kind": "record", "certain": 1}, Wanted(kind="record")),
    ],
)
def test_what_is_not_as_it_is_written_is_left_out(one: object, wanted: Wanted) -> None:
    assert read(told({"wanted": {"x": one}}), ["x"]) == {"x": wanted}


def test_only_names_that_were_asked_for() -> None:
    assert set(read(told({"wanted": {"x": {"kind": "text"}, "os": {"kind": "text"}}}), ["x"])) == {
        "x"
    }


def test_depth_and_number_of_parts_are_bounded() -> None:
    deep: dict[str, object] = {"kind": "list"}
    for _ in range(200):
        deep = {"kind": "list", "item": deep}
    found = read(told({"wanted": {"x": deep}}), ["x"])["x"]
    depth = 0
    while found.item is not None:
        found, depth = found.item, depth + 1
    assert 3 < depth < 20
    wide = {"kind": "record", "parts": {f"p{number}": {"kind": "text"} for number in range(5000)}}
    assert len(read(told({"wanted": {"x": wide}}), ["x"])["x"].parts) < 200
